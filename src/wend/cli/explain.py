"""`wend explain`: every candidate in order of precedence, with the verdict on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

import click

from wend.cli import context, directories, output, values
from wend.cli.examples import examples
from wend.engine.summary import summary
from wend.kinds import owners
from wend.model import Candidate
from wend.system import native
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_SHOWN = 3  # places that were looked in
COLOURS = {"chosen": "green", "untrusted": "yellow", "broken": "red", "unavailable": "red", "shadowed": ""}

_EXAMPLES = examples(
    ("wend explain", "why this environment, or why none"),
    ("wend explain ~/shop --json", "the same for a program"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def command(directory: Optional[str], as_json: bool) -> int:
    """Show every environment seen from DIR in order, and why each was chosen or not."""
    path = directories.directory(directory)
    situation, view, decision = context.ask(path, everything=True)
    target = view.chosen.target if view.chosen else None
    if as_json:
        document: documents.Explain = {
            "dir": native(path),
            "chosen": summary(target) if target else None,
            "candidates": [
                {
                    "kind": each.kind,
                    "marker": native(each.marker.path),
                    "dir": native(each.marker.dir),
                    "status": each.status,
                    "reason": reason(each),
                    "fix": directories.typed_here(each.fix, each.marker.dir),
                }
                for each in view.candidates
            ],
            "decided_by": decision.rule,
            "reason": decision.reason,
        }
        output.print_json(document)
        return 0
    if view.candidates:
        output.table(
            [
                (
                    each.status,
                    each.kind,
                    native(each.marker.path),
                    ": ".join(filter(None, (reason(each), directories.typed_here(each.fix, each.marker.dir)))),
                )
                for each in view.candidates
            ],
            [COLOURS[each.status] for each in view.candidates],
        )
    else:
        fix = owners.recognised(path, situation.context)[1]
        click.echo(
            visible(f"no environment is seen from {native(path)}{fix and ': '}{directories.typed_here(fix, path)}")
        )
    if decision.rule != "project":  # in another shell there, the candidates alone would decide
        click.echo(visible(f"not used in this shell: {decision.rule}: {decision.reason}"))
    return 0


def reason(candidate: Candidate) -> str:
    """Return what names the environment of CANDIDATE, and why that has the status that it has."""
    said = looked = ""
    if candidate.problem:
        said, looked = candidate.problem.said, _looked(candidate.problem.looked)
    elif candidate.target:
        said = candidate.target.said or f"{os.path.basename(candidate.marker.path)} names it"
    return "; ".join(filter(None, (visible(said), candidate.reason))) + visible(looked)


def _looked(places: tuple[str, ...]) -> str:
    """Return where a version was looked for: the PLACES that exist, else the first, which its tool would make."""
    if not places:
        return ""
    there = [native(place) for place in places if os.path.isdir(place)] or [native(places[0])]
    shown = there[:_SHOWN] + ["PATH"] * (places[-1] == "PATH")
    more = f" and {len(there) - _SHOWN} more places" if len(there) > _SHOWN else ""
    return f" (not in {', '.join(shown)}{more})"
