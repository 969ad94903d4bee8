"""What may be wrong with wend, with this shell and with the current project: findings, each with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

from wend.doctor import editors, hooks, other_tools, pinned, project, wiring
from wend.doctor.finding import Case, Finding, Fresh

__all__ = ["CHECKS", "Case", "Finding", "Fresh", "examine"]

# In the order in which the findings are told. One row for each check.
CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    hooks.files,
    hooks.own_line,
    hooks.once,
    hooks.new_shell,
    hooks.this_shell,
    wiring.daemon,
    wiring.reach,
    wiring.settings,
    wiring.path_order,
    other_tools.conda_base,
    other_tools.pyenv,
    other_tools.known,
    other_tools.plugins,
    other_tools.envrc,
    editors.vscode,
    editors.jetbrains,
    other_tools.prompts,
    project.unusable,
    project.unreadable,
    project.committed,
    project.not_ignored,
    project.health,
    pinned.unpinned,
    pinned.no_lock,
    project.conda_channels,
    project.pip_on_conda,
)


def examine(case: Case) -> list[Finding]:
    """Return what the checks find in CASE, in their order."""
    return [finding for check in CHECKS for finding in check(case)]
