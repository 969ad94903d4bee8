"""The project's setting: `[tool.wend] env = "..."` in pyproject.toml, a path inside the project or a name.

It comes before everything else in its directory. A path leads into the project, where the environment may be one of
conda's, a name into the user's own stores of environments; the trust gate judges what it names, like any other one.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import pointer, venv
from wend.kinds.base import MAX_PROJECT_FILE, Kind, Resolved, name_of, sleeping, unread
from wend.kinds.pointer import Pointer
from wend.kinds.projectfiles import PYPROJECT
from wend.model import RANK_SETTING, Marker, Problem, Target
from wend.settings import Settings
from wend.system import join
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Union, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.kinds.conda import environment, installation
else:
    fixes = late("wend.fixes")
    environment = late("wend.kinds.conda.environment")
    installation = late("wend.kinds.conda.installation")


class Setting(Kind):
    """`[tool.wend] env` in pyproject.toml."""

    name = "setting"
    documented = "venv"
    variables = Pointer.variables

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the one file that is read."""
        del settings
        return ((PYPROJECT, RANK_SETTING),)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what names the stores, if the project names an environment, and what conda reads, if it made that."""
        data = context.disk.read(marker.path, MAX_PROJECT_FILE)
        if not data or b"tool.wend" not in data:
            return ()
        value = _named(marker, context)
        prefix = join(marker.dir, value) if isinstance(value, str) else ""
        if not prefix or context.disk.sleeping(prefix) or not _is_another(prefix, context):
            return self.variables
        return (*self.variables, *installation.VARIABLES, *environment.more_names(context))

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that the project names, None when it names none."""
        value = _named(marker, context)
        if not isinstance(value, str):
            return value
        found = _resolve(value, marker, context)
        where = f", in {os.path.dirname(found.prefix)}" if isinstance(found, Target) and found.store else ""
        return found._replace(said=f"tool.wend.env in {name_of(marker)} names {value}{where}") if found else None


def _named(marker: Marker, context: Context) -> Union[str, Problem, None]:
    """Return the path or the name that the project gives, None when it gives none."""
    data = context.disk.read(marker.path, MAX_PROJECT_FILE)
    if data is None:
        # Said once, and not by each tool that the file may be of.
        return unread(marker.path, context) if context.disk.is_file(marker.path) else None
    if b"wend" not in data:
        return None  # most pyproject.toml files: no TOML library is needed for them
    try:
        tree = context.disk.parsed(marker.path, toml.parse, MAX_PROJECT_FILE)
    except ValueError as error:
        return Problem("broken", f"it cannot be read: {error}", fix=fixes.corrected(PYPROJECT, str(error)))
    section = toml.table(tree, "tool", "wend")
    if "env" not in section:
        return None
    value, rewritten = section["env"], fixes.written(PYPROJECT, 'env = ".venv"', "[tool.wend]")
    if not isinstance(value, str) or not value or "\0" in value:
        return Problem(
            "broken",
            "tool.wend.env must be a path inside the project",
            rewritten,
        )
    prefix = join(marker.dir, value)
    if os.path.isabs(value) or not prefix.startswith(marker.dir.rstrip("/") + "/"):
        return Problem(
            "broken",
            f"tool.wend.env = {value!r} leads out of the project",
            rewritten,
        )
    return value


def _resolve(value: str, marker: Marker, context: Context) -> Resolved:
    """Return the environment that the project calls VALUE."""
    prefix = join(marker.dir, value)
    name = context.disk.sleeping(prefix)
    if name:
        return sleeping(prefix, name)
    config = venv.read_config(prefix, context)
    if _is_another(prefix, context):
        program = environment.program(context)
        remake = f"{program} create --prefix {visible(quoted(prefix))} python"
        return environment.at(prefix, marker, context, store=False, remake=remake)
    if config is None and "/" not in value:
        for store in pointer.stores(context):
            found = venv.at(f"{store}/{value}", marker, context, store=True)
            if found is not None:
                return found
    if config is None:
        fix = venv.new(prefix, context)
        return Problem("unavailable", f"{visible(prefix)} is not a virtual environment", fix, appears=(prefix,))
    remake = "" if value == ".venv" else venv.cleared(prefix)
    return venv.environment(prefix, config, marker, context, remake=remake)


def _is_another(prefix: str, context: Context) -> bool:
    """Return whether PREFIX is not a virtual environment, but one of conda's."""
    return venv.read_config(prefix, context) is None and environment.is_one(prefix, context)
