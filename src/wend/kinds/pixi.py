"""pixi: a conda prefix below `.pixi/envs`, or in the directory that pixi's configuration names.

By layout only: pixi itself has not been run beside this. Source: pixi's documentation (`.pixi/envs/<name>`,
`detached-environments`, conda-meta/pixi).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners
from wend.kinds.base import Kind, Resolved
from wend.kinds.conda import environment, installation
from wend.model import RANK_OWNER, Marker, Target
from wend.settings import Settings

_FIX = "pixi install"


class Pixi(Kind):
    """A directory with a pixi.toml or `[tool.pixi]`."""

    name = "pixi"
    variables = ("PIXI_ENVIRONMENT_NAME", "PIXI_HOME", *installation.VARIABLES)
    prefix_variable = "CONDA_PREFIX"

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return pixi's own file, then the project's."""
        del settings
        return (("pixi.toml", RANK_OWNER), (owners.PYPROJECT, RANK_OWNER))

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what pixi reads, if it owns the directory."""
        return self.variables if owners.pixi(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment `default`, or the one that PIXI_ENVIRONMENT_NAME names."""
        root = marker.dir.rstrip("/")
        if not owners.pixi(root, context):
            return None
        if marker.path.endswith(owners.PYPROJECT) and owners.beside(root, "pixi.toml", context):
            return None  # pixi.toml stands for both
        name = context.env.get("PIXI_ENVIRONMENT_NAME", "") or "default"
        if "/" in name or name in (".", ".."):
            name = "default"
        project = _project(marker, context)
        place, store = _place(root, name, context)
        if not context.disk.is_dir(f"{place}/conda-meta"):
            return owners.nothing_yet(self.name, _FIX, f"there is no {place}", (place, f"{place}/conda-meta"))
        found = environment.at(place, marker, context)
        shown = project if name == "default" else f"{project}:{name}"
        if isinstance(found, Target):
            return found._replace(kind=self.name, name=shown, prompt=f"({shown}) ", store=store)
        return found


def _project(marker: Marker, context: Context) -> str:
    tree = owners.tables(marker.path, context)
    tree = toml.table(tree, "tool", "pixi") or tree
    for section in (toml.table(tree, "workspace"), toml.table(tree, "project")):
        name = section.get("name")
        if isinstance(name, str) and name:
            return name
    return os.path.basename(marker.dir.rstrip("/"))


def _place(root: str, name: str, context: Context) -> tuple[str, bool]:
    """Return the prefix of the environment NAME, and whether it lies in a directory that the user chose."""
    user = f"{context.env.get('PIXI_HOME') or context.home + '/.pixi'}/config.toml"
    for config, own in ((f"{root}/.pixi/config.toml", False), (user, True)):
        detached = owners.tables(config, context, b"detached-environments").get("detached-environments")
        if isinstance(detached, str) and os.path.isabs(detached):
            folder = os.path.basename(context.disk.realpath(root))
            found = [each for each in context.disk.listdir(detached) if each.startswith(f"{folder}-")]
            if len(found) == 1:
                return f"{detached.rstrip('/')}/{found[0]}/envs/{name}", own
    return f"{root}/.pixi/envs/{name}", False
