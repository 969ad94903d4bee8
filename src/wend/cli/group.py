"""The command line as click knows it: `wend --help`, the names of the commands, mistakes in words, completion."""

from __future__ import annotations

import importlib
import os
from typing import Any, Optional

import click

from wend import __version__
from wend.cli import COMMANDS
from wend.errors import UsageError

_MODULES = {name: module for name, module, _ in COMMANDS}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        command = importlib.import_module(f"wend.cli.{_MODULES[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, _, text in COMMANDS])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="wend %(version)s")
def main() -> None:
    """Python environments that follow you: active inside the project, gone without a trace outside."""


def run(argv: list[str]) -> int:
    """Run the command in ARGV; return its exit status. WendError for a mistake in the words."""
    if "_WEND_COMPLETE" in os.environ:  # a completion script asks; click reads the words from the environment
        main.main([], prog_name="wend")
    try:
        result: Any = main.main(argv or ["--help"], prog_name="wend", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "wend"
        text = " ".join(error.format_message().split()).rstrip(".")
        raise UsageError(text[:1].lower() + text[1:], f"{path} --help") from None
    except click.Abort:
        return 130
    except click.exceptions.Exit as leave:
        return leave.exit_code
    status = result if isinstance(result, int) else 0
    return status if argv else 2
