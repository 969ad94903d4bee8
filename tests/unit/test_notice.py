"""How long the line is that a shell prints on entering a project."""

from __future__ import annotations

import pytest

from wend.engine import View
from wend.engine.decide import Decision
from wend.engine.notice import told
from wend.model import Candidate, Marker
from wend.record import Intent, Undo


@pytest.mark.parametrize(
    ("reason", "fix"), [("x" * 100000, "wend allow"), ("why", "x" * 100000), ("\0" * 9000, "x" * 100000)]
)
def test_the_texts_of_a_project_do_not_choose_it(reason: str, fix: str) -> None:
    """The record holds the line, and with that the environment of each program that the shell starts."""
    blocked = Candidate(Marker("venv", "/p/.venv", "/p", 0), "untrusted", reason, fix=fix)
    line = told(View(blocked=blocked), Decision("project", "", Undo(), Intent()), "/p")
    assert line.startswith("wend: /p/.venv: ")
    assert len(line) < 10000
