"""A program in a terminal of its own: what the self-test, the tests and the benchmarks type into.

Only the standard library, and only where there are pseudo-terminals: importing it fails on Windows.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from contextlib import suppress

from wend.typed import Mapping, Optional

# A terminal answers these, and some shells wait for it: where the cursor is, what terminal this is.
_QUERY = re.compile(rb"\x1b\[(6n|0?c)")
_ANSWERS = {b"6n": b"\x1b[1;1R", b"c": b"\x1b[?6c", b"0c": b"\x1b[?6c"}


class Terminal:
    """A terminal and the program in it. COLUMNS are many, so that no line editor scrolls sideways."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], cwd: str, *, rows: int = 50, columns: int = 500
    ) -> None:
        """Start COMMAND in the directory CWD; OSError when there is no terminal left."""
        self.output = b""  # all that was printed
        self.before = b""  # what was printed before the last match of `expect`
        self._at = 0  # the offset in the output behind it
        self._answered = 0  # the offset behind the last question
        self.began = time.monotonic()
        self.closed = False
        size = struct.pack("HHHH", rows, columns, 0, 0)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                _restore_signals()
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.chdir(cwd)
                os.execvpe(command[0], command, dict(env))  # noqa: S606  the program under test
            finally:
                os._exit(127)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)

    def send(self, keys: bytes) -> None:
        """Press KEYS."""
        with suppress(OSError):  # it has ended: the next look says so
            while keys:
                keys = keys[os.write(self._fd, keys) :]

    def sendline(self, line: bytes) -> None:
        """Type LINE and Enter."""
        self.send(line + b"\r")

    def listen(self, seconds: float) -> bool:
        """Wait up to SECONDS for output, and answer what it asks of a terminal; False when the program is gone."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.output += data
        for query in _QUERY.finditer(self.output, self._answered):
            self._answered = query.end()
            self.send(_ANSWERS[query.group(1)])
        return bool(data)

    def expect(self, pattern: re.Pattern[bytes], seconds: float) -> Optional[re.Match[bytes]]:
        """Wait until PATTERN was printed behind the last match; return the match, None if it does not come.

        `alive` tells whether that is because the program ended.
        """
        deadline = time.monotonic() + seconds
        alive = True
        while True:
            found = pattern.search(self.output, self._at)
            if found:
                self.before, self._at = self.output[self._at : found.start()], found.end()
                return found
            left = deadline - time.monotonic()
            if left <= 0 or not alive:
                return None
            alive = self.listen(left)

    def tail(self, size: int = 300) -> str:
        """Return the end of what stood on the screen, in one line."""
        return " ".join(self.output[-size:].decode("utf-8", "replace").split())

    def alive(self) -> bool:
        """Return whether the program still runs."""
        try:
            return not self.closed and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def close(self) -> None:
        """End the program as a closed terminal does, and at once, with all that it started in this terminal."""
        if self.closed:
            return
        self.closed = True
        for number in (signal.SIGHUP, signal.SIGKILL):
            for kill in (os.killpg, os.kill):
                with suppress(OSError):
                    kill(self.pid, number)
        with suppress(OSError):
            os.close(self._fd)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _restore_signals() -> None:
    """Let each signal do what it does in a new terminal.

    A program that was started with `&` ignores Ctrl-C, Python ignores SIGPIPE, and what they start would, too.
    """
    for number in signal.valid_signals():
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
