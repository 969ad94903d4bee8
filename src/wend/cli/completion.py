"""`wend completion`: completions for the shells, made by click; PowerShell asks in the same way."""

from __future__ import annotations

import click

from wend.cli import output
from wend.shells import ALIASES, SHELL_NAMES, SHELLS
from wend.shells.completion import script


@click.command()
@click.argument("shell", type=click.Choice(SHELL_NAMES))
def command(shell: str) -> None:
    r"""Print completions for SHELL.

    \b
    Examples:
      wend completion bash > ~/.local/share/bash-completion/completions/wend
      wend completion zsh > ~/.zfunc/_wend
      wend completion fish > ~/.config/fish/completions/wend.fish
    """
    output.print_text(script(SHELLS[ALIASES.get(shell, shell)].name))
