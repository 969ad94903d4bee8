"""What to type in a shell that has no hook."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wend import fixes
from wend.disk import Disk
from wend.errors import WendError
from wend.setup import places, startup_files
from wend.setup.changes import hook_file
from wend.shells import SHELLS


def fix(env: Mapping[str, str]) -> str:
    """Return what gives the shell in which this is typed a hook: a new terminal, after `wend setup` where that is due.

    Which shell it is cannot be told, so setup is left out only where the start-up files of all shells on PATH load the
    hook. No shell is asked where its files are: where it is set up nonetheless, to do it again changes nothing.
    """
    try:
        env = {**env, "HOME": places.home(env)}
    except WendError:
        return fixes.NEW_SHELL
    shells = places.found(env)
    return fixes.NEW_TERMINAL if shells and all(_is_loaded(shell, env) for shell in shells) else fixes.NEW_SHELL


def _is_loaded(shell: str, env: Mapping[str, str]) -> bool:
    """Return whether a start-up file of SHELL loads the hook, by wend's block or by a line of the user's."""
    disk, row = Disk(), SHELLS[shell]
    installed = os.path.isfile(hook_file(shell, env))
    for path in dict.fromkeys((*row.startup_files(env), row.own_file(env))):
        for line in (disk.text(path, startup_files.MAX_SIZE) or "").splitlines():
            found = None if line.lstrip().startswith("#") else startup_files.LOADS.search(line)
            if found and (installed or startup_files.INSTALLED not in line):
                return True
    return False
