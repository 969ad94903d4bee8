"""A new shell with the user's own start-up files: whether it loads the hook, and what runs at its prompt."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Optional

from wend import setup
from wend.doctor.finding import Fresh
from wend.errors import WendError
from wend.setup import places
from wend.shells import SHELLS
from wend.system import MACOS

if TYPE_CHECKING:
    from wend.terminal import Terminal

_PATIENCE = 10.0  # seconds for a shell to come up with all that the user has in the start-up files
_OURS = ("WEND_SHELL", "WEND_UNDO", "WEND_ENV")  # of the shell that this is typed in


def look(env: Mapping[str, str]) -> tuple[Fresh, ...]:
    """Return what each shell on PATH that has an installed hook says of itself; nothing without terminals."""
    try:
        import wend.terminal  # noqa: F401, PLC0415
    except ImportError:
        return ()
    with suppress(WendError):
        shells = [shell for shell in places.found(env) if os.path.isfile(setup.hook_file(shell, env))]
        return tuple(_look(shell, env) for shell in shells)
    return ()


def _look(shell: str, env: Mapping[str, str]) -> Fresh:
    from wend.terminal import Terminal  # noqa: PLC0415  not on every system

    row = SHELLS[shell]
    program = shutil.which(shell, path=env.get("PATH")) or shell
    own = {name: value for name, value in env.items() if name not in _OURS}
    with tempfile.TemporaryDirectory(prefix="wend-doctor-") as scratch:
        # The hook is loaded, and asks nothing.
        own.update(WEND_DISABLE="1", WEND_RUNTIME_DIR=scratch, HISTFILE=os.devnull)
        own.setdefault("TERM", "xterm")
        login = ("-l",) if MACOS else ()  # its Terminal opens login shells
        file = os.path.join(scratch, "said")
        line = row.runs_at_prompt.format(file=row.quote(file))
        with suppress(OSError), closing(Terminal([program, *login, *row.interactive], own, places.home(env))) as said:
            said.sendline(line.encode("utf-8", "surrogateescape"))
            found = _await(said, file)
            if found is not None:
                return Fresh(shell, answered=True, loaded=found[0] == "hook", runs=tuple(filter(None, found[1:-1])))
    return Fresh(shell)


def _await(terminal: Terminal, file: str) -> Optional[list[str]]:
    """Return the lines that the shell wrote into FILE, None when it does not in time."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError), open(file, encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().rstrip("\n").split("\n")
            if lines[-1] == ".":
                return lines
        if not terminal.listen(0.01):
            return None
    return None
