"""A mount that does not answer: it holds one thread, not one for each project that leads into it."""

from __future__ import annotations

import os
import sys
import time
import venv

import pytest

from .talk import Daemon, Shell, until

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
from wend.daemon.lifecycle import run
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
    command = [sys.executable, "-c", FAR.replace("sys.exit", "from wend.daemon import leadership\n"
               "leadership.PATIENCE = 0.02\nsys.exit"), box, str(place / "state"), str(place)]  # fmt: skip
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
