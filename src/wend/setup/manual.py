"""The manual page, for `man wend`: beside the user's other data, where man looks when ~/.local/bin is on PATH."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wend import fixes, paths
from wend.errors import WendError
from wend.system import WINDOWS

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLACES = (os.path.join(_PACKAGE, "docs"), os.path.join(_PACKAGE, "..", "..", "docs"))  # installed, in a checkout
NAME = "wend.1"


def file(env: Mapping[str, str]) -> str:
    """Return where the page is installed; empty where there is no man, or no home."""
    data = "" if WINDOWS else paths.data_home(env)
    return os.path.join(data, "man", "man1", NAME) if data else ""


def text() -> bytes:
    """Return the page. WendError when this installation has none."""
    for directory in _PLACES:
        try:
            with open(os.path.join(directory, NAME), "rb") as page:
                return page.read()
        except FileNotFoundError:
            continue
    raise WendError(f"this installation has no {NAME}", fixes.REINSTALLED)
