"""Versions of Python in the words of poetry and pipenv: what wend makes of them, compared with the tools."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.conftest import absent
from tests.tools.install import TOOLS
from tests.unit.formats.test_constraints import PIPENV, POETRY

pytestmark = pytest.mark.tools
_ASK = {
    "poetry": "from poetry.core.constraints.version import Version, parse_constraint\n"
    "ask = lambda text: parse_constraint(text).allows(Version.parse('3.11.7'))",
    "pipenv": "from pipenv.utils.project import _python_version_matches_required as fits\n"
    "ask = lambda text: fits('3.11.7', text)",
}


@pytest.mark.parametrize(("tool", "rows"), [("poetry", POETRY), ("pipenv", PIPENV)], ids=["poetry", "pipenv"])
def test_the_tool_says_the_same(problems: dict[str, str], tool: str, rows: list[tuple[str, bool]]) -> None:
    absent({tool: problems[tool]} if tool in problems else {})
    program = f"import json, sys\n{_ASK[tool]}\nprint(json.dumps([ask(text) for text in json.load(sys.stdin)]))"
    done = subprocess.run(
        [os.path.join(TOOLS, tool, "bin", "python"), "-c", program],
        input=json.dumps([text for text, _ in rows]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(zip((text for text, _ in rows), json.loads(done.stdout))) == dict(rows)
