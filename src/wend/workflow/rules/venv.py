"""venv and pip, or uv in their place: pylock.toml, requirements files, pyproject.toml, setup.py."""

from __future__ import annotations

import os
from typing import Optional

from wend.disk import Disk
from wend.system import WINDOWS
from wend.text import visible
from wend.workflow import constraining, drift, listing
from wend.workflow.asking import Look
from wend.workflow.case import VENV, Case, equals, spelled
from wend.workflow.commands import Command, Steps, command
from wend.workflow.listing import strings
from wend.workflow.project import Project
from wend.workflow.pythons import Choice

_PIP = "pip>=26.1"  # the first that reads pylock.toml
# How Python runs a module of its own. Without -I it would take one of that name from the project's directory first.
_RUN = ("-I", "-m")


def pylock(case: Case) -> Optional[Steps]:
    """pylock.toml (PEP 751)."""
    if "pylock.toml" not in case.project.files:
        return None
    exact = case.has("uv") and case.prune  # pip installs what it lists and leaves the rest
    return _venv(case, ("pylock.toml",) if exact else ("-r", "pylock.toml"), "pylock.toml", exact=exact)


def requirements(case: Case) -> Optional[Steps]:
    """requirements.txt and its kin; the project itself, if it can be built."""
    project = case.project
    if not project.requirements:
        return None
    words = [word for name in project.requirements for word in ("-r", name)]
    if project.buildable and not project.installs_itself:
        words += ["-e", "."]
    return _venv(case, tuple(words), ", ".join(project.requirements), note=_left_out(project))


def _left_out(project: Project) -> str:
    return f"not installed: {visible(', '.join(project.left_out))}" if project.left_out else ""


def pyproject(case: Case) -> Optional[Steps]:
    """[project] or the dependency group `dev` alone, or setup.py."""
    project = case.project
    table = project.table("project")
    if not table and not project.buildable and not project.dependencies:
        return None
    listing.check(project.pyproject, project.dir)
    # After `--`, because a dependency is the project's text and must not be an option.
    listed = project.dependencies if not project.editable else project.dependencies[_own_count(project) :]
    words = (*(("-e", ".") if project.editable else ()), *(("--", *listed) if listed else ()))
    return _venv(case, words, "pyproject.toml" if "pyproject.toml" in project.files else "setup.py")


def _own_count(project: Project) -> int:
    """Return how many of the dependencies are [project]'s own, which installing it brings."""
    return len(dict.fromkeys(strings(project.table("project").get("dependencies"))))


def plain(case: Case) -> Steps:
    """Return how an empty environment is made: no file says anything."""
    return _venv(case, (), "", note=_left_out(case.project))


def _venv(case: Case, words: tuple[str, ...], source: str, *, exact: bool = False, note: str = "") -> Steps:
    """Return how a virtual environment is made and how `pip install WORDS` fills it; EXACT: uv's `pip sync`."""
    project, options = case.project, case.options
    if case.existing:
        fill = _fill(case, case.existing, words, source, exact=exact)
        adds_pip = "" if case.has("uv") or case.has_pip or not fill else f"{case.existing} has no pip, so it gets one"
        notes = tuple(filter(None, (adds_pip, note)))
        return Steps("uv" if case.has("uv") else "pip", fill, notes=notes, prunes=exact)
    name = options.name or VENV
    python = case.python()
    if case.has("uv"):
        prompt = ("--prompt", options.prompt or ".")
        first = python.install_for_uv()
        make = command("uv", "venv", *python.for_uv(), *equals(*prompt), name, says=f"making {name}")
    else:
        first = ()
        told = ("--prompt", options.prompt or ".") if options.prompt or _knows_dot(python) else ()
        make = command(python.word(), *_RUN, "venv", *equals(*told), name, says=f"making {name}")
    makes = os.path.join(project.dir, name)
    fill = _fill(case, makes, words, source, exact=exact) if options.install else ()
    notes = (*python.notes(), *((note,) if note and options.install else ()))
    return Steps("uv" if case.has("uv") else "pip", (*first, make, *fill), makes, claim=True, notes=notes)


def _fill(case: Case, prefix: str, words: tuple[str, ...], source: str, *, exact: bool) -> tuple[Command, ...]:
    if not words:
        return ()
    shown = spelled(prefix, case.project)
    says = f"installing from {source}"
    if case.has("uv"):
        return (command("uv", "pip", "sync" if exact else "install", "--python", shown, *words, says=says),)
    python = os.path.join(shown, "Scripts" if WINDOWS else "bin", "python")
    pip = (python, *_RUN, "pip", "install")
    own = command(python, *_RUN, "ensurepip", says="installing pip", fix=case.fix("uv"))
    newer = (command(*pip, _PIP, says="bringing pip up to date"),) if source == "pylock.toml" else ()
    return (*(() if case.has_pip else (own,)), *newer, command(*pip, *words, says=says))


def _knows_dot(python: Choice) -> bool:
    """Return whether the venv of PYTHON takes `--prompt .` for the directory's name (3.9)."""
    version = python.found.version if python.found else ""
    return not version or tuple(map(int, version.split(".")[:2])) >= (3, 9)


def differences(look: Look) -> list[str]:
    """Return how the environment differs from the files, and from what pip is told besides."""
    return _differences(look, constraining.of_pip(look.prefix, look.context()))


def differences_for_uv(look: Look) -> list[str]:
    """Return the same where uv stands in for pip."""
    return _differences(look, constraining.of_uv(look.project, look.context()))


def _differences(look: Look, told: constraining.Told) -> list[str]:
    return drift.of_pip(look.project, look.prefix, Disk(), told, exact=look.exact)
