"""What `wend setup` does: it computes a list of changes from what is on the disk, then makes them.

So a dry run tells the truth, and doing it twice changes nothing. A start-up file keeps its mode, owner and place
behind a link; removal gives back every byte that was there, and takes away what was made for the block alone. Of the
other files, which are wend's own, a link is replaced or removed itself: what it leads to is somebody's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Callable, NamedTuple, Optional

from wend import fixes, launcher, paths
from wend.disk import files
from wend.setup import manual, places, startup_files
from wend.shells import SHELLS, completion, hooks
from wend.system import user

_OF_USER = ("wired", "unwired")  # what is done to start-up files


class Change(NamedTuple):
    """One file as it is to become."""

    what: str  # for people: written, wired, removed, ...
    path: str
    data: Optional[bytes]  # None: no such file
    mode: int = 0o644  # of a new file
    parents: int = 0  # directories above it that are to go, when empty


class Installed(NamedTuple):
    """One kind of file that is installed for each shell."""

    path: Callable[[str, Mapping[str, str]], str]  # for a shell; where it goes in the user's home
    data: Callable[[str, str, Mapping[str, str]], Optional[bytes]]  # for a shell, and the program that starts wend
    parents: int = 0  # directories above it that go with it, when empty


def hook_file(shell: str, env: Mapping[str, str]) -> str:
    """Return where the hook of SHELL is installed; empty when no home is known."""
    data = paths.data_dir(env)
    return os.path.join(data, "hooks", SHELLS[shell].hook) if data else ""


def _hook(shell: str, program: str, env: Mapping[str, str]) -> Optional[bytes]:
    del env
    return hooks.installed(shell, program).encode("utf-8", "surrogateescape")


def _compiled_file(shell: str, env: Mapping[str, str]) -> str:
    return hook_file(shell, env) + (SHELLS[shell].compiled or ".compiled")


def _compiled(shell: str, program: str, env: Mapping[str, str]) -> Optional[bytes]:
    return places.compiled(SHELLS[shell], hooks.installed(shell, program), env)


def _script_file(shell: str, env: Mapping[str, str]) -> str:
    return os.path.join(paths.data_dir(env), "hooks", SHELLS[shell].scripts or f"scripts.{shell}")


def _script(shell: str, program: str, env: Mapping[str, str]) -> Optional[bytes]:
    del env
    if not SHELLS[shell].scripts:
        return None
    return hooks.script_text(shell, program).encode("utf-8", "surrogateescape")


def _completion_file(shell: str, env: Mapping[str, str]) -> str:
    return SHELLS[shell].completion_file(env)


def _completions(shell: str, program: str, env: Mapping[str, str]) -> Optional[bytes]:
    del env
    return completion.script(shell, program).encode("utf-8", "surrogateescape")


# A row for each kind of file. What is compiled comes after its source: an older one would not be read.
INSTALLED = (
    Installed(hook_file, _hook),
    Installed(_compiled_file, _compiled),
    Installed(_script_file, _script),
    Installed(_completion_file, _completions, parents=2),
)


def plan(env: Mapping[str, str], shells: tuple[str, ...] = (), *, rc: bool = True) -> list[Change]:
    """Return the changes that wire up SHELLS (empty: those on PATH); without RC only the installed files.

    WendError when there is no home, or a start-up file is not one that a line can be added to.
    """
    places.home(env)
    chosen = shells or places.found(env)
    changes = [*_launcher(env), *_manual(env), *_installed(env, chosen)]
    changes += _wired(env, chosen) if rc else ()  # last: never a line that loads what is not there yet
    return [change for change in changes if _differs(change)]


def removal(env: Mapping[str, str], shells: tuple[str, ...] = (), *, rc: bool = True) -> list[Change]:
    """Return the changes that take back what `plan` did, for SHELLS or for all."""
    places.home(env)
    chosen = shells or tuple(SHELLS)
    changes = list(_unwired(env, chosen)) if rc else []
    changes += [
        Change("removed", kind.path(shell, env), None, parents=kind.parents) for kind in INSTALLED for shell in chosen
    ]
    if not shells:
        each_user = (*_manual(env), *_launcher(env))
        changes += [change._replace(what="removed", data=None) for change in each_user]
    return [change for change in changes if _differs(change)]


def _launcher(env: Mapping[str, str]) -> Iterator[Change]:
    if launcher.path(env):
        yield Change("written", launcher.path(env), launcher.text(), 0o755)


def _manual(env: Mapping[str, str]) -> Iterator[Change]:
    path = manual.file(env)
    if path and not os.path.islink(path):  # pipx makes a link there
        yield Change("written", path, manual.text(), parents=2)


def _installed(env: Mapping[str, str], shells: tuple[str, ...]) -> Iterator[Change]:
    program = launcher.path(env) or launcher.program(env)
    for kind in INSTALLED:
        for shell in shells:
            data = kind.data(shell, program, env)
            yield Change("written" if data is not None else "removed", kind.path(shell, env), data)


def _wired(env: Mapping[str, str], shells: tuple[str, ...]) -> Iterator[Change]:
    for shell in shells:
        row = SHELLS[shell]
        lines = (row.source_line(hook_file(shell, env)), *row.completion_lines(row.completion_file(env)))
        for path in places.files(shell, env):
            yield Change("wired", path, startup_files.wired(places.read(path), lines, _missing(path)))


def _unwired(env: Mapping[str, str], shells: tuple[str, ...]) -> Iterator[Change]:
    for shell in shells:
        for path in places.files(shell, env, everywhere=True):
            before = places.read(path)
            after, parents = startup_files.unwired(before) if before is not None else (None, 0)
            yield Change("unwired", path, after, parents=parents)


def make(change: Change) -> None:
    """Bring the file to what CHANGE says. WendError when the disk refuses."""
    of_user = change.what in _OF_USER
    try:
        if change.data is None:
            os.unlink(os.path.realpath(change.path) if of_user else change.path)
            _remove_empty(change.path, change.parents)
        else:
            files.replace(change.path, change.data, change.mode, keep=of_user)
    except OSError as error:
        raise fixes.unwritable(change.path, error) from error


def sweep(env: Mapping[str, str]) -> None:
    """Remove what is empty after a removal, and the mailbox if no daemon holds it."""
    data = places.data_dir(env)
    for name in ("hooks", "bin", ""):
        with suppress(OSError):
            os.rmdir(os.path.join(data, name))
    mailbox = paths.mailbox_dir(env)
    if os.path.isdir(mailbox) and not os.path.islink(mailbox) and os.stat(mailbox).st_uid == user():
        shutil.rmtree(mailbox, ignore_errors=True)


def _remove_empty(path: str, levels: int) -> None:
    for _ in range(levels):
        path = os.path.dirname(path)
        try:
            os.rmdir(path)
        except OSError:
            return


def _missing(path: str) -> int:
    """Return how many of the directories above PATH are not there."""
    count = 0
    while not os.path.isdir(path := os.path.dirname(path)) and os.path.dirname(path) != path:
        count += 1
    return count


def _differs(change: Change) -> bool:
    before = places.content(change.path)
    if before is None or change.data is None:
        return before is not change.data
    wants_x = change.mode == 0o755 and not os.access(change.path, os.X_OK)
    return before != change.data or wants_x
