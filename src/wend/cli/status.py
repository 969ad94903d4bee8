"""`wend status`: what is active in this shell, why, since when; and the daemon."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Optional

import click

from wend import client
from wend.cli import context, directories, output, this_shell
from wend.cli.examples import examples
from wend.engine.summary import summary
from wend.errors import UsageError, WendError
from wend.protocol import SHELL_ID
from wend.record import EVERYWHERE, Active
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_EXAMPLES = examples(
    ("wend status", "what is active in this shell, why and since when"),
    ("wend status --watch", "every living shell and its environment, until Ctrl-C"),
    ("wend status --json", "for a program"),
)


@click.command(epilog=_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--watch", "watched", is_flag=True, help="Show every living shell, updated until Ctrl-C.")
def command(as_json: bool, watched: bool) -> int:
    """Show what is active in this shell, why and since when; and the daemon."""
    if as_json and watched:
        raise UsageError("--json and --watch exclude each other", "wend status --help")
    if watched:
        from wend.cli import watch

        return watch.watch()
    ident = os.environ.get("WEND_SHELL", "")
    trouble = ""
    try:
        answer = client.ask(("status", ident) if SHELL_ID.fullmatch(ident) else ("status",), os.environ) or {}
    except WendError as error:
        answer, trouble = {}, error.line().removeprefix("wend: ")
    if not answer and not trouble:
        trouble = client.hindrance(os.environ)
    known = answer.get("shell") or {}
    asked = context.ask(known.get("dir") or directories.here()) if SHELL_ID.fullmatch(ident) else None
    shell = _shell(ident, known, asked) if asked else None
    daemon: Optional[documents.Daemon] = answer.get("daemon")
    if as_json:
        document: documents.ShellStatus = {"shell": shell, "daemon": daemon}
        output.print_json(document)
        return 0
    rows = [("shell", _shell_text(shell))]
    env = shell["env"] if shell else None
    if env:
        rows.append(("active", f"{env['name']} ({env['kind']}){_ago(env['since'])}"))
        rows.append(("prefix", env["prefix"]))
        if env["python"]:
            rows.append(("python", " ".join(filter(None, (env["python"], env["python_version"])))))
    else:
        rows.append(("active", "nothing"))
    if shell:
        rows.append(("why", shell["reason"]))
    if asked and shell:
        rows += [("next", line) for line in (this_shell.due(ident, answer, asked),) if line]
    target = asked.view.target if asked else None
    if env and target and target.prefix == env["prefix"]:
        typed = [(note.text, directories.typed_here(note.fix, target.root)) for note in target.notes]
        rows += [("note", ": ".join(filter(None, each))) for each in typed]
    rows.append(("daemon", output.daemon_text(daemon) if daemon else trouble or "not running"))
    if output.on_terminal():
        _show(rows, active=bool(env))
    else:
        output.table(rows)
    return 0


def _show(rows: list[tuple[str, str]], *, active: bool) -> None:
    """Print ROWS for a person: in a frame that is green while an environment is ACTIVE."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    colour = "green" if active else "yellow"
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, Text(visible(value), style=f"bold {colour}" if name == "active" else ""))
    output.console().print(Panel(grid, expand=False, border_style=colour, padding=(0, 1)))


def _shell_text(shell: Optional[documents.Shell]) -> str:
    """Return the SHELL for people; None: it has no hook."""
    if shell:
        kind = f"{shell['kind']}, " if shell["kind"] else ""  # a shell does not say it; the daemon remembers
        return f"{kind}pid {shell['pid']}, in {shell['dir']}"
    from wend.setup import missing_hook  # takes time, and is rarely needed

    return f"no hook in it: {missing_hook.fix(os.environ)}"


def _shell(ident: str, known: dict[str, Any], asked: context.Asked) -> documents.Shell:
    """Return the shell's document. Its own record says what is active: the daemon may be new or gone."""
    env: Optional[documents.Active] = known.get("env")
    record = asked.situation.remembered
    active = record.undo.active
    if active is None:
        env = None
    elif env is None or env["prefix"] != active.prefix:
        env = {**_found(active), "kind": active.kind, "name": active.name, "since": None}
    return {
        "pid": int(ident.partition("-")[0]),
        "kind": known.get("kind") or None,
        "dir": asked.situation.request.cwd,
        "env": env,
        "suspended": record.intent.kept_off == EVERYWHERE,
        "decided_by": asked.decision.rule,
        "reason": asked.decision.reason,
    }


def _found(active: Active) -> documents.Environment:
    """Return what the disk says of the environment ACTIVE; else what the record does."""
    if os.path.isabs(active.root):
        for candidate in context.view(active.root, everything=True).candidates:
            if candidate.target and candidate.target.prefix == active.prefix:
                return summary(candidate.target)
    return {
        "kind": active.kind,
        "name": active.name,
        "prefix": active.prefix,
        "root": active.root,
        "marker": None,
        "python": None,
        "python_version": None,
    }


def _ago(since: Optional[float]) -> str:
    if not since:
        return ""
    return f", since {time.strftime('%H:%M:%S', time.localtime(since))} ({output.span(time.time() - since)})"
