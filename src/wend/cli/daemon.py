"""`wend daemon`: start, stop and look at the daemon."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

import click

from wend import client, paths
from wend.cli import output
from wend.cli.status import daemon_text
from wend.errors import WendError
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents


@click.group(no_args_is_help=False)  # else its help would stand in the one line of an error
def command() -> None:
    """Start, stop and look at the daemon. Shells start it by themselves."""


@command.command()
def start() -> None:
    """Start it, if it is not running."""
    before = client.running(os.environ)
    pid = client.start(os.environ)
    click.echo(f"{'already running' if before else 'started'}, pid {pid}")


@command.command()
def stop() -> None:
    """End it. The next shell that has a question starts it again."""
    click.echo("stopped" if client.stop(os.environ) else "not running")


@command.command()
def restart() -> None:
    """End it and start a new one."""
    client.stop(os.environ)
    click.echo(f"started, pid {client.start(os.environ)}")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def status(as_json: bool) -> int:
    """Show it: pid, version, age, memory, shells. Exit status 1 when it is not running."""
    daemon: Optional[documents.Daemon] = (client.ask(("status",), os.environ) or {}).get("daemon")
    if as_json:
        output.print_json(daemon) if daemon else click.echo("null")
    elif daemon:
        click.echo(daemon_text(daemon))
    else:
        click.echo("not running")
    return 0 if daemon else 1


@command.command()
@click.option(
    "--lines", "-n", default=50, show_default=True, type=click.IntRange(min=1), help="How many, from the end."
)
def logs(lines: int) -> None:
    """Show the end of its log."""
    path = os.path.join(paths.state_dir(os.environ), "daemon.log")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read().splitlines()
    except FileNotFoundError as error:
        raise WendError(f"{path}: no log yet", "wend daemon start") from error
    for line in text[-lines:]:
        click.echo(visible(line))


@command.command()
@click.argument("mailbox", required=False)
def run(mailbox: Optional[str]) -> int:
    """Serve in the foreground, until stopped or idle."""
    from wend.daemon.lifecycle import run as serve

    return serve(mailbox or paths.mailbox_dir(os.environ), paths.state_dir(os.environ))
