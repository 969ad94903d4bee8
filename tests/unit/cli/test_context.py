"""What a command does about a disk that does not answer."""

from __future__ import annotations

import _thread
import os
import threading

import pytest

from wend.cli import context
from wend.disk import Disk, mounts

_TABLE = b"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /far/away rw - nfs4 server:/x rw\n"


@pytest.mark.parametrize(
    ("path", "hangs", "told"),
    [
        ("/far/away/env", True, "wend: /far/away does not answer: Ctrl-C, or wait until it does\n"),
        ("/far/away/env", False, ""),
        ("/near/env", True, ""),
    ],
)
def test_a_mount_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str, hangs: bool, told: str
) -> None:
    over, done, started = threading.Event(), threading.Event(), []
    monkeypatch.setattr(mounts, "read", lambda: mounts.parse(_TABLE))
    monkeypatch.setattr(_thread, "start_new_thread", lambda *call: started.append(call))
    disk = context._watched(Disk())
    disk.is_dir(path)
    monkeypatch.undo()
    monkeypatch.setattr(mounts, "read", lambda: mounts.parse(_TABLE))
    monkeypatch.setattr(context, "_SILENCE", 0)
    monkeypatch.setattr(context, "_PATIENCE", 0.1 if hangs else 20)
    monkeypatch.setattr(os.path, "exists", lambda _: over.wait(20) if hangs else True)
    ((watch, words),) = started
    thread = threading.Thread(target=lambda: (watch(*words), done.set()))
    thread.start()
    assert done.wait(20), "it must not wait for the mount itself"
    over.set()
    thread.join()
    assert capsys.readouterr().err == told


def test_where_nothing_is_remote_nothing_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "read", lambda: mounts.parse(_TABLE.split(b"\n")[0]))
    monkeypatch.setattr(_thread, "start_new_thread", lambda *_: pytest.fail("a thread"))
    context._watched(Disk())
