"""Tables line up on a terminal, whatever is in them."""

from __future__ import annotations

import os
import shutil

import pytest

from wend.cli import output

WIDE, COMBINING = "\u74b0\u5883", "cafe\u0301"  # two characters in four columns, five in four


def test_columns_line_up_where_a_character_takes_two_columns_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([(WIDE, "a", "x"), (COMBINING, WIDE, "y"), ("four", COMBINING, "z")])
    assert capsys.readouterr().out.splitlines() == [
        f"{WIDE}  a     x",
        f"{COMBINING}  {WIDE}  y",
        f"four  {COMBINING}  z",
    ]


def test_the_last_cell_wraps_at_the_columns_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    long = "x" * 50
    output.table([("a", " ".join([WIDE] * 8)), ("b", f"one  two {long} three")])
    assert capsys.readouterr().out.splitlines() == [
        f"a  {' '.join([WIDE] * 7)}",
        f"   {WIDE}",
        "b  one  two",
        f"   {long}",
        "   three",
    ]
