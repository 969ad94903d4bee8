"""The kinds of environment: one file each, one row each in KINDS.

A kind is a module with `markers(settings)`, the names by which it is found and the rank of each, and
`resolve(marker, where)`, which answers with the environment that a marker stands for on this machine, with the
problem, or with None when the name turns out to be no marker at all. Kinds only read.
"""

from __future__ import annotations

from typing import Optional, Protocol, Union

from wend.config import Settings
from wend.kinds import conda, pyenv, setting, venv
from wend.model import Marker, Problem, Target
from wend.where import Where


class Kind(Protocol):
    """What a module of a kind offers."""

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return (file name, rank) for each marker, most wanted first."""

    def resolve(self, marker: Marker, where: Where) -> Optional[Union[Target, Problem]]:
        """Return the environment that MARKER stands for, why there is none, or None: no marker."""


# In order of preference within one rank.
KINDS: dict[str, Kind] = {"setting": setting, "venv": venv, "conda": conda, "pyenv": pyenv}

PIN = ".python-version"  # the one marker in $HOME that holds below it, as in pyenv


def markers(settings: Settings) -> tuple[tuple[str, str, int], ...]:
    """Return (file name, kind, rank) of everything to look for in a directory, in order of precedence."""
    rows = []
    for order, (name, kind) in enumerate(KINDS.items()):
        wanted = settings.detect_kinds
        if wanted and name != "setting":
            if name not in wanted:
                continue
            order = wanted.index(name)  # noqa: PLW2901
        rows += [(rank, order, index, file, name) for index, (file, rank) in enumerate(kind.markers(settings))]
    return tuple((file, name, rank) for rank, _, _, file, name in sorted(rows))
