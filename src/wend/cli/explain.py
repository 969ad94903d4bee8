"""`wend explain`: every candidate in order of precedence, with the verdict on it."""

from __future__ import annotations

from typing import Optional

import click

from wend import engine
from wend.cli import common
from wend.model import Candidate
from wend.text import visible

COLOURS = {"chosen": "green", "untrusted": "yellow", "broken": "red", "unavailable": "red", "shadowed": ""}


@click.command()
@click.argument("directory", required=False, metavar="[DIR]")
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def command(directory: Optional[str], as_json: bool) -> int:
    """Show every environment seen from DIR in order, and why each was chosen or not."""
    path = common.directory(directory)
    view = engine.look(path, common.surroundings(common.without_wend()))
    target = view.chosen.target if view.chosen else None
    if as_json:
        common.print_json(
            {
                "dir": path,
                "chosen": engine.summary(target) if target else None,
                "candidates": [
                    {
                        "kind": _kind(each),
                        "marker": each.marker.path,
                        "dir": each.marker.dir,
                        "status": each.status,
                        "reason": reason(each),
                        "fix": each.fix,
                    }
                    for each in view.candidates
                ],
            }
        )
    elif view.candidates:
        common.table(
            [
                (
                    each.status,
                    _kind(each),
                    each.marker.path,
                    ": ".join(filter(None, (reason(each), each.fix))),
                )
                for each in view.candidates
            ],
            [COLOURS[each.status] for each in view.candidates],
        )
    else:
        click.echo(visible(f"no environment is seen from {path}"))
    return 0


def reason(candidate: Candidate) -> str:
    """Return why CANDIDATE has the status that it has."""
    return candidate.reason or ("first usable one, nearest directory first" if candidate.status == "chosen" else "")


def _kind(candidate: Candidate) -> str:
    return candidate.target.kind if candidate.target else candidate.marker.kind
