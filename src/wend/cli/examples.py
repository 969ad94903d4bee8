"""The examples at the end of a command's `--help`."""

from __future__ import annotations


def examples(*rows: tuple[str, str]) -> str:
    """Return the part of a help text that shows ROWS: what to type, and what it does (may be empty)."""
    width = max(len(typed) for typed, _ in rows)
    lines = (f"  {typed.ljust(width)}   {does}".rstrip() for typed, does in rows)
    return "\n".join(("\b", "Examples:", *lines))
