"""JSON, written without `json`, which takes longer to load than Python to start; reading stays its job."""

from __future__ import annotations

from wend.typed import Any

try:
    from _json import encode_basestring_ascii as _text
except ImportError:  # an accelerator of CPython's and PyPy's
    from json.encoder import encode_basestring_ascii as _text


def dump(value: Any) -> str:
    """Return VALUE, of dictionaries, sequences, text, numbers and None, as `json.dumps` has it without blanks."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{dump(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ",".join(map(dump, value)) + "]"
    return "null" if value is None else str(value).lower()  # True is true


def indented(value: Any, margin: str = "\n") -> str:
    """Return VALUE as `json.dumps` has it with an indent of 2; MARGIN begins each line but the first."""
    inner = margin + "  "
    if isinstance(value, dict) and value:
        rows = (f"{_text(key)}: {indented(each, inner)}" for key, each in value.items())
        return "{" + inner + f",{inner}".join(rows) + margin + "}"
    if isinstance(value, (tuple, list)) and value:
        return "[" + inner + f",{inner}".join(indented(each, inner) for each in value) + margin + "]"
    return dump(value)
