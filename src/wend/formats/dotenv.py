"""`.env` files, as python-dotenv reads them, as far as a few named variables are concerned.

Source: python-dotenv 1.2 (parser.py, variables.py): quotes, escapes in them, comments, `${NAME}` and `${NAME:-WORD}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_LONGEST = 512  # characters in quotes: a file must not choose how long it is looked at
_QUOTED = rf"'((?:\\.|[^'\\]){{0,{_LONGEST}}})'|\"((?:\\.|[^\"\\]){{0,{_LONGEST}}})\""
_COMMENT = re.compile(r"\s+#.*")
_ESCAPE = re.compile(r"\\([\\'\"abfnrtv])")
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REFERENCE = re.compile(r"\$\{([^}:]*)(?::-([^}]*))?\}")


def values(text: str, names: Iterable[str], env: Mapping[str, str]) -> dict[str, str]:
    """Return what TEXT sets of NAMES, each a plain identifier; ENV and what stands before may be referred to."""
    found: dict[str, str] = {}
    binding = rf"^[^\S\n]*(?:export[^\S\n]+)?'?({'|'.join(names)})'?[^\S\n]*=[^\S\n]*(?:{_QUOTED}|([^\r\n]*))"
    for name, single, double, bare in re.findall(binding, text.removeprefix("\ufeff"), re.MULTILINE):
        if single:
            value = re.sub(r"\\([\\'])", r"\1", single)
        elif double:
            value = _ESCAPE.sub(lambda each: _ESCAPED.get(each[1], each[1]), double)
        else:
            value = _COMMENT.sub("", bare).rstrip()
        known = {**env, **found}
        found[name] = _REFERENCE.sub(lambda each: known.get(each[1], each[2] or ""), value)  # noqa: B023  called here
    return found
