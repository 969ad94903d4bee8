"""The project's own word: `[tool.wend] env = "..."` in pyproject.toml, a path inside the project.

It beats everything else in its directory. It can only point into its own project, so it opens no door that a
`.venv` would not: the trust gate judges the environment that it names, like any other.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import venv
from wend.kinds.base import MAX_PROJECT_FILE, Kind, Resolved
from wend.model import RANK_SETTING, Marker, Problem
from wend.settings import Settings


class Setting(Kind):
    """`[tool.wend] env` in pyproject.toml."""

    name = "setting"

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the one file that is read."""
        del settings
        return (("pyproject.toml", RANK_SETTING),)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the virtual environment that the project names, None when it names none."""
        return _resolve(marker, context)


def _resolve(marker: Marker, context: Context) -> Resolved:
    data = context.disk.read(marker.path, MAX_PROJECT_FILE)
    if data is None or b"wend" not in data:
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
    prefix = os.path.normpath(os.path.join(marker.dir, value))
    if os.path.isabs(value) or not prefix.startswith(marker.dir.rstrip("/") + "/"):
        return Problem("broken", f"tool.wend.env = {value!r} leads out of the project", fix='write env = ".venv"')
    config = venv.read_config(prefix, context)
    if config is None:
        return Problem(
            "unavailable", f"{prefix} is not a virtual environment", fix=f"python3 -m venv {prefix}", appears=(prefix,)
        )
    return venv.environment(prefix, config, marker, context)
