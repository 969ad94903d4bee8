"""The daemon's main loop: answer each request at once; do everything else (watching, cleanup) when idle."""

from __future__ import annotations

import os
import selectors
import time
from collections import deque

from wend import launcher
from wend.daemon.answers import Answers, Memo
from wend.daemon.commands import Commands
from wend.daemon.leadership import Leadership
from wend.daemon.mailbox import Busy, Mailbox
from wend.daemon.notify import MountTable, Notifier, mount_table, notifier
from wend.daemon.sessions import Session, Sessions
from wend.disk import Disk, mounts
from wend.protocol import (
    COMMAND,
    ENTER,
    REQUEST_FILE,
    VERSION,
    Head,
    Request,
    earlier_environment,
    parse_head,
    parse_request,
)
from wend.shells import SHELLS, hooks
from wend.typed import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from wend.daemon.watcher import Watcher

_AGAIN = (0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.12)  # seconds: 250 ms in all
_PATIENCE = 0.2  # seconds; a shell waits for 0.25
_LOOK_EVERY = 0.02  # seconds, only where the kernel does not report new files
_LOOK_EVERY_UNUSED = 0.1  # seconds, the same while no shell lives
_RETRY_EVERY = 0.2  # seconds, while a reply cannot be written
_ALIVE_EVERY = 30.0  # seconds between checks of shells whose end the kernel does not report


class Loop:
    """One daemon at work. Nothing that it knows is needed to answer right after a restart."""

    def __init__(self, mailbox: Mailbox, log: Callable[[str], None], outdated: Callable[[], bool]) -> None:
        self.mailbox = mailbox
        self.log = log
        self.outdated = outdated
        self.verdict = ""  # why the loop ended: stop, idle, upgrade, gone
        self.idle_exit = 600.0  # seconds
        self.sessions = Sessions(mailbox)
        self.answers = Answers(self._log)
        self.commands = Commands(self.sessions, self.answers)
        self._idle_from = time.monotonic()
        self._leadership = Leadership(self._lead, self._log)
        self._notifier: Optional[Notifier] = None
        self._mounts: Optional[MountTable] = None
        self._changed: deque[str] = deque()  # changed paths, and "" for: look at the mailbox again
        self._later: dict[str, None] = {}  # shells that wait for housekeeping
        self._batch = 0  # questions that lay there together; what was looked at for one is fresh for all
        self._watcher: Optional[Watcher] = None
        self._restored = False
        self._incomplete: dict[bytes, int] = {}  # requests seen before they were whole, and how often
        self._postponed: dict[bytes, None] = {}  # requests that could not be read, or answered, for want of resources
        self._retry_at = 0.0  # by the monotonic clock

    def _log(self, text: str) -> None:
        self.log(text)

    # -- the loop ------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Acquire what answering needs, before the shells can see that there is a daemon."""
        self._notifier = notifier(self.mailbox.path)
        self.commands.notify = type(self._notifier).__name__.lower() if self._notifier else "poll"
        self._wake_r, self._wake_w = os.pipe()
        os.set_blocking(self._wake_r, False)
        os.set_blocking(self._wake_w, False)
        self._selector = selectors.DefaultSelector()
        if self._notifier:
            self._selector.register(self._notifier.fd, selectors.EVENT_READ)
        self._mounts = mount_table()
        if self._mounts:
            self._selector.register(self._mounts.fd, selectors.EVENT_READ)
        self._selector.register(self._wake_r, selectors.EVENT_READ)

    def serve(self) -> str:
        """Answer until there is a reason to end; return the reason. `prepare` comes first."""
        self._leadership.run()
        return self.verdict

    def _lead(self) -> None:
        me = self._leadership.take()
        self._scan()  # at the start, and what another leader had in hand when the disk held it
        while not self.verdict and self._leadership.holds(me):
            events = self._selector.select(self._timeout())
            for key, _ in events:
                self._on_event(key)
                if not self._leadership.holds(me):
                    return
            if not events:
                self._on_idle()
            elif self._postponed and time.monotonic() >= self._retry_at:  # however busy the other shells are
                self._retry()
            elif self._later and not self._is_busy():
                self._housekeeping()
        if self._leadership.holds(me):
            self._leadership.over()

    def _on_event(self, key: selectors.SelectorKey) -> None:
        if key.fd == self._wake_r:
            self._drain()
        elif self._notifier and key.fd == self._notifier.fd:
            self._on_files(self._notifier)
        elif self._mounts and key.fd == self._mounts.fd:
            self._look_at_place()
        else:
            self._forget(key.data)

    def _is_busy(self) -> bool:
        """Return whether something is to be done at once."""
        events = self._selector.select(0)
        for key, _ in events:
            if self._mounts and key.fd == self._mounts.fd:  # reported once, so it must be acted on
                self._look_at_place()
        return bool(events)

    def _on_files(self, told: Notifier) -> None:
        names = told.names()
        if told.gone:
            self.verdict = "gone"  # the shells start a daemon in the new directory
            return
        if told.touched:
            told.touched = False
            self._look_at_place()
            if self.verdict:
                return
        if names is None:
            self._scan()
            return
        me = self._leadership.leader
        self._batch += 1
        for name in names:
            self._handle(name, closed=True)
            if not self._leadership.holds(me):
                return

    def _timeout(self) -> Optional[float]:
        if self._later or not self._restored:
            return 0
        if self._incomplete:
            return _AGAIN[min(self._incomplete.values())]
        if self._notifier is None:
            return _LOOK_EVERY if self.sessions else _LOOK_EVERY_UNUSED
        if self._postponed:
            return _RETRY_EVERY
        if self.sessions.unwatched:
            return _ALIVE_EVERY
        # Counted from the last shell's end: a change in a directory that is still watched does not count.
        return None if self.sessions else max(0.0, self._idle_from + self.idle_exit - time.monotonic())

    def _on_idle(self) -> None:
        if not self._restored:
            self._restore()
        elif self._later:
            self._housekeeping()
        elif self._incomplete:
            self._look_again()
        elif self._notifier is None:
            self._poll()
        elif self._postponed:
            self._retry()
        else:
            self._look_at_shells()

    # -- requests ------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        me = self._leadership.leader
        self._batch += 1
        for name in self.mailbox.requests():
            self._handle(name)
            if not self._leadership.holds(me):
                return

    def _look_at_place(self) -> None:
        """End if the path leads elsewhere now, or others can enter: shells do not send their requests here any more."""
        if not self.mailbox.in_place():
            self.verdict = "gone"

    def _poll(self) -> None:
        self._look_at_place()
        if self.verdict:
            return
        self._postponed.clear()  # the requests still lie there
        self._scan()
        self._look_at_shells()

    def _look_again(self) -> None:
        incomplete, self._incomplete = self._incomplete, {}
        for name, looks in incomplete.items():
            self._handle(name)
            if name not in self._incomplete:
                continue
            if looks + 1 < len(_AGAIN):
                self._incomplete[name] = looks + 1
            else:  # its writer has ended: a living shell asks again
                del self._incomplete[name]
                self.mailbox.remove(name)
        if self._notifier is None:
            self._poll()

    def _retry(self) -> None:
        self._retry_at = time.monotonic() + _RETRY_EVERY
        postponed, self._postponed = self._postponed, {}
        for name in postponed:
            self._handle(name)

    def _handle(self, name: bytes, *, closed: bool = False) -> None:
        """Answer the request in the file NAME, if it is one. CLOSED: its writer has closed it."""
        if not name.endswith(b".req") or not REQUEST_FILE.fullmatch(name):
            return
        try:
            data = self.mailbox.read(name)
        except Busy:
            self._postponed[name] = None
            return
        head = parse_head(data) if data else None
        if head is None:
            self._incomplete_request(name, data, closed=closed)
            return
        if not name.startswith(f"{head.id}.{head.number}.".encode()):
            return
        try:
            done = self._respond(head)
        except Exception as error:  # one bad question must not cost the others their answer
            self.log(f"{type(error).__name__}: {error}")
            done = True
        if done:
            self.mailbox.remove(name)
        elif self._leadership.leads() and not self._is_blocked(_directory(head)):
            self._postponed[name] = None

    def _incomplete_request(self, name: bytes, data: Optional[bytes], *, closed: bool) -> None:
        """Wait for the rest of the request, or remove it: nothing comes any more once its writer has closed it."""
        if data is None:
            return
        if closed and not getattr(self._notifier, "early", False):
            self.mailbox.remove(name)
        else:
            self._incomplete.setdefault(name, 0)

    def _respond(self, head: Head) -> bool:
        """Answer the request HEAD; False when it must be answered again later."""
        if head.shell == COMMAND:
            request = parse_request(head)
            if request is not None and request.event == ENTER:
                return self._enter(request)
            answer, verdict = self.commands.answer(head)
            written = not answer or self.mailbox.reply(head.id, head.number, answer)
            self.verdict = verdict or ("upgrade" if self.outdated() else self.verdict)
            return written
        if head.shell not in SHELLS:
            return True
        if head.version != VERSION:
            # A shell that loaded the hook of an earlier version gets the present one: its next question fits.
            text = hooks.text(head.shell, launcher.program(earlier_environment(head))) + SHELLS[head.shell].END
            return self.mailbox.reply(head.id, head.number, text.encode("utf-8", "surrogateescape"))
        return self._answer(head)

    def _enter(self, request: Request) -> bool:
        """Answer a command that enters a directory; one that must find out by itself is told so at once."""
        if self.mailbox.age(f"{request.id}.{request.number}.req".encode()) > _PATIENCE:
            return True  # it does so by now
        disk = Disk(avoid=self._leadership.blocked())
        leader = self._leadership.guard(request.cwd, disk)
        try:
            answer = self.commands.outcome(request, disk)
        except Exception as error:  # unanswered, it would wait
            self.log(f"{type(error).__name__}: {error}")
            answer = b""
        finally:
            leading = self._leadership.release(leader)
        if not leading:  # the leader has told it
            self._notify("")
            return True
        if self.outdated():
            self.verdict = "upgrade"
        return self.mailbox.reply(request.id, request.number, answer or b"\n")

    def _is_blocked(self, cwd: str) -> bool:
        """Return whether CWD lies on a disk that does not answer: its questions wait until it does."""
        blocked = self._leadership.blocked()
        if not blocked:
            return False
        by_name = any(cwd == held or cwd.startswith(held + "/") for held in blocked)
        return by_name or mounts.reached(cwd, mounts.read()) in blocked

    def _answer(self, head: Head) -> bool:
        """Answer a shell; False when the question waits."""
        session = self.sessions.get(head.id)
        if session is None:
            session = self._register(head)
        if session.flagged:  # before looking, never after: what changes from now on is new
            session.flagged = False
            self.mailbox.remove(f"{head.id}.flag".encode())
        cwd = _directory(head)
        if self._is_blocked(cwd):
            return False
        memo, leading = self._look_up(head, session.pending, cwd)
        if not leading:
            return self._answer_late(head, memo)
        if memo is None:
            return True
        if not self._tell(head, memo, session):
            return False
        written = f"{head.id}.{head.number}.rep".encode()
        if session.last not in (b"", written):
            self.mailbox.remove(session.last)
        session.last = written
        session.pending = ""
        session.kind = head.shell
        session.answered(memo.cwd, memo.disk, memo.target)
        self._later[head.id] = None
        return True

    def _tell(self, head: Head, memo: Memo, session: Session) -> bool:
        """Put the answer MEMO in place, with its hint if that is new to the shell; False when it cannot be written."""
        if not memo.hint or memo.hint in session.hinted:
            return self.mailbox.reply(head.id, head.number, memo.plain)
        # A shell that has given up waiting asks again, and reads that answer.
        if self.mailbox.age(f"{head.id}.{head.number}.req".encode()) >= _PATIENCE:
            return self.mailbox.reply(head.id, head.number, memo.text)
        session.hinted.add(memo.hint)  # first: if this daemon is killed in between, better untold than told twice
        told = self.mailbox.reply(head.id, head.number, memo.text)
        if not told:
            session.hinted.discard(memo.hint)
        return told

    def _answer_late(self, head: Head, memo: Optional[Memo]) -> bool:
        """Answer a question whose disk held this thread, unless the thread that leads by now has answered it.

        What is known of the shell is the leader's to write: it is told to look at the mailbox.
        """
        asked = self.mailbox.holds(f"{head.id}.{head.number}.req".encode())
        done = memo is None or not asked or self.mailbox.reply(head.id, head.number, memo.plain)
        self._notify("")
        return done

    def _look_up(self, head: Head, pending: str, cwd: str) -> tuple[Optional[Memo], bool]:
        """Return the answer to HEAD, the remembered one if it still holds, and whether this thread still leads."""
        key = (f"{head.shell} {pending}", head.body)
        blocked, batch = self._leadership.blocked(), self._batch
        memo = None if blocked else self.answers.known(key)  # to ask whether it holds may touch a dead disk
        disk = Disk(avoid=blocked)
        leader = self._leadership.guard(cwd, disk if memo is None else memo.disk)
        try:
            if memo is None or not (memo.batch == batch or memo.disk.unchanged()):
                self._leadership.uses(disk)
                memo = self.answers.compute(head, pending, disk)
        finally:
            leading = self._leadership.release(leader)
        if leading and memo is not None:
            memo.batch = batch
            if memo.disk is disk and memo.lasting:
                self.answers.remember(key, memo)
        return memo, leading

    # -- the living ----------------------------------------------------------------------------------------

    def _register(self, head: Head) -> Session:
        session = Session(head.id, head.pid, head.shell, self.mailbox)
        if SHELLS[head.shell].bell:
            self.mailbox.make_bell(head.id)
        self._track(session)
        session.flagged = True  # a flag may lie there since before our start
        return session

    def _track(self, session: Session) -> None:
        self.sessions.add(session)
        if session.pidfd >= 0:
            self._selector.register(session.pidfd, selectors.EVENT_READ, session)

    def _restore(self) -> None:
        """After a restart, or a late answer: find the living shells, make new ones ask again, remove leftovers."""
        self._restored = True
        for session in self.sessions.found(self.mailbox.names()):
            self._track(session)
            self.sessions.invalidate(session)

    def _look_at_shells(self) -> None:
        """Forget shells that ended unnoticed; end when there has been no shell for long enough."""
        for session in self.sessions.dead():
            self._forget(session)
        if not self.sessions and time.monotonic() >= self._idle_from + self.idle_exit:
            self.verdict = "idle"

    def _forget(self, session: Session) -> None:
        if session.pidfd >= 0:
            self._selector.unregister(session.pidfd)
        self._later.pop(session.id, None)
        self._idle_from = time.monotonic()
        self.sessions.remove(session)

    # -- what no shell waits for ---------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        """Watch what the last answers rest on; ask when their shells started; see whether we are outdated."""
        try:
            self._watch_and_check()
        except (ImportError, OSError) as error:  # out of descriptors, say: the answers do not depend on it
            self.log(f"{type(error).__name__}: {error}")
            self._later.clear()  # until they ask again: at once, it would fail again and keep the daemon from answering

    def _watch_and_check(self) -> None:
        if self._watcher is None:
            from wend.daemon.watcher import Watcher

            self._watcher = Watcher(self._notify)
        me = self._leadership.leader
        while self._later and not self.verdict:
            ident = next(iter(self._later))
            del self._later[ident]
            session = self.sessions.get(ident)
            if session is not None:
                self._housekeeping_one(session, self._watcher)
            # Half a millisecond each: of five hundred shells that have just asked, none may wait for all of them.
            if not self._leadership.holds(me) or self._is_busy():
                return

    def _housekeeping_one(self, session: Session, watcher: Watcher) -> None:
        if not session.started:
            if not session.register_start():
                self._forget(session)
                return
            if self.outdated():
                self.verdict = "upgrade"
        if session.disk and not self._leadership.blocked():
            leader = self._leadership.guard(session.cwd, session.disk)
            try:
                # What changed between the answer and a watch that began after it would be missed by both.
                if watcher.want(session.disk.visited()) and not session.disk.unchanged():
                    self.sessions.invalidate(session)
            finally:
                if not self._leadership.release(leader):
                    self._notify("")

    def _notify(self, path: str) -> None:
        """Take a changed path from another thread."""
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
            if path:
                self.sessions.changed(path)
                continue
            # A disk answers again: so do the questions that waited, and those answered without it are asked again.
            self._restored = False
            self.sessions.unblocked()
            self._scan()


def _directory(head: Head) -> str:
    return head.body[: head.body.find(b"\0")].decode("utf-8", "surrogateescape")
