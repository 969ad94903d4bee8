"""hatch: the environment `default`, or HATCH_ENV, where hatch puts it.

Source: hatch 1.18 (hatch/env/virtual.py, hatch/config/model.py), observed on project layouts.
"""

from __future__ import annotations

import os
import re

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_OWNER, Marker
from wend.settings import Settings
from wend.system import join

_RUNS = re.compile(r"[-_.]+")


class Hatch(Kind):
    """A directory with `[tool.hatch.envs]` or a hatch.toml."""

    name = "hatch"
    variables = ("HATCH_CONFIG", "HATCH_DATA_DIR", "HATCH_ENV", "HATCH_ENV_TYPE_VIRTUAL_PATH")

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return hatch's own file, then the project's."""
        del settings
        return (("hatch.toml", RANK_OWNER), (owners.PYPROJECT, RANK_OWNER))

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what hatch reads, if it owns the directory."""
        return self.variables if owners.hatch(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `hatch env find` names."""
        root = marker.dir.rstrip("/")
        if not owners.hatch(root, context):
            return None
        if marker.path.endswith(owners.PYPROJECT) and owners.beside(root, "hatch.toml", context):
            return None  # hatch.toml stands for both
        name = context.env.get("HATCH_ENV", "") or "default"
        chosen = context.env.get("HATCH_ENV_TYPE_VIRTUAL_PATH", "")
        path = chosen or _table(root, name, context).get("path")
        if isinstance(path, str) and path:
            path = owners.expanded(path, context) or path
            place, store = join(root, path), bool(chosen)
        else:
            place, store = self._default(root, name, context)
        found = venv.at(place, marker, context, kind=self.name, store=store, spelled=not store)
        if found is None:
            fix = "hatch env create" if name == "default" else f"hatch env create {name}"
            return owners.nothing_yet(self.name, fix, f"there is no {place}", (place,))
        return found

    @staticmethod
    def _default(root: str, name: str, context: Context) -> tuple[str, bool]:
        real = context.disk.realpath(root)
        project = toml.table(owners.pyproject(root, context), "project").get("name")
        project = _RUNS.sub("-", project).lower() if isinstance(project, str) and project else ""
        identity = digest.short(digest.sha256(os.fsencode(real)), 8)
        env_name = name if name != "default" else project or f"{identity}-unmanaged"
        data, store = _data(real, context)
        flat = data in (f"{context.home}/.virtualenvs", real) or data.startswith(real + "/")
        if flat:
            return f"{data}/{env_name}", store and not data.startswith(real)
        folder = project or f"{identity}-unmanaged"
        return f"{data}/{folder}/{identity}/{env_name}", store


def _table(root: str, name: str, context: Context) -> dict[str, object]:
    own = toml.table(owners.tables(f"{root}/hatch.toml", context), "envs", name)
    return own or toml.table(owners.pyproject(root, context, b"tool.hatch"), "tool", "hatch", "envs", name)


def _data(real: str, context: Context) -> tuple[str, bool]:
    """Return hatch's directory of environments, and whether the user chose it."""
    config = (
        context.env.get("HATCH_CONFIG")
        or f"{context.env.get('XDG_CONFIG_HOME') or context.home + '/.config'}/hatch/config.toml"
    )
    chosen = toml.table(owners.tables(config, context), "dirs", "env").get("virtual")
    if isinstance(chosen, str) and chosen:
        place = owners.variable_expanded(chosen, context) or chosen
        return join(real, place), True
    data = (
        context.env.get("HATCH_DATA_DIR")
        or f"{context.env.get('XDG_DATA_HOME') or context.home + '/.local/share'}/hatch"
    )
    return join(real, f"{data}/env/virtual"), True
