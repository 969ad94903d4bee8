"""JSON with comments and commas before a closing bracket, as VS Code writes and reads it.

Hand-written, because no library in use reads it, and a file of a project may be any text.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Each alternative ends wherever it began, so that a text is read once, whatever it holds.
_STRING = r'"(?:[^"\\\n]|\\(?:.|\Z))*(?:"|(?=\n)|\Z)'
_COMMENTS = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMAS = re.compile(rf"({_STRING})|,(?=\s*[\]}}])", re.DOTALL)


def table(text: str) -> dict[str, Any]:
    """Return the object that TEXT holds, empty when it holds none."""
    plain = text.removeprefix("\ufeff")
    for left_out in (_COMMENTS, _COMMAS):
        plain = left_out.sub(lambda each: each[1] or "", plain)
    try:
        tree = json.loads(plain)
    except (ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}
