"""What `wend sync --check` says: the owning tool's word where it changes nothing by saying it, else a comparison."""

from __future__ import annotations

from collections.abc import Mapping

from wend.kinds import projectfiles
from wend.workflow.asking import Look
from wend.workflow.commands import Steps
from wend.workflow.project import Project
from wend.workflow.rules import DIFFERENCES

# Of a tool, the lock file that is what an environment is compared with.
_LOCKS = {tool: name for name, tool in projectfiles.LOCKS.items() if tool != "uv"}  # uv brings its own up to date


def differences(project: Project, steps: Steps, prefix: str, env: Mapping[str, str]) -> list[str]:
    """Return how the environment PREFIX of PROJECT differs from what its files ask for, a line each.

    STEPS would bring it in line: what they leave there is no difference. ToolError when a tool that must be asked
    fails.
    """
    missing = _LOCKS.get(steps.owner, "")
    if missing and missing not in project.files:
        return [f"{missing} is missing"]
    return DIFFERENCES[steps.owner](Look(project, prefix, env, steps.prunes))
