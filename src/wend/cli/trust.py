"""`wend trust`: the decisions on trust."""

from __future__ import annotations

import os
import time

import click

from wend.cli import common
from wend.trust import decisions


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def command(as_json: bool) -> None:
    """List what was trusted and refused."""
    known = decisions.decisions(common.without_wend())
    if as_json:
        common.print_json({"decisions": [each._asdict() for each in known]})
    elif known:
        common.table(
            [
                (
                    each.decision,
                    each.dir + (f"{os.sep}**" if each.recursive else ""),
                    time.strftime("%Y-%m-%d", time.localtime(each.since)),
                )
                for each in known
            ],
            ["green" if each.decision == "allow" else "red" for each in known],
        )
    else:
        click.echo("no decisions yet")
