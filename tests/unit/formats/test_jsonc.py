"""JSON with comments, as an editor's settings have it."""

from __future__ import annotations

import pytest

from wend.formats import jsonc


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        ('\ufeff// x\n{"a": "//b", /* c\n "d" */ "e": "/* f */",}', {"a": "//b", "e": "/* f */"}),
        ('{"a": [1, 2, // x\n ], "b": ",}", }', {"a": [1, 2], "b": ",}"}),
        ('{"a": "\\"//"}', {"a": '"//'}),
        ("[1]", {}),
        ("{", {}),
        ("", {}),
        ('{"a": 1 /* no end', {}),
        ('{"a": "no end', {}),
        ("[" * 100_000, {}),
        ("9" * 10_000, {}),
    ],
)
def test_a_table(text: str, found: dict[str, object]) -> None:
    assert jsonc.table(text) == found


@pytest.mark.parametrize("unit", ["/*/", '"\\"', '\\"', "//", ", ", '"\n', "/* "])
def test_a_long_text_is_read_once(unit: str) -> None:
    """What is read again from each place would take hours."""
    assert jsonc.table(unit * 100_000) == {}
    assert jsonc.table(f"{unit * 100_000}\\") == {}
