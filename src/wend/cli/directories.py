"""Which directory a command is about, as the shell spells it."""

from __future__ import annotations

import os

from wend.errors import Again, WendError
from wend.system import join, native, slashed
from wend.typed import TYPE_CHECKING, Optional, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")


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


def directory(argument: Optional[str], *, is_new: bool = False) -> str:
    """Return the directory that ARGUMENT names, spelled as by `cd ARGUMENT`. WendError when there is none.

    IS_NEW: the command is also typed where it is still to be made.
    """
    if argument is None:
        return here()
    if not argument:
        raise WendError("'' is not a directory", again=Again(without=("",)))
    path = join(os.sep if os.path.isabs(argument) else here(), argument)
    if not os.path.isdir(path):
        if os.path.lexists(path):
            raise WendError(f"{native(path)} is not a directory", fixes.shown_near(path))
        if is_new and fixes.may_be_made(path):
            raise WendError(f"{native(path)} does not exist", again=Again(before=f"mkdir -p {fixes.word(path)} && "))
        raise WendError(f"{native(path)} does not exist", fixes.shown_near(path))
    return path


def check_inside(path: str, root: str) -> None:
    """Raise WendError when PATH lies in the project ROOT and leads out of it, or into git's own files.

    A clone may bring a link to any file of the user's, which must not be overwritten.
    """
    real, top = os.path.realpath(path), os.path.realpath(root)
    if not path.startswith(root.rstrip("/") + "/"):
        return
    if not real.startswith(top.rstrip("/") + "/"):
        raise WendError(f"{path} leads to {real}, outside the project", fixes.aside(_link(path, root)))
    if ".git" in real[len(top) :].lower().split("/") and ".git" not in path[len(root) :].lower().split("/"):
        raise WendError(f"{path} leads to {real}, which is git's", fixes.aside(_link(path, root)))


def _link(path: str, root: str) -> str:
    """Return the first link on the way from ROOT to PATH."""
    place = root.rstrip("/")
    for part in path[len(place) + 1 :].split("/"):
        place = f"{place}/{part}"
        if os.path.islink(place):
            break
    return place


def typed_here(fix: str, path: str) -> str:
    """Return FIX, which is meant for the directory PATH, as it is to be typed in the current one."""
    try:
        return fix if os.path.samefile(path, here()) else fixes.typed_in(fix, path, "")
    except (OSError, WendError):
        return fix


def typed_from_here(error: WendError, path: str) -> WendError:
    """Return ERROR, about the directory PATH, with what is to be typed in the current one."""
    error.fix = typed_here(error.fix, path)
    return error
