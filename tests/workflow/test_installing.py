"""What wend knows of the versions of Python that tools install, compared with the tools."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.cli.conftest import Cli
from wend.context import Context
from wend.disk import Disk
from wend.kinds import installing, pins
from wend.kinds.interpreters import Wanted
from wend.settings import Settings

pytestmark = pytest.mark.tools
_KEY = re.compile(
    r"(cpython|pypy|graalpy|pyodide)-3\.(\d+)\.(\d+)(\+freethreaded)?-(?:linux-x86_64-gnu|emscripten-wasm32-musl) "
)


def test_the_table_is_what_uv_has(cli: Cli, use: Callable[..., None]) -> None:
    use("uv")
    words = ["uv", "python", "list", "--all-versions", "--only-downloads", "--all-platforms"]
    env = {**cli.env, "UV_PYTHON_DOWNLOADS": "manual"}
    said = subprocess.run(words, cwd=cli.home, env=env, capture_output=True, text=True, check=True).stdout
    has = {(found[1], int(found[2]), int(found[3]), bool(found[4])) for found in _KEY.finditer(said)}
    for threaded, suffix in ((False, ""), (True, "t")):
        known = {
            (minor, micro)
            for minor in range(40)
            for micro in range(99)
            if installing.of_uv(pins.parse(f"3.{minor}.{micro}{suffix}") or Wanted())
        }
        assert known == {each[1:3] for each in has if each[0] == "cpython" and each[3] == threaded}
    for name, minors in installing.MINORS_OF_UV.items():
        assert set(minors) == {each[1] for each in has if each[0] == name}


@pytest.mark.parametrize(
    "word", ["3", "3.12", "3.12.4", "3.12.99", "3.15", "3.99", "3.13t", "pypy", "pypy@3.10", "2.7"]
)
def test_pyenv_knows_what_it_is_asked_to_install(need: Callable[..., None], tmp_path: Path, word: str) -> None:
    need("pyenv")
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    env = {"HOME": str(tmp_path), "PYENV_ROOT": root, "PATH": os.environ["PATH"]}
    tools = installing.here(Context(Disk(), env, Settings()))._replace(uv=False, mise=False, asdf=None)
    wanted = pins.parse(word)
    assert wanted is not None
    *command, last = installing.command(wanted, tools).split()
    assert command == ["pyenv", "install"]
    if last != "--list":
        assert subprocess.run(["pyenv", "latest", "-k", last], env=env, check=False).returncode == 0
    else:
        assert word in ("3.12.99", "3.15", "3.99")
