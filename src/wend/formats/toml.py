"""TOML: read by the standard library, edited by tomlkit, which keeps comments and layout."""

from __future__ import annotations

import sys

from wend.patterns import pattern
from wend.typed import Any

_MOST_PARTS = 64  # of a key: the library's time grows with the square of their number
_PLAIN = pattern(r"[A-Za-z0-9_-]+")  # a part without quotes
_BLANKS = pattern(r"[ \t]+")
_READER = "tomllib" if sys.version_info >= (3, 11) else "tomli"


def parse(data: bytes | str) -> dict[str, Any]:
    """Return DATA parsed as TOML; ValueError, with a sentence of one line, when it is not TOML.

    The library is imported on first use: most directories have no TOML file.
    """
    import importlib

    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"not UTF-8 (at line {number})") from None
    if any(line.count(".") >= _MOST_PARTS for line in text.split("\n")) and _has_long_key(text):
        raise ValueError("a key has too many parts")
    try:
        tree: dict[str, Any] = importlib.import_module(_READER).loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return tree


def _has_long_key(text: str) -> bool:
    """Return whether something in TEXT is written like a key of more parts than a person writes.

    Read from left to right, once: an expression that is looked for at each place can take as long as what it prevents.
    """
    at, parts, after_dot = 0, 0, False
    while at < len(text):
        word = _PLAIN.match(text, at)
        between = _BLANKS.match(text, at)
        if word or text[at] in "\"'":
            at, is_part = (word.end(), True) if word else _behind_string(text, at)
            parts, after_dot = (parts + 1 if after_dot else 1) if is_part else 0, False
        elif between:
            at = between.end()
        elif text[at] == "." and parts and not after_dot:
            at, after_dot = at + 1, True
        else:
            at = text.find("\n", at) if text[at] == "#" else at + 1
            at, parts, after_dot = at if at > 0 else len(text), 0, False
        if parts > _MOST_PARTS:
            return True
    return False


def _behind_string(text: str, at: int) -> tuple[int, bool]:
    """Return where the string that begins at AT of TEXT ends, and whether it can be a part of a key."""
    quote = text[at]
    mark = quote * 3 if text.startswith(quote * 3, at) else quote
    end = at + len(mark)
    while (end := text.find(mark, end)) >= 0:
        escapes = end
        while quote == '"' and text[escapes - 1] == "\\":
            escapes -= 1
        if (end - escapes) % 2 == 0:
            end += len(mark)
            while len(mark) > 1 and text.startswith(quote, end):  # one or two may stand before the end
                end += 1
            return end, len(mark) == 1
        end += 1
    return len(text), False


def table(tree: Any, *path: str) -> dict[str, Any]:
    """Return the table at PATH of TREE, empty when it, or anything above it, is absent or not a table."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def changed(text: str, key: str, value: Any) -> str:
    """Return the TOML TEXT with the dotted KEY set to VALUE and everything else as it was.

    ValueError when TEXT is not TOML, or something that is not a table stands in the way of KEY.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    *above, name = key.split(".")
    try:
        document = tomlkit.parse(text)
        inner: Any = document
        for part in above:
            if part not in inner:
                inner[part] = tomlkit.table()
            inner = inner[part]
        inner[name] = value
        after = tomlkit.dumps(document)
    except (TOMLKitError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0] if str(error) else "not TOML") from None
    except TypeError:
        raise ValueError(f"{'.'.join(above)} is not a table") from None
    wanted = parse(text)
    inner = wanted
    try:
        for part in above:
            inner = inner.setdefault(part, {})
        inner[name] = value
    except (AttributeError, TypeError):
        raise ValueError(f"{'.'.join(above)} is not a table") from None
    if parse(after) != wanted:  # a library's mistake must not cost the user a setting
        raise ValueError(f"{key} is written in a way that cannot be changed safely")
    return after
