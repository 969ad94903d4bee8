"""The server's loop, in this process: what it does in which order when many ask."""

import os
import signal

import pytest

from tests.daemon.talk import Shell
from wend.daemon import watcher
from wend.daemon.mailbox import Mailbox
from wend.daemon.server import Server
from wend.disk import Disk

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the loop is driven by hand on POSIX only")


@pytest.fixture
def server(tmp_path):
    handler = signal.getsignal(signal.SIGALRM)
    yield Server(Mailbox(str(tmp_path / "box")), lambda text: None, lambda: False)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGALRM, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})


class Nobody:
    """A watcher that watches nothing."""

    def __init__(self, changed):
        pass

    def want(self, directories):
        pass


def shells(server, tmp_path, n):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    return [Shell(server.mailbox.path, env) for _ in range(n)]


def stop(server):
    Shell(server.mailbox.path, {}, kind="cli").send("/", words=("stop",))


def test_what_many_ask_at_once_is_looked_at_once(server, tmp_path, monkeypatch):
    looks = []
    real = Disk.unchanged
    monkeypatch.setattr(Disk, "unchanged", lambda disk: looks.append(1) or real(disk))
    monkeypatch.setattr(watcher, "Watcher", Nobody)
    replies = [shell.send(tmp_path) for shell in shells(server, tmp_path, 20)]
    stop(server)
    assert server.serve() == "stop"
    assert all(map(os.path.exists, replies))
    assert looks == []


def test_a_question_does_not_wait_for_what_nobody_waits_for(server, tmp_path, monkeypatch):
    first, second, third = shells(server, tmp_path, 3)
    asked, answered = [], []

    class Slow(Nobody):
        def want(self, directories):
            if not asked:
                asked.append(third.send(tmp_path))
            elif not answered:
                answered.append(os.path.exists(asked[0]))
                stop(server)

    monkeypatch.setattr(watcher, "Watcher", Slow)
    for shell in (first, second):
        shell.send(tmp_path)
    assert server.serve() == "stop"
    assert answered == [True]
