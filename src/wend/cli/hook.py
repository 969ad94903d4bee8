"""`wend hook`: the text of a shell's hook, for `eval "$(wend hook bash)"`."""

from __future__ import annotations

import os

import click

from wend import launcher
from wend.cli import output, quick
from wend.cli.examples import examples
from wend.errors import UsageError
from wend.shells import ALIASES, SHELL_NAMES, SHELLS, hooks

_EXAMPLES = examples(
    ('eval "$(wend hook bash)"', "in ~/.bashrc, instead of wend setup"),
    ("wend hook fish | source", "in config.fish"),
)


@click.command(epilog=_EXAMPLES)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELL_NAMES))
@click.option("--scripts", is_flag=True, help="The file for shells that are not interactive (BASH_ENV, .zshenv).")
def command(shell: str, scripts: bool) -> None:
    """Print the hook for SHELL."""
    name = ALIASES.get(shell, shell)
    if scripts and not SHELLS[name].scripts:
        raise UsageError(f"{name} reads no file when it is not interactive", "wend hook --help")
    if scripts:
        output.print_text(hooks.script_text(name, launcher.program(os.environ)))
    else:
        quick.show_hook(name)
