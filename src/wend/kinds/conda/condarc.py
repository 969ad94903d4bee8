"""conda's settings, as far as `conda activate` looks at them: its files, then variables, which count more.

Sources: conda 26.7 (base/context.py, base/constants.py, common/configuration.py), mamba 2 (api/configuration.cpp).
Not followed: `#!final` and similar comments.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import yaml
from wend.patterns import pattern
from wend.system import normal
from wend.typed import Iterator, Mapping, NamedTuple, Optional

# Of the settings below, those that a variable can say: CONDA_CHANGEPS1, ...; micromamba knows two of them.
VARIABLES = (
    "CONDA_CHANGEPS1",
    "CONDA_ENV_PROMPT",
    "CONDA_ENVVARS_FORCE_UPPERCASE",
    "CONDA_AUTO_STACK",
    "MAMBA_CHANGEPS1",
    "MAMBA_ENV_PROMPT",
    "CONDARC",
    "MAMBARC",
    "CONDA_ROOT",
)
_KEYS = ("changeps1", "env_prompt", "envvars_force_uppercase", "auto_stack")
_BASE = {"auto_activate": "auto_activate", "auto_activate_base": "auto_activate"}  # the newer name, the older one
_YES = ("true", "yes", "on", "y")
_NO = ("false", "no", "off", "n", "non", "none", "")
_IMPORTANT = "!important"
_NUMBER = pattern(r"[0-9]{1,4}")
_REFERENCE = pattern(r"(?a)\$(?:\{(\w+)\}|(\w+))")
_MAX_REFERENCES = 16
_CONDA_FILES = (".condarc", "condarc", "condarc.d")
_MAMBA_FILES = (".mambarc", "mambarc", "mambarc.d")


class Settings(NamedTuple):
    """The single settings, with conda's defaults."""

    changeps1: bool = True
    env_prompt: str = "({default_env}) "
    envvars_force_uppercase: bool = True
    auto_stack: int = 0  # the deepest level on which `conda activate` stacks by itself
    auto_activate: bool = True  # whether start-up files activate base; for `wend doctor`, by the files alone


class Listed(NamedTuple):
    """An entry of `envs_dirs`, as written, and the file that has it."""

    directory: str
    file: str


def read(root: str, active: str, context: Context, *, mamba: bool) -> tuple[Settings, tuple[Listed, ...]]:
    """Return the settings, and the directories of environments in conda's order.

    ROOT is conda's own prefix and ACTIVE the active one, empty for none; MAMBA: micromamba is all there is.
    """
    found: dict[str, str] = {}
    listed: tuple[Listed, ...] = ()
    for path in _files(root, active, context, mamba=mamba):  # what comes later counts more; in a list it comes first
        settings, directories = _file(path, context)
        found.update(settings)
        listed = (*(Listed(directory, path) for directory in directories), *listed)
    found.update(_told(context.env, ("changeps1", "env_prompt") if mamba else _KEYS, "MAMBA" if mamba else "CONDA"))
    return _settings(found, mamba=mamba), listed


def references(listed: tuple[Listed, ...]) -> tuple[str, ...]:
    """Return the names of the variables that the directories in LISTED refer to."""
    found = (match[1] or match[2] for each in listed for match in _REFERENCE.finditer(each.directory))
    return tuple(dict.fromkeys(found))[:_MAX_REFERENCES]


def expanded(text: str, env: Mapping[str, str]) -> str:
    """Return TEXT with the variables of ENV in it; what is not set stays as it is written."""
    return _REFERENCE.sub(lambda found: env.get(found[1] or found[2], found[0]), text)


def absolute(path: str) -> bool:
    """Return whether PATH can be the path of a directory of conda's."""
    return os.path.isabs(path) and len(path) < 4096 and not any(ord(char) < 32 for char in path)


def located(path: str, context: Context) -> str:
    """Return PATH with `~` replaced, empty when that is not an absolute path."""
    if path == "~" or path.startswith("~/"):
        path = context.home + path[1:] if context.home else ""
    return normal(path) if absolute(path) else ""


# -- values ------------------------------------------------------------------------------------------------


def _told(env: Mapping[str, str], keys: tuple[str, ...], prefix: str) -> dict[str, str]:
    """Return what variables say; conda takes blanks around it away."""
    names = ((key, f"{prefix}_{key.upper()}") for key in keys)
    return {key: env[name].partition(_IMPORTANT)[0].strip() for key, name in names if name in env}


def _settings(found: Mapping[str, str], *, mamba: bool) -> Settings:
    defaults = Settings()
    both = Settings(
        changeps1=flag(found.get("changeps1"), default=defaults.changeps1),
        env_prompt=found.get("env_prompt", defaults.env_prompt),
        auto_activate=flag(found.get("auto_activate"), default=defaults.auto_activate),
    )
    if mamba:  # it makes all names upper case, and does not stack by itself
        return both
    return both._replace(
        envvars_force_uppercase=flag(found.get("envvars_force_uppercase"), default=defaults.envvars_force_uppercase),
        auto_stack=_count(found.get("auto_stack", "")),
    )


def flag(text: Optional[str], *, default: bool) -> bool:
    """Return what TEXT says, DEFAULT for what conda would refuse."""
    if text is None:
        return default
    word = text.strip().lower()
    if word in (*_YES, *_NO):
        return word in _YES
    try:
        return float(word) != 0
    except ValueError:
        return default


def _count(text: str) -> int:
    word = text.strip().lower()
    if word in _YES:
        return 1
    return int(word) if _NUMBER.fullmatch(word) else 0


# -- files -------------------------------------------------------------------------------------------------


def _file(path: str, context: Context) -> tuple[dict[str, str], list[str]]:
    """Return the single settings and the envs_dirs in a file, nothing for one that cannot be read."""
    try:
        text = context.disk.text(path, yaml.MAX_SIZE)
        if not text:
            return {}, []
        tree = yaml.mapping(text)
        settings = {key: yaml.scalar(tree, key) for key in _KEYS}
        settings.update({key: yaml.scalar(tree, name) for name, key in _BASE.items() if name in tree})
        listed = [*yaml.items(tree, "envs_dirs"), *yaml.items(tree, "envs_path")]
    except ValueError:  # conda says so, whenever it is used
        return {}, []
    return {key: value for key, value in settings.items() if value is not None}, listed


def _files(root: str, active: str, context: Context, *, mamba: bool) -> Iterator[str]:
    """Yield the files of settings, those that count more later."""
    config = context.env.get("XDG_CONFIG_HOME", "")
    system = ("/etc/conda", "/var/lib/conda", context.env.get("CONDA_ROOT", "") or root)
    user = (config and f"{config}/conda", "~/.config/conda", "~/.conda", "~")
    for directory in dict.fromkeys((*system, *user, active)):
        yield from _beside(directory, _CONDA_FILES, context)
        if mamba and directory in system:
            yield from _beside(directory, _MAMBA_FILES[:1], context)
    yield from _chosen("CONDARC", context)
    if mamba:
        for directory in dict.fromkeys((f"{config or '~/.config'}/mamba", "~/.mamba", "~")):
            yield from _beside(directory, _MAMBA_FILES, context)
        yield from _chosen("MAMBARC", context)


def _beside(directory: str, names: tuple[str, ...], context: Context) -> Iterator[str]:
    """Yield those of NAMES that are in DIRECTORY; of the last, a directory, the files in it."""
    path = located(directory, context)
    for name in context.disk.present(path, names[:1] if directory == "~" else names) if path else ():
        yield from _within(f"{path}/{name}", context) if name.endswith(".d") else (f"{path}/{name}",)


def _chosen(variable: str, context: Context) -> Iterator[str]:
    """Yield the file that VARIABLE names, or the files in the directory that it names."""
    path = located(context.env.get(variable, ""), context)
    if path:
        yield from _within(path, context) if context.disk.is_dir(path) else (path,)


def _within(directory: str, context: Context) -> Iterator[str]:
    names = context.disk.listdir(directory)
    yield from (f"{directory}/{name}" for name in names if name.endswith((".yml", ".yaml")))
