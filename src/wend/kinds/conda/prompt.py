"""How conda names an environment, and what it makes of the name for the prompt: CONDA_PROMPT_MODIFIER."""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds.conda.installation import Installation, active_prefix
from wend.patterns import pattern
from wend.system import native

_FIELD = pattern(r"\{\{|\}\}|\{(default_env|stacked_env|prefix|name)\}")
_STACK = "{stacked_env}"
_MAX_DEPTH = 16  # levels; beyond it none is named


def default_env(prefix: str, conda: Installation) -> str:
    """Return CONDA_DEFAULT_ENV for PREFIX: base, the name in a directory `envs`, or the whole path."""
    if prefix == conda.root:
        return "base"
    directory, name = os.path.split(prefix)
    return name if os.path.basename(directory) == "envs" else native(prefix)


def modifier(prefix: str, conda: Installation, context: Context, *, stacked: bool) -> str:
    """Return the text that conda shows for PREFIX on top of what is active in CONTEXT; STACKED: beside it."""
    if not conda.settings.changeps1:
        return ""
    template, base = conda.settings.env_prompt, os.path.basename(prefix)
    fields = {
        "default_env": default_env(prefix, conda),
        "stacked_env": _stack(prefix, conda, context, stacked=stacked) if _STACK in template else "",
        "prefix": native(prefix),
        "name": base if conda.exe else os.path.splitext(base)[0],  # micromamba drops what looks like an ending
    }
    return _FIELD.sub(lambda found: fields[found[1]] if found[1] else found[0][0], template)


def stack_names(conda: Installation, context: Context) -> tuple[str, ...]:
    """Return the variables that `stacked_env` is made of, none if the prompt does not show it."""
    depth = active_prefix(context)[0]
    if not conda.settings.changeps1 or _STACK not in conda.settings.env_prompt or not 1 < depth <= _MAX_DEPTH:
        return ()
    stacked = (f"CONDA_STACKED_{each}" for each in range(2, depth + 1))
    return (*stacked, *(f"CONDA_PREFIX_{each}" for each in range(1, depth)))


def _stack(prefix: str, conda: Installation, context: Context, *, stacked: bool) -> str:
    """Return the names of the environments whose programs are found, PREFIX's first; micromamba puts it last."""
    depth, old = active_prefix(context)
    names: list[str] = []
    for each in range(1, depth + 1) if depth <= _MAX_DEPTH else ():
        if each == 1 or not context.env.get(f"CONDA_STACKED_{each}", "").strip():
            names = names[:-1]
        below = old if each == depth else context.env.get(f"CONDA_PREFIX_{each}", "")
        names.append(default_env(below.rstrip(), conda))
    if prefix != old:
        names = [*(names if stacked else names[:-1]), default_env(prefix, conda)]
    return ",".join(reversed(names)) if conda.exe else ";".join(names)
