"""hatch: [tool.hatch.envs] or hatch.toml."""

from __future__ import annotations

from typing import Optional

from wend.disk import Disk
from wend.system import WINDOWS
from wend.workflow import drift
from wend.workflow.asking import Look
from wend.workflow.case import Case
from wend.workflow.commands import Steps, command


def plan(case: Case) -> Optional[Steps]:
    """[tool.hatch.envs] or hatch.toml."""
    if "hatch" not in case.project.tools:
        return None
    case.need("hatch", "this project")
    case.refuse("hatch", "--python", "--name", "--prompt", "--no-install")
    if case.existing:  # `env create` leaves an environment as it is; `run` brings it in line first
        return Steps("hatch", (command("hatch", "run", "python", "--version", says="hatch run"),))
    create = ("hatch", "env", "create", *filter(None, (case.project.hatch_env,)))  # does not look at HATCH_ENV
    return Steps("hatch", (command(*_python(case), *create, says="hatch env create"),))


def _python(case: Case) -> tuple[str, ...]:
    """Return what tells hatch of the interpreter: it makes an environment without a look at requires-python."""
    if WINDOWS or not case.project.requires or "python" in case.project.hatch:
        return ()
    found = case.python().found
    first = case.tools.interpreters[:1]  # on PATH, which hatch takes by itself
    return ("/usr/bin/env", f"HATCH_PYTHON={found.path}") if found and (found,) != first else ()


def differences(look: Look) -> list[str]:
    """Return how the environment `default` differs from its table."""
    return drift.of_hatch(look.project, look.prefix, Disk())
