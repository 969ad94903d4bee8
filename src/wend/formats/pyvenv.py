"""pyvenv.cfg: `key = value` lines, split at the first `=`, keys without case (CPython Lib/site.py, PEP 405)."""

from __future__ import annotations


def parse(data: bytes) -> dict[str, str]:
    """Return the keys and values in DATA; a line without `=` is passed over."""
    config = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            config[key.strip().lower()] = value.strip()
    return config
