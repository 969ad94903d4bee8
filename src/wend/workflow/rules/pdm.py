"""pdm: pdm.lock, .pdm-python, or [tool.pdm] with more than settings of its build backend."""

from __future__ import annotations

import re
from typing import Optional

from wend.errors import WendError
from wend.kinds.pdm import PACKAGES
from wend.workflow.asking import Look, asked, stale
from wend.workflow.case import Case
from wend.workflow.commands import Command, Steps, command

# `Packages to add:`, and below it `  - six 1.17.0`.
_HEADING = re.compile(r"Packages to (\w+):")
_ITEM = re.compile(r"\s+- (\S.*)")


def plan(case: Case) -> Optional[Steps]:
    """pdm.lock, or [tool.pdm] with more than settings of its build backend."""
    project, options = case.project, case.options
    locked = "pdm.lock" in project.files
    if "pdm" not in project.tools or not project.pdm_makes:
        return None
    case.need("pdm", "pdm.lock" if locked else "this project")
    case.refuse("pdm", "--name", "--prompt")
    if project.pypackages and not case.existing:
        raise WendError(*PACKAGES)
    # `pdm sync` installs what a lock file says that does not fit pyproject.toml any more, with a warning.
    check = (command("pdm", "lock", "--check", fix="pdm lock"),) if locked else ()
    if case.existing:
        clean = ("--clean",) if locked and case.prune else ()
        return Steps("pdm", (*check, command("pdm", "sync" if locked else "install", *clean)), prunes=bool(clean))
    python = case.python()
    make: tuple[Command, ...] = ()
    if python.asked or not options.install:
        make = (*python.install(), command("pdm", "venv", "create", python.word(), says="making the environment"))
    install = (*check, command("pdm", "sync" if locked else "install")) if options.install else ()
    return Steps("pdm", (*make, *install), notes=python.notes() if make else ())


def differences(look: Look) -> list[str]:
    """Return whether the lock file fits, and what a dry run says."""
    clean = ("--clean",) if look.exact else ()
    said = stale(look, "pdm.lock", "pyproject.toml", "pdm", "lock", "--check")
    return said or _changes(asked(look, "pdm", "sync", *clean, "--dry-run"))


def _changes(lines: list[str]) -> list[str]:
    found, verb = [], ""
    for line in lines:
        heading, item = _HEADING.match(line), _ITEM.match(line)
        verb = heading[1] if heading else verb
        if item and verb:
            found.append(f"{verb} {item[1]}")
    return found
