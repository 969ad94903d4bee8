"""Which thread leads: a disk that does not answer delays only the shells that need it.

One thread leads: it reads the mailbox and answers in place, because handing over would cost more than the answer.
Before each answer it sets an alarm. When the disk holds it for longer than that, the signal goes to a second thread
that stands by, which leads from then on. What is then known to be blocked is the mount, not the shell's directory:
later answers do not touch it again, so there are never more waiting threads than dead mounts.

Python handles signals, and ends a process in order, in the main thread alone, which may be one of those. So the thread
that stands by takes the signals, and while a disk holds a thread, the one that leads ends the process.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from wend.disk import Evidence, mounts
from wend.system import runs
from wend.typed import Callable, Optional

PATIENCE = 0.1  # seconds that one answer's disk may take
_ENDING = (signal.SIGTERM, signal.SIGINT)


class Leadership:
    """The thread that leads, the one that stands by, and the mounts that hold others."""

    def __init__(self, lead: Callable[[], None], log: Callable[[str], None], leave: Callable[[], None]) -> None:
        """LEAD until that is over, in whichever thread; LEAVE ends the process without the threads that are held."""
        self._lead = lead
        self._log = log
        self._leave = leave
        self._leader = 0
        self._native = 0  # the leader, as the kernel calls it
        self._evidence: Optional[Evidence] = None  # of the answer that the leader is at
        self._cwd = ""
        self._turn = 0  # which answer that is, counted
        self._began = 0.0  # when it was begun, by the monotonic clock
        self._handing_over = threading.Lock()  # an answer is either done by the leader, or found to be held
        self._blocked: dict[int, str] = {}  # thread -> mount, or directory, whose disk does not answer
        self._over = threading.Event()
        self._alarm_r, self._alarm_w = os.pipe()

    def run(self) -> None:
        """Lead in this thread; return when it, or a thread that followed it, has come to an end while it led."""
        if hasattr(signal, "setitimer"):  # without (Windows), a disk that hangs blocks all shells
            os.set_blocking(self._alarm_w, False)
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.set_wakeup_fd(self._alarm_w, warn_on_full_buffer=False)
        self._work()
        _signals(block=False)  # no disk holds this thread any more
        self._over.wait()

    def _work(self) -> None:
        """Lead until that ends, or until another thread leads."""
        try:
            self._lead()
        except Exception as error:  # without a leader, the process must not go on: it has the lock
            self._log(f"{type(error).__name__}: {error}")
        if self.leads():
            if self._blocked:
                self._leave()
            self._over.set()

    def take(self) -> int:
        """Let this thread lead, with another one to stand by; return what `holds` asks for."""
        self._leader, self._native = threading.get_ident(), threading.get_native_id()
        _signals(block=True)
        try:
            threading.Thread(target=self._standby, daemon=True).start()
        except RuntimeError:  # the user's limit on processes: the next disk that hangs blocks all shells
            _signals(block=False)
            self._log("no thread can be started to stand by")
        return self._leader

    @property
    def leader(self) -> int:
        """The thread that leads."""
        return self._leader

    def leads(self) -> bool:
        """Return whether the calling thread leads."""
        return self._leader == threading.get_ident()

    def holds(self, leader: int) -> bool:
        """Return whether the thread LEADER still leads."""
        return self._leader == leader

    def blocked(self) -> frozenset[str]:
        """Return the mounts, and directories on unknown ones, that hold a thread now."""
        return frozenset(self._blocked.values())

    def is_blocked(self, path: str) -> bool:
        """Return whether PATH lies on a disk that does not answer; the disk is not touched."""
        blocked = self.blocked()
        if not blocked:
            return False
        by_name = any(path == held or path.startswith(held + "/") for held in blocked)
        return by_name or mounts.reached(path, mounts.read()) in blocked

    def guard(self, cwd: str, evidence: Evidence) -> int:
        """Set the alarm for an answer in CWD that rests on EVIDENCE; return what `release` asks for."""
        with self._handing_over:
            self._cwd, self._evidence = cwd, evidence
            self._turn, self._began = self._turn + 1, time.monotonic()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        return self._leader

    def uses(self, evidence: Evidence) -> None:
        """Say that the guarded answer rests on EVIDENCE from now on."""
        with self._handing_over:
            if self.leads():
                self._evidence = evidence

    def release(self, leader: int) -> bool:
        """Take the alarm back; return False when another thread leads by now."""
        with self._handing_over:
            if self._leader == leader:
                if hasattr(signal, "setitimer"):
                    signal.setitimer(signal.ITIMER_REAL, 0)
                self._evidence = None
                return True
            self._blocked.pop(threading.get_ident(), None)
            return False

    def _standby(self) -> None:
        """Wait for the alarm; lead when the leader is still held by the disk that it was set for."""
        _signals(block=False)
        while not self._over.is_set():
            try:
                alarm = os.read(self._alarm_r, 64)
            except OSError:
                return
            for number in set(_ENDING).intersection(alarm):
                handler = signal.getsignal(number)
                if callable(handler):
                    handler(number, None)
            evidence, cwd, turn = self._evidence, self._cwd, self._turn
            late = time.monotonic() - self._began > PATIENCE / 2  # else the alarm was for an answer before this one
            if signal.SIGALRM not in alarm or evidence is None or not late:
                continue
            if runs(self._native):
                self._wait_longer(turn)
                continue
            mount = evidence.mount_in_use() or cwd
            if not self._take_over(turn, mount):
                continue
            self._log(f"no answer from the disk: {mount!r}")
            self._work()
            return

    def _wait_longer(self, turn: int) -> None:
        """Set the alarm again for the answer TURN: what holds it is not a disk but a busy machine."""
        with self._handing_over:
            if self._evidence is not None and self._turn == turn:
                signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def _take_over(self, turn: int, mount: str) -> bool:
        """Let this thread lead in the place of the one that MOUNT holds; False when the answer TURN is done by now."""
        with self._handing_over:
            if self._evidence is None or self._turn != turn:
                return False
            self._blocked[self._leader] = mount
            self._leader = threading.get_ident()
            return True


def _signals(*, block: bool) -> None:
    """Let the kernel hand signals to the thread that stands by, never to one that a disk may hold."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK if block else signal.SIG_UNBLOCK, {signal.SIGALRM, *_ENDING})
