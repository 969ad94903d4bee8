"""pixi: a conda prefix below `.pixi/envs`, or in the directory that pixi's configuration names.

pixi itself has not been run beside this; the activation of rattler 0.28, which it is built on, has. Source: pixi of
August 2026 (pixi_core/src/activation.rs and workspace, pixi_config, pixi_manifest/src/discovery.rs). Not followed:
`[activation]` of the manifest. Its scripts are the project's code, and its variables can make other programs run any.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners
from wend.kinds.base import Resolved, sleeping
from wend.kinds.conda.stack import Stacked
from wend.kinds.projectfiles import PIXI, PYPROJECT
from wend.model import RANK_OWNER, Marker, Note, Problem
from wend.settings import Settings
from wend.system import MACOS
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Any, Iterator, NamedTuple, Optional, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.kinds import userdirs
    from wend.kinds.conda import environment, installation
else:
    fixes = late("wend.fixes")
    userdirs = late("wend.kinds.userdirs")
    environment = late("wend.kinds.conda.environment")
    installation = late("wend.kinds.conda.installation")

_FIX = "pixi install"
_SECTIONS = frozenset(("workspace", "project", "package"))
_MOST = 64  # directories of detached environments that are looked into
_MAX_NAMES = 4096  # bytes of a prefix's file conda-meta/pixi
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


_READ = (
    "PIXI_CACHE_DETACHED_ENVIRONMENTS_DIR",
    "PIXI_CACHE_DIR",
    "PIXI_CONFIG_FILE",
    "PIXI_HOME",
    "RATTLER_CACHE_DIR",
)


class Pixi(Stacked):
    """A directory with a pixi.toml, `[tool.pixi]` or a mojoproject.toml."""

    name = "pixi"

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables that pixi reads."""
        return (*_READ, *_SET, *installation.VARIABLES)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return pixi's own file, the project's, and the one of earlier times."""
        del settings
        return tuple((name, RANK_OWNER) for name in PIXI)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what pixi reads, if it owns the directory."""
        return self.variables if not _of_others(marker, context) and owners.pixi(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment `default`, or the one that PIXI_ENVIRONMENT_NAME names."""
        root = marker.dir.rstrip("/")
        if _of_others(marker, context) or os.path.basename(marker.path) != owners.pixi_manifest(root, context):
            return None
        wrong = _damaged(marker.path, context)
        if wrong:
            return wrong
        if not owners.pixi(root, context):
            return None
        by = "[tool.pixi]" if marker.path.endswith(PYPROJECT) else os.path.basename(marker.path)
        return owners.explained(self._used(root, marker, context), self.name, by, root)

    def _used(self, root: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment of the workspace ROOT."""
        manifest = _manifest(marker, context)
        workspace = _workspace(manifest, marker, context)
        name = _chosen(marker.dir, context)
        place, store = _place(root, name, workspace, marker, context)
        option = "" if name == _DEFAULT else f" -e {visible(quoted(name))}"
        unseen = context.disk.sleeping(place)
        if unseen:
            return owners.unusable(sleeping(place, unseen), self.name, _FIX)
        if not context.disk.is_dir(f"{place}/conda-meta"):
            appears = (f"{root}/.pixi/envs",) if "*" in place else (place, f"{place}/conda-meta")
            none = owners.nothing_at(self.name, f"{_FIX}{option}", place, context, proof="conda-meta")
            return none._replace(appears=appears)
        remake = f"pixi reinstall{option}"
        found = environment.of_pixi(place, marker, context, remake=remake)
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, remake)
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
            notes=_notes(manifest, marker),
            other=("pixi add python=", ""),
            said=f"the environment {name}, {place}",
        )

    def chosen(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the project's detached directory, which `.pixi/envs` links to; without a link, what may be it.

        Only whole environments in it name their project, and the digest in its name is pixi's own.
        """
        root = directory.rstrip("/")
        detached, own = _detached(root, context)
        name = owners.pixi_manifest(root, context)
        if not own or not detached or not name:
            return ()
        real, link = context.disk.realpath(detached), context.disk.realpath(f"{root}/.pixi/envs")
        if context.disk.is_dir(link) and os.path.dirname(os.path.dirname(link)) == real:
            return (os.path.dirname(link),)
        marker = Marker(self.name, f"{root}/{name}", directory, RANK_OWNER)
        workspace = _workspace(_manifest(marker, context), marker, context)
        return tuple(f"{real}/{each}" for each in _names_in(detached, workspace, context))

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the project's environment, by what pixi wrote into it: the digest in its path is pixi's own."""
        root = directory.rstrip("/")
        name = owners.pixi_manifest(root, context)
        marker = Marker(self.name, f"{root}/{name}", directory, RANK_OWNER)
        workspace = _workspace(_manifest(marker, context), marker, context)
        place, _ = _place(root, _chosen(directory, context), workspace, marker, context)
        told = _names(place, context).get("manifest_path") if name else ""
        return (place,) if told in (f"{context.disk.realpath(root)}/{name}", marker.path) else ()


def _of_others(marker: Marker, context: Context) -> bool:
    """Return whether MARKER is a pyproject.toml that says nothing of pixi."""
    return marker.path.endswith(PYPROJECT) and not owners.mentions(marker.path, b"tool.pixi", context)


def _damaged(path: str, context: Context) -> Optional[Problem]:
    """Return the problem of a manifest PATH that pixi cannot read, None when it can, or when it is not pixi's."""
    if path.endswith(PYPROJECT):
        return owners.damaged(path, context, b"tool.pixi")
    if owners.damaged(path, context) or _SECTIONS & set(owners.tables(path, context)):
        return owners.damaged(path, context)
    name = os.path.basename(path)
    return owners.unreadable(f"{name} has no table [workspace]", fixes.written(name, "[workspace]"))


def _manifest(marker: Marker, context: Context) -> dict[str, Any]:
    """Return pixi's tables in the file of MARKER."""
    tree = owners.tables(marker.path, context)
    return toml.table(tree, "tool", "pixi") if marker.path.endswith(PYPROJECT) else tree


def _notes(manifest: dict[str, Any], marker: Marker) -> tuple[Note, ...]:
    """Return that something in MANIFEST is left to pixi: it is in no file of the environment that was judged."""
    features = toml.table(manifest, "feature").values()
    parts = [manifest, *features]
    parts += [target for part in parts for target in toml.table(part, "target").values()]
    if not any(toml.table(part, "activation") for part in parts):
        return ()
    text = f"wend does not follow [activation] in {os.path.basename(marker.path)}"
    return (Note(text, "pixi shell", told=False, about="activation"),)


class _Workspace(NamedTuple):
    name: str
    version: str


def _workspace(manifest: dict[str, Any], marker: Marker, context: Context) -> _Workspace:
    """Return what the MANIFEST says of itself; its directory's name stands for a missing one."""
    project = toml.table(owners.tables(marker.path, context), "project")
    sections = (toml.table(manifest, "workspace"), toml.table(manifest, "project"), project)
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
    yield owners.tables(f"{root}/.pixi/config.toml", context, word), False
    for path in _user_configs(context):
        if os.path.isabs(path):
            yield owners.tables(path, context, word), True


def _user_configs(context: Context) -> tuple[str, ...]:
    chosen = context.env.get("PIXI_CONFIG_FILE", "")
    if chosen:
        return (chosen,)
    home = context.env.get("PIXI_HOME", "") or f"{context.home}/.pixi"
    xdg = context.env.get("XDG_CONFIG_HOME", "") if MACOS else ""
    places = (home, userdirs.config("pixi", context), f"{xdg}/pixi" if xdg else "", "/etc/pixi")
    return tuple(f"{place}/config.toml" for place in places if place)


def _changes_prompt(root: str, context: Context) -> bool:
    for config, _ in _configs(root, context, b"change-ps1"):
        for table in (toml.table(config, "shell"), config):
            if isinstance(table.get("change-ps1"), bool):
                return bool(table["change-ps1"])
    return True


def _place(root: str, name: str, workspace: _Workspace, marker: Marker, context: Context) -> tuple[str, bool]:
    """Return the prefix of the environment NAME, and whether it lies in a directory that the user chose.

    pixi calls a detached directory after the workspace, with a digest of the root, and links `.pixi/envs` to it.
    The environments in it name their manifest, so that the digest is not needed.
    """
    linked = f"{root}/.pixi/envs"
    detached, own = _detached(root, context)
    if not own:
        context.disk.guard(os.path.dirname(linked))
    if not detached:
        return f"{linked}/{name}", False
    link = context.disk.realpath(linked)
    if context.disk.is_dir(linked) and link.startswith(f"{context.disk.realpath(detached)}/"):
        return f"{link}/{name}", own
    manifest = f"{context.disk.realpath(root)}/{os.path.basename(marker.path)}"
    for each in _names_in(detached, workspace, context)[:_MOST]:
        prefix = f"{detached}/{each}/envs/{name}"
        if _names(prefix, context).get("manifest_path") in (manifest, marker.path):
            return prefix, own
    return f"{detached}/{workspace.name}-*/envs/{name}", own


def _names_in(detached: str, workspace: _Workspace, context: Context) -> list[str]:
    """Return the names in DETACHED that may be the directory of WORKSPACE: several of its name have one each."""
    return [each for each in context.disk.listdir(detached) if each.startswith(f"{workspace.name}-")]


def _detached(root: str, context: Context) -> tuple[str, bool]:
    """Return the directory of detached environments, empty for none, and whether the user chose it."""
    for config, own in _configs(root, context, b"detached-environments"):
        chosen = config.get("detached-environments")
        if chosen is True:
            return _cached(context), True
        if isinstance(chosen, str):
            place = owners.expanded(chosen, context) or ""
            if not os.path.isabs(place):
                return "", False
            if not own:
                context.disk.guard(place)
            return place.rstrip("/"), own
        if chosen is not None:
            break
    return "", False


def _cached(context: Context) -> str:
    """Return where pixi keeps detached environments that no directory was chosen for."""
    named = context.env.get("PIXI_CACHE_DETACHED_ENVIRONMENTS_DIR", "")
    if named:
        return named.rstrip("/")
    own = userdirs.cache("pixi", context)
    shared = f"{userdirs.cache('rattler', context)}/cache"
    default = own if context.disk.is_dir(own) else shared
    cache = context.env.get("PIXI_CACHE_DIR") or context.env.get("RATTLER_CACHE_DIR") or default
    return f"{cache.rstrip('/')}/envs"


def _names(prefix: str, context: Context) -> dict[str, Any]:
    """Return what pixi wrote of the environment at PREFIX into it."""
    import json  # noqa: PLC0415

    try:
        found = json.loads(context.disk.read(f"{prefix}/conda-meta/pixi", _MAX_NAMES) or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
