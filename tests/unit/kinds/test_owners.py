"""Paths that refer to variables."""

from __future__ import annotations

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds import owners
from wend.settings import Settings


@pytest.mark.parametrize(("times", "found"), [(16, "x" * 16), (17, "$A" * 17)])
def test_so_many_variables_are_replaced_and_no_more(times: int, found: str) -> None:
    context = Context(Disk(), {"HOME": "/h", "A": "x"}, Settings(), frozenset())
    assert owners.variable_expanded("$A" * times, context) == found
