"""The living shells: who they are, what their last answer rested on, and how their death is learned."""

from __future__ import annotations

import os
import time
from typing import Optional

from wend.disk import Disk
from wend.model import Target


class Session:
    """One shell."""

    __slots__ = (
        "cwd", "disk", "flagged", "id", "kind", "last", "pending", "pid", "pidfd", "since", "started", "target",
    )  # fmt: skip

    def __init__(self, ident: str, pid: int, kind: str) -> None:
        self.id, self.pid, self.kind = ident, pid, kind
        self.pidfd = _pidfd(pid)
        self.started = 0.0  # seconds since the epoch, by psutil; 0 until asked for
        self.last = b""  # name of the reply that lies in the mailbox
        self.pending = ""  # word of `wend off` or `wend on`, for its next request
        self.flagged = False
        self.cwd = ""
        self.disk: Optional[Disk] = None
        self.target: Optional[Target] = None
        self.since = 0.0

    def answered(self, cwd: str, disk: Disk, target: Optional[Target]) -> None:
        """Note what the last answer was and what it rested on."""
        if target is None or self.target is None or target.prefix != self.target.prefix:
            self.since = time.time()
        self.cwd, self.disk, self.target = cwd, disk, target

    def files(self) -> tuple[bytes, ...]:
        """Return the names of everything in the mailbox that belongs to this shell."""
        base = self.id.encode()
        return (base + b".bell", base + b".flag", self.last) if self.last else (base + b".bell", base + b".flag")

    def alive(self) -> bool:
        """Whether the process still is the one that registered."""
        return started(self.pid) == self.started if self.started else _exists(self.pid)

    def close(self) -> None:
        """Let go of the process handle."""
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


def started(pid: int) -> float:
    """Return when the process PID started, 0 when there is none."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _pidfd(pid: int) -> int:
    """Return a descriptor that becomes readable when PID ends, -1 where there is no such thing."""
    try:
        return os.pidfd_open(pid)  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return -1


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
