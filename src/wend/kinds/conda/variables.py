"""The variables of an environment's own: its packages' files, then what `conda env config vars` has set."""

from __future__ import annotations

from wend.context import Context
from wend.kinds.conda.condarc import Settings
from wend.record import allowed_name
from wend.typed import Any, Union

_UNSET = "***unset***"
_MAX_FILES = 256  # of etc/conda/env_vars.d
_MAX_VARIABLES = 32 * 1024  # as JSON, with what they replace: the undo record must have room for them


def own_variables(
    prefix: str, depth: int, settings: Settings, context: Context, *, pixi: bool = False
) -> Union[dict[str, str], str]:
    """Return what PREFIX sets on top of DEPTH levels, with conda's copies of what that replaces.

    A path, where what is there is malformed or too much.

    Names become upper case, unless SETTINGS say otherwise; PIXI leaves those of packages as they are. conda looks
    for what they replace under the name as it is written.
    """
    import json  # noqa: PLC0415

    directory = f"{prefix}/etc/conda/env_vars.d"
    state = f"{prefix}/conda-meta/state"
    files = context.disk.listdir(directory)
    if len(files) > _MAX_FILES:
        return directory
    raw: dict[str, object] = {}
    place = directory
    try:
        for name in files:
            place = f"{directory}/{name}"
            raw.update(_object(json.loads(context.disk.read(place) or b"")))
        as_written = frozenset(raw) if pixi else frozenset()
        if context.disk.stat(state) is not None:
            place = state
            raw.update(_object(_object(json.loads(context.disk.read(state) or b"")).get("env_vars", {})))
        values, saved = {}, {}
        for name, value in raw.items():
            exported = name.upper() if settings.envvars_force_uppercase and name not in as_written else name
            if not isinstance(value, (str, int, float)) or value == _UNSET or not allowed_name(exported):
                continue
            values[exported] = _text(value)
            if name in context.env:
                saved[f"__CONDA_SHLVL_{depth}_{exported}"] = context.env[name]
    except (ValueError, RecursionError):
        return place
    replaced = [context.env.get(name) for name in values]
    return {**values, **saved} if len(json.dumps((values, saved, replaced))) <= _MAX_VARIABLES else place


def _object(value: object) -> dict[str, Any]:
    """Return VALUE if it is a JSON object, else ValueError."""
    if isinstance(value, dict):
        return value
    raise ValueError


def _text(value: Union[str, float]) -> str:
    """Return VALUE as a shell can hold it, else ValueError."""
    text = str(value)
    text.encode("utf-8", "surrogateescape")
    if "\0" in text:
        raise ValueError
    return text
