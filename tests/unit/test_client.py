from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from wend import client, fixes
from wend.errors import WendError


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / f"wend-{os.geteuid()}"
    path.mkdir(mode=0o700)
    return path


def _env(box: Path) -> dict[str, str]:
    return {"WEND_RUNTIME_DIR": str(box.parent)}


def test_asks_the_daemon_and_leaves_no_file(mailbox: str) -> None:
    env = {"WEND_RUNTIME_DIR": mailbox}
    deadline = time.monotonic() + 60
    while (answer := client.ask(("status",), env)) is None:  # it may be just starting
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert answer["daemon"]["pid"] == client.running(env)
    mine = [name for name in os.listdir(f"{mailbox}/wend-{os.geteuid()}") if name.startswith(f"{os.getpid()}-")]
    assert mine == []


def test_no_daemon(box: Path) -> None:
    assert client.running(_env(box)) == 0
    assert client.ask(("status",), _env(box)) is None
    assert os.listdir(box) == []
    assert client.stop(_env(box)) is False


@pytest.mark.parametrize("link", ["/proc/999999999/ns/mnt", "/proc/x/ns/mnt", "x", "/proc/-1/ns/mnt"])
def test_a_link_to_no_process_does_not_count_as_a_daemon(box: Path, link: str) -> None:
    (box / "ns").symlink_to(link)
    assert client.running(_env(box)) == 0


def test_no_daemon_answers(box: Path) -> None:
    (box / "ns").symlink_to(f"/proc/{os.getpid()}/ns/mnt")
    with pytest.raises(WendError, match="does not answer"):
        client.ask(("status",), _env(box), patience=0.01)
    assert os.listdir(box) == ["ns"]
    client.nudge({"WEND_RUNTIME_DIR": "/nowhere"})


def test_a_mailbox_that_is_open_to_others_is_not_used(box: Path) -> None:
    (box / "ns").symlink_to(f"/proc/{os.getpid()}/ns/mnt")
    box.chmod(0o755)
    with pytest.raises(WendError, match="open to others"):
        client.ask(("status",), _env(box))


def test_a_link_to_another_process_ends_only_what_it_may(box: Path) -> None:
    """The number of a daemon that has died is another process's by now: no lock is held, so it is left alone."""
    with subprocess.Popen(["sleep", "60"]) as other:
        (box / "ns").symlink_to(f"/proc/{other.pid}/ns/mnt")
        assert client.stop(_env(box)) is True
        assert other.poll() is None
        assert client.running(_env(box)) == 0
        other.kill()


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_a_daemon_is_started_where_a_link_leads_to_another_process(box: Path, verb: str) -> None:
    command = [sys.executable, "-m", "wend", "daemon", verb]
    with subprocess.Popen(["sleep", "60"]) as other:
        (box / "ns").symlink_to(f"/proc/{other.pid}/ns/mnt")
        try:
            done = subprocess.run(command, env={**os.environ, **_env(box)}, capture_output=True, text=True, check=False)
            assert done.stdout == f"started, pid {client.running(_env(box))}\n"
            assert str(other.pid) not in done.stdout
        finally:
            other.kill()
            client.stop(_env(box))


@pytest.mark.parametrize(
    ("full", "says"),
    [({"f_bavail": 0, "f_bfree": 0}, "is full"), ({"f_favail": 0, "f_ffree": 0}, "holds no more files")],
)
def test_a_disk_without_room_is_told(
    box: Path, monkeypatch: pytest.MonkeyPatch, full: dict[str, int], says: str
) -> None:
    room = {"f_bavail": 9, "f_bfree": 9, "f_blocks": 9, "f_favail": 9, "f_ffree": 9, "f_files": 9}
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**room))
    assert client.hindrance(_env(box)) == ""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**{**room, **full}))
    told = f"the disk of {box} {says}: {fixes.ANOTHER_RUNTIME_DIR}"
    assert client.hindrance(_env(box)) == told
    with pytest.raises(WendError, match=says):
        client.start(_env(box))
    # A daemon that runs is not at fault either.
    (box / "ns").symlink_to(f"/proc/{os.getpid()}/ns/mnt")
    monkeypatch.setattr(os, "write", lambda _, data: len(data) - 1)
    with pytest.raises(WendError) as error:
        client.ask(("status",), _env(box))
    assert error.value.line() == f"wend: {told}"
    assert os.listdir(box) == ["ns"]


def test_a_disk_that_counts_nothing_is_not_full(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = SimpleNamespace(f_bavail=0, f_bfree=0, f_blocks=0, f_favail=0, f_ffree=0, f_files=0)
    monkeypatch.setattr(os, "statvfs", lambda _: none)
    assert client.hindrance(_env(box)) == ""


def test_what_is_in_the_place_of_the_mailbox_is_told(box: Path) -> None:
    box.rmdir()
    assert client.hindrance(_env(box)) == ""
    box.write_text("")
    assert "is not a directory of yours" in client.hindrance(_env(box))
    with pytest.raises(WendError, match="is not a directory of yours"):
        client.start(_env(box))


def test_a_runtime_directory_that_is_not_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {"WEND_RUNTIME_DIR": str(tmp_path / "file")}
    told = f"{tmp_path}/file is not a directory: {fixes.ANOTHER_RUNTIME_DIR}"
    assert client.hindrance(env) == told
    with pytest.raises(WendError) as error:
        client.start(env)
    assert error.value.line() == f"wend: {told}"


_TOLD = {
    "daemon": {"pid": 1, "version": "9", "uptime_s": 1.5, "rss_bytes": 2, "shells": 1, "new": []},
    "shell": {"pid": 2, "kind": "bash", "dir": "/x\udcff", "env": None},
    "shells": [
        {
            "pid": 2, "kind": "", "dir": "",
            "env": {
                "kind": "venv", "name": "n", "prefix": "/p", "root": "/r", "python": None, "python_version": "3.12.1",
                "since": 1,
            },
        }
    ],
    "more": 1,
}  # fmt: skip


@pytest.mark.parametrize("answer", [{}, {"ok": True}, {"daemon": None, "shell": None, "shells": []}, _TOLD])
def test_a_document_of_another_version_is_read_if_it_has_what_is_used(answer: dict[str, object]) -> None:
    assert client._document(json.dumps(answer).encode()) == answer


def _spoilt(value: object) -> Iterator[object]:
    """Yield VALUE with one part at a time in the place of which something else stands."""
    if value is None:
        yield from ([1], {"a": 1}, 1, True, 1e999, 10**30, "\0", "\ud800")
    elif isinstance(value, dict):
        for key in value.keys() - {"new", "more"}:
            yield from ({**value, key: each} for each in _spoilt(value[key]))
    elif isinstance(value, list):
        yield from ([each] for each in _spoilt(value[0]))
        yield {}
    elif isinstance(value, str):
        yield from (1, [], {}, True, "a\0b", "\ud800")
    else:
        yield from ("1", [], {}, True, 1e999, -1e999, 10**30, float("nan"))


def test_a_document_that_cannot_be_used_is_one_clear_error() -> None:
    spoilt = [answer for answer in _spoilt(_TOLD) if answer != _TOLD]
    assert len(spoilt) > 100
    texts = [json.dumps(answer) for answer in spoilt]
    for text in (*texts, "[" * 200_000, "[]", "1", "{", "", '{"daemon": ' + "1" * 9999 + "}"):
        with pytest.raises(WendError, match="answer cannot be read"):
            client._document(text.encode())
