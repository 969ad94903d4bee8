"""The heart: from the shell's present state and the wanted target to ordered edits and a new undo record.

Pure: knows no disk, no clock, no shell. `revert` first, then the target on top, then the difference; so a
switch from project to project is one step, and doing nothing is no edit at all.
"""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from wend import direnv
from wend import undo as undo_record
from wend.model import Edit, Set, Source, Target, Unset
from wend.undo import Active, Taken, Undo, allowed_name, split

_UNDO, _ENV = "WEND_UNDO", "WEND_ENV"


class Plan(NamedTuple):
    """Edits in the order in which they must be made, and the record they leave behind."""

    edits: tuple[Edit, ...]
    undo: Undo


def plan(
    env: dict[str, str],
    undo: Undo,
    target: Optional[Target],
    *,
    scripts_off: tuple[str, ...] = (),
    scripts_back: tuple[str, ...] = (),
) -> Plan:
    """Return what takes a shell with ENV and UNDO to TARGET (None: to nothing active).

    ENV holds the shell's present values of every name that UNDO or TARGET mention. SCRIPTS_OFF are the
    deactivate.d scripts of the environment being left, SCRIPTS_BACK the activate.d scripts of the one beneath
    that comes to light again. Of UNDO only `hold`, `hand`, `owed` and `note` go on unchanged; the caller sets those.
    """
    base = undo_record.revert(undo, env)
    want, record = (base, Undo()) if target is None else apply(base, target)
    record = record._replace(hold=undo.hold, hand=undo.hand, owed=undo.owed, note=undo.note)
    saved = direnv.unloaded(env)
    if saved is not None:
        kept = undo_record.revert(undo, saved)
        kept = kept if target is None else apply(kept, target)[0]
        want = {**want, direnv.NAME: direnv.rewritten(env[direnv.NAME], kept)}
    changes = _changes(env, want)
    off = [Source(script) for script in scripts_off]
    entered = target is not None and (undo.active is None or undo.active.prefix != target.prefix)
    on = [Source(script) for script in target.scripts_on] if target and entered else []
    # conda's order: scripts of the environment left see the new PATH when nothing follows it, else the old.
    if target is None:
        paths = [edit for edit in changes if edit.name == "PATH"]
        edits: list[Edit] = [*paths, *off, *(edit for edit in changes if edit.name != "PATH")]
    else:
        edits = [*off, *changes, *on]
    edits += [Source(script) for script in scripts_back]
    return Plan(tuple(edits), record)


def apply(base: dict[str, str], target: Target) -> tuple[dict[str, str], Undo]:
    """Return BASE with TARGET active, and the record that takes it back."""
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
    taken: tuple[Taken, ...] = ()
    if target.path:
        entries, added, taken = _placed(split(base.get("PATH")), target)
        want["PATH"] = os.pathsep.join(entries)
    return want, Undo(
        active=Active(target.kind, target.name, target.prefix, target.root),
        scalars=tuple(scalars),
        added=added,
        taken=taken,
        no_path="PATH" not in base,
    )


def _placed(path: list[str], target: Target) -> tuple[list[str], tuple[str, ...], tuple[Taken, ...]]:
    """Put the target's directories in front, or where the entries stood that they displace."""
    taken: list[Taken] = []
    at = 0
    for entry in target.displaced:
        if entry not in path:
            continue
        index = path.index(entry)
        if not taken:
            at = index
        left = path[index - 1] if index else None
        right = path[index + 1] if index + 1 < len(path) else None
        taken.append(Taken(entry, left, path[:index].count(left) if left is not None else 0, right))
        del path[index]
    path[at:at] = target.path
    # Put back last-taken first: its neighbours were recorded with the earlier ones already gone.
    return path, target.path, tuple(reversed(taken))


def _changes(env: dict[str, str], want: dict[str, str]) -> list[Set | Unset]:
    names = sorted({*env, *want} - {_UNDO, _ENV}, key=lambda name: (name != "PATH", name))
    edits: list[Set | Unset] = []
    for name in names:
        if name not in want:
            edits.append(Unset(name))
        elif env.get(name) != want[name]:
            edits.append(Set(name, want[name]))
    return edits
