"""The loop: a name arrives, a reply goes out; what nobody waits for is done when nobody waits.

One thread leads: it reads the mailbox and answers in place. A second stands by and costs nothing; when an answer
takes longer than a disk may take, the alarm wakes it and it leads instead, so that a hung file system costs the
shells in that directory their answer and nobody else anything.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Callable, Optional

from wend import __version__
from wend.daemon.mailbox import Mailbox, notifier
from wend.daemon.sessions import Session, started
from wend.disk import Disk, mounts
from wend.engine import respond, summary
from wend.model import Target
from wend.protocol import (
    COMMAND,
    REQUEST_FILE,
    SHELL_ID,
    VERSION,
    Head,
    Request,
    earlier_environment,
    parse_head,
    parse_request,
)
from wend.shells import SHELLS, hooks

if TYPE_CHECKING:
    from wend.daemon.watcher import Watcher

_MEMO = 8192  # things looked at (some 400 bytes each) that remembered answers rest on, all together
_PATIENCE = 0.1  # seconds that one answer's disk may take before others are served by another thread
_MAX_BLOCKED = 6
_AGAIN = (0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.12)  # seconds: 250 ms in all
_LOOK_EVERY = 0.02  # seconds, only where the kernel has no word for us
_ASK_EVERY = 30.0  # seconds between looks whether shells live of whose end the kernel does not tell


class Memo:
    """An answer and what it rested on."""

    __slots__ = ("batch", "cwd", "disk", "target", "text")

    def __init__(self, text: bytes, disk: Disk, target: Optional[Target], cwd: str) -> None:
        self.text, self.disk, self.target, self.cwd = text, disk, target, cwd
        self.batch = 0  # in which it was last seen to hold


class Server:
    """Everything that the daemon knows; nothing of it is needed to answer right after a restart."""

    def __init__(self, mailbox: Mailbox, log: Callable[[str], None], outdated: Callable[[], bool]) -> None:
        self.mailbox = mailbox
        self.log = log
        self.outdated = outdated
        self.sessions: dict[str, Session] = {}
        self.began = time.time()
        self.verdict = ""  # why the loop ended: stop, idle, upgrade
        self.idle_exit = 600.0  # seconds
        self._idle_from = time.monotonic()
        self._memo: OrderedDict[tuple[str, bool, bytes], Memo] = OrderedDict()
        self._weight = 0
        self._changed: deque[str] = deque()  # changed paths, and "" for: look at the mailbox again
        self._later: dict[str, None] = {}
        self._batch = 0  # questions that lay there together; what was looked at for one is fresh for all
        self._watcher: Optional[Watcher] = None
        self._blocked: dict[int, str] = {}  # thread -> directory whose disk does not answer
        self._leader = 0
        self._busy = ""
        self._over = threading.Event()
        self._adopted = False
        self._incomplete: dict[bytes, int] = {}  # requests seen before they were whole, and how often
        self._unwatched: dict[str, Session] = {}

    # -- the loop ------------------------------------------------------------------------------------------

    def serve(self) -> str:
        """Answer until there is a reason to end; return the reason."""
        self._notifier = notifier(self.mailbox.path)
        self._alarm_r, self._alarm_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
        os.set_blocking(self._alarm_r, True)
        os.set_blocking(self._alarm_w, False)
        self._wake_r, self._wake_w = os.pipe()
        os.set_blocking(self._wake_r, False)
        os.set_blocking(self._wake_w, False)
        self._selector = selectors.DefaultSelector()
        if self._notifier:
            self._selector.register(self._notifier.fd, selectors.EVENT_READ)
        self._selector.register(self._wake_r, selectors.EVENT_READ)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.set_wakeup_fd(self._alarm_w, warn_on_full_buffer=False)
        self._lead()
        self._over.wait()
        return self.verdict

    def _lead(self) -> None:
        me = self._leader = threading.get_ident()
        _alarms(block=True)
        threading.Thread(target=self._standby, daemon=True).start()
        self._scan()  # at the start, and what another leader had in hand when it was held up
        while not self.verdict and self._leader == me:
            events = self._selector.select(self._timeout())
            for key, _ in events:
                if key.fd == self._wake_r:
                    self._drain()
                elif self._notifier and key.fd == self._notifier.fd:
                    names = self._notifier.names()
                    if names is None:
                        self._scan()
                        continue
                    self._batch += 1
                    for name in names:
                        self._handle(name)
                        if self._leader != me:
                            return
                else:
                    self._forget(key.data)
            if not events:
                self._on_idle()
            elif self._later and not self._selector.select(0):
                self._housekeeping()
        if self._leader == me:
            self._over.set()

    def _timeout(self) -> Optional[float]:
        if self._later or not self._adopted:
            return 0
        if self._incomplete:
            return _AGAIN[min(self._incomplete.values())]
        if self._notifier is None and self.sessions:
            return _LOOK_EVERY
        if self._unwatched:
            return _ASK_EVERY
        # Counted from the last shell's end: whatever happens in a directory still watched is no reason to stay.
        return None if self.sessions else max(0.0, self._idle_from + self.idle_exit - time.monotonic())

    def _on_idle(self) -> None:
        if not self._adopted:
            self._restore()
        elif self._later:
            self._housekeeping()
        elif self._incomplete:
            self._look_again()
        elif self._notifier is None and self.sessions:
            self._scan()
        elif self._unwatched:
            for session in list(self._unwatched.values()):
                if not session.alive():
                    self._forget(session)
        elif not self.sessions:
            self.verdict = "idle"

    def _standby(self) -> None:
        """Wait for the alarm; lead when the leader is still held by the disk it was set for."""
        _alarms(block=False)
        while not self.verdict:
            try:
                alarm = os.read(self._alarm_r, 64)
            except OSError:
                return
            busy, leader = self._busy, self._leader
            if signal.SIGALRM not in alarm or not busy or len(self._blocked) >= _MAX_BLOCKED:
                continue
            self._blocked[leader] = mounts.read().remote(busy) or busy
            self.log(f"no answer from the disk: {busy!r}")
            self._lead()
            return

    # -- requests ------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        me = self._leader
        names = self.mailbox.requests()
        self._batch += 1
        for name in names:
            self._handle(name)
            if self._leader != me:
                return

    def _look_again(self) -> None:
        torn, self._incomplete = self._incomplete, {}
        for name, looks in torn.items():
            self._handle(name)
            if name in self._incomplete and looks + 1 < len(_AGAIN):
                self._incomplete[name] = looks + 1
            else:  # whole by now, or never
                self._incomplete.pop(name, None)

    def _handle(self, name: bytes) -> None:
        """Answer the request in the file NAME, if it is one."""
        if not name.endswith(b".req") or not REQUEST_FILE.fullmatch(name):
            return
        data = self.mailbox.read(name)
        head = parse_head(data) if data else None
        if head is None and data is not None and getattr(self._notifier, "early", False):
            self._incomplete.setdefault(name, 0)
        if head is None or not name.startswith(f"{head.id}.{head.number}.".encode()):
            return
        try:
            if head.shell == "cli":
                self._command(head)
            elif head.shell in SHELLS and head.version != VERSION:
                self._upgrade(head)
            elif head.shell in SHELLS and not self._answer(head):
                return
            self.mailbox.remove(name)
        except Exception as error:  # one bad question must not cost the others their answer
            self.mailbox.remove(name)
            self.log(f"{type(error).__name__}: {error}")

    def _upgrade(self, head: Head) -> None:
        """Answer a shell that loaded the hook of an earlier version with the present hook: its next question fits."""
        from wend.launcher import program

        text = hooks.text(head.shell, program(earlier_environment(head))) + SHELLS[head.shell].END
        self.mailbox.reply(head.id, head.number, text.encode("utf-8", "surrogateescape"))

    def _answer(self, head: Head) -> bool:
        """Answer a shell; False when the question waits for a disk that does not answer."""
        session = self.sessions.get(head.id)
        first = head.number <= 1
        body = head.body
        if session is None:
            session = self._register(head)
        if session.flagged:  # before looking, never after: what changes from now on is news
            session.flagged = False
            self.mailbox.remove(f"{head.id}.flag".encode())
        pending = session.pending
        key = (f"{head.shell} {pending}", first, body)
        memo = self._memo.get(key)
        cwd = body[: body.find(b"\0")].decode("utf-8", "surrogateescape")
        if self._blocked and any(cwd == held or cwd.startswith(held + "/") for held in self._blocked.values()):
            return False
        self._guard(cwd)
        me, batch = self._leader, self._batch
        try:
            if memo is not None and (memo.batch == batch or memo.disk.unchanged()):
                self._memo.move_to_end(key)
            else:
                memo = self._compute(head, pending)
                if memo is None:
                    return True
                if memo.disk.steady and memo.cwd == cwd:  # where a shell really is, is its own answer
                    self._remember(key, memo)
            memo.batch = batch
        finally:
            self._release(me)
        self.mailbox.reply(head.id, head.number, memo.text)
        written = f"{head.id}.{head.number}.rep".encode()
        if session.last not in (b"", written):
            self.mailbox.remove(session.last)
        if self._leader != me:
            return True  # held up until somebody else took over: what is known of the shell is theirs to write
        session.last = written
        session.pending = ""
        session.kind = head.shell
        session.answered(memo.cwd, memo.disk, memo.target)
        self._later[head.id] = None
        return True

    def _remember(self, key: tuple[str, bool, bytes], memo: Memo) -> None:
        """Keep an answer; the ones not wanted for longest make room."""
        old = self._memo.pop(key, None)
        self._weight += memo.disk.size() - (old.disk.size() if old else 0)
        self._memo[key] = memo
        while self._weight > _MEMO and len(self._memo) > 1:
            self._weight -= self._memo.popitem(last=False)[1].disk.size()

    def _compute(self, head: Head, pending: str) -> Optional[Memo]:
        request = parse_request(head)
        if request is None:
            return None
        if pending:
            request = request._replace(event=pending)
        disk = Disk()
        if not disk.is_dir(request.cwd):
            request = request._replace(cwd=_cwd_of(request))
        render = SHELLS[head.shell]
        try:
            answer = respond(request, disk)
            text, target = render.render(answer.reply), answer.target
        except Exception as error:  # unanswered, the shell would be silent in every other directory too
            self.log(f"{type(error).__name__}: {error}")
            text, target, disk.steady = "", None, False
        disk.forget_contents()
        return Memo((text + render.END).encode("utf-8", "surrogateescape"), disk, target, request.cwd)

    def _guard(self, cwd: str) -> None:
        self._busy = cwd
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE)

    def _release(self, me: int) -> None:
        if self._leader == me:
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)
            self._busy = ""
            return
        # Somebody else leads now. This thread's answer still goes out, late; then what had to wait is looked at.
        self._blocked.pop(threading.get_ident(), None)
        self._notify("")

    # -- the living ----------------------------------------------------------------------------------------

    def _register(self, head: Head) -> Session:
        session = Session(head.id, head.pid, head.shell)
        if SHELLS[head.shell].bell:
            self.mailbox.make_bell(head.id)
        self._track(session)
        session.flagged = True  # a flag may lie there since before our start
        return session

    def _track(self, session: Session) -> None:
        self.sessions[session.id] = session
        if session.pidfd >= 0:
            self._selector.register(session.pidfd, selectors.EVENT_READ, session)
        else:
            self._unwatched[session.id] = session

    def _restore(self) -> None:
        """After a restart: know the shells that live, ask each to ask anew, sweep up after the dead."""
        self._adopted = True
        for name in self.mailbox.names():
            base, dot, ending = name.partition(b".")
            ident = base.decode("ascii", "replace")
            if not dot or not SHELL_ID.fullmatch(ident):
                continue
            session = self.sessions.get(ident)
            if session is None:
                pid = int(ident.partition("-")[0])
                if started(pid) == 0.0:
                    self.mailbox.remove(name)
                    continue
                if ident.partition("-")[2].startswith(COMMAND) or not ending.endswith((b"bell", b"rep")):
                    continue  # of a command, or of a shell that will ask
                session = Session(ident, pid, "")
                self._track(session)
                self._invalidate(session)
            if ending.endswith(b"rep") and not session.last:
                session.last = name

    def _forget(self, session: Session) -> None:
        if session.pidfd >= 0:
            self._selector.unregister(session.pidfd)
        session.close()
        self._unwatched.pop(session.id, None)
        self.sessions.pop(session.id, None)
        self._later.pop(session.id, None)
        self._idle_from = time.monotonic()
        self.mailbox.remove(*session.files())

    def _invalidate(self, session: Session) -> None:
        if not session.flagged:
            session.flagged = True
            self.mailbox.flag(session.id)

    # -- what nobody waits for -----------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        """Watch what the last answers rest on; ask when their shells started; see whether we are outdated."""
        if self._watcher is None:
            from wend.daemon.watcher import Watcher

            self._watcher = Watcher(self._notify)
        me = self._leader
        while self._later and not self.verdict:
            ident = next(iter(self._later))
            del self._later[ident]
            session = self.sessions.get(ident)
            if session is not None:
                self._housekeeping_one(session, self._watcher)
            # Half a millisecond each: of five hundred shells that have just asked, none may wait for all of them.
            if self._leader != me or self._selector.select(0):
                return

    def _housekeeping_one(self, session: Session, watcher: Watcher) -> None:
        if not session.started:
            session.started = started(session.pid)
            if not session.started:
                self._forget(session)
                return
            if self.outdated():
                self.verdict = "upgrade"
        if session.disk:
            self._guard(session.cwd)
            me = self._leader
            try:
                watcher.want(session.disk.directories())
                # What changed between the answer and the watch would be missed by both.
                if not session.disk.unchanged():
                    self._invalidate(session)
            finally:
                self._release(me)

    def _notify(self, path: str) -> None:
        """Take news of a changed path from another thread."""
        self._changed.append(path)
        try:
            os.write(self._wake_w, b"\n")
        except OSError:
            return

    def _drain(self) -> None:
        try:
            os.read(self._wake_r, 4096)
        except OSError:
            pass
        while self._changed:
            path = self._changed.popleft()
            if not path:
                self._scan()
                continue
            for session in list(self.sessions.values()):
                if session.disk and not session.flagged and session.disk.rests_on(path):
                    self._invalidate(session)

    # -- the command line ----------------------------------------------------------------------------------

    def _command(self, head: Head) -> None:
        request = parse_request(head)
        if request is None or not request.event:
            return
        verb = request.event
        answer = self._verb(verb, list(request.facts))
        self.mailbox.reply(head.id, head.number, json.dumps(answer).encode())
        if verb == "stop":
            self.verdict = "stop"
        elif self.outdated():
            self.verdict = "upgrade"

    def _verb(self, verb: str, rest: list[str]) -> dict[str, object]:
        session = self.sessions.get(rest[0]) if rest else None
        if verb in ("off", "on"):
            if session is None:
                return {"ok": False}
            session.pending = verb
            self._invalidate(session)
            return {"ok": True}
        if verb == "nudge":  # a decision or a setting changed: every shell asks anew
            self._memo.clear()
            self._weight = 0
            for each in self.sessions.values():
                self._invalidate(each)
            return {"ok": True}
        return {"ok": verb in ("status", "stop"), "daemon": self._self(), "shell": _shell(session)}

    def _self(self) -> dict[str, object]:
        import psutil

        return {
            "pid": os.getpid(),
            "version": __version__,
            "uptime_s": round(time.time() - self.began, 3),
            "rss_bytes": psutil.Process().memory_info().rss,
            "shells": len(self.sessions),
        }


def _alarms(*, block: bool) -> None:
    """Let the kernel hand SIGALRM to the thread that stands by, never to the one that may be held by a disk."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK if block else signal.SIG_UNBLOCK, {signal.SIGALRM})


def _shell(session: Optional[Session]) -> Optional[dict[str, object]]:
    if session is None:
        return None
    target = session.target
    return {
        "pid": session.pid,
        "kind": session.kind,
        "dir": session.cwd,
        "env": {**summary(target), "since": session.since} if target else None,
    }


def _cwd_of(request: Request) -> str:
    """Return where the shell really is when the directory it names is not there (removed, or lied about)."""
    if not SHELLS[request.shell].moves:
        return request.cwd
    try:
        real = os.readlink(f"/proc/{request.pid}/cwd")
    except OSError:
        return request.cwd
    return real if os.path.isdir(real) else request.cwd
