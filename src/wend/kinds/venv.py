"""venv, virtualenv and uv: a directory with pyvenv.cfg. Computed from that file; no activate script is run.

A directory of the same name that conda made (`conda create -p .venv`) is conda's.

Sources: CPython Lib/venv and Lib/site.py (pyvenv.cfg: `key = value`, split at the first `=`, keys without case),
virtualenv and uv activators (which variables are set), PEP 405.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import pyvenv
from wend.kinds import binary
from wend.kinds.base import Kind, Manual, Resolved, asleep, asleep_programs
from wend.model import RANK_DIRECTORY, Marker, Problem, Target
from wend.protocol import SAVED_HOME, SAVED_PATH
from wend.record import split
from wend.settings import Settings
from wend.system import native
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Mapping, Optional, Union, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.kinds.conda import environment as prefixes
    from wend.kinds.conda import installation
else:
    fixes = late("wend.fixes")
    prefixes = late("wend.kinds.conda.environment")
    installation = late("wend.kinds.conda.installation")

_MAX_PROMPT = 256  # characters
_MAX_POINTER = 4096  # bytes of a `.venv` file


class Venv(Kind):
    """A directory that is a virtual environment."""

    name = "venv"
    told_by = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return `.venv`, then the configured names."""
        names = dict.fromkeys((".venv", *settings.detect_names))
        return tuple((name, RANK_DIRECTORY) for name in names)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what conda reads, if it made the directory."""
        context.disk.guard_environment(marker.path)
        if read_config(marker.path, context) is not None or not prefixes.made(marker.path, context):
            return ()
        return (*installation.VARIABLES, *prefixes.more_names(context))

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the virtual environment that is the marker itself, or conda's."""
        config = read_config(marker.path, context)
        if config is None:
            if prefixes.made(marker.path, context):
                return prefixes.resolve(marker, context)
            if not marker.path.endswith("/.venv"):
                return None  # a directory of other things that happens to be called env
            return _not_an_environment(marker, context)
        found = environment(marker.path, config, marker, context)
        listed = "" if marker.path.endswith("/.venv") else "detect.names lists it, and "
        return found._replace(said=f"{listed}it has a pyvenv.cfg")

    def manual(self, env: Mapping[str, str]) -> Optional[Manual]:
        """Return what VIRTUAL_ENV names."""
        prefix = env.get("VIRTUAL_ENV", "")
        if not prefix:
            return None
        name = os.path.basename(prefix)
        shown = env.get("VIRTUAL_ENV_PROMPT", name)
        # venv up to 3.12 keeps the text as it shows it, other scripts the name alone: that may be any word of a prompt.
        prompts = (shown if shown.endswith(") ") else f"({shown}) ", f"({name}) ", *_SHOWN_BY_VIRTUALENV)
        return Manual(prefix, _programs(prefix), prompts, self.told_by)

    def without(self, env: dict[str, str], *, everything: bool) -> dict[str, str]:
        """Return ENV as `deactivate` leaves it, except that what came into PATH meanwhile stays."""
        del everything
        prefix = env.get("VIRTUAL_ENV")
        if not prefix:
            return env
        kept = {name: value for name, value in env.items() if name not in _ACTIVATED}
        if SAVED_HOME in env:
            kept["PYTHONHOME"] = env[SAVED_HOME]
        if "PATH" in kept:
            programs = _programs(prefix)
            kept["PATH"] = os.pathsep.join(entry for entry in split(kept["PATH"]) if entry not in programs)
        return kept


def _not_an_environment(marker: Marker, context: Context) -> Optional[Problem]:
    """Return what is wrong with a `.venv` without pyvenv.cfg; None when it is a file, which is another kind's."""
    if context.disk.is_dir(marker.path):
        return Problem("broken", "it has no pyvenv.cfg", fixes.aside(marker.path), quiet=True)
    target = context.disk.readlink(marker.path)
    if target is None or context.disk.stat(marker.path) is not None:
        return None
    remake = f"wend create --force {visible(quoted(marker.dir))}"
    return Problem("broken", f"it is a link to {visible(target)}, which is not there", remake)


# Since version 21, in zsh: a place in psvar, and the same one where arrays begin at 0.
_SHOWN_BY_VIRTUALENV = ("(%9v) ", "(%10v) ")
_ACTIVATED = (*Venv.told_by, SAVED_PATH, SAVED_HOME)


def _programs(prefix: str) -> tuple[str, ...]:
    return tuple(native(f"{prefix}/{name}") for name in ("bin", "Scripts"))


def read_config(prefix: str, context: Context) -> Optional[dict[str, str]]:
    """Return the keys of PREFIX/pyvenv.cfg, None when there is no such file."""
    return context.disk.parsed(f"{prefix}/pyvenv.cfg", pyvenv.parse)


def at(
    prefix: str,
    marker: Marker,
    context: Context,
    *,
    kind: str = "venv",
    store: bool = False,
    spelled: bool = False,
    remake: str = "",
) -> Optional[Union[Target, Problem]]:
    """Return the virtual environment at PREFIX, to which MARKER leads; None when there is no pyvenv.cfg.

    KIND is what documents call it. STORE: it lies in a store that is the user's own. SPELLED: a file of the project
    spells PREFIX out. REMAKE makes it again, where `wend create --force` does not.
    """
    unseen = asleep(prefix, context) if spelled and not store else None
    if unseen:
        return unseen
    if not store:
        context.disk.guard_environment(prefix)
    config = read_config(prefix, context)
    if config is None:
        return None
    found = environment(prefix, config, marker, context, remake=remake)
    return found._replace(kind=kind, store=store, spelled=spelled) if isinstance(found, Target) else found


def cleared(prefix: str, python: str = "python3") -> str:
    """Return what makes the environment at PREFIX once more, with the interpreter PYTHON."""
    return f"{visible(quoted(python))} -m venv --clear {visible(quoted(prefix))}"


def new(prefix: str, context: Context) -> str:
    """Return what makes an environment at PREFIX, where none is; not in the middle of one that conda made."""
    return fixes.aside(prefix) if prefixes.is_one(prefix, context) else f"python3 -m venv {visible(quoted(prefix))}"


def pointer(path: str, context: Context) -> Optional[str]:
    """Return the text of the `.venv` file PATH, stripped; None when it cannot be read or is far too long."""
    text = context.disk.text(path, _MAX_POINTER)
    return None if text is None or "\0" in text else text.strip()


def environment(
    prefix: str, config: dict[str, str], marker: Marker, context: Context, *, remake: str = ""
) -> Union[Target, Problem]:
    """Return the target for the virtual environment at PREFIX, whatever kind of marker led there."""
    if os.pathsep in prefix or "\0" in prefix:
        return Problem("broken", f"a path with {os.pathsep!r} cannot stand in PATH", fixes.without_separator(prefix))
    python = _interpreter(prefix, remake or f"wend create --force {visible(quoted(marker.dir))}", context)
    if isinstance(python, Problem):
        return python
    # A script knows its environment by the place where it was made, not by a link to it.
    linked = context.disk.readlink(prefix) is not None
    text = _prompt(config)
    name = text or os.path.basename(context.disk.realpath(prefix) if linked else prefix)
    return Target(
        kind="venv",
        name=name,
        prefix=prefix,
        root=marker.dir,
        marker=marker.path,
        python=python,
        python_version=version(config),
        path=(native(f"{prefix}/{context.bin}"),),
        set=(("VIRTUAL_ENV", native(prefix)), ("VIRTUAL_ENV_PROMPT", name if text is None else text)),
        unset=("PYTHONHOME",),
        prompt="() " if text == "" else None,
        vanishes=(f"{prefix}/pyvenv.cfg",),
        remake=remake,
    )


def _interpreter(prefix: str, remake: str, context: Context) -> Union[str, Problem]:
    """Return the interpreter of the environment at PREFIX, or why it has none that runs here: REMAKE is the fix."""
    python = context.python_in(prefix)
    unseen = asleep_programs(os.path.dirname(python), prefix, context)
    if unseen:
        return unseen
    for name in (python, f"{python}3"):
        if context.disk.asleep_below(prefix, name):  # what runs it wakes it
            return name
    if context.disk.stat(python) is None and not context.windows:
        other = f"{python}3"
        python = other if context.disk.stat(other) is not None else python
    if context.disk.stat(python) is None:
        if context.disk.lstat(python) is not None:
            return Problem("broken", "its interpreter is gone", remake)
        if not context.windows and context.disk.is_file(f"{prefix}/Scripts/python.exe"):
            return Problem("broken", "it was made on Windows", remake)
        return Problem("broken", f"it has no {context.bin}/python", remake, quiet=True)
    wrong = binary.cannot_run(python, context)
    return Problem("broken", wrong, remake) if wrong else python


def _prompt(config: dict[str, str]) -> Optional[str]:
    """Return the name that the environment's own activate script shows, None for that of its directory.

    The standard library's venv writes Python's repr(), virtualenv the text in double quotes since version 21, without
    any escapes, and uv the text as it is. For an empty text (`--prompt ''`) venv's scripts for sh and fish show `()`,
    those of the others, and venv's for PowerShell, the directory's name.
    """
    text = config.get("prompt", "")[:_MAX_PROMPT]  # the record that a shell exports holds it, too
    if "uv" in config:
        return text or None
    text = text.strip()
    in_quotes = len(text) >= 2 and text[0] == text[-1] and text[0] in "'\""
    if "virtualenv" in config:
        text = text[1:-1] if in_quotes and text[0] == '"' else text
    elif in_quotes:
        import ast  # noqa: PLC0415  slow to load, and few environments have a prompt of their own

        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = text[1:-1]
        return value if isinstance(value, str) else text
    return text or None


def version(config: dict[str, str]) -> Optional[str]:
    """Return X.Y.Z from `version` (venv) or `version_info` (virtualenv, uv), None when neither says."""
    for key in ("version", "version_info"):
        parts = config.get(key, "").split(".")[:3]  # 3.12.1, 3.12.1.final.0, 3.13.0rc2, 3.11.2+
        if len(parts) == 3:
            parts[2] = parts[2][: len(parts[2]) - len(parts[2].lstrip("0123456789"))]
            if all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
                return ".".join(parts)
    return None
