"""A shell as a new terminal starts it, with the user's own start-up files: for the self-test and the doctor.

What it says comes back through a file, not the terminal, so nothing depends on what a prompt looks like.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Optional

from wend.setup import places
from wend.shells.base import Shell
from wend.system import MACOS

if TYPE_CHECKING:
    from wend.terminal import Terminal

_OURS = ("WEND_SHELL", "WEND_UNDO", "WEND_ENV")  # of the shell that the command is typed in


def start(shell: Shell, program: str, env: Mapping[str, str], runtime: str) -> Terminal:
    """Return a terminal with SHELL, started by PROGRAM in the user's home. Its hook is loaded and asks nothing.

    RUNTIME is a directory of the caller's for WEND_RUNTIME_DIR. OSError when there is no terminal left.
    """
    from wend.terminal import Terminal  # noqa: PLC0415  not on every system

    own = {name: value for name, value in env.items() if name not in _OURS}
    own.update(WEND_DISABLE="1", WEND_RUNTIME_DIR=runtime, HISTFILE=os.devnull)
    own.setdefault("TERM", "xterm")
    login = ("-l",) if MACOS else ()  # its Terminal opens login shells
    return Terminal([program, *login, *shell.interactive], own, places.home(env))


def report(terminal: Terminal, file: str, deadline: float) -> Optional[list[str]]:
    """Return the lines that the shell in TERMINAL writes into FILE, without the dot that ends them.

    None when the shell ends, or the dot is not there by DEADLINE (monotonic clock).
    """
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError), open(file, encoding="utf-8", errors="surrogateescape") as stream:
            *lines, last = stream.read().rstrip("\n").split("\n")
            if last == ".":
                return lines
        if not terminal.listen(0.005):
            return None
    return None
