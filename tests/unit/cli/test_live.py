"""What the commands say and do inside a shell that has the hook."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from wend.shells import hooks
from wend.terminal import Terminal

from .conftest import MAIN, Cli

_READY = re.compile(rb"ready(\+?)> ")


class Bash:
    """bash with the hook, and `wend` as a function."""

    def __init__(self, cli: Cli) -> None:
        hook = cli.home / "hook"
        hook.write_text(hooks.text("bash", str(Path(sys.executable).with_name("wend"))))
        program = shlex.join([sys.executable, "-I", "-X", "utf8", MAIN])
        self.out = cli.home / "out"
        rc = cli.home / "rc"
        rc.write_text(
            f'. {shlex.quote(str(hook))}\nwend() {{ {program} "$@"; }}\nPS1="ready\\${{__wend_pending_reply:++}}> "\n'
        )
        command = ["bash", "--noprofile", "--rcfile", str(rc), "-i"]
        self.tty = Terminal(command, {**cli.env, "TERM": "dumb"}, str(cli.home))
        self._ready()
        self("wend daemon start")  # warm: an answer is there within the time a shell waits

    def __call__(self, line: str) -> str:
        """Return what LINE prints."""
        self.tty.sendline(f"{line} > {shlex.quote(str(self.out))} 2>&1".encode())
        self._ready()
        return self.out.read_text()

    def _ready(self) -> None:
        """Wait for a prompt; press Enter while the answer that it needs is late."""
        while (shown := self.tty.expect(_READY, 60)) and shown[1]:
            self.tty.expect(_READY, 0.05)
            self.tty.sendline(b"")
        assert shown, self.tty.tail()

    def status(self) -> Any:
        return json.loads(self("wend status --json"))


@pytest.fixture
def bash(cli: Cli) -> Any:
    shell = Bash(cli)
    yield shell
    shell.tty.close()


def test_status_off_on_allow_and_deny_in_a_shell(cli: Cli, bash: Bash) -> None:
    root = cli.project("proj")
    bash("cd proj")
    document = bash.status()
    shell = document["shell"]
    assert shell["pid"] == bash.tty.pid
    assert (shell["kind"], shell["dir"], shell["suspended"]) == ("bash", str(root), False)
    assert list(shell["env"]) == [
        "kind", "name", "prefix", "root", "marker", "python", "python_version", "since",
    ]  # fmt: skip
    assert shell["env"]["prefix"] == f"{root}/.venv"
    assert document["daemon"]["shells"] == 1
    assert "since" in bash("wend status")

    assert bash("wend off") == ""
    bash(":")
    shell = bash.status()["shell"]
    assert (shell["env"], shell["suspended"]) == (None, True)
    assert bash('echo "${VIRTUAL_ENV-none}"') == "none\n"
    assert bash("wend on") == ""
    bash(":")
    assert bash('echo "${VIRTUAL_ENV-none}"') == f"{root}/.venv\n"

    assert bash("wend deny") == f"refused: {root}\n"
    bash(":")
    assert bash('echo "${VIRTUAL_ENV-none}"') == "none\n"
    assert "denied by you" in bash("wend status")
    bash("wend allow")
    bash(":")
    assert bash('echo "${VIRTUAL_ENV-none}"') == f"{root}/.venv\n"


def test_status_after_the_daemon_was_replaced(cli: Cli, bash: Bash) -> None:
    root = cli.project("proj")
    bash("cd proj")
    first = bash.status()
    bash("wend daemon restart")
    second = bash.status()
    assert second["daemon"]["pid"] != first["daemon"]["pid"]
    assert second["shell"]["env"]["prefix"] == f"{root}/.venv"
    assert second["shell"]["env"]["python"] == first["shell"]["env"]["python"]
    bash("wend daemon stop")
    assert json.loads(bash("wend status --json"))["shell"]["env"]["prefix"] == f"{root}/.venv"


def test_exec_in_a_shell_leaves_the_active_one_first(cli: Cli, bash: Bash) -> None:
    one, two = cli.project("one"), cli.project("two")
    bash("cd one")
    shown = bash("wend exec ../two -- sh -c 'echo \"$VIRTUAL_ENV $PATH\"'")
    assert shown == f"{two}/.venv {two}/.venv/bin:{os.environ['PATH']}\n"
    assert bash('echo "$VIRTUAL_ENV"') == f"{one}/.venv\n"
