"""virtualenvwrapper: an environment in the user's own store whose `.project` file names this directory.

pipenv writes the same file in its own store. The store is read once, and remembered while the names in it are the same.
A file that changed is noticed at once if it is of the active environment or of one that named the directory, else after
the next answer that rests on the store: then the shell asks again.

Source: virtualenvwrapper (virtualenvwrapper.sh, `setvirtualenvproject`).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_POINTER, Marker, Problem
from wend.settings import Settings
from wend.text import quoted, visible
from wend.typed import Iterable

_PROJECT = ".project"
_MAX_PATH = 4096  # bytes
_MAX_STORE = 2000  # environments


class Virtualenvwrapper(Kind):
    """An environment that `mkvirtualenv -a DIR` tied to a directory."""

    name = "virtualenvwrapper"
    stores = True

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return nothing: no file in the project says it."""
        del settings
        return ()

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return a marker for each environment in the store that names DIRECTORY."""
        for prefix in _named(context.disk.realpath(directory), context):
            yield Marker(self.name, f"{prefix}/{_PROJECT}", directory, RANK_POINTER)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that holds the `.project` file."""
        prefix = os.path.dirname(marker.path)
        both = _named(context.disk.realpath(marker.dir), context)
        if len(both) > 1:
            names, store = " and ".join(os.path.basename(each) for each in both), os.path.dirname(prefix)
            fix = f"rm {visible(quoted(f'{both[-1]}/{_PROJECT}'))}"
            return Problem("broken", f"{names} in {store} both name this project", fix)
        found = venv.at(prefix, marker, context, kind=self.name, store=True)
        return (
            found._replace(said=f"its {_PROJECT} file in {os.path.dirname(prefix)} names this directory")
            if found
            else None
        )


_Index = dict[str, tuple[str, ...]]  # real path of a project -> prefixes


def _named(real: str, context: Context) -> tuple[str, ...]:
    """Return the environments in the user's store that name the project REAL, a real path."""
    store = owners.workon_home(context) or (f"{context.home}/.virtualenvs" if context.home else "")
    if not store:
        return ()
    # The index may be older than a file in the store. Users tie a project to the environment that is active.
    active = context.env.get("VIRTUAL_ENV", "")
    if os.path.dirname(active) == store:
        context.disk.once(("virtualenvwrapper", store), lambda: _compare(active, store, context))
    found = _index(store, context).get(real, ())
    if any(_project(prefix, context) != real for prefix in found):
        found = _index(store, context, again=True).get(real, ())
    return found


def _compare(active: str, store: str, context: Context) -> None:
    """Read the files in STORE again if the one of the environment ACTIVE says something else than the index."""
    index = _index(store, context)
    if _project(active, context) != next((project for project, named in index.items() if active in named), ""):
        _index(store, context, again=True)


def _index(store: str, context: Context, *, again: bool = False) -> _Index:
    """Return which environments of STORE name which project. AGAIN: whatever is remembered."""

    def read(names: list[str]) -> _Index:
        found: _Index = {}
        for name in names[:_MAX_STORE]:
            project = _project(f"{store}/{name}", context)
            if project:
                found[project] = (*found.get(project, ()), f"{store}/{name}")
        return found

    return context.disk.kept(store, read, again=again) or {}


def _project(prefix: str, context: Context) -> str:
    """Return the real path of the project that the environment PREFIX names, empty for none."""
    project = (context.disk.text(f"{prefix}/{_PROJECT}", _MAX_PATH) or "").strip()
    return context.disk.realpath(project) if os.path.isabs(project) else ""
