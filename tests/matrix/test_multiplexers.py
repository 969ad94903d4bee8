"""tmux and screen, started in a project: their shells inherit its environment, and leave it as any other."""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import Any, NamedTuple

import pytest

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
