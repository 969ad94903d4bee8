"""What mise's files and .tool-versions say of the version of Python, up to a word that the stores are asked for.

Source: mise 2026.9 (src/toolset/tool_request.rs, src/lockfile.rs), asdf (.tool-versions). A lock file is not parsed as
TOML, because it can be long: mise writes it in one form.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import interpreters, misefiles, owners, pins
from wend.kinds.interpreters import this_machine
from wend.model import Marker
from wend.patterns import pattern
from wend.typed import Any, Iterator

_MOST = 64  # versions that are looked at: for each, a lock file may be read
_MAX_LOCK = 1 << 20  # bytes
_TOOL = ("python", "core:python")
_LOCKED = pattern(r'(?m)^\[\[tools\.(?:python|"core:python")\]\]\nversion = "([0-9][0-9A-Za-z.+-]{0,63})"')
_LESS = pattern(r"sub-([0-9]{1,4}(?:\.[0-9]{1,4})*):([0-9]{1,4}(?:\.[0-9]{1,4})*)")  # sub-0.1:3.12 is 3.11
_BUILT = frozenset(("tag", "branch", "rev"))  # what mise takes before a colon alone, and refuses in a table
_SELECTORS = ("version", "path", "prefix", "ref")  # of a table; the first of them, where mise refuses several
_SYSTEMS = {"darwin": "macos"}
_MACHINES = {"x64": "x86_64", "amd64": "x86_64", "arm64": "aarch64"}


def listed(marker: Marker, context: Context) -> list[Any]:
    """Return the versions that the file of MARKER names: text, or what stands in its place."""
    if misefiles.is_shared(marker.path, marker.dir, context):
        return _shared(marker, context)[:_MOST]
    tree = owners.tables(marker.path, context, b"python")
    found = [_version(each) for each in tables(tree)[:_MOST]]
    return [
        _exact(each, tree, marker, context) if isinstance(each, str) else each for each in found if each is not None
    ]


def _shared(marker: Marker, context: Context) -> list[Any]:
    """Return the versions in the .tool-versions of MARKER.

    Of several lines asdf takes the first and mise the last, and mise knows Python by more names.
    """
    lines = [line.partition("#")[0].split() for line in (context.disk.text(marker.path) or "").split("\n")]
    of_asdf = [words[1:] for words in lines if len(words) > 1 and words[0] == "python"]
    of_mise = [words[1:] for words in lines if len(words) > 1 and words[0].rstrip(":") in _TOOL]
    if of_mise == of_asdf[:1]:
        return list(of_mise[0]) if of_mise else []
    if any(source == "mise" and context.disk.is_dir(store) for source, store in interpreters.stores(context)):
        return list(of_mise[-1])
    return list(of_asdf[0]) if of_asdf else []


def tables(tree: dict[str, Any]) -> list[Any]:
    """Return what TREE, one of mise's files, says of Python: for each version text, a table, or something wrong."""
    disabled = toml.table(tree, "settings").get("disable_tools")
    if isinstance(disabled, list) and "python" in disabled:
        return []
    tools = toml.table(tree, "tools")
    named = next((tools[name] for name in _TOOL if name in tools), None)
    return [each for each in (named if isinstance(named, list) else [named]) if _is_for_here(each)]


def _is_for_here(value: Any) -> bool:
    """Return whether VALUE, one of a tool's versions, is for this system: linux, macos, linux/x64, ..."""
    systems = value.get("os") if isinstance(value, dict) else None
    if not isinstance(systems, list):
        return True
    here = this_machine()
    for each in filter(lambda each: isinstance(each, str), systems):
        system, _, machine = each.lower().partition("/")
        if _SYSTEMS.get(system, system) == here[0] and _MACHINES.get(machine, machine) in ("", here[1]):
            return True
    return False


def _version(value: Any) -> Any:
    """Return what VALUE, one of a tool's versions, says; None for nothing."""
    if not isinstance(value, dict):
        return value
    key = next((key for key in _SELECTORS if key in value), "")
    if not key:
        return value if _BUILT.intersection(value) else None
    return value[key] if key == "version" or not isinstance(value[key], str) else f"{key}:{value[key]}"


def _exact(word: str, tree: dict[str, Any], marker: Marker, context: Context) -> str:
    """Return what WORD of TREE, the file of MARKER, stands for: by an alias, a subtraction, or the lock file."""
    for name in ("tool_alias", "alias"):
        aliases = toml.table(tree, name, "python")
        alias = toml.table(aliases, "versions").get(word) or aliases.get(word)
        if isinstance(alias, str):
            word = alias
            break
    word = subtracted(word)
    wanted = pins.parse(word)
    if wanted is None or not wanted.release or len(wanted.release) > 2:
        return word
    prefix = ".".join(map(str, wanted.release))
    return next((each for each in _locked(marker, context) if each.startswith(f"{prefix}.")), word)


def subtracted(word: str) -> str:
    """Return the version that WORD, such as sub-0.1:3.12, stands for: 3.11; any other word as it is.

    As in mise, the version is cut to as many parts as are subtracted, and a part that is too small takes from those
    before it: sub-0.1:3.0 is 2.
    """
    found = _LESS.fullmatch(word)
    if not found:
        return word
    less = [int(part) for part in found[1].split(".")]
    parts = [int(part) for part in found[2].split(".")][: len(less)]
    for at, part in enumerate(parts):
        if part < less[at]:
            above = next((each for each in range(at - 1, -1, -1) if parts[each]), None)
            if above is None:
                return "0"
            parts = [*parts[:above], parts[above] - 1]
            break
        parts[at] = part - less[at]
    return ".".join(map(str, parts))


def _locked(marker: Marker, context: Context) -> Iterator[str]:
    """Yield the versions of Python in the lock file that belongs to the file of MARKER."""
    directory, name = os.path.split(marker.path)
    directory = os.path.dirname(directory) if directory.endswith("/conf.d") else directory
    stem = name.removesuffix(".toml").removeprefix(".").removeprefix("mise").removeprefix("config")
    stem = stem if stem == "" or stem.startswith(".") else ""  # of a conf.d
    data = context.disk.read(f"{directory}/mise{stem}.lock", _MAX_LOCK)
    if data and b"python" in data:
        yield from _LOCKED.findall(data.decode("utf-8", "replace"))
