"""tmux and screen, started in a project: their shells inherit its environment, and leave it as any other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from typing import Any, NamedTuple

import pytest

from tests.matrix.recipes import blocks
from tests.shells.driver import PATIENCE, Shell, World
from tests.shells.table import ROWS


class Multiplexer(NamedTuple):
    """One program; {socket}, {text} and {file} are filled in."""

    start: str  # then comes the shell
    dollar: str  # as it is written in TEXT
    type: tuple[str, ...]  # TEXT, and Enter
    screen: tuple[str, ...]  # write what it shows to FILE
    end: tuple[str, ...]


MULTIPLEXERS = {
    "tmux": Multiplexer(
        "tmux -S {socket} -f /dev/null new-session -d -x 500",
        "$",
        ("sh", "-c", 'tmux -S {socket} send-keys -l "$1" && tmux -S {socket} send-keys Enter', "sh", "{text}"),
        ("sh", "-c", "tmux -S {socket} capture-pane -p >{file}"),
        ("tmux", "-S", "{socket}", "kill-server"),
    ),
    "screen": Multiplexer(
        "screen -c /dev/null -dmS pane",
        "\\$",
        ("screen", "-S", "pane", "-p", "0", "-X", "stuff", "{text}\r"),
        ("screen", "-S", "pane", "-p", "0", "-X", "hardcopy", "{file}"),
        ("screen", "-S", "pane", "-X", "quit"),
    ),
}


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
@pytest.mark.parametrize("shell", ROWS)
@pytest.mark.parametrize("program", MULTIPLEXERS)
def test_a_shell_in_it(program: str, shell: str, mailbox: str, tmp_path: Any, need: Any) -> None:
    need(program, shell)
    world, multiplexer = World(str(tmp_path / "w"), mailbox), MULTIPLEXERS[program]
    os.makedirs(f"{world.files}/sockets", 0o700)
    p, q = world.project("p"), world.project("q")
    blanks = {"{socket}": f"{world.files}/tmux", "{file}": f"{world.files}/shown"}
    env = {**world.env, "SCREENDIR": f"{world.files}/sockets"}

    def run(command: tuple[str, ...], text: str = "", *, check: bool = True) -> None:
        for blank, value in {**blanks, "{text}": text}.items():
            command = tuple(part.replace(blank, value) for part in command)
        subprocess.run(command, env={**os.environ, **env}, check=check, stdout=subprocess.DEVNULL)

    def wait_for(shown: str) -> None:
        deadline = time.monotonic() + PATIENCE
        text = ""
        while not re.search(shown, text, re.MULTILINE):
            assert time.monotonic() < deadline, f"{shown!r} is not in\n{text}"
            run(multiplexer.screen, check=False)  # it may be just starting
            if os.path.exists(blanks["{file}"]):
                with open(blanks["{file}"], encoding="utf-8", errors="replace") as file:
                    text = file.read()

    row = ROWS[shell]
    s = Shell(row, world, env=env)
    s.cd(p)
    command = multiplexer.start
    for blank, value in blanks.items():
        command = command.replace(blank, value)
    s.line(" ".join((command, s.program, *row.arguments)))
    try:
        wait_for(r"^\(\.venv\) @0@")
        seen = {}
        for k, place in enumerate((q, world.home, p, world.home), 1):
            path = f"{world.files}/env.{k}"
            line = (row.cd.format(path=s.word(place)), f"/bin/cp /proc/self/environ {path}", row.tick.format(k=k))
            run(multiplexer.type, "; ".join(line).replace("$", multiplexer.dollar))
            wait_for(rf"^(\(\.venv\) )?@{k}!*@" if place == world.home else rf"^\(\.venv\) @{k}@")
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                seen[k] = dict(entry.partition("=")[::2] for entry in file.read().split("\0"))
        assert [seen[k].get("VIRTUAL_ENV") for k in seen] == [f"{q}/.venv", None, f"{p}/.venv", None]
        assert seen[2]["PATH"] == seen[4]["PATH"]
        assert ".venv" not in seen[4]["PATH"]
    finally:
        run(multiplexer.end, check=False)  # what failed is told by then
        world.close()
