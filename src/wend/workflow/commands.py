"""The words of a plan: commands, as they are run and as they are shown."""

from __future__ import annotations

from typing import NamedTuple, Union

from wend.system import slashed
from wend.text import ansi_c, quoted


class Find(NamedTuple):
    """A word that is known only when the command runs: the interpreter that uv finds for REQUEST."""

    request: str


Word = Union[str, Find]


class Command(NamedTuple):
    """One command, run in the project's directory."""

    words: tuple[Word, ...]
    says: str = ""  # what it does, for the progress line; empty: its own first words
    fix: str = ""  # what to type when it fails; empty: its own output says that

    def shown(self) -> str:
        """Return the command as a POSIX shell takes it."""
        return " ".join(_shown(word) for word in self.words)

    @property
    def label(self) -> str:
        """What a person reads while it runs."""
        return self.says or " ".join(word for word in self.words[:3] if isinstance(word, str))


class Steps(NamedTuple):
    """A plan: who does it, the commands, and what they make."""

    owner: str  # uv, poetry, pipenv, pdm, hatch, pixi, conda, pip
    commands: tuple[Command, ...]
    makes: str = ""  # the environment's directory where the plan chooses it; empty: its tool does
    claim: bool = False  # wend makes the directory `makes` first, so that two runs cannot mix
    notes: tuple[str, ...] = ()  # lines for the user before it starts
    named: str = ""  # the environment's name where conda keeps it by name
    prunes: bool = False  # packages that no file names are removed


def command(*words: Word, says: str = "", fix: str = "") -> Command:
    """Return the command of WORDS."""
    return Command(words, says, fix)


def _shown(word: Word) -> str:
    if isinstance(word, Find):
        return f'"$(uv python find {quoted(word.request)})"'
    if word and word.isprintable():
        plain = slashed(word)  # PowerShell takes a word in quotes for text, not for a command
        return word if quoted(plain) == plain else quoted(word)
    return ansi_c(word) if word else "''"
