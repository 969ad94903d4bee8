"""The command line's side of the mailbox: ask the daemon a question, find out whether there is one, end it.

A command is a request like a shell's: the shell is `cli`, the event its verb, the facts its arguments. The reply is a
JSON object, or an outcome. Asking takes no lock: a daemon that is just starting would conclude that another one runs.

`wend exec` and `wend env` come here first, so nothing is imported before it is needed.
"""

from __future__ import annotations

import errno
import os
import time

from wend import paths
from wend.daemon.mailbox import check, daemon_pid, obstacle
from wend.errors import WendError
from wend.protocol import COMMAND, CORE, ENTER, Outcome, Request, format_request, parse_outcome
from wend.system import OWN, WINDOWS, exists
from wend.typed import Any, Mapping, Optional

PATIENCE = 2.0  # seconds; a daemon that does not answer in this time is stopped or in trouble
_PROMPT_PATIENCE = 0.25  # seconds; as long as a shell waits
_LATE = "late"  # a link to the request of a command that has given up waiting
_ROUNDS = 5  # of asking again for one outcome
# What is used of the daemon's documents: a tuple of the types that may stand there, a list of one. A daemon of another
# version may say more or nothing of the rest.
_NUMBER = (int, float)
_NAMES = ("kind", "name", "prefix", "root")
_ENV = {**dict.fromkeys(_NAMES, str), "python": (str, None), "python_version": (str, None), "since": (*_NUMBER, None)}
_SHELL = {"pid": int, "kind": str, "dir": str, "env": (_ENV, None)}
_DAEMON = {"pid": int, "version": str, "uptime_s": _NUMBER, "rss_bytes": int, "shells": int}
_ANSWER = {"daemon": (_DAEMON, None), "shell": (_SHELL, None), "shells": ([_SHELL], None)}
_MOST = 1 << 53  # of a number
# Whatever is active is left, of which these begin the names beyond the core (`Kind.without`).
_BENEATH = ("CONDA_PREFIX_", "_OLD_VIRTUAL_")


def running(env: Mapping[str, str]) -> int:
    """Return the pid of the daemon that serves the user whose environment is ENV; 0 when there is none.

    A daemon in another mount namespace does not count (containers share runtime directories): it sees other files.
    """
    path = paths.mailbox_dir(env)
    pid, link = daemon_pid(path), os.path.join(path, "ns")
    if pid <= 0 or not exists(pid, mine=True):
        return 0
    own = "/proc/self/ns/mnt"
    if not WINDOWS and os.path.exists(own):
        try:
            if not os.path.samefile(own, link):
                return 0
        except OSError:
            return 0
    return pid


def ask(words: tuple[str, ...], env: Mapping[str, str], patience: float = PATIENCE) -> Optional[dict[str, Any]]:
    """Return the daemon's answer to WORDS (a verb and its arguments), None when no daemon runs.

    WendError when the mailbox is not ours alone, cannot be written, or no answer comes in PATIENCE seconds; and when
    the answer is of another form than commands rely on, as a daemon of another version may give it.
    """
    pid = running(env)
    if not pid:
        return None
    path = paths.mailbox_dir(env)
    verb, *arguments = words
    request = Request(COMMAND, os.getpid(), _ident(), 1, os.sep, "", verb, tuple(arguments), False, (), {})
    try:
        check(path)
        answer = _exchange(path, request, time.monotonic() + patience)
    except OSError as error:
        raise obstacle(path) or WendError(f"{path}: {error.strerror}", "wend daemon restart") from error
    if answer is None:
        raise WendError(f"the daemon (pid {pid}) does not answer", "wend daemon restart")
    return _document(answer)


def enter(form: str, shell: str, directory: str, env: Mapping[str, str]) -> Optional[Outcome]:
    """Return the daemon's outcome of FORM for SHELL in DIRECTORY; None when it must be found out without a daemon.

    It must when no daemon runs, or one of other code, and when the mailbox is open to others or cannot be written. A
    daemon that does not answer costs 250 ms, once: the request stays, and while it does, no command asks.
    """
    path = paths.mailbox_dir(env)
    if not running(env) or os.path.exists(os.path.join(path, _LATE)):
        return None
    deadline = time.monotonic() + _PROMPT_PATIENCE
    ident, undo = _ident(), env.get("WEND_UNDO", "")
    sent = (*CORE, *(name for name in env if name.startswith(_BENEATH)))
    names: tuple[str, ...] = ()
    try:
        check(path)
        facts = (paths.code(), paths.place(os.stat(directory)), form, shell)
        for number in range(1, _ROUNDS + 1):
            known = {name: env[name] for name in (*sent, *names) if name in env}
            request = Request(COMMAND, os.getpid(), ident, number, directory, undo, ENTER, facts, False, names, known)
            answer = _exchange(path, request, deadline, stays=True)
            outcome = parse_outcome(answer) if answer else None
            if outcome is None or not outcome.names:
                return outcome
            names = (*names, *outcome.names)
    except (OSError, WendError):
        pass
    return None


def hindrance(env: Mapping[str, str]) -> str:
    """Return what keeps a daemon from serving the user of ENV, and what to type; empty for nothing."""
    found = obstacle(paths.mailbox_dir(env))
    return found.line().removeprefix("wend: ") if found else ""


def nudge(env: Mapping[str, str]) -> None:
    """Make every shell ask again, because a decision or a setting changed. Without a daemon, do nothing."""
    try:
        ask(("nudge",), env)
    except WendError:  # a daemon that is stuck looks at everything when it goes on
        pass


def stop(env: Mapping[str, str]) -> bool:
    """End the daemon, by asking and then by force; False when there was none."""
    import signal  # noqa: PLC0415

    from wend.daemon.lifecycle import wait_gone  # noqa: PLC0415  brings the whole server along

    pid = running(env)
    if not pid:
        return False
    path = paths.mailbox_dir(env)
    try:
        ask(("stop",), env)
    except WendError:  # what follows ends it anyway
        pass
    for name in ("SIGCONT", "SIGTERM", "SIGKILL"):
        # A shell may have started the next one, which has the lock then.
        if wait_gone(path, 1.0, pid):
            _forget(path, pid)
            return True
        try:
            if hasattr(signal, name):  # the second ends it on Windows, which has no other
                os.kill(pid, getattr(signal, name))
        except ProcessLookupError:  # it has ended just now
            pass
    if not wait_gone(path, PATIENCE, pid):
        raise WendError(f"the daemon (pid {pid}) does not end", f"kill -9 {pid}")
    _forget(path, pid)
    return True


def _forget(path: str, pid: int) -> None:
    """Remove the sign of life that the daemon PID left in the mailbox at PATH: the number may be another process's."""
    if daemon_pid(path) == pid:
        _remove(os.path.join(path, "ns"))


def start(env: Mapping[str, str]) -> int:
    """Return the pid of the running daemon, started if there was none. WendError when none comes up."""
    import sys  # noqa: PLC0415

    from wend.daemon import lifecycle  # noqa: PLC0415

    deadline = time.monotonic() + 5
    path, pid = paths.mailbox_dir(env), running(env)
    if pid and lifecycle.wait_gone(path):  # killed, and its number is another process's by now
        _forget(path, pid)
    if not running(env):
        refused = obstacle(path)
        if refused:
            raise refused
        lifecycle.start(sys.executable, path)
    while not (pid := running(env)):
        if time.monotonic() > deadline:
            raise WendError("the daemon does not start", "wend daemon run")
        time.sleep(0.005)
    return pid


def _ident() -> str:
    return f"{os.getpid()}-{COMMAND}{os.urandom(16).hex()}"


def _exchange(path: str, request: Request, deadline: float, *, stays: bool = False) -> Optional[bytes]:
    """Return the reply to REQUEST, None when it is not there by DEADLINE. OSError when it cannot be written whole.

    STAYS: an unanswered request stays, and a link to it: whatever removes it lets the next command ask again.
    """
    name = f"{request.id}.{request.number}"
    question, reply = os.path.join(path, f"{name}.req"), os.path.join(path, f"{name}.rep")
    stayed, wait = False, 0.0002
    try:
        _write(question, format_request(request))
        while True:
            try:
                with open(reply, "rb") as file:
                    return file.read()
            except (FileNotFoundError, PermissionError):  # the second while it is renamed, on Windows
                pass
            if time.monotonic() > deadline:
                stayed = stays and _linked(os.path.join(path, _LATE), f"{name}.req")
                return None
            time.sleep(wait)
            wait = min(wait * 1.5, 0.02)
    finally:
        _remove(reply)
        if not stayed:
            _remove(question)


def _write(file: str, data: bytes) -> None:
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OWN, 0o600)
    try:
        if os.write(fd, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(fd)


def _linked(link: str, name: str) -> bool:
    """Make LINK lead to the file NAME beside it; False when that cannot be done."""
    _remove(link)
    try:
        os.symlink(name, link)
    except OSError:
        return False
    return True


def _remove(file: str) -> None:
    try:
        os.unlink(file)
    except OSError:
        pass


def _document(data: bytes) -> dict[str, Any]:
    import json  # noqa: PLC0415

    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not _is_as(_ANSWER, answer):
        raise WendError("the daemon's answer cannot be read", "wend daemon restart")
    return answer


def _is_as(shape: object, value: object) -> bool:
    """Return whether VALUE, from a document, has the SHAPE that is relied on."""
    if isinstance(shape, tuple):
        return any(_is_as(each, value) for each in shape)
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(_is_as(each, value.get(key)) for key, each in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(_is_as(shape[0], each) for each in value)
    if isinstance(value, str):
        return shape is str and _is_path(value)
    if isinstance(value, (int, float)):
        return shape is type(value) and -_MOST < value < _MOST
    return shape is value is None


def _is_path(text: str) -> bool:
    """Return whether the system takes TEXT for a path, as it does what a daemon has from a shell."""
    try:
        return b"\0" not in os.fsencode(text)
    except ValueError:
        return False
