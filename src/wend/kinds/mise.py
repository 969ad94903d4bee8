"""mise and asdf: an environment that mise.toml names, and versions in mise.toml and .tool-versions.

Source: mise 2026.9 (documentation of `_.python.venv`, `mise where python`), asdf (.tool-versions), observed on
project layouts.
"""

from __future__ import annotations

import os
import shlex

from wend.context import Context
from wend.formats import toml
from wend.kinds import interpreters, owners, pins, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_EXPLICIT, RANK_PIN, Marker, Problem, Target
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import visible
from wend.typed import Any

# The first that names something decides, as in mise.
_FILES = (
    ".mise.local.toml", "mise.local.toml", ".mise.toml", "mise.toml", ".config/mise.toml", ".config/mise/config.toml",
)  # fmt: skip
_TOOL_VERSIONS = ".tool-versions"
_MOST = 16  # versions looked for: a longer list is not a list of Pythons
_OWN_STORES = ("mise", "asdf")
_TOOL = ("python", "core:python")
_ROOT = pattern(r"\{\{\s*config_root\s*\}\}")
_VARIABLE = pattern(r"\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_BUILT = pattern(r"(?:ref|tag|branch|rev):[A-Za-z0-9_.+-]+")
_STORED = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


class Mise(Kind):
    """`_.python.venv` in mise.toml."""

    name = "mise"
    documented = "venv"

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return mise's files in a project."""
        del settings
        return tuple((name, RANK_EXPLICIT) for name in _FILES)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that the file names; None when it names none."""
        if _is_global(marker, context):
            return None
        unreadable = owners.damaged(marker.path, context)
        if unreadable:
            return Problem("broken", unreadable, "fix the file")
        value = _expanded(_venv(owners.tables(marker.path, context, b"venv")), marker, context)
        if not value:
            return None
        place = join(marker.dir, value)
        found = venv.at(place, marker, context, spelled=True)
        if found is None:
            fix = f"python3 -m venv {visible(shlex.quote(place))}"
            return Problem("unavailable", f"there is no {visible(place)}", fix, appears=(place,))
        return found


def _is_global(marker: Marker, context: Context) -> bool:
    """Return whether MARKER is mise's configuration of the user, which belongs to no project."""
    name = marker.path[len(marker.dir.rstrip("/")) + 1 :]
    home = (context.home, context.disk.realpath(context.home) if context.home else "")
    return name.startswith(".config/") and marker.dir.rstrip("/") in home


def _venv(tree: dict[str, Any]) -> str:
    """Return what the last `_.python.venv` of TREE says, empty for nothing."""
    env = tree.get("env")
    for table in reversed(env if isinstance(env, list) else [env]):
        value = toml.table(table, "_", "python").get("venv")
        value = value.get("path") if isinstance(value, dict) else value
        if isinstance(value, str):
            return value
    return ""


def _expanded(value: str, marker: Marker, context: Context) -> str:
    """Return VALUE with its variables and the plainest of mise's templates replaced; empty with any other template."""
    value = _ROOT.sub(lambda _: marker.dir.rstrip("/"), value)
    value = _VARIABLE.sub(lambda found: context.env.get(found[1], found[0]), value)
    return "" if "{{" in value or "{%" in value or "\0" in value else owners.variable_expanded(value, context) or value


class MiseVersion(Kind):
    """A version of Python in mise.toml or .tool-versions."""

    name = "mise-version"
    documented = "python"
    variables = pins.VARIABLES

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return mise's files, then the one that it shares with asdf."""
        del settings
        return tuple((name, RANK_PIN) for name in (*_FILES, _TOOL_VERSIONS))

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what moves the stores, if the file names a version."""
        return self.variables if _versions(marker, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the first interpreter that the file names and that is there; None when it names none."""
        words = None if _is_global(marker, context) else _versions(marker, context)
        first: Resolved = None
        for word in (words or ())[:_MOST]:
            if not isinstance(word, str):
                found: Resolved = Problem("broken", f"the version {word} is not text", 'write python = "3.12"')
            else:
                found = _interpreter(word, marker, context)
            if isinstance(found, Target):
                return found
            first = first or found
        return first


def _interpreter(word: str, marker: Marker, context: Context) -> Resolved:
    """Return what WORD means to mise and asdf."""
    if word == pins.SYSTEM:
        return pins.system(marker, context)
    if word.startswith("path:"):
        return _at(owners.expanded(word[len("path:") :], context) or "", marker, context)
    if _BUILT.fullmatch(word):
        entry = word.replace(":", "-", 1)
    else:  # a version is looked for by its numbers: `3.12` is a link to one
        entry = word if pins.parse(word) is None and _STORED.fullmatch(word) else ""
    for source, store in interpreters.stores(context):
        if entry and source in _OWN_STORES and context.disk.is_dir(f"{store}/{entry}"):
            found = interpreters.entered(entry, entry, store, context)
            return pins.target("python", [found], marker, word) if isinstance(found, interpreters.Version) else found
    if _BUILT.fullmatch(word):
        return Problem("unavailable", f"{visible(word)} is not installed", "mise install")
    word = word.removeprefix("prefix:")
    return pins.resolve("any" if word == "latest" else word, marker, context, first=_OWN_STORES)


def _at(prefix: str, marker: Marker, context: Context) -> Resolved:
    """Return the interpreter or the environment at PREFIX, which a file of the project spells out."""
    if not os.path.isabs(prefix):
        return Problem("broken", "its path: is not an absolute path")
    store, entry = os.path.split(os.path.normpath(prefix))
    made = venv.at(f"{store}/{entry}", marker, context, spelled=True)
    if made is not None:
        return made
    found = interpreters.entered(entry, entry, store, context)
    if isinstance(found, Problem):
        return Problem("unavailable", f"there is no Python at {visible(prefix)}")
    return pins.target("python", [found], marker, entry)._replace(store=False, spelled=True)


def _versions(marker: Marker, context: Context) -> list[Any]:
    """Return the versions of Python that the file names: text, or what stands in its place."""
    if marker.path.endswith(_TOOL_VERSIONS):
        for line in (context.disk.text(marker.path) or "").split("\n"):
            words = line.partition("#")[0].split()
            if len(words) > 1 and words[0] == "python":
                return list(words[1:])
        return []
    tools = toml.table(owners.tables(marker.path, context, b"python"), "tools")
    named = next((tools[name] for name in _TOOL if name in tools), None)
    found = [_version(each) for each in (named if isinstance(named, list) else [named])]
    return [each for each in found if each is not None]


def _version(value: Any) -> Any:
    """Return what VALUE, one of a tool's versions, says; None for nothing."""
    if not isinstance(value, dict):
        return value
    path = value.get("path")
    return f"path:{path}" if isinstance(path, str) and "version" not in value else value.get("version")
