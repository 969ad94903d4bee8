"""The record in WEND_UNDO: what it takes to leave exactly, what the user wants, and the last notice.

It is data in one exported variable, so the daemon may die at any time and a nested shell leaves as exactly as
the shell that entered. A scalar is restored only if it still has the value that wend gave it. From PATH, only
wend's own entries are removed, and entries that wend displaced return between their old neighbours.

Any process that can set a variable can plant a record. So a name in it is used only if it is a plain identifier
that is not on the refuse list.
"""

from __future__ import annotations

import os

from wend.formats import compact
from wend.typed import Any, Mapping, NamedTuple, Optional

VERSION = 2
MAX_RECORD = 64 * 1024  # characters

# Never set or restored: conda's state files and a planted record can name any variable.
_REFUSED_PREFIXES = ("LD_", "DYLD_", "BASH_", "PS", "__wend", "WEND_")
_REFUSED = frozenset(
    (
        "ENV", "IFS", "PROMPT_COMMAND", "HOME", "SHELLOPTS", "BASHOPTS", "SHELL", "PATH", "PWD", "OLDPWD", "USER",
        "LOGNAME", "UID", "EUID", "PPID", "CDPATH", "FPATH", "ZDOTDIR", "PROMPT", "RPROMPT", "HISTFILE", "GLOBIGNORE",
        "TERM", "TMPDIR", "fish_user_paths", "fish_function_path", "fpath", "cdpath", "path", "psvar", "status",
        "argv", "SHLVL", "OPTIND", "RANDOM", "SECONDS",
    )
)  # fmt: skip

EVERYWHERE = "*"  # Intent.kept_off after `wend off`


class Active(NamedTuple):
    """The environment that wend activated in this shell."""

    kind: str
    name: str
    prefix: str
    root: str  # directory that holds the marker


class Displaced(NamedTuple):
    """A PATH entry that wend removed, with the neighbours by which it finds its place again."""

    entry: str
    left: Optional[str]
    nth: int  # which of the entries equal to `left` it was, counted from the front
    right: Optional[str]


class Undo(NamedTuple):
    """Facts to restore. Empty (`Undo()`) when wend changed nothing."""

    active: Optional[Active] = None
    scalars: tuple[tuple[str, Optional[str], Optional[str]], ...] = ()  # name, before, after; None: absent
    added: tuple[str, ...] = ()  # PATH entries, in the order in which they stand
    displaced: tuple[Displaced, ...] = ()
    no_path: bool = False  # PATH was absent
    in_front: tuple[str, ...] = ()  # PATH entries that stayed before `added`, and that equal displaced ones


class Intent(NamedTuple):
    """What the user wants in this shell, as far as it was shown by what they typed."""

    kept_off: str = ""  # root of the project kept off after a typed `deactivate`, EVERYWHERE after `wend off`
    manual: tuple[str, ...] = ()  # (prefix, root) of an environment activated manually, and the project it was seen in
    manual_restores: tuple[str, ...] = ()  # PATH entries of wend's that the `deactivate` of `manual` will bring back
    manual_lacks: tuple[Displaced, ...] = ()  # what these had displaced, and it will not bring back
    second: tuple[str, ...] = ()  # as `manual`, of another kind's that is active beside it


class Record(NamedTuple):
    """Everything that a shell remembers for wend."""

    undo: Undo = Undo()
    intent: Intent = Intent()
    last_notice: str = ""  # the line shown for this entry into the project


def allowed_name(name: str) -> bool:
    """Return whether a variable of this name may be set, unset or restored for an environment."""
    if not (name.isascii() and name.isidentifier()) or len(name) > 128:
        return False
    return name not in _REFUSED and not name.startswith(_REFUSED_PREFIXES)


# -- text ----------------------------------------------------------------------------------------------------


def dump(record: Record) -> str:
    """Return RECORD as ASCII text, empty for an empty record."""
    if record == Record():
        return ""
    data: dict[str, Any] = {"v": VERSION}
    data.update(_filled(record.undo))
    data.update(_filled(record.intent))
    if record.last_notice:
        data["last_notice"] = record.last_notice
    return compact.dump(data)


def _filled(part: Undo | Intent) -> dict[str, Any]:
    return {key: value for key, value in zip(part._fields, part) if value}


def load(text: str) -> Record:
    """Return the record in TEXT; malformed text counts as no record."""
    if not text or len(text) > MAX_RECORD:
        return Record()
    import json  # noqa: PLC0415  a command that has no record starts without it

    try:
        data = json.loads(text)
        return _checked(_renamed(data))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Record()


# The names of version 1, which a shell that was open during an upgrade still holds.
_VERSION_1 = {
    "taken": "displaced",
    "hold": "kept_off",
    "hand": "manual",
    "owed": "manual_restores",
    "note": "last_notice",
}


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    if data["v"] == 1:
        return {_VERSION_1.get(key, key): value for key, value in data.items()}
    if data["v"] != VERSION:
        raise ValueError
    return data


def _string(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode("utf-8", "surrogateescape")  # JSON can spell surrogates that stand for no byte
    return value


def _optional(value: object) -> Optional[str]:
    return None if value is None else _string(value)


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_string(item) for item in value)


def _displaced(rows: Any) -> tuple[Displaced, ...]:
    return tuple(
        Displaced(_string(entry), _optional(left), int(nth), _optional(right)) for entry, left, nth, right in rows
    )


def _checked(data: dict[str, Any]) -> Record:
    active = data.get("active")
    manual, second = _strings(data.get("manual", [])), _strings(data.get("second", []))
    undo = Undo(
        active=Active(*(_string(item) for item in active)) if active else None,
        scalars=tuple(
            (name, _optional(before), _optional(after))
            for name, before, after in data.get("scalars", ())
            if allowed_name(_string(name))
        ),
        added=_strings(data.get("added", [])),
        displaced=_displaced(data.get("displaced", ())),
        in_front=_strings(data.get("in_front", [])),
        no_path=data.get("no_path") is True,
    )
    intent = Intent(
        kept_off=_string(data.get("kept_off", "")),
        manual=manual if len(manual) == 2 else (),
        manual_restores=_strings(data.get("manual_restores", [])),
        manual_lacks=_displaced(data.get("manual_lacks", ())),
        second=second if len(second) == 2 else (),
    )
    return Record(undo, intent, _string(data.get("last_notice", "")))


# -- taking it back ------------------------------------------------------------------------------------------


def names(undo: Undo) -> tuple[str, ...]:
    """Return the variables whose present value must be known to take UNDO back."""
    return tuple(name for name, _, _ in undo.scalars)


def revert(undo: Undo, env: Mapping[str, str]) -> dict[str, str]:
    """Return ENV as it would be if wend had changed nothing; what the user changed meanwhile stays."""
    base = dict(env)
    for name, before, after in undo.scalars:
        if base.get(name) != after:
            continue
        if before is None:
            base.pop(name, None)
        else:
            base[name] = before
    if undo.added or undo.displaced:
        _revert_path(undo, base)
    return base


def _revert_path(undo: Undo, base: dict[str, str]) -> None:
    if "PATH" not in base:  # the user has unset it since; an empty one would name the current directory
        return
    path = split(base["PATH"])
    first = path.index(undo.added[0]) if undo.added and undo.added[0] in path else 0
    path[:first] = _without_put_back(undo, path[:first])
    ours = False
    for entry in undo.added:
        if entry in path:
            path.remove(entry)
            ours = True
    for displaced in undo.displaced:
        # `conda deactivate` removes our entry and puts the displaced one back by itself. What was both, because the
        # environment was active already, is gone for good.
        if ours or (displaced.entry not in path and displaced.entry not in undo.added):
            path.insert(_place(path, displaced), displaced.entry)
    if not path and undo.no_path:
        base.pop("PATH", None)
    else:
        base["PATH"] = os.pathsep.join(path)


def _without_put_back(undo: Undo, front: list[str]) -> list[str]:
    """Return FRONT, the entries before ours, without those that their own tool put back, as `conda install` does.

    A tool puts them first, so of equal entries the last ones are those that stayed.
    """
    displaced_entries = {displaced.entry for displaced in undo.displaced}
    stayed, kept = list(undo.in_front), []
    for entry in reversed(front):
        if entry in stayed:
            stayed.remove(entry)
        elif entry in displaced_entries:
            continue
        kept.append(entry)
    return kept[::-1]


def split(path: Optional[str]) -> list[str]:
    """Return the entries of a PATH; an empty one has none."""
    return path.split(os.pathsep) if path else []


def _place(path: list[str], displaced: Displaced) -> int:
    if displaced.left is None and displaced.right is None:
        return 0
    equal = [index for index, entry in enumerate(path) if entry == displaced.left]
    if equal:
        return equal[min(max(displaced.nth, 1), len(equal)) - 1] + 1
    return path.index(displaced.right) if displaced.right in path else 0
