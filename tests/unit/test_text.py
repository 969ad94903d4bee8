"""Text for people."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend.text import quoted


@given(st.text())
@pytest.mark.parametrize("before", ["", "plain/"])
def test_words_are_quoted_as_by_shlex(before: str, text: str) -> None:
    assert quoted(before + text) == shlex.quote(before + text)


def test_every_plain_character_is_left_alone() -> None:
    for code in range(0x180):
        assert quoted(chr(code)) == shlex.quote(chr(code))
