"""tests/hazards.md: each hazard once, and what is said to show it exists."""

from __future__ import annotations

import ast
import os
import re

from tests.conftest import TREE
from tests.shells import test_scenarios

_ROW = re.compile(r"\| ([SP]-[A-Z0-9]+) \| (.+?) \| (.+) \|")
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`|`([a-z]\w+)`")


def _rows() -> list[tuple[str, str]]:
    """Return (id, what shows it) of each row."""
    with open(os.path.join(TREE, "tests", "hazards.md"), encoding="utf-8") as file:
        lines = [
            line.rstrip("\n") for line in file if line.startswith("| ") and not line.startswith(("| id |", "| --"))
        ]
    rows = [_ROW.fullmatch(line) for line in lines]
    assert all(rows), [line for line, row in zip(lines, rows) if not row]
    return [(row[1], row[3]) for row in rows if row]


def test_each_hazard_stands_there_once() -> None:
    ids = [name for name, _ in _rows()]
    assert [name for name in ids if ids.count(name) > 1] == []
    assert len(ids) == 199
    assert ids[0] == "S-20"


def test_what_is_named_exists() -> None:
    scenarios = {scenario.name for scenario in test_scenarios.SCENARIOS}
    functions: dict[str, set[str]] = {}
    for name, shown in _rows():
        named = _NAMED.findall(shown)
        assert named or shown.startswith("cannot occur"), name
        for file, function, word in named:
            if word:
                assert word in scenarios, (name, word)
                continue
            if file not in functions:
                with open(os.path.join(TREE, "tests", file), encoding="utf-8") as text:
                    tree = ast.parse(text.read())
                functions[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert function in functions[file], (name, file, function)
