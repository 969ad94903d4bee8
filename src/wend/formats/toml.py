"""TOML: read by the standard library, edited by tomlkit, which keeps comments and layout."""

from __future__ import annotations

import sys

from wend.patterns import pattern
from wend.typed import Any

_MOST_PARTS = 64  # of a key: the library's time grows with the square of their number
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_LONG_KEY = pattern(rf"(?<![A-Za-z0-9_.-])(?:{_PART}){{{_MOST_PARTS}}}")
_READER = "tomllib" if sys.version_info >= (3, 11) else "tomli"


def parse(data: bytes | str) -> dict[str, Any]:
    """Return DATA parsed as TOML; ValueError, with a sentence of one line, when it is not TOML.

    The library is imported on first use: most directories have no TOML file.
    """
    import importlib

    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if any(line.count(".") >= _MOST_PARTS and _LONG_KEY.search(line) for line in text.split("\n")):
        raise ValueError("a key has too many parts")
    try:
        tree: dict[str, Any] = importlib.import_module(_READER).loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return tree


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
