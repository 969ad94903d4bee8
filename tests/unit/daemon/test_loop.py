"""The server's loop, in this process: what it does in which order when many ask."""

import errno
import os
import signal
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from tests.daemon.talk import Shell, until
from wend.daemon import loop, mailbox, watcher
from wend.daemon.answers import Answers, Memo
from wend.daemon.loop import Loop
from wend.daemon.mailbox import Busy, Mailbox
from wend.daemon.responder import DONE
from wend.daemon.sessions import Session
from wend.disk import Evidence
from wend.engine.respond import Answer
from wend.protocol import parse_head
from wend.shells import SHELLS, Apply, AskAgain

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the test drives the loop on POSIX only")


@pytest.fixture
def said():
    return []


@pytest.fixture
def server(tmp_path, said):
    handler = signal.getsignal(signal.SIGALRM)
    yield Loop(Mailbox(str(tmp_path / "box")), said.append, lambda: False, said.append)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGALRM, handler)


class NoWatcher:
    """A watcher that watches nothing, and says whether a watch began as it is told."""

    begins = False

    def __init__(self, changed):
        pass

    def want(self, directories):
        return self.begins


def shells(server, tmp_path, n):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    return [Shell(server.mailbox.path, env) for _ in range(n)]


def stop(server):
    Shell(server.mailbox.path, {}, kind="cli").send("/", words=("stop",))


def test_what_many_ask_at_once_is_looked_at_once(server, tmp_path, monkeypatch):
    looks = []
    real = Evidence.unchanged
    monkeypatch.setattr(Evidence, "unchanged", lambda evidence: looks.append(1) or real(evidence))
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    replies = [shell.send(tmp_path) for shell in shells(server, tmp_path, 20)]
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    assert all(map(os.path.exists, replies))
    assert looks == []


@pytest.mark.parametrize("began", [True, False])
def test_the_disk_is_asked_again_only_when_a_watch_began_after_the_answer(server, tmp_path, monkeypatch, began):
    looks = []
    real = Evidence.unchanged
    monkeypatch.setattr(Evidence, "unchanged", lambda evidence: looks.append(1) or real(evidence))

    class Watcher(NoWatcher):
        def want(self, directories):
            stop(server)
            return began

    monkeypatch.setattr(watcher, "Watcher", Watcher)
    shells(server, tmp_path, 1)[0].send(tmp_path)
    server.prepare()
    assert server.serve() == "stop"
    assert looks == [1] * began


@pytest.mark.parametrize("holds", [True, False])
def test_a_shell_asks_again_where_a_file_of_a_store_has_changed(server, tmp_path, monkeypatch, holds):
    class Watcher(NoWatcher):
        def want(self, directories):
            stop(server)
            return False

    monkeypatch.setattr(watcher, "Watcher", Watcher)
    monkeypatch.setattr(Evidence, "kept_holds", lambda _: holds)
    (shell,) = shells(server, tmp_path, 1)
    shell.send(tmp_path)
    server.prepare()
    assert server.serve() == "stop"
    assert os.path.exists(shell.path("flag")) != holds


def test_what_lay_there_when_no_descriptor_was_left_is_dealt_with_later(server, tmp_path, monkeypatch):
    class Watcher(NoWatcher):
        def want(self, directories):
            stop(server)
            return False

    real, times = os.listdir, iter(range(4))

    def listdir(path):
        if next(times, None) is not None:
            raise OSError(errno.EMFILE, "Too many open files")
        return real(path)

    monkeypatch.setattr(watcher, "Watcher", Watcher)
    monkeypatch.setattr(mailbox, "os", SimpleNamespace(**{**vars(os), "listdir": listdir}))
    monkeypatch.setattr(loop, "RETRY_EVERY", 0.01)
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(tmp_path)
    left = os.path.join(server.mailbox.path, "999999999-0000.7.rep")
    open(left, "w").close()
    server.prepare()
    assert server.serve() == "stop"
    assert os.path.exists(reply)
    assert not os.path.exists(left)


def test_a_watcher_tells_whether_a_watch_began(tmp_path):
    first, second, missing = str(tmp_path / "first"), str(tmp_path / "second"), str(tmp_path / "missing")
    for path in (first, second):
        os.mkdir(path)
    watching = watcher.Watcher(lambda path: None)
    assert watching.want([first, missing])
    assert not watching.want([missing, first])
    assert watching.want([first, second])
    assert not watching.want([second, first])


def test_what_is_imported_late_is_there_after_the_first_answer(server, tmp_path, monkeypatch):
    """After an upgrade, it would be taken from another version."""
    steps = []
    monkeypatch.setattr(loop, "load_late", lambda: steps.append("loaded"))

    class Watcher(NoWatcher):
        def want(self, directories):
            steps.append("watched")
            stop(server)
            return True

    monkeypatch.setattr(watcher, "Watcher", Watcher)
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(tmp_path)
    server.prepare()
    assert server.serve() == "stop"
    assert (os.path.exists(reply), steps) == (True, ["loaded", "watched"])


def test_a_question_does_not_wait_for_housekeeping(server, tmp_path, monkeypatch):
    first, second, third = shells(server, tmp_path, 3)
    asked: list[str] = []
    answered: list[bool] = []

    class Slow(NoWatcher):
        def want(self, directories):
            if not asked:
                asked.append(third.send(tmp_path))
            elif not answered:
                answered.append(os.path.exists(asked[0]))
                stop(server)

    monkeypatch.setattr(watcher, "Watcher", Slow)
    for shell in (first, second):
        shell.send(tmp_path)
    server.prepare()
    assert server.serve() == "stop"
    assert answered == [True]


@pytest.mark.parametrize("kind", ["bash", "fish", "pwsh"])
def test_a_question_that_fails_is_still_answered(server, said, tmp_path, monkeypatch, kind):
    def fail(request, disk):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("wend.daemon.answers.respond", fail)
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    shell = Shell(server.mailbox.path, {"PATH": "/bin", "HOME": str(tmp_path)}, kind=kind)
    replies = [shell.send(tmp_path), shell.send(tmp_path)]
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    with open(replies[1]) as file:
        assert file.read() == SHELLS[kind].END
    assert not os.path.exists(replies[0])
    assert said == ["RuntimeError: a mistake of ours"] * 2


def test_a_pending_event_lasts_until_a_question_with_all_variables(server, tmp_path, monkeypatch):
    seen = []

    def ask_once(request, disk):
        seen.append(request.event)
        return Answer(AskAgain("bash", ("X",)) if len(seen) == 2 else Apply("bash", ()))

    monkeypatch.setattr("wend.daemon.answers.respond", ask_once)
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    (shell,) = shells(server, tmp_path, 1)
    shell.send(tmp_path)
    command = Shell(server.mailbox.path, {}, kind="cli")
    command.number = shell.number  # requests are answered in the order of their numbers
    command.send("/", words=("off", shell.id))
    shell.number = command.number
    for number in range(3):
        shell.send(tmp_path, WEND_DISABLE=str(number))
    command.number = shell.number
    command.send("/", words=("stop",))
    server.prepare()
    assert server.serve() == "stop"
    assert [event for event in seen if event == "off"] == ["off", "off"]


def test_a_flag_from_before_the_start_goes_with_the_first_answer(server, tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    (shell,) = shells(server, tmp_path, 1)
    server.mailbox.flag(shell.id)
    shell.send(tmp_path)
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    assert not os.path.exists(shell.path("flag"))


def test_what_is_looked_at_again_after_the_watch_is_guarded_too(server, tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    monkeypatch.setattr(NoWatcher, "begins", True)
    busy = []
    monkeypatch.setattr(
        Evidence, "unchanged", lambda evidence: busy.append(server._leadership._cwd) or not stop(server)
    )
    (shell,) = shells(server, tmp_path, 1)
    shell.send(tmp_path)
    server.prepare()
    server.serve()
    assert busy == [str(tmp_path)]


def test_where_a_shell_was_found_to_be_is_not_remembered_for_others(server, tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    elsewhere = iter((str(tmp_path / "a"), str(tmp_path / "b")))
    monkeypatch.setattr("wend.daemon.answers._cwd_of", lambda request, disk: next(elsewhere))
    for shell in shells(server, tmp_path, 2):
        shell.send(tmp_path / "gone")
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    assert {each.cwd for each in server._sessions.all()} == {str(tmp_path / "a"), str(tmp_path / "b")}


def test_a_new_mount_makes_those_ask_again_for_whom_an_automount_was_asleep(server):
    server.prepare()
    for name in ("asleep", "other"):
        session = Session(f"{os.getpid()}-{name}", os.getpid(), "bash", server.mailbox)
        session.evidence = Evidence()
        session.evidence.asleep = name == "asleep"
        server._track(session)
    server._mounts = SimpleNamespace(fd=-1)  # also where there is no such table
    server._on_event(server._mounts)
    assert [each.flagged for each in server._sessions.all()] == [True, False]
    for session in server._sessions.all():
        server._forget(session)


def test_idle_time_is_counted_from_the_end_of_the_last_shell(server, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("wend.daemon.loop.time.monotonic", lambda: now[0])
    server.idle_exit, server._notifier = 60.0, object()
    server._restore_at = None
    session = Session(f"{os.getpid()}-x", os.getpid(), "bash", server.mailbox)
    session.close()
    server._sessions.add(session)
    server._sessions.unwatched.clear()
    assert server._timeout() is None
    server._forget(session)
    now[0] += 50
    assert server._timeout() == 10.0
    now[0] += 50
    assert server._timeout() == 0.0


@pytest.mark.parametrize("asked", [True, False])
def test_a_late_answer_is_written_only_while_the_question_lies_there(server, tmp_path, monkeypatch, asked):
    monkeypatch.setattr(server, "_notify", lambda path: None)
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(tmp_path)
    with open(shell.path("1.req"), "rb") as file:
        head = parse_head(file.read())
    if not asked:
        os.unlink(shell.path("1.req"))
    assert server._responder._answer_late(head, Memo(Evidence(), str(tmp_path)))
    assert os.path.exists(reply) == asked


def test_long_answers_to_long_questions_make_room_sooner():
    answers = Answers(lambda text: None)
    for number in range(200):
        memo = Memo(Evidence(), "/")
        memo.plain = memo.text = bytes(100_000)
        answers.remember(("bash ", b"%d" % number + bytes(100_000)), memo)
    kept = [key for number in range(200) if answers.known(key := ("bash ", b"%d" % number + bytes(100_000)))]
    assert 1 < len(kept) < 40
    answers.forget()
    assert answers.known(kept[-1]) is None


def test_what_is_remembered_is_bounded_by_what_it_rests_on():
    class Looked(Evidence):
        def __init__(self, size: int) -> None:
            super().__init__()
            self._size = size

        def size(self) -> int:
            return self._size

    answers = Answers(lambda text: None)

    def remember(number, size):
        answers.remember(("bash", b"%d" % number), Memo(Looked(size), ""))

    for number in range(100):
        remember(number, 1000)
    remember(99, 2000)
    assert [key[1] for key in answers._memo] == [b"93", b"94", b"95", b"96", b"97", b"98", b"99"]
    assert answers._weight == 8000


@pytest.mark.parametrize("way", ["arrived", "look_again", "retry"])
def test_a_thread_that_no_longer_leads_leaves_the_other_questions(server, tmp_path, monkeypatch, way):
    """The thread that follows looks at all that lies in the mailbox: two would answer the same shell."""
    leadership, inbox, seen = server._leadership, server._inbox, []

    def respond(head):
        seen.append(head.id)
        leadership._leader += 1
        return DONE

    monkeypatch.setattr(inbox, "_respond", respond)
    for shell in shells(server, tmp_path, 2):
        shell.send(tmp_path)
    names = [each for each in server.mailbox.requests() if each.endswith(b".req")]
    assert len(names) == 2
    if way == "arrived":
        inbox.arrived(names)
    elif way == "look_again":
        inbox.incomplete = dict.fromkeys(names, 0)
        inbox.look_again()
    else:
        inbox.postponed = dict.fromkeys(names)
        inbox.retry()
    assert len(seen) == 1


def test_a_question_waits_while_no_descriptor_is_left_for_the_hints_that_were_shown(
    server, said, tmp_path, monkeypatch
):
    read = Mailbox.read

    def scarce(mailbox, name):
        if name.endswith(b".told"):
            raise Busy
        return read(mailbox, name)

    monkeypatch.setattr(Mailbox, "read", scarce)
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    project = tmp_path / "p"
    project.mkdir()
    (project / "requirements.txt").touch()
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(project)
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    assert (os.path.exists(shell.path("1.req")), os.path.exists(reply), said) == (True, False, [])


class Early:
    """As kqueue: tells of a name when it is made, not when the file is whole."""

    early = True
    gone = touched = False

    def __init__(self):
        self.fd, self.poke = os.pipe()

    def names(self):
        os.read(self.fd, 64)


def test_a_request_that_is_seen_before_it_is_whole_is_read_again(server, tmp_path, monkeypatch):
    early = Early()
    monkeypatch.setattr("wend.daemon.loop.notifier", lambda path: early)
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(tmp_path)
    whole = shell.path("1.req")
    os.rename(whole, whole + ".later")
    open(whole, "wb").close()

    def finish():
        until(lambda: server._inbox.incomplete, "the daemon has seen half of it")
        os.rename(whole + ".later", whole)
        until(lambda: os.path.exists(reply), "an answer without another event")
        stop(server)
        os.write(early.poke, b"x")

    writer = threading.Thread(target=finish)
    writer.start()
    server.prepare()
    assert server.serve() == "stop"
    writer.join()
    assert os.path.exists(reply)


def test_a_request_that_is_never_whole_is_given_up(server, tmp_path, monkeypatch):
    early = Early()
    monkeypatch.setattr("wend.daemon.loop.notifier", lambda path: early)
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    (shell,) = shells(server, tmp_path, 1)
    open(shell.path("1.req"), "wb").close()

    def end():
        until(lambda: server._inbox.incomplete, "the daemon has seen it")
        until(lambda: not server._inbox.incomplete, "the daemon gives up")
        stop(server)
        os.write(early.poke, b"x")

    ender = threading.Thread(target=end)
    ender.start()
    server.prepare()
    assert server.serve() == "stop"
    ender.join()


def test_a_shell_that_has_replaced_another_goes_on_where_that_was(server, tmp_path, monkeypatch):
    """`exec` leaves the process as it is: nothing is told twice, and the former shell is gone."""
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    project = tmp_path / "p"
    project.mkdir()
    (project / "requirements.txt").touch()
    first, second, third, command = shells(server, tmp_path, 4)
    second.replaces, third.replaces, third.pid = first.id, second.id, os.getppid()  # the third is another process
    third.id = f"{third.pid}-x"
    replies = []
    for number, shell in enumerate((first, second, third)):
        shell.number = number
        replies.append(shell.send(project))
    command.kind, command.number = "cli", 3
    command.send("/", words=("stop",))
    server.prepare()
    assert server.serve() == "stop"
    assert not os.path.exists(replies[0])
    hinted = []
    for reply in replies[1:]:
        with open(reply) as file:
            hinted.append("wend create" in file.read())
    assert hinted == [False, True]
    assert [each.id for each in server._sessions.all()] == [second.id, third.id]
    assert not [name for name in os.listdir(server.mailbox.path) if name.startswith(first.id)]


def test_a_command_that_asks_too_much_is_told_to_find_out_by_itself(server, tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    command, stopping = shells(server, tmp_path, 2)
    command.kind = stopping.kind = "cli"
    reply = command.send(tmp_path, words=("enter",), PATH="x" * (1 << 20))
    stopping.number = 1
    stopping.send("/", words=("stop",))
    server.prepare()
    assert server.serve() == "stop"
    with open(reply) as file:
        assert file.read() == "\n"


def test_a_request_under_another_name_than_its_own_is_removed(server, tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "Watcher", NoWatcher)
    (shell,) = shells(server, tmp_path, 1)
    reply = shell.send(tmp_path)
    os.rename(shell.path("1.req"), shell.path("2.req"))
    stop(server)
    server.prepare()
    assert server.serve() == "stop"
    assert (os.path.exists(shell.path("2.req")), os.path.exists(reply)) == (False, False)


def test_a_shell_that_the_kernel_lets_nothing_wait_for_is_looked_after(server, monkeypatch):
    """Else it would count as alive for good, and the daemon would never be idle."""
    server.prepare()
    session = Session(f"{os.getpid()}-x", os.getpid(), "bash", server.mailbox)

    def refuse(*_):
        raise OSError(errno.ENOSPC, "the limit of epoll")

    monkeypatch.setattr(server._selector, "register", refuse)
    server._track(session)
    assert server._sessions.get(session.id) is session
    assert list(server._sessions.unwatched) == [session.id]
    assert session.pidfd == -1


def test_what_a_shell_could_not_be_told_is_told_when_there_is_room_unless_it_asks(server, tmp_path):
    server.prepare()
    first, second, third = (Session(f"{os.getpid()}-{n}", os.getpid(), "bash", server.mailbox) for n in range(3))
    for session in (first, second, third):
        server._track(session)
        os.mkdir(tmp_path / "box" / f"{session.id}.flag")
        server._sessions.invalidate(session)
    server._restore_at = None
    assert server._timeout() == 0.2
    for session in (first, second, third):
        os.rmdir(tmp_path / "box" / f"{session.id}.flag")
    server._sessions.asks(second)
    server._forget(third)
    server._on_idle()
    assert [each.id for each in (first, second, third) if os.path.exists(tmp_path / "box" / f"{each.id}.flag")] == [
        first.id
    ]
    assert server._timeout() is None
    for session in (first, second):
        server._forget(session)


def test_a_command_makes_it_load_no_code_that_may_be_another_versions_by_now():
    """After an upgrade, a module that is first needed then is of the new version, and the others are not."""
    code = """
import sys
import wend.daemon.lifecycle
from wend.daemon.commands import Commands
from wend.disk import Disk
from wend.protocol import Request
from wend.typed import load_late
load_late()
assert "wend.engine.summary" in sys.modules
before = set(sys.modules)
request = Request("cli", 1, "1-cli", 1, "/", "", "enter", ("another", "place", "json", ""), False, (), {})
assert Commands({}, None).outcome(request, Disk()) == b""
print(*sorted(name for name in set(sys.modules) - before if name.startswith("wend")))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "\n"
