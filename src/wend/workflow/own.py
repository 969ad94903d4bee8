"""The environment that a project has already, as the engine sees it, and whether it is the project's alone."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Optional

from wend.context import Context
from wend.engine import View
from wend.kinds import KINDS
from wend.model import RANK_PIN, Candidate
from wend.workflow.project import Project

# In an environment outside of its project, the project's directory: pipenv's and virtualenvwrapper's custom.
_LINK = ".project"


def environments(view: View, project: Project) -> list[Candidate]:
    """Return the candidates of VIEW that are environments of PROJECT, best first, trusted or not."""
    places = (project.dir, project.workspace)
    return [
        each
        for each in view.candidates
        # What a pin names, an interpreter or an environment of pyenv's, is not the project's own.
        if each.target and each.marker.dir in places and each.marker.rank != RANK_PIN
    ]


def broken(view: View, project: Project) -> Optional[Candidate]:
    """Return the first candidate of PROJECT whose environment is there but cannot be used; None when there is none."""
    places = (project.dir, project.workspace)
    return next(
        (
            each
            for each in view.candidates
            if each.status == "broken" and each.marker.dir in places and os.path.isdir(each.marker.path)
        ),
        None,
    )


def stored(project: Project, context: Context) -> tuple[str, ...]:
    """Return what tools keep for PROJECT outside of it, under names that only this project has there."""
    return tuple(place for kind in KINDS.values() for place in kind.stored(project.dir, context))


def is_own(prefix: str, project: Project, context: Context) -> bool:
    """Return whether the environment PREFIX is PROJECT's alone. Another one its files only name: others may use it."""
    disk = context.disk
    real = disk.realpath(prefix)
    tops = (disk.realpath(top) for top in (project.dir, project.workspace) if top)
    if any(real.startswith(f"{top.rstrip('/')}/") for top in tops):
        return True
    if real in map(disk.realpath, stored(project, context)):
        return True
    told = (disk.text(os.path.join(real, _LINK)) or "").strip()
    return os.path.isabs(told) and disk.realpath(told) == disk.realpath(project.dir)


def claim(prefix: str, project: Project) -> None:
    """Note in the environment PREFIX, which was made for PROJECT and lies outside of it, whose it is."""
    path = os.path.join(prefix, _LINK)
    with suppress(OSError), open(path, "x", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{os.path.realpath(project.dir)}\n")
