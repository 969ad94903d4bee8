"""What differs between systems: that of Windows with Windows' paths as data, and stand-ins for its calls."""

from __future__ import annotations

import ntpath
import os
import selectors
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.daemon.talk import until
from wend import paths, system
from wend.daemon import mailbox
from wend.daemon.mailbox import Mailbox, daemon_pid
from wend.protocol import Request, format_request, parse_head, parse_request
from wend.system import service
from wend.workflow import commands


@pytest.fixture(params=[True, False], ids=["windows", "posix"])
def windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param and sys.platform == "win32":
        pytest.skip("needs POSIX")
    monkeypatch.setattr(service, "WINDOWS", request.param)
    monkeypatch.setattr(system, "WINDOWS", request.param)
    return bool(request.param)


def test_a_process_is_looked_for_without_ending_it(windows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signal 0 is Ctrl-C on Windows."""
    if windows:
        monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal was sent"))
        if sys.platform != "win32":  # where psutil sends it, too
            monkeypatch.setattr(psutil, "pid_exists", lambda pid: pid == os.getpid())
    assert system.exists(os.getpid())
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", ""]) as ended:
        pass
    assert not system.exists(ended.pid)
    assert not system.exists(10**30)


def test_a_bell_wakes_a_thread_that_waits_once(windows: bool) -> None:
    """On Windows with sockets, because `select` takes nothing else there."""
    bell = service.Bell()
    with selectors.DefaultSelector() as selector:
        selector.register(bell.fd, selectors.EVENT_READ)
        assert selector.select(0) == []
        for _ in range(3):
            bell.ring()
        assert [key.fd for key, _ in selector.select(0)] == [bell.fd]
        bell.heard()
        assert selector.select(0) == []
        bell.heard()  # never waits
    bell.close()


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    code = "import os, sys; from wend.system import service; service.lock(os.open(sys.argv[1], os.O_RDWR))"
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    fd = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    service.lock(fd)
    assert "BlockingIOError" in subprocess.run(command, capture_output=True, text=True, check=False).stderr
    os.close(fd)
    subprocess.run(command, check=True)


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"TMP": "C:\\Users\\me\\Temp\\", "TEMP": "D:\\t"}, "C:/Users/me/Temp"),
        ({"TMP": "t", "TEMP": "D:\\t", "TMPDIR": "E:\\"}, "D:/t"),
        ({"USERPROFILE": "C:\\Users\\me"}, "C:/Users/me"),
        ({}, "C:/Windows"),
    ],
)
def test_on_windows_the_mailbox_is_where_powershell_looks(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], place: str
) -> None:
    monkeypatch.setattr(system, "WINDOWS", True)
    monkeypatch.setattr(paths, "WINDOWS", True)
    monkeypatch.setattr(paths, "user", lambda: 0)
    monkeypatch.setattr(os, "path", ntpath)
    assert paths.mailbox_dir(env) == f"{place}/wend-0"


def test_on_windows_a_file_that_goes_with_the_daemon_shows_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, only administrators make links, and a pid may be another process's by now."""
    monkeypatch.setattr(mailbox, "WINDOWS", True)
    if sys.platform != "win32":

        def stand_in(file: bytes) -> int:
            return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

        monkeypatch.setattr(service, "lives_as_long", stand_in)
    box = Mailbox(str(tmp_path / "box"))
    assert daemon_pid(box.path) == 0
    box.publish()
    assert daemon_pid(box.path) == os.getpid()
    assert not os.path.islink(tmp_path / "box" / "ns")
    (tmp_path / "box" / "lock").write_text("?")
    assert daemon_pid(box.path) == 0
    box.withdraw()
    if sys.platform == "win32":
        assert not os.path.lexists(tmp_path / "box" / "ns")


def test_the_directory_of_a_request_has_slashes_inside_wend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "WINDOWS", True)
    sent = Request("pwsh", 7, "7-a", 1, "C:\\Users\\me\\p", "", "cd", (), True, (), {})
    head = parse_head(format_request(sent))
    assert head is not None
    asked = parse_request(head)
    assert asked is not None
    assert asked.cwd == "C:/Users/me/p"


def test_on_windows_a_program_to_be_typed_has_no_quotes(windows: bool) -> None:
    """PowerShell takes a word in quotes for text, not for a command."""
    python = "C:\\v\\python.exe"
    assert commands.command(python, "-V").shown() == (f"{python} -V" if windows else f"'{python}' -V")


@pytest.mark.parametrize("name", ["win32", "linux"])
def test_on_windows_a_question_says_what_the_home_is(name: str) -> None:
    """Else a daemon would not know that a project is in the profile directory."""
    code = f"import sys; sys.platform = {name!r}; from wend.protocol import CORE; print('USERPROFILE' in CORE)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(name == "win32")


@pytest.mark.skipif(not system.LINUX, reason="nothing else tells")
def test_a_thread_that_sleeps_does_not_run() -> None:
    over = threading.Event()
    busy = threading.Thread(target=lambda: all(iter(lambda: not over.is_set(), False)))
    idle = threading.Thread(target=over.wait)
    for thread in (busy, idle):
        thread.start()
    assert busy.native_id
    assert idle.native_id
    until(lambda: system.runs(busy.native_id or 0), "it runs")
    until(lambda: not system.runs(idle.native_id or 0), "it sleeps")
    over.set()
    for thread in (busy, idle):
        thread.join()
    until(lambda: not system.runs(busy.native_id or 0), "it has ended")
