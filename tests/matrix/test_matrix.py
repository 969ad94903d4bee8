"""Each tool in each shell that it supports, before and behind wend's block."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Callable

import pytest

from tests import conftest
from tests.matrix.recipes import RECIPES, UPSTREAM_RECIPES
from tests.matrix.table import PAIRS, TOOLS_OF_THE_FIELD, Tool
from tests.matrix.upstream import UPSTREAM
from tests.matrix.visit import PLACES, Case, Plain, missing
from tests.shells.driver import World
from tests.tools.install import install

_plain: dict[tuple[str, ...], Plain] = {}


@pytest.fixture(scope="session")
def problems() -> dict[str, str]:
    """Install the tools; return {tool: why it is missing}."""
    return install()


CASES = [
    pytest.param(tool, shell, place, id=f"{tool.name}-{shell}-{place}")
    for tool in (
        *TOOLS_OF_THE_FIELD,
        *RECIPES,
        *((*UPSTREAM, *UPSTREAM_RECIPES) if "WEND_TEST_UPSTREAM" in os.environ else ()),
    )
    for shell in tool.load
    for place in (PLACES if tool.name != "nothing" else PLACES[:1])
]

TOOLS = {tool.name: tool for tool in TOOLS_OF_THE_FIELD}
TWO = [
    pytest.param(TOOLS[first], TOOLS[second], shell, id=f"{first}-{second}-{shell}")
    for first, second, shells in PAIRS
    for shell in shells
]


@pytest.fixture
def run(mailbox: str, tmp_path: Path, problems: dict[str, str]) -> Callable[..., None]:
    """Return a function that does and checks all, twice if the daemon was too slow."""

    def attempt(case: Case) -> None:
        if case.key not in _plain:
            _plain[case.key] = case.plain()
        case.visit(_plain[case.key])

    def both(shell: str, before: tuple[Tool, ...], behind: tuple[Tool, ...]) -> None:
        conftest.absent(missing((*before, *behind), shell, problems))
        conftest.scenarios += 1
        for turn in ("first", "second"):
            world = World(str(tmp_path / turn), mailbox)
            case = Case(world, shell, before, behind)
            try:
                attempt(case)
            except BaseException:
                late = sum(s.late for s in world.shells)
                for s in world.shells:
                    print(f"--- {late} late\n{s.child.output.decode(errors='backslashreplace')[-6000:]}")
                # On a machine too busy to answer within 250 ms a change may come later: no proof.
                if turn == "second" or not (late or case.hides_late):
                    raise
                conftest.run_twice.append("-".join(case.key))
            else:
                return
            finally:
                world.close()

    return both


@pytest.mark.matrix
@pytest.mark.parametrize(("tool", "shell", "place"), CASES)
def test_tool(tool: Tool, shell: str, place: str, run: Callable[..., None]) -> None:
    before, behind = ((tool,), ()) if place == "before" else ((), (tool,))
    run(shell, before, behind)


@pytest.mark.matrix
@pytest.mark.parametrize(("first", "second", "shell"), TWO)
def test_two_tools(first: Tool, second: Tool, shell: str, run: Callable[..., None]) -> None:
    run(shell, (first,), (second,))


@pytest.mark.matrix
@pytest.mark.parametrize("lost", [b"", b"\r\x1b[0m\x1b[27m\x1b[24m\x1b[J$ "], ids=["all", "end"])
def test_a_prompt_that_zsh_lost_is_drawn_again(mailbox: str, tmp_path: Path, lost: bytes) -> None:
    conftest.absent(missing((), "zsh", {}))
    world = World(str(tmp_path), mailbox)
    try:
        case = Case(world, "zsh", (TOOLS["nothing"],), ())
        s = case.start()
        shown = case.go(s, case.p)
        s.child.listen(0.5)
        s.child.expect(re.compile(rb"\Z"), 0)  # nothing more is to come
        s.child.output += b"T=1\r\n" + lost
        assert s.again() == shown
    finally:
        world.close()
