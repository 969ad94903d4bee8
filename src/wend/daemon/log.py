"""The daemon's log: a line each, 0600, never longer than it is worth. Text is made visible before it is written."""

from __future__ import annotations

import os
import time

from wend.system import OWN, user
from wend.text import visible

_MAX = 256 * 1024  # bytes; one older file is kept


class Log:
    """Appends to `daemon.log` in a directory; silent when that cannot be done, and in another user's home.

    A root shell that kept HOME would leave there what the owner could not write any more.
    """

    def __init__(self, directory: str) -> None:
        self.path = ""
        nearest = directory
        while nearest and not os.path.exists(nearest):
            nearest = os.path.dirname(nearest)
        try:
            if not nearest or os.stat(nearest).st_uid != user():
                return
            os.makedirs(directory, 0o700, exist_ok=True)
        except OSError:
            return
        self.path = os.path.join(directory, "daemon.log")

    def line(self, text: str) -> None:
        """Write one line with the time before it."""
        if not self.path:
            return
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | OWN
            fd = os.open(self.path, flags, 0o600)
            try:
                os.write(fd, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {visible(text)}\n".encode())
                size = os.fstat(fd).st_size
            finally:
                os.close(fd)
            if size > _MAX:  # after it is closed: Windows renames no open file
                os.replace(self.path, self.path + ".1")
        except OSError:
            return
