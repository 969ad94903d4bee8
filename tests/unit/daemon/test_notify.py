"""What the kernel says of the mailbox."""

from __future__ import annotations

import os
import struct
import sys

import pytest

from wend.daemon import notify

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


def _told(*events: tuple[int, bytes]) -> notify.Inotify:
    """Return a notifier to which the kernel has said EVENTS: (mask, name)."""
    told = notify.Inotify.__new__(notify.Inotify)
    told.gone = told.touched = False
    told.fd, into = os.pipe()
    for mask, name in events:
        padded = name + bytes(-len(name) % 16)
        os.write(into, struct.pack("iIII", 1, mask, 0, len(padded)) + padded)
    os.close(into)
    return told


def test_names_of_files_that_were_closed() -> None:
    told = _told((0x8, b"1-a.1.req"), (0x8, b"1-b.12.req"))
    assert told.names() == [b"1-a.1.req", b"1-b.12.req"]
    assert not told.gone


def test_a_lost_count_means_to_look_at_everything() -> None:
    assert _told((0x8, b"1-a.1.req"), (0x4000, b"")).names() is None


def test_a_directory_that_was_removed_moved_or_opened_to_others() -> None:
    for mask in (0x400, 0x800, 0x8000):
        told = _told((mask, b""))
        assert told.names() == []
        assert told.gone
    told = _told((0x4, b""))
    assert told.names() == []
    assert told.touched
    assert not told.gone


def test_a_burst_of_events_on_the_real_thing(tmp_path: object) -> None:
    path = str(tmp_path)
    os.mkdir(f"{path}/new")
    told = notify.notifier(path)
    assert isinstance(told, notify.Inotify)
    for number in range(100):
        with open(f"{path}/{number}", "w"):
            pass
    assert told.names() == [b"%d" % number for number in range(100)]
    os.close(told.fd)
