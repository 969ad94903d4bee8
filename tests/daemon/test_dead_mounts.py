"""A mount that does not answer: it holds one thread, not one for each project that leads into it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import venv

import pytest

import wend
from wend import client
from wend.daemon.lifecycle import wait_gone

from .talk import WAIT, Daemon, Shell, until
from .test_daemon import watched

# A daemon for which everything below PLACE/far is an NFS mount, and PLACE/far-N others. They do not answer while
# PLACE/hang exists.
FAR = """
import os, sys, time
from wend.disk import mounts
box, state, place = sys.argv[1:]
table = "1 1 8:1 / / rw - ext4 /dev/sda1 rw\\n".encode()
for name in os.listdir(place):
    if name.startswith("far"):
        table += f"2 1 0:9 / {place}/{name} rw - nfs4 server:/x rw\\n".encode()
mounts.read = lambda: mounts.parse(table)
readlink, exists = os.readlink, os.stat

def where(path, follow):
    at, left = "", path.split("/")[::-1]
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        if part == "..":
            at = os.path.dirname(at)
            continue
        try:
            target = readlink(f"{at}/{part}") if left or follow else ""
        except OSError:
            target = ""
        if target:
            at = "" if target.startswith("/") else at
            left += target.split("/")[::-1]
        else:
            at = f"{at}/{part}"
    return at

def hangs():
    try:
        exists(f"{place}/hang")
    except OSError:
        return False
    return True

def patch(name, follow):
    real = getattr(os, name)
    def call(path, *args, **options):
        if isinstance(path, str) and path.startswith("/") and mounts.parse(table).remote(where(path, follow)):
            while hangs():
                time.sleep(0.01)
        return real(path, *args, **options)
    setattr(os, name, call)

for name, follow in (("stat", True), ("lstat", False), ("readlink", False), ("open", True), ("listdir", True)):
    patch(name, follow)
from wend.daemon import leadership
from wend.daemon.lifecycle import run
leadership.PATIENCE = 1.0  # on a busy machine, an answer may take longer than a shell waits
sys.exit(run(box, state))
"""
PROJECTS = 10


@pytest.fixture
def place(tmp_path):
    (tmp_path / "far").mkdir()
    for number in range(PROJECTS):
        (tmp_path / f"p{number}").mkdir()
        venv.create(tmp_path / "far" / f"v{number}", with_pip=False, symlinks=True)
        os.symlink(tmp_path / "far" / f"v{number}", tmp_path / f"p{number}" / ".venv")
    (tmp_path / "far" / "project").mkdir()
    os.symlink(tmp_path / "far", tmp_path / "link")
    return tmp_path


@pytest.fixture
def far(place):
    box = str(place / f"wend-{os.geteuid()}")
    daemon = Daemon(place, command=[sys.executable, "-c", FAR, box, str(place / "state"), str(place)])
    daemon.start()
    yield daemon
    daemon.end()


def held(place):
    """Return what held a thread, as logged."""
    with open(place / "state" / "daemon.log") as file:
        return [line.rpartition(": ")[2].strip() for line in file if "no answer from the disk" in line]


def shells(far, place, number):
    return [Shell(far.box, {"HOME": str(place), "PATH": "/usr/bin:/bin"}) for _ in range(number)]


@pytest.mark.parametrize("seen_before", [False, True])
def test_projects_that_lead_into_it_hold_one_thread_and_are_asked_again_when_it_answers(
    far, place, project, seen_before
):
    asking = shells(far, place, PROJECTS)
    if seen_before:  # then it hangs while the daemon looks whether the same still holds
        time.sleep(0.1)  # what is too young is not remembered
        for number, shell in enumerate(asking):
            shell.ask(place / f"p{number}")
    (place / "hang").touch()
    for number, shell in enumerate(asking):
        assert "VIRTUAL_ENV='" not in shell.ask(place / f"p{number}")
    (other,) = shells(far, place, 1)
    assert f"VIRTUAL_ENV='{project}/.venv'" in other.ask(project)
    assert held(place) == [repr(str(place / "far"))]
    (place / "hang").unlink()
    for number, shell in enumerate(asking):
        until(lambda ours=shell: os.path.exists(ours.path("flag")), "the flag")
        shell.ask(place / f"p{number}")
        until(lambda ours=shell: leftovers(far, ours) == ["bell", f"{ours.number}.rep"], "nothing is left behind")


def test_shells_that_stand_in_it_wait_under_any_name_and_leave_nothing(far, place, project):
    asking = shells(far, place, 6)
    (place / "hang").touch()
    names = [place / "far" / "project", place / "link" / "project", place / "far"]
    replies = [shell.send(names[number % 3]) for number, shell in enumerate(asking)]
    until(lambda: held(place), "it holds a thread")
    (other,) = shells(far, place, 1)
    assert f"VIRTUAL_ENV='{project}/.venv'" in other.ask(project)
    assert held(place) == [repr(str(place / "far"))]
    assert not any(map(os.path.exists, replies))
    (place / "hang").unlink()
    for shell, reply in zip(asking, replies):
        until(lambda path=reply: os.path.exists(path), "the answer after all")
        until(lambda ours=shell: not os.path.exists(ours.path("1.req")), "the request goes")
        shell.number = 1
        shell.ask(project)
        until(lambda ours=shell: leftovers(far, ours) == ["bell", f"{ours.number}.rep"], "nothing is left behind")


def test_many_dead_mounts_hold_a_thread_each_and_no_other_shell(place, project):
    many = 70
    for number in range(many):
        (place / f"far-{number}" / "project").mkdir(parents=True)
    box = str(place / f"wend-{os.geteuid()}")
    command = [sys.executable, "-c", FAR.replace("= 1.0", "= 0.02"), box, str(place / "state"), str(place)]
    daemon = Daemon(place, command=command)
    try:
        daemon.start()
        asking = shells(daemon, place, many)
        (place / "hang").touch()
        replies = [shell.send(place / f"far-{number}" / "project") for number, shell in enumerate(asking)]
        mounts = {repr(str(place / f"far-{number}")) for number in range(many)}
        until(lambda: mounts <= set(held(place)), "each holds a thread")
        (other,) = shells(daemon, place, 1)
        assert f"VIRTUAL_ENV='{project}/.venv'" in other.ask(project)
        (place / "hang").unlink()
        for reply in replies:
            until(lambda path=reply: os.path.exists(path), "the answer after all")
    finally:
        daemon.end()


def leftovers(far, shell):
    names = {name.partition(".")[2] for name in os.listdir(far.box) if name.startswith(shell.id)} - {"flag"}
    return sorted(names, key=lambda name: name != "bell")


@contextlib.contextmanager
def dead(place):
    """Mount at PLACE what answers nothing, and holds a thread whatever becomes of its process."""
    place.mkdir(exist_ok=True)
    program = os.path.join(os.path.dirname(__file__), "dead_mount.py")
    with subprocess.Popen([sys.executable, program, place], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            pytest.skip("nothing can be mounted here: that takes root and /dev/fuse")
        try:
            yield
        finally:
            process.kill()
            subprocess.run(["umount", "-l", place], check=True)


def copied(site, tmp_path, env):
    """Return a daemon of a copy of the package in SITE."""
    shutil.copytree(os.path.dirname(wend.__file__), site / "wend", ignore=shutil.ignore_patterns("__pycache__"))
    box = str(tmp_path / f"wend-{os.geteuid()}")
    command = [sys.executable, "-I", "-X", "utf8", str(site / "wend" / "__main__.py"), "daemon", "run", box]
    return Daemon(tmp_path, env, command)


@pytest.fixture
def holding(tmp_path, project):
    """Start a daemon, of a copy of the package, whose main thread waits for the dead mount."""
    site = tmp_path / "site"
    config = tmp_path / "config.toml"
    config.write_text("[daemon]\nidle_exit = 0.005\n")
    daemon = copied(site, tmp_path, {"WEND_CONFIG": str(config)})
    box = daemon.box
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            with dead(tmp_path / "dead"):
                daemon.start()
                Shell(box, {"HOME": str(tmp_path)}, sleeper.pid).send(tmp_path / "dead" / "project")
                assert "VIRTUAL_ENV=" in Shell(box, {"HOME": str(tmp_path)}, sleeper.pid).ask(project)
                yield daemon, site, sleeper
        finally:
            sleeper.kill()
            if daemon.pid():  # the one that has followed
                os.kill(daemon.pid(), signal.SIGKILL)
            daemon.end()


def stopped(daemon, site, sleeper):
    del site, sleeper
    Shell(daemon.box, {}, kind="cli").ask("/", words=("stop",))


def upgraded(daemon, site, sleeper):
    os.utime(site / "wend" / "__init__.py")
    Shell(daemon.box, {}, sleeper.pid).ask("/")


def idle(daemon, site, sleeper):
    del daemon, site
    sleeper.kill()
    sleeper.wait()


def told_to_end(daemon, site, sleeper):
    del site, sleeper
    daemon.processes[0].send_signal(signal.SIGTERM)


def interrupted(daemon, site, sleeper):
    del site, sleeper
    daemon.processes[0].send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [stopped, upgraded, idle, told_to_end, interrupted])
def test_it_does_not_keep_the_daemon_from_ending(holding, tmp_path, project, end):
    """Its process stays while the mount is dead, but another one serves the mailbox."""
    daemon, site, sleeper = holding
    old = daemon.pid()
    end(daemon, site, sleeper)
    if end is upgraded:  # it starts the next one
        until(lambda: daemon.pid() not in (0, old), "the next daemon")
    else:
        assert wait_gone(daemon.box, WAIT)
        assert not os.path.lexists(os.path.join(daemon.box, "ns"))
        daemon.start()
    assert "VIRTUAL_ENV=" in Shell(daemon.box, {"HOME": str(tmp_path)}).ask(project)
    assert daemon.processes[0].poll() is None


def test_it_does_not_keep_a_command_from_stopping_the_daemon(holding, tmp_path):
    daemon, _, _ = holding
    assert client.stop({"WEND_RUNTIME_DIR": str(tmp_path)})
    assert daemon.pid() == 0
    assert wait_gone(daemon.box)


def test_it_may_be_the_home_with_all_that_is_wends_own(tmp_path, project):
    """Then the daemon writes no log, and does not look whether it is outdated."""
    home = tmp_path / "dead"
    daemon = copied(home / "site", tmp_path, {"XDG_STATE_HOME": str(home / "state")})
    try:
        daemon.start()
        shell = Shell(daemon.box, {"HOME": str(home)})
        until(lambda: shell.ask(project) and watched(daemon, project), "the watch: all modules are loaded")
        with dead(home):
            Shell(daemon.box, {"HOME": str(home)}).send(home / "project")
            for _ in range(3):
                assert "VIRTUAL_ENV=" in Shell(daemon.box, {"HOME": str(home)}).ask(project)
            Shell(daemon.box, {}, kind="cli").ask("/", words=("stop",))
            assert wait_gone(daemon.box, WAIT)
    finally:
        daemon.end()
