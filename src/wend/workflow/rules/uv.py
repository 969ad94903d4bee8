"""uv: uv.lock, a member of a workspace, or [tool.uv]."""

from __future__ import annotations

import os
import re
from typing import Optional

from wend.workflow.asking import Look, execute_for
from wend.workflow.case import VENV, Case, equals
from wend.workflow.commands import Command, Steps, command
from wend.workflow.rules import venv
from wend.workflow.running import ToolError

# Among other lines, `uv sync --check` says ` - six==1.17.0`.
_CHANGE = re.compile(r"[-+~] \S")


def lock(case: Case) -> Optional[Steps]:
    """uv.lock, or a member of a uv workspace."""
    project = case.project
    if "uv" not in project.tools or not ("uv.lock" in project.files or case.has("uv")):
        return None
    case.need("uv", "uv.lock")
    return _plan(case)


def table(case: Case) -> Optional[Steps]:
    """[tool.uv] beside [project], without a lock file yet."""
    return _plan(case) if case.project.names_uv and case.has("uv") else None


def _plan(case: Case) -> Steps:
    case.refuse("uv", "--name")
    project, options, python = case.project, case.options, case.python()
    root = project.workspace or project.dir
    makes = os.path.join(root, case.uv_environment or VENV)
    if case.existing:
        keep = () if case.prune else ("--inexact",)
        return Steps("uv", (command("uv", "sync", *keep),), notes=python.notes(), prunes=case.prune)
    make: tuple[Command, ...] = ()
    if options.prompt or not options.install:
        shown = os.path.relpath(makes, project.dir)
        prompt = ("--prompt", options.prompt) if options.prompt else ()
        make = (command("uv", "venv", *python.for_uv(), *equals(*prompt), shown, says=f"making {shown}"),)
    sync = (command("uv", "sync", *(() if make else python.for_uv()), says="installing from uv.lock"),)
    fill = sync if options.install else ()
    return Steps("uv", (*python.install_for_uv(), *make, *fill), makes, notes=python.notes())


def differences(look: Look) -> list[str]:
    """Return what `uv sync --check` says; where uv stands in for pip, what is read."""
    project = look.project
    if "uv" not in project.tools and not project.names_uv:
        return venv.differences_for_uv(look)
    words = command("uv", "sync", "--check", *(() if look.exact else ("--inexact",)))
    status, output = execute_for(look, words)
    if status == 0:
        return []
    if status != 1:
        raise ToolError(f"{words.shown()} failed with exit status {status}", output)
    lines = [line for line in (line.strip() for line in output.splitlines()) if line]
    return [line for line in lines if _CHANGE.match(line)] or lines
