"""bash 3.2 and later: the words of `posix`, and how its hook spells the variables that it sends."""

from __future__ import annotations

from wend.protocol import COMMON, RARE
from wend.shells.posix import END, edits, quote, render

__all__ = ["END", "blanks", "edits", "quote", "render"]


def blanks() -> dict[str, str]:
    """Return what the hook's blanks stand for."""
    return {
        "@COMMON_FIELDS@": " ".join(f'${{{name}+"{name}=${name}"}}' for name in COMMON),
        "@RARE_TESTS@": "".join(f"${{{name}+x}}" for name in RARE),
        "@RARE_NAMES@": " ".join(RARE),
    }
