"""tests/data/explain.toml: what `wend explain` says of projects that are made from plain files."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import re
import shlex
import sys
from typing import Any
from unittest import mock

import pytest

from tests.conftest import TREE
from tests.unit.fixes import is_typed
from tests.unit.test_engine import Person
from wend.cli import run
from wend.kinds import declared

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

with open(os.path.join(TREE, "tests", "data", "explain.toml"), "rb") as _file:
    _LAYOUTS: list[dict[str, Any]] = tomllib.load(_file)["layout"]

_CORE = ("UV_PROJECT_ENVIRONMENT", "WORKON_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
_PROJECT = '[project]\nname = "shop"\nversion = "0.1"\nrequires-python = ">=3.9"\n'
_POETRY = "[tool.poetry]\npackage-mode = false\n"
_ENTRY = re.compile(r"(?P<path>\S+)(?:: (?P<verb>\S+)(?: (?P<word>.+))?| = ?(?P<text>.*)| =)")


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else "\\"


class Machine:
    """A home with the project ~/p/shop, and the paths and trees of the table in it."""

    def __init__(self, top: str) -> None:
        self.home = os.path.join(os.path.realpath(top), "home")
        self.project = f"{self.home}/p/shop"
        os.makedirs(self.project)
        with open(os.path.realpath(sys.executable), "rb") as file:
            self.program = file.read(4096)  # enough to be of this machine's architecture

    # -- words of the table ------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """Return TEXT with its placeholders replaced."""
        text = text.replace("{project}", _PROJECT).replace("{poetry}", _POETRY)
        text = re.sub(r"\{poetry:([^}]+)\}", lambda found: f"{found[1]}-{self._hash(self.project)}", text)
        text = text.replace("{pipenv}", "{pipenv:Pipfile}").replace("{machine}", platform.machine())
        names = {"x86_64": "x64", "aarch64": "arm64"}
        text = text.replace("{mise-machine}", names.get(platform.machine(), platform.machine()))
        text = re.sub(r"\{pipenv:([^}]+)\}", lambda found: f"shop-{self._hash(f'{self.project}/{found[1]}', 6)}", text)
        text = text.replace("{pdm}", f"shop-{self._hash(self.project, algorithm='md5')}")
        text = text.replace("{hatch}", self._hash(self.project))
        return text.replace("~~/", "\0").replace("~/", f"{self.home}/").replace("\0", "~/")

    def path(self, path: str) -> str:
        """Return PATH, absolute."""
        path = self.home if path == "~" else self.text(path)
        return os.path.normpath(os.path.join(self.project, path))

    @staticmethod
    def _hash(text: str, length: int = 32, algorithm: str = "sha256") -> str:
        digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False).digest()[:length]
        return base64.urlsafe_b64encode(digest).decode()[:8]

    # -- trees -------------------------------------------------------------------------------------------------------

    def build(self, tree: str) -> None:
        """Make what TREE describes."""
        for line in filter(None, tree.splitlines()):
            entry = _ENTRY.fullmatch(line)
            assert entry, line
            path = self.path(entry["path"])
            if entry["verb"] is None:
                self._write(path, self.text(re.sub(r"\\([n\\])", _unescaped, entry["text"] or "")))
            else:
                getattr(self, f"_make_{entry['verb'].replace('-', '_')}")(path, self.text(entry["word"] or ""))

    def _write(self, path: str, data: str | bytes, mode: int = 0o644) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        os.chmod(path, mode)

    def _make_dir(self, path: str, _: str) -> None:
        os.makedirs(path)

    def _make_link(self, path: str, target: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)

    def _make_remove(self, path: str, _: str) -> None:
        os.remove(path)

    def _make_old(self, path: str, _: str) -> None:
        os.utime(path, (1_000_000_000, 1_000_000_000))

    def _make_long(self, path: str, _: str) -> None:
        os.truncate(path, 2 << 20)

    def _make_mode(self, path: str, mode: str) -> None:
        os.chmod(path, int(mode, 8))

    def _make_foreign(self, path: str, _: str) -> None:
        machine = b"\x08\x00"  # MIPS, little-endian
        self._write(path, b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00" + machine + bytes(32), 0o755)

    def _make_program(self, path: str, _: str) -> None:
        self._write(path, "#!/bin/sh\n", 0o755)

    def _make_python(self, path: str, version: str) -> None:
        minor = version.rpartition(".")[0]
        self._write(f"{path}/bin/python{minor}", self.program, 0o755)
        os.symlink(f"python{minor}", f"{path}/bin/python3")
        os.symlink("python3", f"{path}/bin/python")

    def _make_venv(self, path: str, version: str) -> None:
        self._environment(path, version, command=path, place=shlex.quote(path))

    def _make_moved(self, path: str, version: str) -> None:
        self._environment(path, version, command="/elsewhere/env", place="/elsewhere/env")

    def _make_relocatable(self, path: str, version: str) -> None:
        self._environment(path, version, command="", place='"$(cd "$(dirname "$0")/.." && pwd)"')

    def _make_uv_relocatable(self, path: str, version: str) -> None:
        self._make_relocatable(path, version)
        with open(f"{path}/pyvenv.cfg", "a", encoding="utf-8") as file:
            file.write("uv = 0.13.9\nrelocatable = true\n")

    def _environment(self, path: str, version: str, command: str, place: str) -> None:
        """Make a virtual environment whose pyvenv.cfg and activate script name a place, on a base of its own."""
        base = f"{self.home}/opt/base-{version}"
        if not os.path.isdir(base):
            self._make_python(base, version)
        minor = version.rpartition(".")[0]
        lines = [f"home = {base}/bin", "include-system-site-packages = false", f"version = {version}"]
        if command:
            lines += [f"executable = {base}/bin/python{minor}", f"command = {base}/bin/python -m venv {command}"]
        self._write(f"{path}/pyvenv.cfg", "\n".join([*lines, ""]))
        self._write(f"{path}/bin/activate", f"VIRTUAL_ENV={place}\nexport VIRTUAL_ENV\n")
        os.symlink(f"{base}/bin/python{minor}", f"{path}/bin/python3")
        os.symlink("python3", f"{path}/bin/python")
        os.makedirs(f"{path}/lib/python{minor}/site-packages")

    def _make_conda(self, path: str, _: str) -> None:
        self._make_python(path, "3.12.1")
        self._write(f"{path}/conda-meta/history", f"==> 2026-01-01 10:00:00 <==\n# cmd: conda create -p {path}\n")

    def _make_pixi(self, path: str, _: str) -> None:
        self._make_python(path, "3.12.1")
        names = {"manifest_path": f"{self.project}/pixi.toml", "environment_name": os.path.basename(path)}
        self._write(f"{path}/conda-meta/pixi", json.dumps(names))
        self._write(f"{path}/conda-meta/pixi_env_prefix", path)
        self._write(f"{path}/conda-meta/history", "")


def _check(layout: dict[str, Any], top: str, capfd: pytest.CaptureFixture[str], *, without: str = "") -> None:
    """Assert what LAYOUT, made in TOP, expects; WITHOUT: a variable of it that is not set."""
    machine = Machine(top)
    machine.build(layout["tree"])
    with open(f"{top}/config.toml", "w", encoding="utf-8") as file:
        file.write(machine.text(layout.get("settings", "").replace("\\n", "\n")))
    env = {"HOME": machine.home, "PATH": f"{machine.home}/bin", "WEND_CONFIG": f"{top}/config.toml"}
    env["WEND_RUNTIME_DIR"] = top
    env.update((name, machine.text(value)) for name, value in layout.get("env", {}).items() if name != without)
    cwd = machine.path(layout.get("cwd", "."))
    with mock.patch.dict(os.environ, env, clear=True):
        status = run(["explain", "--json", cwd])
    out, err = capfd.readouterr()
    assert (status, err) == (0, "")
    document = json.loads(out)
    seen = [(c["status"], c["kind"], c["marker"]) for c in document["candidates"]]
    wanted = [[part.strip() for part in row.split("|")] for row in layout["expect"]]
    heads = [tuple(head.split()) for head, *_ in wanted]
    assert seen == [(verdict, kind, machine.path(marker)) for verdict, kind, marker in heads]
    for (head, *fragments), candidate in zip(wanted, document["candidates"]):
        assert fragments and fragments[0], f"{head}: the row says nothing of the reason"
        assert "\n" not in candidate["reason"]
        for key, fragment in zip(("reason", "fix"), fragments):
            assert machine.text(fragment) in candidate[key], f"{head}: {key}"
        usable = candidate["status"] in ("chosen", "shadowed")
        assert not candidate["fix"] if usable else is_typed(candidate["fix"]), candidate
    chosen = document["chosen"]
    if "prefix" in layout:
        assert os.path.realpath(chosen["prefix"]) == os.path.realpath(machine.path(layout["prefix"]))
    elif not any(verdict == "chosen" for verdict, _, _ in heads):
        assert chosen is None
    if "shown" in layout:
        assert chosen["name"] == layout["shown"]
    if "told" in layout:
        _told(machine, cwd, env, layout["told"])
    _entered(machine, cwd, env, layout.get("sets", {}))


@pytest.mark.parametrize("layout", _LAYOUTS, ids=[layout["name"] for layout in _LAYOUTS])
def test_explain(layout: dict[str, Any], tmp_path: Any, capfd: pytest.CaptureFixture[str]) -> None:
    _check(layout, str(tmp_path), capfd)


@pytest.mark.parametrize("variable", sorted({*declared(), *_CORE}))
def test_a_row_depends_on_each_variable_that_a_kind_reads(
    variable: str, tmp_path: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [layout for layout in _LAYOUTS if variable in layout.get("env", {})]
    if any(variable in layout.get("sets", {}) for layout in rows):
        return  # a row asserts what becomes of its value, and that leaving gives that back
    for index, layout in enumerate(rows):
        try:
            _check(layout, str(tmp_path / str(index)), capfd, without=variable)
        except AssertionError:
            return
    pytest.fail(f"no row of explain.toml would fail if {variable} were not read")


def _entered(machine: Machine, cwd: str, env: dict[str, str], sets: dict[str, Any]) -> None:
    """Assert that a shell that sends a variable only when it is asked for it gets what one gets that sends all.

    That the variables SETS have these values in it, and that it is on leaving as it was before.
    """
    asked, informed = Person(machine.home, **env), Person(machine.home, **env)
    informed.names = tuple(env)
    for person in (asked, informed):
        person.ask(cwd=cwd)
    assert (asked.env, asked.prompt, asked.notice) == (informed.env, informed.prompt, informed.notice)
    values = {name: value and machine.text(value) for name, value in sets.items()}
    assert {name: asked.env.get(name, False) for name in values} == values
    asked.ask(cwd="/")
    assert asked.env == env


def _told(machine: Machine, cwd: str, env: dict[str, str], part: str) -> None:
    """Assert that a shell is told PART on entering CWD, in one line, and once for each entry."""
    person = Person(machine.home, **env)
    for _ in range(2):
        person.ask(cwd=cwd)
        if not part:
            assert person.notice == ""
            return
        assert machine.text(part) in person.notice
        assert person.notice.startswith("wend: ")
        assert "\n" not in person.notice
        person.ask()
        assert person.notice == ""
        person.ask(cwd=machine.home)
        assert person.notice == ""
