"""One request, one reply: to a shell, to a command, to the hook of an earlier version."""

from __future__ import annotations

from wend import launcher
from wend.daemon.answers import Answers, Memo
from wend.daemon.commands import Commands
from wend.daemon.leadership import Leadership
from wend.daemon.mailbox import Busy, Mailbox
from wend.daemon.sessions import Session, Sessions
from wend.disk import Disk, Evidence
from wend.protocol import COMMAND, ENTER, VERSION, Head, Request, earlier_environment, earlier_id, parse_request
from wend.shells import SHELLS, Apply, hooks
from wend.system import slashed
from wend.typed import Callable, Optional

_PATIENCE = 0.2  # seconds; a shell waits for 0.25

DONE = 0  # answered, or not a question that has an answer
LATER = 1  # to be answered again: the reply could not be written
LEFT = 2  # it stays where it is, for when its disk answers, or for the thread that leads


class Responder:
    """Answers requests. What it hears of shells goes to SESSIONS, what is to be done afterwards into `answered`.

    TRACK a shell that is new; FORGET one that is gone; END the daemon for a reason; WAKE the thread that leads, because
    things have changed.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        sessions: Sessions,
        leadership: Leadership,
        *,
        log: Callable[[str], None],
        outdated: Callable[[], bool],
        track: Callable[[Session], None],
        forget: Callable[[Session], None],
        end: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self._mailbox = mailbox
        self._sessions = sessions
        self._leadership = leadership
        self._log = log
        self._outdated = outdated
        self._track = track
        self._forget = forget
        self._end = end
        self._wake = wake
        self._answers = Answers(log)
        self.commands = Commands(sessions, self._answers)
        self.answered: dict[str, None] = {}  # shells that wait for housekeeping
        self.batch = 0  # questions that lay there together; what was looked at for one is fresh for all

    def respond(self, head: Head) -> int:
        """Answer the request HEAD; return DONE, LATER or LEFT."""
        try:
            done = self._respond(head)
        except Busy:  # no descriptor for the hints that were shown
            done = False
        except Exception as error:  # one bad question must not cost the others their answer
            self._log(f"{type(error).__name__}: {error}")
            done = True
        if done:
            return DONE
        return LATER if self._leadership.leads() and not self._leadership.is_blocked(_directory(head)) else LEFT

    def _respond(self, head: Head) -> bool:
        """Answer the request HEAD; False when it must be answered again later."""
        if head.shell == COMMAND and not head.longest:
            request = parse_request(head)
            if request is not None and request.event == ENTER:
                return self._enter(request)
            answer, verdict = self.commands.answer(head)
            written = not answer or self._mailbox.reply(head.id, head.number, answer)
            if verdict or self._outdated():
                self._end(verdict or "upgrade")
            return written
        if head.shell not in SHELLS:  # or a command that asks too much: it finds out by itself
            return head.shell != COMMAND or self._mailbox.reply(head.id, head.number, b"\n")
        if head.version != VERSION:
            # A shell that loaded the hook of an earlier version gets the present one: its next question fits.
            text = hooks.text(head.shell, launcher.program(earlier_environment(head))) + SHELLS[head.shell].END
            return self._mailbox.reply(head.id, head.number, text.encode("utf-8", "surrogateescape"))
        return self._refuse(head) if head.longest else self._answer(head)

    def _refuse(self, head: Head) -> bool:
        """Answer a question that is too long to be read: nothing changes, and the shell is told so once."""
        session = self._session(head)
        line = f"this shell is left as it is: {head.longest} is too long: make it shorter"
        reply = Apply(head.shell, (), notice="" if session.refused else f"wend: {line}")
        text = SHELLS[head.shell].render(reply) + SHELLS[head.shell].END
        done = self._mailbox.reply(head.id, head.number, text.encode())
        if done:
            session.refused, session.cwd = True, _directory(head)
            self._has_answered(session, head)
        return done

    def _enter(self, request: Request) -> bool:
        """Answer a command that enters a directory; one that must find out by itself is told so at once."""
        if self._mailbox.age(f"{request.id}.{request.number}.req".encode()) > _PATIENCE:
            return True  # it does so by now
        disk = Disk(avoid=self._leadership.blocked())
        leader = self._leadership.guard(request.cwd, disk.evidence)
        try:
            answer = self.commands.outcome(request, disk)
        except Exception as error:  # unanswered, it would wait
            self._log(f"{type(error).__name__}: {error}")
            answer = b""
        finally:
            leading = self._leadership.release(leader)
        if not leading:  # the leader has told it
            self._wake()
            return True
        if self._outdated():
            self._end("upgrade")
        return self._mailbox.reply(request.id, request.number, answer or b"\n")

    def _answer(self, head: Head) -> bool:
        """Answer a shell; False when the question waits."""
        session = self._session(head)
        cwd = _directory(head)
        if self._leadership.is_blocked(cwd):  # until its disk answers
            return False
        memo, leading = self._look_up(head, session.pending, cwd)
        if not leading:
            return self._answer_late(head, memo)
        if memo is None:
            return True
        if not self._tell(head, memo, session):
            return False
        if not memo.asks:
            session.pending = ""
        session.refused = False
        session.answered(memo.cwd, memo.evidence, memo.target)
        self._has_answered(session, head)
        return True

    def _has_answered(self, session: Session, head: Head) -> None:
        """Note that the reply to HEAD is in place: the one before is not needed any more."""
        written = f"{head.id}.{head.number}.rep".encode()
        if session.last not in (b"", written):
            self._mailbox.remove(session.last)
        session.last = written
        session.kind = head.shell
        self.answered[head.id] = None

    def _tell(self, head: Head, memo: Memo, session: Session) -> bool:
        """Put the answer MEMO in place, with its hint if that is new to the shell; False when it cannot be written."""
        if not memo.hint or memo.hint in session.hinted:
            return self._mailbox.reply(head.id, head.number, memo.plain)
        # A shell that has given up waiting asks again, and reads that answer.
        if self._mailbox.age(f"{head.id}.{head.number}.req".encode()) >= _PATIENCE:
            return self._mailbox.reply(head.id, head.number, memo.text)
        session.hinted.add(memo.hint)  # first: if this daemon is killed in between, better untold than told twice
        told = self._mailbox.reply(head.id, head.number, memo.text)
        if not told:
            session.hinted.discard(memo.hint)
        return told

    def _session(self, head: Head) -> Session:
        """Return the shell that asks. Its flag goes before anything is looked at: what changes from now on is new."""
        session = self._sessions.get(head.id)
        if session is None:
            session = self._register(head)
        self._sessions.asks(session)
        return session

    def _register(self, head: Head) -> Session:
        session = Session(head.id, head.pid, head.shell, self._mailbox)
        earlier = self._sessions.get(earlier_id(head))
        if earlier is not None:
            session.follow(earlier)
            self._forget(earlier)
        if SHELLS[head.shell].bell:
            self._mailbox.make_bell(head.id)
        self._track(session)
        session.flagged = True  # a flag may lie there since before our start
        return session

    def _answer_late(self, head: Head, memo: Optional[Memo]) -> bool:
        """Answer a question whose disk held this thread, unless the thread that leads by now has answered it.

        What is known of the shell is the leader's to write: it is told to look at the mailbox.
        """
        asked = self._mailbox.holds(f"{head.id}.{head.number}.req".encode())
        done = memo is None or not asked or self._mailbox.reply(head.id, head.number, memo.plain)
        self._wake()
        return done

    def _look_up(self, head: Head, pending: str, cwd: str) -> tuple[Optional[Memo], bool]:
        """Return the answer to HEAD, the remembered one if it still holds, and whether this thread still leads."""
        key = (f"{head.shell} {pending}", head.body)
        blocked, batch = self._leadership.blocked(), self.batch
        known = None if blocked else self._answers.known(key)  # to ask whether it holds may touch a dead disk
        memo = known
        leader = self._leadership.guard(cwd, Evidence() if known is None else known.evidence)
        try:
            if memo is None or not (memo.batch == batch or memo.evidence.unchanged()):
                disk = Disk(avoid=blocked)
                self._leadership.uses(disk.evidence)
                memo = self._answers.compute(head, pending, disk)
        finally:
            leading = self._leadership.release(leader)
        if leading and memo is not None:
            memo.batch = batch
            if memo is not known and memo.lasting:
                self._answers.remember(key, memo)
        return memo, leading


def _directory(head: Head) -> str:
    return slashed(head.body[: head.body.find(b"\0")].decode("utf-8", "surrogateescape"))
