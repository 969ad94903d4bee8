"""The command line's side of the mailbox: ask the daemon a question, find out whether there is one, end it.

A command is a request like a shell's, with the shell `cli` and its verb and arguments as words; the reply is
a JSON object. Asking takes no lock: a daemon that is just starting would think that another one runs.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Optional

from wend import paths
from wend.daemon.mailbox import check, daemon_pid, obstacle
from wend.errors import WendError
from wend.protocol import COMMAND, Request, format_request

PATIENCE = 2.0  # seconds; a daemon that does not answer in this time is stopped or in trouble


def running(env: Mapping[str, str]) -> int:
    """Return the pid of the daemon that serves the user whose environment is ENV; 0 when there is none.

    One in another mount namespace (containers share runtime directories) is none: it sees other files.
    """
    path = paths.mailbox_dir(env)
    pid, link = daemon_pid(path), os.path.join(path, "ns")
    try:
        if pid <= 0:
            return 0
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return 0
    own = "/proc/self/ns/mnt"
    if os.path.exists(own):
        try:
            if not os.path.samefile(own, link):
                return 0
        except OSError:
            return 0
    return pid


def ask(words: tuple[str, ...], env: Mapping[str, str], patience: float = PATIENCE) -> Optional[dict[str, Any]]:
    """Return the daemon's answer to WORDS (a verb and its arguments), None when no daemon runs.

    WendError when the mailbox is not ours alone, cannot be written, or no answer comes in PATIENCE seconds.
    """
    pid = running(env)
    if not pid:
        return None
    path = paths.mailbox_dir(env)
    try:
        check(path)
        return _exchange(path, words, pid, patience)
    except OSError as error:
        raise obstacle(path) or WendError(f"{path}: {error.strerror}", "wend daemon restart") from error


def hindrance(env: Mapping[str, str]) -> str:
    """Return what keeps a daemon from serving the user of ENV, and what to type; empty for nothing."""
    found = obstacle(paths.mailbox_dir(env))
    return found.line().removeprefix("wend: ") if found else ""


def nudge(env: Mapping[str, str]) -> None:
    """Make every shell ask again, because a decision or a setting changed. Without a daemon, do nothing."""
    with suppress(WendError):  # a daemon that is stuck looks at everything when it goes on
        ask(("nudge",), env)


def stop(env: Mapping[str, str]) -> bool:
    """End the daemon, by asking and then by force; False when there was none."""
    from wend.daemon.lifecycle import wait_gone  # noqa: PLC0415  brings the whole server along

    pid = running(env)
    if not pid:
        return False
    path = paths.mailbox_dir(env)
    with suppress(WendError):
        ask(("stop",), env)
    for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGKILL):
        if wait_gone(path, 1.0):
            return True
        with suppress(ProcessLookupError):  # it has ended just now
            os.kill(pid, number)
    if not wait_gone(path, PATIENCE):
        raise WendError(f"the daemon (pid {pid}) does not end", f"kill -9 {pid}")
    return True


def start(env: Mapping[str, str]) -> int:
    """Return the pid of the running daemon, started if there was none. WendError when none comes up."""
    import sys  # noqa: PLC0415

    from wend.daemon.lifecycle import start as launch  # noqa: PLC0415

    deadline = time.monotonic() + 5
    if not running(env):
        refused = obstacle(paths.mailbox_dir(env))
        if refused:
            raise refused
        launch(sys.executable, paths.mailbox_dir(env))
    while not (pid := running(env)):
        if time.monotonic() > deadline:
            raise WendError("the daemon does not start", "wend daemon run")
        time.sleep(0.005)
    return pid


def _exchange(path: str, words: tuple[str, ...], pid: int, patience: float) -> dict[str, Any]:
    ident = f"{os.getpid()}-{COMMAND}{os.urandom(16).hex()}"
    base = os.path.join(path, f"{ident}.1")
    verb, *arguments = words
    request = Request(COMMAND, os.getpid(), ident, 1, os.sep, "", verb, tuple(arguments), False, (), {})
    try:
        fd = os.open(f"{base}.req", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            data = format_request(request)
            if os.write(fd, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(fd)
        deadline = time.monotonic() + patience
        wait = 0.0005
        while True:
            try:
                with open(f"{base}.rep", "rb") as file:
                    return _document(file.read())
            except FileNotFoundError:
                pass
            if time.monotonic() > deadline:
                raise WendError(f"the daemon (pid {pid}) does not answer", "wend daemon restart")
            time.sleep(wait)
            wait = min(wait * 1.5, 0.02)
    finally:
        for ending in ("req", "rep"):
            with suppress(OSError):
                os.unlink(f"{base}.{ending}")


def _document(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise WendError("the daemon speaks another language", "wend daemon restart")
    return answer
