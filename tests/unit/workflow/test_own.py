"""Which of the environments that are seen from a project are its own."""

from __future__ import annotations

import pytest

from wend.engine import View
from wend.model import RANK_DIRECTORY, RANK_EXPLICIT, RANK_PIN, Candidate, Marker, Target
from wend.workflow import own
from wend.workflow.project import Project


@pytest.mark.parametrize(
    ("directory", "name", "rank", "counts"),
    [
        ("/p", ".venv", RANK_DIRECTORY, True),
        ("/p", "mise.toml", RANK_EXPLICIT, True),  # `_.python.venv`
        ("/p", "mise.toml", RANK_PIN, False),  # a version
        ("/p", ".mise.local.toml", RANK_PIN, False),
        ("/p", ".python-version", RANK_PIN, False),  # an environment of pyenv's is shared
        ("/", ".venv", RANK_DIRECTORY, False),
        ("/workspace", ".venv", RANK_DIRECTORY, True),  # uv's, of which the project is a member
    ],
)
def test_a_pin_and_what_lies_above_are_not_the_projects_own(directory: str, name: str, rank: int, counts: bool) -> None:
    marker = Marker("any", f"{directory}/{name}", directory, rank)
    target = Target("venv", "x", "/x", directory, marker.path, "/x/bin/python", "3.12.1")
    candidate = Candidate(marker, "chosen", "", target)
    found = own.environments(View(candidates=(candidate,)), Project("/p", workspace="/workspace"))
    assert found == ([candidate] if counts else [])
