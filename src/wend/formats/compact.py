"""JSON on one line, written without `json`, which takes longer to load than Python to start; reading stays its job."""

from __future__ import annotations

from wend.typed import Any


def dump(value: Any) -> str:
    """Return VALUE, of dictionaries, sequences, text, numbers and None, as `json.dumps` has it without blanks."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{dump(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ",".join(map(dump, value)) + "]"
    return "null" if value is None else str(value).lower()  # True is true


def _text(value: str) -> str:
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    import json

    return json.dumps(value)
