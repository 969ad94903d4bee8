"""`wend setup`: install the hooks and a marked block in each shell's start-up file, or remove all of it."""

from __future__ import annotations

import os

import click

from wend import client, setup
from wend.cli.examples import examples
from wend.shells import ALIASES, SHELL_NAMES
from wend.system import native
from wend.text import visible

_EXAMPLES = examples(
    ("wend setup --dry-run", "say which files would change"),
    ("wend setup --shell zsh", "one shell"),
    ("wend setup --remove", "remove everything again"),
)


@click.command(epilog=_EXAMPLES)
@click.option(
    "--shell",
    "shells",
    multiple=True,
    type=click.Choice(SHELL_NAMES),
    help="Only this shell; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--remove", is_flag=True, help="Remove everything that setup installed.")
@click.option("--no-rc", is_flag=True, help="Leave the shells' start-up files alone.")
def command(shells: tuple[str, ...], dry_run: bool, remove: bool, no_rc: bool) -> int:
    """Install hooks, completions and the manual page, for the shells on this machine or for those named."""
    chosen = tuple(dict.fromkeys(ALIASES.get(shell, shell) for shell in shells))
    changes = (
        setup.removal(os.environ, chosen, rc=not no_rc) if remove else setup.plan(os.environ, chosen, rc=not no_rc)
    )
    for change in changes:
        if not dry_run:
            setup.make(change)
        click.echo(visible(f"{'would be ' if dry_run else ''}{change.what:8}  {native(change.path)}"))
    if not changes:
        click.echo("nothing to change")
    if dry_run:
        return 0
    if remove and not chosen:
        if client.stop(os.environ):
            click.echo("daemon stopped")
        setup.sweep(os.environ)
    elif changes and not no_rc:
        click.echo("Shells that are open already stay as they are: open a new terminal.")
    return 0
