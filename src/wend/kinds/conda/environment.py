"""conda, mamba and micromamba: a prefix in the project, or environment.yml, which names one elsewhere.

Computed from files, as `conda activate` would leave the shell; conda itself is never run.
Sources: conda 26.7 (conda/activate.py, base/context.py, env/env.py), mamba 2. Not followed: condabin
in PATH, which conda adds only where its own shell hook has not run.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import yaml
from wend.kinds import binary, installing
from wend.kinds.base import asleep, asleep_programs, unread
from wend.kinds.conda import asked, layout
from wend.kinds.conda.condarc import Settings, absolute
from wend.kinds.conda.installation import Installation, active_prefix, find, get
from wend.kinds.conda.prompt import default_env, modifier, stack_names
from wend.kinds.conda.stack import LOCALS
from wend.kinds.conda.variables import own_variables
from wend.model import RANK_RECIPE, Marker, Problem, Target
from wend.patterns import pattern
from wend.system import native, normal
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Optional, Union, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")

_BASE = ("base", "root")
_NAME = pattern(r"[^\x00-\x20\x7f/\\:#]{1,255}")  # conda refuses / : # and the space
_PYTHON = pattern(r"python-(\d+\.\d+\.\d+)[^-]*-[^-]+\.json")


def resolve(marker: Marker, context: Context) -> Optional[Union[Target, Problem]]:
    """Return the environment in the project or the one that the file names; None: it is neither."""
    if marker.rank != RANK_RECIPE:
        if not is_local(marker, context):
            return None
        found = _environment(marker.path, "conda-meta/history", marker, find(context), context)
        found = found._replace(said="it has a conda-meta") if isinstance(found, Target) else found
    else:
        text = context.disk.text(marker.path, yaml.MAX_SIZE)
        if text is None:
            return unread(marker.path, context, yaml.MAX_SIZE) if context.disk.is_file(marker.path) else None
        found = _named(text, marker, context)
    if isinstance(found, Target):
        file = asked.source(found, context)
        sync = f"wend sync {visible(quoted(marker.dir))}"
        other = (fixes.written(file, "- python="), f"; then: {sync}") if file else found.other
        found = found._replace(notes=asked.notes(found, context), other=other)
    return _unless_active(found, context)


def is_local(marker: Marker, context: Context) -> bool:
    """Return whether the directory MARKER can be an environment of conda's, and is no other thing of that name."""
    if os.path.basename(marker.path) == LOCALS[0]:
        return context.disk.is_dir(marker.path)
    return not _is_of_user(marker, context) and is_one(marker.path, context)


def _is_of_user(marker: Marker, context: Context) -> bool:
    """Return whether MARKER is where conda keeps what belongs to the user, such as the list of environments."""
    if not context.home or os.path.basename(marker.path) != LOCALS[1]:
        return False
    return context.disk.realpath(marker.dir) == context.disk.realpath(context.home)


def _unless_active(found: Union[Target, Problem], context: Context) -> Union[Target, Problem]:
    """Return FOUND without scripts where they have run, because the user activated it."""
    active = isinstance(found, Target) and found.prefix == active_prefix(context)[1]
    return found._replace(scripts_on=(), scripts_off=()) if active and isinstance(found, Target) else found


def is_one(prefix: str, context: Context) -> bool:
    """Return whether PREFIX is an environment of conda's."""
    return context.disk.is_dir(f"{prefix}/conda-meta")


def made(prefix: str, context: Context) -> bool:
    """Return whether PREFIX, which has the name of a virtual environment, is conda's, and conda is in use."""
    kinds = context.settings.detect_kinds
    return (not kinds or "conda" in kinds) and is_one(prefix, context)


def at(
    prefix: str, marker: Marker, context: Context, *, store: bool, remake: str = ""
) -> Optional[Union[Target, Problem]]:
    """Return the environment at PREFIX, which another tool uses; None when it is not one of conda's.

    A file of the project leads there. STORE: into a store that is the user's own. REMAKE makes it again, where
    `wend create --force` does not.
    """
    if not is_one(prefix, context):
        return None
    conda = find(context)
    own = store or conda.owns(prefix)
    found = _environment(prefix, "conda-meta", marker, conda, context, store=own, remake=remake)
    if isinstance(found, Target):
        found = found._replace(spelled=True, confined=True)
    return _unless_active(found, context)


def beneath(context: Context) -> Optional[Target]:
    """Return the environment that is active without wend, if it is one of the user's own (mostly base).

    Its scripts take part when wend enters or leaves a conda environment on top of it.
    """
    prefix = active_prefix(context)[1]
    return stored(prefix, context) if prefix else None


def stored(prefix: str, context: Context) -> Optional[Target]:
    """Return the environment PREFIX if it is one of the user's own and usable, else None."""
    conda = find(context)
    if not conda.owns(prefix):
        return None
    marker = Marker("conda", prefix, os.path.dirname(prefix), RANK_RECIPE)
    found = _environment(prefix, "conda-meta", marker, conda, context, store=True)
    return found if isinstance(found, Target) else None


def program(context: Context) -> str:
    """Return the program that changes environments of conda's here."""
    return "conda" if find(context).exe else "micromamba"


def more_names(context: Context) -> tuple[str, ...]:
    """Return the variables beyond `installation.VARIABLES` that an environment depends on in CONTEXT.

    Those that `envs_dirs` refers to, and conda's stack where the prompt shows all of it.
    """
    conda = find(context)
    return (*conda.names, *stack_names(conda, context))


def of_pixi(prefix: str, marker: Marker, context: Context, *, remake: str) -> Union[Target, Problem]:
    """Return the environment at PREFIX, to which MARKER leads: by pixi's rules, conda's settings do not count.

    REMAKE makes it again.
    """
    conda = find(context)._replace(exe="", settings=Settings())
    return _environment(prefix, "conda-meta", marker, conda, context, pixi=True, remake=remake)


# -- environment.yml ---------------------------------------------------------------------------------------


def _named(text: str, marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return what environment.yml stands for: `name` wins over `prefix`, as in `conda env create`."""
    file, project = os.path.basename(marker.path), os.path.basename(marker.dir)
    renamed = fixes.written(file, f"name: {project if is_name(project) else 'env'}")
    try:
        tree = asked.tree(marker.path, text, context)
        name, prefix = yaml.scalar(tree, "name"), yaml.scalar(tree, "prefix")
    except ValueError as error:
        fix = fixes.corrected(file, str(error)) if "line " in str(error) else renamed
        return Problem("broken", visible(str(error)), fix)
    if not name and not prefix:
        return Problem("unavailable", "it has neither a name nor a prefix", renamed, quiet=True)
    if name and not is_name(name):
        return Problem("broken", "its name cannot be the name of a conda environment", renamed)
    if not name:
        prefix = _spelled(prefix or "", marker, context)
        if not absolute(prefix):
            return Problem("broken", "its prefix is not a path", renamed)

    conda = find(context)
    if not name:
        found = normal(prefix or "")
        unseen = asleep(found, context)
        if unseen and not conda.owns(found):
            return unseen
    elif name in _BASE:
        found = conda.root
    else:
        found = next((p for d in conda.envs_dirs if context.disk.is_dir(p := f"{d}/{name}")), "")
    if not conda.root and not found:
        fix = get(installing.here(context).gets)
        return Problem("unavailable", "no conda is installed where conda usually is", fix, quiet=True)
    if not found or not context.disk.is_dir(found):
        tool = "conda env" if conda.exe else "micromamba"
        return Problem(
            "unavailable",
            f"there is no conda environment {visible(name or found)}",
            fix=f"{tool} create -f {visible(quoted(marker.path))}",
            looked=conda.envs_dirs if name else (),
        )
    made = _environment(found, "conda-meta", marker, conda, context, store=conda.owns(found))
    said = f"the file names {name}, which is {found}" if name else f"the file's prefix is {found}"
    made = made._replace(said=said)
    return made._replace(spelled=not name, confined=not name) if isinstance(made, Target) else made


def is_name(name: str) -> bool:
    """Return whether NAME can be the name of an environment of conda's."""
    return name not in (".", "..") and bool(_NAME.fullmatch(name))


def _spelled(prefix: str, marker: Marker, context: Context) -> str:
    """Return the PREFIX of a file as conda takes it: `~` is the home, what is relative counts from the file."""
    if prefix == "~" or prefix.startswith("~/"):
        return context.home + prefix[1:] if context.home else ""
    return os.path.join(marker.dir, prefix) if prefix else ""


def _create(marker: Marker, *, force: bool = False) -> str:
    """Return what makes the environment of MARKER, FORCE: in the place of one."""
    return f"wend create {'--force ' if force else ''}{visible(quoted(marker.dir))}"


# -- the environment ---------------------------------------------------------------------------------------


def _environment(
    prefix: str,
    proof: str,
    marker: Marker,
    conda: Installation,
    context: Context,
    *,
    store: bool = False,
    pixi: bool = False,
    remake: str = "",
) -> Union[Target, Problem]:
    """Return the target for PREFIX, which must hold PROOF. REMAKE as in `at`."""
    proof = f"{prefix}/{proof}"
    if not store:
        context.disk.guard_environment(prefix)
    if os.pathsep in prefix:
        return Problem(
            "broken",
            f"a path with {os.pathsep!r} cannot stand in PATH",
            fix=fixes.without_separator(prefix),
        )
    if context.disk.stat(proof) is None:
        half = prefix == marker.path  # conda may be at work
        fix = _create(marker, force=True) if half and is_one(prefix, context) else fixes.aside(prefix)
        return Problem("broken", f"there is no {visible(proof)}", fix, quiet=half)
    python = layout.python(prefix)
    unseen = asleep_programs(os.path.dirname(python), prefix, context)
    if unseen:
        return unseen
    wrong = _wrong(prefix, python, context)
    if wrong:
        return Problem("broken", wrong, remake or _create(marker, force=True))
    depth, old = active_prefix(context)
    own: Union[dict[str, str], str] = {}
    if old != prefix:
        own = own_variables(prefix, depth, conda.settings, context, pixi=pixi)
    if isinstance(own, str):
        return Problem("broken", f"the variables in {visible(own)} cannot be read, or are too long", fixes.aside(own))

    name = default_env(prefix, conda)
    # Another one that was activated manually is covered, so nothing of it stays in PATH to be stacked on.
    stacked = 0 < depth <= conda.settings.auto_stack and old == conda.root != prefix
    values = {
        **own,
        "CONDA_PREFIX": native(prefix),
        "CONDA_SHLVL": str(depth if old == prefix else depth + 1),
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": modifier(prefix, conda, context, stacked=stacked),
    }
    if old and old != prefix:
        values[f"CONDA_PREFIX_{depth}"] = native(old)
    if stacked:
        values[f"CONDA_STACKED_{depth + 1}"] = "true"
    if conda.exe:
        values["CONDA_EXE"] = values["_CONDA_EXE"] = native(conda.exe)
        values["CONDA_PYTHON_EXE"] = native(layout.python(conda.root))
        values["_CONDA_ROOT"] = native(conda.root)
    scripts = f"{prefix}/etc/conda"
    return Target(
        kind="conda",
        name=name,
        prefix=prefix,
        root=marker.dir,
        marker=marker.path,
        python=python,
        python_version=_version(prefix, context),
        path=layout.programs(prefix),
        set=tuple(values.items()),
        # From `conda activate --dev`. Otherwise conda leaves them empty, and its shell function reads them.
        unset=tuple(name for name in ("_CE_M", "_CE_CONDA") if context.env.get(name)),
        displaced=layout.programs(old) if old and not stacked else (),
        prompt=values["CONDA_PROMPT_MODIFIER"],
        replaces=context.env.get("CONDA_PROMPT_MODIFIER", "") if old else "",
        scripts_on=_scripts(f"{scripts}/activate.d", context),
        scripts_off=_scripts(f"{scripts}/deactivate.d", context)[::-1],
        store=store,
        vanishes=(proof,),
        remake=remake,
        other=(f"{program(context)} install --prefix {visible(quoted(prefix))} python=", ""),
    )


def _wrong(prefix: str, python: str, context: Context) -> str:
    """Return why the environment PREFIX cannot be used here; one that has no Python at all can."""
    if context.disk.asleep_below(prefix, python):  # what runs it wakes it
        return ""
    if context.disk.stat(python) is not None:
        return binary.cannot_run(python, context)
    if context.disk.lstat(python) is not None:
        return "its interpreter is gone"
    return "it was made on Windows" if context.disk.is_file(f"{prefix}/python.exe") and not context.windows else ""


def _version(prefix: str, context: Context) -> Optional[str]:
    found = (_PYTHON.fullmatch(name) for name in context.disk.listdir(f"{prefix}/conda-meta"))
    return next((match[1] for match in found if match), None)


def _scripts(directory: str, context: Context) -> tuple[str, ...]:
    return tuple(f"{directory}/{name}" for name in context.disk.listdir(directory))
