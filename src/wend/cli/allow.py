"""`wend allow`: trust a project directory."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend import client
from wend.cli import context, directories, values
from wend.cli.examples import examples
from wend.engine import outcome
from wend.text import visible
from wend.trust import decisions

_EXAMPLES = examples(
    ("wend allow", "trust the project that you are in"),
    ("wend allow ~/code/shop", "trust that project"),
    ("wend allow --recursive ~/work", "trust everything below a directory"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--recursive", is_flag=True, help="Trust everything below it too.")
def command(directory: Optional[str], recursive: bool) -> int:
    """Trust the project whose environment is refused in DIR, else DIR itself."""
    path = directories.directory(directory)
    env = context.without_wend()
    blocked = context.view(path).blocked
    project = os.path.realpath(blocked.marker.dir if blocked else path)
    decisions.allow(project, recursive, env)
    client.nudge(os.environ)
    click.echo(visible(f"trusted: {project}{' and everything below it' if recursive else ''}"))
    view = context.view(path)
    if view.blocked:  # another user's, or open to others: no decision changes that
        raise outcome.refusal(view, path, context.surroundings(env))
    return 0
