"""From a plan to text that is always valid code of the user's shell: one table of shells, one renderer each.

A renderer is a module with `quote(value)` and `render(reply)`. Only `quote` makes words: nobody else writes a
quotation mark around data.
"""

from __future__ import annotations

import importlib
from enum import Enum
from typing import NamedTuple, Optional, Protocol, Union, cast

from wend.model import Edit, Freshness


class Shell(NamedTuple):
    """One row of the table of shells."""

    name: str
    renderer: str  # module under wend.shells
    script: str  # ending of the activate.d scripts that it sources
    hook: str  # file under shell/
    bell: bool  # waits on a FIFO


SHELLS = {
    "bash": Shell("bash", "bash", ".sh", "wend.bash", bell=True),
    "zsh": Shell("zsh", "zsh", ".sh", "wend.zsh", bell=True),
    "fish": Shell("fish", "fish", ".fish", "wend.fish", bell=False),
    "pwsh": Shell("pwsh", "powershell", ".ps1", "wend.ps1", bell=False),
}
ALIASES = {"powershell": "pwsh"}
SHELL_NAMES = (*SHELLS, *ALIASES)  # that commands accept


class DeactivateFunction(Enum):
    """What becomes of the shell's function `deactivate`."""

    DEFINE = "define"
    REMOVE = "remove"
    KEEP = "keep"


class Apply(NamedTuple):
    """An answer: what changes in the shell, and what it remembers for its next prompt."""

    shell: str
    edits: tuple[Edit, ...]
    undo: Optional[str] = None  # new WEND_UNDO, empty to unset, None to leave as it is
    env: Optional[str] = None  # new WEND_ENV, empty to unset, None to leave as it is
    prompt: Optional[str] = None  # text in front of the prompt, empty for none, None to leave as it is
    replaces: tuple[str, ...] = ()  # texts of others in the prompt, the first found gives its place to ours
    deactivate: DeactivateFunction = DeactivateFunction.KEEP
    adopt: bool = False  # take back what an activate script did to the prompt and to `deactivate`
    freshness: Freshness = Freshness()
    watched: tuple[str, ...] = ()  # variables, two at most, whose change the next prompt must notice
    names: tuple[str, ...] = ()  # variables beyond the core to send with each request
    notice: str = ""  # one line for the user, empty for none
    wrap_cd: bool = True  # bash: wrap cd, pushd, popd


class AskAgain(NamedTuple):
    """Nothing is decided yet: ask again, and send these variables beyond the core, too."""

    shell: str
    names: tuple[str, ...]


Reply = Union[Apply, AskAgain]


# A variable that is always safe to look at, where fewer are watched than there are slots.
_UNWATCHED = "WEND_QUIET"


def remembered(reply: Apply) -> tuple[tuple[str, str], ...]:
    """Return the hook's variables that an answer sets: (name, value), the same in every shell.

    Fixed slots instead of lists: at an unchanged prompt they are faster in every shell.
    """
    present = (*reply.freshness.present, "/", "/")[:2]
    absent = (*reply.freshness.absent, "", "", "")[:3]
    watched = (*reply.watched, _UNWATCHED, _UNWATCHED)[:2]
    return (
        *((f"__wend_present_{index}", path) for index, path in enumerate(present, 1)),
        *((f"__wend_absent_{index}", path) for index, path in enumerate(absent, 1)),
        *((f"__wend_watch_{index}", name) for index, name in enumerate(watched, 1)),
        ("__wend_names", " ".join(reply.names)),
    )


class Renderer(Protocol):
    """What a module in this package offers."""

    END: str  # last line of every reply; one without it is ignored by the hook

    def blanks(self) -> dict[str, str]:
        """Return the blanks of the hook's source (`@NAME@`) and what this shell writes there."""

    def quote(self, value: str) -> str:
        """Return VALUE as one word of the shell, byte for byte."""

    def render(self, reply: Reply) -> str:
        """Return the reply as shell code, ending in a newline, without the end mark."""

    def edits(self, reply: Apply) -> str:
        """Return the environment's changes alone, for `wend env --shell`."""


def renderer(shell: str) -> Renderer:
    """Return the renderer of SHELL, imported on first use: the daemon holds only those that it needs."""
    return cast("Renderer", importlib.import_module(f"wend.shells.{SHELLS[shell].renderer}"))
