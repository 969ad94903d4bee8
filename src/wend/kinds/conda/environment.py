"""conda, mamba and micromamba: a prefix in the project, or environment.yml, which names one elsewhere.

Computed from files, as `conda activate` (not stacked) would leave the shell; conda itself is never run.
Sources: conda 26.7 (conda/activate.py, base/context.py, env/env.py), mamba 2. Not followed: what conda does
otherwise on Windows, and condabin in PATH, which it adds only where its own shell hook has not run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional, Union

from wend.context import Context
from wend.formats import yaml
from wend.model import RANK_CONDA, Marker, Problem, Target
from wend.record import allowed_name
from wend.text import visible
from wend.trust import gitindex, origin

LOCAL = ".condaenv"
_BASE = ("base", "root")
_SETTINGS = ("changeps1", "env_prompt", "envvars_force_uppercase")  # of condarc, beside envs_dirs
_NO = ("false", "no", "off", "0")
_UNSET = "***unset***"
_MAX_FILES = 256  # of etc/conda/env_vars.d
_MAX_VARIABLES = 32 * 1024  # as JSON, with what they replace: the undo record must have room for them

_NAME = re.compile(r"[^\x00-\x20\x7f/\\:#]{1,255}")  # conda refuses / : # and the space
_DIGITS = re.compile(r"[0-9]{1,4}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_FIELD = re.compile(r"\{(default_env|stacked_env|prefix|name)\}")
_PYTHON = re.compile(r"python-(\d+\.\d+\.\d+)[^-]*-[^-]+\.json")

# Where the installers of Anaconda, Miniconda, Miniforge, Mambaforge and micromamba put themselves.
_USUAL = (
    "~/miniconda3",
    "~/miniforge3",
    "~/anaconda3",
    "~/mambaforge",
    "~/micromamba",
    "~/.local/share/mamba",
    "/opt/conda",
    "/opt/miniconda3",
    "/opt/miniforge3",
    "/opt/anaconda3",
    "/opt/homebrew/Caskroom/miniconda/base",
    "/opt/homebrew/Caskroom/miniforge/base",
    "/usr/local/Caskroom/miniconda/base",
)


class _Conda(NamedTuple):
    """The user's conda, as far as it can be known without running it."""

    root: str  # its own prefix, empty when unknown
    exe: str  # empty for micromamba, whose root has no such program
    envs_dirs: tuple[str, ...]
    rc: dict[str, str]  # single settings of the condarc files
    stores: tuple[str, ...]  # those of envs_dirs that are the user's own
    own: bool = True  # the root is the user's: more than its usual name says so

    def owns(self, prefix: str) -> bool:
        """Return whether PREFIX is in a store of the user's: the root, or in a directory of environments."""
        return (self.own and prefix == self.root) or os.path.dirname(prefix) in self.stores


def resolve(marker: Marker, context: Context) -> Optional[Union[Target, Problem]]:
    """Return the environment in the project or the one that the file names; None: it is neither."""
    if os.path.basename(marker.path) == LOCAL:
        if not context.disk.is_dir(marker.path):
            return None
        found = _environment(marker.path, "conda-meta/history", marker, _conda(context), context)
    else:
        text = context.disk.text(marker.path, yaml.MAX_SIZE)
        if text is None:
            there = context.disk.is_file(marker.path)
            return Problem("broken", "it cannot be read, or is too long") if there else None
        found = _named(text, marker, context)
    if isinstance(found, Target) and found.prefix == _active(context)[1]:
        return found._replace(scripts_on=(), scripts_off=())  # they have run: the user activated it
    return found


def beneath(context: Context) -> Optional[Target]:
    """Return the environment that is active without wend, if it is one of the user's own (mostly base).

    Its scripts take part when wend enters or leaves a conda environment on top of it.
    """
    prefix = _active(context)[1]
    return stored(prefix, context) if prefix else None


def level(text: str) -> int:
    """Return the level that TEXT, a value of CONDA_SHLVL, stands for: 0 when it is none."""
    return int(text) if _DIGITS.fullmatch(text.strip()) else 0


def stored(prefix: str, context: Context) -> Optional[Target]:
    """Return the environment PREFIX if it is one of the user's own and usable, else None."""
    conda = _conda(context)
    if not conda.owns(prefix):
        return None
    marker = Marker("conda", prefix, os.path.dirname(prefix), RANK_CONDA)
    found = _environment(prefix, "conda-meta", marker, conda, context, store=True)
    return found if isinstance(found, Target) else None


def at(prefix: str, marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return the environment at PREFIX, to which MARKER leads."""
    return _environment(prefix, "conda-meta", marker, _conda(context), context)


# -- environment.yml ---------------------------------------------------------------------------------------


def _named(text: str, marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return what environment.yml stands for: `name` wins over `prefix`, as in `conda env create`."""
    try:
        tree = yaml.mapping(text)
        name, prefix = yaml.scalar(tree, "name"), yaml.scalar(tree, "prefix")
    except ValueError as error:
        return Problem("broken", visible(str(error)), fix="write a line name: NAME")
    if not name and not prefix:
        return Problem("unavailable", "it has neither a name nor a prefix", quiet=True)
    if name and (name in (".", "..") or not _NAME.fullmatch(name)):
        return Problem("broken", "its name cannot be the name of a conda environment")
    if not name:
        prefix = _spelled(prefix or "", marker, context)
        if not _absolute(prefix):
            return Problem("broken", "its prefix is not a path")

    conda = _conda(context)
    if not name:
        found = os.path.normpath(prefix or "")
    elif name in _BASE:
        found = conda.root
    else:
        found = next((p for d in conda.envs_dirs if context.disk.is_dir(p := f"{d}/{name}")), "")
    if not conda.root and not found:
        return Problem("unavailable", "no conda is installed where conda usually is", quiet=True)
    if not found or not context.disk.is_dir(found):
        tool = "conda env" if conda.exe else "micromamba"
        return Problem(
            "unavailable",
            f"there is no conda environment {visible(name or found)}",
            fix=f"{tool} create -f {visible(shlex.quote(marker.path))}",
        )
    made = _environment(found, "conda-meta", marker, conda, context, store=conda.owns(found))
    return made._replace(spelled=not name, confined=not name) if isinstance(made, Target) else made


def _spelled(prefix: str, marker: Marker, context: Context) -> str:
    """Return the PREFIX of a file as conda takes it: `~` is the home, what is relative counts from the file."""
    if prefix == "~" or prefix.startswith("~/"):
        return context.home + prefix[1:] if context.home else ""
    return os.path.join(marker.dir, prefix) if prefix else ""


def _absolute(path: str) -> bool:
    return path.startswith("/") and len(path) < 4096 and not any(ord(char) < 32 for char in path)


# -- the environment ---------------------------------------------------------------------------------------


def _environment(
    prefix: str, proof: str, marker: Marker, conda: _Conda, context: Context, *, store: bool = False
) -> Union[Target, Problem]:
    """Return the target for PREFIX, which must hold PROOF."""
    proof = f"{prefix}/{proof}"
    if os.pathsep in prefix:
        return Problem(
            "broken",
            f"a path with {os.pathsep!r} cannot stand in PATH",
            fix="rename the directory and create the environment again",
        )
    if context.disk.stat(proof) is None:
        half = os.path.basename(marker.path) == LOCAL  # conda may be at work
        return Problem("broken", f"there is no {visible(proof)}", quiet=half)
    depth, old = _active(context)
    own: Optional[dict[str, str]] = {}
    if old != prefix:
        own = _variables(prefix, depth, conda, context)
    if own is None:
        return Problem("broken", f"the variables in {visible(prefix)} cannot be read, or are too long")

    name = _default_env(prefix, conda)
    values = {
        **own,
        "CONDA_PREFIX": prefix,
        "CONDA_SHLVL": str(depth if old == prefix else depth + 1),
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": _modifier(prefix, name, conda),
    }
    if old and old != prefix:
        values[f"CONDA_PREFIX_{depth}"] = old
    if conda.exe:
        values["CONDA_EXE"] = values["_CONDA_EXE"] = conda.exe
        values["CONDA_PYTHON_EXE"] = f"{conda.root}/bin/python"
        values["_CONDA_ROOT"] = conda.root
    scripts = f"{prefix}/etc/conda"
    return Target(
        kind="conda",
        name=name,
        prefix=prefix,
        root=marker.dir,
        marker=marker.path,
        python=f"{prefix}/bin/python",
        python_version=_version(prefix, context),
        path=(f"{prefix}/bin",),
        set=tuple(values.items()),
        # From `conda activate --dev`. Otherwise conda leaves them empty, and its shell function reads them.
        unset=tuple(name for name in ("_CE_M", "_CE_CONDA") if context.env.get(name)),
        displaced=(f"{old}/bin",) if old else (),
        prompt=values["CONDA_PROMPT_MODIFIER"],
        replaces=context.env.get("CONDA_PROMPT_MODIFIER", "") if old else "",
        scripts_on=_scripts(f"{scripts}/activate.d", context),
        scripts_off=_scripts(f"{scripts}/deactivate.d", context)[::-1],
        store=store,
        vanishes=(proof,),
    )


def _active(context: Context) -> tuple[int, str]:
    """Return CONDA_SHLVL and the prefix active without wend; empty values are conda's way to unset."""
    depth = level(context.env.get("CONDA_SHLVL", ""))
    prefix = context.env.get("CONDA_PREFIX", "")
    if not depth or not _absolute(prefix) or not prefix.strip("/"):
        return depth, ""
    return depth, os.path.normpath(prefix)


def _default_env(prefix: str, conda: _Conda) -> str:
    if prefix == conda.root:
        return _BASE[0]
    directory, name = os.path.split(prefix)
    return name if os.path.basename(directory) == "envs" else prefix


def _modifier(prefix: str, name: str, conda: _Conda) -> str:
    if conda.rc.get("changeps1", "").lower() in _NO:
        return ""
    fields = {"default_env": name, "stacked_env": name, "prefix": prefix, "name": os.path.basename(prefix)}
    return _FIELD.sub(lambda field: fields[field[1]], conda.rc.get("env_prompt", "({default_env}) "))


def _version(prefix: str, context: Context) -> Optional[str]:
    found = (_PYTHON.fullmatch(name) for name in context.disk.listdir(f"{prefix}/conda-meta"))
    return next((match[1] for match in found if match), None)


def _scripts(directory: str, context: Context) -> tuple[str, ...]:
    return tuple(f"{directory}/{name}" for name in context.disk.listdir(directory))


def _variables(prefix: str, depth: int, conda: _Conda, context: Context) -> Optional[dict[str, str]]:
    """Return the environment's own variables and conda's copies of what they replace; None: malformed.

    Packages' files in order, then `conda env config vars`. Names become upper case; conda looks for what
    they replace under the name as it is written.
    """
    directory = f"{prefix}/etc/conda/env_vars.d"
    state = f"{prefix}/conda-meta/state"
    files = context.disk.listdir(directory)
    if len(files) > _MAX_FILES:
        return None
    raw: dict[str, object] = {}
    try:
        for name in files:
            raw.update(_object(json.loads(context.disk.read(f"{directory}/{name}") or b"")))
        if context.disk.stat(state) is not None:
            raw.update(_object(_object(json.loads(context.disk.read(state) or b"")).get("env_vars", {})))
        values, saved = {}, {}
        for name, value in raw.items():
            exported = name if conda.rc.get("envvars_force_uppercase", "").lower() in _NO else name.upper()
            if not isinstance(value, (str, int, float)) or value == _UNSET or not allowed_name(exported):
                continue
            values[exported] = _text(value)
            if name in context.env:
                saved[f"__CONDA_SHLVL_{depth}_{exported}"] = context.env[name]
    except (ValueError, RecursionError):
        return None
    replaced = [context.env.get(name) for name in values]
    return {**values, **saved} if len(json.dumps((values, saved, replaced))) <= _MAX_VARIABLES else None


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


# -- where conda keeps things ------------------------------------------------------------------------------


def _conda(context: Context) -> _Conda:
    roots = _roots(context)
    root = roots[0] if roots else _usual_root(context)
    own = bool(roots) or not root or _is_own(root, context)
    rc: dict[str, str] = {}
    listed: list[tuple[str, bool]] = []  # directory, whether the user named it
    told = f"{context.env.get('CONDA_ENVS_DIRS', '')}:{context.env.get('CONDA_ENVS_PATH', '')}".split(":")
    active = _active(context)[1]
    foreign = tuple(f"{prefix}/" for prefix in (active, root) if prefix and not (own and prefix == root))
    for path in _condarcs(root, context):  # what comes later counts more; in a list it comes first
        settings, directories = _condarc(path, context)
        rc.update(settings)
        by_user = not path.startswith(foreign)
        listed = [*((directory, by_user) for directory in directories), *listed]
    chosen = [
        (_VARIABLE.sub(lambda found: context.env.get(found[1] or found[2], found[0]), path), by_user)
        for path, by_user in (*((path, True) for path in told), *listed)
    ]
    usual = [("~/.conda/envs", True)]
    if root:
        history = f"{root}/conda-meta/history"
        writable = context.disk.stat(history) is not None and os.access(history, os.W_OK)
        usual.insert(0 if writable else 1, (f"{root}/envs", own))  # last in somebody else's installation
    named = [*chosen, *usual, *((f"{other}/envs", True) for other in roots[1:])]
    found = [(_expand(path, context), by_user) for path, by_user in named]
    envs_dirs = tuple(dict.fromkeys(path for path, _ in found if path))
    stores = tuple(dict.fromkeys(path for path, by_user in found if path and by_user))
    exe = f"{root}/bin/conda"
    return _Conda(root, exe if root and context.disk.is_file(exe) else "", envs_dirs, rc, stores, own)


def _usual_root(context: Context) -> str:
    """Return the first usual place with a conda in it, empty for none."""
    paths = (_expand(usual, context) for usual in _USUAL)
    return next((path for path in paths if path and context.disk.present(path, ("conda-meta", "envs"))), "")


def _is_own(root: str, context: Context) -> bool:
    """Return whether the user's own list of environments names ROOT, and git does not track it."""
    real = context.disk.realpath(root)
    return origin.lists(real, context) and not gitindex.why_tracked(real, context)


def _condarc(path: str, context: Context) -> tuple[dict[str, str], list[str]]:
    """Return the single settings and the envs_dirs in a condarc file, nothing for one that cannot be read."""
    try:
        text = context.disk.text(path, yaml.MAX_SIZE)
        if not text:
            return {}, []
        tree = yaml.mapping(text)
        settings = {key: yaml.scalar(tree, key) for key in _SETTINGS}
        listed = [*yaml.items(tree, "envs_dirs"), *yaml.items(tree, "envs_path")]
    except ValueError:  # conda says so, whenever it is used
        return {}, []
    return {key: value for key, value in settings.items() if value is not None}, listed


def _roots(context: Context) -> list[str]:
    """Return the prefixes of conda itself that the shell knows of."""
    exe = context.env.get("CONDA_EXE", "")
    told = (
        context.env.get("_CONDA_ROOT", ""),
        os.path.dirname(os.path.dirname(exe)),
        context.env.get("MAMBA_ROOT_PREFIX", ""),
    )
    paths = [os.path.normpath(path) for path in told if _absolute(path)]
    return [path for path in dict.fromkeys(paths) if path != "/" and context.disk.is_dir(path)]


def _condarcs(root: str, context: Context) -> Iterator[str]:
    """Yield conda's files of settings, those that count more later."""
    xdg = context.env.get("XDG_CONFIG_HOME", "")
    system = ("/etc/conda", "/var/lib/conda", root)
    user = (xdg and f"{xdg}/conda", "~/.config/conda", "~/.conda", "~")
    for directory in dict.fromkeys((*system, *user, _active(context)[1])):
        path = _expand(directory, context)
        names = (".condarc",) if directory == "~" else (".condarc", "condarc", "condarc.d")
        for name in context.disk.present(path, names) if path else ():
            if name != "condarc.d":
                yield f"{path}/{name}"
                continue
            inner = context.disk.listdir(f"{path}/{name}")
            yield from (f"{path}/{name}/{file}" for file in inner if file.endswith((".yml", ".yaml")))
    if chosen := _expand(context.env.get("CONDARC", ""), context):
        yield chosen


def _expand(path: str, context: Context) -> str:
    """Return PATH with `~` replaced, empty when that is not an absolute path."""
    if path == "~" or path.startswith("~/"):
        path = context.home + path[1:] if context.home else ""
    return os.path.normpath(path) if _absolute(path) else ""
