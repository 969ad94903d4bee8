from __future__ import annotations

import pytest

from .conftest import Cli


@pytest.fixture
def copied(cli: Cli) -> Cli:
    """A home with a project that came from elsewhere."""
    cli.project("made").rename(cli.home / "copied")
    (cli.home / "copied" / "sub").mkdir()
    return cli


def test_allow_trusts_the_project_from_below(copied: Cli) -> None:
    assert copied("env", "copied").returncode == 3
    done = copied("allow", "copied/sub")
    assert (done.returncode, done.stdout) == (0, f"trusted: {copied.home}/copied\n")
    assert copied("env", "copied/sub").returncode == 0
    (decision,) = copied.json("trust")["decisions"]
    assert list(decision) == ["dir", "decision", "recursive", "since", "identity"]
    assert decision["dir"] == f"{copied.home}/copied"
    assert (decision["decision"], decision["recursive"]) == ("allow", False)
    assert copied("trust").stdout.split()[:2] == ["allow", f"{copied.home}/copied"]


def test_allow_takes_the_real_path(copied: Cli) -> None:
    (copied.home / "link").symlink_to("copied")
    copied("allow", "link")
    assert copied.json("trust")["decisions"][0]["dir"] == f"{copied.home}/copied"


def test_allow_without_anything_to_trust_is_for_the_directory(cli: Cli) -> None:
    (cli.home / "empty").mkdir()
    cli("allow", "--recursive", "empty")
    (decision,) = cli.json("trust")["decisions"]
    assert (decision["dir"], decision["recursive"]) == (f"{cli.home}/empty", True)


def test_what_no_decision_mends_is_said(copied: Cli) -> None:
    (copied.home / "copied" / ".venv").chmod(0o777)
    done = copied("allow", "copied")
    assert done.returncode == 3
    assert "chmod" in done.stderr


def test_deny_and_forget(cli: Cli) -> None:
    root = cli.project("proj")
    (root / "sub").mkdir()
    cli.cwd = root / "sub"
    assert cli("deny").stdout == f"refused: {root}\n"
    assert cli("env").returncode == 3
    done = cli("trust", "--forget", str(root))
    assert (done.returncode, done.stdout) == (0, "no decisions yet\n")
    assert cli("env").returncode == 0
    assert cli("trust", "--forget", str(root)).returncode == 1


def test_deny_with_a_directory_is_for_that_one(cli: Cli) -> None:
    root = cli.project("proj")
    (root / "sub").mkdir()
    cli("deny", "proj/sub")
    assert [d["dir"] for d in cli.json("trust")["decisions"]] == [f"{root}/sub"]
    assert cli("env", "proj").returncode == 0
