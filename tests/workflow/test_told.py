"""What pip and uv are told beside the project's files: `sync --check` says what `sync` then does."""

from __future__ import annotations

from typing import Callable

import pytest

from tests.unit.cli.conftest import Cli

pytestmark = pytest.mark.tools
Use = Callable[..., None]


def _begin(cli: Cli, use: Use, *tools: str) -> None:
    """Make an environment with tiny 2.0 for a project that asks for any."""
    use(*tools)
    cli.cwd = cli.home / "p"
    cli.cwd.mkdir()
    (cli.cwd / "requirements.txt").write_text("tiny\n")
    done = cli("create")
    assert done.returncode == 0, done.stderr
    assert cli("sync", "--check").returncode == 0


def _takes_effect(cli: Cli) -> None:
    checked = cli("sync", "--check")
    assert (checked.returncode, checked.stdout) == (1, "tiny is 2.0, not ==1.0\n"), checked.stderr
    assert not [each for each in cli.json("doctor")["findings"] if each["id"] in ("unpinned", "no-lock")]
    done = cli("sync")
    assert done.stdout.split() == ["~", "tiny", "2.0", "->", "1.0"], done.stderr
    assert cli("sync", "--check").returncode == 0


def test_the_constraint_of_pips_configuration(cli: Cli, use: Use) -> None:
    _begin(cli, use)
    (cli.home / "c.txt").write_text("tiny==1.0\n")
    config = cli.home / ".config" / "pip"
    config.mkdir(parents=True)
    (config / "pip.conf").write_text(f"[global]\nconstraint = {cli.home}/c.txt\n")
    _takes_effect(cli)


@pytest.mark.parametrize("option", ["constraint-dependencies", "override-dependencies"])
def test_what_uv_reads_in_the_project(cli: Cli, use: Use, option: str) -> None:
    _begin(cli, use, "uv")
    with open(cli.env.pop("UV_CONFIG_FILE"), encoding="utf-8") as file:  # it stands for all others
        settings = file.read()
    (cli.cwd / "pyproject.toml").write_text(f'[tool.uv]\n{settings}{option} = ["tiny==1.0"]\n')
    _takes_effect(cli)
