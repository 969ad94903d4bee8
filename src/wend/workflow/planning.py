"""From a project's files to a list of commands. Pure: nothing is run, read or written here.

The first rule that fits decides (`rules`). A rule serves `wend create` and `wend sync` alike: with an environment that
is there already it returns what brings that one in line.
"""

from __future__ import annotations

from wend.kinds import projectfiles
from wend.text import visible
from wend.workflow.case import VENV, Case, Options, check
from wend.workflow.commands import Steps
from wend.workflow.project import Project
from wend.workflow.rules import RULES, conda, venv
from wend.workflow.rules.conda import CONDAS
from wend.workflow.tools import Tools

__all__ = ["CONDAS", "VENV", "Options", "plan_create", "plan_sync"]


def plan_create(project: Project, tools: Tools, options: Options, uv_environment: str = "") -> Steps:
    """Return how the environment that PROJECT asks for is made. WendError when that cannot be done here."""
    check(options)
    case = Case(project, tools, options, uv_environment=uv_environment)
    steps = _first(case)
    return steps._replace(notes=(*steps.notes, *_unused(project, steps)))


def plan_sync(
    project: Project, tools: Tools, existing: str, *, conda: bool = False, has_pip: bool = True, prune: bool = True
) -> Steps:
    """Return how the environment at the prefix EXISTING, which may be CONDA's, is brought in line with PROJECT's files.

    HAS_PIP: pip is in it. PRUNE: packages that no file names are removed, where the tool does that. WendError when it
    cannot be done here. Without commands there is nothing to do.
    """
    return _first(Case(project, tools, Options(), existing, conda, has_pip, prune))


def _first(case: Case) -> Steps:
    for rule in RULES:
        steps = rule(case)
        if steps is not None:
            return steps
    case.no_lock_alone()
    return conda.plain(case) if case.options.conda and not case.existing else venv.plain(case)


def _unused(project: Project, steps: Steps) -> tuple[str, ...]:
    """Return which lock files STEPS do not read: those of other tools, which may say something else."""
    locks = (name for name, tool in projectfiles.LOCKS.items() if tool not in ("", steps.owner))
    unused = [name for name in locks if name in project.files]
    return (f"not used: {visible(', '.join(unused))}",) if unused else ()
