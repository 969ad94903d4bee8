"""Colour is for a person who looks at a terminal and has not asked for none, whatever the command."""

from __future__ import annotations

import ast
import os
import re
import sys
from contextlib import closing
from pathlib import Path

import pytest

from wend import cli as commands
from wend.terminal import Terminal

from .conftest import MAIN, Cli

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
# By the module that colours. `sync`, and the progress of what makes an environment: tests/workflow/test_tools.py.
ROWS = {
    "status": ("status",),
    "watch": ("status", "--watch"),
    "explain": ("explain",),
    "trust": ("trust",),
    "python": ("python", "list"),
    "doctor": ("doctor",),
    "selftest": ("selftest", "--shell", "bash", "--no-rc"),
    "freeze": ("freeze", "--diff"),
}
ELSEWHERE = {"sync", "progress"}


@pytest.fixture
def here(cli: Cli) -> Cli:
    """A project of which each command has something to say in colour."""
    root = cli.project("proj")
    (root / "requirements.txt").write_text("gone==1\n")
    cli.cwd = root
    assert cli("allow").returncode == 0
    return cli


def on_a_terminal(cli: Cli, *words: str, **env: str) -> str:
    """Return what `wend WORDS` shows on a terminal; Ctrl-C ends one that goes on."""
    program = [sys.executable, "-I", "-X", "utf8", MAIN, *words]
    env = {**cli.env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PWD": str(cli.cwd), **env}
    with closing(Terminal(program, env, str(cli.cwd), rows=24, columns=80)) as tty:
        if "--watch" in words:
            assert tty.expect(re.compile(rb"Ctrl-C ends this"), 20), tty.tail()
            tty.send(b"\x03")
        while tty.listen(20):
            pass
        return tty.output.decode()


@pytest.mark.parametrize("words", ROWS.values(), ids=" ".join)
def test_colour_on_a_terminal_alone(here: Cli, words: tuple[str, ...]) -> None:
    assert COLOUR.search(on_a_terminal(here, *words, NO_COLOR=""))
    shown = on_a_terminal(here, *words, NO_COLOR="1")
    assert shown
    assert not COLOUR.search(shown)
    if "--watch" not in words:  # in a pipe, its own test ends it
        done = here(*words, FORCE_COLOR="1")
        assert done.stdout
        assert "\x1b" not in done.stdout + done.stderr


def test_every_module_that_colours_has_a_row() -> None:
    found = set()
    package = os.path.dirname(os.path.abspath(commands.__file__))
    for name in os.listdir(package):
        if name.endswith(".py") and name != "output.py":
            calls = (
                node
                for node in ast.walk(ast.parse(Path(package, name).read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            )
            for call in calls:
                called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                if called in ("paint", "console") or (called == "table" and len(call.args) > 1):
                    found.add(name[: -len(".py")])
    assert found == {*ROWS, *ELSEWHERE}
