"""Which variables a shell is asked for in a project of PDM's."""

from __future__ import annotations

from pathlib import Path

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds.conda import installation
from wend.kinds.pdm import Pdm
from wend.model import RANK_OWNER, Marker
from wend.settings import Settings


@pytest.mark.parametrize(
    ("saved", "prefix", "asked"),
    [
        ("{top}/conda/bin/python\n", "conda", True),
        ("{top}/other/bin/python\n", "conda", False),
        ("python3\n", "conda", False),
        ("", "p/.venv", True),
        ("", "conda", False),
    ],
)
def test_condas_variables_are_asked_for_where_conda_made_the_environment(
    tmp_path: Path, saved: str, prefix: str, asked: bool
) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "pyproject.toml").write_text("[tool.pdm]\n")
    (project / ".pdm-python").write_text(saved.format(top=tmp_path))
    (tmp_path / prefix / "conda-meta").mkdir(parents=True)
    marker = Marker("pdm", str(project / "pyproject.toml"), str(project), RANK_OWNER)
    needs = Pdm().needs(marker, Context(Disk(), {"HOME": str(tmp_path)}, Settings(), frozenset()))
    assert set(needs) >= set(Pdm.variables)
    assert (set(needs) >= set(installation.VARIABLES)) is asked
