"""What an answer asks of the disk, counted: each kind's first question, and what is remembered of the stores."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.daemon.talk import until
from tests.unit.test_explain_table import Machine
from wend import record as records
from wend.disk import Disk
from wend.engine.look import View, look
from wend.engine.respond import respond
from wend.engine.situation import situate
from wend.formats import toml
from wend.protocol import Request
from wend.trust import origin

_MANY = 200  # environments
_CALLS = ("stat", "lstat", "open", "listdir", "readlink", "getxattr")
_POETRY = "pyproject.toml = {project}{poetry}\n~/.cache/pypoetry/virtualenvs/{poetry:shop}-py3.12: venv 3.12.1\n"
PROJECTS = {
    "poetry": f"{_POETRY}poetry.lock = # by Poetry\n",
    "poetry with settings": (
        f"{_POETRY}poetry.toml = [virtualenvs]\\nin-project = false\\n\n"
        '~/.config/pypoetry/config.toml = [virtualenvs]\\nprompt = "x"\\n\n'
        '~/.cache/pypoetry/virtualenvs/envs.toml = ["{poetry:shop}"]\\nminor = "3.12"\\n\n'
    ),
    "pipenv": "Pipfile = [packages]\\n\n~/.local/share/virtualenvs/{pipenv}: venv 3.12.1\n",
    "pdm": (
        "pyproject.toml = {project}\npdm.lock = # by PDM\\n\n"
        ".pdm-python = ~/.local/share/pdm/venvs/{pdm}-3.12/bin/python\n"
        "~/.local/share/pdm/venvs/{pdm}-3.12: venv 3.12.1\n"
    ),
    "hatch": (
        "pyproject.toml = {project}[tool.hatch.envs.default]\\nskip-install = true\\n\n"
        "~/.local/share/hatch/env/virtual/shop/{hatch}/shop: venv 3.12.1\n"
    ),
    "pointer": ".venv = envs/blue\\n\nenvs/blue: venv 3.12.1\n",
    "mise": 'mise.toml = [env]\\n_.python.venv = "~~/envs/blue"\\n\n~/envs/blue: venv 3.12.1\n',
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Yield how often each system call was made."""
    counted: Counter[str] = Counter()

    def count(name: str) -> None:
        call = getattr(os, name)

        def counting(*args: Any, **options: Any) -> Any:
            counted[name] += 1
            return call(*args, **options)

        monkeypatch.setattr(os, name, counting)

    for name in _CALLS:
        count(name)
    yield counted


def _look(machine: Machine, cwd: str = "") -> View:
    env = {"HOME": machine.home, "PATH": f"{machine.home}/bin"}
    request = Request("bash", 1, "1-x", 1, cwd or machine.project, "", "prompt", (), True, (), env)
    return look(situate(request, Disk(), everything_known=True))


def _first_question(tree: str, top: str, calls: Counter[str]) -> int:
    """Return the calls that the first question in a project takes; libraries are there already."""
    machine = Machine(top)
    machine.build(tree)
    _look(machine)
    calls.clear()
    view = _look(machine)
    assert view.chosen, view.candidates
    return sum(calls.values())


@pytest.mark.skipif(sys.platform == "win32", reason="counts the calls of POSIX")
@pytest.mark.parametrize("name", PROJECTS)
def test_first_question_costs_at_most_twice_that_of_a_venv(name: str, tmp_path: Any, calls: Counter[str]) -> None:
    plain = _first_question("pyproject.toml = {project}\n.venv: venv 3.12.1\n", str(tmp_path / "venv"), calls)
    assert _first_question(PROJECTS[name], str(tmp_path / "tool"), calls) <= 2 * plain


@pytest.mark.skipif(sys.platform == "win32", reason="counts the calls of POSIX")
@pytest.mark.parametrize(
    "tree", [".venv: venv 3.12.1\n", ".venv: moved 3.12.1\n", *PROJECTS.values()], ids=["venv", "moved", *PROJECTS]
)
def test_nothing_is_looked_at_twice_for_one_answer(tree: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the way that a link leads is followed twice: by its real path and, for the gate, name by name."""
    machine = Machine(str(tmp_path))
    machine.build(tree)
    env = {"HOME": machine.home, "PATH": f"{machine.home}/bin", "WEND_CONFIG": f"{machine.home}/wend.toml"}
    machine.build("~/wend.toml = hints = false\n")
    request = Request("bash", 1, "1-x", 1, machine.project, "", "prompt", (), True, (), env)
    asked: Counter[tuple[str, str]] = Counter()

    def note(module: Any, name: str) -> None:
        call = getattr(module, name)

        def noting(first: Any, *rest: Any, **options: Any) -> Any:
            asked[name, str(first)] += 1
            return call(first, *rest, **options)

        monkeypatch.setattr(module, name, noting)

    note(os, "stat")
    note(os, "open")
    note(records, "load")
    note(records, "revert")
    note(toml, "parse")
    note(origin, "recorded_places")
    assert respond(request, Disk(), everything_known=True).rule == "project"
    assert {call: times for call, times in asked.items() if times > 1} == {}


def _with_store(top: str, tree: str) -> Machine:
    """Return a machine with TREE and a store of many environments, none of which is for the project."""
    machine = Machine(top)
    for number in range(_MANY):
        machine.build(f"~/.virtualenvs/e{number}/.project = ~/p/e{number}\n")
    machine.build(tree)
    return machine


def test_a_store_is_not_asked_where_something_else_decides(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = _with_store(str(tmp_path), ".venv: venv 3.12.1\n")
    assert not _in_store(machine, monkeypatch)


def test_a_store_is_read_once_and_remembered_by_its_signature(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = _with_store(str(tmp_path), "README = shop\n")
    assert len(_in_store(machine, monkeypatch)) >= _MANY
    until(lambda: _in_store(machine, monkeypatch) == [f"{machine.home}/.virtualenvs"] * 2, "one that does not")


def _in_store(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what an answer in the project, and asking whether it still holds, looks at in the store."""
    paths: list[str] = []

    def note(name: str) -> None:
        call = getattr(os, name)

        def noting(path: Any, *args: Any, **options: Any) -> Any:
            paths.append(os.fspath(path))
            return call(path, *args, **options)

        patch.setattr(os, name, noting)

    request = Request("bash", 1, "1-x", 1, machine.project, "", "prompt", (), True, (), {"HOME": machine.home})
    with monkeypatch.context() as patch:
        for name in ("stat", "lstat", "open", "listdir", "readlink"):
            note(name)
        disk = Disk()
        look(situate(request, disk, everything_known=True))
        disk.evidence.settle()
        assert disk.evidence.unchanged()
    return [path for path in paths if path.startswith(f"{machine.home}/.virtualenvs")]
