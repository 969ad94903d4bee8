"""The command line as click knows it: `wend --help`, the names of the commands, mistakes in words, completion."""

from __future__ import annotations

import difflib
import importlib
import os
from typing import Any, Optional

import click

from wend import __version__
from wend.cli import COMMANDS
from wend.cli.examples import examples
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[Optional[str], Optional[click.Command], list[str]]:
        """Suggest what may be meant: click does so for commands that it holds itself."""
        name = args[0]
        if name not in _MODULES and name[:1] != "-" and not ctx.resilient_parsing:
            close = difflib.get_close_matches(name, _MODULES, 1)
            meant = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{name}'.{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, _, text in COMMANDS])


_EXAMPLES = examples(
    ("wend status", "what is active here, and why"),
    ("wend create", "make this project's environment"),
    ("wend allow", "trust the project that you are in"),
    ("wend COMMAND --help", "options and examples of a command"),
)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLES)
@click.version_option(__version__, message="wend %(version)s")
def main() -> None:
    """Activate a project's Python environment on cd, and restore the shell exactly on leaving."""


def run(argv: list[str]) -> int:
    """Run the command in ARGV; return its exit status. WendError for a mistake in the words."""
    if "_WEND_COMPLETE" in os.environ and not argv:  # a shell's completions ask
        from wend.cli import completing, output

        output.print_text(completing.answer(main, os.environ["_WEND_COMPLETE"]))
        return 0
    try:
        result: Any = main.main(argv or ["--help"], prog_name="wend", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else _named(argv)
        text = " ".join(error.format_message().split()).rstrip(".")
        raise UsageError(text[:1].lower() + text[1:], f"{path} --help") from None
    except click.Abort:
        return 130
    except click.exceptions.Exit as leave:
        return leave.exit_code
    status = result if isinstance(result, int) else 0
    return status if argv else 2


def _named(argv: list[str]) -> str:
    """Return the command that ARGV begins with, as it is typed: click does not say it where an option has no value."""
    command: Optional[click.Command] = main
    path = ["wend"]
    for word in argv:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if command is None:
            break
        path.append(word)
    return " ".join(path)
