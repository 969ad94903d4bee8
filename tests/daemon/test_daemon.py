"""The daemon as a process: starts once, answers all, survives, ends, is replaced."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
import venv

import psutil
import pytest

import wend
from tests import conftest
from wend import client
from wend.daemon import mailbox
from wend.protocol import COMMAND

from .talk import WAIT, Daemon, Shell, until


def test_answers_with_complete_shell_code(shell, project, tmp_path):
    text = shell.ask(project)
    assert f"VIRTUAL_ENV='{project}/.venv'" in text
    assert text.endswith(": wend-end")
    assert "VIRTUAL_ENV=" not in shell.ask(tmp_path)


def test_the_old_reply_goes_with_the_next_request_and_everything_with_the_shell(daemon, project, tmp_path):
    daemon.start()
    process = subprocess.Popen(["sleep", "60"])
    shell = Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"}, process.pid)
    shell.ask(project)
    shell.ask(tmp_path)
    ours = [name for name in os.listdir(daemon.box) if name.startswith(shell.id)]
    assert sorted(ours) == sorted([f"{shell.id}.bell", f"{shell.id}.{shell.number}.rep"])
    process.kill()
    process.wait()
    until(lambda: not [n for n in os.listdir(daemon.box) if n.startswith(shell.id)], "the dead shell's files go")


def test_fifty_starters_make_one_daemon_and_lose_no_question(daemon, project, tmp_path):
    os.mkdir(daemon.box, 0o700)
    shells = [Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"}) for _ in range(50)]
    replies = [shell.send(project) for shell in shells]
    starters = [daemon.start(wait=False) for _ in range(50)]
    for reply in replies:
        until(lambda reply=reply: os.path.exists(reply), "an answer")
    until(lambda: sum(starter.poll() is None for starter in starters) == 1, "one daemon is left")
    assert {starter.returncode for starter in starters} == {0, None}
    assert b"".join(starter.stdout.read() for starter in starters if starter.poll() is not None) == b""


def test_each_of_many_shells_gets_the_answer_for_its_own_directory(daemon, project, tmp_path):
    other = tmp_path / "other"
    venv.create(other / ".venv", with_pip=False)
    daemon.start()
    shells = [Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"}) for _ in range(20)]
    for shell in shells:
        shell.ask(tmp_path)
    for turn in range(3):
        places = [(project, tmp_path, other)[(number + turn) % 3] for number in range(len(shells))]
        replies = [shell.send(place) for shell, place in zip(shells, places)]
        for reply, place in zip(replies, places):
            until(lambda reply=reply: os.path.exists(reply), "an answer")
            with open(reply) as file:
                text = file.read()
            named = [each for each in (project, other) if f"{each}/" in text]
            assert named == ([] if place == tmp_path else [place])


@pytest.mark.parametrize("locale", ["C", "nowhere.UTF-8"])
def test_a_daemon_that_started_without_utf8_answers_for_any_name(daemon, tmp_path, locale):
    daemon.env.update(LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYENV_ROOT="/elsewhere")
    daemon.start()
    root = tmp_path / "root é"
    (root / "versions" / "3.11.2" / "bin").mkdir(parents=True)
    os.symlink(sys.executable, root / "versions" / "3.11.2" / "bin" / "python")
    place = tmp_path / "dé漢"
    place.mkdir()
    (place / ".python-version").write_text("3.11.2\n")
    shell = Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin", "PYENV_ROOT": str(root)})
    shell.names = ("PYENV_ROOT",)
    text = shell.ask(place)
    assert "versions/3.11.2/bin" in text
    assert "elsewhere" not in text


def test_killed_and_replaced_answers_what_lay_there(daemon, shell, project):
    first = daemon.processes[0]
    first.kill()
    first.wait()
    late = shell.send(project)
    dead = os.path.join(daemon.box, "999999999-0000.7.rep")
    open(dead, "w").close()
    command = os.path.join(daemon.box, f"{os.getpid()}-{COMMAND}00.")
    open(command + "1.rep", "w").close()
    daemon.start()
    until(lambda: os.path.exists(late), "the old question's answer")
    until(lambda: not os.path.exists(dead), "the dead shell's file goes")
    assert not os.path.exists(command + "flag")  # no shell that could ask again


def test_a_starter_waits_for_the_lock_of_a_daemon_that_is_dying(daemon):
    os.mkdir(daemon.box, 0o700)
    with open(os.path.join(daemon.box, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = daemon.start(wait=False)
        time.sleep(0.3)
        assert process.poll() is None
    until(lambda: daemon.pid() == process.pid, "it takes over")


@pytest.mark.parametrize("kind", ["bash", "fish"])  # with a bell and without
def test_a_replacement_makes_living_shells_ask_again(daemon, shell, project, kind):
    shell.kind = kind
    shell.ask(project)
    daemon.processes[0].kill()
    daemon.processes[0].wait()
    daemon.start()
    until(lambda: os.path.exists(shell.path("flag")), "the flag")
    shell.ask(project)
    assert not os.path.exists(shell.path("flag"))
    assert f'"kind": "{kind}"' in Shell(daemon.box, {}, kind="cli").ask("/", words=("status", shell.id))


def test_a_removed_lock_file_makes_no_second_daemon(daemon, shell, project):
    os.unlink(os.path.join(daemon.box, "lock"))
    second = daemon.start(wait=False)
    assert second.wait(timeout=WAIT) == 0
    assert daemon.pid() == daemon.processes[0].pid
    assert "VIRTUAL_ENV=" in shell.ask(project)


def _remove(box):
    conftest.remove(box)


def _move(box):
    os.rename(box, box + ".moved")


def _remove_inside(box):
    os.rmdir(os.path.join(box, "new"))


@pytest.mark.parametrize("notified", [True, False])
@pytest.mark.parametrize("harm", [_remove, _move, _remove_inside])
def test_ends_when_its_mailbox_goes_and_another_can_serve_in_its_place(tmp_path, project, harm, notified):
    box = str(tmp_path / f"wend-{os.geteuid()}")
    command = None if notified else [sys.executable, "-c", LOOKING, box, str(tmp_path / "state")]
    daemon = Daemon(tmp_path, command=command)
    try:
        first = daemon.start()
        home = {"HOME": str(tmp_path), "PATH": "/bin"}
        Shell(daemon.box, home).ask(project)
        harm(box)
        assert first.wait(timeout=WAIT) == 0
        daemon.start()
        assert "VIRTUAL_ENV=" in Shell(daemon.box, home).ask(project)
    finally:
        daemon.end()


@pytest.mark.parametrize("notified", [True, False])
def test_ends_when_others_may_enter_its_mailbox(tmp_path, project, notified):
    box = str(tmp_path / f"wend-{os.geteuid()}")
    command = None if notified else [sys.executable, "-c", LOOKING, box, str(tmp_path / "state")]
    daemon = Daemon(tmp_path, command=command)
    try:
        first = daemon.start()
        Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"}).ask(project)
        os.chmod(box, 0o777)
        assert first.wait(timeout=WAIT) == 0
    finally:
        daemon.end()


@pytest.mark.parametrize("change", [("umount", "-l"), ("mount", "-t", "tmpfs", "none")])
def test_ends_when_its_path_leads_to_another_file_system(tmp_path, project, change):
    """What was unmounted lazily goes on for a process that holds it, and a watch on it tells nothing."""
    place = tmp_path / "place"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here: that takes root")
    daemon = Daemon(place)
    try:
        first = daemon.start()
        home = {"HOME": str(tmp_path), "PATH": "/bin"}
        Shell(daemon.box, home).ask(project)
        subprocess.run([*change, str(place)], check=True)
        assert first.wait(timeout=WAIT) == 0
        daemon.start()
        assert "VIRTUAL_ENV=" in Shell(daemon.box, home).ask(project)
    finally:
        daemon.end()
        while os.path.ismount(place):
            subprocess.run(["umount", "-l", str(place)], check=True)


LOOKING = """
import sys
from wend.daemon import loop
loop.notifier = lambda path: None
from wend.daemon.lifecycle import run
sys.exit(run(sys.argv[1], sys.argv[2]))
"""


def test_looks_by_itself_where_the_kernel_does_not_tell_also_after_the_last_shell_has_gone(tmp_path, project):
    box = str(tmp_path / f"wend-{os.geteuid()}")
    daemon = Daemon(tmp_path, command=[sys.executable, "-c", LOOKING, box, str(tmp_path / "state")])
    try:
        daemon.start()
        home = {"HOME": str(tmp_path), "PATH": "/bin"}
        for _ in range(2):
            process = subprocess.Popen(["sleep", "60"])
            shell = Shell(daemon.box, home, process.pid)
            assert "VIRTUAL_ENV=" in shell.ask(project)
            process.kill()
            process.wait()
            until(lambda ours=shell: not [n for n in os.listdir(box) if n.startswith(ours.id)], "its files go")
    finally:
        daemon.end()


def test_answers_where_no_inotify_instance_is_left(tmp_path, project):
    """Nor one for watchdog: it looks by itself, and does not try again and again instead."""
    box = str(tmp_path / f"wend-{os.geteuid()}")
    limit = "echo 0 >/proc/sys/user/max_inotify_instances"
    if subprocess.run(["unshare", "-Ur", "sh", "-c", limit], capture_output=True, check=False).returncode:
        pytest.skip("there is no user namespace with a limit of its own")
    command = ["unshare", "-Ur", "sh", "-c", f'{limit}; exec "$0" "$@"', sys.executable, "-m", "wend"]
    daemon = Daemon(tmp_path, command=[*command, "daemon", "run", box])
    try:
        daemon.start()
        for _ in range(3):
            shell = Shell(daemon.box, {"HOME": str(tmp_path), "PATH": "/bin"})
            assert "VIRTUAL_ENV=" in shell.ask(project)
            shell.ask(tmp_path)
            time.sleep(0.1)
        log = (tmp_path / "state" / "wend" / "daemon.log").read_text()
        assert log.count("\n") < 5, log[:2000]
    finally:
        daemon.end()


def test_stopped_and_continued_answers_what_lay_there(daemon, shell, project):
    daemon.processes[0].send_signal(signal.SIGSTOP)
    late = shell.send(project)
    daemon.processes[0].send_signal(signal.SIGCONT)
    until(lambda: os.path.exists(late), "the answer")


def test_holds_no_directory_terminal_or_descriptor_and_survives_sighup(daemon, tmp_path):
    with open(tmp_path / "held", "w") as held:
        os.set_inheritable(held.fileno(), True)
        process = subprocess.Popen(
            daemon.command, env=daemon.env, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, close_fds=False,
        )  # fmt: skip
    daemon.processes.append(process)
    until(lambda: daemon.pid() == process.pid, "the start")
    links = open_files(process.pid)
    assert links
    assert str(tmp_path / "held") not in links
    assert not [link for link in links if link.startswith(("/dev/pts", "/dev/tty"))]
    assert os.readlink(f"/proc/{process.pid}/cwd") == "/"
    assert os.getsid(process.pid) == process.pid
    process.send_signal(signal.SIGHUP)
    assert Shell(daemon.box, {"HOME": str(tmp_path)}).ask(tmp_path)


def open_files(pid):
    """Return what PID has open; it opens and closes things while we look."""
    links = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            continue
    return links


def test_log_is_private(daemon, shell, tmp_path):
    log = tmp_path / "state" / "wend" / "daemon.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    until(lambda: "started" in log.read_text(), "the first line")  # it is written after the mailbox is ready


def test_ends_when_idle_and_not_while_a_shell_lives(tmp_path, project):
    config = tmp_path / "config.toml"
    config.write_text("[daemon]\nidle_exit = 0.005\n")
    daemon = Daemon(tmp_path, {"WEND_CONFIG": str(config)})
    try:
        sleeper = subprocess.Popen(["sleep", "600"])
        shell = Shell(daemon.box, {"HOME": str(tmp_path)}, sleeper.pid)
        os.mkdir(daemon.box, 0o700)
        reply = shell.send(project)  # before it starts: else it may have ended by then
        process = daemon.start()
        until(lambda: os.path.exists(reply), "the answer")
        time.sleep(1)  # three times the limit: long enough to have ended by mistake
        assert process.poll() is None
        sleeper.kill()
        sleeper.wait()
        until(lambda: process.poll() is not None, "the idle exit")
        assert process.returncode == 0
        assert not os.path.lexists(os.path.join(daemon.box, "ns"))
    finally:
        daemon.end()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order(daemon, number, status):
    process = daemon.start()
    process.send_signal(number)
    assert process.communicate(timeout=WAIT)[0] == b""
    assert process.returncode == status
    assert not os.path.lexists(os.path.join(daemon.box, "ns"))


def test_waits_longer_than_the_kernel_can(tmp_path):
    """epoll takes some 24 days at most."""
    config = tmp_path / "config.toml"
    config.write_text("[daemon]\nidle_exit = 1000000\n")
    daemon = Daemon(tmp_path, {"WEND_CONFIG": str(config)})
    try:
        daemon.start()
        for _ in range(3):  # in between it waits for the next question
            answer = client.ask(("status",), {"WEND_RUNTIME_DIR": str(tmp_path)})
            assert answer is not None
            assert answer["daemon"]["shells"] == 0
    finally:
        daemon.end()


def test_is_replaced_in_place_after_an_upgrade(tmp_path, project):
    site = tmp_path / "site"
    shutil.copytree(os.path.dirname(wend.__file__), site / "wend", ignore=shutil.ignore_patterns("__pycache__"))
    box = str(tmp_path / f"wend-{os.geteuid()}")
    command = [sys.executable, "-I", "-X", "utf8", str(site / "wend" / "__main__.py"), "daemon", "run", box]
    daemon = Daemon(tmp_path, command=command)
    try:
        process = daemon.start()
        home = {"HOME": str(tmp_path)}
        Shell(daemon.box, home).ask(project)
        init = site / "wend" / "__init__.py"
        init.write_text(init.read_text().replace(wend.__version__, "9.9.9"))
        log = tmp_path / "state" / "wend" / "daemon.log"
        Shell(daemon.box, home).ask(project)
        until(lambda: "ended: upgrade" in log.read_text(), "the upgrade")
        status = Shell(daemon.box, home, kind="cli").ask(project, words=("status",))
        assert '"version": "9.9.9"' in status
        assert process.poll() is None
        assert daemon.pid() == process.pid
    finally:
        daemon.end()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"2\0bash\0",
        b"3\0bash\x001\0x\x001\0/\0\0\0\0.\0",
        b"\xff" * 5000,
        b"1\0" * 400000,
        b"1" * (2 << 20),
    ],
    ids=["empty", "nul", "torn", "version", "bytes", "fields", "huge"],
)
def test_bad_requests_are_ignored_and_cost_other_shells_nothing(daemon, shell, project, content):
    name = os.path.join(daemon.box, f"{os.getpid()}-bad.1.req")
    with open(name, "wb") as file:
        file.write(content)
    os.mkfifo(os.path.join(daemon.box, f"{os.getpid()}-fifo.1.req"))
    os.symlink("/dev/zero", os.path.join(daemon.box, f"{os.getpid()}-zero.1.req"))
    assert "VIRTUAL_ENV=" in shell.ask(project)
    assert daemon.processes[0].poll() is None


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_an_open_mailbox_is_refused_with_what_to_type(daemon, mode):
    os.mkdir(daemon.box)
    os.chmod(daemon.box, mode)
    process = daemon.start(wait=False)
    output = process.communicate(timeout=WAIT)[0].decode()
    assert process.returncode == 1
    assert stat.S_IMODE(os.stat(daemon.box).st_mode) == mode
    assert output == f"wend: {daemon.box} is open to others: chmod 700 {daemon.box}\n"


def test_says_where_it_is_where_there_are_no_namespaces(tmp_path, monkeypatch):
    box = mailbox.Mailbox(str(tmp_path / "box"))
    box.publish()
    assert os.readlink(tmp_path / "box" / "ns") == f"/proc/{os.getpid()}/ns/mnt"
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    box.publish()
    monkeypatch.undo()
    assert os.path.exists(tmp_path / "box" / "ns")
    assert mailbox.daemon_pid(str(tmp_path / "box")) == os.getpid()
    box.withdraw()
    assert os.listdir(tmp_path / "box") == ["new"]
    assert os.listdir(tmp_path / "box" / "new") == []


def test_takes_back_only_what_it_said_itself(tmp_path):
    box = mailbox.Mailbox(str(tmp_path / "box"))
    os.symlink("/proc/1/ns/mnt", tmp_path / "box" / "ns")
    box.withdraw()
    assert os.path.lexists(tmp_path / "box" / "ns")
    box.publish()
    box.withdraw()
    assert not os.path.lexists(tmp_path / "box" / "ns")


def test_a_link_for_a_mailbox_is_refused(daemon, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    os.symlink(tmp_path / "elsewhere", daemon.box)
    process = daemon.start(wait=False)
    output = process.communicate(timeout=WAIT)[0].decode()
    assert process.returncode == 1
    assert output.startswith(f"wend: {daemon.box} ")
    assert os.listdir(tmp_path / "elsewhere") == []


def test_keeps_its_lock_where_it_was_started_without_standard_files(daemon, project):
    command = ["/bin/sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', *daemon.command]
    process = subprocess.Popen(command, env=daemon.env)
    daemon.processes.append(process)
    until(lambda: daemon.pid() == process.pid, "the start")
    second = daemon.start(wait=False)
    second.communicate(timeout=WAIT)
    assert second.returncode == 0
    assert daemon.pid() == process.pid
    assert "VIRTUAL_ENV=" in Shell(daemon.box, {"HOME": str(project)}).ask(project)


def test_a_new_environment_flags_the_shells_that_look_there(daemon, shell, tmp_path):
    place = tmp_path / "new" / "sub"
    place.mkdir(parents=True)
    shell.ask(place)
    until(lambda: watched(daemon, tmp_path / "new"), "the watch")
    venv.create(tmp_path / "new" / ".venv", with_pip=False)
    until(lambda: os.path.exists(shell.path("flag")), "the flag")
    assert "VIRTUAL_ENV=" in shell.ask(place)


def test_an_edit_behind_a_linked_marker_flags_the_shells_that_look_there(daemon, shell, tmp_path):
    place, shared = tmp_path / "new", tmp_path / "shared"
    for directory in (place, shared):
        directory.mkdir()
    (shared / "version").write_text("3.1.1\n")
    (place / ".python-version").symlink_to(shared / "version")
    shell.ask(place)
    until(lambda: watched(daemon, shared), "the watch")
    until(lambda: not os.path.exists(shell.path("flag")) or shell.ask(place), "an answer that stays")
    (shared / "version").write_text("3.1.2\n")
    until(lambda: os.path.exists(shell.path("flag")), "the flag")
    assert "3.1.2" in shell.ask(place)


@pytest.mark.parametrize("before", ["elsewhere", ""])
def test_an_environment_in_a_store_counts_one_prompt_after_the_next_answer_at_the_latest(
    daemon, shell, tmp_path, before
):
    """The files in a store are not watched, but those that name a directory on the way up (BEFORE is empty)."""
    place, project = tmp_path / "new", tmp_path / ".virtualenvs" / "red" / ".project"
    place.mkdir()
    venv.create(project.parent, with_pip=False)
    project.write_text(f"{tmp_path / before}\n")
    time.sleep(0.1)  # until the files are old enough to be remembered
    shell.ask(place)
    until(lambda: watched(daemon, place), "the watch")
    until(lambda: shell.ask(place) and not os.path.exists(shell.path("flag")), "an answer that stays")
    project.write_text(f"{place}\n")
    wanted = f"VIRTUAL_ENV='{project.parent}'"
    if wanted not in shell.ask(place, words=("cd",)):
        until(lambda: os.path.exists(shell.path("flag")), "the flag")
        assert wanted in shell.ask(place)


def test_a_directory_made_again_is_watched_again(daemon, shell, tmp_path):
    place = tmp_path / "new"
    for _ in range(2):
        place.mkdir()
        until(lambda: shell.ask(place) and watched(daemon, place), "the watch")
        shutil.rmtree(place)


def watched(daemon, directory):
    """Whether the kernel watches DIRECTORY for the daemon."""
    inode = f"ino:{os.stat(directory).st_ino:x} "
    infos = f"/proc/{daemon.pid()}/fdinfo"
    for fd in os.listdir(infos):
        try:
            with open(f"{infos}/{fd}") as info:
                if inode in info.read():
                    return True
        except OSError:
            continue
    return False


def test_more_shells_than_it_may_have_descriptors_all_get_answers(daemon, tmp_path, project):
    """It waits for the end of each shell with a descriptor, and needs one to read a question."""
    process = daemon.start()
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (64, 64))
    for _ in range(100):
        assert "VIRTUAL_ENV=" in Shell(daemon.box, {"HOME": str(tmp_path)}).ask(project)


def test_a_change_that_cannot_be_told_for_lack_of_descriptors_is_told_later(daemon, shell, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    shell.ask(place)
    until(lambda: watched(daemon, place), "the watch")
    limit = resource.prlimit(daemon.pid(), resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid(), resource.RLIMIT_NOFILE, (3, limit[1]))
    venv.create(place / ".venv", with_pip=False)
    time.sleep(0.5)  # as long as the daemon may need to hear of it
    assert not os.path.exists(shell.path("flag"))
    resource.prlimit(daemon.pid(), resource.RLIMIT_NOFILE, limit)
    until(lambda: os.path.exists(shell.path("flag")), "the flag")


def test_does_nothing_while_nothing_happens(daemon, shell, project):
    shell.ask(project)
    until(lambda: watched(daemon, project), "the watch")
    before = daemon.settle()
    time.sleep(1)  # longer than anything that it could repeat, but for what it does every 30 s
    assert daemon.settle() == before


def test_status_stop_off_and_on(daemon, shell, project):
    shell.ask(project)
    command = Shell(daemon.box, {}, kind="cli")
    assert '"shells": 1' in command.ask("/", words=("status",))
    assert '"ok": true' in command.ask("/", words=("off", shell.id))
    assert os.path.exists(shell.path("flag"))
    assert "VIRTUAL_ENV=" not in shell.ask(project)
    assert '"ok": false' in command.ask("/", words=("off", "1-nobody"))
    command.ask("/", words=("stop",))
    until(lambda: daemon.processes[0].poll() == 0, "the stop")


HANGING = """
import sys, threading
from wend.daemon import answers as server
real = server.respond
def respond(request, disk):
    if request.cwd.endswith("/hung"):
        while not __import__("os").path.exists(request.cwd + "/../go"):
            threading.Event().wait(0.01)
    return real(request, disk)
server.respond = respond
from wend.daemon.lifecycle import run
sys.exit(run(sys.argv[1], sys.argv[2]))
"""


@pytest.fixture
def hanging(tmp_path):
    """Yield a daemon that waits in the directory `hung` of TMP_PATH until there is a file `go`."""
    (tmp_path / "hung").mkdir()
    box = str(tmp_path / f"wend-{os.geteuid()}")
    daemon = Daemon(tmp_path, command=[sys.executable, "-c", HANGING, box, str(tmp_path / "state")])
    daemon.start()
    yield daemon
    daemon.end()


def test_a_disk_that_hangs_costs_only_the_shells_in_that_directory(tmp_path, project, hanging):
    home = {"HOME": str(tmp_path)}
    stuck = Shell(hanging.box, home)
    reply = stuck.send(tmp_path / "hung")
    assert "VIRTUAL_ENV=" in Shell(hanging.box, home).ask(project)
    other = Shell(hanging.box, home)
    waiting = other.send(tmp_path / "hung")
    assert "VIRTUAL_ENV=" in Shell(hanging.box, home).ask(project)
    assert not os.path.exists(reply)
    assert not os.path.exists(waiting)
    (tmp_path / "go").touch()
    until(lambda: os.path.exists(reply) and os.path.exists(waiting), "both answers after all")


def test_what_is_answered_while_a_disk_hangs_is_watched_afterwards(tmp_path, project, hanging):
    (tmp_path / "place").mkdir()
    home = {"HOME": str(tmp_path)}
    shell = Shell(hanging.box, home)
    until(lambda: shell.ask(project) and watched(hanging, project), "a watch; it takes long only once")
    Shell(hanging.box, home).send(tmp_path / "hung")
    shell.ask(tmp_path / "place")
    for _ in range(3):  # until that answer has been seen to
        Shell(hanging.box, home, kind="cli").ask("/", words=("status",))
    assert not watched(hanging, tmp_path / "place")
    (tmp_path / "go").touch()
    until(lambda: watched(hanging, tmp_path / "place"), "the watch")
    venv.create(tmp_path / "place" / ".venv", with_pip=False)
    until(lambda: os.path.exists(shell.path("flag")), "the flag")


def test_a_disk_that_hangs_does_not_keep_it_from_ending(tmp_path, project, hanging):
    process = hanging.processes[0]
    home = {"HOME": str(tmp_path)}
    Shell(hanging.box, home).send(tmp_path / "hung")
    assert "VIRTUAL_ENV=" in Shell(hanging.box, home).ask(project)
    Shell(hanging.box, home, kind="cli").ask(project, words=("stop",))
    assert process.wait(20) == 0
    assert hanging.pid() == 0


def test_a_question_answered_twice_keeps_its_answer(daemon, shell, project):
    shell.ask(project)
    daemon.processes[0].kill()
    daemon.processes[0].wait()
    shell.number -= 1  # as if the dead daemon had not come to removing the question
    shell.send(project)
    daemon.start()
    until(lambda: not os.path.exists(shell.path(f"{shell.number}.req")), "the second answer")
    assert os.path.exists(shell.path(f"{shell.number}.rep"))


def test_a_crowd_of_files_costs_a_shell_no_answer(daemon, shell, project, tmp_path):
    """In a directory that is watched, because a shell stands in it: each event is looked at, and none is answered."""
    place = tmp_path / "crowded"
    place.mkdir()
    shell.ask(place)
    until(lambda: watched(daemon, place), "the watch")
    for number in range(20000):
        os.close(os.open(place / str(number), os.O_CREAT | os.O_WRONLY))
        if number % 1000 == 0:
            assert "VIRTUAL_ENV=" in shell.ask(project)
            shell.ask(place)
    venv.create(place / ".venv", with_pip=False)
    assert "VIRTUAL_ENV=" in shell.ask(place)
    print(psutil.Process(daemon.pid()).cpu_times(), psutil.Process(daemon.pid()).memory_info().rss)
    assert daemon.processes[0].poll() is None
