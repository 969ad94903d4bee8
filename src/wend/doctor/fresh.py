"""A new shell with the user's own start-up files: whether it loads the hook, and what runs at its prompt."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress

from wend import setup
from wend.doctor.finding import Fresh
from wend.errors import WendError
from wend.setup import new_shell, places
from wend.shells import SHELLS

_PATIENCE = 10.0  # seconds for a shell to start with all that the user has in the start-up files


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
    row = SHELLS[shell]
    program = shutil.which(shell, path=env.get("PATH")) or shell
    with tempfile.TemporaryDirectory(prefix="wend-doctor-") as scratch:
        file = os.path.join(scratch, "said")
        line = row.runs_at_prompt.format(file=row.quote(file))
        with suppress(OSError), closing(new_shell.start(row, program, env, scratch)) as terminal:
            terminal.sendline(line.encode("utf-8", "surrogateescape"))
            said = new_shell.report(terminal, file, time.monotonic() + _PATIENCE)
            if said is not None:
                return Fresh(shell, answered=True, loaded=said[0] == "hook", runs=tuple(filter(None, said[1:])))
    return Fresh(shell)
