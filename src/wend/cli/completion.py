"""`wend completion`: print the completions that `wend setup` installs."""

from __future__ import annotations

import os

import click

from wend import launcher
from wend.cli import output
from wend.cli.examples import examples
from wend.shells import ALIASES, SHELL_NAMES
from wend.shells import completion as completions

_EXAMPLES = examples(
    ('eval "$(wend completion bash)"', "in ~/.bashrc, instead of wend setup"),
    ("wend completion zsh > ~/.zfunc/_wend", "in a directory of fpath"),
    ("wend completion fish > ~/.config/fish/completions/wend.fish", ""),
)


@click.command(epilog=_EXAMPLES)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELL_NAMES))
def command(shell: str) -> None:
    """Print completions for SHELL."""
    output.print_text(completions.script(ALIASES.get(shell, shell), launcher.program(os.environ)))
