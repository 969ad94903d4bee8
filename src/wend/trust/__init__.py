"""The one gate that every environment passes before a shell hears of it (docs/trust.md).

`judge` looks at the result of detection, never at the kind of marker: a new kind has no door of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from wend.model import Target
from wend.where import Where


class Verdict(NamedTuple):
    """`allowed`, or why not, with what to type."""

    allowed: bool
    reason: str
    fix: str = ""
    quiet: bool = False  # denied by the user: no notice


def judge(target: Target, where: Where) -> Verdict:
    """Return whether TARGET may become active in the shell that asks."""
    return Verdict(True, "")  # to be written
