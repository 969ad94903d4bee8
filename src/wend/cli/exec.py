"""`wend exec`: run a command in a directory's environment, in the caller's directory."""

from __future__ import annotations

from typing import NoReturn, Optional

import click

from wend.cli import entering, values
from wend.cli.examples import examples
from wend.errors import UsageError

_USAGE = "wend exec [DIR] -- COMMAND..."
_DASHES = "wend.exec.words"

_EXAMPLES = examples(
    ("wend exec -- pytest", "in the environment of this directory"),
    ("wend exec ~/shop -- python -V", "in the environment of another one"),
)


class _Exec(click.Command):
    """Only `--` tells DIR from COMMAND, so the line is divided there before click drops it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_DASHES] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "--", "COMMAND..."]


@click.command(cls=_Exec, epilog=_EXAMPLES)
@values.directory
@click.pass_context
def command(ctx: click.Context, directory: Optional[str]) -> NoReturn:
    """Run COMMAND in the environment of DIR. The current directory stays the same."""
    words: list[str] = ctx.meta[_DASHES]
    if not words:
        raise UsageError("no command", _USAGE)
    entering.execute(directory, words)
