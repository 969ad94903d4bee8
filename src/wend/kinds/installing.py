"""What to type to get a version of Python: one place for every advice of that sort.

Only a tool that is on PATH is named, and only with a version that it is known to have: pyenv by its own definitions,
uv and mise by the table below. Where no tool is known to have the version, the advice lists what one has. Where no tool
is there, it brings the one that has most. Nothing is run, and no network is asked.

Sources: uv 0.13.9 (`uv python list --all-versions`), pyenv 2.8 (python-build's definitions), mise 2026.9, asdf with its
plugin for Python.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import versions
from wend.kinds import interpreters
from wend.kinds.interpreters import Entry, Wanted
from wend.kinds.prefixes import latest
from wend.system import WINDOWS
from wend.typed import NamedTuple, Optional

# The newest Y of each CPython 3.X.Y that was there when this was written, and what uv never had of the older ones.
# A later one may exist; a test compares both with uv.
NEWEST = {8: 20, 9: 25, 10: 22, 11: 18, 12: 16, 13: 18, 14: 10, 15: 2}
NOT_OF_UV = frozenset(((8, 0), (8, 1), (8, 4), (9, 8), (9, 9), (10, 1), (10, 10), (11, 0), (11, 2)))
MINORS_OF_UV = {
    "cpython": tuple(NEWEST),
    "pypy": (8, 9, 10, 11, 12),
    "graalpy": (8, 10, 11, 12, 13),
    "pyodide": (11, 12, 13, 14),
}
_FIRST_THREADED = 13  # the X of the first 3.Xt
_OLDEST = min(NEWEST)
_DEFINITIONS = "plugins/python-build/share/python-build"
# Where no tool is there: the line that its makers give, for uv, and for pyenv, which also has what is older.
GET_UV = "curl -LsSf https://astral.sh/uv/install.sh | sh"
GET_PYENV = "curl -fsSL https://pyenv.run | bash"
GET_PIXI = "curl -fsSL https://pixi.sh/install.sh | sh"
if WINDOWS:  # the same, and where there is no pyenv
    GET_UV = 'powershell -ExecutionPolicy ByPass -c "irm https://astral.sh/uv/install.ps1 | iex"'
    GET_PIXI = 'powershell -ExecutionPolicy ByPass -c "irm https://pixi.sh/install.ps1 | iex"'
    GET_PYENV = "see https://www.python.org/downloads/windows/"
_OF_ASDF = f"plugins/python/pyenv/{_DEFINITIONS}"


# What installs uv, in order of preference.
_GETS = {"brew": "brew install uv", "pipx": "pipx install uv", "winget": "winget install astral-sh.uv"}


class Installers(NamedTuple):
    """The tools on PATH that install Python."""

    uv: bool = False
    mise: bool = False
    pyenv: Optional[tuple[str, ...]] = None  # the names that it can install; None: it is not there
    asdf: Optional[tuple[str, ...]] = None  # the same, of its plugin for Python
    gets: tuple[str, ...] = ()  # the programs on PATH that install one of these: brew, pipx, winget


def here(context: Context) -> Installers:
    """Return the tools that the shell of CONTEXT can run."""
    found = {name: interpreters.on_path(name, context) for name in ("uv", "mise", "pyenv", "asdf")}
    roots = {source: os.path.dirname(store) for source, store in interpreters.stores(context)}
    pyenv = asdf = None
    if found["pyenv"]:
        program = os.path.dirname(os.path.dirname(context.disk.realpath(found["pyenv"])))
        tops = dict.fromkeys((roots.get("pyenv", ""), program))
        pyenv = _names([f"{top}/{_DEFINITIONS}" for top in tops], context)
    data = os.path.dirname(roots.get("asdf", ""))
    if found["asdf"] and context.disk.is_dir(f"{data}/plugins/python"):
        asdf = _names([f"{data}/{_OF_ASDF}"], context)
    gets = tuple(name for name in _GETS if interpreters.on_path(name, context))
    return Installers(bool(found["uv"]), bool(found["mise"]), pyenv, asdf, gets)


def _names(directories: list[str], context: Context) -> tuple[str, ...]:
    return tuple(name for each in directories if os.path.isabs(each) for name in context.disk.listdir(each))


def command(wanted: Wanted, tools: Installers, owners: tuple[str, ...] = ()) -> str:
    """Return what installs what is WANTED, else what lists the versions that a tool has, else what brings a tool.

    OWNERS are the tools whose file asks for it: they come first.
    """
    install = {
        "pyenv": _by_pyenv(_plain(wanted), wanted, tools),
        "uv": f"uv python install {_plain(wanted) or '3'}" if tools.uv and of_uv(wanted) else "",
        "mise": _by_mise(wanted, tools, owned="mise" in owners),
        "asdf": _by_asdf(wanted, tools),
    }
    known = next((install[tool] for tool in (*owners, *install) if install[tool]), "")
    return known or _listing(wanted, tools, owners) or _tool(wanted, tools)


def _tool(wanted: Wanted, tools: Installers) -> str:
    """Return what brings a tool that has what is WANTED, or knows best what there is."""
    return _pyenv(tools) if never_of_uv(wanted) else get_uv(tools)


def get_uv(tools: Installers) -> str:
    """Return what installs uv."""
    return next((_GETS[name] for name in tools.gets), GET_UV)


def _pyenv(tools: Installers) -> str:
    return "brew install pyenv" if "brew" in tools.gets else GET_PYENV


def named(word: str, tools: Installers, owners: tuple[str, ...] = ()) -> str:
    """Return what installs WORD, a name of pyenv's such as pypy3.10-7.3.15, else what lists such names or brings pyenv.

    Of a name without a number, or within another, no tool knows: there, the advice lists what is installed.
    """
    if "mise" in owners and tools.mise:
        return "mise install"
    if "asdf" in owners and word in (tools.asdf or ()):
        return f"asdf install python {word}"
    if word in (tools.pyenv or ()) or latest(word, list(tools.pyenv or ())):
        return f"pyenv install {word}"
    if "/" in word or not any(character.isdigit() for character in word):
        return "wend python list"
    return "pyenv install --list" if tools.pyenv is not None else _pyenv(tools)


def again(found: Entry, tools: Installers, owners: tuple[str, ...] = ()) -> str:
    """Return what installs FOUND once more, where it is or elsewhere: what is there cannot run."""
    wanted = Wanted(found.implementation, found.release, found.threaded, found.pre, debug=found.debug)
    word = _plain(wanted)
    if found.source == "uv" and tools.uv and of_uv(wanted):
        return f"uv python install --reinstall {word}"
    if found.source == "pyenv" and _by_pyenv(found.entry, wanted, tools):
        return f"pyenv install --force {found.entry}"
    if found.source == "mise" and _by_mise(wanted, tools, owned=False):
        return f"mise install --force python@{word}"
    if found.source == "asdf" and found.entry in (tools.asdf or ()):
        return f"asdf uninstall python {found.entry} && asdf install python {found.entry}"
    return command(wanted, tools, tuple(each for each in owners if each != found.source))


def for_range(wanted: Wanted, tools: Installers) -> str:
    """Return what makes an environment with a Python in the range that is WANTED, else what installs such a one."""
    if not tools.uv:
        release = newest(wanted.range) if wanted.implementation == "cpython" else ()
        return command(wanted._replace(range="", release=release), tools)
    return "uv venv" if has_uv(wanted) else "uv python list"


def has_uv(wanted: Wanted) -> bool:
    """Return whether uv is known to have what is WANTED, a version or a range."""
    if not wanted.range:
        return of_uv(wanted)
    minors = MINORS_OF_UV[wanted.implementation]
    releases = [(3, minor, micro) for minor in minors for micro in range(NEWEST.get(minor, 0), -1, -1)]
    if wanted.implementation == "cpython":
        releases = [each for each in releases if each[1:] not in NOT_OF_UV]
    return any(bool(versions.contains(wanted.range, ".".join(map(str, each)))) for each in reversed(releases))


def newest(specifiers: str) -> tuple[int, ...]:
    """Return the newest (3, X) whose newest release is in the range SPECIFIERS, empty where none is known."""
    fitting = (minor for minor, micro in NEWEST.items() if versions.contains(specifiers, f"3.{minor}.{micro}"))
    best = max(fitting, default=0)
    return (3, best) if best else ()


def of_uv(wanted: Wanted) -> bool:
    """Return whether uv is known to have what is WANTED."""
    if wanted.pre or never_of_uv(wanted) or wanted.release[1:2] > (max(MINORS_OF_UV[wanted.implementation]),):
        return False
    return len(wanted.release) < 3 or (wanted.implementation == "cpython" and _is_released(wanted.release))


def never_of_uv(wanted: Wanted) -> bool:
    """Return whether no uv is known to have, or will have, what is WANTED: it is older than what uv begins with."""
    if len(wanted.release) < 2 or wanted.release[0] < 3:
        return wanted.release[:1] == (2,)
    minor, minors = wanted.release[1], MINORS_OF_UV[wanted.implementation]
    if wanted.threaded and (wanted.implementation != "cpython" or minor < _FIRST_THREADED):
        return True
    if minor not in minors and minor < max(minors):
        return True
    return wanted.implementation == "cpython" and len(wanted.release) > 2 and wanted.release[1:] in NOT_OF_UV


def _is_released(release: tuple[int, ...]) -> bool:
    """Return whether CPython RELEASE, 3.X or 3.X.Y, is one of those in the table."""
    return release[0] == 3 and 0 <= (*release, 0)[2] <= NEWEST.get(release[1], -1)


def _plain(wanted: Wanted) -> str:
    """Return WANTED as uv and pyenv take it, empty for any version of CPython."""
    version = (
        ".".join(map(str, wanted.release))
        + wanted.pre
        + ("t" if wanted.threaded else "")
        + ("d" if wanted.debug else "")
    )
    return version if wanted.implementation == "cpython" else f"{wanted.implementation}{version}"


def _by_pyenv(word: str, wanted: Wanted, tools: Installers) -> str:
    names = list(tools.pyenv or ())
    if word == "pypy":  # which is a prefix of Python 2's alone
        word = next((f"pypy3.{minor}" for minor in range(99, 0, -1) if latest(f"pypy3.{minor}", names)), "")
    found = word in names or (word and latest(word, names))
    return f"pyenv install {word}" if found and (wanted.release or word.startswith("pypy3")) else ""


def _by_mise(wanted: Wanted, tools: Installers, *, owned: bool) -> str:
    """Return the command for mise, which builds what it does not download; other implementations have other names."""
    release = wanted.release
    old = release[:1] == (2,) or (3,) < release[:2] < (3, _OLDEST)
    known = (old and len(release) == 2) or len(release) < 2 or _is_released(release)
    if (
        not tools.mise
        or wanted.implementation != "cpython"
        or wanted.threaded
        or wanted.debug
        or wanted.pre
        or not known
    ):
        return ""
    return "mise install" if owned else f"mise install python@{_plain(wanted) or 'latest'}"


def _by_asdf(wanted: Wanted, tools: Installers) -> str:
    """Return the command for asdf, which takes a whole version, or the latest of some."""
    word = _plain(wanted)
    names = list(tools.asdf or ())
    if word in names:
        return f"asdf install python {word}"
    return f"asdf install python latest:{word}" if word and latest(word, names) else ""


def _listing(wanted: Wanted, tools: Installers, owners: tuple[str, ...]) -> str:
    minor = ".".join(map(str, wanted.release[:2]))
    exact = len(wanted.release) > 2 and not wanted.threaded and wanted.release[1] in NEWEST
    too_old = not wanted.threaded and never_of_uv(wanted._replace(release=wanted.release[:2]))  # it has none like it
    every = f"uv python list --all-versions {minor}" if exact and wanted.implementation == "cpython" else ""
    lists = {
        "pyenv": "pyenv install --list" if tools.pyenv is not None else "",
        "uv": (every or "uv python list") if tools.uv and not too_old else "",
        "mise": "mise ls-remote python" if tools.mise else "",
        "asdf": "asdf list all python" if tools.asdf is not None else "",
    }
    return next((lists[tool] for tool in (*owners, "uv", *lists) if lists[tool]), "")
