"""`wend status`: what is active in this shell, why, since when; and the daemon."""

from __future__ import annotations

import os
import time
from typing import Any, Optional

import click

from wend import client, engine
from wend import undo as undo_record
from wend.cli import common
from wend.errors import WendError
from wend.protocol import SHELL_ID
from wend.undo import Undo


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def command(as_json: bool) -> int:
    """Show what is active in this shell, why and since when; and the daemon."""
    ident = os.environ.get("WEND_SHELL", "")
    record = undo_record.load(os.environ.get("WEND_UNDO", ""))
    trouble = ""
    try:
        answer = client.ask(("status", ident) if SHELL_ID.fullmatch(ident) else ("status",), os.environ) or {}
    except WendError as error:
        answer, trouble = {}, error.line().removeprefix("wend: ")
    shell = _shell(ident, answer.get("shell"), record)
    daemon: Optional[dict[str, Any]] = answer.get("daemon")
    if as_json:
        common.print_json({"shell": shell, "daemon": daemon})
        return 0
    rows = [("shell", f"{shell['kind'] or 'shell'}, pid {shell['pid']}" if shell else "no hook in it")]
    env = shell["env"] if shell else None
    if env:
        rows.append(("active", f"{env['name']} ({env['kind']}){_ago(env['since'])}"))
        rows.append(("prefix", env["prefix"]))
        if env["python"]:
            rows.append(("python", " ".join(filter(None, (env["python"], env["python_version"])))))
        rows.append(("why", env["marker"] or "its marker is gone: it is left at the next prompt"))
    else:
        rows += [("active", "nothing"), ("why", _why_nothing(shell, record))]
    rows.append(("daemon", daemon_text(daemon) if daemon else trouble or "none runs"))
    common.table(rows, ["cyan"] * len(rows))
    return 0


def daemon_text(daemon: dict[str, Any]) -> str:
    """Return the daemon in one line for people."""
    shells = f"{daemon['shells']} shell{'' if daemon['shells'] == 1 else 's'}"
    memory = f"{daemon['rss_bytes'] / 1048576:.1f} MiB"
    return f"pid {daemon['pid']}, wend {daemon['version']}, up {_span(daemon['uptime_s'])}, {memory}, {shells}"


def _shell(ident: str, known: Optional[dict[str, Any]], record: Undo) -> Optional[dict[str, Any]]:
    """Return the shell's document. Its own record says what is active: the daemon may be new or gone."""
    if not SHELL_ID.fullmatch(ident):
        return None
    known = known or {}
    env = known.get("env")
    active = record.active
    if active is None:
        env = None
    elif env is None or env["prefix"] != active.prefix:
        env = {**_found(active.prefix, active.root), "kind": active.kind, "name": active.name, "since": None}
    return {
        "pid": int(ident.partition("-")[0]),
        "kind": known.get("kind") or None,
        "dir": known.get("dir") or common.here(),
        "env": env,
        "suspended": record.hold == "*",
    }


def _found(prefix: str, root: str) -> dict[str, Any]:
    """Return what the disk says of the environment at PREFIX."""
    nothing: dict[str, Any] = dict.fromkeys(("kind", "name", "prefix", "root", "marker", "python", "python_version"))
    if os.path.isabs(root):
        for candidate in engine.look(root, common.surroundings(common.without_wend())).candidates:
            if candidate.target and candidate.target.prefix == prefix:
                return dict(engine.summary(candidate.target))
    return {**nothing, "prefix": prefix, "root": root}


def _why_nothing(shell: Optional[dict[str, Any]], record: Undo) -> str:
    if shell is None:
        return "wend setup, then open a new terminal"
    if os.environ.get("WEND_DISABLE", "") not in ("", "0"):
        return "WEND_DISABLE is set"
    if record.hold == "*":
        return "wend off was typed: wend on"
    if record.hold:
        return f"deactivate was typed; it comes back after leaving {record.hold}"
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if record.hand and os.environ.get(name) == record.hand[0]:
            return f"{record.hand[0]} was activated by hand"
    path = common.here()
    view = engine.look(path, common.surroundings(common.without_wend()))
    if view.chosen:
        return f"{view.chosen.marker.path} comes at the next prompt"
    return common.refusal(view, path).line().removeprefix("wend: ")


def _ago(since: Optional[float]) -> str:
    if not since:
        return ""
    return f", since {time.strftime('%H:%M:%S', time.localtime(since))} ({_span(time.time() - since)})"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
