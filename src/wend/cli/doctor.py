"""`wend doctor`: what may be wrong, and what to type."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend import client, doctor
from wend.cli import context, output, values
from wend.cli.examples import examples
from wend.doctor.finding import ERROR, OK
from wend.engine import look
from wend.errors import WendError
from wend.text import visible

_COLOURS = {"ok": "green", "info": "", "warning": "yellow", "error": "red"}


@click.command(epilog=examples(("wend doctor", ""), ("wend doctor --fix", "")))
@values.directory
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--fix", "fix", is_flag=True, help="Do what is safe: start-up files, .gitignore.")
def command(directory: Optional[str], as_json: bool, fix: bool) -> int:
    """Look for what is wrong with wend, this shell and the project in DIR. Exit status 1 if a finding is an error."""
    case = _case(context.directory(directory))
    findings = doctor.examine(case)
    if fix:
        for finding in findings:
            if finding.repair:
                finding.repair()
                click.echo(visible(f"fixed: {finding.text}"), err=True)
        findings = doctor.examine(_case(context.directory(directory)))
    if as_json:
        rows = [{"id": each.id, "level": each.level, "text": each.text, "fix": each.fix} for each in findings]
        output.print_json({"findings": rows})
    else:
        told = [each for each in findings if each.level != OK] or findings
        output.table(
            [(each.level, each.id, ": ".join(filter(None, (each.text, each.fix)))) for each in told],
            [_COLOURS[each.level] for each in told],
        )
    return 1 if any(each.level == ERROR for each in findings) else 0


def _case(path: str) -> doctor.Case:
    situation = context.situation(path)
    daemon, trouble = None, ""
    try:
        daemon = (client.ask(("status",), os.environ) or {}).get("daemon")
    except WendError as error:
        trouble = error.what
    return doctor.Case(dict(os.environ), situation, look(situation), daemon, trouble)
