"""What another user puts into a directory that others can write says nothing about the user's project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.trust import context, environment, git, markers_seen, repository, write
from tests.unit.trust.test_attacks import BROUGHT, conda, verdicts
from wend.context import Context
from wend.disk import Disk
from wend.engine.look import _is_soft
from wend.kinds import owners
from wend.model import RANK_PIN, Candidate, Marker, Target
from wend.system import users
from wend.trust import gitindex, ownership

STRANGER = 65533
SHARED = {"others": 0o777, "sticky": 0o1777, "group": 0o775, "list": 0o775}


@pytest.fixture()
def strangers(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the paths that belong to another user; others are the user's."""
    found: set[str] = set()
    of_the_disk = Disk.owner

    def owner(disk: Disk, path: str) -> os.stat_result | None:
        status = of_the_disk(disk, path)
        uid = STRANGER if path in found else os.getuid()
        return status and os.stat_result((*status[:4], uid, *status[5:10]))

    monkeypatch.setattr(Disk, "owner", owner)
    monkeypatch.setattr(ownership, "user", os.getuid)
    return found


@pytest.fixture(params=SHARED)
def share(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function that lets others write in a directory; the group is the user's own in one case."""
    private = request.param == "list"
    monkeypatch.setattr(users, "is_private_group", lambda *_: private)
    monkeypatch.setattr(Disk, "has_attribute", lambda *_: private)
    return lambda directory: directory.chmod(SHARED[request.param])


@pytest.mark.parametrize("kind", BROUGHT)
def test_markers_of_every_kind(home: Path, strangers: set[str], share: Callable[[Path], None], kind: str) -> None:
    project = home / "p"
    (project / "below").mkdir(parents=True)
    conda(environment(project / "env"), f"{project}/env")
    (project / ".venv").symlink_to("env")
    if "pointer" in kind:
        (project / ".venv").unlink()
    for name, text in BROUGHT[kind].items():
        write(project / name, text.replace("{}", str(project)))
    seen = markers_seen(str(project / "below"), context(home))
    assert seen
    share(project)
    assert markers_seen(str(project / "below"), context(home)) == seen
    strangers |= {str(project / name) for name in os.listdir(project)}
    assert markers_seen(str(project / "below"), context(home)) == []
    project.chmod(0o755)
    assert markers_seen(str(project / "below"), context(home)) == seen


def test_a_private_group_is_no_other(home: Path, strangers: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "is_private_group", lambda *_: True)
    write(home / "Pipfile", "")
    strangers.add(str(home / "Pipfile"))
    home.chmod(0o775)
    assert markers_seen(str(home), context(home))


def test_a_private_group_of_the_owner_is_no_other(
    home: Path, strangers: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's project is what the colleague says, as it is where no group can write."""
    owner = home.stat().st_uid
    monkeypatch.setattr(ownership, "user", lambda: owner + 1)
    monkeypatch.setattr(users, "is_private_group", lambda _, uid, __: uid == owner)
    write(home / "Pipfile", "")
    strangers.add(str(home / "Pipfile"))
    home.chmod(0o775)
    assert markers_seen(str(home), context(home))


@pytest.mark.parametrize(
    ("name", "owns"),
    [
        ("poetry.lock", owners.poetry),
        ("pdm.lock", owners.pdm),
        (".pdm-python", owners.pdm),
        ("hatch.toml", owners.hatch),
        ("pixi.toml", owners.pixi),
        ("uv.lock", owners.is_uv),
    ],
)
def test_a_file_beside_the_users_own_owns_nothing(
    home: Path, strangers: set[str], share: Callable[[Path], None], name: str, owns: Callable[[str, Context], bool]
) -> None:
    for each in ("pyproject.toml", name):
        write(home / each, "[project]\n")
    share(home)
    assert owns(str(home), context(home))
    strangers.add(str(home / name))
    assert not owns(str(home), context(home))


def test_a_workspace_above(home: Path, strangers: set[str], share: Callable[[Path], None]) -> None:
    (home / "shared" / "p").mkdir(parents=True)
    write(home / "shared" / "pyproject.toml", '[tool.uv.workspace]\nmembers = ["*"]\n')
    share(home / "shared")
    assert owners.workspace(str(home / "shared" / "p"), context(home)) == str(home / "shared")
    strangers.add(str(home / "shared" / "pyproject.toml"))
    assert owners.workspace(str(home / "shared" / "p"), context(home)) == ""


def test_the_mark_of_a_project(home: Path, strangers: set[str], share: Callable[[Path], None]) -> None:
    """A version pin in the root of a project hides the environment above."""
    pin = Marker("pyenv", f"{home}/.python-version", str(home), RANK_PIN)
    target = Target("pyenv", "3.12", "/x", str(home), pin.path, "/x/bin/python", "3.12.1", pin="3.12")
    candidate = Candidate(pin, "chosen", "", target=target)
    write(home / "setup.py", "")
    share(home)
    assert not _is_soft(candidate, context(home))
    strangers.add(f"{home}/setup.py")
    assert _is_soft(candidate, context(home))


def test_a_repository(
    home: Path, need: Callable[..., None], strangers: set[str], share: Callable[[Path], None]
) -> None:
    need("git")
    repository(home / "shared")
    environment(home / "shared" / ".venv")
    git(home / "shared", "add", "-f", ".venv/bin/ls")
    share(home / "shared")
    path = str(home / "shared" / ".venv")
    assert gitindex.why_tracked(path, context(home))
    strangers.add(str(home / "shared" / ".git"))
    assert not gitindex.why_tracked(path, context(home))


def test_the_users_own_file_in_tmp(home: Path, strangers: set[str], share: Callable[[Path], None]) -> None:
    """It is a marker, and what it leads to is judged as everywhere."""
    project = home / "tmp"
    environment(project / ".venv")
    share(project)
    write(project / "pyproject.toml", "[tool.poetry]\nname = 'x'\n")
    strangers.add(str(project / "pyproject.toml"))
    ((found, _),) = verdicts(project, context(home))
    assert found.prefix == f"{project}/.venv"
