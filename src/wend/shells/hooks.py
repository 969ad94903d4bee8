"""The hooks' texts: the files in `shell/` with their blanks filled in.

A hook says `@WEND@` where the program stands that starts the daemon. The other blanks spell the variables that
every request carries (`protocol.CORE`); each renderer knows how its shell writes them.
"""

from __future__ import annotations

import os

from wend.errors import WendError
from wend.shells import SHELLS

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLACES = (os.path.join(_PACKAGE, "shell"), os.path.join(_PACKAGE, "..", "..", "shell"))  # installed, in a checkout


def text(shell: str, program: str) -> str:
    """Return the hook of SHELL that starts the daemon by PROGRAM. WendError when this installation has none."""
    row = SHELLS[shell]
    blanks = {"@WEND@": row.quote(program), **row.blanks()}
    hook = _source(row.hook)
    for blank, value in blanks.items():
        hook = hook.replace(blank, value)
    return hook


def _source(name: str) -> str:
    for directory in _PLACES:
        try:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            continue
    raise WendError(f"this installation has no {name}", "install wend again")
