"""How a command's output looks: tables, JSON, colour."""

from __future__ import annotations

import os
import sys
from itertools import zip_longest

from wend.text import visible
from wend.typed import TYPE_CHECKING, Iterable, Mapping, Sequence

if TYPE_CHECKING:
    from rich.console import Console

    from wend import documents

_ROOM = 30  # columns in which a sentence can still be read


def print_json(document: Mapping[str, object]) -> None:
    """Print DOCUMENT (one of `wend.documents`) in ASCII: bytes that are not UTF-8 appear as lone surrogates."""
    import json

    print_text(json.dumps({"schema": 1, **document}, indent=2) + "\n")


def on_terminal() -> bool:
    """Return whether a person looks at a terminal that can do more than print lines."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def console(*, stderr: bool = False) -> Console:
    """Return rich's face of standard output or error. Its import takes longer than a small command: on a terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, no_color=bool(os.environ.get("NO_COLOR")))


def paint(text: str, colour: str) -> str:
    """Return TEXT in COLOUR where a person looks at a terminal and has not asked for none."""
    if not colour or os.environ.get("NO_COLOR") or not on_terminal():
        return text
    import click

    return click.style(text, fg=colour)


def table(rows: Iterable[Sequence[str]], colours: Sequence[str] = ()) -> None:
    """Print ROWS in aligned columns, the first cell of each row in the colour of the same index.

    On a terminal the last cell goes on below itself, if that leaves it enough room.
    """
    import shutil

    import click

    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(_columns, column)) for column in zip_longest(*cells, fillvalue="")]
    indent = sum(widths[:-1]) + 2 * len(widths[:-1])
    room = shutil.get_terminal_size().columns - indent if on_terminal() else 0
    for index, row in enumerate(cells):
        padded = [cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths)]
        last = padded.pop().rstrip() if len(row) == len(widths) and len(row) > 1 else ""
        first, *more = _wrapped(last, room) if room >= _ROOM else [last]
        head = "  ".join([paint(padded[0], colours[index] if colours else ""), *padded[1:]])
        click.echo("  ".join([head, first]).rstrip())
        for line in more:
            click.echo(" " * indent + line)


def _columns(text: str) -> int:
    """Return how many columns TEXT takes on a terminal: East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _wrapped(text: str, room: int) -> list[str]:
    """Return TEXT in lines of at most ROOM columns, but for words that are longer.

    rich breaks or crops such a word, and then a command cannot be pasted; textwrap counts characters.
    """
    first, *rest = text.split(" ")
    lines = [first]
    for word in rest:
        if _columns(lines[-1]) + 1 + _columns(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def print_text(text: str) -> None:
    """Print TEXT byte for byte, independent of the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def daemon_text(daemon: documents.Daemon) -> str:
    """Return the daemon in one line for people."""
    shells = f"{daemon['shells']} shell{'' if daemon['shells'] == 1 else 's'}"
    memory = f"{daemon['rss_bytes'] / 1048576:.1f} MiB"
    return f"pid {daemon['pid']}, wend {daemon['version']}, up {span(daemon['uptime_s'])}, {memory}, {shells}"


def span(seconds: float) -> str:
    """Return a length of time for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
