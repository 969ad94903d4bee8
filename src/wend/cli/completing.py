"""What a shell's completions ask when Tab is pressed (`wend.shells.completion` has the format)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem, ShellComplete

from wend.cli import COMMANDS
from wend.shells import SHELLS, completion
from wend.shells.completion import Item

_SAYS = {name: text.rstrip(".") for name, _, text in COMMANDS}  # click cuts it off


def answer(group: click.Group, shell: str) -> str:
    """Return the candidates for what was typed in SHELL, a line each; GROUP is the command `wend`."""
    if shell not in SHELLS:
        return ""
    typed = completion.typed(shell, os.environ)
    return completion.lines(shell, typed, _candidates(group, typed.words))


def _candidates(group: click.Group, words: tuple[str, ...]) -> Iterator[Item]:
    *before, last = words
    if before[:1] == ["exec"] and "--" in before:
        yield Item("command", last)
        return
    if before[:1] and before[0] not in _SAYS and before[0][:1] != "-":  # click would offer the commands once more
        return
    found: list[CompletionItem] = ShellComplete(group, {}, "wend", "").get_completions(before, last)
    for each in found:
        value = str(each.value)
        if each.type in ("dir", "file") or value.startswith(last):
            yield Item(each.type, value, (each.help if before else _SAYS.get(value, each.help)) or "")
