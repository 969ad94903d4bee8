"""tmux and screen: what is seen in their shells is what is seen in any other.

They begin in a start-up file, before wend's block or behind it, or are typed in a shell that has the hook. A shell that
they start in a project by the third way has inherited its environment.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import conftest
from tests.matrix.driver import PROMPT_END, MatrixShell
from tests.matrix.recipes import blocks
from tests.matrix.table import Tool
from tests.matrix.visit import Case
from tests.shells.driver import PATIENCE, Shell, World
from tests.shells.table import ROWS
from wend.terminal import Terminal

WAYS = ("before", "behind", "typed")
_WIDTH = 1000  # columns; screen has no more


class Multiplexer(NamedTuple):
    """One program; TOP is the directory of its socket, where a file `pane` is the program that it runs."""

    begin: str
    inside: str  # the variable by which a shell knows that it is in it
    configuration: str
    pane: str  # lines of `pane` before the shell
    end: tuple[str, ...]


# What a shell writes goes into the file `log` as it is. TERM is that of the other tests: the driver knows it.
MULTIPLEXERS = {
    "tmux": Multiplexer(
        "tmux -S TOP/socket -f TOP/configuration new-session TOP/pane",
        "TMUX",
        "set -g default-terminal xterm-256color\n",
        "tmux pipe-pane 'exec cat >>TOP/log'\n",
        ("tmux", "-S", "TOP/socket", "kill-server"),
    ),
    "screen": Multiplexer(
        "screen -U -c TOP/configuration -S pane TOP/pane",
        "STY",
        "term xterm-256color\nlogfile TOP/log\nlogfile flush 0\ndeflog on\n",
        "",
        # By its socket's name; `-X quit` may go unheard on a busy machine, and screen goes on without its terminal.
        ("sh", "-c", 'for socket in TOP/screens/*.pane; do pid=${socket##*/}; kill "${pid%%.*}"; done'),
    ),
}
# {begin} in a start-up file, unless the shell is in it already.
_BEGINS = {
    "bash": "if [[ -z ${{{inside}-}} ]]; then exec {begin}; fi",
    "zsh": "if [[ -z ${{{inside}-}} ]]; then exec {begin}; fi",
    "fish": "if not set -q {inside}; exec {begin}; end",
    "pwsh": "if (-not $env:{inside}) {{ {begin}; exit }}",
}


class Pane(Terminal):
    """The terminal that a multiplexer, in the terminal OUTER, gives to its shell: what is typed and printed there."""

    def __init__(self, multiplexer: Multiplexer, top: str, outer: Terminal, env: Mapping[str, str]) -> None:
        """Listen to the shell that begins now."""
        self.output = self.before = b""
        self._at = 0
        self.closed = False
        self.pid = outer.pid
        self._multiplexer, self._top, self._outer, self._env = multiplexer, top, outer, env
        self._log = open(f"{top}/log", "rb")  # noqa: SIM115  until `close`

    def send(self, keys: bytes) -> None:
        """Press KEYS; none of them is the multiplexer's own."""
        self._outer.send(keys)

    def listen(self, seconds: float) -> bool:
        """Wait up to SECONDS for output; False when the multiplexer is gone."""
        deadline = time.monotonic() + seconds
        while True:
            running = self._outer.listen(0)  # else it would wait for us
            data = self._log.read()
            self.output += data
            if data or not running or time.monotonic() > deadline:
                return bool(data) or running
            time.sleep(0.005)

    def alive(self) -> bool:
        """Return whether the multiplexer still runs."""
        return self._outer.alive()

    def close(self) -> None:
        """End the multiplexer, and all in it."""
        if not self.closed:
            self.closed = True
            end = [word.replace("TOP", self._top) for word in self._multiplexer.end]
            subprocess.run(end, env=self._env, capture_output=True, check=False)
            self._outer.close()
            self._log.close()


class PaneShell(MatrixShell):
    """A shell with other tools in it, which a multiplexer has started."""

    def __init__(self, name: str, world: World, *, multiplexer: Multiplexer, way: str, top: str, **how: object) -> None:
        self._multiplexer, self._way, self._top = multiplexer, way, top
        super().__init__(name, world, **how)

    def _open(self, command: list[str], environment: dict[str, str], cwd: str) -> Terminal:
        multiplexer, top = self._multiplexer, self._top
        with open(f"{top}/configuration", "w", encoding="utf-8") as file:
            file.write(multiplexer.configuration.replace("TOP", top))
        with open(f"{top}/pane", "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{multiplexer.pane.replace('TOP', top)}exec {shlex.join(command)}\n")
        os.chmod(f"{top}/pane", 0o700)
        open(f"{top}/log", "w").close()
        outer = Terminal([self.program, *self.row.arguments], environment, cwd, columns=_WIDTH)
        if self._way == "typed":
            shown = outer.expect(PROMPT_END, PATIENCE)
            while shown and shown[2]:  # the answer is late
                outer.sendline(b"")
                shown = outer.expect(PROMPT_END, PATIENCE)
            assert shown, outer.output
            outer.sendline(begins(multiplexer, self.row.name, top).encode())
        return Pane(multiplexer, top, outer, environment)


def begins(multiplexer: Multiplexer, shell: str, top: str) -> str:
    """Return the line by which SHELL gives its place to MULTIPLEXER."""
    return _BEGINS[shell].format(inside=multiplexer.inside, begin=multiplexer.begin.replace("TOP", top))


@pytest.fixture
def top() -> Iterator[str]:
    """Yield a directory whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="wend-", dir="/tmp") as path:
        yield path


@pytest.mark.matrix
def test_the_recipe_for_tmux(mailbox: str, tmp_path: Any, need: Any) -> None:
    """Each key opens a pane in the directory of the current one."""
    need("tmux", "bash")
    world, row = World(str(tmp_path / "w"), mailbox), ROWS["bash"]
    p = world.project("p")
    config = world.file("tmux.conf", blocks("tmux")[0])
    s = Shell(row, world)
    s.cd(p)
    tmux = ["tmux", "-S", f"{world.files}/socket"]
    started = (*tmux, "-f", config, "new-session", "-d", "-x", "300", "-y", "90")
    s.line(" ".join((*started, s.program, *row.arguments)))
    try:
        keys = subprocess.run([*tmux, "list-keys", "-T", "prefix"], capture_output=True, text=True, check=True).stdout
        found = re.findall(r"^bind-key +-T prefix +(c|\\?[\"%]) +(.*)$", keys, re.MULTILINE)
        assert len(found) == 3, keys
        listed = [*tmux, "list-panes", "-s", "-F", "#{pane_current_path}"]
        for number, (_, command) in enumerate(found, 2):
            words = [*shlex.split(command), shlex.join((s.program, *row.arguments))]
            subprocess.run([*tmux, *words], env={**os.environ, **world.env}, check=True)
            deadline = time.monotonic() + PATIENCE
            panes: list[str] = []
            while panes != [p] * number and time.monotonic() < deadline:  # a new one's shell is just starting
                panes = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
            assert panes == [p] * number
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
        world.close()


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shell", ROWS)
@pytest.mark.parametrize("program", MULTIPLEXERS)
def test_a_shell_in_it(  # noqa: PLR0917  three parameters and four fixtures
    program: str, shell: str, way: str, mailbox: str, tmp_path: Path, top: str, need: Any
) -> None:
    need(program, shell, "strace")
    multiplexer = MULTIPLEXERS[program]
    line = "" if way == "typed" else begins(multiplexer, shell, top)
    tool = Tool(program, {shell: line}, env={"SCREENDIR": f"{top}/screens"}, own=r"TMUX|STY|TERMCAP|WINDOW")
    os.mkdir(f"{top}/screens", 0o700)
    conftest.scenarios += 1
    for turn in ("first", "second"):
        world = World(str(tmp_path / turn), mailbox)
        case = Case(world, shell, (tool,) if way == "before" else (), (tool,) if way != "before" else ())
        case.shells = partial(PaneShell, multiplexer=multiplexer, way=way, top=top)
        try:
            case.visit(case.plain())
        except BaseException:
            late = sum(s.late for s in world.shells)
            for s in world.shells:
                print(f"--- {late} late\n{s.child.output.decode(errors='backslashreplace')[-6000:]}")
            if turn == "second" or not late:  # else a machine too busy to answer within 250 ms: no proof
                raise
            conftest.run_twice.append(f"{program}-{shell}-{way}")
        else:
            return
        finally:
            world.close()
