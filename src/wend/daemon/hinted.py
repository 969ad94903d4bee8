"""The directories that hints were shown for in one shell: never twice, whatever becomes of the daemon.

A line for each lies in the mailbox, in a file of the shell's that goes with it. It is read when the shell first comes
to a directory with a hint, and written when one is shown: other answers touch no disk for it.
"""

from __future__ import annotations

import os

from wend.daemon.mailbox import Mailbox
from wend.formats import digest
from wend.typed import Optional

_MOST = 8192  # some 100 bytes each; the oldest are forgotten
_DIGITS = 16


class Hinted:
    """What one shell was told."""

    __slots__ = ("_known", "_lines", "_mailbox", "_name")

    def __init__(self, mailbox: Mailbox, ident: str) -> None:
        self._mailbox = mailbox
        self._name = f"{ident}.told".encode()
        self._known: Optional[dict[int, None]] = None  # as numbers, which are small; None: not read yet
        self._lines = 0  # in the file

    def __contains__(self, directory: str) -> bool:
        return _number(directory) in self._all()

    def __len__(self) -> int:
        return len(self._all())

    def add(self, directory: str) -> None:
        """Note that the hint about DIRECTORY is shown."""
        known, number = self._all(), _number(directory)
        known[number] = None
        if len(known) > _MOST:
            del known[next(iter(known))]
        self._lines += 1
        if self._lines <= 2 * _MOST:
            self._mailbox.note(self._name, b"\n" + _line(number))  # the one before may not be whole
        else:
            self._lines = len(known)
            self._mailbox.note(self._name, b"".join(map(_line, known)), whole=True)

    def take(self, others: Hinted) -> None:
        """Note that all was shown that OTHERS tell of. Their file becomes ours."""
        self._mailbox.move(others._name, self._name)
        self._known = None

    def discard(self, directory: str) -> None:
        """Note that it was not shown after all. To the daemon after this one, it was."""
        self._all().pop(_number(directory), None)

    def _all(self) -> dict[int, None]:
        if self._known is None:
            lines = (self._mailbox.read(self._name) or b"").split(b"\n")
            self._lines = len(lines)
            known = [int(each, 16) for each in lines if _is_line(each)]
            self._known = dict.fromkeys(known[-_MOST:])
        return self._known


def _number(directory: str) -> int:
    return int.from_bytes(digest.sha256(os.fsencode(directory))[: _DIGITS // 2], "big")


def _line(number: int) -> bytes:
    return b"%0*x\n" % (_DIGITS, number)


def _is_line(line: bytes) -> bool:
    return len(line) == _DIGITS and not line.strip(b"0123456789abcdef")
