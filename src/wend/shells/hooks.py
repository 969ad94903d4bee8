"""The hooks' texts: the files in `shell/` with their blanks filled in.

`@WEND@` in a hook is the program that starts the daemon. The other blanks are the variables that every request
carries (`protocol.CORE`); each shell's module knows how to write them.
"""

from __future__ import annotations

import os

from wend import fixes
from wend.errors import WendError
from wend.protocol import CORE
from wend.shells import SHELLS

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLACES = (os.path.join(_PACKAGE, "shell"), os.path.join(_PACKAGE, "..", "..", "shell"))  # installed, in a checkout

_SECOND = "\n# -- Second part --\n"  # in a hook whose installed file has a part that is read on demand

_TITLE = "# wend for "  # begins the one comment that stays

SCRIPTS = "wend-scripts.sh"  # for the shells that have a file which they read when they are not interactive


def text(shell: str, program: str, *, comments: bool = True) -> str:
    """Return the hook of SHELL, which starts the daemon with PROGRAM. WendError when this installation has none.

    COMMENTS are for people. Without them it loads faster: a hook has about a comment for every four lines.
    """
    hook = source(SHELLS[shell].hook)
    return _filled(shell, program, hook if comments else _bare(hook))


def installed(shell: str, program: str) -> str:
    """Return the hook as `wend setup` installs it: without comments, and with its second part aside."""
    first, _, second = source(SHELLS[shell].hook).partition(_SECOND)
    aside = SHELLS[shell].aside
    lines = _bare(second).splitlines(keepends=True)
    return _filled(shell, program, "".join([_bare(first), *(f"{aside}{line}" for line in lines)]))


def _filled(shell: str, program: str, hook: str) -> str:
    """Return HOOK with its blanks filled in."""
    row = SHELLS[shell]
    for blank, value in {"@WEND@": row.quote(program), **row.blanks()}.items():
        hook = hook.replace(blank, value)
    return hook


def script_text(shell: str, program: str) -> str:
    """Return what makes a SHELL that is not interactive follow its `cd`; PROGRAM answers where no daemon runs."""
    text = source(SCRIPTS).replace("@WEND@", SHELLS[shell].quote(program)).replace("@SHELL@", shell)
    return _bare(text.replace("@CORE_NAMES@", " ".join(CORE)))


def _bare(source: str) -> str:
    """Return SOURCE without blank lines and lines of comment, but for the one that says what it is.

    No string in a hook has such a line in it; a test compares what the shells make of both.
    """
    lines = [line.lstrip() for line in source.splitlines(keepends=True)]
    return "".join(line for line in lines if line.startswith(_TITLE) or (line and not line.startswith("#")))


def source(name: str) -> str:
    """Return the text of the file NAME in shell/. WendError when this installation has none."""
    for directory in _PLACES:
        try:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            continue
    raise WendError(f"this installation has no {name}", fixes.REINSTALLED)
