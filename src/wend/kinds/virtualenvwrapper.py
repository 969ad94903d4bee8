"""virtualenvwrapper: an environment in the user's own store whose `.project` file names this directory.

pipenv writes the same file in its own store. The stores are read once, and remembered by their signatures.

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

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return nothing: no file in the project says it."""
        del settings
        return ()

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return a marker for each environment in the store that names DIRECTORY."""
        real = context.disk.realpath(directory)
        for store in stores(context):
            for prefix in index(store, context).get(real, ()):
                yield Marker(self.name, f"{prefix}/{_PROJECT}", directory, RANK_POINTER)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that holds the `.project` file."""
        prefix = os.path.dirname(marker.path)
        store, real = os.path.dirname(prefix), context.disk.realpath(marker.dir)
        both = index(store, context).get(real, ())
        if len(both) > 1:
            names = " and ".join(os.path.basename(each) for each in both)
            fix = f"rm {visible(quoted(f'{both[-1]}/{_PROJECT}'))}"
            return Problem("broken", f"{names} in {store} both name this project", fix)
        found = venv.at(prefix, marker, context, kind=self.name, store=True)
        return found._replace(said=f"its {_PROJECT} file in {store} names this directory") if found else None


def stores(context: Context) -> tuple[str, ...]:
    """Return virtualenvwrapper's directory of environments, when there is one."""
    store = owners.workon_home(context) or (f"{context.home}/.virtualenvs" if context.home else "")
    return (store,) if store and context.disk.is_dir(store) else ()


_Index = dict[str, tuple[str, ...]]  # real path of a project -> prefixes
_Signature = tuple[tuple[str, int, int, int, int], ...]
_remembered: dict[str, tuple[_Signature, _Index]] = {}


def index(store: str, context: Context) -> _Index:
    """Return which environments of STORE name which project: {real path of the project: prefixes}."""
    return context.disk.once(("virtualenvwrapper", store), lambda: _read_again(store, context))


def _read_again(store: str, context: Context) -> _Index:
    """Return the index; the files are read again only when one has changed."""
    disk = context.disk
    names = disk.listdir(store)[:_MAX_STORE]
    found = []
    for name in names:
        status = disk.stat(f"{store}/{name}/{_PROJECT}")
        if status is not None:
            found.append((name, status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    signature = tuple(found)
    before = _remembered.get(store)
    if before and before[0] == signature:
        return before[1]
    found_index: _Index = {}
    for name, *_ in signature:
        text = disk.text(f"{store}/{name}/{_PROJECT}", _MAX_PATH)
        project = (text or "").strip()
        if os.path.isabs(project):
            real = disk.realpath(project)
            found_index[real] = (*found_index.get(real, ()), f"{store}/{name}")
    _remembered.clear()  # one store is in use at a time
    _remembered[store] = (signature, found_index)
    return found_index
