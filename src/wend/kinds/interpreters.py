"""The interpreters of this machine: the stores of pyenv, uv, mise, asdf, rye, hatch, pdm and poetry, PATH, Homebrew.

Known by the names in the stores; none is run. Each store moves with its tool's variable or setting of the user's.
"""

from __future__ import annotations

import os
import stat

from wend.context import Context
from wend.kinds import binary, hatchsettings, usersettings, venv
from wend.model import Problem
from wend.patterns import pattern
from wend.system import MACOS, WINDOWS, machine, slashed
from wend.text import visible
from wend.typed import TYPE_CHECKING, Iterator, NamedTuple, Optional, Union, late, lru_cache

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")

VARIABLES = (
    "PYENV_ROOT",
    "UV_PYTHON_INSTALL_DIR",
    "MISE_INSTALLS_DIR",
    "MISE_DATA_DIR",
    "ASDF_DATA_DIR",
    "RYE_HOME",
    "HATCH_CONFIG",
    "HATCH_DATA_DIR",
    *usersettings.VARIABLES,
    "HOMEBREW_PREFIX",
)

_RELEASE = pattern(r"([0-9]+\.[0-9]+\.[0-9]+)t?(?=[-/]|\Z)")  # at the front of a version's name
# cpython-3.12.1-linux-x86_64-gnu, cpython-3.13.0+freethreaded-... (uv), cpython@3.12.1 (rye), pypy-3.10.14-...,
# pypy3.10-7.3.15, 3.12.1 (others)
_STORED = pattern(
    r"(?:(?P<name>[a-z]+)[@-]?)?(?P<major>[0-9]+)\.(?P<minor>[0-9]+)(?:\.(?P<micro>[0-9]+))?"
    r"(?P<threaded>t|\+freethreaded)?(?P<debug>[+-]debug(?![a-z]))?(?P<rest>[-+].*|(?:a|b|rc)[0-9]+.*)?"
)
_PRE_RELEASE = pattern(r"(?:a|b|rc)[0-9]+|-(?:dev|src|latest)\Z")
_OF_PROGRAMS = (".exe", ".bat", ".cmd")  # endings on Windows: pyenv's is a .bat
_PROGRAM = pattern(r"python([0-9]+)\.([0-9]+)(t?)")
_KEY = pattern(r"-(linux|macos|windows)-([a-z0-9_]+)-([a-z0-9]+)")  # of uv's names
_CELLAR = pattern(r"/Cellar/python@[0-9.]+/([0-9]+\.[0-9]+\.[0-9]+)")
# In what hatch writes beside an interpreter: the archive that it came from, and where the program is.
_MAX_METADATA = 4096  # bytes
_OF_HATCH = pattern(r"/cpython-([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:%2B|\+|-)")
_PYTHON_OF_HATCH = pattern(r'"python_path": "([A-Za-z0-9_][A-Za-z0-9_.-]*)/bin/[a-z0-9.]+"')
_MINORS = range(16, 7, -1)  # Y of the releases 3.Y that may be installed
_HOMEBREW = ("/opt/homebrew", "/home/linuxbrew/.linuxbrew", "/usr/local")


class Installed(NamedTuple):
    """One interpreter or environment that was looked at and is there."""

    name: str
    prefix: str
    python: str
    bin: str = ""  # to go on PATH, empty for none
    release: Optional[str] = None
    is_env: bool = False


class Entry(NamedTuple):
    """What the name of one entry of a store says; nothing was looked at."""

    source: str  # pyenv, uv, mise, asdf, rye, hatch, pdm, poetry
    implementation: str
    release: tuple[int, ...]  # (3, 12, 1), or (3, 12) where the name does not say more
    threaded: bool
    store: str  # directory that holds `entry`
    entry: str
    pre_release: bool = False
    pre: str = ""  # a1, rc2
    platform: tuple[str, ...] = ()  # system, architecture, C library; empty: this machine's
    debug: bool = False


class Wanted(NamedTuple):
    """A version that something asks for."""

    implementation: str = "cpython"
    release: tuple[int, ...] = ()  # (3, 12): any 3.12; empty: any
    threaded: bool = False
    pre: str = ""  # a1, rc2: this pre-release of `release`
    range: str = ""  # as PEP 440 writes it
    platform: tuple[str, ...] = ()  # system, architecture, C library, as far as they are named
    debug: bool = False


def versions_of_pyenv(context: Context) -> str:
    """Return the directory of the versions of pyenv, on Windows of pyenv-win; empty when it cannot be known."""
    default = f"{context.home}/.pyenv{'/pyenv-win' if context.windows else ''}" if context.home else ""
    chosen = context.env.get("PYENV_ROOT", "")
    root = slashed(chosen).rstrip("/") if os.path.isabs(chosen) else default
    return f"{root}/versions" if root else ""


def stores(context: Context) -> tuple[tuple[str, str], ...]:
    """Return (source, directory) of each store of interpreters, whether it exists or not.

    Without a home, as in a container where HOME is `/`, only those that the tools' own variables name.
    """
    home, env = context.home, context.env
    data = env.get("XDG_DATA_HOME", "")
    data = data if os.path.isabs(data) else f"{home}/.local/share"
    roaming = f"{home}/AppData/Roaming"

    def place(variable: str, below: str, default: str) -> str:
        chosen = env.get(variable, "")
        return f"{slashed(chosen).rstrip('/')}{below}" if os.path.isabs(chosen) else default if home else ""

    mise = place("MISE_DATA_DIR", "/installs/python", f"{data}/mise/installs/python")
    named = (
        ("pyenv", versions_of_pyenv(context)),
        ("uv", place("UV_PYTHON_INSTALL_DIR", "", f"{roaming if context.windows else data}/uv/python")),
        ("mise", place("MISE_INSTALLS_DIR", "/python", mise)),
        ("asdf", place("ASDF_DATA_DIR", "/installs/python", f"{home}/.asdf/installs/python")),
        ("rye", place("RYE_HOME", "/py", f"{home}/.rye/py")),
    )
    if not home:
        return tuple((source, directory) for source, directory in named if directory)
    return (
        *named,
        *(("hatch", directory) for directory in hatchsettings.pythons(context)),
        ("pdm", usersettings.pythons_of_pdm(context)),
        ("poetry", usersettings.pythons_of_poetry(context)),
    )


def in_stores(context: Context, *, skip: tuple[str, ...] = ()) -> Iterator[Entry]:
    """Yield what the names in the stores say is there, store by store."""
    for source, store in stores(context):
        if source in skip:
            continue
        for entry in context.disk.listdir(store):
            found = parsed(entry, source, store)
            if found:
                yield found._replace(release=_of_hatch(found, context)[0]) if source == "hatch" else found


def parsed(entry: str, source: str, store: str) -> Optional[Entry]:
    """Return what the name ENTRY in STORE, which is SOURCE's, says; None when it names no version."""
    stored = _STORED.fullmatch(entry)
    if not stored:
        return None
    name = stored["name"] or "cpython"
    numbers = (stored["major"], stored["minor"], stored["micro"])
    release = tuple(int(number) for number in numbers if number is not None)
    early = _PRE_RELEASE.search(stored["rest"] or "")
    pre = early[0] if early and not early[0].startswith("-") else ""
    key = _KEY.search(stored["rest"] or "")
    return Entry(
        source,
        name,
        release,
        bool(stored["threaded"]),
        store,
        entry,
        bool(early),
        pre,
        key.groups() if key else (),
        bool(stored["debug"]),
    )


@lru_cache(maxsize=1)
def this_machine() -> tuple[str, str]:
    """Return the system and the architecture, as uv names them."""
    name = "windows" if WINDOWS else "macos" if MACOS else "linux"
    kind = machine().lower()
    return name, {"arm64": "aarch64", "amd64": "x86_64"}.get(kind, kind)


def in_homebrew(context: Context, release: tuple[int, ...] = ()) -> Iterator[Installed]:
    """Yield Homebrew's Pythons, the newest first, or those of RELEASE, (3, 12).

    The directory of unversioned names goes on PATH. Their names have two numbers where the Cellar does not say more.
    """
    tops = dict.fromkeys((context.env.get("HOMEBREW_PREFIX", "").rstrip("/"), *_HOMEBREW))
    minors = (".".join(map(str, release)),) if release else tuple(f"3.{minor}" for minor in _MINORS)
    for minor in minors:
        for top in tops:
            prefix = f"{top}/opt/python@{minor}"
            directory = f"{prefix}/libexec/bin"
            if os.path.isabs(top) and context.disk.is_file(f"{directory}/python3"):
                cellar = _CELLAR.search(f"{context.disk.realpath(prefix)}/")
                known = cellar[1] if cellar else None
                yield Installed(known or minor, prefix, f"{directory}/python3", directory, known)


def at(found: Entry, context: Context) -> Union[Installed, Problem]:
    """Return the interpreter FOUND, looked at: in its entry, or in `install` (rye) or `python` (hatch) below it."""
    name = ".".join(map(str, found.release)) + found.pre + ("t" if found.threaded else "")
    name = name if found.implementation == "cpython" else found.entry
    first: Optional[Problem] = None
    below = (_of_hatch(found, context)[1], "python", "python/install") if found.source == "hatch" else ("install",)
    for entry in (found.entry, *(f"{found.entry}/{each}" for each in below)):
        version = entered(name, entry, found.store, context)
        if isinstance(version, Installed):
            return version
        first = first or version
    assert first is not None
    return first


def _of_hatch(found: Entry, context: Context) -> tuple[tuple[int, ...], str]:
    """Return the whole version of FOUND, which hatch keeps by two numbers, and the directory in it that has `bin`."""
    text = context.disk.text(f"{found.store}/{found.entry}/hatch-dist.json", _MAX_METADATA) or ""
    whole, python = _OF_HATCH.search(text), _PYTHON_OF_HATCH.search(text)
    release = tuple(map(int, whole[1].split("."))) if whole else ()
    same = release[: len(found.release)] == found.release
    return release if same else found.release, python[1] if python else "python"


def entered(name: str, entry: str, store: str, context: Context) -> Union[Installed, Problem]:
    """Return what lies at ENTRY of STORE, to be shown as NAME."""
    prefix = f"{store}/{entry}"
    own = context.disk.lstat(prefix)
    config = venv.read_config(prefix, context)
    if config is not None and own is not None and stat.S_ISLNK(own.st_mode):  # one level, as `pyenv activate` does
        prefix = os.path.join(os.path.dirname(prefix), context.disk.readlink(prefix) or prefix)
    # On Windows, an interpreter lies in its prefix itself.
    directory = prefix if context.windows and config is None else f"{prefix}/{context.bin}"
    if os.pathsep in directory:
        return Problem(
            "broken",
            f"a path with {os.pathsep!r} cannot stand in PATH: {visible(prefix)}",
            fixes.without_separator(prefix),
        )
    names = ("python.exe",) if context.windows else ("python", "python3")
    programs = tuple(f"{directory}/{each}" for each in names)
    python = next((path for path in programs if context.disk.is_file(path)), "")
    if not python:
        return Problem("broken", f"{visible(prefix)} has no {programs[0][len(prefix) + 1 :]}", "")
    wrong = binary.cannot_run(python, context)
    if wrong:
        return Problem("broken", f"{visible(prefix)}: {wrong}", "")
    release = _RELEASE.match(name)
    return Installed(
        name=name.rpartition("/envs/")[2],
        prefix=prefix,
        python=python,
        bin=directory,
        release=(venv.version(config) if config else None) or (release[1] if release else None),
        is_env=config is not None,
    )


def on_path(program: str, context: Context) -> str:
    """Return the first PROGRAM on PATH that is not a shim, as pyenv's last resort finds it; empty for none."""
    return next(_each_on_path(program, context), "")


def _each_on_path(program: str, context: Context) -> Iterator[str]:
    endings = _OF_PROGRAMS if context.windows else ("",)
    for entry in dict.fromkeys(context.env.get("PATH", "").split(os.pathsep)):
        directory = slashed(entry).rstrip("/")
        if not os.path.isabs(entry) or os.path.basename(directory) == "shims":
            continue
        for ending in endings:
            path = f"{directory}/{program}{ending}"
            st = context.disk.stat(path)
            if st and stat.S_ISREG(st.st_mode) and st.st_mode & 0o111:
                yield path


def all_on_path(
    context: Context, *, threaded: bool = False, release: tuple[int, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Yield (program, `3.12`) for `python3` of PATH, then for each `python3.Y`, the newest first.

    THREADED: the free-threaded ones, and no others. RELEASE, (3, 12): those of this version alone, `python3.12` first.
    On Windows every one is called `python`: in the order of PATH.
    """
    suffix = "t" if threaded else ""
    minors = (".".join(map(str, release)),) if release else tuple(f"3.{minor}" for minor in _MINORS)
    exact = [f"python{minor}{suffix}" for minor in minors]
    programs = [*exact, "python3"] if release else ["python3", *exact]
    if context.windows:
        found = _each_on_path("python", context)
    else:
        found = (on_path(program, context) for program in dict.fromkeys(programs))
    for python in found:
        numbers, is_threaded = minor_of(python, context)
        if numbers[0] and is_threaded == threaded and numbers[: len(release)] == release:
            yield python, f"{numbers[0]}.{numbers[1]}"


def minor_of(python: str, context: Context) -> tuple[tuple[int, int], bool]:
    """Return (major, minor) of the program PYTHON, (0, 0) if unknown; and whether it is free-threaded.

    By its real name; on Windows, where that is `python.exe`, by the library beside it, `python312.dll`.
    """
    real = context.disk.realpath(python) if python else ""
    program = _PROGRAM.fullmatch(os.path.basename(real))
    if program:
        return (int(program[1]), int(program[2])), bool(program[3])
    if context.windows and real:
        for minor in _MINORS:
            for suffix in ("", "t"):
                if context.disk.is_file(f"{os.path.dirname(real)}/python3{minor}{suffix}.dll"):
                    return (3, minor), bool(suffix)
    return (0, 0), False


def minor_at(python: str, context: Context) -> str:
    """Return `3.12` for the program PYTHON, empty when nothing tells."""
    (major, minor), _ = minor_of(python, context)
    return f"{major}.{minor}" if major else ""


def minor_on_path(program: str, context: Context) -> str:
    """Return `3.12` for the PROGRAM that PATH has, empty when there is none or its version cannot be known."""
    return minor_at(on_path(program, context), context)


def above(python: str, context: Context) -> str:
    """Return the prefix of the program PYTHON. On Windows only an environment's lies in a directory of the prefix."""
    directory = os.path.dirname(python)
    in_prefix = context.windows and os.path.basename(directory) != context.bin
    return directory if in_prefix else os.path.dirname(directory)


def found_at(python: str, name: str, context: Context) -> Installed:
    """Return the interpreter PYTHON of PATH, to be shown as NAME.

    Its directory does not go on PATH: it holds much that is not Python. On Windows it is Python's own.
    """
    prefix = above(python, context)
    return Installed(name, prefix, python, prefix if context.windows else "")
