"""What a program in the background needs of the system: a lock, a sign of life, a bell, a start on its own."""

from __future__ import annotations

import os

from wend.system import OWN, WINDOWS
from wend.typed import Any, Callable

_FAR = 1 << 20  # the byte of a lock file that is locked on Windows, where a locked byte cannot be read


def lock(fd: int) -> None:
    """Lock the file FD until it is closed; BlockingIOError when another process holds the lock."""
    if not WINDOWS:
        import fcntl  # noqa: PLC0415

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt  # noqa: PLC0415

    os.lseek(fd, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        raise BlockingIOError(error.errno, error.strerror) from error
    finally:
        os.lseek(fd, 0, os.SEEK_SET)


def lives_as_long(file: bytes) -> int:
    """Make FILE, which Windows removes when this process ends, also when it is killed; return its descriptor."""
    return os.open(file, os.O_RDWR | os.O_CREAT | OWN | os.O_TEMPORARY, 0o600)  # type: ignore[attr-defined,unused-ignore]


class Bell:
    """Wakes a thread that waits in `select`, from any other one. `fd` is what to wait for."""

    def __init__(self) -> None:
        self._sockets: tuple[Any, ...] = ()  # `select` of Windows waits for nothing else
        if WINDOWS:
            import socket  # noqa: PLC0415

            self._sockets = socket.socketpair()
            for each in self._sockets:
                each.setblocking(False)
            self.fd, self._write = self._sockets[0].fileno(), -1
            return
        self.fd, self._write = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._write, False)

    def ring(self) -> None:
        """Wake the thread; what has not been heard yet is enough."""
        self._try(self._sockets[1].send, b"\n") if self._sockets else self._try(os.write, self._write, b"\n")

    def heard(self) -> None:
        """Take note of all rings until now."""
        self._try(self._sockets[0].recv, 4096) if self._sockets else self._try(os.read, self.fd, 4096)

    def close(self) -> None:
        """Let go of both ends."""
        for each in self._sockets:
            each.close()
        for fd in () if self._sockets else (self.fd, self._write):
            os.close(fd)

    @staticmethod
    def _try(call: Callable[..., object], *arguments: object) -> None:
        try:
            call(*arguments)
        except OSError:
            return


def start(words: list[str]) -> None:
    """Start the program WORDS, which outlives this one and has no terminal."""
    import subprocess  # noqa: PLC0415  a running daemon does not need it

    quiet = subprocess.DEVNULL
    flags = 0
    if WINDOWS:
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP  # type: ignore[attr-defined,unused-ignore]
    subprocess.Popen(
        words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, cwd=os.path.abspath(os.sep),
        creationflags=flags,
    )  # fmt: skip
