"""Who leads when an answer takes about as long as it may."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.daemon.talk import until
from wend.daemon import leadership
from wend.daemon.leadership import Leadership
from wend.disk import Evidence

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no alarm")

_PATIENCE = 20  # seconds after which something hangs


class Looked(Evidence):
    """Evidence whose mount is found as soon as it may be."""

    def __init__(self, mount: str) -> None:
        super().__init__()
        self.mount = mount
        self.asked, self.may_be_told = threading.Event(), threading.Event()

    def mount_in_use(self) -> str:
        self.asked.set()
        assert self.may_be_told.wait(_PATIENCE)
        return self.mount


@pytest.fixture
def unblocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A leader here stands for one that a disk holds, though it runs; its alarms are for the other thread."""
    monkeypatch.setattr(leadership, "runs", lambda _: False)
    handler = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGALRM, handler)
    leadership._signals(block=False)


@pytest.mark.usefixtures("unblocked")
def test_an_answer_that_comes_while_its_disk_is_named_blocks_no_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its directory would count as blocked for good: no shell in it would ever get an answer."""
    led = threading.Event()
    leading = Leadership(led.set, lambda _: None, led.set)
    leading.take()
    monkeypatch.setattr(leadership, "PATIENCE", 0)
    done, held = Looked(""), Looked("/far")

    leader = leading.guard("/project", done)
    os.write(leading._alarm_w, bytes((signal.SIGALRM,)))
    assert done.asked.wait(_PATIENCE)
    assert leading.release(leader)
    done.may_be_told.set()

    leader = leading.guard("/far/project", held)
    os.write(leading._alarm_w, bytes((signal.SIGALRM,)))
    assert held.asked.wait(_PATIENCE)
    assert leading.blocked() == frozenset()
    assert leading.leads()
    held.may_be_told.set()
    assert led.wait(_PATIENCE)
    assert leading.blocked() == {"/far"}
    assert not leading.release(leader)
    assert leading.blocked() == frozenset()


@pytest.mark.usefixtures("unblocked")
def test_a_busy_machine_is_no_disk_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader that runs is waited for; one that sleeps is not."""
    led = threading.Event()
    leading = Leadership(led.set, lambda _: None, lambda: None)
    leading.take()
    seen = iter((True, True, False))
    asked: list[int] = []
    monkeypatch.setattr(leadership, "PATIENCE", 0.001)
    monkeypatch.setattr(leadership, "runs", lambda thread: asked.append(thread) or next(seen))
    os.set_blocking(leading._alarm_w, False)
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.set_wakeup_fd(leading._alarm_w)
    looked = Looked("")
    looked.may_be_told.set()
    leading.guard("/project", looked)
    assert led.wait(_PATIENCE)
    assert asked == [threading.get_native_id()] * 3
    assert leading.blocked() == {"/project"}


@pytest.mark.usefixtures("unblocked")
def test_an_alarm_that_was_meant_for_the_answer_before_is_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    leading = Leadership(lambda: None, lambda _: None, lambda: None)
    leading.take()
    monkeypatch.setattr(leadership, "PATIENCE", 1000)
    young, old = Looked("/near"), Looked("/far")

    leader = leading.guard("/project", young)
    os.write(leading._alarm_w, bytes((signal.SIGALRM,)))
    until(lambda: not select.select([leading._alarm_r], [], [], 0)[0], "the alarm is read")
    assert leading.release(leader)
    monkeypatch.setattr(leadership, "PATIENCE", 0)
    leading.guard("/project", old)
    os.write(leading._alarm_w, bytes((signal.SIGALRM,)))
    assert old.asked.wait(_PATIENCE)
    assert not young.asked.is_set()
    old.may_be_told.set()


@pytest.mark.usefixtures("unblocked")
@pytest.mark.parametrize("held", [True, False])
def test_an_error_of_the_thread_that_leads_ends_it(held: bool) -> None:
    """Else a process without a leader would keep the lock, and no shell would get an answer any more."""
    said: list[str] = []
    handler = signal.getsignal(signal.SIGALRM)

    def lead() -> None:
        leading.take()
        if held:
            leading._blocked[0] = "/far"
        raise RuntimeError("out of luck")

    leading = Leadership(lead, said.append, lambda: said.append("left"))
    try:
        leading.run()
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGALRM, handler)
    assert said == ["RuntimeError: out of luck", *["left"] * held]
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGALRM, signal.SIGTERM, signal.SIGINT}


@pytest.mark.usefixtures("unblocked")
def test_the_main_thread_heeds_signals_when_it_leads_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user may have no more processes, none stands by to do so."""
    heeded: list[int] = []
    in_time: list[bool] = []
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGALRM, signal.SIGTERM)]

    class Over(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.set()
            return super().wait(timeout)

    waits = threading.Event()

    def kill() -> None:
        waits.wait(_PATIENCE)
        time.sleep(0.1)  # until it really waits
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            until(lambda: heeded, "the signal is heeded")
            in_time.append(True)
        finally:
            leading._over.set()

    def lead() -> None:
        leading.take()
        leading._leader = 0
        threading.Thread(target=kill).start()  # which takes no signal itself, as it is blocked here

    leading = Leadership(lead, lambda _: None, lambda: None)
    monkeypatch.setattr(leading, "_standby", lambda: None)
    monkeypatch.setattr(leading, "_over", Over())
    signal.signal(signal.SIGTERM, lambda number, _: heeded.append(number))
    try:
        leading.run()
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in handlers:
            signal.signal(number, handler)
    assert (heeded, in_time) == ([signal.SIGTERM], [True])
