"""`wend on`: resume wend in the shell in which this is typed."""

from __future__ import annotations

import click

from wend.cli.context import tell_shell
from wend.cli.examples import examples

_EXAMPLES = examples(
    ("wend on", "resume after wend off"),
)


@click.command(epilog=_EXAMPLES)
def command() -> None:
    """Resume wend in this shell from its next prompt on."""
    tell_shell("on")
