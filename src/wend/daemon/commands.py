"""What the command line asks of the daemon: JSON answers to a verb and its arguments."""

from __future__ import annotations

import json
import os
import time

from wend import __version__, paths
from wend.daemon.answers import Answers
from wend.daemon.sessions import Session, Sessions, started
from wend.disk import Disk
from wend.protocol import SHELL_ID, Head, Request, format_outcome, parse_request
from wend.system import native
from wend.typed import TYPE_CHECKING, Any, Optional, late

if TYPE_CHECKING:
    from wend.engine import summary
else:
    summary = late("wend.engine.summary")


class Commands:
    """The verbs: status, shells, off, on, nudge, stop."""

    def __init__(self, sessions: Sessions, answers: Answers) -> None:
        self._sessions = sessions
        self._answers = answers
        self._began = time.time()
        self._code = paths.code()
        self.notify = ""  # how the daemon learns of requests: inotify, kqueue, or poll

    def answer(self, head: Head) -> tuple[bytes, str]:
        """Return the answer to HEAD, empty when it is not a command, and `stop` where the daemon must end."""
        request = parse_request(head)
        if request is None or not request.event:
            return b"", ""
        document = self._document(request.event, request.facts)
        return json.dumps(document).encode(), "stop" if request.event == "stop" else ""

    def outcome(self, request: Request, disk: Disk) -> bytes:
        """Return the outcome that a command asks for, found out on DISK; empty when the command must do it itself.

        It must when its code is not the daemon's, when its directory is another one here (in a chroot, below
        /proc/self), or when the daemon could only answer without a disk that does not respond.
        """
        code, place, form, shell = (*request.facts, "", "", "", "")[:4]
        if not code or code != self._code:
            return b""
        from wend.engine import outcome  # here, where it costs a daemon nothing that only shells use

        if not outcome.known(form, shell):
            return b""
        status = disk.stat(request.cwd)
        if status is None or place != paths.place(status):
            return b""
        found = outcome.enter(form, shell, request, disk)
        return b"" if disk.evidence.avoided else format_outcome(found)

    def _document(self, verb: str, arguments: tuple[str, ...]) -> dict[str, Any]:
        session = self._sessions.get(arguments[0]) if arguments else None
        if verb in ("off", "on"):
            if session is None:
                return {"ok": False}
            session.pending = verb
            self._sessions.invalidate(session)
            return {"ok": True}
        if verb == "nudge":  # a decision or a setting changed: every shell asks again
            self._answers.forget()
            for each in self._sessions.all():
                self._sessions.invalidate(each)
            return {"ok": True}
        known = verb in ("status", "stop", "shells")
        document = {"ok": known, "daemon": self._daemon(), "shell": _shell(session)}
        document["missed"] = session is None and bool(arguments) and self._has_missed(arguments[0])
        if verb == "shells":
            document["shells"] = [_shell(each) for each in self._sessions.all()]
        return document

    def _has_missed(self, ident: str) -> bool:
        """Return whether the shell IDENT, of which nothing is known, began after us: a shell asks at its first prompt.

        When a process began is known to the second only.
        """
        try:
            return bool(SHELL_ID.fullmatch(ident)) and started(int(ident.partition("-")[0])) > self._began + 2
        except (OSError, OverflowError, ValueError):
            return False

    def _daemon(self) -> dict[str, Any]:
        import psutil

        return {
            "pid": os.getpid(),
            "version": __version__,
            "uptime_s": round(time.time() - self._began, 3),
            "rss_bytes": psutil.Process().memory_info().rss,
            "shells": len(self._sessions),
            "notify": self.notify,
        }


def _shell(session: Optional[Session]) -> Optional[dict[str, Any]]:
    if session is None:
        return None
    target = session.target
    return {
        "pid": session.pid,
        "kind": session.kind,
        "dir": native(session.cwd),
        "env": {**summary.summary(target), "since": session.since} if target else None,
    }
