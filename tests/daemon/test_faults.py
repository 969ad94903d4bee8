"""A random run of faults: shells type while what their daemon needs is taken away and given back.

The seed is in the name of the test and in its output: `WEND_FAULT_SEED=N` repeats a run, `WEND_FAULT_STEPS` says how
long it is. After every step: no line took longer than it may, nothing was said twice, the shells live. After every step
that leaves a daemon able to answer, also: each shell has what a fresh `wend env --json` says, one daemon serves the
mailbox, no file is left in it, and the memory and the descriptors of the daemon and of the shells are level. After a
fault, that is so as soon as each shell has asked.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque

import psutil
import pytest

import wend
from tests.conftest import chosen
from tests.shells.driver import Shell, World
from tests.shells.table import ROWS
from wend.daemon.mailbox import daemon_pid

from .talk import until

_CI = bool(os.environ.get("CI"))
STEPS = int(os.environ.get("WEND_FAULT_STEPS") or (3000 if _CI else 300))
SEED = int(os.environ.get("WEND_FAULT_SEED") or (597697 if _CI else random.SystemRandom().randrange(1_000_000)))
PATIENCE = 15  # seconds until every shell must be right again
# A line may wait for two answers, at the cd and at the prompt, and start a daemon each time: a few processes, with
# Python beside them. What a process costs on this machine now is taken from a shell of the same kind that never asks.
WAITS, ANSWER, PROCESSES = 2, 0.25, 25
REMEMBERED = 20  # lines of that shell
KINDS = ("bash", "zsh", "fish")
NAMES = ("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")
DISK = "size=512k,nr_inodes=200,mode=700"
MORE_MEMORY = 4 << 20  # bytes that a daemon may have more than when it was first looked at
MORE_IN_A_SHELL = 24 << 20  # fish alone takes 2 MiB for 300 lines, and 8 for what it says of a full disk
# fish reports a failed redirection itself, and cannot be kept from it at a prompt.
_OF_FISH = re.compile(
    r".*No space left on device|.*An error occurred while redirecting file.*|.*\.req.*|.*fish_prompt.*|.*__wend_.*"
    r"|\s*|in .*|called .*|\s*\^.*|\u23ce.*"
)
_PROGRAM = """#!/bin/sh
set -- {python} -I -X utf8 {site}/wend/__main__.py "$@"
if [ -e {site}/no-inotify ]; then # this user's limit, in a namespace of its own
  exec unshare -Ur /bin/sh -c 'echo 0 >/proc/sys/user/max_inotify_instances; exec "$0" "$@"' "$@"
fi
exec "$@"
"""


class Plain(Shell):
    """A shell that never asks, and shows how slow the machine is."""

    def __init__(self, row, world):
        super().__init__(row, world, env={"WEND_DISABLE": "1"})
        self.times: deque[float] = deque(maxlen=REMEMBERED)

    def look(self, times=1):
        """Take the time of a line that runs one program."""
        for _ in range(times):
            began = time.monotonic()
            self.line("/bin/true")
            self.times.append(time.monotonic() - began)

    def limit(self):
        """Return how many seconds a line of a shell that asks may take."""
        return WAITS * (ANSWER + PROCESSES * max(self.times))


class Patient(Shell):
    """A shell whose answer may never come: only its prompt is waited for, and not for long."""

    def __init__(self, row, world, plain):
        self.plain = plain
        self.said = []
        self.longest = (0.0, 0.0)  # share of the limit, seconds
        plain.look(3)
        super().__init__(row, world)
        self.started_with = self.level()

    def _catch_up(self):
        self.late += 1

    def line(self, text="", *, first=False):
        began = time.monotonic()
        output = super().line(text, first=first)
        took = time.monotonic() - began
        if took > self.plain.limit():
            self.plain.look(5)
        limit = self.plain.limit()
        self.longest = max(self.longest, (took / limit, took))
        assert took < limit, f"{self.row.name}: {text!r} took {took:.2f} s, of {limit:.2f} s"
        return output

    def level(self):
        """Return the memory and the number of descriptors."""
        process = psutil.Process(self.child.pid)
        return process.memory_info().rss, process.num_fds()


class Run:
    """The shells, the daemon's mailbox, and what was done to them."""

    def __init__(self, world, runtime, site, seed):
        self.world = world
        self.runtime = runtime
        self.site = site
        self.box = os.path.join(runtime, f"wend-{os.geteuid()}")
        self.random = random.Random(seed)
        self.places = [world.home, world.project("p"), world.project("q"), world.directory("p/sub"), "/"]
        self.wanted = {place: self.expected(place) for place in self.places}
        self.faults = set()  # that are there now
        self.levels = {}  # daemon -> memory and descriptors when it was first looked at
        self.done = []
        self.checked = 0
        self.grown = (0, 0)  # a daemon's memory and descriptors, at most
        self.harmed = True  # since a shell last was right
        self.shells = []
        self.plain = {kind: Plain(ROWS[kind], world) for kind in KINDS}
        self.longest = {}  # kind -> the longest line
        self.where = []
        for kind in KINDS:
            self.shells.append(self.shell(kind))
            self.where.append(world.home)

    def shell(self, kind):
        return Patient(ROWS[kind], self.world, self.plain[kind])

    def daemons(self):
        """Return the processes that serve the mailbox, or want to."""
        found = []
        end = os.fsencode(f"\0daemon\0run\0{self.box}\0")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if file.read().endswith(end):
                        found.append(psutil.Process(int(pid)))
            except (OSError, psutil.Error):
                continue
        return found

    def daemon(self):
        """Return the pid of the daemon that the mailbox names; 0 if it has ended and its number is another's by now."""
        pid = daemon_pid(self.box)
        try:
            return pid if pid and psutil.Process(pid).cmdline()[-3:] == ["daemon", "run", self.box] else 0
        except psutil.Error:
            return 0

    def signal(self, number):
        pid = self.daemon()
        if pid:
            os.kill(pid, number)

    # -- what is typed ---------------------------------------------------------------------------------------

    def enter(self):
        at = self.random.randrange(len(self.shells))
        self.type(at, "")

    def cd(self):
        at = self.random.randrange(len(self.shells))
        self.where[at] = self.random.choice(self.places)
        shell = self.shells[at]
        self.type(at, shell.row.cd.format(path=shell.word(self.where[at])))

    def type(self, at, text):
        shell = self.shells[at]
        shell.plain.look()
        for line in shell.line(text).split("\n"):
            if line and not (
                shell.row.name == "fish" and self.faults & {"disk", "inodes"} and _OF_FISH.fullmatch(line)
            ):
                assert line not in shell.said, f"{shell.row.name} said it twice: {line}"
                shell.said.append(line)

    # -- faults ----------------------------------------------------------------------------------------------

    def stop(self):
        self.faults.add("stopped")
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.faults.discard("stopped")
        for process in self.daemons():
            process.send_signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)

    def terminate(self):
        self.signal(signal.SIGTERM)

    def upgrade(self):
        os.utime(f"{self.site}/wend/__init__.py")

    def fill_disk(self):
        self.faults.add("disk")
        try:
            with open(f"{self.runtime}/filler", "wb", buffering=0) as filler:
                while True:
                    filler.write(bytes(4096))
        except OSError:
            return

    def use_all_inodes(self):
        self.faults.add("inodes")
        os.makedirs(f"{self.runtime}/many", exist_ok=True)
        try:
            for number in range(1000):
                os.close(os.open(f"{self.runtime}/many/{number}", os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError:
            pass

    def make_room(self):
        self.faults -= {"disk", "inodes"}
        shutil.rmtree(f"{self.runtime}/many", ignore_errors=True)
        if os.path.exists(f"{self.runtime}/filler"):
            os.unlink(f"{self.runtime}/filler")

    def use_all_descriptors(self):
        pid = self.daemon()
        if pid:
            self.faults.add("descriptors")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))

    def give_descriptors(self):
        self.faults.discard("descriptors")
        for process in self.daemons():
            hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (hard, hard))

    def no_inotify(self):
        with open(f"{self.site}/no-inotify", "w"):
            pass
        self.kill()

    def inotify(self):
        if os.path.exists(f"{self.site}/no-inotify"):
            os.unlink(f"{self.site}/no-inotify")

    def remove_mailbox(self):
        shutil.rmtree(self.box, ignore_errors=True)

    def remove_lock(self):
        if os.path.exists(f"{self.box}/lock"):
            os.unlink(f"{self.box}/lock")

    def kill_shell(self):
        at = self.random.randrange(len(self.shells))
        shell = self.shells[at]
        os.kill(shell.child.pid, signal.SIGKILL)
        shell.close()
        self.note(shell)
        self.shells[at], self.where[at] = self.shell(KINDS[at]), self.world.home

    def lift_all(self):
        self.make_room()
        self.give_descriptors()
        self.inotify()
        self.go_on()
        self.check()

    def step(self):
        steps, weights = zip(*STEPS_AND_WEIGHTS)
        name = self.random.choices(steps, weights)[0]
        self.done.append(name)
        getattr(self, name)()
        for shell in self.shells:
            assert shell.child.alive(), shell.child.tail()
        self.harmed = self.harmed or name not in ("enter", "cd")
        if not self.faults:
            self.check()

    # -- afterwards ------------------------------------------------------------------------------------------

    def fresh(self, directory):
        """Return what `wend env --json` says of DIRECTORY in the environment that a shell began with."""
        done = subprocess.run(
            [self.world.wend, "env", "--json"], cwd=directory, env=self.world.env, capture_output=True, check=False
        )
        return json.loads(done.stdout)

    def expected(self, directory):
        changes = self.fresh(directory)["changes"]
        assert not set(changes["unset"]) & set(NAMES)
        assert changes["source"] == []
        wanted = {name: self.world.env[name] for name in NAMES if name in self.world.env}
        wanted.update({name: value for name, value in changes["set"].items() if name in NAMES})
        for name, front in changes["prepend"].items():
            wanted[name] = os.pathsep.join([*front, self.world.env[name]])
        return wanted

    def check_shell(self, shell, directory):
        wanted = self.wanted[directory]
        deadline = time.monotonic() + PATIENCE
        while True:
            env = {os.fsdecode(name): os.fsdecode(value) for name, value in shell.env().items()}
            now = {name: env[name] for name in NAMES if name in env}
            if now == wanted:
                break
            assert time.monotonic() < deadline, (shell.row.name, directory, now, wanted)
        memory, descriptors = shell.level()
        assert memory <= shell.started_with[0] + MORE_IN_A_SHELL, (shell.row.name, memory, shell.started_with)
        assert descriptors <= shell.started_with[1] + 6, shell.row.name  # fish opens some of its own

    def check(self):
        """See that all is right; first let each shell ask, if anything has happened since all was right."""
        self.checked += 1
        for at, (shell, directory) in enumerate(zip(self.shells, self.where)):
            if self.harmed:
                for place in ("/" if directory == self.world.home else self.world.home, directory):
                    self.type(at, shell.row.cd.format(path=shell.word(place)))
            self.check_shell(shell, directory)
            if self.harmed:
                shell.said.clear()
        self.harmed = False
        until(lambda: [p.pid for p in self.daemons()] == [daemon_pid(self.box)], "one daemon is left")
        living = tuple(f"{shell.child.pid}-" for shell in self.shells)
        until(lambda: not self.left(living), "no file of a dead shell is left")
        self.check_level(psutil.Process(daemon_pid(self.box)))

    def left(self, living):
        """Return the files that need not be: all but those of shells whose names begin with LIVING."""
        # `lock` may have been removed: the mailbox itself is locked, too.
        names = [name for name in os.listdir(self.box) if name not in ("lock", "new", "ns")]
        names = [name for name in names if not name.startswith(living) or name.endswith(".req")]
        for one in living:
            names += sorted(name for name in os.listdir(self.box) if name.startswith(one) and name.endswith(".rep"))[1:]
        # A bash keeps one in there, by its id alone.
        drafts = [name for name in os.listdir(f"{self.box}/new") if not name.startswith(living) or "." in name]
        return names + drafts

    def check_level(self, daemon):
        try:
            now = (daemon.memory_info().rss, daemon.num_fds())
        except psutil.Error:
            return
        first = self.levels.setdefault((daemon.pid, daemon.create_time()), now)
        self.grown = tuple(max(each) for each in zip(self.grown, (now[0] - first[0], now[1] - first[1])))
        assert now[0] <= first[0] + MORE_MEMORY, (first, now)
        assert now[1] <= first[1] + 20, (first, now)  # a watch costs one with some versions of watchdog

    def check_end(self):
        assert {place: self.expected(place) for place in self.places} == self.wanted
        for shell in self.shells:
            shell.close()
            self.note(shell)
        until(lambda: not self.left(()), "no file of a shell is left")

    def note(self, shell):
        self.longest[shell.row.name] = max(self.longest.get(shell.row.name, (0.0, 0.0)), shell.longest)

    def end(self):
        self.world.close()
        for process in self.daemons():
            process.kill()


STEPS_AND_WEIGHTS = (
    ("enter", 30),
    ("cd", 45),
    ("stop", 3),
    ("go_on", 3),
    ("kill", 3),
    ("terminate", 2),
    ("upgrade", 2),
    ("fill_disk", 2),
    ("use_all_inodes", 2),
    ("make_room", 3),
    ("use_all_descriptors", 2),
    ("give_descriptors", 2),
    ("no_inotify", 1),
    ("inotify", 1),
    ("remove_mailbox", 2),
    ("remove_lock", 2),
    ("kill_shell", 2),
    ("lift_all", 4),
)


@pytest.fixture
def site(tmp_path):
    """Make a copy of the package that can be upgraded, with a program that starts it."""
    copy = tmp_path / "site"
    shutil.copytree(os.path.dirname(wend.__file__), copy / "wend", ignore=shutil.ignore_patterns("__pycache__"))
    program = tmp_path / "wend"
    program.write_text(_PROGRAM.format(python=sys.executable, site=copy))
    program.chmod(0o755)
    return copy


@pytest.fixture
def runtime():
    """Make a small disk for the mailbox."""
    path = tempfile.mkdtemp(prefix="wend-faults-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "none", path], capture_output=True, check=False).returncode:
        os.rmdir(path)
        pytest.skip("no small disk can be mounted here: that takes root")
    yield path
    subprocess.run(["umount", "-l", path], check=True)
    os.rmdir(path)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [SEED])
def test_shells_are_right_again_after_random_faults(seed, tmp_path, site, runtime, need):
    need(*KINDS, "unshare")
    chosen.append(f"random faults: WEND_FAULT_SEED={seed} WEND_FAULT_STEPS={STEPS}")
    world = World(str(tmp_path / "world"), runtime)
    world.wend = str(tmp_path / "wend")
    run = None
    try:
        run = Run(world, runtime, site, seed)
        for _ in range(STEPS):
            run.step()
        run.lift_all()
        run.check_end()
        print(f"seed {seed}: {STEPS} steps, {run.checked} checks, a daemon grew by {run.grown} at most")
        print(f"the longest lines, by their limit: {run.longest}")
    except BaseException:
        print(f"seed {seed}: the last steps were {run and run.done[-30:]}, {run and len(run.done)} in all")
        for name in os.listdir(run.box) if run and os.path.isdir(run.box) else ():
            print(name)
        if run:
            print("daemons:", run.daemons(), "the mailbox names", daemon_pid(run.box))
        log = os.path.join(world.home, ".local", "state", "wend", "daemon.log")
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                print("".join(file.readlines()[-30:]))
        for shell in world.shells[-6:]:
            print(f"--- {shell.row.name}\n{shell.child.output[-1500:].decode(errors='backslashreplace')}")
        raise
    finally:
        if run:
            run.end()
        world.close()
