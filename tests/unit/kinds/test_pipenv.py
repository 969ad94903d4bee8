"""Which environment with a name of the user's choice may be the project's own."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds.pipenv import Pipenv
from wend.settings import Settings


@pytest.mark.parametrize(("told", "own"), [(None, True), ("", True), ("{p}\n", True), ("{p}/other\n", False)])
def test_an_environment_with_a_chosen_name_is_the_projects_unless_it_says_otherwise(
    tmp_path: Path, told: Optional[str], own: bool
) -> None:
    project, place = tmp_path / "p", tmp_path / "store" / "blue"
    project.mkdir()
    (project / "Pipfile").write_text("")
    place.mkdir(parents=True)
    if told is not None:
        (place / ".project").write_text(told.format(p=project))
    env = {"HOME": str(tmp_path), "WORKON_HOME": str(place.parent), "PIPENV_CUSTOM_VENV_NAME": "blue"}
    found = Pipenv().chosen(str(project), Context(Disk(), env, Settings()))
    assert found == ((str(place),) if own else ())
