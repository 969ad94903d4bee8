"""poetry: an environment in the project, or in poetry's own directory of environments.

Source: poetry 2.5 (poetry/utils/env/env_manager.py, poetry/config/config.py), observed on project layouts.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved, asleep
from wend.kinds.projectfiles import PYPROJECT
from wend.model import RANK_OWNER, Marker, Problem
from wend.patterns import pattern
from wend.settings import Settings
from wend.typed import TYPE_CHECKING, NamedTuple, Optional, late

if TYPE_CHECKING:
    from wend.formats import digest
    from wend.kinds import interpreters, userdirs, usersettings
else:
    digest = late("wend.formats.digest")
    interpreters = late("wend.kinds.interpreters")
    userdirs = late("wend.kinds.userdirs")
    usersettings = late("wend.kinds.usersettings")

_ODD = pattern(r'[ $`!*@"\\\r\n\t]')
_RUNS = pattern(r"[-_.]+")
_FIX = "poetry install"
_PROJECTS = "poetry.toml"  # what says it, where no word of the user's does
_AGAIN = "poetry env remove --all && poetry install"  # an install alone leaves a broken one in the cache as it is


class Poetry(Kind):
    """A directory with `[tool.poetry]` or a poetry.lock."""

    name = "poetry"
    variables = (
        "POETRY_CACHE_DIR",
        "POETRY_CONFIG_DIR",
        "POETRY_VIRTUALENVS_CREATE",
        "POETRY_VIRTUALENVS_IN_PROJECT",
        "POETRY_VIRTUALENVS_PATH",
        "POETRY_VIRTUALENVS_USE_POETRY_PYTHON",
    )

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the project's file; a poetry.lock has one beside it."""
        del settings
        return ((PYPROJECT, RANK_OWNER),)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what poetry reads, if it owns the directory."""
        return self.variables if owners.poetry(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `poetry env info` names."""
        root = marker.dir.rstrip("/")
        unreadable = owners.damaged(marker.path, context, b"tool.poetry")
        if not unreadable and owners.poetry(marker.dir, context):
            unreadable = owners.damaged(f"{root}/poetry.toml", context)
        elif not unreadable:
            return None
        if unreadable:
            return unreadable
        found = self._found(root, marker, context)
        return owners.explained(found, self.name, owners.sign(self.name, root, context), root)

    def _found(self, root: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment of the project ROOT."""
        options = _options(marker.dir, context)
        inside = f"{root}/.venv"
        if options.in_project is not False and context.disk.is_dir(inside):
            found = venv.at(inside, marker, context, kind=self.name)
            if isinstance(found, Problem):
                return owners.unusable(found, self.name, _FIX)
            return found or owners.nothing_at(self.name, _FIX, inside, context)
        if not options.create:
            return None  # poetry uses whatever Python is active
        found = self._stored(marker, options, context)
        if options.in_project and isinstance(found, Problem) and found.status == "unavailable":
            return owners.nothing_at(self.name, _FIX, inside, context)
        return found

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the environments of the project, one for each Python."""
        path = _options(directory, context).path
        return tuple(f"{path}/{name}" for name in _stored(path, _base_name(directory, context), context))

    def _stored(self, marker: Marker, options: _Options, context: Context) -> Resolved:
        unseen = None if options.store else asleep(options.path, context)
        if unseen:
            return owners.unusable(unseen, self.name, _FIX)
        base = _base_name(marker.dir, context)
        names = _stored(options.path, base, context)
        entry = _entry(options.path, base, context)
        wanted = entry or ("" if options.own_python else interpreters.minor_on_path("python", context))
        name = f"{base}-py{wanted}" if wanted else ""
        if name not in names and len(names) == 1 and not entry:
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
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, _AGAIN)
        if found is None:
            return owners.nothing_at(self.name, _AGAIN, f"{options.path}/{name}", context)
        by = " and ".join(filter(None, (options.said, entry and "envs.toml")))
        return found._replace(said=f"{found.prefix}, by {by}" if by else "")


def makes_environments(directory: str, context: Context) -> bool:
    """Return whether poetry makes an environment for the project DIRECTORY: `virtualenvs.create` is not off."""
    return _options(directory, context).create


def serves(directory: str, context: Context) -> bool:
    """Return whether poetry has, or would make, an environment of its own for its project DIRECTORY."""
    options = _options(directory, context)
    return options.create or (options.in_project is not False and context.disk.is_dir(f"{directory.rstrip('/')}/.venv"))


class _Options(NamedTuple):
    in_project: Optional[bool]  # None: nothing says so, and a .venv in the project counts
    create: bool
    own_python: bool  # whether poetry uses the Python that it runs on, and not the one on PATH
    path: str  # of the environments
    store: bool  # whether the user named that, and no project's file
    said: str  # which setting names it, empty for none


def _options(root: str, context: Context) -> _Options:
    """Return poetry's settings: a variable wins over poetry.toml in the project, that over the user's config.toml."""
    project = owners.tables(f"{root.rstrip('/')}/poetry.toml", context)
    user = usersettings.of_poetry(context)

    def switch(key: str) -> Optional[bool]:
        variable = context.env.get(f"POETRY_VIRTUALENVS_{key.upper().replace('-', '_')}")
        if variable is not None:  # also an empty one
            return variable.lower() in ("true", "1")
        value = _setting(key, project, user)
        return None if value is None else bool(value)  # text is true, whatever it says

    cache, cache_by = _first_text(
        (context.env.get("POETRY_CACHE_DIR"), "POETRY_CACHE_DIR"),
        (project.get("cache-dir"), _PROJECTS),
        (user.get("cache-dir"), "cache-dir in config.toml"),
        (userdirs.cache("pypoetry", context), ""),
    )
    path, path_by = _first_text(
        (context.env.get("POETRY_VIRTUALENVS_PATH"), "POETRY_VIRTUALENVS_PATH"),
        (toml.table(project, "virtualenvs").get("path"), _PROJECTS),
        (toml.table(user, "virtualenvs").get("path"), "virtualenvs.path in config.toml"),
        ("{cache-dir}/virtualenvs", ""),
    )
    place = path.replace("{cache-dir}", cache)
    # poetry takes a relative one from the directory that it is run in; an environment must not depend on that.
    place = os.path.normpath(os.path.join(root, owners.expanded(place, context) or place))
    own = _PROJECTS not in (path_by, cache_by if "{cache-dir}" in path else "")
    if not own:
        context.disk.guard(place)
    return _Options(
        in_project=switch("in-project"),
        create=switch("create") is not False,
        own_python=bool(switch("use-poetry-python")),
        path=place,
        store=own,
        said=path_by or cache_by,
    )


def _setting(key: str, project: dict[str, object], user: dict[str, object]) -> object:
    """Return the setting KEY of `virtualenvs`, from PROJECT before USER; None where neither has it."""
    return toml.table(project, "virtualenvs").get(key, toml.table(user, "virtualenvs").get(key))


def _first_text(*values: tuple[object, str]) -> tuple[str, str]:
    """Return the first of VALUES that is text and not empty, with its companion."""
    return next((value, by) for value, by in values if isinstance(value, str) and value)


def _base_name(root: str, context: Context) -> str:
    """Return the name of the project's environments, before `-py3.12`."""
    tree = owners.pyproject(root, context)
    name = toml.table(tree, "project").get("name") or toml.table(tree, "tool", "poetry").get("name")
    name = name if isinstance(name, str) and name else "non-package-mode"
    name = _RUNS.sub("-", name).lower()
    real = os.fsencode(os.path.normcase(context.disk.realpath(root)))
    return f"{_ODD.sub('_', name)[:42]}-{digest.short(digest.sha256(real), 8)}"


def _stored(path: str, base: str, context: Context) -> list[str]:
    """Return the names in the directory PATH of the environments of the project that BASE stands for."""
    return [name for name in context.disk.listdir(path) if name.startswith(f"{base}-py")]


def _entry(path: str, base: str, context: Context) -> str:
    """Return the minor version that `poetry env use` chose for the project, empty for none."""
    minor = toml.table(owners.tables(f"{path}/envs.toml", context), base).get("minor")
    return minor if isinstance(minor, str) else ""
