"""`wend exec`: run a command in a directory's environment, in the caller's directory."""

from __future__ import annotations

import os
from typing import NoReturn, Optional

import click

from wend import fixes
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
        if "--" not in args and args and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise _without_dashes(args)
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_DASHES] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "--", "COMMAND..."]


def _without_dashes(args: list[str]) -> UsageError:
    """Return what is wrong with ARGS, which have no `--`: a directory alone, or a command perhaps behind one."""
    at = 1 if os.path.isdir(args[0]) else 0
    if at == len(args):
        return UsageError("no command", _USAGE)
    words = " ".join(map(fixes.word, (*args[:at], "--", *args[at:])))
    return UsageError("the command has no -- before it", f"wend exec {words}")


@click.command(cls=_Exec, epilog=_EXAMPLES)
@values.directory
@click.pass_context
def command(ctx: click.Context, directory: Optional[str]) -> NoReturn:
    """Run COMMAND in the environment of DIR. The current directory stays the same."""
    words: list[str] = ctx.meta[_DASHES]
    if not words:
        raise UsageError("no command", _USAGE)
    entering.execute(directory, words)
