"""`wend status --watch`: the living shells and their environments, until Ctrl-C.

On a terminal a table that changes in place; elsewhere a line for each change, so that it can be piped. The daemon is
asked twice a second, which costs it a fraction of a millisecond; one that restarts is found again.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

import click

from wend import client
from wend.cli import output
from wend.errors import WendError
from wend.system import exists
from wend.text import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wend import documents

_PERIOD = 0.5  # seconds
_SLICE = 0.1  # seconds; Ctrl-Z waits as long at most
_PATIENCE = 1.0  # seconds; a daemon that is stopped answers later or never


class Shell(NamedTuple):
    """One living shell, in words."""

    pid: int
    kind: str
    env: str  # name of its environment, empty for none
    python: str
    since: float  # seconds since the epoch; 0: never
    dir: str


class Picture(NamedTuple):
    """The shells and the daemon at one moment."""

    shells: tuple[Shell, ...]
    daemon: Optional[documents.Daemon]
    trouble: str = ""


def watch() -> int:
    """Show the living shells until Ctrl-C; return the exit status."""
    try:
        _live() if output.on_terminal() else _lines()
    except KeyboardInterrupt:  # the way to end it
        pass
    return 0


def look() -> Picture:
    """Ask the daemon."""
    try:
        answer = client.ask(("shells",), os.environ, _PATIENCE) or {}
    except WendError as error:
        return Picture((), None, error.line().removeprefix("wend: "))
    daemon: Optional[documents.Daemon] = answer.get("daemon")
    return Picture(tuple(sorted(map(_shell, answer.get("shells") or ()))), daemon)


def completed(now: Picture, before: Picture) -> Picture:
    """Return what is seen NOW, with what was seen BEFORE of the shells that a new daemon does not know yet.

    A daemon that has just started knows a shell from its next prompt on; without a daemon the shells live on.
    """
    known = {shell.pid: shell for shell in before.shells}
    if now.daemon is None:
        return now._replace(shells=tuple(shell for shell in before.shells if exists(shell.pid)))
    return now._replace(shells=tuple(shell if shell.dir else known.get(shell.pid, shell) for shell in now.shells))


def _shell(document: dict[str, Any]) -> Shell:
    env = document["env"] or {}
    home = os.environ.get("HOME", "").rstrip("/")
    path: str = document["dir"]
    if home and f"{path}/".startswith(f"{home}/"):
        path = "~" + path[len(home) :]
    return Shell(
        pid=document["pid"],
        kind=document["kind"],
        env=env.get("name") or "",
        python=env.get("python_version") or "",
        since=float(env.get("since") or 0),
        dir=path,
    )


def _pictures(between: Callable[[], None] = lambda: None) -> Iterator[Picture]:
    """Yield a picture every _PERIOD; call BETWEEN more often."""
    picture = Picture((), None)
    while True:
        picture = completed(look(), picture)
        yield picture
        until = time.monotonic() + _PERIOD
        while time.monotonic() < until:
            between()
            time.sleep(_SLICE)


def _lines() -> None:
    """Print a line for each shell that comes, changes or goes."""
    before: dict[int, Shell] = {}
    told: Optional[bool] = None
    for picture in _pictures():
        reached = picture.daemon is not None
        if reached != told:
            _say(_daemon(picture))
            told = reached
        now = {shell.pid: shell for shell in picture.shells}
        for pid, shell in now.items():
            if shell.dir and before.get(pid) != shell:
                _say(f"{pid} {shell.kind}: {shell.env or 'nothing'} in {shell.dir}")
        for pid in before.keys() - now.keys():
            _say(f"{pid} {before[pid].kind}: ended")
        before = now
        if _reader_left():
            return


def _daemon(picture: Picture) -> str:
    if picture.daemon:
        return f"daemon: {output.daemon_text(picture.daemon)}"
    return f"daemon: {picture.trouble or 'not running; a shell that has a question starts it'}"


def _reader_left() -> bool:
    """Return whether the other end of the pipe is closed: without a change, nothing would be written to notice.

    Windows does not say.
    """
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _say(text: str) -> None:
    click.echo(visible(f"{time.strftime('%H:%M:%S')} {text}"))
    sys.stdout.flush()


def _live() -> None:
    from rich.live import Live

    live = Live(console=output.console(), auto_refresh=False, vertical_overflow="ellipsis")
    asked: list[int] = []  # to stop, by Ctrl-Z: obeyed between two tables, where nothing is half written

    def between() -> None:
        if asked:
            asked.clear()
            live.stop()  # with it the cursor comes back
            os.kill(os.getpid(), signal.SIGSTOP)
            live.start()

    handlers = {"SIGTERM": _end, "SIGHUP": _end, "SIGTSTP": lambda number, _: asked.append(number)}
    for name, handler in handlers.items():
        if hasattr(signal, name):  # Windows has the first
            signal.signal(getattr(signal, name), handler)
    with live:
        for picture in _pictures(between):
            live.update(render(picture), refresh=True)


def _end(number: int, frame: object) -> None:
    del frame
    sys.exit(128 + number)


def render(picture: Picture) -> RenderableType:
    """Return PICTURE as a table for people."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for title in ("SHELL", "PID", "ENVIRONMENT", "PYTHON", "SINCE"):
        table.add_column(title, no_wrap=True)
    table.add_column("DIRECTORY", overflow="fold")
    own = os.environ.get("WEND_SHELL", "").partition("-")[0]
    for shell in picture.shells:
        table.add_row(
            Text(f"{visible(shell.kind)}{' (this)' if str(shell.pid) == own else ''}"),
            Text(str(shell.pid), style="dim"),
            Text(visible(shell.env), style="green") if shell.env else Text("-", style="dim"),
            Text(visible(shell.python)),
            Text(output.span(time.time() - shell.since) if shell.since else "", style="dim"),
            Text(visible(shell.dir)) if shell.dir else Text("known at its next prompt", style="dim"),
        )
    daemon = Text(visible(_daemon(picture)), style="dim" if picture.daemon else "yellow")
    return Group(table, daemon, Text("Ctrl-C ends this.", style="dim"))
