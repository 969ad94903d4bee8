"""What the daemon cannot do now it does later, and what it leaves in the mailbox: nothing that is not needed."""

from __future__ import annotations

import os
import signal
import subprocess

import psutil
import pytest

from wend.daemon.hinted import Hinted
from wend.daemon.mailbox import Mailbox
from wend.daemon.sessions import Session, Sessions

from .talk import Shell, until

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit(2)")


HINT = "no environment: wend create"


@pytest.fixture
def patient(shell):
    """Return a shell that has never given up waiting for an answer, however busy the machine is."""
    shell.ahead = 60
    return shell


def limit(daemon, what, number):
    """Let the running daemon have NUMBER of WHAT; return a function that gives back what it had."""
    soft, hard = resource.prlimit(daemon.pid(), what)
    resource.prlimit(daemon.pid(), what, (number, hard))
    return lambda: resource.prlimit(daemon.pid(), what, (soft, hard))


@pytest.mark.parametrize(
    ("what", "number"),
    [(resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_FSIZE, 10), (resource.RLIMIT_NOFILE, 3)],
    ids=["no file may be written", "ten bytes may be written", "no file may be opened"],
)
def test_a_request_that_cannot_be_answered_now_is_answered_later(daemon, shell, project, what, number):
    shell.ask(project)
    lift = limit(daemon, what, number)
    reply = shell.send(project)
    daemon.settle()
    assert os.path.exists(shell.path(f"{shell.number}.req"))
    assert not os.path.exists(reply)
    assert os.listdir(os.path.join(daemon.box, "new")) == []
    lift()
    until(lambda: os.path.exists(reply), "the answer")
    until(lambda: not os.path.exists(shell.path(f"{shell.number}.req")), "the request goes")
    with open(reply) as file:
        assert "VIRTUAL_ENV=" in file.read()
    assert daemon.processes[0].poll() is None


def test_it_is_answered_however_busy_the_other_shells_are(daemon, shell, project, tmp_path):
    other = Shell(daemon.box, shell.env)
    for each in (shell, other):
        each.ask(project)
    lift = limit(daemon, resource.RLIMIT_FSIZE, 0)
    reply = shell.send(project)
    daemon.settle()
    lift()
    # No moment of idleness.
    until(lambda: other.ask(project) and os.path.exists(reply), "the answer")


def test_a_first_question_while_no_file_may_be_opened_ends_no_daemon(daemon, shell, project):
    lift = limit(daemon, resource.RLIMIT_NOFILE, 3)
    reply = shell.send(project)
    daemon.settle()
    assert daemon.processes[0].poll() is None
    lift()
    until(lambda: os.path.exists(reply), "the answer")


def test_a_shell_whose_start_cannot_be_read_now_counts_as_living(tmp_path, monkeypatch):
    mailbox = Mailbox(str(tmp_path / "box"))
    session = Session(f"{os.getpid()}-x", os.getpid(), "bash", mailbox)

    def fail(pid):
        raise OSError(24, "Too many open files")

    session.close()
    assert session.register_start()
    assert session.started
    monkeypatch.setattr("psutil.Process", fail)
    assert session.alive()
    assert session.register_start()
    assert [each.id for each in Sessions(mailbox).found([f"{session.id}.bell".encode()])] == [session.id]
    session.close()


def test_a_shell_lives_on_when_the_clock_is_set(tmp_path, monkeypatch):
    """Where the kernel does not report its end, as where it has no pidfd."""
    session = Session(f"{os.getpid()}-x", os.getpid(), "bash", Mailbox(str(tmp_path / "box")))
    session.close()
    assert session.register_start()
    now = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: now + 3600)  # as the kernel says then
    assert session.alive()


@pytest.mark.parametrize("pid", [2**31, 2**32, 9_999_999_999])
def test_a_pid_that_no_process_can_have_is_that_of_a_dead_shell(tmp_path, pid):
    mailbox = Mailbox(str(tmp_path / "box"))
    sessions = Sessions(mailbox)
    session = Session(f"{pid}-x", pid, "bash", mailbox)
    sessions.add(session)
    assert sessions.dead() == [session]
    assert not session.register_start()
    assert sessions.found([f"{pid}-y.bell".encode()]) == []


def test_a_flag_that_could_not_be_made_is_made_the_next_time(tmp_path, monkeypatch):
    mailbox = Mailbox(str(tmp_path / "box"))
    sessions = Sessions(mailbox)
    session = Session(f"{os.getpid()}-x", os.getpid(), "bash", mailbox)
    sessions.add(session)
    with monkeypatch.context() as full:
        full.setattr(os, "open", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        sessions.invalidate(session)
    sessions.invalidate(session)
    assert mailbox.holds(f"{session.id}.flag".encode())
    session.close()


def ours(daemon, shell):
    """Return the endings of SHELL's files in the mailbox."""
    return sorted(name.partition(".")[2] for name in os.listdir(daemon.box) if name.startswith(shell.id))


def test_of_the_replies_that_daemons_left_only_the_last_stays(daemon, tmp_path):
    os.mkdir(daemon.box, 0o700)
    shell = Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"})
    for number in (2, 10, 9):
        with open(shell.path(f"{number}.rep"), "w"):
            pass
    daemon.start()
    until(lambda: ours(daemon, shell) == ["10.rep", "flag"], "the older replies go")
    shell.number = 10
    shell.ask(tmp_path)
    until(lambda: ours(daemon, shell) == [f"{shell.number}.rep"], "the last one goes with the next answer")


@pytest.mark.parametrize("when", ["before the start", "later"])
def test_a_request_that_is_never_whole_is_removed(daemon, tmp_path, when):
    shell = Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"})
    if when == "later":
        daemon.start()
        Shell(daemon.box, shell.env).ask(tmp_path)  # it has looked at what lay there
    else:
        os.mkdir(daemon.box, 0o700)
    with open(shell.path("1.req"), "wb") as file:
        file.write(b"2\0bash\0")
    if when == "before the start":
        daemon.start()
    until(lambda: ours(daemon, shell) == [], "the incomplete request goes")


@pytest.mark.parametrize("when", ["before the start", "later"])
def test_what_was_being_written_for_a_shell_that_ended_goes(daemon, tmp_path, when):
    ended, lives = (subprocess.Popen(["sleep", "100"]) for _ in range(2))
    env = {"HOME": str(tmp_path), "PATH": "/bin"}
    shell, other = (Shell(daemon.box, env, pid=process.pid) for process in (ended, lives))
    drafts = os.path.join(daemon.box, "new")
    try:
        if when == "later":
            daemon.start()
            shell.ask(tmp_path)
        else:
            os.makedirs(drafts, 0o700)
            os.chmod(daemon.box, 0o700)
        for name in (shell.id, other.id, *([f"{shell.id}.3"] if when != "later" else [])):
            with open(os.path.join(drafts, name), "w"):
                pass
        ended.kill()
        ended.wait()
        if when != "later":
            daemon.start()
        until(lambda: os.listdir(drafts) == [other.id], "they go, and those of a living shell stay")
    finally:
        for process in (ended, lives):
            process.kill()
            process.wait()


def test_a_hint_is_shown_once_for_each_directory_in_a_shell(patient, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert [name for name in "abaab" if HINT in patient.ask(tmp_path / name)] == ["a", "b"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["terminated", "killed"])
def test_a_hint_is_not_repeated_where_the_daemon_was_restarted(daemon, patient, tmp_path, number):
    """Wherever the shell went meanwhile."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text('[project]\nname = "x"\n')
    told = []
    for name in ("a", "", "b", "a", "b"):
        if HINT in patient.ask(tmp_path / name, words=("cd",)):
            told.append(name)
        daemon.processes[-1].send_signal(number)
        daemon.processes[-1].wait()
        daemon.start()
    assert told == ["a", "b"]
    assert "told" in ours(daemon, patient)


@pytest.mark.parametrize("what", ["nothing", "a pipe", "a link", "noise"])
def test_what_lies_where_hints_are_noted_does_no_harm(patient, tmp_path, what):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"\n')
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    patient.ask(tmp_path)
    if what == "a pipe":
        os.mkfifo(patient.path("told"))
    elif what == "a link":
        os.symlink(victim, patient.path("told"))
    elif what == "noise":
        with open(patient.path("told"), "wb") as file:
            file.write(b"\xff" * 16 + b"\n" + b"0" * 100_000 + b"\n0123456789abcde")
    assert HINT in patient.ask(tmp_path / "a", words=("cd",))
    patient.ask(tmp_path, words=("cd",))
    assert HINT not in patient.ask(tmp_path / "a", words=("cd",))
    assert victim.read_text() == "untouched"


def test_a_hint_is_shown_to_a_shell_that_moved_while_no_daemon_ran(daemon, shell, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"\n')
    shell.ask(tmp_path)
    daemon.processes[-1].terminate()
    daemon.processes[-1].wait()
    daemon.start()
    assert HINT in shell.ask(tmp_path / "a", words=("cd",))


def test_a_hint_that_could_not_be_written_is_shown_later(daemon, shell, tmp_path):
    shell.ask(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"\n')
    lift = limit(daemon, resource.RLIMIT_FSIZE, 0)
    reply = shell.send(tmp_path / "a")
    daemon.settle()
    lift()
    until(lambda: os.path.exists(reply), "the answer")
    with open(reply) as file:
        assert HINT in file.read()


def test_a_hint_in_an_answer_that_came_too_late_is_shown_again(patient, tmp_path):
    """The shell has given up by then, and asks again."""
    patient.ask(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"\n')
    patient.ahead = -1
    assert HINT in patient.ask(tmp_path / "a")
    patient.ahead = 60
    assert HINT in patient.ask(tmp_path / "a")
    assert HINT not in patient.ask(tmp_path / "a")


def test_what_was_hinted_at_is_bounded(tmp_path):
    """In memory, and in the mailbox, from which the next daemon reads the same."""
    mailbox = Mailbox(str(tmp_path / "box"))
    file = tmp_path / "box" / "1-x.told"
    hinted = Hinted(mailbox, "1-x")
    for number in range(30_000):
        hinted.add(f"/{number}")
    assert file.stat().st_size < 1 << 19
    for each in (hinted, Hinted(mailbox, "1-x")):
        assert "/29999" in each
        assert "/22000" in each
        assert "/0" not in each
        assert len(each) == 8192


def test_a_note_that_was_not_written_whole_costs_no_later_one(tmp_path):
    mailbox = Mailbox(str(tmp_path / "box"))
    hinted = Hinted(mailbox, "1-x")
    mailbox.note(b"1-x.told", b"\n0123")
    hinted.add("/a")
    assert "/a" in Hinted(mailbox, "1-x")
    assert "/b" not in Hinted(mailbox, "1-x")


def test_a_link_where_a_reply_is_written_leads_to_no_other_file(daemon, shell, project, tmp_path):
    shell.ask(project)
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    for number in range(1, 20):
        os.symlink(victim, os.path.join(daemon.box, "new", f"{shell.id}.{shell.number + number}"))
    assert "VIRTUAL_ENV=" in shell.ask(project)
    assert victim.read_text() == "untouched"
    assert not os.path.islink(shell.path(f"{shell.number}.rep"))
