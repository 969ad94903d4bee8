"""A directory or a FIFO with the name of a project's file: a tool that opens it may wait for ever."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.fixes import is_typed
from wend.context import Context
from wend.disk import Disk
from wend.errors import WendError
from wend.settings import Settings
from wend.workflow import project as projects

_MAKES: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "directory": lambda path: path.mkdir(),
    "endless": lambda path: path.symlink_to("/dev/zero"),
}


def _error(directory: Path) -> WendError:
    with pytest.raises(WendError) as caught:
        projects.read(str(directory), Context(Disk(), {"HOME": "/nowhere"}, Settings()))
    assert is_typed(caught.value.fix)
    return caught.value


@pytest.mark.parametrize("kind", _MAKES)
@pytest.mark.parametrize("name", projects.READ)
def test_one_line_says_so(tmp_path: Path, name: str, kind: str) -> None:
    _MAKES[kind](tmp_path / name)
    error = _error(tmp_path)
    assert (error.what, error.fix) == (
        f"{tmp_path}/{name} is not a file",
        f"mv {tmp_path}/{name} {tmp_path}/{name}.old",
    )


@pytest.mark.parametrize("target", ["gone", "requirements.txt"])
def test_a_link_that_leads_nowhere_does_not_count(tmp_path: Path, target: str) -> None:
    """`wend freeze` may be about to write what it leads to."""
    (tmp_path / "requirements.txt").symlink_to(target)
    found = projects.read(str(tmp_path), Context(Disk(), {"HOME": "/nowhere"}, Settings()))
    assert not found.requirements


def test_one_that_is_too_long_is_not_said_to_be_closed(tmp_path: Path) -> None:
    with open(tmp_path / "pyproject.toml", "wb") as file:
        file.truncate(projects.MAX_LOCK + 1)
    error = _error(tmp_path)
    assert error.what == f"{tmp_path}/pyproject.toml is longer than 32 MiB, and wend does not read it"
    assert error.fix == f"in {tmp_path}/pyproject.toml, keep at most 256 KiB"


def test_the_line_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\nname = 'caf\xe9'\n")
    error = _error(tmp_path)
    assert error.what == f"{tmp_path}/pyproject.toml: not UTF-8 (at line 2)"
    assert error.fix == f"in {tmp_path}/pyproject.toml, correct line 2"
