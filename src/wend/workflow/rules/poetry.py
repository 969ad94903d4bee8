"""poetry: poetry.lock or [tool.poetry]."""

from __future__ import annotations

import re
from typing import Optional

from wend.workflow.asking import Look, asked, stale
from wend.workflow.case import Case
from wend.workflow.commands import Command, Steps, command
from wend.workflow.running import ToolError

# `  - Installing six (1.17.0)`, and at the end of a line that needs nothing `: Skipped ...`.
_CHANGE = re.compile(r"\s*[-•] ((?:Installing|Updating|Downgrading|Removing) .*)")


def plan(case: Case) -> Optional[Steps]:
    """poetry.lock or [tool.poetry]."""
    project, options = case.project, case.options
    locked = "poetry.lock" in project.files
    if not project.poetry_makes:
        return None
    if "poetry" not in project.tools:
        return None
    case.need("poetry", "poetry.lock" if locked else "[tool.poetry]")
    case.refuse("poetry", "--name", "--prompt")
    if case.existing:
        prunes = locked and case.prune
        word = "sync" if prunes else "install"
        return Steps("poetry", (command("poetry", word, "--no-interaction"),), prunes=prunes)
    python = case.python()
    use: tuple[Command, ...] = ()
    if python.asked or not options.install:
        use = (*python.install(), command("poetry", "env", "use", python.word(), says="making the environment"))
    install = (command("poetry", "install", "--no-interaction"),) if options.install else ()
    return Steps("poetry", (*use, *install), notes=python.notes() if use else ())


def differences(look: Look) -> list[str]:
    """Return what a dry run says."""
    word = "sync" if look.exact else "install"
    try:
        lines = asked(look, "poetry", word, "--dry-run", "--no-ansi", "--no-interaction")
    except ToolError:
        said = stale(look, "poetry.lock", "pyproject.toml", "poetry", "check", "--lock")
        if not said:
            raise
        return said
    found = (_CHANGE.match(line) for line in lines)
    return [match[1] for match in found if match and "Skipped" not in match[1]]
