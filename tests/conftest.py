"""What all tests share: the tree's own wend, one daemon, and what is missing on this machine said once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, Callable

import hypothesis
import pytest

import wend

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# In no package index: compared with where it is there, also under CI. And what only Linux has.
_ELSEWHERE = {"pyenv"} if sys.platform.startswith("linux") else {"pyenv", "strace", "unshare"}
_missing: set[str] = set()
scenarios = 0  # run in a live shell
run_twice: list[str] = []  # the ones of them that only passed, or failed, the second time
chosen: list[str] = []  # lines on what chance has chosen, for who wants to repeat it

# Under CI, chance cannot turn the suite red; HYPOTHESIS_PROFILE=random looks for what it would find.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("fixed" if os.environ.get("CI") else "random")
)


def pytest_configure() -> None:
    """Refuse to test another wend than the one beside these tests."""
    source = os.path.join(TREE, "src", "wend")
    if os.path.dirname(os.path.abspath(wend.__file__)) != source:
        pytest.exit(f"wend is not installed from {source}: ./tests/run.sh does that", returncode=2)


def absent(reasons: dict[str, str]) -> None:
    """Fail under CI and skip elsewhere if REASONS, {program that is not installed: why, or empty}, is not empty."""
    if not reasons:
        return
    text = "not installed: " + ", ".join(f"{name} ({why})" if why else name for name, why in reasons.items())
    if os.environ.get("CI") and any(name.split()[0] not in _ELSEWHERE for name in reasons):
        pytest.fail(text, pytrace=False)
    _missing.update(reasons)
    pytest.skip(text)


@pytest.fixture(scope="session")
def need() -> Callable[..., None]:
    """Return a function that asks for programs: a missing one fails under CI and skips elsewhere."""

    def ask(*programs: str) -> None:
        absent({program: "" for program in programs if not shutil.which(program)})

    return ask


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was not tested, what had to be tested twice, and what chance has chosen."""
    for line in chosen:
        terminalreporter.write_line(line)
    if scenarios:
        names = f": {', '.join(run_twice)}" if run_twice else ""
        terminalreporter.write_line(f"{len(run_twice)} of {scenarios} scenarios run twice, for late answers{names}")
    if _missing:
        terminalreporter.write_line(f"skipped, because not installed: {', '.join(sorted(_missing))}")


def remove(box: str) -> None:
    """Remove the mailbox BOX, as one types `rm -rf` again: what uses it may write or remove a file meanwhile."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return shutil.rmtree(box)
        except OSError:
            if time.monotonic() > deadline:
                raise


@pytest.fixture(scope="session")
def mailbox() -> Iterator[str]:
    """Yield a WEND_RUNTIME_DIR with a daemon of the session, which must be the same at the end."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    runtime = tempfile.mkdtemp(prefix="wend-test-", dir=memory)
    box = os.path.join(runtime, f"wend-{os.geteuid()}")
    os.mkdir(box, 0o700)
    env = {"HOME": runtime, "PATH": os.defpath}
    program = [os.path.join(os.path.dirname(sys.executable), "wend"), "daemon", "run", box]
    with subprocess.Popen(
        program, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as daemon:
        while not os.path.lexists(os.path.join(box, "ns")):  # before that a shell would start one of its own
            assert daemon.poll() is None, "the daemon ended at once"
            time.sleep(0.001)
        yield runtime
        alive = daemon.poll() is None
        daemon.send_signal(signal.SIGTERM)
    log = os.path.join(runtime, ".local", "state", "wend", "daemon.log")
    with open(log, encoding="utf-8") as file:
        said = file.read()
    shutil.rmtree(runtime)
    assert alive or said.endswith("ended: idle\n"), said  # the tests after the last shell may take ten minutes
    assert re.findall(r"^.{19} \w+(?:Error|Exception): .*", said, re.MULTILINE) == []
