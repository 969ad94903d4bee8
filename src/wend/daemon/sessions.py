"""The living shells: their ids, what their last answer rested on, and how the daemon learns of their end."""

from __future__ import annotations

import os
import time

from wend.daemon.hinted import Hinted
from wend.daemon.mailbox import Mailbox
from wend.disk import Evidence
from wend.model import Target
from wend.protocol import COMMAND, SHELL_ID
from wend.system import exists
from wend.typed import Any, Optional


class Session:
    """One shell."""

    __slots__ = (
        "_process", "cwd", "evidence", "flagged", "hinted", "id", "kind", "last", "pending", "pid", "pidfd", "refused",
        "since", "started", "target",
    )  # fmt: skip

    def __init__(self, ident: str, pid: int, kind: str, mailbox: Mailbox) -> None:
        self.id, self.pid, self.kind = ident, pid, kind
        self.pidfd = _pidfd(pid)
        self.started = False  # whether it was asked for which process this is
        self._process: Any = None  # psutil's, where the kernel does not report the end
        self.last = b""  # name of the reply that lies in the mailbox
        self.pending = ""  # the event of `wend off` or `wend on`, for its next request
        self.flagged = False
        self.refused = False  # whether it was told that its questions are too long
        self.hinted = Hinted(mailbox, ident)
        self.cwd = ""
        self.evidence: Optional[Evidence] = None
        self.target: Optional[Target] = None
        self.since = 0.0

    def follow(self, earlier: Session) -> None:
        """Go on where EARLIER was, a shell that this one has replaced in its process: it tells nothing again."""
        self.target, self.since, self.pending = earlier.target, earlier.since, earlier.pending
        self.hinted.take(earlier.hinted)

    def answered(self, cwd: str, evidence: Evidence, target: Optional[Target]) -> None:
        """Note what the last answer was and what it rested on."""
        if target is None or self.target is None or target.prefix != self.target.prefix:
            self.since = time.time()
        self.cwd, self.evidence, self.target = cwd, evidence, target

    def register_start(self) -> bool:
        """Note which process it is; False when it has ended. Tried again later when it cannot be read now."""
        try:
            process = _process(self.pid)
        except OSError:
            return True
        self.started = process is not None
        if self.pidfd < 0:
            self._process = process
        return self.started

    def files(self) -> tuple[bytes, ...]:
        """Return the names of everything in the mailbox that belongs to this shell."""
        base = self.id.encode()
        names = (base + b".bell", base + b".flag", base + b".told", b"new/" + base)
        return (*names, self.last) if self.last else names

    def alive(self) -> bool:
        """Whether the process still is the one that registered. psutil knows it again whatever the clock is set to."""
        try:
            return bool(self._process.is_running()) if self._process else exists(self.pid)
        except OSError:
            return True

    def close(self) -> None:
        """Let go of the process handle."""
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


class Sessions:
    """The shells that live, by id."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._sessions: dict[str, Session] = {}
        self.unwatched: dict[str, Session] = {}  # whose end the kernel does not report
        self.untold: dict[str, Session] = {}  # whose flag could not be made: no descriptor, or the disk is full

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, ident: str) -> Optional[Session]:
        """Return the shell with the id IDENT."""
        return self._sessions.get(ident)

    def all(self) -> list[Session]:
        """Return the shells."""
        return list(self._sessions.values())

    def add(self, session: Session) -> None:
        """Keep SESSION from now on."""
        self._sessions[session.id] = session
        if session.pidfd < 0:
            self.unwatched[session.id] = session

    def remove(self, session: Session) -> None:
        """Let go of a shell that has ended, and remove its files."""
        session.close()
        self.unwatched.pop(session.id, None)
        self.untold.pop(session.id, None)
        self._sessions.pop(session.id, None)
        self._mailbox.remove(*session.files())

    def dead(self) -> list[Session]:
        """Return the shells that have ended, among those whose end the kernel does not report."""
        return [session for session in self.unwatched.values() if not session.alive()]

    def invalidate(self, session: Session) -> None:
        """Tell SESSION that its answer may have changed."""
        if session.flagged:
            return
        session.flagged = self._mailbox.flag(session.id)
        if not session.flagged:
            self.untold[session.id] = session

    def asks(self, session: Session) -> None:
        """Take the flag of SESSION away, because it asks."""
        self.untold.pop(session.id, None)
        if session.flagged:
            session.flagged = False
            self._mailbox.remove(f"{session.id}.flag".encode())

    def tell_again(self) -> None:
        """Tell those that could not be told."""
        untold, self.untold = self.untold, {}
        for session in untold.values():
            self.invalidate(session)

    def unblocked(self) -> None:
        """Tell each shell whose last answer had to do without a disk."""
        for session in self.all():
            if session.evidence and session.evidence.avoided:
                self.invalidate(session)

    def mounted(self) -> None:
        """Tell each shell for which something in an automount was not looked at: it may be mounted now."""
        for session in self.all():
            if session.evidence and session.evidence.asleep:
                self.invalidate(session)

    def changed(self, path: str) -> None:
        """Tell each shell whose last answer rests on PATH."""
        for session in self.all():
            if session.evidence and not session.flagged and session.evidence.rests_on(path):
                self.invalidate(session)

    def found(self, names: list[bytes]) -> list[Session]:
        """Return the shells that left files in the mailbox and live, and are not known yet; NAMES are its files.

        Files of the dead are removed, and replies that a later one has overtaken.
        """
        new: dict[str, Session] = {}
        for name in names:
            base, dot, ending = name.partition(b".")
            ident = base.decode("ascii", "replace")
            if not dot or not SHELL_ID.fullmatch(ident):
                continue
            session = self._sessions.get(ident) or new.get(ident)
            if session is None:
                pid = int(ident.partition("-")[0])
                if not _may_live(pid):
                    self._mailbox.remove(name)
                    continue
                if ident.partition("-")[2].startswith(COMMAND) or not ending.endswith((b"bell", b"rep")):
                    continue  # of a command, or of a shell that will ask
                session = new[ident] = Session(ident, pid, "", self._mailbox)
            if ending.endswith(b".rep"):
                self._keep_last(session, name)
        return list(new.values())

    def tidy(self, drafts: list[bytes]) -> None:
        """Remove those of DRAFTS, names of files that shells and the former daemon wrote, whose shells have ended."""
        for name in drafts:
            ident = name.rpartition(b"/")[2].partition(b".")[0].decode("ascii", "replace")
            if SHELL_ID.fullmatch(ident) and not _may_live(int(ident.partition("-")[0])):
                self._mailbox.remove(name)

    def _keep_last(self, session: Session, name: bytes) -> None:
        if session.last and session.last != name:
            older = min(session.last, name, key=_number)
            self._mailbox.remove(older)
            session.last = max(session.last, name, key=_number)
        else:
            session.last = name


def _number(name: bytes) -> int:
    digits = name.split(b".")[1]
    return int(digits) if digits.isdigit() else 0


def _may_live(pid: int) -> bool:
    try:
        return _process(pid) is not None
    except OSError:
        return True


def started(pid: int) -> float:
    """Return when the process PID started, by the clock as it is now; 0 for none. OSError when out of descriptors."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _process(pid: int) -> Optional[Any]:
    """Return psutil's process PID, None when there is none. OSError when out of descriptors."""
    import psutil

    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _pidfd(pid: int) -> int:
    """Return a descriptor that becomes readable when PID ends, -1 where there is none.

    Half of all that this process may have is left for other files: without one, no shell gets an answer.
    """
    try:
        fd = int(os.pidfd_open(pid))  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError, OverflowError):  # the last: a request can claim any pid
        return -1
    most = os.sysconf("SC_OPEN_MAX")
    if 0 <= most < 2 * fd:
        os.close(fd)
        return -1
    return fd
