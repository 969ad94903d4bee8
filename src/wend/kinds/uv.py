"""UV_PROJECT_ENVIRONMENT: the user's explicit word to uv about the environment of a project.

Relative to the root of the workspace. Source: uv 0.13 (`uv run`, `uv sync`), observed on project layouts.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, pdm, poetry, venv
from wend.kinds.base import MAX_PROJECT_FILE, Kind, Resolved
from wend.kinds.projectfiles import PYPROJECT
from wend.model import RANK_EXPLICIT, Marker, Problem, Target
from wend.settings import Settings
from wend.system import join

_VARIABLE = "UV_PROJECT_ENVIRONMENT"


class Uv(Kind):
    """A uv project while UV_PROJECT_ENVIRONMENT is set."""

    name = "uv"
    documented = "venv"
    watched = (_VARIABLE,)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the project's file."""
        del settings
        return ((PYPROJECT, RANK_EXPLICIT),)

    def watches(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return the variable, where it may be set later: in what looks like a project of uv's."""
        data = context.disk.read(marker.path, MAX_PROJECT_FILE) or b""
        return self.watched if b"[project]" in data or b"tool.uv" in data else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that the variable names; None without it, and where uv is not the tool."""
        word = context.env.get(_VARIABLE, "")
        if not word or not _is_root(marker.dir, context):
            return None
        place = join(marker.dir, word)
        found = venv.at(place, marker, context, store=os.path.isabs(word), remake="uv sync")
        if isinstance(found, Target):
            return found._replace(said=f"{_VARIABLE} names {word}, and uv owns this project")
        if isinstance(found, Problem):
            return owners.unusable(found, "uv", "uv sync")
        appears = (f"{place}/pyvenv.cfg" if context.disk.is_dir(place) else place,)
        return owners.nothing_yet(
            "uv", owners.in_place("uv sync", place, context), f"{_VARIABLE} names {place}", appears
        )


def _is_root(directory: str, context: Context) -> bool:
    """Return whether DIRECTORY is the root of a uv project or workspace that no other tool owns."""
    tree = owners.pyproject(directory, context)
    is_project = bool(toml.table(tree, "project")) or "uv" in toml.table(tree, "tool")
    if toml.table(tree, "tool", "uv").get("managed") is False:
        return False  # uv takes it for no project
    if not is_project or _is_anothers(directory, context):
        return False
    return not owners.workspace(directory, context)


def _is_anothers(directory: str, context: Context) -> bool:
    """Return whether another tool owns DIRECTORY: one that wend is to follow, and that has environments there."""
    kinds = context.settings.detect_kinds
    return any((not kinds or name in kinds) and owns(directory, context) for name, owns in _OTHERS)


def _is_pdms(directory: str, context: Context) -> bool:
    return owners.pdm(directory, context) and pdm.uses_environments(directory, context)


def _is_poetrys(directory: str, context: Context) -> bool:
    return owners.poetry(directory, context) and poetry.serves(directory, context)


_OTHERS = (
    ("pipenv", owners.pipenv),
    ("pdm", _is_pdms),
    ("hatch", owners.hatch),
    ("pixi", owners.pixi),
    ("poetry", _is_poetrys),
)
