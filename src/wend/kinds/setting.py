"""The project's setting: `[tool.wend] env = "..."` in pyproject.toml, a path inside the project or a name.

It comes before everything else in its directory. A path leads into the project, a name into the user's own stores of
environments; the trust gate judges what it names, like any other environment.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import pointer, venv
from wend.kinds.base import MAX_PROJECT_FILE, Kind, Resolved, sleeping, too_long
from wend.kinds.pointer import Pointer
from wend.model import RANK_SETTING, Marker, Problem, Target
from wend.settings import Settings
from wend.system import join
from wend.text import quoted, visible


class Setting(Kind):
    """`[tool.wend] env` in pyproject.toml."""

    name = "setting"
    documented = "venv"
    variables = Pointer.variables

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the one file that is read."""
        del settings
        return (("pyproject.toml", RANK_SETTING),)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what names the user's stores, if the project names its environment."""
        data = context.disk.read(marker.path, MAX_PROJECT_FILE)
        return self.variables if data and b"tool.wend" in data else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the virtual environment that the project names, None when it names none."""
        found = _resolve(marker, context)
        return found._replace(said="tool.wend.env names it") if isinstance(found, Target) else found


def _resolve(marker: Marker, context: Context) -> Resolved:
    data = context.disk.read(marker.path, MAX_PROJECT_FILE)
    if data is None:
        unread = too_long(marker.path, context)  # said once, and not by each tool that the file may be of
        return Problem("broken", unread, fix="shorten the file") if unread else None
    if b"wend" not in data:
        return None  # most pyproject.toml files: no TOML library is needed for them
    try:
        tree = context.disk.parsed(marker.path, toml.parse, MAX_PROJECT_FILE)
    except ValueError as error:
        return Problem("broken", f"it cannot be read: {error}", fix="fix the file")
    section = toml.table(tree, "tool", "wend")
    if "env" not in section:
        return None
    value = section["env"]
    if not isinstance(value, str) or not value or "\0" in value:
        return Problem("broken", "tool.wend.env must be a path inside the project", fix='write env = ".venv"')
    prefix = join(marker.dir, value)
    if os.path.isabs(value) or not prefix.startswith(marker.dir.rstrip("/") + "/"):
        return Problem("broken", f"tool.wend.env = {value!r} leads out of the project", fix='write env = ".venv"')
    name = context.disk.sleeping(prefix)
    if name:
        return sleeping(prefix, name)
    config = venv.read_config(prefix, context)
    if config is None and "/" not in value:
        for store in pointer.stores(context):
            found = venv.at(f"{store}/{value}", marker, context, store=True)
            if found is not None:
                return found
    if config is None:
        fix = f"python3 -m venv {visible(quoted(prefix))}"
        return Problem("unavailable", f"{visible(prefix)} is not a virtual environment", fix, appears=(prefix,))
    remake = f"python3 -m venv --clear {visible(quoted(prefix))}"
    return venv.environment(prefix, config, marker, context, remake="" if value == ".venv" else remake)
