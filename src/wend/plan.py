"""From the shell's present state and the wanted target to ordered edits and a new undo.

Pure: knows no disk, no clock, no shell. First `revert`, then the target on top, then the difference. So a switch
from project to project is one step, and doing nothing makes no edit.
"""

from __future__ import annotations

import os

from wend import record as records
from wend.model import Edit, Set, Source, Target, Unset
from wend.other_tools import direnv
from wend.record import Active, Displaced, Undo, allowed_name, split
from wend.typed import Callable, Mapping, NamedTuple, Optional

_OURS = ("WEND_UNDO", "WEND_ENV")


class Plan(NamedTuple):
    """Edits in the order in which they must be made, and the facts that take them back."""

    edits: tuple[Edit, ...]
    undo: Undo


class Scripts(NamedTuple):
    """Scripts that a change of environment runs in the shell, in order; paths of all shells' scripts."""

    off: tuple[str, ...] = ()  # of the environment that is left
    on: tuple[str, ...] = ()  # of the environment that is entered
    back: tuple[str, ...] = ()  # of the environment beneath, which is active again


NO_SCRIPTS = Scripts()


def plan(
    env: Mapping[str, str],
    undo: Undo,
    target: Optional[Target],
    *,
    scripts: Scripts = NO_SCRIPTS,
    covered: tuple[str, ...] = (),
    strip: Callable[[dict[str, str]], dict[str, str]] = dict,
    taken_back: Optional[Mapping[str, str]] = None,
    base: Optional[Mapping[str, str]] = None,
) -> Plan:
    """Return what takes a shell with ENV and UNDO to TARGET (None: to nothing active).

    ENV holds the shell's present values of every name that UNDO or TARGET mention. COVERED are PATH entries of
    another environment, which leave PATH for as long as TARGET is active. STRIP removes an activation that TARGET
    takes over. TAKEN_BACK is ENV as far as it is known after the shell itself has taken that activation back. BASE
    is ENV as if wend had changed nothing, for a caller that has computed it already.
    """

    def wanted(reverted: dict[str, str]) -> tuple[dict[str, str], Undo]:
        stripped = strip(reverted)
        return (stripped, Undo()) if target is None else apply(stripped, target, covered)

    want, after = wanted(records.revert(undo, env) if base is None else dict(base))
    saved = direnv.unloaded(env)
    if saved is not None:
        want = {**want, direnv.NAME: direnv.rewritten(env[direnv.NAME], wanted(records.revert(undo, saved))[0])}
    changes = _changes((env, env if taken_back is None else taken_back), want)
    off = [Source(script) for script in scripts.off]
    # conda's order: the scripts of an environment that is left see the new PATH if no other is entered, else the old.
    if target is None:
        path = [edit for edit in changes if edit.name == "PATH"]
        edits: list[Edit] = [*path, *off, *(edit for edit in changes if edit.name != "PATH")]
    else:
        edits = [*off, *changes, *(Source(script) for script in scripts.on)]
    edits += [Source(script) for script in scripts.back]
    return Plan(tuple(edits), after)


def apply(base: Mapping[str, str], target: Target, covered: tuple[str, ...] = ()) -> tuple[dict[str, str], Undo]:
    """Return BASE with TARGET active and without the PATH entries COVERED, and the facts that take it back."""
    want = dict(base)
    scalars: list[tuple[str, Optional[str], Optional[str]]] = []

    def change(name: str, value: Optional[str]) -> None:
        if not allowed_name(name) or base.get(name) == value:
            return
        scalars.append((name, base.get(name), value))
        if value is None:
            want.pop(name, None)
        else:
            want[name] = value

    for name, value in target.set:
        change(name, value)
    for name in target.unset:
        change(name, None)

    added: tuple[str, ...] = ()
    displaced: tuple[Displaced, ...] = ()
    if target.path:
        entries, added, displaced = _placed(split(base.get("PATH")), target, covered)
        want["PATH"] = os.pathsep.join(entries)
    return want, Undo(
        active=Active(target.kind, target.name, target.prefix, target.root),
        scalars=tuple(scalars),
        added=added,
        displaced=displaced,
        in_front=_in_front(want.get("PATH"), added, displaced),
        no_path="PATH" not in base,
    )


def _placed(
    path: list[str], target: Target, covered: tuple[str, ...]
) -> tuple[list[str], tuple[str, ...], tuple[Displaced, ...]]:
    """Put the target's directories in front, or where the entries stood that they displace."""
    displaced: list[Displaced] = []
    at: Optional[int] = None
    # COVERED first: it comes back beside what the target displaces, also where conda has put that back by itself.
    for entry in (*covered, *target.displaced):
        while entry in path:
            index = path.index(entry)
            if at is None and entry in target.displaced:
                at = index
            elif at is not None and index < at:
                at -= 1
            left = path[index - 1] if index else None
            right = path[index + 1] if index + 1 < len(path) else None
            displaced.append(Displaced(entry, left, path[:index].count(left) if left is not None else 0, right))
            del path[index]
            if entry in target.displaced:  # conda takes out one
                break
    at = at or 0
    path[at:at] = target.path
    # Put back last-displaced first: its neighbours were recorded with the earlier ones already gone.
    return path, target.path, tuple(reversed(displaced))


def _in_front(path: Optional[str], added: tuple[str, ...], displaced: tuple[Displaced, ...]) -> tuple[str, ...]:
    """Return the entries before ADDED that equal displaced ones: PATH held them twice, and one of the two stayed."""
    entries, gone = split(path), {each.entry for each in displaced}
    first = entries.index(added[0]) if added and added[0] in entries else 0
    return tuple(entry for entry in entries[:first] if entry in gone)


def _changes(states: tuple[Mapping[str, str], ...], want: Mapping[str, str]) -> list[Set | Unset]:
    """Return the edits that make WANT of whichever of STATES the shell is in."""
    names = sorted({*want}.union(*states) - {*_OURS}, key=lambda name: (name != "PATH", name))
    return [
        Set(name, want[name]) if name in want else Unset(name)
        for name in names
        if any(state.get(name) != want.get(name) for state in states)
    ]
