"""pipenv: Pipfile."""

from __future__ import annotations

from typing import Optional

from wend.disk import Disk
from wend.text import visible
from wend.workflow import drift
from wend.workflow.asking import Look, stale
from wend.workflow.case import Case
from wend.workflow.commands import Steps, Word, command
from wend.workflow.pythons import RANGE, Choice, find, refuse_python_2


def plan(case: Case) -> Optional[Steps]:
    """Pipfile."""
    project, options = case.project, case.options
    if "pipenv" not in project.tools:
        return None
    case.need("pipenv", "Pipfile")
    case.refuse("pipenv", "--name", "--prompt")
    locked = "Pipfile.lock" in project.files
    # `pipenv sync` installs what a lock file says that does not fit Pipfile any more, and says nothing of it.
    check = (command("pipenv", "verify", fix="pipenv lock"),) if locked else ()
    fill = ("sync", "--dev") if locked else ("install", "--dev")
    if case.existing:
        clean = ("--clean",) if locked and case.prune else ()
        return Steps("pipenv", (*check, command("pipenv", *fill, *clean)), prunes=bool(clean))
    # The Pipfile's own word on Python counts before a pin. What pipenv finds for it is on PATH, or pyenv's or asdf's.
    asked = "" if options.python else project.pipfile_python
    own = find(asked, case.tools.interpreters)
    refuse_python_2(own, asked, f"Pipfile asks for Python {visible(asked)}")
    python = Choice(RANGE, project.pipfile_python, own) if own else case.python()
    told = python.asked and bool(options.python or own or not project.pipfile_python)
    words: tuple[Word, ...] = ("--python", python.word()) if told or not options.install else ()
    first = python.install() if words else ()
    make = command("pipenv", *(fill if options.install else ()), *words)
    return Steps("pipenv", (*first, *(check if options.install else ()), make), notes=python.notes() if words else ())


def differences(look: Look) -> list[str]:
    """Return whether the lock file fits, as pipenv says, and how it differs from what is installed."""
    said = stale(look, "Pipfile.lock", "Pipfile", "pipenv", "verify")
    return said or drift.of_pipenv(look.project, look.prefix, Disk(), exact=look.exact)
