from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wend.disk import files


def test_a_new_file_gets_its_mode_and_its_directories(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "file"
    old = os.umask(0o077)
    try:
        files.replace(str(file), b"data", 0o644)
    finally:
        os.umask(old)
    assert file.read_bytes() == b"data"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_an_old_file_keeps_its_mode_behind_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    files.replace(str(link), b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_unless_it_is_to_be_another_file(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    files.replace(str(link), b"new", 0o600, keep=False)
    assert not link.is_symlink()
    assert (real.read_bytes(), link.read_bytes()) == (b"old", b"new")
    assert stat.S_IMODE(link.stat().st_mode) == 0o600


def _of_another_group(name: str) -> Callable[..., os.stat_result]:
    """Return an `os.stat` for which files whose name begins with NAME belong to another group than they do."""
    really = os.stat

    def stat_(path: Any, *rest: Any, **named: Any) -> os.stat_result:
        found = really(path, *rest, **named)
        other = isinstance(path, str) and os.path.basename(path).startswith(name)
        return os.stat_result((*found[:5], found.st_gid + 1, *found[6:])) if other else found

    return stat_


def test_an_old_file_keeps_its_group_where_the_directory_gives_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with setgid on Linux, and in each directory on macOS."""
    given: list[tuple[int, int]] = []
    file = tmp_path / "file"
    file.write_bytes(b"old")
    before = file.stat()
    monkeypatch.setattr(os, "stat", _of_another_group(".wend-"))
    monkeypatch.setattr(os, "chown", lambda _, user, group: given.append((user, group)))
    files.replace(str(file), b"new")
    assert given == [(before.st_uid, before.st_gid)]


def test_in_place_where_its_group_cannot_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_: object) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    file = tmp_path / "file"
    file.write_bytes(b"much older")
    monkeypatch.setattr(os, "chown", refuse)
    monkeypatch.setattr(os, "stat", _of_another_group("file"))
    files.replace(str(file), b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "file"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        files.replace(str(file), b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_in_place_where_the_directory_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def refuse(path: str, flags: int, *rest: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied", path)
        return really(path, flags, *rest)

    file = tmp_path / "file"
    file.write_bytes(b"much older")
    monkeypatch.setattr(os, "open", refuse)
    files.replace(str(file), b"new")
    assert file.read_bytes() == b"new"
    with pytest.raises(PermissionError):
        files.replace(str(tmp_path / "other"), b"new")


def test_what_is_not_a_file_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        files.replace(str(pipe), b"new")
    assert os.listdir(tmp_path) == ["pipe"]
