"""The user's settings of poetry and pdm, and the interpreters' directories that they name. No project's file counts.

Source: poetry 2.5 (poetry/config/config.py, poetry/locations.py), pdm 2.29 (pdm/project/config.py).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, userdirs
from wend.typed import Any

VARIABLES = (
    "PDM_CONFIG_FILE",
    "POETRY_CONFIG_DIR",
    "POETRY_DATA_DIR",
    "POETRY_HOME",
    "POETRY_PYTHON_INSTALLATION_DIR",
)


def of_poetry(context: Context) -> dict[str, Any]:
    """Return poetry's config.toml."""
    folder = context.env.get("POETRY_CONFIG_DIR") or userdirs.config("pypoetry", context)
    return owners.tables(f"{folder}/config.toml", context)


def of_pdm(context: Context) -> str:
    """Return the path of pdm's config.toml."""
    return context.env.get("PDM_CONFIG_FILE") or f"{userdirs.config('pdm', context)}/config.toml"


def pythons_of_poetry(context: Context) -> str:
    """Return the directory of poetry's interpreters: `python.installation-dir`, a variable before the file."""
    env, settings = context.env, of_poetry(context)
    data = _first(
        context,
        env.get("POETRY_DATA_DIR"),
        settings.get("data-dir"),
        env.get("POETRY_HOME"),
        userdirs.data("pypoetry", context),
    )
    said = (env.get("POETRY_PYTHON_INSTALLATION_DIR"), toml.table(settings, "python").get("installation-dir"))
    return _first(context, *(_below(data, place) for place in said), f"{data}/python")


def pythons_of_pdm(context: Context) -> str:
    """Return the directory of pdm's interpreters: `python.install_root`, which no variable stands for."""
    settings = owners.tables(of_pdm(context), context, b"install_root")
    said = toml.table(settings, "python").get("install_root") or settings.get("python.install_root")
    return _first(context, said, f"{userdirs.data('pdm', context)}/python")


def _below(data: str, place: object) -> object:
    return place.replace("{data-dir}", data) if isinstance(place, str) else None


def _first(context: Context, *places: object) -> str:
    """Return the first of PLACES that is an absolute path, `~` replaced; the last of them is one."""
    paths = (owners.expanded(place, context) or "" for place in places if isinstance(place, str))
    return next((path.rstrip("/") for path in paths if os.path.isabs(path) and "\0" not in path), "")
