"""The undo record: what it takes to leave exactly. Pure data in one exported variable, WEND_UNDO.

A scalar is restored only if it still has the value that wend gave it; of PATH only wend's own entries are
taken out, and what wend took out goes back between its old neighbours. The record may be planted by
anybody who can set a variable, so a name in it is believed only if it is an identifier off the refuse list.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple, Optional

from wend.protocol import NAME

_VERSION = 1
MAX_RECORD = 64 * 1024

# Never set or restored, whoever asks: conda's state files and a planted record can name any variable.
_REFUSED_PREFIXES = ("LD_", "DYLD_", "BASH_", "PS", "__wend", "WEND_")
_REFUSED = frozenset(
    (
        "ENV", "IFS", "PROMPT_COMMAND", "HOME", "SHELLOPTS", "BASHOPTS", "SHELL", "PATH", "PWD", "OLDPWD", "USER",
        "LOGNAME", "UID", "EUID", "PPID", "CDPATH", "FPATH", "ZDOTDIR", "PROMPT", "RPROMPT", "HISTFILE", "GLOBIGNORE",
        "TERM", "TMPDIR", "fish_user_paths", "fish_function_path", "fpath", "cdpath", "path", "psvar", "status",
        "argv", "SHLVL", "OPTIND", "RANDOM", "SECONDS",
    )
)  # fmt: skip


class Active(NamedTuple):
    """The environment that is active by wend's doing."""

    kind: str
    name: str
    prefix: str
    root: str


class Taken(NamedTuple):
    """A PATH entry that wend took out, with its neighbours by which it finds back."""

    entry: str
    left: Optional[str]
    nth: int  # which of the entries equal to `left` it was, from the front
    right: Optional[str]


class Undo(NamedTuple):
    """The record. Empty (`Undo()`) when nothing is to be remembered."""

    active: Optional[Active] = None
    scalars: tuple[tuple[str, Optional[str], Optional[str]], ...] = ()  # name, before, after
    added: tuple[str, ...] = ()  # PATH entries, in the order they stand
    taken: tuple[Taken, ...] = ()
    no_path: bool = False  # PATH was absent
    hold: str = ""  # root kept off after a typed `deactivate`, "*" after `wend off`
    hand: tuple[str, ...] = ()  # (prefix, root) of an environment activated by hand and where that was seen
    owed: tuple[str, ...] = ()  # PATH entries of ours that the `deactivate` of `hand` will bring back
    note: str = ""  # the notice shown for this entry


def allowed_name(name: str) -> bool:
    """Whether a variable of this name may be set, unset or restored for an environment."""
    if not NAME.fullmatch(name) or len(name) > 128:
        return False
    return name not in _REFUSED and not name.startswith(_REFUSED_PREFIXES)


def dump(undo: Undo) -> str:
    """Return the record as ASCII text, empty for an empty record."""
    if undo == Undo():
        return ""
    data: dict[str, Any] = {"v": _VERSION}
    data.update({key: value for key, value in zip(Undo._fields, undo) if value})
    return json.dumps(data, separators=(",", ":"))


def load(text: str) -> Undo:
    """Return the record in TEXT; whatever is malformed counts as no record at all."""
    if not text or len(text) > MAX_RECORD:
        return Undo()
    try:
        return _checked(json.loads(text))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Undo()


def _string(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode("utf-8", "surrogateescape")  # JSON spells surrogates that stand for no byte
    return value


def _optional(value: object) -> Optional[str]:
    return None if value is None else _string(value)


def _checked(data: Any) -> Undo:
    if data["v"] != _VERSION:
        return Undo()
    active = data.get("active")
    scalars = tuple(
        (name, _optional(before), _optional(after))
        for name, before, after in data.get("scalars", ())
        if allowed_name(_string(name))
    )
    hand = tuple(_string(item) for item in data.get("hand", ()))
    return Undo(
        active=Active(*(_string(item) for item in active)) if active else None,
        scalars=scalars,
        added=tuple(_string(item) for item in data.get("added", ())),
        taken=tuple(
            Taken(_string(entry), _optional(left), int(nth), _optional(right))
            for entry, left, nth, right in data.get("taken", ())
        ),
        no_path=data.get("no_path") is True,
        hold=_string(data.get("hold", "")),
        hand=hand if len(hand) == 2 else (),
        owed=tuple(_string(item) for item in data.get("owed", ())),
        note=_string(data.get("note", "")),
    )


def names(undo: Undo) -> tuple[str, ...]:
    """Return the variables whose present value must be known to take the record back."""
    return tuple(name for name, _, _ in undo.scalars)


def revert(undo: Undo, env: dict[str, str]) -> dict[str, str]:
    """Return ENV as it would be had wend changed nothing; what the user changed meanwhile stays."""
    base = dict(env)
    for name, before, after in undo.scalars:
        if base.get(name) != after:
            continue
        if before is None:
            base.pop(name, None)
        else:
            base[name] = before
    if undo.added or undo.taken:
        path = split(base.get("PATH"))
        ours = False
        for entry in undo.added:
            if entry in path:
                path.remove(entry)
                ours = True
        for taken in undo.taken:
            # `conda deactivate` takes ours out and puts the other back by itself.
            if ours or taken.entry not in path:
                path.insert(_place(path, taken), taken.entry)
        if not path and undo.no_path:
            base.pop("PATH", None)
        else:
            base["PATH"] = os.pathsep.join(path)
    return base


def split(path: Optional[str]) -> list[str]:
    """Return the entries of a PATH; an empty one has none."""
    return path.split(os.pathsep) if path else []


def _place(path: list[str], taken: Taken) -> int:
    if taken.left is None and taken.right is None:
        return 0
    equal = [index for index, entry in enumerate(path) if entry == taken.left]
    if equal:
        return equal[min(max(taken.nth, 1), len(equal)) - 1] + 1
    return path.index(taken.right) if taken.left is not None and taken.right in path else 0
