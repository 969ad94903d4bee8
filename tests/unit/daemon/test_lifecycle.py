"""How the daemon starts: what it may open, and what it says when it cannot start."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from wend.daemon import lifecycle

INFINITE = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("limits", "granted", "wanted", "open_below"),
    [
        ((1024, 1 << 20), 1 << 20, 65536, 1024),
        ((1024, 4096), 4096, 4096, 1024),
        ((256, INFINITE), 1 << 20, 65536, 256),
        ((256, INFINITE), 10240, 10240, 256),  # macOS
        ((256, INFINITE), 100, None, 256),
        ((4096, 4096), 4096, None, 4096),
        ((1 << 20, 1 << 20), 1 << 20, None, 65536),
        ((INFINITE, INFINITE), 1 << 20, None, 65536),
    ],
)
def test_as_many_descriptors_as_the_system_grants(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], granted: int, wanted: int | None, open_below: int
) -> None:
    made: list[int] = []

    def set_limit(_: int, new: tuple[int, int]) -> None:
        if new[0] > granted:
            raise ValueError("not allowed to raise maximum limit")
        made.append(new[0])

    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", set_limit)
    assert lifecycle._limit() == open_below
    assert made == ([] if wanted is None else [wanted])


@pytest.mark.parametrize("name", ["lock", "ns", "new/ns"])
def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path, name: str) -> None:
    box = tmp_path / f"wend-{os.geteuid()}"
    (box / name).mkdir(parents=True)
    box.chmod(0o700)
    command = [sys.executable, "-m", "wend", "daemon", "run", str(box)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"wend: {box}/{name}: Is a directory: mv {box}/{name} {box}/{name}.old\n"


def test_a_daemon_that_has_ended_is_not_taken_for_the_next_one(tmp_path: Path) -> None:
    """A shell may start the next daemon, which has the lock, before a command has seen that it was free."""
    held = lifecycle._lock(str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    try:
        assert lifecycle.wait_gone(str(tmp_path)) is False
        assert lifecycle.wait_gone(str(tmp_path), pid=os.getpid()) is False
        assert lifecycle.wait_gone(str(tmp_path), pid=ended.pid) is True
    finally:
        for fd in held:
            os.close(fd)
