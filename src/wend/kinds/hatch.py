"""hatch: the environment `default`, or HATCH_ENV, where hatch puts it.

Source: hatch 1.18 (hatch/env/virtual.py, hatch/config/model.py), observed on project layouts.
"""

from __future__ import annotations

import os
import shlex

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import owners, userdirs, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_OWNER, Marker, Problem
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import visible

_RUNS = pattern(r"[-_.]+")


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
        own = marker.path.endswith("hatch.toml")
        unreadable = owners.damaged(marker.path, context, *(() if own else (b"tool.hatch.envs",)))
        if unreadable:
            return owners.unreadable(unreadable)
        if not owners.hatch(root, context):
            return None
        if not own and owners.beside(root, "hatch.toml", context):
            return None  # hatch.toml stands for both
        name = context.env.get("HATCH_ENV", "") or "default"
        chosen = context.env.get("HATCH_ENV_TYPE_VIRTUAL_PATH", "")
        path = chosen or _table(root, name, context).get("path")
        if isinstance(path, str) and path:
            place, store = join(root, path), bool(chosen)
        else:
            place, store = self._default(root, name, context)
        found = venv.at(place, marker, context, kind=self.name, store=store, spelled=not store)
        which = "" if name == "default" else f" {visible(shlex.quote(name))}"
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, f"hatch env remove{which} && hatch env create{which}")
        fix = f"hatch env create{which}"
        return found or owners.nothing_yet(self.name, fix, f"there is no {visible(place)}", (place,))

    @staticmethod
    def _default(root: str, name: str, context: Context) -> tuple[str, bool]:
        real = context.disk.realpath(root)
        tree = owners.pyproject(root, context)
        project = toml.table(tree, "project").get("name") if "project" in tree else os.path.basename(real)
        project = _RUNS.sub("-", project).lower() if isinstance(project, str) else ""
        identity = digest.short(digest.sha256(os.fsencode(real)), 8)
        env_name = name if name != "default" else project
        data, store = _data(real, context)
        if data in (f"{context.home}/.virtualenvs", real) or data.startswith(real + "/"):
            return f"{data}/{env_name}", store and not data.startswith(real)
        return f"{data}/{project}/{identity}/{env_name}", store


def _table(root: str, name: str, context: Context) -> dict[str, object]:
    """Return the table of the environment NAME. `envs` of hatch.toml stands for all of pyproject.toml's."""
    own = owners.tables(f"{root}/hatch.toml", context)
    if "envs" in own:
        return toml.table(own, "envs", name)
    return toml.table(owners.pyproject(root, context, b"tool.hatch"), "tool", "hatch", "envs", name)


def _data(real: str, context: Context) -> tuple[str, bool]:
    """Return hatch's directory of environments, and whether the user chose it."""
    config = context.env.get("HATCH_CONFIG") or f"{userdirs.config('hatch', context)}/config.toml"
    dirs = toml.table(owners.tables(config, context), "dirs")
    chosen = toml.table(dirs, "env").get("virtual")
    if not (isinstance(chosen, str) and chosen):
        said = context.env.get("HATCH_DATA_DIR") or dirs.get("data")
        data = said if isinstance(said, str) and said else userdirs.data("hatch", context)
        chosen = f"{data}/env/virtual"
    place = owners.variable_expanded(chosen, context) or chosen
    return join(real, place), True
