"""What pip and uv are told beside the project's files, by each way that they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.settings import Settings
from wend.workflow import constraining, requirements
from wend.workflow import project as projects

_ONE = 'constraint-dependencies = ["tiny==1"]\n'
_TWO = 'constraint-dependencies = ["tiny==2"]\n'
_PIP = "[global]\nconstraint = {top}/c.txt\n"
_WRONG = "[global]\nconstraint = gone.txt\n"
Files = dict[str, str]


def _lay(tmp_path: Path, files: Files, env: Files) -> tuple[projects.Project, Context]:
    """Return the project `p` of the home `tmp_path`, which has FILES, and its surroundings with ENV."""
    for name, text in {"c.txt": "tiny==1\n", "p/c.txt": "tiny==1\n", "p/requirements.txt": "tiny\n", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(top=tmp_path))
    said = {name: value.format(top=tmp_path) for name, value in env.items()}
    context = Context(Disk(), {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": "/nowhere", **said}, Settings())
    return projects.read(str(tmp_path / "p"), context), context


def _read(project: projects.Project, told: constraining.Told) -> requirements.Listed:
    listed = requirements.read(project.dir, project.requirements, Disk(), told.files)
    return constraining.applied(told, listed)


@pytest.mark.parametrize(
    ("env", "files", "wanted"),
    [
        ({}, {}, ()),
        ({"PIP_CONSTRAINT": "c.txt"}, {}, ("tiny==1",)),
        ({"PIP_CONSTRAINT": "c.txt {top}/more"}, {"more": "other==1"}, ("tiny==1", "other==1")),
        ({"PIP_CONSTRAINT": "c.txt"}, {".config/pip/pip.conf": _WRONG}, ("tiny==1",)),
        ({"PIP_CONSTRAINT": ""}, {".config/pip/pip.conf": _PIP}, ("tiny==1",)),
        ({}, {".config/pip/pip.conf": _PIP, ".pip/pip.conf": _WRONG}, ("tiny==1",)),
        ({}, {".pip/pip.conf": _PIP}, ("tiny==1",)),
        ({}, {".config/pip/pip.conf": _WRONG + "[install]\nconstraint =\n  {top}/c.txt\n"}, ("tiny==1",)),
        ({}, {".config/pip/pip.conf": "[download]\nconstraint = gone.txt\n"}, ()),
        ({"XDG_CONFIG_HOME": "{top}/x"}, {"x/pip/pip.conf": _PIP, ".config/pip/pip.conf": _WRONG}, ("tiny==1",)),
        ({"XDG_CONFIG_DIRS": "/nowhere:{top}/all"}, {"all/pip/pip.conf": _PIP}, ("tiny==1",)),
        ({}, {"p/.venv/pip.conf": _PIP, ".config/pip/pip.conf": _WRONG}, ("tiny==1",)),
        ({"PIP_CONFIG_FILE": "{top}/mine"}, {"mine": _PIP, ".config/pip/pip.conf": _WRONG}, ("tiny==1",)),
        ({"PIP_CONFIG_FILE": "{top}/gone"}, {".config/pip/pip.conf": _PIP}, ("tiny==1",)),
        ({"PIP_CONFIG_FILE": "/dev/null"}, {".config/pip/pip.conf": _PIP}, ()),
        ({}, {".config/pip/pip.conf": "no section\n"}, ()),
        ({"UV_CONSTRAINT": "c.txt"}, {"p/uv.toml": _ONE, ".config/uv/uv.toml": _ONE}, ()),
    ],
)
def test_constraints_of_pip(tmp_path: Path, env: Files, files: Files, wanted: tuple[str, ...]) -> None:
    project, context = _lay(tmp_path, files, env)
    listed = _read(project, constraining.of_pip(f"{project.dir}/.venv", context))
    assert (listed.texts, listed.constraints, listed.problems) == (("tiny",), wanted, ())


@pytest.mark.parametrize(
    ("env", "files", "wanted"),
    [
        ({}, {}, ()),
        ({"UV_CONSTRAINT": "c.txt"}, {}, ("tiny==1",)),
        ({}, {"p/pyproject.toml": f"[tool.uv]\n{_ONE}"}, ("tiny==1",)),
        ({}, {"p/uv.toml": _ONE, "p/pyproject.toml": f"[tool.uv]\n{_TWO}"}, ("tiny==1",)),
        ({}, {"p/uv.toml": "", "p/pyproject.toml": f"[tool.uv]\n{_ONE}"}, ()),
        ({}, {"uv.toml": _ONE, "p/pyproject.toml": "[project]\nname='p'\n[tool.other]\nx='uv'\n"}, ("tiny==1",)),
        ({}, {"pyproject.toml": f"[tool.uv]\n{_ONE}"}, ("tiny==1",)),
        ({}, {"uv.toml": _TWO, "p/pyproject.toml": f"[tool.uv]\n{_ONE}"}, ("tiny==1",)),
        ({}, {"p/uv.toml": _ONE, ".config/uv/uv.toml": _TWO}, ("tiny==1", "tiny==2")),
        ({"XDG_CONFIG_DIRS": "{top}/a:{top}/b"}, {"a/uv/uv.toml": _ONE, "b/uv/uv.toml": _TWO}, ("tiny==1",)),
        ({"UV_NO_CONFIG": "1"}, {"p/uv.toml": _ONE, ".config/uv/uv.toml": _TWO}, ()),
        ({"UV_NO_CONFIG": "False"}, {"p/uv.toml": _ONE}, ("tiny==1",)),
        ({"UV_CONFIG_FILE": "{top}/x"}, {"x": _ONE, "p/uv.toml": _TWO, ".config/uv/uv.toml": _TWO}, ("tiny==1",)),
        ({}, {"p/uv.toml": "constraint-dependencies = 3\n"}, ()),
        ({}, {"p/uv.toml": "[", ".config/uv/uv.toml": "\0"}, ()),
        ({"PIP_CONSTRAINT": "c.txt"}, {".config/pip/pip.conf": _PIP}, ()),
    ],
)
def test_constraints_of_uv(tmp_path: Path, env: Files, files: Files, wanted: tuple[str, ...]) -> None:
    project, context = _lay(tmp_path, files, env)
    listed = _read(project, constraining.of_uv(project, context))
    assert (listed.texts, listed.constraints, listed.problems) == (("tiny",), wanted, ())


@pytest.mark.parametrize(
    ("env", "files", "wanted"),
    [
        ({}, {"p/uv.toml": 'override-dependencies = ["Tiny==1", "absent==1"]\n'}, ("other", "Tiny==1")),
        ({"UV_OVERRIDE": "c.txt"}, {}, ("other", "tiny==1")),
        ({}, {"p/uv.toml": 'exclude-dependencies = ["Other"]\n'}, ("tiny==2; python_version>'3'",)),
        ({"UV_EXCLUDE": "{top}/out"}, {"out": "tiny\n"}, ("other",)),
    ],
)
def test_what_uv_puts_in_their_place(tmp_path: Path, env: Files, files: Files, wanted: tuple[str, ...]) -> None:
    files = {"p/requirements.txt": "tiny==2; python_version>'3'\nother\n", **files}
    project, context = _lay(tmp_path, files, env)
    assert _read(project, constraining.of_uv(project, context)).texts == wanted
