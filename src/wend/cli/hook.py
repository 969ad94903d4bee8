"""`wend hook`: the text of a shell's hook, for `eval "$(wend hook bash)"`."""

from __future__ import annotations

import os

import click

from wend import setup
from wend.cli import output
from wend.cli.examples import examples
from wend.shells import ALIASES, SHELL_NAMES, hooks

_EXAMPLES = examples(
    ('eval "$(wend hook bash)"', "in ~/.bashrc, where wend setup is not wanted"),
    ("wend hook fish | source", "in config.fish"),
)


@click.command(epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(SHELL_NAMES))
def command(shell: str) -> None:
    """Print the hook for SHELL."""
    output.print_text(hooks.text(ALIASES.get(shell, shell), setup.program(os.environ)))
