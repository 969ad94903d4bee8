"""What `wend create` says before it starts a tool."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli
from wend.cli import projects
from wend.errors import WendError
from wend.workflow.commands import Steps
from wend.workflow.project import Project
from wend.workflow.tools import Tools


@pytest.mark.parametrize(
    ("owner", "files", "refused"),
    [
        ("uv", {"uv.lock"}, False),  # it says well what it cannot write
        ("pdm", {"pdm.lock"}, True),
        ("pixi", {"pixi.toml", "pixi.lock"}, True),
        ("poetry", {"pyproject.toml"}, True),
        ("poetry", {"pyproject.toml", "poetry.lock"}, False),
        ("pipenv", {"Pipfile"}, True),
        ("pipenv", {"Pipfile", "Pipfile.lock"}, False),
        ("hatch", {"hatch.toml"}, False),
        ("conda", {"environment.yml"}, False),
    ],
)
def test_a_directory_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str, files: set[str], refused: bool
) -> None:
    here = projects.Place(Project(str(tmp_path), frozenset(files)), Tools(), {})
    projects._refuse_unwritable(here, Steps(owner, ()))
    monkeypatch.setattr(os, "access", lambda *_: False)
    try:
        projects._refuse_unwritable(here, Steps(owner, ()))
        told = ""
    except WendError as error:
        told = error.line()
    assert told == (f"wend: {tmp_path} cannot be written: chmod u+rwx {tmp_path}" if refused else "")


@pytest.mark.parametrize(
    ("path", "why"),
    [("/nonexistent", "is not a program"), ("/usr", "is not a program"), ("/bin/ls", "does not run as Python 3")],
)
def test_a_path_that_is_no_python(cli: Cli, path: str, why: str) -> None:
    done = cli("create", "--python", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"wend: {path} {why}: wend python list\n"
    assert not (cli.home / ".venv").exists()
