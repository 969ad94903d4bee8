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


# What works on the current directory: wend's commands that take another one, and those of other programs.
_TAKE_ONE = ("wend create", "wend create --force", "wend sync", "wend freeze")
_WORK_HERE = ("uv", "poetry", "pipenv", "pdm", "hatch", "pixi", "mise")
_ANYWHERE = ("uv python ", "uv tool install ", "mise install python@", "mise ls-remote ")


def typed_here(fix: str, path: str) -> str:
    """Return FIX, which is meant for the directory PATH, as it is to be typed in the current one."""
    words = fix.split(" ")
    works_here = words[0] in _WORK_HERE and not fix.startswith(_ANYWHERE)
    if not works_here and fix not in _TAKE_ONE:
        return fix
    import shlex

    from wend.text import visible

    place = visible(shlex.quote(path))
    try:
        if os.path.samefile(path, here()):
            return fix
    except (OSError, WendError):
        return fix
    return f"cd {place} && {fix}" if works_here else f"{fix} {place}"


def typed_from_here(error: WendError, path: str) -> WendError:
    """Return ERROR, about the directory PATH, with what is to be typed in the current one."""
    error.fix = typed_here(error.fix, path)
    return error
