"""What a clone, another user or a broken disk may put in the place of each file that the kinds read.

No traceback, no hang, and one plain line for each candidate.
"""

from __future__ import annotations

import datetime
import os
import threading
import time
from typing import Any, Callable

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wend import kinds
from wend.disk import Disk
from wend.engine.look import View, look
from wend.engine.situation import situate
from wend.protocol import Request
from wend.settings import Settings

_PATIENCE = 20  # seconds after which something hangs

_PIXI = "[workspace]\n"
_PROJECT = '[project]\nname = "shop"\n'
_MISE = '[tools]\npython = "3.12"\n'
_POETRY = '[project]\nname = "shop"\n[tool.poetry]\npackage-mode = false\n'
# Each file that a kind reads -> what else there must be for it to be read.
FILES: dict[str, dict[str, str]] = {
    name: {}
    for name in (
        "pyproject.toml", "Pipfile", "hatch.toml", "pixi.toml", ".pdm-python", ".venv", "venv", "env", ".condaenv",
        ".conda", "environment.yml", "mise.toml", ".mise.toml", "mise.local.toml", ".config/mise/config.toml",
        ".tool-versions",
        ".python-version", ".python-versions", "mojoproject.toml", ".mise", "mise", ".config", ".config/mise",
        ".mise/conf.d", ".mise/conf.d/a.toml", ".mise/config.toml",
    )
}  # fmt: skip
FILES.update(
    {
        "poetry.toml": {"pyproject.toml": _POETRY},
        "poetry.lock": {"pyproject.toml": "[project]\n"},
        "uv.lock": {"pyproject.toml": _POETRY},
        "pdm.toml": {"pdm.lock": "", "pyproject.toml": _PROJECT},
        "../pyproject.toml": {"pyproject.toml": _POETRY},
        ".venv/pyvenv.cfg": {},
        ".venv/conda-meta": {},
        ".conda/conda-meta": {},
        ".conda/conda-meta/history": {},
        ".venv/bin/python": {".venv/pyvenv.cfg": "version = 3.12.1\n"},
        ".venv/bin/activate": {".venv/pyvenv.cfg": "version = 3.12.1\n", ".venv/bin/python": ""},
        ".pixi/config.toml": {"pixi.toml": _PIXI},
        ".pixi/envs/default/conda-meta": {"pixi.toml": _PIXI},
        "~/.pixi/config.toml": {"pixi.toml": _PIXI},
        "~/far": {"pixi.toml": _PIXI, "~/.pixi/config.toml": 'detached-environments = "~/far"\n'},
        "~/far/shop-1": {"pixi.toml": _PIXI, "~/.pixi/config.toml": 'detached-environments = "~/far"\n'},
        "~/far/shop-1/envs/default/conda-meta/pixi": {
            "pixi.toml": _PIXI,
            "~/.pixi/config.toml": 'detached-environments = "~/far"\n',
        },
        ".miserc.toml": {"mise.toml": _MISE},
        "../.miserc.toml": {"mise.toml": _MISE},
        "../.config/miserc.toml": {"mise.toml": _MISE},
        "~/.config/mise/miserc.toml": {"mise.toml": _MISE},
        "mise.lock": {"mise.toml": _MISE},
        "~/.config/pypoetry/config.toml": {"pyproject.toml": _POETRY},
        "~/.cache/pypoetry/virtualenvs/envs.toml": {"pyproject.toml": _POETRY},
        "~/.cache/pypoetry/virtualenvs": {"pyproject.toml": _POETRY},
        "~/.config/pdm/config.toml": {"pdm.lock": "", "pyproject.toml": _PROJECT},
        "~/.local/share/pdm/venvs": {"pdm.lock": "", "pyproject.toml": _PROJECT},
        "~/.config/hatch/config.toml": {"hatch.toml": ""},
        "~/.virtualenvs": {},
        "~/.virtualenvs/blue/.project": {},
        "~/.pyenv/versions": {".python-version": "3.12\n"},
        "~/.pyenv/versions/3.12.1": {".python-version": "3.12\n"},
        "~/.pyenv/versions/3.12.1/bin/python": {".python-version": "3.12\n"},
        "~/.local/share/uv/python": {".python-version": "3.12\n"},
        "~/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu": {".python-version": "3.12\n"},
        "~/.local/share/mise/installs/python/3.12.1/bin": {"mise.toml": _MISE},
    }
)


class Place:
    """A home with the project ~/p/shop."""

    def __init__(self, top: str) -> None:
        self.home = os.path.join(os.path.realpath(top), "home")
        self.project = f"{self.home}/p/shop"
        os.makedirs(self.project)

    def path(self, name: str) -> str:
        """Return the path of NAME, whose directory is there."""
        path = f"{self.home}/{name[2:]}" if name.startswith("~/") else os.path.normpath(f"{self.project}/{name}")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name: str, data: bytes | str) -> None:
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    def view(self, **env: str) -> View:
        """Return what is seen from the project, or fail when that takes too long."""
        env = {"HOME": self.home, "PATH": f"{self.home}/bin", **env}
        request = Request("bash", 1, "1-x", 1, self.project, "", "prompt", (), True, (), env)
        situation = situate(request, Disk(), everything_known=True)
        found: list[Any] = []

        def run() -> None:
            try:
                found.append(look(situation, everything=True))
            except BaseException as error:
                found.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        assert found, "it hangs"
        if isinstance(found[0], BaseException):
            raise found[0]
        view: View = found[0]
        for each in view.candidates:
            assert each.reason
            assert "\n" not in each.reason + each.fix
            assert each.reason.isprintable(), each.reason
            assert each.fix.isprintable(), each.fix
        return view


@pytest.fixture
def place(tmp_path: Any) -> Place:
    return Place(str(tmp_path))


def _sparse(path: str) -> None:
    with open(path, "wb") as file:
        file.truncate(1 << 30)


THINGS: dict[str, Callable[[str], object]] = {
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "loop": lambda path: os.symlink(path, path),
    "endless": lambda path: os.symlink("/dev/zero", path),
    "random": lambda path: os.symlink("/dev/random", path),
    "terminal": lambda path: os.symlink("/dev/tty", path),
    "memory": lambda path: os.symlink("/proc/self/mem", path),
    "nothing": lambda path: os.symlink("/nowhere\nat all", path),
    "gigabyte": _sparse,
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_a_plain_file(name: str, tmp_path: Any) -> None:
    for thing, make in THINGS.items():
        place = Place(str(tmp_path / thing))
        for other, text in FILES[name].items():
            place.write(other, text)
        make(place.path(name))
        assert place.view().chosen is None, thing


@pytest.mark.parametrize("name", ["pyproject.toml", "mise.toml", "hatch.toml", "pixi.toml", ".python-version"])
def test_a_file_without_permission(place: Place, name: str) -> None:
    place.write(name, "")
    os.chmod(place.path(name), 0)
    place.view()


_BYTES = {
    "empty": b"",
    "zeros": bytes(100),
    "latin-1": "[tool.poetry]\nname = 'Müller'\n[tool.wend]\n".encode("latin-1"),
    "utf-16": "3.12\n".encode("utf-16"),
    "mark": b"\xef\xbb\xbf3.12\n",
    "returns": b"[tool.poetry]\r\npackage-mode = false\r\n",
    "deep": b"a = " + b"[" * 30000,
    "tables": b"[" + b"a." * 3000 + b"b]\n",
    "half": b"[tool.poetry\n[tool.pdm\n[tool.hatch.envs\n[tool.pixi\n[tool.wend\n[tools] python venv tool.pdm",
    "long": b"3" * 60000,
    "lines": b"\n" * 60000,
    "colons": b":" * 60000,
    "escape": b"\x1b]0;evil\x07\n",
    "up": b"../../../../etc\n",
    "null": b"/tmp/\0x\n",
    "number": b"1" * 5000 + b"." + b"1" * 5000,
}


@pytest.mark.parametrize("name", FILES)
def test_what_makes_no_sense(name: str, tmp_path: Any) -> None:
    for what, data in _BYTES.items():
        place = Place(str(tmp_path / what))
        for other, text in FILES[name].items():
            place.write(other, text)
        place.write(name, data)
        assert place.view().chosen is None, what


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[tool.poetry\n"),
        ("pyproject.toml", "[tool.pdm]\nx = 1\nx = 2\n"),
        ("pyproject.toml", "[tool.hatch.envs.default]\npath = \n"),
        ("Pipfile", "[pipenv]\nvenv_in_project = \n"),
        ("hatch.toml", "[envs\n"),
        ("mise.toml", "[tools\n"),
    ],
)
def test_a_file_that_its_tool_cannot_read_is_one_line(place: Place, file: str, text: str) -> None:
    place.write(file, text)
    found = [each for each in place.view().candidates if each.status == "broken"]
    assert [each.reason for each in found] == [found[0].reason]
    assert "cannot be read: " in found[0].reason
    assert found[0].fix


# What a file of a project may spell, and no shell can hold: (file, text, beside it).
_UNHOLDABLE = {
    "NUL": ("pixi.toml", '[workspace]\nname = "a\\u0000b"\n', "its name would hold a NUL"),
    "long": ("pixi.toml", f'[workspace]\nname = "{"a" * 60_000}"\n', "its name is too long"),
    "NUL of venv": (".venv/pyvenv.cfg", "version = 3.12.1\nprompt = 'a\\x00'\n", "its name would hold a NUL"),
    "surrogate": (
        ".venv/pyvenv.cfg",
        "version = 3.12.1\nprompt = '\\ud800'\n",
        "its name is not valid text",
    ),
}


@pytest.mark.parametrize("case", _UNHOLDABLE)
def test_a_name_that_no_variable_can_hold(place: Place, case: str) -> None:
    file, text, reason = _UNHOLDABLE[case]
    place.write(file, text)
    os.makedirs(place.path(".venv/bin"), exist_ok=True)
    os.symlink("/bin/sh", place.path(".venv/bin/python"))
    os.makedirs(place.path(".pixi/envs/default/conda-meta"))
    found = [(each.status, each.reason) for each in place.view().candidates]
    assert ("broken", reason) in found


@pytest.mark.parametrize(
    "number", ["0x" + "f" * 5000, "[0x" + "f" * 5000 + "]", "1e400", "{ version = 0x" + "f" * 5000 + " }"]
)
def test_a_version_that_is_a_number_of_any_length(place: Place, number: str) -> None:
    place.write("mise.toml", f"[tools]\npython = {number}\n")
    assert [each.reason for each in place.view().candidates] == ["the version is not text"]


@pytest.mark.parametrize("wanted", [">=3." + "1" * 5000, ">=3." + "1" * 900, ">=3.1," * 100_000 + ">=3.1"])
def test_a_range_of_any_length(place: Place, wanted: str) -> None:
    place.write("pyproject.toml", f'[project]\nname = "x"\nrequires-python = "{wanted}"\n[tool.pdm]\n')
    place.write(".venv/pyvenv.cfg", f"command = python -m venv {place.project}/.venv\nversion = 3.12.1\n")
    os.makedirs(place.path(".venv/bin"))
    os.symlink("/bin/sh", place.path(".venv/bin/python"))
    assert place.view().candidates


def test_a_template_does_not_choose_how_long_a_path_is(place: Place) -> None:
    place.write("mise.toml", '[env]\n_.python.venv = "' + "{{env.PATH}}" * 60_000 + '"\n')
    place.view(PATH="/bin:" + "/x" * 10_000)
    place.write("mise.toml", '[env]\n_.python.venv = "' + "{{env.PATH}}" * 300 + '"\n')
    assert all(len(each.reason) < 10_000 for each in place.view(PATH="/bin:" + "/x" * 10_000).candidates)


def test_a_workspace_does_not_choose_how_long_its_members_are_looked_for(place: Place) -> None:
    members = ", ".join(f'"p{number}*"' for number in range(90_000))
    place.write("../pyproject.toml", f"[tool.uv.workspace]\nmembers = [{members}]\n")
    place.write("pyproject.toml", "[project]\n")
    place.write(".python-version", "3.12\n")
    began = time.process_time()
    place.view()
    assert time.process_time() - began < 6


# -- values of every type in the places of text, tables and lists ----------------------------------------------------

_VALUE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(["../..", "/", "~", "", ".", "a\nb", "{{x}}", "$HOME", "3.12", "default", ".venv", "-", "\0"[:0]]),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.booleans(),
    st.just(datetime.date(2026, 1, 1)),
    st.just(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)),
)
_ANY = st.recursive(
    _VALUE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["path", "version", "name", "x"]), inner, max_size=3),
    ),
    max_leaves=5,
)
# Where each file has what is read.
_KEYS = {
    "pyproject.toml": [
        "project", "project.name", "project.requires-python", "tool", "tool.wend", "tool.wend.env", "tool.poetry",
        "tool.poetry.name", "tool.pdm", "tool.pdm.x", "tool.hatch", "tool.hatch.envs", "tool.hatch.envs.default",
        "tool.hatch.envs.default.path", "tool.pixi", "tool.pixi.workspace", "tool.pixi.workspace.name", "tool.uv",
        "tool.uv.workspace", "tool.uv.workspace.members",
    ],
    "../pyproject.toml": ["tool.uv.workspace", "tool.uv.workspace.members", "tool.uv.workspace.exclude"],
    "poetry.toml": [
        "cache-dir", "virtualenvs", "virtualenvs.in-project", "virtualenvs.path", "virtualenvs.create",
        "virtualenvs.use-poetry-python",
    ],
    "Pipfile": ["pipenv", "pipenv.venv_in_project"],
    "pdm.toml": ["venv", "venv.location"],
    "hatch.toml": ["envs", "envs.default", "envs.default.path"],
    "pixi.toml": ["workspace", "workspace.name", "project", "project.name"],
    ".pixi/config.toml": ["detached-environments"],
    "mise.toml": [
        "env", "env._", "env._.python", "env._.python.venv", "env._.python.venv.path", "tools", "tools.python",
        "tools.python.version", "tools.python.path",
    ],
    "~/.config/pypoetry/config.toml": ["cache-dir", "virtualenvs", "virtualenvs.path", "virtualenvs.in-project"],
    "~/.cache/pypoetry/virtualenvs/envs.toml": ["shop-x", "shop-x.minor"],
    "~/.config/pdm/config.toml": ["venv", "venv.location"],
    "~/.config/hatch/config.toml": ["dirs", "dirs.data", "dirs.env", "dirs.env.virtual"],
}  # fmt: skip


def _put(tree: dict[str, Any], key: str, value: Any) -> None:
    *above, name = key.split(".")
    for part in above:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[name] = value


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in draw(st.lists(st.sampled_from(sorted(_KEYS)), min_size=1, max_size=4, unique=True)):
        tree: dict[str, Any] = {}
        for key in draw(st.lists(st.sampled_from(_KEYS[name]), min_size=1, max_size=4)):
            _put(tree, key, draw(_ANY))
        found[name] = tree
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(documents=_documents())
def test_values_of_every_type(documents: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(str(tmp_path_factory.mktemp("types")))
    for name, tree in documents.items():
        place.write(name, tomlkit.dumps(tree))
    place.view()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    name=st.sampled_from([".python-version", ".tool-versions", ".venv", ".pdm-python", ".venv/pyvenv.cfg"]),
    text=st.one_of(
        st.binary(max_size=60),
        st.text("python 3.12:-+<>=~*@/.#\n\r\t\\'\"${}tcpy", max_size=40).map(str.encode),
        st.text("python 3.12:-+<>=~*@/.#\n", max_size=20).map(lambda text: b"python " + text.encode()),
    ),
)
def test_text_of_every_kind(name: str, text: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(str(tmp_path_factory.mktemp("text")))
    place.write(name, text)
    place.view()


_WORDS = ("", "x", "../..", "/", "~", "a\nb", "\udcff", "1" * 300, "-1", "9" * 30, "/dev/zero", "$HOME", "\x1b[31m")


@pytest.mark.parametrize("name", sorted(kinds.declared()))
def test_variables_of_every_kind(place: Place, name: str) -> None:
    for file, text in (("pyproject.toml", _POETRY), ("Pipfile", ""), ("pdm.lock", ""), ("hatch.toml", "")):
        place.write(file, text)
    for file, text in (("pixi.toml", _PIXI), (".python-version", "3.12\n"), ("mise.toml", '[tools]\npython = "3"\n')):
        place.write(file, text)
    for word in _WORDS:
        place.view(**{name: word})


def test_every_file_that_is_a_marker_is_covered() -> None:
    names = {file for file, _, _ in kinds.markers(Settings())}
    similar = {"environment.yaml", ".mise.local.toml", ".config/mise.toml"}
    assert names - similar <= set(FILES), "FILES has text for each file that is a marker"
