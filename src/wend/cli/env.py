"""`wend env`: the changes that entering a directory makes, for people, shells, programs and .env files."""

from __future__ import annotations

from typing import Optional

import click

from wend.cli import entering, values
from wend.cli.examples import examples
from wend.errors import UsageError
from wend.shells import SHELL_NAMES, SHELLS

_EXAMPLES = examples(
    ("wend env", "the changes as a table"),
    ('eval "$(wend env --shell bash)"', "make them in a script"),
    ("wend env ~/shop --dotenv > .env", "give them to another program"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--shell", type=click.Choice(SHELL_NAMES), help="Code for this shell, to eval.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--dotenv", is_flag=True, help="Lines for a .env file.")
@click.option("--script", type=click.Choice(tuple(SHELLS)), hidden=True)  # what shell/wend-scripts.sh evaluates
def command(directory: Optional[str], shell: Optional[str], as_json: bool, dotenv: bool, script: Optional[str]) -> int:
    """Show the changes that entering DIR makes. Needs no daemon and no hook."""
    if script:
        return entering.answer(script)
    if dotenv and (shell or as_json):
        raise UsageError("--dotenv goes with nothing else", "wend env --help")
    return entering.show(directory, shell, as_json=as_json, dotenv=dotenv)
