"""What `wend create` says before it starts a tool."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
    assert told == (f"wend: {tmp_path} cannot be written: make it writable" if refused else "")
