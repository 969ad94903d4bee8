"""`wend on`: resume in the shell that this is typed in."""

from __future__ import annotations

import click

from wend.cli.context import tell_shell


@click.command()
def command() -> None:
    """Resume in this shell, from its next prompt on."""
    tell_shell("on")
