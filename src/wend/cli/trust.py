"""`wend trust`: the decisions on trust."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Optional

import click

from wend import client
from wend.cli import context, directories, output, values
from wend.cli.examples import examples
from wend.errors import WendError
from wend.system import native
from wend.trust import decisions

if TYPE_CHECKING:
    from wend import documents

_EXAMPLES = examples(
    ("wend trust", "list what you trusted and refused"),
    ("wend trust --forget ~/shop", "be asked again about that project"),
)


@click.command(epilog=_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--forget", metavar="DIR", shell_complete=values.decided, help="Forget the decision on DIR.")
def command(as_json: bool, forget: Optional[str]) -> None:
    """List what was trusted and refused."""
    env = context.without_wend()
    if forget is not None:
        if not decisions.forget(os.path.join(directories.here(), forget), env):
            raise WendError(f"nothing was decided on {forget}", "wend trust")
        client.nudge(os.environ)
    known = decisions.decisions(env)
    if as_json:
        document: documents.Trust = {
            "decisions": [
                {
                    "dir": native(each.dir),
                    "decision": each.decision,
                    "recursive": each.recursive,
                    "since": each.since,
                    "identity": each.identity,
                }
                for each in known
            ]
        }
        output.print_json(document)
    elif known:
        output.table(
            [
                (
                    each.decision,
                    native(each.dir) + (f"{os.sep}**" if each.recursive else ""),
                    time.strftime("%Y-%m-%d", time.localtime(each.since)),
                )
                for each in known
            ],
            ["green" if each.decision == "allow" else "red" for each in known],
        )
    else:
        click.echo("no decisions yet")
