"""`wend exec`: run a command in a directory's environment, in the caller's directory."""

from __future__ import annotations

from typing import Any, Optional

import click

from wend.cli import entering
from wend.errors import UsageError

_USAGE = "wend exec [DIR] -- COMMAND..."
_DASHES = "wend.exec.words"


class _Exec(click.Command):
    """Only `--` tells DIR from COMMAND, so the line is divided there before click drops it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_DASHES] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "--", "COMMAND..."]


@click.command(cls=_Exec)
@click.argument("directory", required=False, metavar="[DIR]")
@click.pass_context
def command(ctx: click.Context, directory: Optional[str]) -> Any:
    """Run COMMAND in DIR's environment, in the directory where you are."""
    words: list[str] = ctx.meta[_DASHES]
    if not words:
        raise UsageError("no command", _USAGE)
    return entering.execute(directory, words)
