"""zsh 5.8 and later: the words of `posix`, and how its hook spells the variables that it sends."""

from __future__ import annotations

from wend.protocol import CORE
from wend.shells.posix import END, edits, quote, render

__all__ = ["END", "blanks", "edits", "quote", "render"]


def blanks() -> dict[str, str]:
    """Return what the hook's blanks stand for."""
    return {"@CORE_FIELDS@": " ".join(f'${{{name}+"{name}=${name}"}}' for name in CORE)}
