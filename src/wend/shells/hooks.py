"""The hooks' texts: the files in `shell/` with their blanks filled in.

`@WEND@` in a hook is the program that starts the daemon. The other blanks are the variables that every request
carries (`protocol.CORE`); each shell's module knows how to write them.
"""

from __future__ import annotations

import os

from wend.errors import WendError
from wend.protocol import CORE
from wend.shells import SHELLS

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLACES = (os.path.join(_PACKAGE, "shell"), os.path.join(_PACKAGE, "..", "..", "shell"))  # installed, in a checkout

SCRIPTS = "wend-scripts.sh"  # for the shells that have a file which they read when they are not interactive


def text(shell: str, program: str, *, comments: bool = True) -> str:
    """Return the hook of SHELL, which starts the daemon with PROGRAM. WendError when this installation has none.

    COMMENTS are for people. Without them it loads 4 % faster: a hook has about a comment for every four lines.
    """
    row = SHELLS[shell]
    blanks = {"@WEND@": row.quote(program), **row.blanks()}
    hook = source(row.hook)
    if not comments:
        hook = _bare(hook)
    for blank, value in blanks.items():
        hook = hook.replace(blank, value)
    return hook


def script_text(shell: str, program: str) -> str:
    """Return what makes a SHELL that is not interactive follow its `cd`; PROGRAM answers where no daemon runs."""
    text = source(SCRIPTS).replace("@WEND@", SHELLS[shell].quote(program)).replace("@SHELL@", shell)
    return _bare(text.replace("@CORE_NAMES@", " ".join(CORE)))


def _bare(source: str) -> str:
    """Return SOURCE without blank lines and lines of comment, but for those that it begins with.

    No string in a hook has such a line in it; a test compares what the shells make of both.
    """
    lines = source.splitlines(keepends=True)
    head = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    code = (line for line in lines[head:] if line.strip() and not line.lstrip().startswith("#"))
    return "".join([*lines[:head], *code])


def source(name: str) -> str:
    """Return the text of the file NAME in shell/. WendError when this installation has none."""
    for directory in _PLACES:
        try:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            continue
    raise WendError(f"this installation has no {name}", "install wend again")
