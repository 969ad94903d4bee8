"""Answers, and what they rested on: the same question again costs a stat for each thing looked at, and nothing else."""

from __future__ import annotations

import os
from collections import OrderedDict

from wend.disk import Disk, Evidence
from wend.engine.respond import Answer, respond
from wend.model import Target
from wend.protocol import Head, Request, parse_request
from wend.shells import SHELLS, Apply, AskAgain
from wend.typed import Callable, Optional

# Things looked at, and pieces of _PIECE bytes, that remembered answers rest on and consist of, all together.
_MEMO = 8192
_PIECE = 400  # bytes; what a thing looked at takes

Key = tuple[str, bytes]


class Memo:
    """An answer and what it rested on."""

    __slots__ = ("asks", "batch", "cwd", "evidence", "hint", "lasting", "plain", "rule", "target", "text")

    def __init__(self, evidence: Evidence, cwd: str) -> None:
        self.evidence = evidence
        self.cwd = cwd
        self.text = b""
        self.plain = b""  # the same without the hint
        self.hint = ""  # directory that the hint is about; empty: there is none
        self.asks = False  # whether it only asks for more variables
        self.target: Optional[Target] = None
        self.rule = ""
        self.lasting = False  # whether it may be remembered
        self.batch = 0  # in which it was last seen to hold


class Answers:
    """The answers that are remembered; those not wanted for longest make room."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._memo: OrderedDict[Key, Memo] = OrderedDict()
        self._weight = 0

    def forget(self) -> None:
        """Compute everything again: a decision or a setting changed."""
        self._memo.clear()
        self._weight = 0

    def known(self, key: Key) -> Optional[Memo]:
        """Return the answer to KEY, however old; the caller asks whether it still holds."""
        memo = self._memo.get(key)
        if memo is not None:
            self._memo.move_to_end(key)
        return memo

    def compute(self, head: Head, pending: str, disk: Disk) -> Optional[Memo]:
        """Return a fresh answer to HEAD, for which DISK is used; None when it is not a request.

        Nothing is remembered here: a thread that a disk held comes back when another one leads.
        PENDING is `off` or `on` where such a command waits for this shell.
        """
        request = parse_request(head)
        if request is None:
            return None
        cwd = request.cwd
        if pending:
            request = request._replace(event=pending)
        if not disk.is_dir(cwd):
            request = request._replace(cwd=_cwd_of(request, disk))
        memo = Memo(disk.evidence, request.cwd)
        shell = SHELLS[head.shell]
        try:
            answer = respond(request, disk)
            memo.target, memo.rule = answer.target, answer.rule
            memo.asks = isinstance(answer.reply, AskAgain)
            memo.plain = _encoded(shell.render(answer.reply), shell.END)
            memo.hint, memo.text = _with_hint(answer, memo.plain, shell.render, shell.END)
        except Exception as error:  # unanswered, the shell would be silent in every other directory too
            self._log(f"{type(error).__name__}: {error}")
            memo.plain = memo.text = _encoded("", shell.END)
            disk.evidence.steady = False
        disk.evidence.settle()
        memo.lasting = disk.evidence.steady and request.cwd == cwd  # where a shell really is, is its own answer
        return memo

    def remember(self, key: Key, memo: Memo) -> None:
        """Keep MEMO for KEY, and let the oldest make room."""
        old = self._memo.pop(key, None)
        self._weight += _weight(key, memo) - (_weight(key, old) if old else 0)
        self._memo[key] = memo
        while self._weight > _MEMO and len(self._memo) > 1:
            self._weight -= _weight(*self._memo.popitem(last=False))


def _weight(key: Key, memo: Memo) -> int:
    """Return what it takes to remember MEMO for KEY: a question holds all of PATH, and so does an answer."""
    text = len(memo.text) if memo.text is not memo.plain else 0
    return memo.evidence.size() + (len(key[1]) + len(memo.plain) + text) // _PIECE


def _with_hint(answer: Answer, plain: bytes, render: Callable[[Apply], str], end: str) -> tuple[str, bytes]:
    """Return the directory that a hint is about and the reply with it, or nothing and PLAIN."""
    directory, line = answer.hint
    if not line or not isinstance(answer.reply, Apply) or answer.reply.notice:
        return "", plain
    return directory, _encoded(render(answer.reply._replace(notice=line)), end)


def _encoded(text: str, end: str) -> bytes:
    return (text + end).encode("utf-8", "surrogateescape")


def _cwd_of(request: Request, disk: Disk) -> str:
    """Return where the shell really is when the directory that it names is not there (removed, or a lie)."""
    if not SHELLS[request.shell].moves:  # its directory is not that of the process
        return request.cwd
    try:
        real = os.readlink(f"/proc/{request.pid}/cwd")
    except OSError:
        return request.cwd
    return real if disk.is_dir(real) else request.cwd
