"""Projects of poetry, pipenv, PDM, hatch, uv and mise: entered, left, and one that has no environment yet.

The environments lie where these tools put them; tests/layouts compares the places with the tools' own answers.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sys
import venv
from typing import Optional

from tests.shells.driver import World
from tests.shells.scenarios import Start, scenario

_PROJECT = '[project]\nname = "shop"\nversion = "0.1"\n'
_MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


def _hash(path: str, algorithm: str = "sha256", length: int = 32) -> str:
    digest = hashlib.new(algorithm, os.fsencode(path), usedforsecurity=False).digest()[:length]
    return base64.urlsafe_b64encode(digest).decode()[:8]


def _visit(w: World, start: Start, prefix: str, files: dict[str, str], install: Optional[str]) -> None:
    """Enter and leave the project with FILES whose environment is PREFIX; then one below it that has none.

    INSTALL is what the line of that one says to type; None: the tool owns no directory.
    """
    p = w.directory("shop")
    inner = w.directory("shop/inner/deep")
    venv.create(prefix, symlinks=True, prompt="blue")
    for name, text in files.items():
        w.file(f"shop/{name}", text)
    s = start()
    before = s.snapshot()
    for place in (p, inner):
        s.cd(place)
        env = s.uses(f"{prefix}/bin", "blue")
        assert env[b"VIRTUAL_ENV"] == os.fsencode(prefix)
    s.cd(w.home)
    s.inactive()
    s.same(before)
    if install is None:
        return
    bare = w.directory("outer/bare")
    w.project("outer")
    for name, text in files.items():
        w.file(f"outer/bare/{name}", text)
    for _ in range(2):
        s.cd(bare, prints=rf"wend: [^\n]*outer/bare/[^\n]*: {install}")
        s.inactive()  # not that of outer: the tool would install into it
        s.enter(2)
        s.cd(w.home)
    s.same(before)


@scenario()
def poetry_project(w: World, start: Start) -> None:
    cache = f"{w.home}/.cache/pypoetry/virtualenvs"
    files = {"pyproject.toml": f"{_PROJECT}[tool.poetry]\npackage-mode = false\n"}
    _visit(w, start, f"{cache}/shop-{_hash(f'{w.tree}/shop')}-py{_MINOR}", files, "poetry install")


@scenario()
def pipenv_project(w: World, start: Start) -> None:
    store = f"{w.home}/.local/share/virtualenvs"
    name = f"shop-{_hash(f'{w.tree}/shop/Pipfile', length=6)}"
    _visit(w, start, f"{store}/{name}", {"Pipfile": "[packages]\n"}, "pipenv install")


@scenario()
def pdm_project(w: World, start: Start) -> None:
    store = f"{w.home}/.local/share/pdm/venvs"
    files = {"pyproject.toml": _PROJECT, "pdm.lock": ""}
    _visit(w, start, f"{store}/shop-{_hash(f'{w.tree}/shop', 'md5')}-{_MINOR}", files, "pdm install")


@scenario()
def hatch_project(w: World, start: Start) -> None:
    data = f"{w.home}/.local/share/hatch/env/virtual"
    files = {"pyproject.toml": f"{_PROJECT}[tool.hatch.envs.default]\nskip-install = true\n"}
    _visit(w, start, f"{data}/shop/{_hash(f'{w.tree}/shop')}/shop", files, "hatch env create")


@scenario()
def uv_redirect(w: World, start: Start) -> None:
    """A `.venv` file, as `virtualenv blue` and uv write it."""
    _visit(w, start, f"{w.tree}/shop/envs/blue", {"pyproject.toml": _PROJECT, ".venv": "envs/blue\n"}, None)


@scenario()
def uv_project_environment(w: World, start: Start) -> None:
    """UV_PROJECT_ENVIRONMENT, set and unset while the shell is in the project."""
    p = w.project("shop")
    w.file("shop/pyproject.toml", _PROJECT)
    venv.create(f"{w.tree}/blue", symlinks=True)
    s = start()
    s.cd(p)
    s.active(p)
    s.set("UV_PROJECT_ENVIRONMENT", f"{w.tree}/blue")
    s.uses(f"{w.tree}/blue/bin", "blue")
    s.unset("UV_PROJECT_ENVIRONMENT")
    s.active(p)


@scenario()
def mise_project(w: World, start: Start) -> None:
    """`_.python.venv`, and a version alone."""
    files = {"mise.toml": '[env]\n_.python.venv = { path = "~/envs/blue" }\n'}
    _visit(w, start, f"{w.home}/envs/blue", files, None)
    version = f"{w.home}/.local/share/mise/installs/python/3.99.1"
    os.makedirs(f"{version}/bin")
    os.symlink(sys.executable, f"{version}/bin/python")
    q = w.directory("pinned")
    w.file("pinned/mise.toml", '[tools]\npython = ["3.99", "3.98"]\n')
    s = start()
    s.cd(q)
    assert b"VIRTUAL_ENV" not in s.uses(f"{version}/bin", "3.99.1")
    s.cd(w.home)
    s.inactive()


@scenario()
def passed_over(w: World, start: Start) -> None:
    """A nearer candidate that cannot be used is told once for each entry, also where a farther one is used."""
    outer = w.project("outer")
    broken, half, pin = w.project("outer/broken"), w.directory("outer/half"), w.directory("outer/pin")
    for name in os.listdir(f"{broken}/.venv/bin"):
        if name.startswith("python"):
            os.unlink(f"{broken}/.venv/bin/{name}")
    os.symlink("/gone", f"{broken}/.venv/bin/python")
    w.directory("outer/half/.venv")
    w.file("outer/pin/.python-version", "3.98\n")
    s = start()
    before = s.snapshot()
    for _ in range(2):
        for place, line in (
            (broken, r"broken/\.venv: its interpreter is gone: wend create --force [^\n]*broken"),
            (half, r"half/\.venv: it has no pyvenv\.cfg: mv \S+ \S+\.old"),
            (pin, r"pin/\.python-version: 3\.98 is not installed: curl -LsSf https:[^\n]*"),
        ):
            s.cd(place, prints=rf"wend: [^\n]*outer/{line}")
            s.active(outer)
            s.enter(2)
        s.cd(outer)
        s.active(outer)
    s.cd(w.home)
    s.same(before)
    shutil.rmtree(f"{broken}/.venv")
    s.cd(broken)
    s.active(outer)
