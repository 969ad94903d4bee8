"""Which of the environments that are seen from a project are its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.engine import View
from wend.formats import digest
from wend.kinds import owners
from wend.model import RANK_DIRECTORY, RANK_EXPLICIT, RANK_PIN, Candidate, Marker, Target
from wend.settings import Settings
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


@pytest.mark.parametrize(
    ("version", "requires", "pin"),
    [("3.11.2", ">=3.12", ""), ("3.12.1", ">=3.12", "blue"), ("3.11.2", "", "blue")],
)
def test_an_environment_of_pyenvs_does_not_decide_against_requires_python(
    version: str, requires: str, pin: str
) -> None:
    marker = Marker("pyenv", "/p/.python-version", "/p", RANK_PIN)
    target = Target("pyenv", "blue", "/v/blue", "/p", marker.path, "/v/blue/bin/python", version)
    context = Context(Disk(), {}, Settings(), frozenset())
    view = View(candidates=(Candidate(marker, "chosen", "", target),))
    found = own.with_pin(Project("/p", pin="blue", requires=requires), view, context)
    assert (found.pin, found.pin_python) == (pin, target.python if pin else "")
    said = f".python-version asks for Python blue, which requires-python rules out ({requires}): it does not count"
    assert found.pin_note == ("" if pin else said)


@pytest.mark.parametrize(("word", "counts"), [("3.11", False), ("3.11.2", False), ("3.12", True), ("blue", True)])
def test_a_version_that_is_not_here_does_not_decide_against_requires_python(
    tmp_path: Path, word: str, counts: bool
) -> None:
    (tmp_path / ".python-version").write_text(f"{word}\n")
    marker = Marker("pyenv", str(tmp_path / ".python-version"), str(tmp_path), RANK_PIN)
    view = View(candidates=(Candidate(marker, "unavailable", "not installed"),))
    project = Project(str(tmp_path), pin=word, requires=">=3.12")
    found = own.with_pin(project, view, Context(Disk(), {}, Settings(), frozenset()))
    assert (found.pin, not found.pin_note) == (word if counts else "", counts)


_CONFIG = ".config/hatch/config.toml"
_HATCH = ".local/share/hatch/env/virtual"


@pytest.mark.parametrize(
    ("files", "env", "place"),
    [
        # hatch keeps environments of other projects there, too.
        ({"pyproject.toml": '[[tool.hatch.envs.default.matrix]]\nx = ["../../other/id/other"]\n'}, {}, _HATCH),
        (
            {"hatch.toml": "", ".config/hatch/config.toml": '[dirs.env]\nvirtual = "~/.virtualenvs"\n'},
            {},
            ".virtualenvs",
        ),
        ({"hatch.toml": ""}, {"HATCH_ENV_TYPE_VIRTUAL_PATH": "{home}/shared"}, "shared"),
        ({"requirements.txt": ""}, {"HATCH_ENV_TYPE_VIRTUAL_PATH": "{home}/shared"}, "shared"),
        ({"Pipfile": ""}, {"PIPENV_CUSTOM_VENV_NAME": "shared", "WORKON_HOME": "{home}/.virtualenvs"}, ".virtualenvs"),
    ],
)
def test_what_others_may_have_chosen_is_not_the_projects_own(
    tmp_path: Path, files: dict[str, str], env: dict[str, str], place: str
) -> None:
    home, root = tmp_path, tmp_path / "p"
    root.mkdir()
    for name, text in files.items():
        path = (home if name.startswith(".") else root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("p", "shared", "other/id/other", f"p/{digest.short(digest.sha256(os.fsencode(root)), 8)}"):
        (home / place / name).mkdir(parents=True, exist_ok=True)
    variables = {name: value.format(home=home) for name, value in env.items()}
    context = Context(Disk(), {"HOME": str(home), **variables}, Settings(), frozenset())
    project = Project(str(root), tools=owners.tools(str(root), context))
    assert own.stored(project, context) == ()
