"""What a person sees while a command works: a spinner on a terminal, nothing elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wend.cli import output
from wend.text import visible


@contextmanager
def step(label: str) -> Iterator[None]:
    """Show LABEL on standard error while the block runs, and how long it took."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield
        return
    from rich.text import Text

    console = output.console(stderr=True)
    text = Text(visible(label))
    began = time.monotonic()
    sign = Text("✗ ", style="red")
    try:
        with console.status(text):
            yield
        sign = Text("✓ ", style="green")
    finally:
        console.print(sign + text + Text(f"  {time.monotonic() - began:.1f} s", style="dim"), soft_wrap=True)
