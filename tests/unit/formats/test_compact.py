"""JSON without `json`: the same text."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wend.formats import compact

_TEXT = st.text() | st.sampled_from(["", '"', "\\", "\n", "\x7f", "é", "\udcff", "plain"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda parts: st.lists(parts) | st.lists(parts).map(tuple) | st.dictionaries(_TEXT, parts),
    max_leaves=12,
)


@given(_VALUES)
def test_it_is_what_json_writes(value: Any) -> None:
    assert compact.dump(value) == json.dumps(value, separators=(",", ":"))
    assert compact.indented(value) == json.dumps(value, indent=2)
