"""pyvenv.cfg: `key = value` lines, split at the first `=`, keys without case (CPython Lib/site.py, PEP 405)."""

from __future__ import annotations


def parse(data: bytes) -> dict[str, str]:
    """Return the keys and values in DATA; a line without `=` is passed over.

    Blanks around a value do not count, except that of `prompt` only the one after `=` goes: uv writes text as it is.
    """
    config = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        key, equals, value = line.partition("=")
        key = key.strip().lower()
        if equals:
            config[key] = value.rstrip("\r").removeprefix(" ") if key == "prompt" else value.strip()
    return config
