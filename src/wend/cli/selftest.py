"""`wend selftest`: every shell found, driven through enter, switch, leave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from wend import selftest
from wend.cli import output
from wend.cli.examples import examples
from wend.shells import ALIASES, SHELL_NAMES

if TYPE_CHECKING:
    from wend import documents

_COLOURS = {"ok": "green", "failed": "red", "skipped": "yellow"}

_EXAMPLES = examples(
    ("wend selftest", "test every shell on this machine"),
    ("wend selftest --shell zsh", "test one shell"),
)


@click.command(epilog=_EXAMPLES)
@click.option(
    "--shell", "shells", multiple=True, type=click.Choice(SHELL_NAMES), help="Only this shell; may be repeated."
)
@click.option("--no-rc", is_flag=True, help="Do not check whether your start-up files load the hooks.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def command(shells: tuple[str, ...], no_rc: bool, as_json: bool) -> int:
    """Test every shell on this machine: enter, switch and leave scratch projects with the real hooks."""
    results = selftest.run(os.environ, tuple(ALIASES.get(shell, shell) for shell in shells), rc=not no_rc)
    if as_json:
        document: documents.Selftest = {"shells": [_document(result) for result in results]}
        output.print_json(document)
    else:
        output.table(
            [(result.status, result.shell, _detail(result)) for result in results],
            [_COLOURS[result.status] for result in results],
        )
    return 1 if any(result.status == "failed" for result in results) else 0


def _document(result: selftest.Result) -> documents.Tested:
    return {
        "shell": result.shell,
        "status": result.status,
        "reason": result.reason,
        "steps": [{"name": step.name, "ok": step.ok, "ms": step.ms} for step in result.steps],
        "startup_file": result.startup_file,
    }


def _detail(result: selftest.Result) -> str:
    if result.status != "ok":
        return result.reason
    parts = [f"{step.name} {step.ms:.0f} ms" for step in result.steps]
    parts += [f"loaded by {result.startup_file}"] if result.startup_file else []
    return ", ".join([*parts, *filter(None, [result.reason])])
