"""`wend off`: keep hands off in the shell that this is typed in."""

from __future__ import annotations

import click

from wend.cli.context import tell_shell


@click.command()
def command() -> None:
    """Keep hands off in this shell, from its next prompt on: nothing is activated, what is active is left."""
    tell_shell("off")
