"""pdm: the interpreter that the project remembers, an environment in the project, or one in pdm's own directory.

Source: pdm 2.29 (pdm/project/core.py, pdm/cli/commands/venv/utils.py), observed on project layouts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Optional

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import owners, pins, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_EXPLICIT, RANK_OWNER, Marker, Target
from wend.settings import Settings

_FIX = "pdm install"
_IN_PROJECT = (".venv", "venv", "env")
_MAX_PATH = 4096


class Pdm(Kind):
    """A directory with `[tool.pdm]`, a pdm.lock or a .pdm-python."""

    name = "pdm"
    variables = ("PDM_PYTHON",)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the file that remembers an interpreter, and the project's file."""
        del settings
        return ((".pdm-python", RANK_EXPLICIT), (owners.PYPROJECT, RANK_OWNER))

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what pdm reads, if it owns the directory."""
        return self.variables if owners.pdm(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment whose interpreter `pdm info --python` names."""
        if not owners.pdm(marker.dir, context):
            return None
        explicit = marker.rank == RANK_EXPLICIT
        root = marker.dir.rstrip("/")
        word = context.env.get("PDM_PYTHON", "") or _remembered(root, context)
        if word:
            found = self._at_interpreter(word, marker, context)
            if found is not None or explicit:
                return found if explicit or not _explicit_file(root, context) else None
        elif explicit:
            return None
        wanted = pins.requires_python(root, context)
        for prefix in self._places(root, context):
            found = venv.at(prefix, marker, context, kind=self.name, store=not prefix.startswith(root + "/"))
            if isinstance(found, Target) and pins.fits(found.python_version, wanted):
                return found
        if word and _explicit_file(root, context):
            why = ".pdm-python names an interpreter that is not in an environment"
            return owners.nothing_yet(self.name, _FIX, "", (f"{root}/.venv",), why)
        looked = f"neither {root}/.venv nor {_location(context)}/{_central_name(root, context)}* fits"
        return owners.nothing_yet(self.name, _FIX, looked, (f"{root}/.venv", f"{root}/.pdm-python"))

    def _at_interpreter(self, word: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment of the interpreter WORD, None when there is no such interpreter or environment."""
        if not os.path.isabs(word) or not context.disk.is_file(word):
            return None
        prefix = os.path.dirname(os.path.dirname(word))
        inside = prefix.startswith(marker.dir.rstrip("/") + "/")
        stored = os.path.dirname(prefix) == _location(context)
        return venv.at(prefix, marker, context, kind=self.name, store=stored and not inside, spelled=True)

    @staticmethod
    def _places(root: str, context: Context) -> Iterator[str]:
        for name in _IN_PROJECT:
            if context.disk.is_dir(f"{root}/{name}"):
                yield f"{root}/{name}"
        location = _location(context)
        base = _central_name(root, context)
        for name in context.disk.listdir(location):
            if name.startswith(base):
                yield f"{location}/{name}"


def _explicit_file(root: str, context: Context) -> bool:
    return context.disk.is_file(f"{root}/.pdm-python")


def _remembered(root: str, context: Context) -> str:
    text = context.disk.text(f"{root}/.pdm-python", _MAX_PATH)
    return (text or "").strip()


def _location(context: Context) -> str:
    """Return pdm's directory of environments, which only the user's own config.toml can move."""
    config = context.env.get("XDG_CONFIG_HOME") or f"{context.home}/.config"
    place: Optional[object] = toml.table(owners.tables(f"{config}/pdm/config.toml", context), "venv").get("location")
    if isinstance(place, str) and place:
        return (owners.expanded(place, context) or place).rstrip("/")
    data = context.env.get("XDG_DATA_HOME") or f"{context.home}/.local/share"
    return f"{data}/pdm/venvs"


def _central_name(root: str, context: Context) -> str:
    real = context.disk.realpath(root)
    return f"{os.path.basename(real)}-{digest.short(digest.md5(os.fsencode(real)), 8)}-"
