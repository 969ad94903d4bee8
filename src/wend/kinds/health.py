"""What the user should know of a usable virtual environment: old, or not what the project asks for."""

from __future__ import annotations

import os

from wend.context import Context
from wend.disk.mounts import NEVER
from wend.formats import toml
from wend.kinds import mise, misefiles, owners, venv
from wend.kinds.base import name_of
from wend.kinds.projectfiles import PINS, PYPROJECT, REQUIREMENTS, VENV_LOCKS
from wend.model import RANK_PIN, Marker, Note, Target
from wend.text import quoted, visible
from wend.trust import origin
from wend.typed import TYPE_CHECKING, Iterator, Optional, late

if TYPE_CHECKING:
    from wend.formats import constraints
    from wend.kinds import installing, miseversions, pins
    from wend.kinds.interpreters import Wanted
else:
    constraints = late("wend.formats.constraints")
    installing = late("wend.kinds.installing")
    miseversions = late("wend.kinds.miseversions")
    pins = late("wend.kinds.pins")

_Asked = list[tuple[str, Optional["Wanted"]]]
_WITHOUT_OWNER = ("venv", "virtualenvwrapper")  # kinds whose project need not belong to a tool
_MAX_DEPTH = 32  # directories
_LOCKS = (*VENV_LOCKS, REQUIREMENTS[0])
_PINNING = (*misefiles.TOP, misefiles.TOOL_VERSIONS, *PINS)
_OF_PYENV = "PYENV_VERSION"
# Variables of a shell that ask for a version, and what they do beside an environment (pyenv 2.8, uv 0.13.9).
_ASKING = (
    (_OF_PYENV, "which pyenv gives only where no environment is active"),
    ("UV_PYTHON", "which uv uses in its place"),
)


def needs(target: Target, context: Context) -> tuple[str, ...]:
    """Return the variables that the notes on TARGET take: those that come before a file, where one may be above.

    And those that move the stores, where what to type names an interpreter.
    """
    above = {name for each in _above(target, context) for name in owners.present(each, _PINNING, context)}
    by_pyenv = above.intersection(PINS) or owners.present(target.root, PINS, context)
    other = any(note.about in ("pin", "requires-python") for note in target.notes)
    stores = pins.VARIABLES if other and target.remake == venv.cleared(target.prefix) else ()
    by_mise = (*misefiles.VARIABLES, *mise.OVERRIDES) if above.difference(PINS) else ()
    return (*by_mise, *((_OF_PYENV,) if by_pyenv else ()), *stores)


def notes(target: Target, context: Context, *, made_here: bool) -> tuple[Note, ...]:
    """Return what the user should know of the usable environment TARGET; MADE_HERE: all its files name this place."""
    return tuple(_notes(target, context, made_here=made_here))


def _notes(target: Target, context: Context, *, made_here: bool) -> Iterator[Note]:
    remake = target.remake or f"wend create --force {visible(quoted(target.root))}"
    base = _base(target, context)
    if target.python_version and base and not target.python_version.startswith(f"{base}."):
        text = f"it was made for Python {target.python_version}, and its interpreter is now {base}"
        yield Note(text, remake, about="interpreter")
    # A detached environment of pixi's names the place of the link to it.
    detached = target.kind == "pixi" and not target.prefix.startswith(f"{target.root.rstrip('/')}/")
    place = "" if made_here or detached else origin.elsewhere(target, context)
    if place:
        yield Note(f"it was moved: its scripts still name {place}", remake, about="moved")
    asked = _required(target, context)
    file, word = _contradicting(target, context)
    required = owners.requires_python(target.root, context) if asked or word else ""
    fitting = bool(word) and pins.may_fit(word, required)
    if asked:
        text = f"it has Python {target.python_version}, and {asked}"
        yield Note(text, _changed(target, word if fitting else required, remake, context), about="requires-python")
    if word and (fitting or not os.path.isabs(file)):  # what is above gives way to requires-python
        text = f"it has Python {target.python_version}, and {visible(file)} asks for {visible(word)}"
        option = "" if file in PINS else f"--python {visible(quoted(word))} "  # another tool's file: uv installs so
        fix = _changed(target, word, remake.replace("--force ", f"--force {option}", 1), context)
        yield Note(text, fix if fitting else _repinned(target, file, required, asked), about="pin")
    yield from _of_variables(target, context)
    lock = _newer_lock(target, context)
    if lock:
        yield Note(f"{lock} is newer than it", "wend sync", told=False, about="older")


def _of_variables(target: Target, context: Context) -> Iterator[Note]:
    """Yield what the variables of a shell ask for that TARGET is not.

    Not told on entering: a start-up file may set them for each shell, and the tools themselves say nothing.
    """
    for variable, does in _ASKING:
        word = _lacking(_parsed(context.env.get(variable, "").split(":")), target, context)
        if word:
            text = f"it has Python {target.python_version}, and {variable} asks for {visible(word)}, {does}"
            yield Note(text, f"unset {variable}", told=False, about="variable")


def _changed(target: Target, word: str, remake: str, context: Context) -> str:
    """Return what gives TARGET the Python that WORD asks for, a version or a range; REMAKE, where that finds one."""
    wanted = pins.parse(word)
    before, after = target.other
    if before:
        release = (wanted.release if wanted else ()) or installing.newest(wanted.range if wanted else "")
        return f"{before}{'.'.join(map(str, release)) or 3}{after}"
    if wanted is None or remake != venv.cleared(target.prefix):
        return remake
    found = pins.find(wanted, context)
    if found:
        return venv.cleared(target.prefix, found.python)
    tools = installing.here(context)
    if tools.uv and installing.has_uv(wanted):
        return f"uv venv --python {visible(quoted(word))} --clear {visible(quoted(target.prefix))}"
    return installing.for_range(wanted, tools) if wanted.range else installing.command(wanted, tools)


def _repinned(target: Target, file: str, required: str, asked: str) -> str:
    """Return what makes FILE ask for a Python that the project allows, by REQUIRED; ASKED: TARGET has none either."""
    numbers = installing.newest(required) if asked else (target.python_version or "").split(".")[:2]
    version = ".".join(map(str, numbers)) or "3"
    if file in PINS:
        return f"wend python pin {version}"
    if file in mise.OVERRIDES:
        return f"unset {file}"
    return mise.pinned(file, version, shared=os.path.basename(file) == misefiles.TOOL_VERSIONS)


def _required(target: Target, context: Context) -> str:
    """Return what asks for another Python than TARGET has, as the end of a sentence; empty for nothing."""
    version = target.python_version or ""
    wanted = owners.requires_python(target.root, context)
    if wanted and not pins.fits(version, wanted):
        return f"the project requires {visible(wanted)}"
    if version and target.kind == "poetry":
        tree = owners.pyproject(target.root, context, b"tool.poetry")
        said = toml.table(tree, "tool", "poetry", "dependencies").get("python")
        said = said.get("version") if isinstance(said, dict) else said
        if isinstance(said, str) and constraints.poetry(said, version) is False:
            return f"the project requires {visible(said)}"
    if version and target.kind == "pipenv":
        requires = toml.table(owners.tables(target.marker, context, b"requires"), "requires")
        said = requires.get("python_full_version") or requires.get("python_version")
        if isinstance(said, str) and constraints.pipenv(said, version) is False:
            return f"{os.path.basename(target.marker)} requires {visible(said)}"
    return ""


def _base(target: Target, context: Context) -> str:
    """Return the version that the interpreter's real name says, `3.12`, empty where it says none."""
    if context.disk.asleep_below(target.prefix, target.python):
        return ""
    name = os.path.basename(context.disk.realpath(target.python))
    version = name.removeprefix("python")
    parts = version.split(".")
    return version if name != version and len(parts) == 2 and all(part.isdigit() for part in parts) else ""


def _contradicting(target: Target, context: Context) -> tuple[str, str]:
    """Return the file that pins the project's version, and its first version, if TARGET has none of them.

    Or mise's or asdf's variable in the place of what is in the file; pyenv's has a note of its own.

    The first file that names a version decides, in the nearest directory in which one names something.
    """
    below: list[str] = []
    for directory in (target.root, *_above(target, context)):
        named = ((marker, _asked(marker, context)) for marker in _pinning(directory, context))
        listed = [(marker, asked) for marker, asked in named if asked]
        if listed and not all(owners.is_part(each, context) for each in below):
            break
        for marker, asked in listed:
            if any(wanted for _, wanted in asked):
                file = _override(marker, context) or (name_of(marker) if marker.dir == target.root else marker.path)
                word = _lacking(asked, target, context)
                return (file, word) if word and file != _OF_PYENV else ("", "")
        if listed:
            break
        below.append(directory)
    return "", ""


def satisfies(target: Target, marker: Marker, context: Context) -> bool:
    """Return whether TARGET has a version that the file of MARKER asks for."""
    return any(wanted and pins.satisfied_by(wanted, target, context) for _, wanted in _asked(marker, context))


def _lacking(asked: _Asked, target: Target, context: Context) -> str:
    """Return the first version of ASKED if TARGET has none of them; empty, too, where one of them is unknown."""
    known = [(word, wanted) for word, wanted in asked if wanted]
    if not target.python_version or not known or len(known) < len(asked):
        return ""
    return "" if any(pins.satisfied_by(wanted, target, context) for _, wanted in known) else known[0][0]


def _pinning(directory: str, context: Context) -> Iterator[Marker]:
    """Yield the files in DIRECTORY that may pin a version, the one that decides first."""
    root = directory.rstrip("/")
    there = owners.present(directory, _PINNING, context)
    top = tuple(name for name in there if name in misefiles.TOP)
    own = (
        misefiles.found(directory, top, context)
        if root != context.home and (top or misefiles.are_chosen(context))
        else ()
    )
    shared = misefiles.shared_in(directory, misefiles.TOOL_VERSIONS in there, context)
    for name in (*own, *shared, *[name for name in there if name in PINS][:1]):
        yield Marker("", f"{root}/{name}", directory, RANK_PIN)


def _above(target: Target, context: Context) -> Iterator[str]:
    """Yield the directories above the project of TARGET whose pins may be for it, too.

    pyenv, uv, mise and asdf look for them upwards, uv up to the root of the project. The user's own in the home, as
    pyenv's global version, is for what asks for nothing.
    """
    directory = target.root.rstrip("/") if target.kind in _WITHOUT_OWNER else ""
    for _ in range(_MAX_DEPTH if directory else 0):
        above = os.path.dirname(directory)
        if not _continues(directory, above, context):
            return
        yield above
        directory = above


def _continues(directory: str, above: str, context: Context) -> bool:
    """Return whether what is in ABOVE may be for the DIRECTORY in it: it is no project's, and neither is the home."""
    if {context.home, context.disk.realpath(context.home or "/")} & {directory, above}:
        return False
    if os.path.splitdrive(above)[1] in NEVER or above in context.disk.mounts.automounts:
        return False
    found = owners.present(directory, (".git", PYPROJECT), context)  # of what makes a project, the usual
    return not found or (found == [PYPROJECT] and bool(owners.workspace(directory, context)))


def _override(marker: Marker, context: Context) -> str:
    """Return the variable that pyenv, mise and asdf read in the place of their file of MARKER; else empty."""
    if name_of(marker) in PINS:
        by_uv = owners.is_uv(marker.dir, context) or owners.names_uv(marker.dir, context)  # which reads the file alone
        return "" if by_uv or not context.env.get(_OF_PYENV) else _OF_PYENV
    if not miseversions.listed(marker, context):
        return ""
    return mise.overriding(marker, context)


def _asked(marker: Marker, context: Context) -> _Asked:
    """Return the versions that the file of MARKER asks for, each with what it means; None where that is unknown."""
    return _parsed(_words(marker, context))


def _parsed(words: list[str]) -> _Asked:
    return [(word, pins.parse(word)) for word in words if word]


def _words(marker: Marker, context: Context) -> list[str]:
    """Return the versions that the file of MARKER asks for, or the variable in its place."""
    variable = _override(marker, context)
    if variable:
        return context.env[variable].split(":" if variable == _OF_PYENV else None)
    if name_of(marker) not in PINS:
        listed = miseversions.listed(marker, context)
        return [word.removeprefix("prefix:") for word in listed if isinstance(word, str)]
    lines = [line.strip() for line in (context.disk.text(marker.path) or "").split("\n")]
    return [line for line in lines if line and line[0] != "#"][:1]


def _newer_lock(target: Target, context: Context) -> str:
    config = context.disk.stat(f"{target.prefix}/pyvenv.cfg")
    if config is None:
        return ""
    root = target.root.rstrip("/")
    for name in owners.present(root, _LOCKS, context):
        lock = context.disk.stat(f"{root}/{name}")
        packages = _packages(target, context)
        if lock and lock.st_mtime_ns > max(config.st_mtime_ns, packages):
            return name
    return ""


def _packages(target: Target, context: Context) -> int:
    """Return when something was last installed into TARGET, nanoseconds; 0 when that cannot be told."""
    minor = ".".join((target.python_version or "").split(".")[:2])
    status = context.disk.stat(f"{target.prefix}/lib/python{minor}/site-packages") if minor else None
    return status.st_mtime_ns if status else 0
