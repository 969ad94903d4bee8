"""pixi: a conda prefix below `.pixi/envs`, or in the directory that pixi's configuration names.

pixi itself has not been run beside this; the activation of rattler 0.28, which it is built on, has. Source: pixi of
August 2026 (pixi_core/src/activation.rs and workspace, pixi_config, pixi_manifest/src/environment.rs). Not followed:
`[activation]` of the manifest, and a detached directory that pixi has not linked to, if several could be it.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners
from wend.kinds.base import Resolved
from wend.kinds.conda import environment, installation
from wend.kinds.conda.stack import Stacked
from wend.model import RANK_OWNER, Marker, Target
from wend.settings import Settings
from wend.typed import Any, Iterator, NamedTuple

_FIX = "pixi install"
_DEFAULT = "default"
_NO_VERSION = "NO_VERSION_SPECIFIED"
# What pixi sets of its own. Not PIXI_IN_SHELL: that says that the shell exists for the environment.
_SET = (
    "PIXI_PROJECT_ROOT",
    "PIXI_PROJECT_NAME",
    "PIXI_PROJECT_MANIFEST",
    "PIXI_PROJECT_VERSION",
    "PIXI_ENVIRONMENT_NAME",
    "PIXI_PROMPT",
)


class Pixi(Stacked):
    """A directory with a pixi.toml or `[tool.pixi]`."""

    name = "pixi"
    variables = ("PIXI_HOME", *_SET, *installation.VARIABLES)

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
        workspace = _workspace(marker, context)
        name = _chosen(marker.dir, context)
        place, store = _place(root, name, workspace, context)
        if not context.disk.is_dir(f"{place}/conda-meta"):
            return owners.nothing_yet(self.name, _FIX, f"there is no {place}", (place, f"{place}/conda-meta"))
        found = environment.of_pixi(place, marker, context)
        if not isinstance(found, Target):
            return found
        shown = workspace.name if name == _DEFAULT else f"{workspace.name}:{name}"
        prompt = f"({shown}) " if _changes_prompt(root, context) else ""
        own = (marker.dir, workspace.name, marker.path, workspace.version, name, prompt)
        values = {**dict(found.set), "CONDA_DEFAULT_ENV": shown, "CONDA_PROMPT_MODIFIER": prompt}
        return found._replace(
            kind=self.name,
            name=shown,
            prompt=prompt,
            store=store,
            set=tuple({**values, **dict(zip(_SET, own))}.items()),
        )


class _Workspace(NamedTuple):
    name: str
    version: str


def _workspace(marker: Marker, context: Context) -> _Workspace:
    """Return what the manifest says of itself; its directory's name stands for a missing one."""
    tree = owners.tables(marker.path, context)
    project = toml.table(tree, "project")
    tree = toml.table(tree, "tool", "pixi") or tree
    sections = (toml.table(tree, "workspace"), toml.table(tree, "project"), project)
    return _Workspace(
        _first(sections, "name") or os.path.basename(marker.dir.rstrip("/")),
        _first(sections, "version") or _NO_VERSION,
    )


def _first(sections: tuple[dict[str, Any], ...], key: str) -> str:
    found = (section.get(key) for section in sections)
    return next((value for value in found if isinstance(value, str) and value), "")


def _chosen(root: str, context: Context) -> str:
    """Return the environment's name; a variable that another project's shell has set does not count."""
    name = context.env.get("PIXI_ENVIRONMENT_NAME", "")
    of = context.env.get("PIXI_PROJECT_ROOT", "")
    if not name or "/" in name or name in (".", "..") or (of and of.rstrip("/") != root.rstrip("/")):
        return _DEFAULT
    return name


def _configs(root: str, context: Context, word: bytes) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield pixi's configuration files that have WORD, the most important first, and whether each is the user's."""
    config = context.env.get("XDG_CONFIG_HOME", "") or f"{context.home}/.config"
    home = context.env.get("PIXI_HOME", "") or f"{context.home}/.pixi"
    yield owners.tables(f"{root}/.pixi/config.toml", context, word), False
    for directory in (home, f"{config}/pixi", "/etc/pixi"):
        if os.path.isabs(directory):
            yield owners.tables(f"{directory}/config.toml", context, word), True


def _changes_prompt(root: str, context: Context) -> bool:
    for config, _ in _configs(root, context, b"change-ps1"):
        for table in (toml.table(config, "shell"), config):
            if isinstance(table.get("change-ps1"), bool):
                return bool(table["change-ps1"])
    return True


def _place(root: str, name: str, workspace: _Workspace, context: Context) -> tuple[str, bool]:
    """Return the prefix of the environment NAME, and whether it lies in a directory that the user chose.

    pixi calls the detached directory after the workspace, with a digest of the root, and links `.pixi/envs` to it.
    """
    linked = f"{root}/.pixi/envs"
    for config, own in _configs(root, context, b"detached-environments"):
        detached = config.get("detached-environments")
        if detached is None:
            continue
        if not isinstance(detached, str) or not os.path.isabs(detached):
            break  # true: in pixi's cache, and linked
        detached = detached.rstrip("/")
        link = context.disk.realpath(linked)
        if context.disk.is_dir(linked) and link.startswith(f"{context.disk.realpath(detached)}/"):
            return f"{link}/{name}", own
        found = [each for each in context.disk.listdir(detached) if each.startswith(f"{workspace.name}-")]
        if len(found) == 1:
            return f"{detached}/{found[0]}/envs/{name}", own
        break
    return f"{linked}/{name}", False
