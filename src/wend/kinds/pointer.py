"""A `.venv` file: a path to an environment, or the name of one in the user's stores.

One rule for all tools that write or read it. PEP 832, uv 0.13 and virtualenv 21.15: a path, relative to the file, to a
directory with a pyvenv.cfg. autoswitch-virtualenv, virtualfish and pipenv: the name of an environment in a store.
The file must be the user's own and not writable by others, as autoswitch has it.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_POINTER, Marker, Problem
from wend.settings import Settings
from wend.system import join
from wend.text import quoted, visible
from wend.trust import ownership
from wend.typed import Optional

_NAMED_BY = ("VIRTUALFISH_HOME", "AUTOSWITCH_VIRTUAL_ENV_DIR")
_USUAL = ("~/.virtualenvs", "~/.local/share/virtualenvs")


class Pointer(Kind):
    """A regular file `.venv`."""

    name = "pointer"
    documented = "venv"
    variables = ("VIRTUALFISH_HOME", "AUTOSWITCH_VIRTUAL_ENV_DIR")

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the one file that is read."""
        del settings
        return ((".venv", RANK_POINTER),)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what names the stores, if there is a file to read."""
        return self.variables if context.disk.is_file(marker.path) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that the file points to; None when it is a directory."""
        if not context.disk.is_file(marker.path):
            return None
        unsafe = _unsafe(marker, context)
        if unsafe:
            return Problem("untrusted", *unsafe)
        text = venv.pointer(marker.path, context)
        if text is None:
            return Problem("broken", "it cannot be read, or is not a path", f"rm {visible(quoted(marker.path))}")
        if not text:
            return None
        return self._at(text, marker, context)

    def _at(self, text: str, marker: Marker, context: Context) -> Resolved:
        root = marker.dir.rstrip("/")
        one_part = "/" not in text.rstrip("/") and text.rstrip("/") not in ("", ".", "..")
        places = [(f"{store}/{text}", True) for store in stores(context)] if one_part else []
        path = join(root, owners.expanded(text, context) or text)
        beside = (path, os.path.dirname(path) in stores(context))
        # With a Pipfile beside it, the file is pipenv's, and its store comes first.
        places = [*places, beside] if owners.pipenv(root, context) else [beside, *places]
        for place, store in places:
            found = venv.at(place, marker, context, store=store, spelled=True)
            if found is not None:
                which = "" if text == place else f", which is {place}"
                return found._replace(said=f"the file names {text}{which}")
        looked = " nor ".join(visible(place) for place, _ in places[:2])
        fix = venv.new(places[0][0], context)
        why = f"it names {visible(text)}: no environment at {looked}"
        return Problem("unavailable", why, fix, appears=(places[0][0],))


def stores(context: Context) -> tuple[str, ...]:
    """Return the user's directories of named environments."""
    chosen = (owners.variable_expanded(context.env.get(name, ""), context) for name in _NAMED_BY)
    usual = (owners.expanded(path, context) for path in _USUAL)
    places = (owners.workon_home(context), *chosen, *usual)
    return tuple(dict.fromkeys(path.rstrip("/") for path in places if path and os.path.isabs(path)))


def _unsafe(marker: Marker, context: Context) -> Optional[tuple[str, str]]:
    """Return (why, what to type) if another user owns or can write the file of MARKER.

    As autoswitch, without excepting any group.
    """
    path = marker.path
    status = context.disk.stat(path)
    if status is not None and not context.windows and status.st_mode & 0o022:
        return "others can write it", f"chmod go-w {visible(quoted(path))}"
    walk = ownership.follow(path, context.disk)
    found = ownership.first_wrong(walk, context)
    return (found[0], found[1] or ownership.taken_over(marker.dir, walk, context)) if found else None
