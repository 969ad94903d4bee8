"""`wend allow`: trust a project directory."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend import client, engine
from wend.cli import common
from wend.text import visible
from wend.trust import decisions


@click.command()
@click.argument("directory", required=False, metavar="[DIR]")
@click.option("--recursive", is_flag=True, help="Trust everything below it too.")
def command(directory: Optional[str], recursive: bool) -> int:
    """Trust the project whose environment is refused in DIR, else DIR itself."""
    path = common.directory(directory)
    env = common.without_wend()
    blocked = engine.look(path, common.surroundings(env)).blocked
    project = os.path.realpath(blocked.marker.dir if blocked else path)
    decisions.allow(project, recursive, env)
    client.nudge(os.environ)
    click.echo(visible(f"trusted: {project}{' and everything below it' if recursive else ''}"))
    view = engine.look(path, common.surroundings(env))
    if view.blocked:  # another's, or open to others: no decision mends that
        raise common.refusal(view, path)
    return 0
