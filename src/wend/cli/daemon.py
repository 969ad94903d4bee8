"""`wend daemon`: start, stop or inspect the daemon."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

import click

from wend import client, fixes, paths
from wend.cli import output
from wend.cli.examples import examples
from wend.disk import Disk
from wend.errors import WendError
from wend.system import native
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_MAX_LOG = 1 << 20  # bytes; the daemon begins a new one much earlier

_EXAMPLES = examples(
    ("wend daemon status", "pid, version, age, memory, shells"),
    ("wend daemon restart", "when it does not answer"),
    ("wend daemon logs", "the end of its log"),
)


@click.group(no_args_is_help=False, epilog=_EXAMPLES)  # else its help would stand in the one line of an error
def command() -> None:
    """Start, stop or inspect the daemon. Shells start it by themselves."""


@command.command(epilog=examples(("wend daemon start", "what shells do by themselves")))
def start() -> None:
    """Start the daemon, if it is not running."""
    before = client.running(os.environ)
    pid = client.start(os.environ)
    click.echo(f"{'already running' if pid == before else 'started'}, pid {pid}")


@command.command(epilog=examples(("wend daemon stop", "shells keep what is active")))
def stop() -> None:
    """Stop the daemon. The next shell that has a question starts a new one."""
    click.echo("stopped" if client.stop(os.environ) else "not running")


@command.command(epilog=examples(("wend daemon restart", "when it does not answer")))
def restart() -> None:
    """Stop the daemon and start a new one."""
    client.stop(os.environ)
    click.echo(f"started, pid {client.start(os.environ)}")


@command.command(epilog=examples(("wend daemon status", "one line"), ("wend daemon status --json", "for a program")))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def status(as_json: bool) -> int:
    """Show pid, version, age, memory and shells of the daemon. Exit status 1 when it is not running."""
    daemon: Optional[documents.Daemon] = (client.ask(("status",), os.environ) or {}).get("daemon")
    if as_json:
        output.print_json(daemon) if daemon else click.echo("null")
    elif daemon:
        click.echo(output.daemon_text(daemon))
    else:
        why = client.hindrance(os.environ)
        click.echo(f"not running: {why}" if why else "not running")
    return 0 if daemon else 1


@command.command(epilog=examples(("wend daemon logs", "the last 50 lines"), ("wend daemon logs -n 5", "the last 5")))
@click.option(
    "--lines", "-n", default=50, show_default=True, type=click.IntRange(min=1), help="How many, from the end."
)
def logs(lines: int) -> None:
    """Show the end of the log."""
    path, disk = os.path.join(paths.state_dir(os.environ), "daemon.log"), Disk()
    text = disk.text(path, _MAX_LOG)
    if text is None and disk.lstat(path) is not None:
        raise WendError(f"{native(path)} cannot be read", fixes.aside(path))
    if text is None:
        raise WendError(f"{native(path)}: no log yet", "wend daemon start")
    for line in text.splitlines()[-lines:]:
        click.echo(visible(line))


@command.command(epilog=examples(("wend daemon run", "under a supervisor; Ctrl-C ends it")))
@click.argument("mailbox", required=False)
def run(mailbox: Optional[str]) -> int:
    """Run the daemon in the foreground, until it is stopped or idle."""
    from wend.daemon.lifecycle import run as serve

    return serve(mailbox or paths.mailbox_dir(os.environ), paths.state_dir(os.environ))
