"""A command line of its own: private home, private mailbox, real environments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TREE
from tests.unit.fixes import told

MAIN = os.path.join(TREE, "src", "wend", "__main__.py")


class Cli:
    """Runs `wend` in `cwd` with `env`, as the launcher does."""

    def __init__(self, home: Path, runtime: str) -> None:
        self.home = self.cwd = home
        self.env = {"HOME": str(home), "PATH": os.environ["PATH"], "WEND_RUNTIME_DIR": runtime, "LC_ALL": "C"}

    def __call__(self, *words: str | bytes, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `wend` WORDS. Whatever test it is of: an error has a fix."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-X", "utf8", MAIN, *words],
            cwd=self.cwd,
            env={**self.env, "PWD": str(self.cwd), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=300,  # the real tools take some time to make an environment on a busy machine
            check=False,
        )
        *_, last = ("", *done.stderr.splitlines())
        assert not done.returncode or not last.startswith("wend: ") or told(last), last
        return done

    def json(self, *words: str, **env: str) -> Any:
        done = self(*words, "--json", **env)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def project(self, name: str) -> Path:
        """Make a project with a real environment in it."""
        root = self.home / name
        venv.create(root / ".venv", symlinks=True)
        return root


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    home = tmp_path / "home"
    home.mkdir()
    with tempfile.TemporaryDirectory(prefix="wend-test-") as runtime:
        wend = Cli(home, runtime)
        yield wend
        if os.path.isdir(os.path.join(runtime, f"wend-{os.geteuid()}")):
            wend("daemon", "stop")
