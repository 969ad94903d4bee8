"""From files to commands: one row for each thing that a project can be."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend.context import Context
from wend.disk import Disk
from wend.errors import WendError
from wend.kinds import installing, owners
from wend.kinds.conda import installation
from wend.kinds.installing import Installers
from wend.kinds.projectfiles import IN_REQUIREMENTS, RECOGNISED, SOURCES
from wend.settings import Settings
from wend.workflow import project as projects
from wend.workflow.commands import Find, Steps, command
from wend.workflow.planning import CONDAS, Options, plan_create, plan_sync
from wend.workflow.project import Project
from wend.workflow.pythons import choose
from wend.workflow.tools import Interpreter, Tools

P12 = Interpreter("3.12.1", "/usr/bin/python3", "path")
P11 = Interpreter("3.11.7", "/h/.pyenv/versions/3.11.7/bin/python", "pyenv", "3.11.7")
P27 = Interpreter("2.7.18", "/h/.pyenv/versions/2.7.18/bin/python", "pyenv", "2.7.18")
PYPY = Interpreter("3.10", "/h/.pyenv/versions/pypy3.10-7.3.15/bin/python", "pyenv", "pypy3.10-7.3.15", False, "pypy")
EVERYTHING = ("uv", "poetry", "pipenv", "pdm", "hatch", "pixi", "conda-lock", *CONDAS)

PROJECT = '[project]\nname = "p"\nversion = "1"\ndependencies = ["six", "--index-url=http://bad"]\n'
UV = {"uv.lock": "", "pyproject.toml": PROJECT}
BUILD = '[build-system]\nrequires = ["hatchling"]\n'
VENV = "/usr/bin/python3 -I -m venv --prompt . .venv"
PIP = ".venv/bin/python -I -m pip install"


def read(directory: Path, files: dict[str, str], **env: str) -> Project:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return projects.read(str(directory), Context(Disk(), {"HOME": str(directory / "no-home"), **env}, Settings()))


def tools(*names: str) -> Tools:
    installers = Installers(uv="uv" in names, pyenv=("3.7.9", "3.14.2") if "pyenv" in names else None)
    return Tools({name: f"/bin/{name}" for name in names}, (P12, P11, PYPY), installers)


def shown(project: Project, here: Tools, **options: object) -> list[str]:
    return [each.shown() for each in plan_create(project, here, Options(**options)).commands]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*RECOGNISED, *(f"requirements/{name}" for name in IN_REQUIREMENTS)])
def test_what_the_hint_for_a_file_says_works(tmp_path: Path, name: str) -> None:
    """`wend create` has a plan; a lock file that lacks its tool's own file is told as `wend create` tells it."""
    project = read(tmp_path, {name: ""})
    context = Context(Disk(), {"HOME": str(tmp_path / "no-home")}, Settings())
    has, fix = owners.recognised(str(tmp_path), context)
    if name not in SOURCES:
        assert (has, fix) == (f"{name} and no environment", "wend create")
        assert shown(project, tools(*EVERYTHING))
        return
    with pytest.raises(WendError) as error:
        shown(project, tools(*EVERYTHING))
    lock, source = error.value.what.split(" beside")[0].split(" has no ")
    assert (has, fix) == (f"{lock} and no {source}", error.value.fix)
    project = read(tmp_path, {source: PROJECT if source.endswith(".toml") else ""})
    assert shown(project, tools(*EVERYTHING))
    assert owners.recognised(str(tmp_path), context._replace(disk=Disk()))[1] == "wend create"


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({"requirements.in": "tiny\n"}, "not installed: requirements.in"),
        ({"requirements/dev.in": ""}, "not installed: requirements/dev.in"),
        ({"requirements.in": "", "requirements.txt": ""}, ""),
        ({"requirements-a.txt": "", "requirements-b.txt": ""}, "not installed: requirements-a.txt, requirements-b.txt"),
    ],
)  # fmt: skip
def test_requirements_that_are_not_installed_are_named(tmp_path: Path, files: dict[str, str], note: str) -> None:
    steps = plan_create(read(tmp_path, files), tools("uv"), Options())
    assert steps.notes == ((note,) if note else ())


@pytest.mark.parametrize("other", ["requirements.txt", "requirements/dev.txt", "environment.yml", "pylock.toml"])
def test_a_lock_file_alone_is_not_what_the_hint_names(tmp_path: Path, other: str) -> None:
    project = read(tmp_path, {other: "", "poetry.lock": "", "uv.lock": ""})
    context = Context(Disk(), {"HOME": str(tmp_path / "no-home")}, Settings())
    assert owners.recognised(str(tmp_path), context) == (f"{other} and no environment", "wend create")
    assert shown(project, tools(*EVERYTHING))


@pytest.mark.parametrize("variable", ["HATCH_ENV", "HATCH_ENV_ACTIVE"])
def test_hatch_makes_the_environment_that_a_shell_would_use(tmp_path: Path, variable: str) -> None:
    text = '[envs.default]\n[envs.docs]\ndependencies = ["six"]\n'
    project = read(tmp_path, {"hatch.toml": text}, **{variable: "docs"})
    assert shown(project, tools("hatch")) == ["hatch env create docs"]
    assert project.hatch["dependencies"] == ["six"]
    project = read(tmp_path, {}, **{variable: "default"})
    assert shown(project, tools("hatch")) == ["hatch env create"]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, ["uv venv --prompt . .venv"]),
        ({"uv.lock": "", "pyproject.toml": PROJECT + "[tool.poetry]\nx = 1\n"}, ["uv sync"]),
        ({"pyproject.toml": PROJECT + "[tool.uv]\npackage = false\n"}, ["uv sync"]),
        ({"poetry.lock": "", "pyproject.toml": PROJECT}, ["poetry install --no-interaction"]),
        ({"pyproject.toml": "[tool.poetry]\nname = 'p'\n", "Pipfile": ""}, ["poetry install --no-interaction"]),
        ({"Pipfile": ""}, ["pipenv install --dev"]),
        ({"Pipfile": "", "Pipfile.lock": "{}", "requirements.txt": ""}, ["pipenv verify", "pipenv sync --dev"]),
        ({"pdm.lock": "", "pyproject.toml": PROJECT}, ["pdm lock --check", "pdm sync"]),
        ({"pyproject.toml": PROJECT + "[tool.pdm]\ndistribution = true\n"}, ["pdm install"]),
        ({"pyproject.toml": PROJECT + "[tool.hatch.envs.default]\n[tool.hatch.envs.x]\n"}, ["hatch env create"]),
        ({"hatch.toml": "", "requirements.txt": ""}, ["hatch env create"]),
        ({"pixi.toml": "", "environment.yml": "name: x\n"}, ["pixi install"]),
        ({"pyproject.toml": "[tool.pixi.workspace]\nname = 'p'\n"}, ["pixi install"]),
        ({"environment.yml": "name: x\n"}, ["conda env create --file environment.yml --name x"]),
        ({"environment.yaml": "dependencies: []\n"}, ["conda env create --file environment.yaml --prefix ./.condaenv"]),
        ({"conda-lock.yml": "", "requirements.txt": ""}, ["conda-lock install --prefix ./.condaenv conda-lock.yml"]),
        (
            {"environment.yml": "", ".conda/conda-meta/history": ""},
            ["conda env create --file environment.yml --prefix ./.conda"],
        ),
        (
            {"environment.yml": "", ".conda/environments.txt": ""},
            ["conda env create --file environment.yml --prefix ./.condaenv"],
        ),
        ({"pylock.toml": ""}, ["uv venv --prompt . .venv", "uv pip sync --python .venv pylock.toml"]),
        (
            {"requirements/base.txt": "", "requirements/dev.txt": "", "requirements/prod.txt": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements/dev.txt"],
        ),
        (
            {"requirements/x.txt": "", "requirements/notes.md": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements/x.txt"],
        ),
        ({"requirements/x.txt": "", "requirements/y.txt": ""}, ["uv venv --prompt . .venv"]),
        (
            {"requirements.txt": "", "requirements-gpu.txt": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements.txt"],
        ),
        (
            {"requirements-all.txt": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements-all.txt"],
        ),
        (
            {"requirements.txt": "", "setup.py": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements.txt -e ."],
        ),
        (
            {"requirements.txt": "six\n-e .[x]  # me\n", "setup.py": ""},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -r requirements.txt"],
        ),
        ({"setup.py": ""}, ["uv venv --prompt . .venv", "uv pip install --python .venv -e ."]),
        ({"pyproject.toml": PROJECT + BUILD}, ["uv venv --prompt . .venv", "uv pip install --python .venv -e ."]),
        (
            {"pyproject.toml": PROJECT + BUILD + "[dependency-groups]\ndev = ['b', {include-group = 'dev'}]\n"},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -e . -- b"],
        ),
        (
            {"pyproject.toml": PROJECT},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -- six --index-url=http://bad"],
        ),
        ({"pyproject.toml": "[tool.ruff]\n"}, ["uv venv --prompt . .venv"]),
        ({"pyproject.toml": "project = 1\ntool = []\n"}, ["uv venv --prompt . .venv"]),
        # A package of pixi's belongs to the workspace above it.
        ({"pixi.toml": "[package]\nname = 'p'\n", "requirements.txt": ""}, ["pixi install"]),
        # A build backend's table owns nothing.
        (
            {"pyproject.toml": PROJECT + BUILD + "[tool.pdm.build]\nx = 1\n"},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -e ."],
        ),
        # poetry that makes no environment leaves that to the user.
        (
            {"pyproject.toml": "[tool.poetry]\nname = 'p'\n" + BUILD, "poetry.toml": "[virtualenvs]\ncreate = false\n"},
            ["uv venv --prompt . .venv", "uv pip install --python .venv -e ."],
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_is_typed_with_every_tool_here(tmp_path: Path, files: dict[str, str], wanted: list[str]) -> None:
    assert shown(read(tmp_path, files), tools(*EVERYTHING)) == wanted


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, [VENV]),
        ({"requirements.txt": ""}, [VENV, f"{PIP} -r requirements.txt"]),
        ({"pylock.toml": ""}, [VENV, f"{PIP} 'pip>=26.1'", f"{PIP} -r pylock.toml"]),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['six']\n"}, [VENV, f"{PIP} -- six"]),
        ({"pyproject.toml": PROJECT}, [VENV, f"{PIP} -- six --index-url=http://bad"]),
        ({"pyproject.toml": PROJECT + BUILD}, [VENV, f"{PIP} -e ."]),
        ({"pyproject.toml": PROJECT + BUILD + "[tool.uv]\nx = 1\n"}, [VENV, f"{PIP} -e ."]),
        ({"environment.yml": "name: x\n", "requirements.txt": ""}, [VENV, f"{PIP} -r requirements.txt"]),
    ],
)
def test_what_is_typed_with_nothing_but_python(tmp_path: Path, files: dict[str, str], wanted: list[str]) -> None:
    assert shown(read(tmp_path, files), tools()) == wanted


def test_requirements_that_could_be_meant_are_named(tmp_path: Path) -> None:
    project = read(tmp_path, {"requirements/x.txt": "", "requirements/y.txt": ""})
    assert plan_create(project, tools(), Options()).notes == ("not installed: requirements/x.txt, requirements/y.txt",)


def test_micromamba_reads_a_lock_file_of_condas(tmp_path: Path) -> None:
    project = read(tmp_path, {"conda-lock.yml": ""})
    assert shown(project, tools("micromamba")) == ["micromamba create --yes --file conda-lock.yml --prefix ./.condaenv"]
    assert shown(project, tools("micromamba"), name="x") == ["micromamba create --yes --file conda-lock.yml --name x"]


def test_pdm_that_keeps_packages_in_the_project_makes_no_environment(tmp_path: Path) -> None:
    project = read(tmp_path, {"pdm.lock": "", "pyproject.toml": PROJECT, "__pypackages__/.gitignore": "*"})
    with pytest.raises(WendError, match="__pypackages__"):
        shown(project, tools("pdm"))
    assert [each.shown() for each in plan_sync(project, tools("pdm"), "/p/.venv").commands][-1] == "pdm sync --clean"


def test_pdm_that_uses_no_environments_is_not_asked(tmp_path: Path) -> None:
    files = {"pdm.lock": "", "pyproject.toml": PROJECT, "pdm.toml": "[python]\nuse_venv = false\n"}
    assert not any("pdm" in line for line in shown(read(tmp_path, files), tools("pdm", "uv")))


@pytest.mark.parametrize(
    ("files", "what", "fix"),
    [
        (UV, "uv.lock needs uv, which is not on PATH", installing.GET_UV),
        (
            {"poetry.lock": "", "pyproject.toml": PROJECT},
            "poetry.lock needs poetry, which is not on PATH",
            f"{installing.GET_UV} && uv tool install poetry",
        ),
        (
            {"Pipfile": ""},
            "Pipfile needs pipenv, which is not on PATH",
            f"{installing.GET_UV} && uv tool install pipenv",
        ),
        (
            {"pdm.lock": "", "pyproject.toml": PROJECT},
            "pdm.lock needs pdm, which is not on PATH",
            f"{installing.GET_UV} && uv tool install pdm",
        ),
        (
            {"hatch.toml": "[envs.default]\n"},
            "this project needs hatch, which is not on PATH",
            f"{installing.GET_UV} && uv tool install hatch",
        ),
        (
            {"conda-lock.yml": ""},
            "conda-lock.yml needs conda-lock or micromamba, and neither is here",
            f"{installing.GET_UV} && uv tool install conda-lock",
        ),
        ({"pixi.toml": ""}, "this project needs pixi, which is not on PATH", installing.GET_PIXI),
        ({"pixi.lock": ""}, "pixi.lock has no pixi.toml beside it", "pixi init"),
        ({"poetry.lock": ""}, "poetry.lock has no pyproject.toml beside it", "poetry init"),
        ({"pdm.lock": ""}, "pdm.lock has no pyproject.toml beside it", "pdm init"),
        ({"Pipfile.lock": "{}"}, "Pipfile.lock has no Pipfile beside it", "pipenv install"),
        (
            {"environment.yml": "name: x\n"},
            "environment.yml needs conda, mamba or micromamba, and none is here",
            installation.GET,
        ),
    ],
)
def test_the_tool_is_missing(tmp_path: Path, files: dict[str, str], what: str, fix: str) -> None:
    with pytest.raises(WendError) as caught:
        shown(read(tmp_path, files), tools())
    assert (caught.value.what, caught.value.fix) == (what, fix)


@pytest.mark.parametrize(
    ("files", "first", "unused"),
    [
        ({"uv.lock": "", "poetry.lock": "", "pyproject.toml": PROJECT}, "uv sync", "poetry.lock"),
        ({"pdm.lock": "", "Pipfile.lock": "{}", "pyproject.toml": PROJECT}, "pdm lock --check", "Pipfile.lock"),
        ({"poetry.lock": "", "pixi.lock": "", "requirements.txt": ""}, "uv venv --prompt . .venv",
         "poetry.lock, pixi.lock"),
        ({"environment.yml": "name: x\n", "conda-lock.yml": "", **UV}, "uv sync", "conda-lock.yml"),
        ({"uv.lock": "", "pylock.toml": "", "pyproject.toml": PROJECT}, "uv sync", ""),
        ({"poetry.lock": "", "pyproject.toml": PROJECT}, "poetry install --no-interaction", ""),
    ],
)  # fmt: skip
def test_several_lock_files(tmp_path: Path, files: dict[str, str], first: str, unused: str) -> None:
    """The first row that fits decides, and a lock file that has lost its project's file does not stand in its way."""
    steps = plan_create(read(tmp_path, files), tools(*EVERYTHING), Options())
    assert steps.commands[0].shown() == first
    assert steps.notes == ((f"not used: {unused}",) if unused else ())


@pytest.mark.parametrize(
    ("files", "programs", "options", "wanted"),
    [
        ({}, (), {"python": "3.11"}, [f"{P11.path} -I -m venv --prompt . .venv"]),
        ({}, (), {"python": ">=3.9,<3.12"}, [f"{P11.path} -I -m venv --prompt . .venv"]),
        ({}, (), {"python": "pypy3.10-7.3.15"}, [f"{PYPY.path} -I -m venv --prompt . .venv"]),
        ({}, (), {"python": "/opt/x y/python"}, ["'/opt/x y/python' -I -m venv --prompt . .venv"]),
        ({".python-version": "3.11\n"}, (), {}, [f"{P11.path} -I -m venv --prompt . .venv"]),
        ({".python-version": "3.11\n"}, (), {"python": "3.12"}, [VENV]),
        ({".python-version": "system\n"}, (), {}, [VENV]),
        (
            {"pyproject.toml": '[project]\nname="p"\nrequires-python="<3.12"\n'},
            (),
            {},
            [f"{P11.path} -I -m venv --prompt . .venv"],
        ),
        # uv looks on PATH and in its own store, and reads the files itself.
        ({".python-version": "3.12\n"}, ("uv",), {}, ["uv venv --prompt . .venv"]),
        ({".python-version": "3.11\n"}, ("uv",), {}, [f"uv venv --python {P11.path} --prompt . .venv"]),
        ({".python-version": "3.14\n"}, ("uv",), {}, ["uv venv --prompt . .venv"]),
        ({}, ("uv",), {"python": "3.14"}, ["uv venv --python 3.14 --prompt . .venv"]),
        (UV, ("uv",), {"python": "3.11"}, [f"uv sync --python {P11.path}"]),
        (UV, ("uv",), {"prompt": "x"}, ["uv venv --prompt x .venv", "uv sync"]),
        (UV, ("uv",), {"install": False}, ["uv venv .venv"]),
        (
            {"pyproject.toml": "[tool.poetry]\nx = 1\n", ".python-version": "3.11"},
            ("poetry",),
            {},
            [f"poetry env use {P11.path}", "poetry install --no-interaction"],
        ),
        (
            {"pyproject.toml": "[tool.poetry]\nx = 1\n"},
            ("poetry", "uv"),
            {"python": "3.14"},
            ["uv python install 3.14", 'poetry env use "$(uv python find 3.14)"', "poetry install --no-interaction"],
        ),
        ({"pyproject.toml": "[tool.poetry]\nx = 1\n"}, ("poetry",), {"install": False}, [f"poetry env use {P12.path}"]),
        (
            {"Pipfile": "[requires]\npython_version = '3.12'\n", ".python-version": "3.11"},
            ("pipenv",),
            {},
            ["pipenv install --dev"],
        ),
        ({"Pipfile": "", ".python-version": "3.11"}, ("pipenv",), {}, [f"pipenv install --dev --python {P11.path}"]),
        ({"Pipfile": ""}, ("pipenv",), {"install": False}, [f"pipenv --python {P12.path}"]),
        # A range that only a store has: poetry, pdm and hatch do not know all of these, pipenv next to none.
        (
            {"pyproject.toml": '[project]\nname="p"\nrequires-python="<3.12"\n[tool.poetry]\nx = 1\n'},
            ("poetry",),
            {},
            [f"poetry env use {P11.path}", "poetry install --no-interaction"],
        ),
        (
            {"pyproject.toml": '[project]\nname="p"\nrequires-python=">=3.12"\n[tool.poetry]\nx = 1\n'},
            ("poetry",),
            {},
            ["poetry install --no-interaction"],
        ),
        (
            {"pyproject.toml": '[project]\nname="p"\nrequires-python="<3.12"\n', "pdm.lock": ""},
            ("pdm",),
            {},
            [f"pdm venv create {P11.path}", "pdm lock --check", "pdm sync"],
        ),
        (
            {"pyproject.toml": '[project]\nname="p"\nrequires-python="<3.12"\n[tool.hatch.envs.default]\n'},
            ("hatch",),
            {},
            [f"/usr/bin/env HATCH_PYTHON={P11.path} hatch env create"],
        ),
        (
            {"Pipfile": "[requires]\npython_version = '3.11'\n", ".python-version": "3.12"},
            ("pipenv",),
            {},
            [f"pipenv install --dev --python {P11.path}"],
        ),
        (
            {"pdm.lock": "", "pyproject.toml": PROJECT},
            ("pdm",),
            {"python": "3.11"},
            [f"pdm venv create {P11.path}", "pdm lock --check", "pdm sync"],
        ),
        ({"pdm.lock": "", "pyproject.toml": PROJECT}, ("pdm",), {"install": False}, [f"pdm venv create {P12.path}"]),
        ({}, ("uv",), {"name": "venv", "prompt": "-x"}, ["uv venv --prompt=-x venv"]),
        ({"requirements.txt": ""}, (), {"install": False}, [VENV]),
        ({"environment.yml": "name: x\n"}, CONDAS, {"name": "y"}, ["conda env create --file environment.yml --name y"]),
        (
            {"environment.yml": "name: x\n"},
            ("mamba",),
            {"name": ".condaenv"},
            ["mamba env create --file environment.yml --prefix ./.condaenv"],
        ),
        (
            {"conda-lock.yml": ""},
            ("conda-lock",),
            {"name": ".conda"},
            ["conda-lock install --prefix ./.conda conda-lock.yml"],
        ),
        (
            {"environment.yml": "name: x\n"},
            ("micromamba",),
            {},
            ["micromamba create --yes --file environment.yml --name x"],
        ),
        (
            {"environment.yml": "name: x\n", ".python-version": "3.11"},
            ("conda",),
            {"install": False},
            ["conda create --yes --name x python=3.11"],
        ),
        ({}, ("conda",), {"conda": True}, ["conda create --yes --prefix ./.condaenv python"]),
        ({}, ("conda",), {"conda": True, "name": "lab"}, ["conda create --yes --name lab python"]),
    ],
)
def test_options_and_pythons(
    tmp_path: Path, files: dict[str, str], programs: tuple[str, ...], options: dict[str, object], wanted: list[str]
) -> None:
    assert shown(read(tmp_path, files), tools(*programs), **options) == wanted


@pytest.mark.parametrize(
    ("files", "options", "status"),
    [
        (UV, {"name": "x"}, 2),
        ({"Pipfile": ""}, {"prompt": "x"}, 2),
        ({"pixi.toml": ""}, {"install": False}, 2),
        ({"hatch.toml": "[envs.default]\n"}, {"python": "3.12"}, 2),
        ({"environment.yml": "name: x\n"}, {"python": "3.12"}, 2),
        ({}, {"name": "a/b"}, 2),
        ({}, {"name": ".."}, 2),
        ({}, {"name": "-x"}, 2),
        ({}, {"name": "a:b"}, 2),
        ({}, {"name": "a\nb"}, 2),
        ({}, {"prompt": "a\nhome = /bad"}, 2),
        ({}, {"prompt": "x" * 300}, 2),
        ({}, {"python": "--help"}, 2),
        ({}, {"python": "nonsense"}, 1),
        ({".python-version": "my-env\n"}, {}, 1),
        ({".python-version": "\x1b[2J\n"}, {}, 1),
        ({"pyproject.toml": "[tool\n"}, {}, 1),
        ({"environment.yml": "name: [1\n"}, {}, 1),
        ({"Pipfile": "\x00"}, {}, 1),
    ],
)
def test_refused(tmp_path: Path, files: dict[str, str], options: dict[str, object], status: int) -> None:
    with pytest.raises(WendError) as caught:
        shown(read(tmp_path, files), tools(*EVERYTHING), **options)
    assert caught.value.status == status
    assert caught.value.line().isprintable()


@pytest.mark.parametrize("version", ["3.99", "3.14.99", "pypy3.99"])
@pytest.mark.parametrize("files", [{}, UV, {"pyproject.toml": "[tool.poetry]\nx = 1\n"}])
def test_a_version_that_a_later_uv_may_have_is_left_to_uv(tmp_path: Path, version: str, files: dict[str, str]) -> None:
    """It says so at once, and wend what lists those that it has."""
    steps = plan_create(read(tmp_path, files), tools("uv", "poetry"), Options(python=version))
    first, second = steps.commands[:2]
    assert (first.shown(), first.fix) == (f"uv python install {version}", "uv python list")
    assert version in second.shown()
    assert steps.notes == (f"--python asks for Python {version}, which is not installed here: uv is asked for it",)


@pytest.mark.parametrize("here", [(P27, P12), (P12,)])
@pytest.mark.parametrize(
    ("files", "option", "asks"),
    [
        ({}, "2", "--python asks for Python 2"),
        ({}, "2.7.18", "--python asks for Python 2.7.18"),
        (UV, "python2", "--python asks for Python python2"),
        ({"pyproject.toml": "[tool.poetry]\nx = 1\n"}, "2", "--python asks for Python 2"),
        ({"pdm.lock": "", "pyproject.toml": PROJECT}, "2", "--python asks for Python 2"),
        ({"Pipfile": ""}, "2", "--python asks for Python 2"),
        ({"Pipfile": '[requires]\npython_version = "2.7"\n'}, "", "Pipfile asks for Python 2.7"),
        ({".python-version": "2.7.18\n"}, "", ".python-version asks for Python 2.7.18"),
    ],
)
def test_no_environment_of_python_2(
    tmp_path: Path, here: tuple[Interpreter, ...], files: dict[str, str], option: str, asks: str
) -> None:
    machine = tools("uv", "poetry", "pdm", "pipenv", "pyenv")._replace(interpreters=here)
    with pytest.raises(WendError) as caught:
        shown(read(tmp_path, files), machine, python=option)
    said = f"{asks}, and environments are made for Python 3 only"
    assert (caught.value.what, caught.value.fix) == (said, "wend create --python 3")
    assert shown(read(tmp_path, files), machine, python="3")


def test_a_pin_that_names_nothing_gives_way_to_a_version(tmp_path: Path) -> None:
    project = read(tmp_path, {".python-version": "hello\n"})
    with pytest.raises(WendError) as caught:
        shown(project, tools("uv"))
    assert caught.value.fix == "wend create --python 3"
    assert shown(project, tools("uv"), python="3")
    with pytest.raises(WendError) as caught:
        shown(project, tools("uv"), python="hello")
    assert caught.value.fix == "wend python list"


def test_a_range_that_python_2_alone_fits(tmp_path: Path) -> None:
    project = read(tmp_path, {"pyproject.toml": '[project]\nname = "p"\nrequires-python = "<3"\n'})
    with pytest.raises(WendError, match="for Python 3 only"):
        shown(project, tools("uv")._replace(interpreters=(P27, P12)))


@pytest.mark.parametrize(
    ("version", "programs", "fix"),
    [
        ("3.14", ("pyenv",), "pyenv install 3.14"),
        ("3.14.99", ("pyenv",), "pyenv install --list"),
        ("3.14", (), installing.GET_UV),
        ("3.7", ("uv",), installing.GET_PYENV),
        ("3.7", ("uv", "pyenv"), "pyenv install 3.7"),
        ("3.7", (), installing.GET_PYENV),
        ("3.11.2", ("uv",), "uv python list --all-versions 3.11"),
        ("3.12t", ("uv",), "uv python list"),
    ],
)
def test_a_version_that_nothing_here_can_install(
    tmp_path: Path, version: str, programs: tuple[str, ...], fix: str
) -> None:
    with pytest.raises(WendError) as caught:
        shown(read(tmp_path, {}), tools(*programs), python=version)
    said = f"--python asks for Python {version}, which is not installed"
    assert (caught.value.what, caught.value.fix) == (said, fix)


@pytest.mark.parametrize(
    ("files", "programs", "wanted"),
    [
        (UV, EVERYTHING, ["uv sync"]),
        ({"poetry.lock": "", "pyproject.toml": PROJECT}, EVERYTHING, ["poetry sync --no-interaction"]),
        ({"Pipfile": "", "Pipfile.lock": "{}"}, EVERYTHING, ["pipenv verify", "pipenv sync --dev --clean"]),
        ({"Pipfile": ""}, EVERYTHING, ["pipenv install --dev"]),
        ({"pdm.lock": "", "pyproject.toml": PROJECT}, EVERYTHING, ["pdm lock --check", "pdm sync --clean"]),
        ({"hatch.toml": "[envs.default]\n"}, EVERYTHING, ["hatch run python --version"]),
        ({"pixi.toml": ""}, EVERYTHING, ["pixi install"]),
        (
            {"environment.yml": "name: x\n"},
            EVERYTHING,
            ["conda env update --file environment.yml --prune --prefix .venv"],
        ),
        ({"pylock.toml": ""}, EVERYTHING, ["uv pip sync --python .venv pylock.toml"]),
        ({"requirements.txt": ""}, (), [f"{PIP} -r requirements.txt"]),
        ({"requirements.txt": ""}, EVERYTHING, ["uv pip install --python .venv -r requirements.txt"]),
        ({}, EVERYTHING, []),
    ],
)
def test_in_line(tmp_path: Path, files: dict[str, str], programs: tuple[str, ...], wanted: list[str]) -> None:
    conda = "environment.yml" in files
    steps = plan_sync(read(tmp_path, files), tools(*programs), str(tmp_path / ".venv"), conda=conda)
    assert [each.shown() for each in steps.commands] == wanted


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("requirements.txt", [f"{PIP} -r requirements.txt"]),
        ("pylock.toml", [f"{PIP} 'pip>=26.1'", f"{PIP} -r pylock.toml"]),
    ],
)
def test_an_environment_without_pip_gets_one_where_uv_is_missing(tmp_path: Path, file: str, wanted: list[str]) -> None:
    project, prefix = read(tmp_path, {file: ""}), str(tmp_path / ".venv")
    steps = plan_sync(project, tools(), prefix, has_pip=False)
    assert [each.shown() for each in steps.commands] == [".venv/bin/python -I -m ensurepip", *wanted]
    assert steps.commands[0].fix == installing.GET_UV
    assert steps.notes == (f"{prefix} has no pip, so it gets one",)
    with_uv = plan_sync(project, tools("uv"), prefix, has_pip=False)
    assert with_uv.notes == ()
    assert all("ensurepip" not in each.shown() for each in with_uv.commands)


def test_an_environment_without_pip_gets_none_where_nothing_is_to_be_installed(tmp_path: Path) -> None:
    assert plan_sync(read(tmp_path, {}), tools(), str(tmp_path / ".venv"), has_pip=False) == Steps("pip", ())


def test_conda_is_kept_out_of_a_virtual_environment(tmp_path: Path) -> None:
    project = read(tmp_path, {"environment.yml": "name: x\n"})
    assert plan_sync(project, tools(*EVERYTHING), str(tmp_path / ".venv")).commands == ()


@pytest.mark.parametrize("name", [".venv", "env"])
def test_conda_is_told_of_an_environment_in_the_project_by_its_place(tmp_path: Path, name: str) -> None:
    """By the name alone it would take the one of its store, and remove from that what the project does not list."""
    project = read(tmp_path, {"environment.yml": f"name: {name}\n"})
    steps = plan_sync(project, tools("conda"), str(tmp_path / name), conda=True)
    told = f"conda env update --file environment.yml --prune --prefix {name}"
    assert [each.shown() for each in steps.commands] == [told]


def test_a_member_of_a_workspace_shares_the_environment_of_its_root(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    member = tmp_path / "packages" / "a"
    project = read(member, {"pyproject.toml": PROJECT})
    steps = plan_create(project, tools("uv"), Options())
    assert [each.shown() for each in steps.commands] == ["uv sync"]
    assert steps.makes == str(tmp_path / ".venv")


@given(st.text(st.characters(exclude_characters="\0")))
def test_a_shell_takes_what_is_shown(word: str) -> None:
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        return
    line = command("printf", "%s", word).shown()
    assert "\n" not in line
    if word.isprintable():
        assert shlex.split(line) == ["printf", "%s", word]
    else:
        assert subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout == os.fsencode(word)


def test_what_is_known_later_is_shown_as_a_command() -> None:
    assert command("x", Find("a b")).shown() == "x \"$(uv python find 'a b')\""


@pytest.mark.parametrize(
    "name", [".venv", "env/pyvenv.cfg", "venv/pyvenv.cfg", ".conda/conda-meta", ".condaenv/conda-meta"]
)
def test_a_directory_with_an_environment_of_its_own_is_meant_itself(tmp_path: Path, name: str) -> None:
    sub = tmp_path / "sub"
    for each in (tmp_path / ".git", sub):
        each.mkdir()
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert projects.root_of(str(sub), Disk()) == str(tmp_path)
    (sub / name).mkdir(parents=True)
    assert projects.root_of(str(sub), Disk()) == str(sub)


def test_the_search_for_the_project_stays_in_the_work_tree(tmp_path: Path) -> None:
    deep = tmp_path / "outer" / "repo" / "src"
    deep.mkdir(parents=True)
    (tmp_path / "outer" / "requirements.txt").touch()
    assert projects.root_of(str(deep), Disk()) == str(deep)
    (tmp_path / "outer" / "repo" / ".git").mkdir()
    assert projects.root_of(str(deep), Disk()) == str(deep)
    (tmp_path / "outer" / "repo" / "setup.py").touch()
    assert projects.root_of(str(deep), Disk()) == str(tmp_path / "outer" / "repo")


def test_what_a_person_reads_while_a_command_runs() -> None:
    assert command("uv", "sync", "--frozen", "-q").label == "uv sync --frozen"
    assert command("uv", "sync", says="installing").label == "installing"
    assert command("poetry", "use", Find("3.12")).label == "poetry use"


@pytest.mark.parametrize(
    ("sources", "asked", "wanted"),
    [
        ([("3.11.7", "path"), ("3.13.0", "pyenv")], "", "3.11.7"),  # the first on PATH, though a store has a newer one
        ([("3.12.1", "uv"), ("3.13.0", "pyenv")], "", "3.13.0"),
        ([("3.13.0", "conda"), ("3.12.1", "uv")], "", "3.12.1"),
        ([("3.13.0", "conda")], "", "3.13.0"),  # if there is no other
        ([("3.13.5", "conda"), ("3.13.0", "uv")], "3.13", "3.13.0"),
        ([("3.13.0", "conda"), ("3.12.1", "uv")], "3.13", "3.13.0"),
        ([("3.11.7", "path"), ("3.13.0", "pyenv")], ">=3.11", "3.11.7"),
        ([("3.11.7", "path"), ("3.13.0", "pyenv")], ">=3.12", "3.13.0"),
    ],
)
def test_which_python_comes_first(tmp_path: Path, sources: list[tuple[str, str]], asked: str, wanted: str) -> None:
    found = tuple(Interpreter(version, f"/{source}/{version}", source, version) for version, source in sources)
    chosen = choose(read(tmp_path, {}), Tools({}, found), asked)
    assert chosen.found is not None
    assert chosen.found.version == wanted


# Projects for which uv may install a Python first.
_NEEDING_PYTHON: list[dict[str, str]] = [
    {"pyproject.toml": "[tool.poetry]\nx = 1\n"},
    {"Pipfile": ""},
    {"pdm.lock": "", "pyproject.toml": PROJECT},
    UV,
    {},
]


@pytest.mark.parametrize("files", _NEEDING_PYTHON)
def test_a_python_that_uv_installs_is_told_before_it_starts(tmp_path: Path, files: dict[str, str]) -> None:
    project = read(tmp_path, files)
    steps = plan_create(project, tools(*EVERYTHING), Options(python="3.14"))
    assert steps.notes == ("--python asks for Python 3.14, which is not installed here: uv installs it",)
    assert plan_create(project, tools(*EVERYTHING), Options(python="3.12")).notes == ()
    assert plan_create(project, tools(*EVERYTHING), Options()).notes == ()


@pytest.mark.parametrize("files", _NEEDING_PYTHON)
def test_no_python_at_all_and_none_asked_for(tmp_path: Path, files: dict[str, str]) -> None:
    here = tools(*EVERYTHING)._replace(interpreters=())
    steps = plan_create(read(tmp_path, files), here, Options(install=False))
    assert steps.notes == ("no Python is installed here: uv installs one",)
    assert not any("''" in each.shown() for each in steps.commands)  # uv takes no empty request


def test_what_is_not_cpython_serves_where_there_is_no_other(tmp_path: Path) -> None:
    assert choose(read(tmp_path, {}), Tools({}, (PYPY,)), "").found == PYPY
    assert choose(read(tmp_path, {}), Tools({}, (PYPY, P11)), "").found == P11
