"""A kind that is added at run time works in every shell, with a variable that no hook has heard of."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TREE
from tests.shells.driver import Shell, World
from tests.shells.table import ROWS, Row


@pytest.fixture
def toy_world(tmp_path: Path) -> Iterator[World]:
    """Yield a world whose daemon knows the toy kind."""
    with tempfile.TemporaryDirectory(prefix="wend-test-") as runtime:
        box = os.path.join(runtime, f"wend-{os.geteuid()}")
        os.mkdir(box, 0o700)
        command = [sys.executable, os.path.join(os.path.dirname(__file__), "toy_daemon.py"), "daemon", "run", box]
        environment = {"HOME": runtime, "PATH": os.defpath}
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as daemon:
            while not os.path.lexists(os.path.join(box, "ns")):
                assert daemon.poll() is None, "the daemon ended at once"
                time.sleep(0.001)
            world = World(str(tmp_path), runtime)
            yield world
            world.close()
            daemon.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_toy_kind(row: Row, toy_world: World, need: Any) -> None:
    need(row.name)
    w = toy_world
    red, other = (w.directory(f"{store}/red") for store in ("toys", "others"))
    for prefix in (red, other):
        os.mkdir(os.path.join(prefix, "bin"))
    p = w.directory("p")
    w.file("p/toy.env", "red\n")
    s = Shell(row, w, env={"TOY_HOME": os.path.dirname(red)})
    before = s.snapshot()
    for _ in range(2):
        s.cd(p)
        assert s.uses(f"{red}/bin", "red")[b"TOY_ENV"] == os.fsencode(red)
        s.cd(w.home)
        s.same(before)
    s.cd(p)
    s.set("TOY_HOME", os.path.dirname(other))
    s.enter()
    assert s.uses(f"{other}/bin", "red")[b"TOY_ENV"] == os.fsencode(other)
    s.unset("TOY_HOME")
    s.enter()
    assert b"TOY_ENV" not in s.env()
    s.set("TOY_HOME", os.path.dirname(red))
    s.enter()
    s.uses(f"{red}/bin", "red")
    s.cd(w.home)
    s.same(before)


def test_no_source_of_a_hook_knows_it() -> None:
    for path in filter(Path.is_file, Path(TREE, "shell").rglob("*")):
        text = path.read_text(encoding="utf-8")
        assert not re.search("toy", text, re.IGNORECASE)
