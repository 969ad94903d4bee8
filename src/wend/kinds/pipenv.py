"""pipenv: an environment in the project, in the user's directory of environments, or where a `.venv` file says.

Source: pipenv 2026.10 (pipenv/project.py, pipenv/environments.py), observed on project layouts.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_OWNER, Marker, Problem
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import visible
from wend.typed import Optional, Union

_ODD = pattern(r'[ &$`!*@"()\[\]\\\r\n\t]')
_FIX = "pipenv install"
_AGAIN = "pipenv --rm && pipenv install"  # an install alone leaves a broken environment as it is
_DEPTH = 10  # directories in which pipenv looks for a Pipfile, the current one among them
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Pipenv(Kind):
    """A directory with a Pipfile."""

    name = "pipenv"
    variables = (
        "PIPENV_CUSTOM_VENV_NAME",
        "PIPENV_MAX_DEPTH",
        "PIPENV_NO_INHERIT",
        "PIPENV_NO_VENV_IN_PROJECT",
        "PIPENV_PIPFILE",
        "PIPENV_PYTHON",
        "PIPENV_VENV_IN_PROJECT",
    )

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the project's file."""
        del settings
        return (("Pipfile", RANK_OWNER),)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `pipenv --venv` names."""
        pipfile = _pipfile(marker, context)
        if not context.disk.is_file(pipfile):
            return None
        unreadable = owners.damaged(pipfile, context, b"venv_in_project")
        if unreadable:
            return owners.unreadable(unreadable)
        root = os.path.dirname(pipfile)
        root = marker.dir.rstrip("/") if root == context.disk.realpath(marker.dir) else root  # as the shell spells it
        place, own = self._place(root, pipfile, context)
        found = venv.at(place, marker, context, kind=self.name, store=own, spelled=not own)
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, _AGAIN)
        if found is None or not context.disk.is_file(f"{place}/{context.bin}/activate"):
            return owners.nothing_yet(self.name, _FIX, f"there is no {visible(place)}", (place,))
        return found

    def _place(self, root: str, pipfile: str, context: Context) -> tuple[str, bool]:
        """Return where the environment of the project ROOT is, and whether that lies in the user's own store."""
        inside = f"{root}/.venv"
        stored = f"{store(context)}/{_name(pipfile, context)}"
        if owners.beside(root, ".venv", context):
            text = (venv.pointer(inside, context) or "").strip()
            if text:
                parts = [part for part in text.split("/") if part not in ("", ".")]
                if text.endswith("/") or len(parts) > 1 or os.path.isabs(text) or parts == [".."]:
                    return join(root, text), False
                return f"{store(context)}/{parts[0] if parts else text}", True
            return stored, True
        wanted = self._in_project(pipfile, context)
        if wanted is None and context.disk.is_dir(inside):
            # A word that is neither yes nor no still speaks for the project's own.
            wanted = bool(_said("VENV_IN_PROJECT", context)) or context.disk.stat(stored) is None
        return (inside, False) if wanted else (stored, True)

    @staticmethod
    def _in_project(pipfile: str, context: Context) -> Optional[bool]:
        """Return whether the user or the Pipfile says that the environment is in the project; None: neither does."""
        wanted = _said("VENV_IN_PROJECT", context)
        if isinstance(wanted, bool):
            return wanted
        section = toml.table(owners.tables(pipfile, context, b"venv_in_project"), "pipenv")
        value = section.get("venv_in_project")
        return None if value is None else bool(value)  # text is true, whatever it says


def _pipfile(marker: Marker, context: Context) -> str:
    """Return the Pipfile that pipenv uses where MARKER is seen, empty for none. pipenv works from getcwd()."""
    named = context.env.get("PIPENV_PIPFILE", "")
    if named:
        return join(context.disk.realpath(marker.dir), named)
    depth = context.env.get("PIPENV_MAX_DEPTH", "")
    most = int(depth) if depth.isascii() and depth.isdigit() else _DEPTH
    most = 1 if _said("NO_INHERIT", context) else most
    return f"{context.disk.realpath(marker.dir).rstrip('/')}/Pipfile" if marker.above < most else ""


def _said(name: str, context: Context) -> Union[bool, str, None]:
    """Return what the variable PIPENV_NAME says, or the opposite of what PIPENV_NO_NAME says; None: neither is set."""
    for variable, yes in ((f"PIPENV_{name}", True), (f"PIPENV_NO_{name}", False)):
        value = context.env.get(variable)
        if value is not None:
            word = value.lower()
            return yes if word in _TRUE else not yes if word in _FALSE else value
    return None


def store(context: Context) -> str:
    """Return pipenv's directory of environments."""
    chosen = owners.variable_expanded(context.env.get("WORKON_HOME", ""), context)
    if chosen and os.path.isabs(chosen):
        return chosen.rstrip("/")
    data = context.env.get("XDG_DATA_HOME", "")
    return f"{data if os.path.isabs(data) else context.home + '/.local/share'}/virtualenvs"


def _name(pipfile: str, context: Context) -> str:
    """Return the name of the environment of the project with PIPFILE, a real path."""
    custom = context.env.get("PIPENV_CUSTOM_VENV_NAME", "")
    if custom:
        return custom
    base = _ODD.sub("_", os.path.basename(os.path.dirname(pipfile)))[:42]
    hashed = digest.short(digest.sha256(os.fsencode(pipfile))[:6], 8)
    python = context.env.get("PIPENV_PYTHON", "")
    suffix = f"-{os.path.basename(python) if os.path.isabs(python) else python}" if python else ""
    return f"{base}-{hashed}{suffix}"
