"""The program by which a hook starts wend: a script in the data directory that no activated environment changes."""

from __future__ import annotations

import os
import sys

from wend import paths
from wend.errors import WendError
from wend.system import WINDOWS, which
from wend.text import quoted
from wend.typed import Mapping, Optional

_MAIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
_FIRST_LINE = 127  # bytes that Linux reads of it; 255 since 5.1
_CODE = """
import sys

sys.path.insert(0, {site!r})
try:
    from wend.__main__ import main
except ModuleNotFoundError as error:
    if error.name not in ("wend", "wend.__main__"):
        raise
    sys.exit("wend: the code in " + ascii(sys.path[0]) + " is gone: install wend again, then wend setup")
sys.exit(main())
"""


def path(env: Mapping[str, str]) -> str:
    """Return where the launcher is installed; empty where there is none, because sh is not."""
    data = paths.data_dir(env)
    return os.path.join(data, "bin", "wend") if data and not WINDOWS else ""


def text() -> bytes:
    """Return the script that starts wend isolated from modules in the current directory and on PYTHONPATH.

    Python runs without `site` (-S), which the quick commands do not need (`wend.libraries`). The kernel starts it by
    the script's first line: with sh in between it takes longer, and dash complains if the current directory is gone.
    """
    first = os.fsencode(f"#!{sys.executable} -ISXutf8")  # one word, because Linux passes what follows as one
    if _is_understood(first):
        return first + _CODE.format(site=os.path.dirname(os.path.dirname(_MAIN))).encode()
    words = [sys.executable, "-I", "-S", "-X", "utf8", _MAIN]
    return f'#!/bin/sh\nexec {" ".join(map(quoted, words))} "$@"\n'.encode("utf-8", "surrogateescape")


def _is_understood(line: bytes) -> bool:
    """Return whether the kernel runs LINE as it is meant, and Python can read it as the comment that it is."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(line) <= _FIRST_LINE and len(line.split()) == 2


def program(env: Mapping[str, str]) -> str:
    """Return the program by which a hook starts wend: the installed launcher, else the one that runs now."""
    launcher = path(env)
    if launcher and _content(launcher) == text():
        return launcher
    search = env.get("PATH", os.defpath)
    beside = os.path.join(os.path.dirname(sys.executable), "wend")
    for candidate in (which(sys.argv[0], search), which(beside, search), which("wend", search)):
        if candidate and os.path.splitext(os.path.basename(candidate))[0] == "wend":
            return os.path.abspath(candidate)
    raise WendError("there is no wend to start the daemon with", "wend setup")


def _content(file: str) -> Optional[bytes]:
    try:
        if not os.path.isfile(file):  # a FIFO would be waited for
            return None
        with open(file, "rb") as stream:
            return stream.read(1 << 16)
    except OSError:
        return None
