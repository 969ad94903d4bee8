"""Links of the user's own, and places that have more than one name: in each, the user's environments are known."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.shells.driver import World
from tests.shells.manual import _activate, _same, _without_leftovers
from tests.shells.scenarios import Start, scenario

# Go to where a link leads from now on.
_FOLLOWS_LINKS = {"bash": "set -P", "zsh": "setopt chase_links"}


@scenario()
def made_through_a_link(w: World, start: Start) -> None:
    """Made at ~/code/w, where ~/code leads to ~/disk, and entered by each of the names."""
    disk, code = f"{w.home}/disk", f"{w.home}/code"
    os.makedirs(f"{disk}/w")
    os.symlink(disk, code)
    venv.create(f"{code}/w/.venv", symlinks=True)
    s = start()
    before = s.snapshot()
    for place in (f"{disk}/w", f"{code}/w"):
        s.cd(place)
        s.active(place)
        s.cd(w.home)
        s.same(before)
    s.line(s.row.physical.format(path=s.word(code)))
    s.cd("w")
    s.active(f"{disk}/w")
    # As tmux opens a pane: in the directory, without a name for it.
    s = start(cwd=f"{code}/w", before=_FOLLOWS_LINKS.get(start.row.name, ""))
    assert s.greeting == ""
    s.active(f"{disk}/w")
    assert (
        s.line(f"/usr/bin/env -u PWD {w.wend} exec -- python -c 'import sys; print(sys.prefix)'") == f"{disk}/w/.venv"
    )
    s.cd(w.home)
    s.cd(f"{code}/w")
    s.active(f"{disk if start.row.name in _FOLLOWS_LINKS else code}/w")


@scenario()
def home_is_a_link(w: World, start: Start) -> None:
    """HOME, and the store in it, lead elsewhere; a project there is reached by both names."""
    link, real = os.path.join(os.path.dirname(w.home), "home-link"), w.home
    os.symlink(real, link)
    store = f"{os.path.dirname(real)}/store"
    os.mkdir(store)
    os.symlink(store, f"{real}/.virtualenvs")
    venv.create(f"{link}/.virtualenvs/blue", symlinks=True)
    p, q = w.project("p"), w.directory("q")
    w.file("q/.venv", "blue\n")
    s = start(env={"HOME": link})
    for top in (link, real):
        s.cd(f"{top}/src/p")
        s.active(f"{top}/src/p")
        s.cd(f"{top}/src/q")
        s.uses(f"{link}/.virtualenvs/blue/bin", "blue")
        s.cd("/")
        s.inactive()
    assert (p, q) == (f"{real}/src/p", f"{real}/src/q")


@scenario()
def markers_in_home_by_another_name(w: World, start: Start) -> None:
    """An environment in HOME is HOME's own, whatever HOME is called on the way to a directory in it."""
    link = os.path.join(os.path.dirname(w.home), "home-link")
    os.symlink(w.home, link)
    venv.create(f"{w.home}/.venv", symlinks=True)
    w.directory("plain")
    for home, other in ((w.home, link), (link, w.home)):
        s = start(env={"HOME": home}, cwd="/")
        for top in (home, other):
            s.cd(f"{top}/src/plain")
            s.inactive()
        s.cd(home)
        s.active(home)
        s.cd("/")
        s.inactive()


@contextmanager
def _second_name(path: str, name: str) -> Iterator[str]:
    """Give the directory PATH a second NAME that is not a link, as on a disk that ignores case."""
    other = os.path.join(os.path.dirname(path), name)
    os.mkdir(other)
    mount = shutil.which("mount")
    done = mount and subprocess.run([mount, "--bind", path, other], capture_output=True, check=False)
    if not done or done.returncode:
        pytest.skip("no directory can be mounted here: that takes root")
    try:
        yield other
    finally:
        subprocess.run(["umount", "-l", other], check=True)


@scenario()
def names_without_case(w: World, start: Start) -> None:
    """Entered by another spelling than it was made by: no question, exact, and its own script is known."""
    p, q = w.project("proj"), w.project("q")
    sub = w.directory("proj/sub")
    with _second_name(p, "PROJ") as other:
        s = start()
        _without_leftovers(s, p)
        before = s.snapshot()
        for place in (other, p, f"{other}/sub", sub, q, f"{other}/sub"):
            s.cd(place)
            s.active(place.removesuffix("/sub"))
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        _same(s, before)
        for here, there in ((other, p), (p, other)):  # an editor spells it otherwise
            s.cd(here)
            assert _activate(s, there) == ""
            s.enter()
            s.active(here)
            assert os.fsencode(there) not in s.env()[b"PATH"]
            s.line("deactivate")
            s.inactive()
            s.cd(w.home)
            _same(s, before)
        s.close()


@scenario()
def pyenv_version_is_a_link(w: World, start: Start) -> None:
    """As Homebrew and `mise sync python --pyenv` make it: no question in any project."""
    elsewhere = f"{os.path.dirname(w.home)}/Cellar/3.12.1"
    os.makedirs(f"{elsewhere}/bin")
    os.symlink(sys.executable, f"{elsewhere}/bin/python")
    versions = f"{w.home}/.pyenv/versions"
    os.makedirs(versions)
    os.symlink(elsewhere, f"{versions}/3.12.1")
    s = start()
    before = s.snapshot()
    for name in ("p", "q"):
        w.directory(name)
        w.file(f"{name}/.python-version", "3.12.1\n")
        s.cd(f"{w.tree}/{name}")
        s.uses(f"{versions}/3.12.1/bin", "3.12.1")
    s.cd(w.home)
    s.same(before)
