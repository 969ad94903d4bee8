"""What may be wrong with wend, with this shell and with the current project: findings, each with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

from wend.doctor import neighbours, project, wiring
from wend.doctor.finding import Case, Finding

__all__ = ["CHECKS", "Case", "Finding", "examine"]

# In the order in which the findings are told. One row for each check.
CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    wiring.hooks,
    wiring.shell,
    wiring.daemon,
    wiring.settings,
    wiring.path_order,
    neighbours.conda_base,
    neighbours.pyenv,
    neighbours.direnv,
    neighbours.editors,
    project.committed,
    project.not_ignored,
    project.unpinned,
    project.no_lock,
    project.health,
    project.conda_channels,
    project.pip_on_conda,
)


def examine(case: Case) -> list[Finding]:
    """Return what the checks find in CASE, those of the highest level first within a check's order."""
    return [finding for check in CHECKS for finding in check(case)]
