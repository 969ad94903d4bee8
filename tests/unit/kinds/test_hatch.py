"""Which variables a shell is asked for in a project of hatch's, and where its environment is."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds.hatch import Hatch, chosen
from wend.model import RANK_OWNER, Marker, Target
from wend.settings import Settings


def test_a_shell_is_asked_for_what_the_tables_and_the_settings_refer_to(tmp_path: Path) -> None:
    project, config = tmp_path / "p", tmp_path / "config.toml"
    project.mkdir()
    file = project / "pyproject.toml"
    file.write_text('[tool.hatch.envs.default.overrides]\nenv.STAGE.path = "x"\n')
    config.write_text('[dirs]\ndata = "$A/b"\nenv.virtual = "~/${KEEP}/$1/$"\n')
    marker = Marker("hatch", str(file), str(project), RANK_OWNER)
    first = Context(Disk(), {"HOME": str(tmp_path)}, Settings(), frozenset())
    assert set(Hatch().needs(marker, first)) == {*Hatch().variables, "STAGE"}
    # Where the settings are is known when the shell has answered.
    told = first._replace(disk=Disk(), env={"HOME": str(tmp_path), "HATCH_CONFIG": str(config)})
    assert set(Hatch().needs(marker, told)) == {*Hatch().variables, "STAGE", "KEEP", "A"}
    file.write_text("[tool.hatch.build]\n")
    assert Hatch().needs(marker, first._replace(disk=Disk())) == ()


def test_a_name_that_leads_out_of_the_project_is_seen_to_do_so(tmp_path: Path) -> None:
    project, other = tmp_path / "p", tmp_path / "other"
    (project / ".hatch").mkdir(parents=True)
    venv.create(other, symlinks=True)
    file, config = project / "hatch.toml", tmp_path / "config.toml"
    file.write_text('[[envs.default.matrix]]\nx = ["../../other"]\n')
    config.write_text('[dirs.env]\nvirtual = ".hatch"\n')
    context = Context(Disk(), {"HOME": str(tmp_path), "HATCH_CONFIG": str(config)}, Settings(), frozenset())
    found = Hatch().resolve(Marker("hatch", str(file), str(project), RANK_OWNER), context)
    assert isinstance(found, Target)
    assert found.prefix == str(other)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_leads_out_of_its_own_place_is_no_store_of_the_users(tmp_path: Path, name: str) -> None:
    project = tmp_path / "p"
    project.mkdir()
    file = project / "hatch.toml"
    file.write_text(f'[envs."{name}"]\n')
    context = Context(Disk(), {"HOME": str(tmp_path), "HATCH_ENV": name}, Settings())
    marker = Marker("hatch", str(file), str(project), RANK_OWNER)
    (wanted,) = chosen(str(project), context)[1]
    place, store = Hatch()._place(wanted, str(project), context)
    venv.create(place, symlinks=True)
    found = Hatch().resolve(marker, context)
    assert isinstance(found, Target)
    assert (found.prefix, found.store, store) == (place, False, False)


@pytest.mark.parametrize(("virtual", "store"), [("~/.virtualenvs", True), (".hatch", False), (".", False)])
def test_a_directory_inside_the_project_is_no_store_of_the_users(tmp_path: Path, virtual: str, store: bool) -> None:
    project, config = tmp_path / "p", tmp_path / "config.toml"
    project.mkdir()
    file = project / "hatch.toml"
    file.write_text("[envs.blue]\n")
    config.write_text(f'[dirs.env]\nvirtual = "{virtual}"\n')
    env = {"HOME": str(tmp_path), "HATCH_CONFIG": str(config), "HATCH_ENV": "blue"}
    (wanted,) = chosen(str(project), Context(Disk(), env, Settings()))[1]
    assert Hatch()._place(wanted, str(project), Context(Disk(), env, Settings()))[1] == store
