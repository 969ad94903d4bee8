"""wend itself: hooks, daemon, settings, and whether the environment comes first in PATH."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from wend import __version__, setup
from wend import record as records
from wend.doctor.finding import ERROR, INFO, OK, WARNING, Case, Finding
from wend.errors import WendError
from wend.protocol import SHELL_ID
from wend.settings import load as load_settings
from wend.text import visible


def hooks(case: Case) -> Iterator[Finding]:
    """Find shells whose hook or start-up file is not as `wend setup` makes it."""
    try:
        changes = setup.plan(case.env)
    except WendError as error:
        yield Finding("hooks", ERROR, error.what, error.fix)
        return
    if not changes:
        yield Finding("hooks", OK, "each shell found loads the installed hook")
    for change in changes:
        yield Finding("hooks", WARNING, f"{visible(change.path)} is not as setup makes it", "wend setup", _made(change))


def _made(change: setup.Change) -> Callable[[], None]:
    return lambda: setup.make(change)


def shell(case: Case) -> Iterator[Finding]:
    """Find a shell without a hook in it."""
    if SHELL_ID.fullmatch(case.env.get("WEND_SHELL", "")):
        yield Finding("shell", OK, "this shell has a hook")
    else:
        yield Finding("shell", WARNING, "this shell has no hook", "wend setup, then open a new terminal")
    if case.env.get("WEND_DISABLE", "") not in ("", "0"):
        yield Finding("disabled", WARNING, "WEND_DISABLE is set", "unset WEND_DISABLE")


def daemon(case: Case) -> Iterator[Finding]:
    """Find a daemon that does not answer, or is of another version."""
    if case.trouble:
        yield Finding("daemon", ERROR, case.trouble, "wend daemon restart")
    elif case.daemon is None:
        yield Finding("daemon", INFO, "the daemon is not running; the next question of a shell starts it")
    elif case.daemon.get("version") != __version__:
        text = f"the daemon is of version {case.daemon.get('version')}, and this is {__version__}"
        yield Finding("daemon", WARNING, text, "wend daemon restart")
    else:
        yield Finding("daemon", OK, f"the daemon answers, pid {case.daemon.get('pid')}")


def settings(case: Case) -> Iterator[Finding]:
    """Find mistakes in the settings file."""
    _, mistakes = load_settings(case.env, case.situation.context.disk)
    for mistake in mistakes:
        yield Finding("settings", WARNING, visible(mistake), "wend config show")


def path_order(case: Case) -> Iterator[Finding]:
    """Find directories in PATH before those of the active environment."""
    undo = records.load(case.env.get("WEND_UNDO", "")).undo
    if not undo.active or not undo.added:
        return
    path = records.split(case.env.get("PATH"))
    if undo.added[0] not in path:
        text = f"{visible(undo.added[0])} is not in PATH, although {visible(undo.active.name)} is active"
        yield Finding("path", WARNING, text, "leave the project and enter it again")
        return
    before = path[: path.index(undo.added[0])]
    shadowing = [entry for entry in before if os.path.exists(os.path.join(entry, "python"))]
    if shadowing:
        text = f"{visible(shadowing[0])} comes before the environment in PATH and has a python"
        yield Finding("path", WARNING, text, "open a new terminal, or change what puts it there")
