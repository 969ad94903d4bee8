"""A directory with nothing but a lock file: what is to be typed there works, tried with the tool itself."""

from __future__ import annotations

import subprocess
import sys
from typing import Callable

import pytest

from tests.unit.cli.conftest import MAIN, Cli
from tests.unit.fixes import told

_PYLOCK = """lock-version = "1.0"
created-by = "x"
[[packages]]
name = "tiny"
version = "1.0"
wheels = [{ path = "../../wheels/tiny-1.0-py3-none-any.whl", hashes = {} }]
"""
_PIPENV = '{"_meta": {"hash": {"sha256": "x"}, "pipfile-spec": 6, "requires": {}, "sources": []}}'


@pytest.mark.tools
@pytest.mark.parametrize(
    ("tool", "file", "fix"),
    [
        ("uv", ("pylock.toml", _PYLOCK), "wend create"),
        ("uv", ("uv.lock", "version = 1\nrequires-python = '>=3.9'\n"), "uv init"),
        ("pdm", ("pdm.lock", ""), "pdm init"),
        ("pipenv", ("Pipfile.lock", _PIPENV), "pipenv install"),
    ],
)
def test_what_is_typed_works(cli: Cli, use: Callable[..., None], tool: str, file: tuple[str, str], fix: str) -> None:
    use(tool)
    cli.cwd = cli.home / "p"
    cli.cwd.mkdir()
    (cli.cwd / file[0]).write_text(file[1])
    for words in (("exec", "--", "python", "-V"), ("env",), ("python", "find"), ("freeze",), ("sync", "--check")):
        done = cli(*words)
        meant = "wend sync" if words == ("sync", "--check") and fix == "wend create" else fix
        assert (done.returncode in (1, 4), told((done.stderr or f"wend: {done.stdout}").strip())) == (True, meant)
    line = fix.replace("wend", f"'{sys.executable}' -I -X utf8 '{MAIN}'")
    env = {**cli.env, "PWD": str(cli.cwd)}
    subprocess.run(["sh", "-c", line], cwd=cli.cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert cli("exec", "--", "python", "-V").returncode == 0
