"""A random run of faults: shells type while their daemon is stopped, killed, terminated and its mailbox removed.

The seed is in the name of the test and in its output: `WEND_FAULT_SEED=N` repeats a run, `WEND_FAULT_STEPS` says how
long it is.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

import psutil
import pytest

from tests.shells.driver import Shell, World
from tests.shells.table import ROWS
from wend.daemon.mailbox import daemon_pid

from .talk import until

STEPS = int(os.environ.get("WEND_FAULT_STEPS", "300"))
_ANY = 597697 if os.environ.get("CI") else random.SystemRandom().randrange(1_000_000)
SEED = int(os.environ.get("WEND_FAULT_SEED") or _ANY)
PATIENCE = 15  # seconds until every shell must be right again
KINDS = ("bash", "zsh", "fish")
NAMES = ("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")


class Patient(Shell):
    """A shell whose answer may never come: only its prompt is waited for."""

    def _catch_up(self):
        self.late += 1


class Run:
    """The shells, the daemon's mailbox, and what was done to them."""

    def __init__(self, world, runtime, seed):
        self.world = world
        self.runtime = runtime
        self.box = os.path.join(runtime, f"wend-{os.geteuid()}")
        self.random = random.Random(seed)
        self.places = [world.home, world.project("p"), world.project("q"), world.directory("p/sub"), "/"]
        self.shells = [self.shell(kind) for kind in KINDS]
        self.where = [world.home for _ in KINDS]
        self.done = []

    def shell(self, kind):
        return Patient(ROWS[kind], self.world)

    def daemons(self):
        """Return the processes that serve the mailbox, or want to."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.cmdline()[-3:] == ["daemon", "run", self.box]:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def signal(self, number):
        pid = daemon_pid(self.box)
        if pid in [process.pid for process in self.daemons()]:  # not one that ended, whose number is another's by now
            os.kill(pid, number)

    # -- steps ---------------------------------------------------------------------------------------------

    def enter(self):
        self.random.choice(self.shells).enter()

    def cd(self):
        at = self.random.randrange(len(self.shells))
        self.where[at] = self.random.choice(self.places)
        self.shells[at].cd(self.where[at])

    def stop(self):
        self.signal(signal.SIGSTOP)

    def go_on(self):
        for process in self.daemons():
            process.send_signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)

    def terminate(self):
        self.signal(signal.SIGTERM)

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
        self.shells[at], self.where[at] = self.shell(KINDS[at]), self.world.home

    def step(self):
        steps, weights = zip(*STEPS_AND_WEIGHTS)
        name = self.random.choices(steps, weights)[0]
        self.done.append(name)
        getattr(self, name)()
        for shell in self.shells:
            assert shell.child.alive(), shell.child.tail()

    # -- afterwards ----------------------------------------------------------------------------------------

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
        wanted = self.expected(directory)
        deadline = time.monotonic() + PATIENCE
        while True:
            env = {os.fsdecode(name): os.fsdecode(value) for name, value in shell.env().items()}
            now = {name: env[name] for name in NAMES if name in env}
            if now == wanted:
                return
            assert time.monotonic() < deadline, (shell.row.name, directory, now, wanted)

    def check(self):
        self.go_on()
        for shell, directory in zip(self.shells, self.where):
            self.check_shell(shell, directory)
        until(lambda: len(self.daemons()) == 1, "one daemon is left")
        assert daemon_pid(self.box) == self.daemons()[0].pid
        for shell in self.shells:
            shell.close()
        # `lock` may have been removed: the mailbox itself is locked, too.
        until(lambda: set(os.listdir(self.box)) - {"lock"} == {"new", "ns"}, "no file of a shell is left")
        assert os.listdir(f"{self.box}/new") == []

    def end(self):
        self.world.close()
        for process in self.daemons():
            process.kill()


STEPS_AND_WEIGHTS = (
    ("enter", 30),
    ("cd", 40),
    ("stop", 4),
    ("go_on", 6),
    ("kill", 5),
    ("terminate", 3),
    ("remove_mailbox", 3),
    ("remove_lock", 2),
    ("kill_shell", 3),
)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [SEED])
def test_shells_are_right_again_after_whatever_happened(seed, tmp_path, need):
    need(*KINDS)
    runtime = tempfile.mkdtemp(prefix="wend-faults-")
    world = World(str(tmp_path / "world"), runtime)
    run = None
    try:
        run = Run(world, runtime, seed)
        for _ in range(STEPS):
            run.step()
        run.check()
    except BaseException:
        print(f"seed {seed}: the last steps were {run and run.done[-30:]}, {run and len(run.done)} in all")
        for name in os.listdir(run.box) if run and os.path.isdir(run.box) else ():
            print(name)
        for shell in world.shells[-6:]:
            print(f"--- {shell.row.name}\n{shell.child.output[-1500:].decode(errors='backslashreplace')}")
        raise
    finally:
        if run:
            run.end()
        world.close()
        shutil.rmtree(runtime, ignore_errors=True)
