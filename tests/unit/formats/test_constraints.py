"""Versions of Python in the words of poetry and pipenv."""

from __future__ import annotations

import pytest

from wend.formats import constraints

# What poetry and pipenv say themselves is in tests/workflow/test_constraints.py.
POETRY = [
    ("*", True), ("^3.11", True), ("^3.12", False), ("^3", True), ("^2.7", False), ("^ 3.11", True),
    ("~3.11", True), ("~3.10", False), ("~3", True), ("~ 3.11.2", True), ("~3.11.8", False), ("~=3.10", True),
    ("3.11", False), ("3.11.7", True), ("=3.11.7", True), ("==3.11.7", True), ("3.11.*", True), ("!=3.11.*", False),
    ("3.*", True), (">=3.9,<3.12", True), (">=3.9 <3.11", False), (">= 3.9, < 3.12", True), (">=3.9,<3.12,", True),
    ("^2.7 || ^3.11", True), ("^2.7|^3.12", False), ("<3.10 || >=3.12", False),
]  # fmt: skip
PIPENV = [
    ("3", True), ("2", False), ("3.11", True), ("3.1", False), ("3.12", False), ("3.11.7", True), ("3.11.8", False),
    (">=3.9", True), (">=3.12", False), ("~=3.10", True), (">=3.9,<3.11", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fits"), POETRY)
def test_poetry(text: str, fits: bool) -> None:
    assert constraints.poetry(text, "3.11.7") is fits


@pytest.mark.parametrize(("text", "fits"), PIPENV)
def test_pipenv(text: str, fits: bool) -> None:
    assert constraints.pipenv(text, "3.11.7") is fits


@pytest.mark.parametrize("text", ["", " ", "x", "^", "^x", "3.11 - 3.12", "\x00", "^3.11 " * 100, ">=3.9;x", "||"])
def test_what_is_not_understood_says_nothing(text: str) -> None:
    assert constraints.poetry(text, "3.11.7") is None
    assert constraints.pipenv(text, "3.11.7") is not True
