"""hatch's settings of the user: where it keeps environments and interpreters, and which project it works on.

Source: hatch 1.18 (hatch/config/model.py, hatch/cli/__init__.py, hatch/env/virtual.py). All of it is the user's word:
config.toml is in the user's configuration, or named by HATCH_CONFIG.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.disk.mounts import NEVER
from wend.formats import toml
from wend.kinds import owners, userdirs
from wend.kinds.projectfiles import PYPROJECT
from wend.system import join
from wend.typed import Any, Optional

VARIABLES = ("HATCH_CONFIG", "HATCH_DATA_DIR", "HATCH_PROJECT")
_MOST = 16  # directories of projects
_MAX_DEPTH = 32
_PROOFS = (PYPROJECT, "setup.py")


def tables(context: Context) -> dict[str, Any]:
    """Return hatch's config.toml."""
    return owners.tables(context.env.get("HATCH_CONFIG") or f"{userdirs.config('hatch', context)}/config.toml", context)


def references(context: Context) -> tuple[str, ...]:
    """Return the variables that hatch's directories refer to."""
    dirs = toml.table(tables(context), "dirs")
    places = (
        *toml.table(dirs, "env").values(),
        dirs.get("data"),
        dirs.get("python"),
        context.env.get("HATCH_DATA_DIR"),
    )
    return tuple(name for place in places if isinstance(place, str) for name in owners.variables_in(place))


def data(context: Context) -> str:
    """Return hatch's directory of data."""
    said = context.env.get("HATCH_DATA_DIR") or toml.table(tables(context), "dirs").get("data")
    place = said if isinstance(said, str) and said else userdirs.data("hatch", context)
    return owners.variable_expanded(place, context) or place


def environments(kind: str, context: Context) -> str:
    """Return hatch's directory of environments of the type KIND; a relative one counts from the project."""
    chosen = toml.table(tables(context), "dirs", "env").get(kind)
    if isinstance(chosen, str) and chosen:
        return owners.variable_expanded(chosen, context) or chosen
    return f"{data(context)}/env/{kind}"


def pythons(context: Context) -> tuple[str, ...]:
    """Return the directories of hatch's interpreters: of `hatch python install`, and of what environments needed."""
    said = toml.table(tables(context), "dirs").get("python")
    own = owners.variable_expanded(said, context) if isinstance(said, str) and said != "isolated" else ""
    places = (own or f"{data(context)}/pythons", f"{environments('virtual', context)}/.pythons")
    return tuple(place.rstrip("/") for place in places if os.path.isabs(place))


def project(context: Context) -> tuple[str, Optional[str]]:
    """Return the name of the project that hatch works on wherever it is run, and its directory.

    Of HATCH_PROJECT, or of the mode `project`. An empty name: there is none, and the current directory counts. No
    directory: hatch knows no such project.
    """
    name = context.env.get("HATCH_PROJECT", "")
    settings = tables(context)
    if not name and settings.get("mode") == "project":
        said = settings.get("project")
        name = said if isinstance(said, str) and _located(said, settings, context) else ""  # else hatch does without
    return name, _located(name, settings, context) if name else None


def _located(name: str, settings: dict[str, Any], context: Context) -> Optional[str]:
    projects = toml.table(settings, "projects")
    if name in projects:
        said = projects[name]
        said = said.get("location") if isinstance(said, dict) else said
        return _root(join("/", said), context) if isinstance(said, str) and os.path.isabs(said) else None
    listed = toml.table(settings, "dirs").get("project")
    for place in listed[:_MOST] if isinstance(listed, list) and "\0" not in name else ():
        directory = join(place, name) if isinstance(place, str) and os.path.isabs(place) else ""
        if directory and context.disk.is_dir(directory):
            return _root(directory, context)
    return None


def _root(directory: str, context: Context) -> Optional[str]:
    """Return the root of the project that DIRECTORY, a real path, is in, as hatch finds it; None for none."""
    directory, home = context.disk.realpath(directory), context.disk.realpath(context.home or "/")
    for _ in range(_MAX_DEPTH):
        if any(context.disk.is_file(f"{directory.rstrip('/')}/{name}") for name in _PROOFS):
            return directory
        above = os.path.dirname(directory)
        if directory in (above, home) or os.path.splitdrive(directory)[1] in NEVER:
            return None
        directory = above
    return None
