"""What may be wrong with wend, with this shell and with the current project: findings, each with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

from wend.doctor import editors, hooks, neighbours, pinned, project, wiring
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
    neighbours.conda_base,
    neighbours.pyenv,
    neighbours.known,
    neighbours.plugins,
    neighbours.envrc,
    editors.vscode,
    editors.jetbrains,
    neighbours.prompts,
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
