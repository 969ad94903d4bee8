"""From a plan to text that is always valid code of the user's shell: one table of shells, one renderer each.

A renderer is a module with `quote(value)` and `render(reply)`. Only `quote` makes words: nobody else writes a
quotation mark around data.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple, Optional, Protocol, cast

from wend.model import Edit, Tests


class Shell(NamedTuple):
    """One row of the table of shells."""

    name: str
    renderer: str  # module under wend.render
    script: str  # ending of the activate.d scripts that it sources
    hook: str  # file under shell/
    bell: bool  # waits on a FIFO


SHELLS = {
    "bash": Shell("bash", "posix", ".sh", "wend.bash", bell=True),
    "zsh": Shell("zsh", "posix", ".sh", "wend.zsh", bell=True),
    "fish": Shell("fish", "fish", ".fish", "wend.fish", bell=False),
    "pwsh": Shell("pwsh", "powershell", ".ps1", "wend.ps1", bell=False),
}
ALIASES = {"powershell": "pwsh"}


class Reply(NamedTuple):
    """Everything that one answer tells a shell."""

    shell: str
    edits: tuple[Edit, ...]
    undo: Optional[str]  # new WEND_UNDO, empty to unset, None to leave as it is
    env: Optional[str]  # new WEND_ENV, empty to unset, None to leave as it is
    prompt: Optional[str]  # text in front of the prompt, empty for none, None to leave as it is
    swap: str  # text of another tool in the prompt whose place ours takes (conda's modifier)
    active: Optional[bool]  # whether `deactivate` is wanted, None to leave it as it is
    tests: Tests
    more: tuple[str, ...]  # further names to send with each request
    again: bool  # nothing decided yet: ask anew with `more`
    notice: str  # one line for the user, empty for none
    unwrap: bool = False  # bash: take the wrappers of cd, pushd, popd away


class Renderer(Protocol):
    """What a module in this package offers."""

    END: str  # last line of every reply; one without it is ignored by the hook

    def quote(self, value: str) -> str:
        """Return VALUE as one word of the shell, byte for byte."""

    def render(self, reply: Reply) -> str:
        """Return the reply as shell code, ending in a newline, without the end mark."""

    def edits(self, reply: Reply) -> str:
        """Return the environment's changes alone, for `wend env --shell`."""


def renderer(shell: str) -> Renderer:
    """Return the renderer of SHELL, imported on first use: the daemon holds only those that it needs."""
    return cast("Renderer", importlib.import_module(f"wend.render.{SHELLS[shell].renderer}"))
