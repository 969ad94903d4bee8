"""`wend deny`: refuse a project directory."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend import client
from wend.cli import context, directories, values
from wend.cli.examples import examples
from wend.text import visible
from wend.trust import decisions

_EXAMPLES = examples(
    ("wend deny", "refuse the project that you are in"),
    ("wend deny ~/downloads", "refuse everything below a directory"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
def command(directory: Optional[str]) -> None:
    """Refuse DIR and everything below it; without DIR, the project that you are in."""
    path = directories.directory(directory)
    env = context.without_wend()
    if directory is None:
        view = context.view(path)
        nearest = view.chosen or view.blocked
        path = nearest.marker.dir if nearest else path
    project = os.path.realpath(path)
    decisions.deny(project, env)
    client.nudge(os.environ)
    click.echo(visible(f"refused: {project}"))
