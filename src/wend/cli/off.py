"""`wend off`: stop wend in the shell in which this is typed."""

from __future__ import annotations

import click

from wend.cli.context import tell_shell
from wend.cli.examples import examples

_EXAMPLES = examples(
    ("wend off", "nothing is activated in this shell until wend on"),
)


@click.command(epilog=_EXAMPLES)
def command() -> None:
    """Stop wend in this shell from its next prompt on: leave the active environment, and activate nothing."""
    tell_shell("off")
