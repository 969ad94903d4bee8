"""`wend status`: what is active in this shell, why, since when; and the daemon."""

from __future__ import annotations

import os
import time
from typing import Any, Optional

import click

from wend import client
from wend import record as records
from wend.cli import context, output
from wend.engine import summary
from wend.errors import WendError
from wend.model import Note
from wend.protocol import SHELL_ID
from wend.record import EVERYWHERE, Record


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def command(as_json: bool) -> int:
    """Show what is active in this shell, why and since when; and the daemon."""
    ident = os.environ.get("WEND_SHELL", "")
    record = records.load(os.environ.get("WEND_UNDO", ""))
    trouble = ""
    try:
        answer = client.ask(("status", ident) if SHELL_ID.fullmatch(ident) else ("status",), os.environ) or {}
    except WendError as error:
        answer, trouble = {}, error.line().removeprefix("wend: ")
    shell = _shell(ident, answer.get("shell"), record)
    daemon: Optional[dict[str, Any]] = answer.get("daemon")
    if as_json:
        output.print_json({"shell": shell, "daemon": daemon})
        return 0
    rows = [("shell", f"{shell['kind'] or 'shell'}, pid {shell['pid']}" if shell else "no hook in it")]
    env = shell["env"] if shell else None
    if env:
        rows.append(("active", f"{env['name']} ({env['kind']}){_ago(env['since'])}"))
        rows.append(("prefix", env["prefix"]))
        if env["python"]:
            rows.append(("python", " ".join(filter(None, (env["python"], env["python_version"])))))
    else:
        rows.append(("active", "nothing"))
    rows.append(("why", shell["reason"] if shell else "wend setup, then open a new terminal"))
    if shell and env:
        rows += [("note", f"{note.text}: {note.fix}") for note in _notes(shell["dir"], env["prefix"])]
    rows.append(("daemon", daemon_text(daemon) if daemon else trouble or "not running"))
    output.table(rows, ["cyan"] * len(rows))
    return 0


def daemon_text(daemon: dict[str, Any]) -> str:
    """Return the daemon in one line for people."""
    shells = f"{daemon['shells']} shell{'' if daemon['shells'] == 1 else 's'}"
    memory = f"{daemon['rss_bytes'] / 1048576:.1f} MiB"
    return f"pid {daemon['pid']}, wend {daemon['version']}, up {_span(daemon['uptime_s'])}, {memory}, {shells}"


def _shell(ident: str, known: Optional[dict[str, Any]], record: Record) -> Optional[dict[str, Any]]:
    """Return the shell's document. Its own record says what is active: the daemon may be new or gone."""
    if not SHELL_ID.fullmatch(ident):
        return None
    known = known or {}
    env = known.get("env")
    active = record.undo.active
    if active is None:
        env = None
    elif env is None or env["prefix"] != active.prefix:
        env = {**_found(active.prefix, active.root), "kind": active.kind, "name": active.name, "since": None}
    path = known.get("dir") or context.here()
    rule, reason = _why(path)
    return {
        "pid": int(ident.partition("-")[0]),
        "kind": known.get("kind") or None,
        "dir": path,
        "env": env,
        "suspended": record.intent.kept_off == EVERYWHERE,
        "decided_by": rule,
        "reason": reason,
    }


def _found(prefix: str, root: str) -> dict[str, Any]:
    """Return what the disk says of the environment at PREFIX."""
    nothing: dict[str, Any] = dict.fromkeys(("kind", "name", "prefix", "root", "marker", "python", "python_version"))
    if os.path.isabs(root):
        for candidate in context.view(root, everything=True).candidates:
            if candidate.target and candidate.target.prefix == prefix:
                return dict(summary(candidate.target))
    return {**nothing, "prefix": prefix, "root": root}


def _why(path: str) -> tuple[str, str]:
    """Return the rule that decides for this shell in PATH, and its sentence."""
    decision = context.ask(path).decision
    return decision.rule, decision.reason


def _notes(path: str, prefix: str) -> tuple[Note, ...]:
    """Return what is known of the environment PREFIX, which the shell in PATH has."""
    target = context.view(path).target
    return target.notes if target and target.prefix == prefix else ()


def _ago(since: Optional[float]) -> str:
    if not since:
        return ""
    return f", since {time.strftime('%H:%M:%S', time.localtime(since))} ({_span(time.time() - since)})"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
