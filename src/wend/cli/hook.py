"""`wend hook`: the text of a shell's hook, for `eval "$(wend hook bash)"`."""

from __future__ import annotations

import os

import click

from wend import setup
from wend.cli import common
from wend.render import ALIASES


@click.command()
@click.argument("shell", type=click.Choice(common.SHELL_NAMES))
def command(shell: str) -> None:
    """Print the hook for SHELL."""
    common.print_text(setup.hook_text(ALIASES.get(shell, shell), setup.program(os.environ)))
