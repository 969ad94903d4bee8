"""The shell in which a command was typed: whether its hook will ask, and what it will have then."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from wend import client, paths
from wend.cli import context, directories
from wend.cli.context import Asked
from wend.disk import Disk
from wend.errors import WendError
from wend.model import Target
from wend.protocol import SHELL_ID
from wend.settings import Settings
from wend.shells import SHELLS
from wend.text import visible

LOST = "the hook of this shell is not called any more: wend doctor"
UNSURE = f"after Enter; if it is not, {LOST}"
# Where the shell stands since the hook was taken out of it, nothing tells that it was.
_EXPECTED = "active at the next prompt; if it is not: wend doctor"


def directly(ident: str) -> bool:
    """Return whether the shell with the id IDENT itself has started this process: no script, no shell within it."""
    return bool(SHELL_ID.fullmatch(ident)) and int(ident.partition("-")[0]) == os.getppid()


def is_lost(ident: str, answer: Mapping[str, Any], settings: Settings) -> bool:
    """Return whether the hook of the shell IDENT is not called, by the daemon's ANSWER to `status`.

    It has known the shell in another directory, or has not heard of one that began after it: a shell asks at its
    first prompt. Nothing is claimed of a directory that has been renamed or removed: the shell may be in it.
    """
    known = answer.get("shell")
    if not known:
        return bool(answer.get("missed")) and directly(ident) and not _is_asking(ident)
    last: str = known["dir"]
    if not last or not directly(ident):
        return False
    shell = SHELLS.get(known["kind"])
    if shell and shell.wraps_cd and not settings.bash_wrap_cd:
        return False  # what was typed may be behind a cd on the same line
    if shell and shell.moves and last == os.environ.get("PWD"):
        return False  # another directory stands at its path by now
    try:
        return not os.path.samefile(last, os.getcwd()) and not _is_asking(ident)
    except OSError:
        return False


def due(ident: str, answer: Mapping[str, Any], asked: Asked) -> str:
    """Return the line about what is to come in the shell IDENT, empty where it has what was decided."""
    decision, active = asked.decision, asked.situation.remembered.undo.active
    if is_lost(ident, answer, asked.situation.context.settings):
        return LOST
    if decision.stay or (decision.target.prefix if decision.target else "") == (active.prefix if active else ""):
        return ""
    return f"{decision.target.name} is active {UNSURE}" if decision.target else f"nothing is active {UNSURE}"


def _is_asking(ident: str) -> bool:
    """Return whether a question of the shell IDENT is out, as while the daemon starts: the next prompt asks again."""
    names = Disk().listdir(paths.mailbox_dir(os.environ))
    return any(name.startswith(f"{ident}.") and name.endswith(".req") for name in names)


def outcome(target: Target) -> str:
    """Return where and when the environment TARGET, which was just made, is active."""
    ident = os.environ.get("WEND_SHELL", "")
    if not SHELL_ID.fullmatch(ident):
        from wend.setup import missing_hook

        return f"not active in this shell, which has no hook: {missing_hook.fix(os.environ)}"
    if not directly(ident):  # of a script, or of a shell within the shell
        return "active where a shell with the hook stands in it"
    asked = context.ask(directories.here())
    decision = asked.decision
    if decision.rule != "project":
        return f"not active in this shell: {visible(decision.reason)}"
    if decision.target is None or decision.target.prefix != target.prefix:
        return f"active after a cd to {visible(target.root)}"
    answer = _status(ident)
    if is_lost(ident, answer, asked.situation.context.settings):
        return LOST
    return _EXPECTED if answer.get("shell") else f"active {UNSURE}"


def _status(ident: str) -> dict[str, Any]:
    """Return what the daemon says of the shell IDENT; nothing where none answers."""
    try:
        return client.ask(("status", ident), os.environ) or {}
    except WendError:
        return {}
