"""pipenv: an environment in the project, in the user's directory of environments, or where a `.venv` file says.

Source: pipenv 2026.10 (pipenv/project.py, pipenv/environments.py), observed on project layouts.
"""

from __future__ import annotations

import os
import re
from typing import Optional

from wend.context import Context
from wend.formats import digest, toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_OWNER, Marker
from wend.settings import Settings
from wend.system import join

_ODD = re.compile(r'[ &$`!*@"()\[\]\\\r\n\t]')
_FIX = "pipenv install"


class Pipenv(Kind):
    """A directory with a Pipfile."""

    name = "pipenv"
    variables = (
        "PIPENV_CUSTOM_VENV_NAME",
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
        if not context.disk.is_file(marker.path):
            return None
        real = context.disk.realpath(marker.dir)  # pipenv works from getcwd()
        inside = f"{marker.dir.rstrip('/')}/.venv"
        stored = f"{store(context)}/{_name(real, context)}"
        place, own = self._place(marker, inside, stored, context)
        found = venv.at(place, marker, context, kind=self.name, store=own, spelled=not own)
        if found is None or not context.disk.is_file(f"{place}/{context.bin}/activate"):
            return owners.nothing_yet(self.name, _FIX, f"there is no {place}", (place,))
        return found

    def _place(self, marker: Marker, inside: str, stored: str, context: Context) -> tuple[str, bool]:
        """Return where the environment is, and whether that lies in the user's own store."""
        if context.disk.is_file(inside):
            text = (venv.pointer(inside, context) or "").strip()
            if text:
                parts = [part for part in text.split("/") if part not in ("", ".")]
                if text.endswith("/") or len(parts) > 1 or os.path.isabs(text) or parts == [".."]:
                    return join(marker.dir, text), False
                return f"{store(context)}/{parts[0] if parts else text}", True
            return stored, True
        wanted = self._in_project(marker, context)
        if wanted is None and context.disk.is_dir(inside):
            wanted = not context.disk.is_file(f"{stored}/{context.bin}/activate")
        return (inside, False) if wanted else (stored, True)

    @staticmethod
    def _in_project(marker: Marker, context: Context) -> Optional[bool]:
        """Return whether the user or the Pipfile says that the environment is in the project; None: neither does."""
        wanted = owners.truth(context.env.get("PIPENV_VENV_IN_PROJECT"))
        if wanted is not None:
            return wanted
        unwanted = owners.truth(context.env.get("PIPENV_NO_VENV_IN_PROJECT"))
        if unwanted is not None:
            return not unwanted
        section = toml.table(owners.tables(marker.path, context, b"venv_in_project"), "pipenv")
        value = section.get("venv_in_project")
        return value if isinstance(value, bool) else None


def store(context: Context) -> str:
    """Return pipenv's directory of environments."""
    chosen = owners.variable_expanded(context.env.get("WORKON_HOME", ""), context)
    if chosen and os.path.isabs(chosen):
        return chosen.rstrip("/")
    data = context.env.get("XDG_DATA_HOME", "")
    return f"{data if os.path.isabs(data) else context.home + '/.local/share'}/virtualenvs"


def _name(root: str, context: Context) -> str:
    """Return the name of the environment of the project at ROOT, a real path."""
    custom = context.env.get("PIPENV_CUSTOM_VENV_NAME", "")
    if custom:
        return custom
    base = _ODD.sub("_", os.path.basename(root))[:42]
    hashed = digest.short(digest.sha256(os.fsencode(f"{root}/Pipfile"))[:6], 8)
    python = context.env.get("PIPENV_PYTHON", "")
    suffix = f"-{os.path.basename(python) if os.path.isabs(python) else python}" if python else ""
    return f"{base}-{hashed}{suffix}"
