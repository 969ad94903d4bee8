"""`.env` files, as python-dotenv reads them, as far as a few named variables are concerned.

Source: python-dotenv 1.2 (parser.py, variables.py): quotes, escapes in them, comments, `${NAME}` and `${NAME:-WORD}`.
Hand-written, because that library parses a whole file and sets no bound.
"""

from __future__ import annotations

from wend.patterns import pattern
from wend.typed import Iterable, Mapping

_LONGEST = 512  # characters in quotes: a file must not choose how long it is looked at
_QUOTED = rf"'((?:\\.|[^'\\]){{0,{_LONGEST}}})'|\"((?:\\.|[^\"\\]){{0,{_LONGEST}}})\""
_COMMENT = pattern(r"(?<!\s)\s+#.*")
_ESCAPE = pattern(r"\\([\\'\"abfnrtv])")
_SINGLE_ESCAPE = pattern(r"\\([\\'])")
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REFERENCE = pattern(rf"\$\{{([^}}:]{{0,{_LONGEST}}})(?::-([^}}]{{0,{_LONGEST}}}))?\}}")
_MOST_REFERENCES = 64  # in one value
_MOST_GROWTH = 4096  # characters: a value that refers to itself twice, line after line, would fill the memory


def values(text: str, names: Iterable[str], env: Mapping[str, str]) -> dict[str, str]:
    """Return what TEXT sets of NAMES, each a plain identifier; ENV and what stands before may be referred to."""
    found: dict[str, str] = {}
    binding = rf"(?m)^[^\S\n]*(?:export[^\S\n]+)?'?({'|'.join(names)})'?[^\S\n]*=[^\S\n]*(?:{_QUOTED}|([^\r\n]*))"
    for name, single, double, bare in pattern(binding).findall(text.removeprefix("\ufeff")):
        if single:
            value = _SINGLE_ESCAPE.sub(r"\1", single)
        elif double:
            value = _ESCAPE.sub(lambda each: _ESCAPED.get(each[1], each[1]), double)
        else:
            value = _COMMENT.sub("", bare).rstrip()
        known = {**env, **found}
        found[name] = _expanded(value, known)
    return found


def _expanded(value: str, known: Mapping[str, str]) -> str:
    """Return VALUE with what KNOWN has for its references; empty when that makes far more of it."""
    expanded = _REFERENCE.sub(lambda each: known.get(each[1], each[2] or ""), value, _MOST_REFERENCES)
    return expanded if len(expanded) <= len(value) + _MOST_GROWTH else ""
