"""What `wend sync --check` says: the owning tool's word where it changes nothing by saying it, else a comparison."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wend.disk import Disk
from wend.kinds import projectfiles
from wend.workflow import drift
from wend.workflow.commands import Steps, command
from wend.workflow.planning import CONDAS
from wend.workflow.project import Project
from wend.workflow.running import ToolError, execute

# poetry: `  - Installing six (1.17.0)`, and at the end of a line that needs nothing `: Skipped ...`.
_POETRY = re.compile(r"\s*[-•] ((?:Installing|Updating|Downgrading|Removing) .*)")
# pdm: `Packages to add:`, and below it `  - six 1.17.0`.
_PDM_HEADING = re.compile(r"Packages to (\w+):")
_PDM_ITEM = re.compile(r"\s+- (\S.*)")

# uv: ` - six==1.17.0`, among other lines.
_UV = re.compile(r"[-+~] \S")

# Of a tool, the lock file that is what an environment is compared with.
_LOCKS = {tool: name for name, tool in projectfiles.LOCKS.items() if tool != "uv"}  # uv brings its own up to date
_SOURCES = {"pdm.lock": "pyproject.toml", "Pipfile.lock": "Pipfile"}


def differences(project: Project, steps: Steps, prefix: str, env: Mapping[str, str]) -> list[str]:
    """Return how the environment PREFIX of PROJECT differs from what its files ask for, a line each.

    STEPS would bring it in line: what they leave there is no difference. ToolError when a tool that must be asked
    fails.
    """
    owner, exact = steps.owner, steps.prunes
    missing = _LOCKS.get(owner, "")
    if missing and missing not in project.files:
        return [f"{missing} is missing"]
    if owner == "uv" and not _is_pip(project):
        return _uv(project, env, *(() if exact else ("--inexact",)))
    if owner == "poetry":
        word = "sync" if exact else "install"
        return _poetry(_asked(project, env, "poetry", word, "--dry-run", "--no-ansi", "--no-interaction"))
    if owner == "pdm":
        stale = _stale(project, env, "pdm.lock", "pdm", "lock", "--check")
        clean = ("--clean",) if exact else ()
        return stale or _pdm(_asked(project, env, "pdm", "sync", *clean, "--dry-run"))
    stale = _stale(project, env, "Pipfile.lock", "pipenv", "verify") if owner == "pipenv" else []
    return stale or _read(project, owner, prefix, Disk(), exact=exact)


def _read(project: Project, owner: str, prefix: str, disk: Disk, *, exact: bool) -> list[str]:
    """Return the same where no tool is asked."""
    if owner == "pipenv":
        return drift.of_pipenv(project, prefix, disk, exact=exact)
    if owner == "pixi":
        return drift.of_pixi(project, prefix, disk)
    if owner == "hatch":
        return drift.of_hatch(project, prefix, disk)
    if owner in CONDAS:
        return drift.of_conda(project, prefix, disk, exact=exact)
    return drift.of_pip(project, prefix, disk, exact=exact)


def _stale(project: Project, env: Mapping[str, str], lock: str, *words: str) -> list[str]:
    """Return what is to be said if the tool, asked by WORDS, says that LOCK does not fit the project's file."""
    status, _ = execute(command(*words), project.dir, env)
    return [f"{lock} does not fit {_SOURCES[lock]}: {words[0]} lock"] if status else []


def _is_pip(project: Project) -> bool:
    """Return whether uv stands in for pip, and does not own the project."""
    return "uv" not in project.tools and not project.names_uv


def _uv(project: Project, env: Mapping[str, str], *keep: str) -> list[str]:
    words = command("uv", "sync", "--check", *keep)
    status, output = execute(words, project.dir, env)
    if status == 0:
        return []
    if status != 1:
        raise ToolError(f"{words.shown()} failed with exit status {status}", output)
    lines = [line for line in (line.strip() for line in output.splitlines()) if line]
    return [line for line in lines if _UV.match(line)] or lines


def _asked(project: Project, env: Mapping[str, str], *words: str) -> list[str]:
    """Return the lines that a tool says. ToolError when it fails."""
    status, output = execute(command(*words), project.dir, env)
    if status:
        raise ToolError(f"{command(*words).shown()} failed with exit status {status}", output)
    return output.splitlines()


def _poetry(lines: list[str]) -> list[str]:
    found = (_POETRY.match(line) for line in lines)
    return [match[1] for match in found if match and "Skipped" not in match[1]]


def _pdm(lines: list[str]) -> list[str]:
    found, verb = [], ""
    for line in lines:
        heading, item = _PDM_HEADING.match(line), _PDM_ITEM.match(line)
        verb = heading[1] if heading else verb
        if item and verb:
            found.append(f"{verb} {item[1]}")
    return found
