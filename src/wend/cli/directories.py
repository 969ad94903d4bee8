"""Which directory a command is about, as the shell spells it."""

from __future__ import annotations

import os

from wend.errors import WendError
from wend.system import join, slashed
from wend.typed import Optional


def here() -> str:
    """Return the current directory as the shell spells it. WendError when it is gone."""
    try:
        real = slashed(os.getcwd())
    except OSError as error:
        raise WendError("the current directory is gone", "cd") from error
    spelled = slashed(os.environ.get("PWD", ""))
    try:
        same = os.path.isabs(spelled) and os.path.samefile(spelled, real)
    except (OSError, ValueError):
        same = False
    return spelled if same else real


def directory(argument: Optional[str]) -> str:
    """Return the directory that ARGUMENT names, spelled as by `cd ARGUMENT`. WendError when there is none."""
    if argument is None:
        return here()
    if not argument:
        raise WendError("'' is not a directory", "give a directory")
    path = join(os.sep if os.path.isabs(argument) else here(), argument)
    if not os.path.isdir(path):
        what = "is not a directory" if os.path.lexists(path) else "does not exist"
        raise WendError(f"{path} {what}", "give a directory")
    return path
