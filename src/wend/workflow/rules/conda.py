"""conda, mamba and micromamba: environment.yml and conda-lock.yml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Optional

from wend import fixes
from wend.disk import Disk
from wend.errors import Again, UsageError, WendError
from wend.kinds.conda import installation
from wend.kinds.conda.environment import is_name
from wend.kinds.conda.stack import LOCALS
from wend.text import visible
from wend.workflow import drift
from wend.workflow.asking import Look
from wend.workflow.case import Case, spelled
from wend.workflow.commands import Steps, command
from wend.workflow.project import Project
from wend.workflow.rules import uv, venv

_BASE = ("base", "root")
CONDAS = ("conda", "mamba", "micromamba")


def plan(case: Case) -> Optional[Steps]:
    """environment.yml, if conda is here or there is nothing else to go by."""
    project = case.project
    if not project.conda_file or (case.existing and not case.conda_existing):
        return None
    program = program_of(case.tools.programs)
    if not program:
        if any(rule(case) for rule in (uv.table, venv.pylock, venv.requirements, venv.pyproject)):
            return None
        raise WendError(
            f"{project.conda_file} needs conda, mamba or micromamba, and none is here",
            installation.get(case.tools.installers.gets),
        )
    case.refuse("conda", "--prompt")
    if project.conda_name and not is_name(project.conda_name):  # it would lead out of conda's directory
        raise WendError(f"{visible(project.conda_name)} cannot be the name of a conda environment", _another(project))
    if (case.options.name or project.conda_name) in _BASE:  # conda itself, and beneath it the others
        raise WendError("conda's base is not a project's environment", _another(project))
    if case.existing:
        where = (*(("--prune",) if case.prune else ()), *_place(case.existing, project))
        update = command(program, "env", "update", "--file", project.conda_file, *where)
        return Steps(program, (update,), prunes=case.prune)
    if case.options.python:
        raise UsageError(f"{project.conda_file} decides on the Python", again=Again(without=("--python",)))
    if not case.options.install:
        return _empty(case, program)
    name, where, makes = _new(project, case.options.name or project.conda_name)
    make = ("create", "--yes") if program == "micromamba" else ("env", "create")
    return Steps(program, (command(program, *make, "--file", project.conda_file, *where),), makes, named=name)


def _another(project: Project) -> str:
    name = os.path.basename(project.dir)
    usable = is_name(name) and name not in _BASE and fixes.word(name) == name
    return fixes.written(project.conda_file, f"name: {name if usable else 'app'}")


def lock(case: Case) -> Optional[Steps]:
    """conda-lock.yml, where no environment.yml stands beside it."""
    if "conda-lock.yml" not in case.project.files or case.existing:
        return None
    program = next((name for name in ("conda-lock", "micromamba") if case.has(name)), "")
    if not program:
        if any(rule(case) for rule in (uv.table, venv.pylock, venv.requirements, venv.pyproject)):
            return None
        raise WendError("conda-lock.yml needs conda-lock or micromamba, and neither is here", case.fix("conda-lock"))
    case.refuse(program, "--python", "--prompt", "--no-install")
    name, where, makes = _new(case.project, case.options.name)
    install = command("conda-lock", "install", *where, "conda-lock.yml")
    create = command("micromamba", "create", "--yes", "--file", "conda-lock.yml", *where)
    return Steps(program, (install if program == "conda-lock" else create,), makes, named=name)


def _empty(case: Case, program: str) -> Steps:
    """Return how an environment of conda's with nothing but Python is made."""
    project, options = case.project, case.options
    name, where, makes = _new(project, options.name or project.conda_name)
    asked = options.python or (project.pin if project.pin[:1].isdigit() else "")
    python = f"python={asked}" if asked else "python"
    return Steps(program, (command(program, "create", "--yes", *where, python),), makes, named=name)


def _new(project: Project, name: str) -> tuple[str, tuple[str, str], str]:
    """Return (name, words that say it, path) of a new environment NAME: one in PROJECT has a path and no name."""
    prefix = name if name in LOCALS else "" if name else project.conda_prefix
    if not prefix:
        return name, ("--name", name), ""
    return "", ("--prefix", f"./{prefix}"), os.path.join(project.dir, prefix)


def _place(prefix: str, project: Project) -> tuple[str, str]:
    """Return the words that name the existing environment PREFIX."""
    inside = prefix.startswith(f"{project.dir.rstrip('/')}/")  # by a name, conda looks in its store
    named = project.conda_name and os.path.basename(prefix) == project.conda_name and not inside
    return ("--name", project.conda_name) if named else ("--prefix", spelled(prefix, project))


def program_of(programs: Mapping[str, str]) -> str:
    """Return the first of conda's programs that is among PROGRAMS, empty for none."""
    return next((name for name in CONDAS if name in programs), "")


def plain(case: Case) -> Steps:
    """Return how an empty environment is made: no file says anything, and the user chose conda."""
    case.refuse("conda", "--prompt")
    name = case.options.name or case.project.conda_prefix
    return _empty(case._replace(options=case.options._replace(name=name)), program_of(case.tools.programs))


def differences(look: Look) -> list[str]:
    """Return how the environment differs from environment.yml."""
    return drift.of_conda(look.project, look.prefix, Disk(), exact=look.exact)
