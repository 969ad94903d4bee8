"""Every scenario in every shell."""

from __future__ import annotations

from typing import Any

import pytest

from tests import conftest
from tests.shells import (  # noqa: F401  they enter their scenarios into the list
    conda,
    conda_prompt,
    doctor,
    faults,
    fish_only,
    habits,
    hints,
    hostile,
    manual,
    places,
    project_tools,
    pwsh_only,
    startup,
    survival,
    upgrade,
    workflow,
    zsh_only,
)
from tests.shells.driver import Shell, World
from tests.shells.scenarios import SCENARIOS, Scenario
from tests.shells.table import ROWS, Row

CASES = [
    pytest.param(scenario, row, id=f"{scenario.name}-{row.name}")
    for scenario in SCENARIOS
    for row in ROWS.values()
    if row.name not in scenario.without
]


class _Start:
    """Starts shells of one row in one world, and counts the late answers."""

    def __init__(self, row: Row, world: World) -> None:
        self.row, self.world = row, world

    def __call__(self, row: Row | None = None, **how: Any) -> Shell:
        return Shell(row or self.row, self.world, **how)


@pytest.mark.parametrize(("scenario", "row"), CASES)
def test_scenario(scenario: Scenario, row: Row, mailbox: str, tmp_path: Any, need: Any) -> None:
    need(row.name, *scenario.needs.split())
    conftest.scenarios += 1
    for attempt in ("first", "second"):
        world = World(str(tmp_path / attempt), mailbox)
        try:
            scenario.run(world, _Start(row, world))
        except BaseException as error:
            late = sum(shell.late for shell in world.shells)
            for shell in world.shells:
                print(f"--- {row.name}, {late} late\n{shell.log.getvalue().decode(errors='backslashreplace')}")
            # On a machine too busy to answer within 250 ms a change may come later: no proof.
            if attempt == "second" or not late or "never answered" in str(error):
                raise
            conftest.run_twice.append(f"{scenario.name}-{row.name}")
        else:
            return
        finally:
            world.close()
