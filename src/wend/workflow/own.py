"""The environment that a project has already, as the engine sees it."""

from __future__ import annotations

import os
from typing import Optional

from wend.engine import View
from wend.model import RANK_PIN, Candidate
from wend.workflow.project import Project


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
