"""How a command's output looks: tables, JSON, colour."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from wend.text import visible


def print_json(document: Mapping[str, object]) -> None:
    """Print DOCUMENT (one of `wend.documents`) in ASCII: bytes that are not UTF-8 appear as lone surrogates."""
    print_text(json.dumps({"schema": 1, **document}, indent=2) + "\n")


def paint(text: str, colour: str) -> str:
    """Return TEXT in COLOUR where a person looks at a terminal and has not asked for none."""
    if not colour or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty():
        return text
    import click

    return click.style(text, fg=colour)


def table(rows: Iterable[Sequence[str]], colours: Sequence[str] = ()) -> None:
    """Print ROWS in aligned columns, the first cell of each row in the colour of the same index."""
    import click

    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
    for index, row in enumerate(cells):
        padded = [cell.ljust(width) for cell, width in zip(row, widths)]
        line = "  ".join([paint(padded[0], colours[index] if colours else ""), *padded[1:]])
        click.echo(line.rstrip())


def print_text(text: str) -> None:
    """Print TEXT byte for byte, whatever the terminal's encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
