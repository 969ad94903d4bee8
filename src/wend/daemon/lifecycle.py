"""How the daemon starts and ends: one for each mailbox, independent of its starter, replaced in place on an upgrade."""

from __future__ import annotations

import os
import signal
import sys
import time

from wend import paths
from wend.daemon.loop import Loop
from wend.daemon.mailbox import Mailbox
from wend.disk import Disk
from wend.settings_file import load as load_settings
from wend.system import OWN, WINDOWS, exists, service

_DYING = 2.0  # seconds
_DESCRIPTORS = (65536, 10240)  # wanted; the second where the first is refused
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(path: str, state: str) -> int:
    """Serve the mailbox at PATH, logging under STATE, until idle, stopped or outdated. Return the exit status.

    Ends at once, silently and with 0, when another daemon holds the lock: starters need not look first.
    """
    _detach()
    mailbox = Mailbox(path)
    lock = _lock(path)
    # A killed daemon may look dead a while before the kernel has let go of its lock.
    deadline = time.monotonic() + _DYING
    while not lock and not os.path.exists(os.path.join(path, "ns")) and time.monotonic() < deadline:
        time.sleep(0.005)
        lock = _lock(path)
    if not lock:
        return 0
    _silence()  # until here, what goes wrong is told
    from wend.daemon.log import Log

    log = Log(state)
    code = paths.code()

    def tell(text: str) -> None:
        if not loop.is_blocked(log.path):
            log.line(text)

    def outdated() -> bool:
        return not loop.is_blocked(_PACKAGE) and paths.code() not in (code, "")

    def leave(reason: str) -> None:
        """End in any thread. Descriptors stay open, and `exec` waits, until each disk that holds one has answered."""
        try:
            _let_go(mailbox, lock)
            tell(f"ended: {reason or 'an error'}")
            if reason == "upgrade" and os.path.exists(sys.executable):
                start(sys.executable, path)
        finally:
            os._exit(0 if reason else 1)

    loop = Loop(mailbox, tell, outdated, leave)
    loop.idle_exit = load_settings(os.environ, Disk())[0].daemon_idle_exit * 60
    signal.signal(signal.SIGTERM, lambda *_: _end(mailbox, lock, 0))
    signal.signal(signal.SIGINT, lambda *_: _end(mailbox, lock, 130))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    loop.prepare()
    mailbox.publish()
    log.line(f"started, pid {os.getpid()}, mailbox {path}")
    reason = loop.serve()
    log.line(f"ended: {reason or 'an error'}")
    if reason == "upgrade" and os.path.exists(sys.executable):
        # Requests wait in the mailbox meanwhile; the lock goes with the descriptor and is taken again.
        if WINDOWS:  # nothing takes the place of a process there
            mailbox.withdraw()
            start(sys.executable, path)
            return 0
        os.execv(sys.executable, _words(sys.executable, path))  # noqa: S606
    mailbox.withdraw()
    return 0 if reason else 1


def start(python: str, path: str) -> None:
    """Start a daemon for the mailbox at PATH in the background; it ends at once if another one runs."""
    service.start(_words(python, path))


def wait_gone(path: str, seconds: float = 0.0, pid: int = 0) -> bool:
    """Wait up to SECONDS until no daemon holds the lock of the mailbox at PATH; False when one still does.

    PID: until this one does not, because it has ended.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            lock = _lock(path)
        except FileNotFoundError:
            return True
        if lock:
            for fd in lock:
                os.close(fd)
            return True
        if pid and not exists(pid):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.005)


def _words(python: str, path: str) -> list[str]:
    return [python, "-I", "-S", "-X", "utf8", os.path.join(_PACKAGE, "__main__.py"), "daemon", "run", path]


def _lock(path: str) -> tuple[int, ...]:
    """Return descriptors that hold the lock of the mailbox at PATH, none when another process does.

    The directory is locked besides the file in it: a file can be removed while a daemon holds it.
    """
    held = []
    names = [(os.path.join(path, "lock"), os.O_RDWR | os.O_CREAT)]
    if hasattr(os, "O_DIRECTORY"):  # Windows opens none
        names.append((path, os.O_RDONLY | os.O_DIRECTORY))
    for name, flags in names:
        fd = os.open(name, flags | OWN, 0o600)
        held.append(fd)
        try:
            service.lock(fd)
        except OSError as error:
            if name == path and not isinstance(error, BlockingIOError):
                continue  # on this file system only files can be locked
            for each in held:
                os.close(each)
            return ()
    return tuple(held)


def _end(mailbox: Mailbox, lock: tuple[int, ...], status: int) -> None:
    _let_go(mailbox, lock)
    os._exit(status)


def _let_go(mailbox: Mailbox, lock: tuple[int, ...]) -> None:
    """Make room for the next daemon, also where this process cannot end yet."""
    mailbox.withdraw()
    for fd in lock:
        os.closerange(fd, fd + 1)  # a second signal may have closed it


def _silence() -> None:
    """Let go of standard input, output and error, but for a terminal's: there, a user follows what is logged."""
    if not os.isatty(2):
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.close(null)


def _detach() -> None:
    """Hold no terminal, no directory, no file of the process that started this; room for many shells."""
    os.chdir("/")
    os.umask(0o077)
    if WINDOWS:  # it has no sessions, and hands no descriptor on that it is not told to
        return
    try:
        os.setsid()
    except OSError:  # a user started it in a terminal: it is the leader of its group
        pass
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:  # no later file may get the number of a closed one
        pass
    os.close(fd)
    os.closerange(3, _limit())


def _limit() -> int:
    """Raise the soft limit on descriptors (a shell costs one); return the number below which the open ones are.

    macOS calls its hard limit infinite, and may refuse whatever is above OPEN_MAX, 10240.
    """
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    except (ImportError, OSError):
        return 1024
    infinite = resource.RLIM_INFINITY
    for most in _DESCRIPTORS if soft != infinite else ():
        wanted = most if hard == infinite else min(most, hard)
        try:
            if soft < wanted:
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            break
        except (ValueError, OSError):
            continue
    return _DESCRIPTORS[0] if soft == infinite else min(soft, _DESCRIPTORS[0])
