"""The daemon's main loop: requests first; everything else (watching, cleanup) when idle."""

from __future__ import annotations

import selectors
import time
from collections import deque

from wend.daemon.inbox import RETRY_EVERY, Inbox
from wend.daemon.leadership import Leadership
from wend.daemon.mailbox import Busy, Mailbox
from wend.daemon.notify import MountTable, Notifier, mount_table, notifier
from wend.daemon.responder import Responder
from wend.daemon.sessions import Session, Sessions
from wend.system.service import Bell
from wend.typed import TYPE_CHECKING, Callable, Optional, load_late

if TYPE_CHECKING:
    from wend.daemon.watcher import Watcher

_LOOK_EVERY = 0.02  # seconds, only where the kernel does not report new files
_LOOK_EVERY_UNUSED = 0.1  # seconds, the same while no shell lives
_LONGEST = 86400.0  # seconds of one wait: epoll takes some 24 days at most
_ALIVE_EVERY = 30.0  # seconds between checks of shells whose end the kernel does not report


class Loop:
    """One daemon at work. Nothing that it knows is needed to answer right after a restart."""

    def __init__(
        self, mailbox: Mailbox, log: Callable[[str], None], outdated: Callable[[], bool], leave: Callable[[str], None]
    ) -> None:
        """LEAVE ends the process for a reason, while a disk holds one of its threads."""
        self.mailbox = mailbox
        self.verdict = ""  # why the loop ended: stop, idle, upgrade, gone
        self.idle_exit = 600.0  # seconds
        self._log = log
        self._outdated = outdated
        self._sessions = Sessions(mailbox)
        self._idle_from = time.monotonic()
        self._leadership = Leadership(self._lead, log, lambda: leave(self.verdict))
        self._responder = Responder(
            mailbox, self._sessions, self._leadership,
            log=log, outdated=outdated, track=self._track, forget=self._forget, end=self._end,
            wake=lambda: self._notify(""),
        )  # fmt: skip
        self._inbox = Inbox(mailbox, self._leadership, self._responder.respond)
        self._notifier: Optional[Notifier] = None
        self._mounts: Optional[MountTable] = None
        self._changed: deque[str] = deque()  # changed paths, and "" for: look at the mailbox again
        self._watcher: Optional[Watcher] = None
        self._restore_at: Optional[float] = 0.0  # when to do so, by the monotonic clock; None: it is done
        self._unscanned = False  # whether requests may lie there of which no event will tell

    def _end(self, reason: str) -> None:
        self.verdict = reason

    def is_blocked(self, path: str) -> bool:
        """Return whether PATH lies on a disk that does not answer: what looks at it waits, too."""
        return self._leadership.is_blocked(path)

    # -- the loop ------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Acquire what answering needs, before the shells can see that there is a daemon."""
        self._notifier = notifier(self.mailbox.path)
        self._responder.commands.notify = type(self._notifier).__name__.lower() if self._notifier else "poll"
        self._bell = Bell()
        self._inbox.early = getattr(self._notifier, "early", False)
        self._selector = selectors.DefaultSelector()
        if self._notifier:
            self._selector.register(self._notifier.fd, selectors.EVENT_READ)
        self._mounts = mount_table()
        if self._mounts:
            self._selector.register(self._mounts.fd, selectors.EVENT_READ)
        self._selector.register(self._bell.fd, selectors.EVENT_READ)

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
            elif self._inbox.retry_is_due():  # however busy the other shells are
                self._inbox.retry()
            elif self._responder.answered and not self._is_busy():
                self._housekeeping()

    def _on_event(self, key: selectors.SelectorKey) -> None:
        if key.fd == self._bell.fd:
            self._drain()
        elif self._notifier and key.fd == self._notifier.fd:
            self._on_files(self._notifier)
        elif self._mounts and key.fd == self._mounts.fd:
            self._on_mounts()
        else:
            self._forget(key.data)

    def _is_busy(self) -> bool:
        """Return whether something is to be done at once."""
        events = self._selector.select(0)
        for key, _ in events:
            if self._mounts and key.fd == self._mounts.fd:  # reported once, so it must be acted on
                self._on_mounts()
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
        self._responder.batch += 1
        self._inbox.arrived(names, closed=True)

    def _on_mounts(self) -> None:
        self._look_at_place()
        if not self.verdict:
            self._sessions.mounted()

    def _scan(self) -> None:
        self._responder.batch += 1
        try:
            self._inbox.scan()
        except Busy:
            self._unscanned = True
            self._restore_at = time.monotonic() + RETRY_EVERY

    def _timeout(self) -> Optional[float]:
        if self._responder.answered:
            return 0
        if self._notifier is None and not self._inbox.incomplete:
            wait: Optional[float] = _LOOK_EVERY if self._sessions else _LOOK_EVERY_UNUSED
        else:
            wait = self._inbox.wait()
        if self._restore_at is not None:
            return min(max(0.0, self._restore_at - time.monotonic()), RETRY_EVERY if wait is None else wait)
        if wait is not None:
            return wait
        if self._sessions.untold:
            return RETRY_EVERY
        if self._sessions.unwatched:
            return _ALIVE_EVERY
        # Counted from the last shell's end: a change in a directory that is still watched does not count.
        if self._sessions:
            return None
        return min(max(0.0, self._idle_from + self.idle_exit - time.monotonic()), _LONGEST)

    def _on_idle(self) -> None:
        self._sessions.tell_again()
        if self._restore_at is not None and time.monotonic() >= self._restore_at:
            self._restore()
        elif self._responder.answered:
            self._housekeeping()
        elif self._inbox.incomplete:
            self._inbox.look_again()
            if self._notifier is None:
                self._poll()
        elif self._notifier is None:
            self._poll()
        elif self._inbox.postponed:
            self._inbox.retry()
        else:
            self._look_at_shells()

    def _look_at_place(self) -> None:
        """End if the path leads elsewhere now, or others can enter: shells do not send their requests here any more."""
        if not self.mailbox.in_place():
            self.verdict = "gone"

    def _poll(self) -> None:
        self._look_at_place()
        if self.verdict:
            return
        self._inbox.postponed.clear()  # the requests still lie there
        self._scan()
        self._look_at_shells()

    # -- the living ----------------------------------------------------------------------------------------

    def _track(self, session: Session) -> None:
        if session.pidfd >= 0:
            try:
                self._selector.register(session.pidfd, selectors.EVENT_READ, session)
            except OSError:  # the kernel's limit on what a user's processes wait for
                session.close()
        self._sessions.add(session)

    def _restore(self) -> None:
        """After a restart, or a late answer: find the living shells, make new ones ask again, remove leftovers.

        Later, where no descriptor is left to read the mailbox.
        """
        try:
            names, drafts = self.mailbox.names(), self.mailbox.drafts()
        except Busy:
            self._restore_at = time.monotonic() + RETRY_EVERY
            return
        self._restore_at = None
        for session in self._sessions.found(names):
            self._track(session)
            self._sessions.invalidate(session)
        self._sessions.tidy(drafts)
        if self._unscanned:
            self._unscanned = False
            self._scan()

    def _look_at_shells(self) -> None:
        """Forget shells that ended unnoticed; end when there has been no shell for long enough."""
        for session in self._sessions.dead():
            self._forget(session)
        if not self._sessions and time.monotonic() >= self._idle_from + self.idle_exit:
            self.verdict = "idle"

    def _forget(self, session: Session) -> None:
        if session.pidfd >= 0:
            self._selector.unregister(session.pidfd)
        self._responder.answered.pop(session.id, None)
        self._idle_from = time.monotonic()
        self._sessions.remove(session)

    # -- what no shell waits for ---------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        """Watch what the last answers rest on; ask when their shells started; see whether we are outdated."""
        self._sessions.tell_again()
        try:
            self._watch_and_check()
        except (ImportError, OSError) as error:  # out of descriptors, say: the answers do not depend on it
            self._log(f"{type(error).__name__}: {error}")
            # Until they ask again: at once, it would fail again and keep the daemon from answering.
            self._responder.answered.clear()

    def _watch_and_check(self) -> None:
        if self._watcher is None:
            from wend.daemon.watcher import Watcher

            load_late()  # of this version: after an upgrade, another one may lie where they would be taken from
            self._watcher = Watcher(self._notify)
        me = self._leadership.leader
        while self._responder.answered and not self.verdict:
            ident = next(iter(self._responder.answered))
            del self._responder.answered[ident]
            session = self._sessions.get(ident)
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
            if self._outdated():
                self.verdict = "upgrade"
        if session.evidence and not self._leadership.blocked():
            leader = self._leadership.guard(session.cwd, session.evidence)
            try:
                # What changed between the answer and a watch that began after it would be missed by both.
                changed = watcher.want(session.evidence.visited()) and not session.evidence.unchanged()
                if changed or not session.evidence.kept_holds():
                    self._sessions.invalidate(session)
            finally:
                if not self._leadership.release(leader):
                    self._notify("")

    def _notify(self, path: str) -> None:
        """Take a changed path from another thread."""
        self._changed.append(path)
        self._bell.ring()

    def _drain(self) -> None:
        self._bell.heard()
        while self._changed:
            path = self._changed.popleft()
            if path:
                self._sessions.changed(path)
                continue
            # A disk answers again: so do the questions that waited, and those answered without it are asked again.
            # What was answered meanwhile has not been watched.
            self._restore_at = 0.0
            self._sessions.unblocked()
            self._responder.answered.update((session.id, None) for session in self._sessions.all())
            self._scan()
