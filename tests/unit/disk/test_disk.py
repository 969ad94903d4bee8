"""The disk: safe questions, and knowing by signatures that the same question has the same answer."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Optional

import pytest

from wend.disk import MAX_FILE, Disk

NAMES = (".venv", "venv", ".python-version")


@pytest.fixture
def place(tmp_path):
    (tmp_path / "pin").write_text("3.12\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


def test_reads_regular_files_and_nothing_else(place):
    disk = Disk()
    os.mkfifo(place / "fifo")
    os.symlink("/dev/zero", place / "zero")
    (place / "long").write_bytes(b"x" * (MAX_FILE + 1))
    (place / "full").write_bytes(b"x" * MAX_FILE)
    with open(place / "sparse", "wb") as file:
        file.truncate(10 << 30)
    os.symlink("loop", place / "loop")
    assert disk.read(f"{place}/pin") == b"3.12\n"
    assert disk.read(f"{place}/full") == b"x" * MAX_FILE
    for name in ("fifo", "zero", "long", "sparse", "loop", "sub", "nothing", "pin/below", "nul\0"):
        assert disk.read(f"{place}/{name}") is None


def test_bytes_that_are_not_utf8_survive(place):
    (place / "bytes").write_bytes(b"\xff\xfe")
    assert os.fsencode(Disk().text(f"{place}/bytes") or "") == b"\xff\xfe"


def look(place):
    disk = Disk()
    found = disk.present(str(place), NAMES)
    disk.read(f"{place}/pin")
    disk.stat(f"{place}/sub/missing")
    disk.owner(str(place))
    disk.lstat(f"{place}/link")
    return disk, found


def test_unchanged_until_something_changes(place):
    disk, found = look(place)
    assert found == []
    assert disk.evidence.unchanged()


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / ".venv").mkdir(),
        lambda place: os.symlink("nowhere", place / "venv"),
        lambda place: (place / "pin").write_text("3.13\n"),
        lambda place: (place / "pin").unlink(),
        lambda place: (place / "sub" / "missing").touch(),
        lambda place: place.chmod(0o700),
        lambda place: os.symlink("nowhere", place / "link"),
    ],
    ids=["made", "dangling", "edited", "removed", "appeared", "mode", "link"],
)
def test_every_change_that_matters_is_seen(place, change):
    place.chmod(0o755)
    disk, _ = look(place)
    change(place)
    assert not disk.evidence.unchanged()


def test_other_names_in_a_directory_do_not_matter(place):
    disk, _ = look(place)
    (place / "other").touch()
    assert disk.evidence.unchanged()
    (place / ".python-version").touch()
    assert not disk.evidence.unchanged()


def test_a_directory_made_again_is_another_one(place):
    disk = Disk()
    disk.present(f"{place}/sub", NAMES)
    (place / "sub").rename(place / "old")
    (place / "sub").mkdir()
    assert not disk.evidence.unchanged()


def test_what_is_too_young_is_not_remembered(place):
    disk = Disk()
    disk.stat(f"{place}/pin")
    assert not disk.evidence.steady
    # ctime cannot be set back, so the file must really age; a whole second of mtime would be a coarse clock's
    while time.time_ns() - os.stat(place / "pin").st_ctime_ns < 50_000_000:
        time.sleep(0.01)
    disk = Disk()
    disk.stat(f"{place}/pin")
    assert disk.evidence.steady


def test_says_what_it_rests_on(place):
    disk, _ = look(place)
    assert disk.evidence.rests_on(f"{place}/.venv")
    assert disk.evidence.rests_on(f"{place}/pin")
    assert disk.evidence.rests_on(f"{place}/link")
    assert not disk.evidence.rests_on(f"{place}/other")
    assert set(disk.evidence.directories()) == {str(place), f"{place}/sub"}


def test_parents_of_a_real_path_are_not_looked_at_again(place, monkeypatch):
    deep = place / "sub" / "a" / "b"
    deep.mkdir(parents=True)
    disk = Disk()
    assert disk.realpath(str(deep)) == str(deep)
    monkeypatch.setattr(os.path, "realpath", lambda path: pytest.fail(f"{path} was looked at"))
    assert disk.realpath(f"{place}/sub/a") == f"{place}/sub/a"
    monkeypatch.undo()
    (place / "su").symlink_to("sub")  # the beginning of a name is not a parent
    assert disk.realpath(f"{place}/su") == f"{place}/sub"


def test_realpath_writes_down_the_links_it_passed(place):
    os.symlink(place / "sub", place / "link")
    disk = Disk()
    assert disk.realpath(f"{place}/link") == os.path.realpath(place / "sub")
    (place / "other").mkdir()
    os.unlink(place / "link")
    os.symlink(place / "other", place / "link")
    assert not disk.evidence.unchanged()


def test_a_name_that_was_not_found_is_not_looked_for_again(place, monkeypatch):
    """The times of its directory tell when it comes; a link that dangles is a name."""
    os.symlink("nowhere", place / "venv")
    time.sleep(0.03)
    disk = Disk()
    assert disk.present(str(place), NAMES) == ["venv"]
    calls = []
    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "open"):
            patched.setattr(os, name, lambda path, *rest: calls.append(path) or (_ for _ in ()).throw(OSError))
        missing = [look(f"{place}/.venv") for look in (disk.stat, disk.lstat, disk.owner, disk.read)]
        before = list(calls)
        disk.stat(f"{place}/venv")  # its target may come without a new name here
    assert (missing, before, calls) == ([None] * 4, [], [f"{place}/venv"])
    assert disk.evidence.unchanged()
    (place / ".venv").mkdir()
    assert not disk.evidence.unchanged()


def test_one_status_tells_of_a_directory_and_its_owner(place):
    """Asked in both ways, it is looked at once; a new mode and a link in its place are seen."""
    sub, kept = f"{place}/sub", f"{place}/kept"
    for change in (lambda: os.chmod(sub, 0o711), lambda: (os.rename(sub, kept), os.symlink(kept, sub))):
        disk = Disk()
        assert disk.is_dir(sub)
        assert disk.owner(sub) is not None
        assert disk.evidence.unchanged()
        change()
        assert not disk.evidence.unchanged()


def test_a_new_mode_of_what_was_looked_at_by_name_is_seen(place):
    time.sleep(0.03)
    disk = Disk()
    assert disk.lstat(f"{place}/pin") is not None
    assert disk.owner(f"{place}/pin") is not None
    assert disk.evidence.unchanged()
    os.chmod(place / "pin", 0o666)
    assert not disk.evidence.unchanged()


def test_what_is_not_a_link_is_looked_at_once(place, monkeypatch):
    """Its own status tells what following links would; a link in its place, or new content, is seen."""
    pin, sub, kept = f"{place}/pin", f"{place}/sub", f"{place}/kept"
    cfg = f"{place}/sub/pyvenv.cfg"
    (place / "sub" / "pyvenv.cfg").touch()
    time.sleep(0.03)

    def look_both_ways() -> Disk:
        disk = Disk()
        for path, itself in ((pin, disk.lstat), (sub, disk.lstat), (cfg, disk.owner)):
            assert disk.stat(path) is not None
            assert itself(path) is not None
        disk.evidence.settle()
        return disk

    disk, calls = look_both_ways(), []
    with monkeypatch.context() as patched:
        for name in ("stat", "lstat"):
            call = getattr(os, name)
            patched.setattr(os, name, lambda path, call=call: calls.append(path) or call(path))
        assert disk.evidence.unchanged()
    assert sorted(calls) == [pin, sub, cfg]
    assert disk.evidence.rests_on(pin)
    assert disk.evidence.rests_on(sub)
    for change in (
        lambda: (os.rename(pin, kept), os.symlink(kept, pin)),
        lambda: (place / "kept").write_text("another"),  # behind the link by now
        lambda: os.chmod(cfg, 0o666),
        lambda: (os.rename(cfg, f"{cfg}-kept"), os.symlink(f"{cfg}-kept", cfg)),
        lambda: (os.rename(sub, f"{sub}-kept"), os.symlink(f"{sub}-kept", sub)),
    ):
        disk = look_both_ways()
        assert disk.evidence.unchanged()
        change()
        assert not disk.evidence.unchanged()


def test_a_path_that_no_system_opens_is_absent_and_not_written_down(place):
    disk = Disk()
    path = f"{place}/" + "x/" * 4096
    assert (disk.stat(path), disk.lstat(path), disk.owner(path), disk.read(path)) == (None, None, None, None)
    assert disk.evidence.size() == 0


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_that_is_read_leads_to_is_rested_on_too(place, there):
    """An edit behind it touches no name beside it."""
    if there:
        (place / "sub" / "shared").write_text("3.12\n")
    (place / "middle").symlink_to("sub/shared")
    (place / "marker").symlink_to("middle")
    disk = Disk()
    assert disk.read(f"{place}/marker") == (b"3.12\n" if there else None)
    assert disk.evidence.rests_on(f"{place}/sub/shared")
    assert f"{place}/sub" in disk.evidence.directories()
    (place / "sub" / "shared").write_text("3.13\n")
    assert not disk.evidence.unchanged()


def test_a_file_that_is_no_link_is_read_with_one_open(place, monkeypatch):
    opened, real = [], os.open
    monkeypatch.setattr(os, "open", lambda *words, **more: opened.append(words) or real(*words, **more))
    monkeypatch.setattr(os.path, "realpath", lambda path: pytest.fail(f"{path} was looked at"))
    assert Disk().read(f"{place}/pin") is not None
    assert len(opened) == 1


def test_one_answer_reads_a_store_once(tmp_path: Path) -> None:
    """Also where the store has just changed, so that its times do not tell of the next change."""
    store, files = tmp_path / "store", []
    (store / "blue").mkdir(parents=True)
    (store / "blue" / "named").write_text("x")
    time.sleep(0.05)  # the file is old by then, and its directory is not
    store.chmod(0o750)
    view = Disk()

    def read(names: list[str]) -> list[Optional[str]]:
        files.extend(names)
        return [view.text(f"{store}/{name}/named", 10) for name in names]

    assert [view.kept(str(store), read) for _ in range(2)] == [["x"], ["x"]]
    assert files == ["blue"]
    assert view.evidence.unchanged()


def test_the_signature_of_a_directory_stands_for_a_name_in_it(place):
    os.symlink("gone", place / "link")
    disk = Disk()
    disk.present(str(place), NAMES)
    before = disk.evidence.size()
    assert (disk.has_name(str(place), "link"), disk.has_name(str(place), "none")) == (True, False)
    assert disk.evidence.size() == before
    assert disk.evidence.unchanged()
    (place / "none").touch()
    assert not disk.evidence.unchanged()
