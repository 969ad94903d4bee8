"""The request files in the mailbox: which can be answered now, which are not whole yet, which must wait."""

from __future__ import annotations

import time

from wend.daemon.leadership import Leadership
from wend.daemon.mailbox import Busy, Mailbox
from wend.daemon.responder import DONE, LATER
from wend.protocol import REQUEST_FILE, Head, parse_head
from wend.typed import Callable, Iterable, Optional

_AGAIN = (0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.12)  # seconds: 250 ms in all
RETRY_EVERY = 0.2  # seconds, while something cannot be written, or the mailbox not be read


class Inbox:
    """Requests on their way to RESPOND, which says how each went. Only the thread that leads uses it."""

    def __init__(self, mailbox: Mailbox, leadership: Leadership, respond: Callable[[Head], int]) -> None:
        self._mailbox = mailbox
        self._leadership = leadership
        self._respond = respond
        self.early = False  # whether a request may be reported before its writer has closed it
        self.incomplete: dict[bytes, int] = {}  # requests seen before they were whole, and how often
        self.postponed: dict[bytes, None] = {}  # requests that must wait until a descriptor or the disk has room
        self._retry_at = 0.0  # by the monotonic clock

    def scan(self) -> None:
        """Answer what lies in the mailbox; Busy when it cannot be read now."""
        self.arrived(self._mailbox.requests())

    def arrived(self, names: Iterable[bytes], *, closed: bool = False) -> None:
        """Answer the requests in the files NAMES while this thread leads. CLOSED: their writers have closed them."""
        me = self._leadership.leader
        for name in names:
            self._handle(name, closed=closed)
            if not self._leadership.holds(me):
                return

    def wait(self) -> Optional[float]:
        """Return the seconds after which to look again at requests that are not whole, or else to try the postponed.

        None when there are neither.
        """
        if self.incomplete:
            return _AGAIN[min(self.incomplete.values())]
        return RETRY_EVERY if self.postponed else None

    def look_again(self) -> None:
        """Read again what was not whole."""
        me = self._leadership.leader
        incomplete, self.incomplete = self.incomplete, {}
        for name, looks in incomplete.items():
            self._handle(name)
            if not self._leadership.holds(me):  # who leads now has looked at all that lies there
                return
            if name not in self.incomplete:
                continue
            if looks + 1 < len(_AGAIN):
                self.incomplete[name] = looks + 1
            else:  # its writer has ended: a living shell asks again
                del self.incomplete[name]
                self._mailbox.remove(name)

    def retry_is_due(self) -> bool:
        """Return whether postponed requests have waited long enough."""
        return bool(self.postponed) and time.monotonic() >= self._retry_at

    def retry(self) -> None:
        """Answer what was postponed."""
        me = self._leadership.leader
        self._retry_at = time.monotonic() + RETRY_EVERY
        postponed, self.postponed = self.postponed, {}
        for name in postponed:
            self._handle(name)
            if not self._leadership.holds(me):
                return

    def _handle(self, name: bytes, *, closed: bool = False) -> None:
        """Answer the request in the file NAME, if it is one."""
        if not name.endswith(b".req") or not REQUEST_FILE.fullmatch(name):
            return
        try:
            data = self._mailbox.read(name)
        except Busy:
            self.postponed[name] = None
            return
        head = parse_head(data) if data else None
        if head is None:
            self._is_not_whole(name, data, closed=closed)
            return
        if not name.startswith(f"{head.id}.{head.number}.".encode()):  # no shell asks like that
            self._mailbox.remove(name)
            return
        outcome = self._respond(head)
        if outcome == DONE:
            self._mailbox.remove(name)
        elif outcome == LATER:
            self.postponed[name] = None

    def _is_not_whole(self, name: bytes, data: Optional[bytes], *, closed: bool) -> None:
        """Wait for the rest of the request, or remove it: nothing comes any more once its writer has closed it."""
        if data is None:
            return
        if closed and not self.early:
            self._mailbox.remove(name)
        else:
            self.incomplete.setdefault(name, 0)
