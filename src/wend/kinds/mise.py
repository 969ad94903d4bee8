"""mise and asdf: an environment that mise.toml names, and versions in mise.toml and .tool-versions.

Source: mise 2026.9 (documentation of `_.python.venv`, `mise where python`), asdf (.tool-versions), observed on
project layouts.
"""

from __future__ import annotations

from typing import Optional

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, pins, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_EXPLICIT, RANK_PIN, Marker, Problem
from wend.settings import Settings
from wend.system import join

_FILES = ("mise.toml", ".mise.toml")
_TOOL_VERSIONS = ".tool-versions"


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
        tree = owners.tables(marker.path, context, b"venv")
        value = toml.table(toml.table(tree, "env", "_"), "python").get("venv")
        value = value.get("path") if isinstance(value, dict) else value
        if not isinstance(value, str) or not value or "{{" in value:
            return None
        place = join(marker.dir, owners.expanded(value, context) or value)
        found = venv.at(place, marker, context, spelled=True)
        if found is None:
            return Problem("unavailable", f"there is no {place}", f"python3 -m venv {place}", appears=(place,))
        return found


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
        return self.variables if _version(marker, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the interpreter that the file names; None when it names none."""
        word = _version(marker, context)
        if not word:
            return None
        return pins.resolve(word, marker, context)


def _version(marker: Marker, context: Context) -> Optional[str]:
    """Return the first version of Python that the file names."""
    if marker.path.endswith(_TOOL_VERSIONS):
        for line in (context.disk.text(marker.path) or "").split("\n"):
            words = line.partition("#")[0].split()
            if len(words) > 1 and words[0] == "python":
                return words[1]
        return None
    value = toml.table(owners.tables(marker.path, context, b"python"), "tools").get("python")
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("version") if isinstance(value, dict) else value
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
