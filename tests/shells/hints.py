"""The one line in a project without an environment: what to type. Once for each directory in a shell."""

from __future__ import annotations

import os

from tests.shells.driver import World
from tests.shells.scenarios import Start, scenario
from wend.kinds.projectfiles import SOURCES

# Each of the files that say "a Python project lives here".
_FILES = (
    "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml",
    "environment.yml", "pixi.lock", "conda-lock.yml", "requirements-dev.txt", "requirements_dev.txt",
    "requirements/dev.txt", "environment.yaml", "setup.py",
)  # fmt: skip


def _hint(path: str, file: str) -> str:
    lacks, fix = SOURCES.get(file, ("environment", "wend create"))
    return f"wend: {path} has {file} and no {lacks}: {fix}"


@scenario()
def hint_for_each_kind_of_project(w: World, start: Start) -> None:
    s = start()
    for number, name in enumerate(_FILES):
        p = w.directory(f"p{number}")
        os.makedirs(os.path.dirname(f"{p}/{name}"), exist_ok=True)
        w.file(f"{p}/{name}", "dependencies: []\n" if name.endswith("yml") else "")
        output = s.line(start.row.cd.format(path=s.word(p)))
        assert output == _hint(p, name), output
        s.inactive()


@scenario()
def hint_once_in_a_shell(w: World, start: Start) -> None:
    """Not again on the way back, nor at a prompt, nor after an environment came and went; in a new shell, again."""
    p, q = w.directory("p"), w.directory("q")
    w.file("p/requirements.txt", "")
    w.file("q/pyproject.toml", "")
    s = start()
    for place, told in ((p, True), (q, True), (p, False), (w.home, False), (q, False)):
        file = "requirements.txt" if place == p else "pyproject.toml"
        output = s.line(start.row.cd.format(path=s.word(place)))
        assert output == (_hint(place, file) if told else ""), output
        s.enter()
    s.cd(p)
    w.project("p")
    s.enter()
    s.active(p)
    os.rename(f"{p}/.venv", f"{w.files}/gone")
    s.enter()
    s.inactive()
    other = start(cwd=q)
    assert other.greeting == _hint(q, "pyproject.toml")


@scenario()
def hint_gives_way(w: World, start: Start) -> None:
    """To what an owner says, to a broken environment's line, to one that is chosen or blocked; and to silence."""
    owned, broken, bare = w.directory("owned"), w.directory("broken"), w.directory("bare")
    w.file("owned/Pipfile", "")
    w.file("owned/requirements.txt", "")
    w.file("broken/requirements.txt", "")
    w.project("broken")
    for name in ("python", "python3"):
        if os.path.lexists(f"{broken}/.venv/bin/{name}"):
            os.unlink(f"{broken}/.venv/bin/{name}")
        os.symlink("/nowhere", f"{broken}/.venv/bin/{name}")
    p, inside = w.project("p"), w.directory("p/src")
    w.file("p/requirements.txt", "")
    w.file("p/src/requirements.txt", "")
    s = start()
    output = s.line(start.row.cd.format(path=s.word(owned)))
    assert output.count("\n") == 0
    assert output.endswith(": pipenv install"), output
    output = s.line(start.row.cd.format(path=s.word(broken)))
    assert output.count("\n") == 0
    assert "no environment: wend create" not in output
    assert f"{broken}/.venv" in output
    for place in (p, inside, bare, w.home):
        s.cd(place)  # nothing is printed


@scenario()
def hint_turned_off(w: World, start: Start) -> None:
    """By the variable, and by the setting."""
    p, q = w.directory("p"), w.directory("q")
    w.file("p/requirements.txt", "")
    w.file("q/requirements.txt", "")
    s = start(env={"WEND_QUIET": "1"})
    s.cd(p)
    config = w.file("config.toml", "hints = false\n")
    other = start(env={"WEND_CONFIG": config})
    other.cd(p)
    s.cd(w.home)
    s.unset("WEND_QUIET")
    assert s.line(start.row.cd.format(path=s.word(q))) == _hint(q, "requirements.txt")
