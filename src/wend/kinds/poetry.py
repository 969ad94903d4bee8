"""poetry: an environment in the project, or in poetry's own directory of environments.

Source: poetry 2.5 (poetry/utils/env/env_manager.py, poetry/config/config.py), observed on project layouts.
"""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple, Optional

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import interpreters, owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_OWNER, Marker
from wend.settings import Settings
from wend.system import MACOS, join

_ODD = re.compile(r'[ $`!*@"\\\r\n\t]')
_RUNS = re.compile(r"[-_.]+")
_FIX = "poetry install"


class Poetry(Kind):
    """A directory with `[tool.poetry]` or a poetry.lock."""

    name = "poetry"
    variables = (
        "POETRY_CACHE_DIR",
        "POETRY_CONFIG_DIR",
        "POETRY_VIRTUALENVS_CREATE",
        "POETRY_VIRTUALENVS_IN_PROJECT",
        "POETRY_VIRTUALENVS_PATH",
    )

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the project's file; a poetry.lock has one beside it."""
        del settings
        return ((owners.PYPROJECT, RANK_OWNER),)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what poetry reads, if it owns the directory."""
        return self.variables if owners.poetry(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `poetry env info` names."""
        if not owners.poetry(marker.dir, context):
            return None
        options = _options(marker.dir, context)
        inside = f"{marker.dir.rstrip('/')}/.venv"
        if options.in_project is not False and context.disk.is_dir(inside):
            found = venv.at(inside, marker, context, kind=self.name)
            return found or owners.nothing_yet(self.name, _FIX, f"{inside} is empty", (f"{inside}/pyvenv.cfg",))
        if options.create is False:
            return None  # poetry uses whatever Python is active
        if options.in_project:
            return owners.nothing_yet(self.name, _FIX, f"there is no {inside}", (inside,))
        return self._stored(marker, options, context)

    def _stored(self, marker: Marker, options: _Options, context: Context) -> Resolved:
        base = _base_name(marker.dir, context)
        names = [name for name in context.disk.listdir(options.path) if name.startswith(f"{base}-py")]
        wanted = _entry(options.path, base, context) or interpreters.minor_on_path("python", context)
        name = f"{base}-py{wanted}" if wanted else ""
        if name not in names and len(names) == 1 and not _entry(options.path, base, context):
            name = names[0]
        if name not in names:
            if len(names) > 1 and not wanted:
                why = f"poetry has several environments for this project in {options.path}"
                return owners.nothing_yet(self.name, "poetry env use python3", "", why=why)
            place = f"{options.path}/{name or base + '-py*'}"
            return owners.nothing_yet(self.name, _FIX, f"there is no {place}", (place,) if name else (options.path,))
        found = venv.at(
            f"{options.path}/{name}", marker, context, kind=self.name, store=options.store, spelled=not options.store
        )
        return found or owners.nothing_yet(self.name, _FIX, f"{options.path}/{name} is empty")


def makes_environments(directory: str, context: Context) -> bool:
    """Return whether poetry makes an environment for the project DIRECTORY: `virtualenvs.create` is not off."""
    return _options(directory, context).create is not False


class _Options(NamedTuple):
    in_project: Optional[bool]
    create: Optional[bool]
    path: str  # of the environments
    store: bool  # whether the user named that, and no project's file


def _options(root: str, context: Context) -> _Options:
    """Return poetry's settings: a variable wins over poetry.toml in the project, that over the user's config.toml."""
    project = toml.table(owners.tables(f"{root.rstrip('/')}/poetry.toml", context), "virtualenvs")
    config = owners.tables(f"{_config_dir(context)}/config.toml", context)
    user = toml.table(config, "virtualenvs")

    def option(key: str) -> Any:
        variable = context.env.get(f"POETRY_VIRTUALENVS_{key.upper().replace('-', '_')}")
        return variable or project.get(key, user.get(key))

    cache = context.env.get("POETRY_CACHE_DIR") or config.get("cache-dir") or _cache_dir(context)
    cache = cache if isinstance(cache, str) else _cache_dir(context)
    path = option("path")
    from_project = "path" in project and not context.env.get("POETRY_VIRTUALENVS_PATH")
    place = path.replace("{cache-dir}", cache) if isinstance(path, str) and path else f"{cache}/virtualenvs"
    place = owners.expanded(place, context) or place
    return _Options(
        in_project=owners.truth(option("in-project")),
        create=owners.truth(option("create")),
        path=join(root, place),
        store=not from_project,
    )


def _config_dir(context: Context) -> str:
    if MACOS:
        default = f"{context.home}/Library/Application Support/pypoetry"
    else:
        default = f"{context.env.get('XDG_CONFIG_HOME') or context.home + '/.config'}/pypoetry"
    return context.env.get("POETRY_CONFIG_DIR") or default


def _cache_dir(context: Context) -> str:
    if MACOS:
        return f"{context.home}/Library/Caches/pypoetry"
    return f"{context.env.get('XDG_CACHE_HOME') or context.home + '/.cache'}/pypoetry"


def _base_name(root: str, context: Context) -> str:
    """Return the name of the project's environments, before `-py3.12`."""
    tree = owners.pyproject(root, context)
    name = toml.table(tree, "project").get("name") or toml.table(tree, "tool", "poetry").get("name")
    name = name if isinstance(name, str) and name else "non-package-mode"
    name = _RUNS.sub("-", name).lower()
    real = os.fsencode(context.disk.realpath(root))
    return f"{_ODD.sub('_', name)[:42]}-{digest.short(digest.sha256(real), 8)}"


def _entry(path: str, base: str, context: Context) -> str:
    """Return the minor version that `poetry env use` chose for the project, empty for none."""
    minor = toml.table(owners.tables(f"{path}/envs.toml", context), base).get("minor")
    return minor if isinstance(minor, str) else ""
