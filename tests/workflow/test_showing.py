"""What `wend sync` shows of what it did: for a person, for a pipe and for a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.cli.conftest import Cli
from tests.unit.cli.test_documents import check
from wend import documents

from .conftest import git, wheel
from .test_tools import on_a_terminal, plain

pytestmark = pytest.mark.tools
Use = Callable[..., None]


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_a_fresh_clone_shows_what_came(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    root = cli.home / "p"
    root.mkdir()
    (root / "requirements.txt").write_text("tiny\nother\n")
    done = cli("sync", "p")
    assert (done.returncode, done.stderr) == (0, "")
    *rows, last = done.stdout.splitlines()
    assert [row.split() for row in rows if "pip" not in row and "setuptools" not in row] == [
        ["+", "other", "1.0"],
        ["+", "tiny", "2.0"],
    ]
    assert last.startswith(f"made {root}/.venv with Python ")


def _many(cli: Cli, wheels: Path, number: int) -> Path:
    root = cli.home / "p"
    root.mkdir()
    for each in range(number):
        wheel(wheels, f"many{each:03}", "1.0")
    (root / "requirements.txt").write_text("".join(f"many{each:03}\n" for each in range(number)))
    return root


def test_many_packages_are_cut_on_a_terminal_only(cli: Cli, use: Use, wheels: Path) -> None:
    use("uv")
    root = _many(cli, wheels, 200)
    assert cli("create", "p", "--no-install").returncode == 0
    (cli.home / "copy").mkdir()
    (cli.home / "copy" / "requirements.txt").write_text((root / "requirements.txt").read_text())
    status, shown = on_a_terminal(cli, "sync", "p")
    lines = plain(shown).split("\r\n")
    assert status == 0
    assert [line.split()[:2] for line in lines if line.startswith("+")] == [
        ["+", f"many{each:03}"] for each in range(20)
    ]
    assert "and 180 more" in lines
    assert cli("sync", "copy").stdout.count("\n") == 201  # and the line about the environment


def test_what_is_gone_and_what_changed_is_not_cut_off(cli: Cli, use: Use, wheels: Path) -> None:
    """With a lock file, a package can go."""
    use("uv")
    root = _many(cli, wheels, 30)
    text = '[project]\nname = "p"\nversion = "0"\ndependencies = {}\n[tool.uv]\npackage = false\n'
    (root / "requirements.txt").unlink()
    (root / "pyproject.toml").write_text(text.format('["tiny==1.0", "other"]'))
    assert cli("create", "p").returncode == 0
    wanted = ["tiny==2.0", *(f"many{each:03}" for each in range(30))]
    (root / "pyproject.toml").write_text(text.format(json.dumps(wanted)))
    status, shown = on_a_terminal(cli, "sync", "p")
    assert status == 0
    rows = [line.split() for line in plain(shown).split("\r\n") if line[:2] in ("- ", "~ ", "+ ")]
    assert rows[:3] == [["-", "other", "1.0"], ["~", "tiny", "1.0", "->", "2.0"], ["+", "many000", "1.0"]]
    assert len(rows) == 20
    assert "and 12 more" in plain(shown)


def test_the_document_has_everything(cli: Cli, use: Use, wheels: Path) -> None:
    use("uv")
    root = _many(cli, wheels, 25)
    git(root, "init", "-q")
    prefix = f"{root}/.venv"

    def asked(*words: str) -> tuple[int, dict[str, object]]:
        done = cli("sync", "p", *words, "--json")
        document = json.loads(done.stdout)
        assert document.pop("schema") == 1
        check(document, documents.Sync, "sync")
        assert document.pop("dir") == str(root)
        return done.returncode, document

    differs = f"{root} has no environment: wend sync {root}"
    assert asked("--check") == (1, {"prefix": None, "made": False, "changes": [], "differences": [differs]})
    status, document = asked()
    came = [{"name": f"many{each:03}", "before": None, "after": "1.0"} for each in range(25)]
    assert (status, document) == (0, {"prefix": prefix, "made": True, "changes": came, "differences": []})
    assert asked("--check") == (0, {"prefix": prefix, "made": False, "changes": [], "differences": []})
    (root / "requirements.txt").write_text("tiny==1.0\n")
    status, document = asked("--check")
    assert (status, document["differences"]) == (1, ["tiny is not installed"])
    assert asked()[1]["changes"] == [{"name": "tiny", "before": None, "after": "1.0"}]
    (root / "requirements.txt").write_text("no-such-thing\n")
    done = cli("sync", "p", "--json")
    assert (done.returncode, "error" in json.loads(done.stdout)) == (1, True)
    decision = cli("deny", "p")
    done = cli("sync", "p", "--json")
    assert (decision.returncode, done.returncode, "error" in json.loads(done.stdout)) == (0, 3, True)
    done = cli("sync", "p", "--json", "--dry-run")
    assert (done.returncode, done.stderr) == (2, "wend: --json and --dry-run exclude each other: wend sync --help\n")


@pytest.mark.parametrize("files", [{}, {"requirements.txt": "tiny\n"}], ids=["nothing", "requirements"])
@pytest.mark.parametrize("word", ["3.99", "pypy3.10"])
def test_another_python_is_a_difference(cli: Cli, use: Use, files: dict[str, str], word: str) -> None:
    """It cannot be installed into the environment: sync says so, and what makes a new one."""
    use("uv")
    cli.cwd = cli.home / "p"
    cli.cwd.mkdir()
    for name, text in files.items():
        (cli.cwd / name).write_text(text)
    assert cli("create").returncode == 0
    assert cli("sync", "--check").returncode == 0
    (cli.cwd / ".python-version").write_text(f"{word}\n")
    checked, done = cli("sync", "--check"), cli("sync")
    said = f"and .python-version asks for {word}: wend create --force {cli.cwd}\n"
    assert (checked.returncode, checked.stdout.endswith(said), checked.stdout.count("\n")) == (1, True, 1), checked
    assert done.returncode == 0
    assert checked.stdout.startswith(f"{cli.cwd}/.venv: it has Python 3.")
    assert done.stderr == f"wend: {checked.stdout}"
