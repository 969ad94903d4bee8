"""`wend python`: the interpreters of this machine, a project's version, and the interpreter that a directory gets."""

from __future__ import annotations

import os
from typing import Any, Optional

import click

from wend import client
from wend.cli import context, output
from wend.disk import Disk, files
from wend.engine import look
from wend.errors import WendError
from wend.kinds import pins
from wend.text import visible
from wend.workflow import tools
from wend.workflow.tools import Interpreter, order

_PIN = ".python-version"


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> Optional[int]:
    r"""List the interpreters of this machine, pin one, or find the one of a directory.

    \b
    Examples:
      wend python
      wend python pin 3.12
      wend exec -- $(wend python find) --version
    """
    return None if ctx.invoked_subcommand else _list(as_json=False)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def list_(as_json: bool) -> int:
    """List the interpreters: version, implementation, where each came from, and which projects pin it."""
    return _list(as_json=as_json)


def _list(*, as_json: bool) -> int:
    found = sorted(_interpreters(), key=lambda each: (order(each.version), each.source), reverse=True)
    default = next((each for each in _interpreters() if each.source == "path"), None)
    if as_json:
        output.print_json({"interpreters": [_document(each, default) for each in found]})
        return 0
    pinned = _pinned()
    rows = []
    for each in found:
        version = each.version + ("t" if each.threaded else "")
        projects = ", ".join(root for root, wanted in pinned if pins.satisfied(wanted, each.version))
        mark = "*" if each == default else ""
        rows.append((version or each.name, mark, each.implementation, each.source, each.path, projects))
    if not rows:
        raise WendError("no interpreter was found", "uv python install 3.13")
    output.table(rows, ["green" if row[1] else "" for row in rows])
    return 0


def _interpreters() -> tuple[Interpreter, ...]:
    env = context.nothing_at_all(context.without_wend())
    return tools.find(context.surroundings(env)).interpreters


def _document(each: Interpreter, default: Optional[Interpreter]) -> dict[str, Any]:
    return {
        "version": each.version + ("t" if each.threaded else ""),
        "implementation": each.implementation,
        "source": _source(each),
        "path": each.path,
        "default": each == default,
    }


def _source(each: Interpreter) -> str:
    """Return what EACH came from, as far as its place tells."""
    if each.source != "path":
        return each.source
    if "/Cellar/" in os.path.realpath(each.path):
        return "homebrew"
    return "system" if each.path.startswith("/usr/bin/") else "path"


def _pinned() -> list[tuple[str, pins.Wanted]]:
    """Return (project, version) for the projects that living shells are in and that pin a version."""
    try:
        shells = (client.ask(("shells",), os.environ) or {}).get("shells") or []
    except WendError:
        return []
    found = {}
    for shell in shells:
        directory = shell.get("dir") if isinstance(shell, dict) else None
        wanted = _pin_of(directory) if isinstance(directory, str) else None
        if wanted and isinstance(directory, str):
            found[directory] = wanted
    return list(found.items())


def _pin_of(directory: str) -> Optional[pins.Wanted]:
    text = Disk().text(os.path.join(directory, _PIN))
    return pins.parse(text.strip()) if text else None


@command.command()
@click.argument("version")
@click.argument("directory", required=False, metavar="[DIR]")
def pin(version: str, directory: Optional[str]) -> int:
    """Write VERSION to .python-version; say what to type when nothing installed matches."""
    wanted = pins.parse(version)
    if wanted is None:
        raise WendError(f"{visible(version)} is not a version of Python", "wend python pin 3.12", status=2)
    path = os.path.join(context.directory(directory), _PIN)
    try:
        files.replace(path, f"{version.strip()}\n".encode())
    except OSError as error:
        raise WendError(f"{path}: {error.strerror}") from error
    client.nudge(os.environ)
    click.echo(visible(f"{path}: {version}"))
    surroundings = context.surroundings(context.nothing_at_all(context.without_wend()))
    if pins.find(wanted, surroundings) is None and not any(
        pins.satisfied(wanted, each.version) for each in _interpreters()
    ):
        missing = pins.missing(version, surroundings)
        click.echo(visible(f"wend: {missing.reason}: {missing.fix}"), err=True)
    return 0


@command.command()
@click.argument("directory", required=False, metavar="[DIR]")
def find(directory: Optional[str]) -> int:
    """Print the interpreter that DIR gets."""
    path = context.directory(directory)
    view = look(context.situation(path, strip=context.nothing_active))
    if view.target is None:
        raise context.refusal(view, path)
    output.print_text(f"{view.target.python}\n")
    return 0
