"""`.python-version`: a version or environment of pyenv, else an interpreter that something else installed.

Computed from the file and the names in the stores; neither pyenv nor a shim is run, and the interpreter's own
bin directory goes on PATH. Sources: pyenv 2.8 (libexec/pyenv-version-file-read, pyenv-version-name,
pyenv-latest, pyenv-which), pyenv-virtualenv (bin/pyenv-sh-activate). Hooks of its plugins are not followed.

A version that pyenv lacks is looked for in the stores of uv, mise, asdf and rye; last, the system's `python3`
will do if it is the wanted one. PATH is never reordered for it: its directory holds much that is not Python.
"""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple, Optional, Union

from wend.context import Context
from wend.kinds import venv
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_PIN, Marker, Problem, Target
from wend.settings import Settings
from wend.text import visible

_SYSTEM = "system"
_CHUNK = 1024  # characters that pyenv reads of a line at once; what follows counts as a line of its own
_MOST = 64  # versions looked for: whoever lists more does not want Python

# What may be repeated to the user: the file can be a link to something secret.
_WORD = "[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}"
_NAME = re.compile(f"{_WORD}(?:/envs/{_WORD})?")
_RELEASE = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+)t?(?=[-/]|\Z)")  # at the front of a version's name
_UNFINISHED = re.compile(r"-(?:dev|src|latest)\Z|(?:a|b|rc)[0-9]+\Z")
_THREADED = re.compile(r"(.*[0-9])t", re.DOTALL)
_IMPLEMENTATION = re.compile(r"([A-Za-z0-9]+)-")

# 3, 3.12, 3.12.1, 3.13t, and as uv spells it: 312, cpython@3.12, python3.12.
_REQUEST = re.compile(r"(?:cpython[@-]?|python-?)?([23])(?:\.?([0-9]{1,3})(?:\.([0-9]{1,3}))?)?(t?)")
# cpython-3.12.1-linux-x86_64-gnu, cpython-3.13.0+freethreaded-... (uv), cpython@3.12.1 (rye), 3.12.1 (others)
_STORED = re.compile(r"(?:cpython[@-])?([0-9]+)\.([0-9]+)\.([0-9]+)(t|\+freethreaded)?(?:-.*)?")
_PROGRAM = re.compile(r"python([0-9]+)\.([0-9]+)(t?)")


class _Version(NamedTuple):
    """One interpreter or environment that is there."""

    name: str
    prefix: str
    python: str
    bin: str = ""  # to go on PATH, empty for none
    release: Optional[str] = None
    is_env: bool = False
    store: bool = True


class Pyenv(Kind):
    """`.python-version`."""

    name = "pyenv"
    variables = ("PYENV_VERSION", "PYENV_ROOT")
    watched = ("PYENV_VERSION",)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the one file that is read."""
        del settings
        return ((".python-version", RANK_PIN),)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return what the file asks for, or PYENV_VERSION in its place; None: the marker is not a regular file."""
        return _resolve(marker, context)


def _resolve(marker: Marker, context: Context) -> Resolved:
    """Return what the file asks for, or PYENV_VERSION in its place; None when the marker is no regular file.

    As in pyenv, what is not installed is passed over while something else in the list is.
    """
    override = context.env.get("PYENV_VERSION", "")
    text = None if override else context.disk.text(marker.path)
    if text is None and not context.disk.is_file(marker.path):
        return None
    if override:
        words = [word for word in override.split(":") if word]
    elif text is None:
        return Problem("broken", "it cannot be read, or is far too long")
    else:
        words = read_words(text)
    versions = _versions_dir(context)
    found: list[_Version] = []
    problems: list[Problem] = []
    for word in words[:_MOST]:
        if word != _SYSTEM:
            answer = _installed(word, versions, context)
            if isinstance(answer, Problem):
                problems.append(answer)
            else:
                found.append(answer)
        elif not found:
            break  # the system's Python comes first; what follows it is left to pyenv's shims
    if found:
        return _target("pyenv", found, marker)
    elsewhere = _elsewhere(words[0], context) if words and not override else None
    if elsewhere:
        return _target("python", [elsewhere], marker)
    if not words or _SYSTEM in words:
        return _system(marker, context)
    return problems[0]._replace(reason=f"PYENV_VERSION: {problems[0].reason}") if override else problems[0]


def read_words(text: str) -> list[str]:
    """Return the versions in the TEXT of a `.python-version`, as pyenv reads it.

    The first word of each line, split at `:`; a word with a slash is taken whole, as pyenv's guard takes it.
    """
    words: list[str] = []
    for line in text.replace("\0", "").split("\n"):
        for at in range(0, len(line), _CHUNK):
            word = re.split("[ \t\r]", line[at : at + _CHUNK].lstrip(" \t\r"), maxsplit=1)[0]
            if not word.startswith("#"):
                words += [word] if "/" in word else word.split(":")
    return [word for word in words if word]


# -- pyenv -------------------------------------------------------------------------------------------------


def _versions_dir(context: Context) -> str:
    """Return the directory of pyenv's versions, empty when it cannot be known."""
    root = context.env.get("PYENV_ROOT") or (f"{context.home}/.pyenv" if context.home else "")
    return f"{root.rstrip('/')}/versions" if os.path.isabs(root) else ""


def _installed(word: str, versions: str, context: Context) -> Union[_Version, Problem]:
    name = _directory(word, versions, context) if versions else ""
    return _version(name, name, versions, context) if name else _missing(word, versions, context)


def _directory(word: str, versions: str, context: Context) -> str:
    """Return the directory in VERSIONS that WORD stands for: itself, else the latest it is a prefix of."""
    # No way out of the store (CVE-2022-35861): `..`, an absolute path, also behind `python-`.
    spellings = [
        spelling
        for spelling in dict.fromkeys((word.removeprefix("python-"), word))
        if not {"", ".", ".."}.intersection(spelling.split("/"))
    ]
    for name in spellings:
        if context.disk.is_dir(f"{versions}/{name}"):
            return name
    names = context.disk.listdir(versions)
    for prefix in spellings:
        for name in _latest(prefix, names):
            if context.disk.is_dir(f"{versions}/{name}"):
                return name
    return ""


def _latest(prefix: str, names: list[str]) -> list[str]:
    """Return those of NAMES that PREFIX may mean, best first: no pre-releases, `t` only if asked for."""
    threaded = _THREADED.fullmatch(prefix)
    stem = threaded[1] if threaded else prefix
    fitting = [
        name
        for name in names
        if name.startswith((stem + ".", stem + "-"))
        and (name.endswith("t") if threaded else not _THREADED.fullmatch(name))
        and not _UNFINISHED.search(name)
    ]
    return sorted(sorted(fitting, key=lambda name: name + "."), key=_order, reverse=True)


def _order(name: str) -> tuple[str, list[int]]:
    parts = _IMPLEMENTATION.sub(r"\1.", name, count=1).split(".") + [""] * 3
    return parts[0], [int(re.sub("[^0-9].*", "", part, flags=re.DOTALL) or 0) for part in parts[1:4]]


def _version(name: str, entry: str, store: str, context: Context) -> Union[_Version, Problem]:
    """Return what lies at ENTRY of STORE."""
    prefix = f"{store}/{entry}"
    own = context.disk.lstat(prefix)
    linked = own is not None and stat.S_ISLNK(own.st_mode)
    config = venv.read_config(prefix, context)
    if linked and config is not None:  # one level, as `pyenv activate` does
        prefix = os.path.join(os.path.dirname(prefix), context.disk.readlink(prefix) or prefix)
    directory = f"{prefix}/{context.bin}"
    if os.pathsep in directory:
        return Problem("broken", f"a path with {os.pathsep!r} cannot stand in PATH: {visible(prefix)}")
    python = next((p for p in (f"{directory}/python", f"{directory}/python3") if context.disk.is_file(p)), "")
    if not python:
        return Problem("broken", f"{visible(prefix)} has no {context.bin}/python")
    release = _RELEASE.match(name)
    return _Version(
        name=name.rpartition("/envs/")[2],
        prefix=prefix,
        python=python,
        bin=directory,
        release=(venv.version(config) if config else None) or (release[1] if release else None),
        is_env=config is not None,
        store=True,  # a link in it is the user's too, as `mise link` and Homebrew make them
    )


def _missing(word: str, versions: str, context: Context) -> Problem:
    if word.startswith(("<", ">", "=", "~=", "!")):
        return Problem("unavailable", "a range of versions is for uv to resolve", "uv venv")
    request = _REQUEST.fullmatch(word)
    if not request and not _NAME.fullmatch(word):
        return Problem("broken", "it leads out of pyenv's versions" if "/" in word else "it names no version")
    fix = ""
    plain = ".".join(filter(None, request.groups()[:3])) + request[4] if request else word
    if plain[0].isdigit() and "/" not in plain:
        here = bool(versions) and context.disk.is_dir(versions)
        fix = f"pyenv install {plain}" if here else f"uv python install {plain}"
    return Problem("unavailable", f"{word} is not installed", fix)


# -- others ------------------------------------------------------------------------------------------------


def _elsewhere(word: str, context: Context) -> Optional[_Version]:
    """Return an interpreter of another installer, or the system's `python3`, that satisfies WORD."""
    request = _REQUEST.fullmatch(word)
    if not request:
        return None
    wanted = tuple(int(part) for part in request.groups()[:3] if part)
    threaded = bool(request[4])
    for store in _stores(context):
        fitting = []
        for entry in context.disk.listdir(store):
            stored = _STORED.fullmatch(entry)
            if not stored or bool(stored[4]) != threaded:
                continue
            release = tuple(int(part) for part in stored.groups()[:3])
            if release[: len(wanted)] == wanted:
                fitting.append((release, entry))
        for release, entry in sorted(fitting, reverse=True):
            name = ".".join(map(str, release)) + request[4]
            for place in (entry, f"{entry}/install"):  # `install`: uv's and rye's older layout
                found = _version(name, place, store, context)
                if isinstance(found, _Version):
                    return found
    python = _on_path("python3", context)
    program = _PROGRAM.fullmatch(os.path.basename(context.disk.realpath(python))) if python else None
    if not program or bool(program[3]) != threaded:
        return None
    if wanted == (int(program[1]), int(program[2]))[: len(wanted)]:
        return _Version(".".join(map(str, wanted)) + request[4], _above(python), python)
    return None


def _stores(context: Context) -> tuple[str, ...]:
    """Return where uv, mise, asdf and rye keep interpreters unless told otherwise."""
    home = context.home
    if not home:
        return ()
    data = context.env.get("XDG_DATA_HOME", "")
    data = data if os.path.isabs(data) else f"{home}/.local/share"
    return (
        f"{data}/uv/python",
        f"{data}/mise/installs/python",
        f"{home}/.asdf/installs/python",
        f"{home}/.rye/py",
    )


def _system(marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return the interpreter that PATH has without shims; PATH stays as it is."""
    python = _on_path("python3", context) or _on_path("python", context)
    if not python:
        return Problem("unavailable", "it asks for the system's Python, and PATH has none")
    return _target("python", [_Version(_SYSTEM, _above(python), python)], marker)


def _on_path(program: str, context: Context) -> str:
    """Return the first PROGRAM on PATH that is no shim, as pyenv's last resort finds it; empty for none."""
    for directory in dict.fromkeys(context.env.get("PATH", "").split(os.pathsep)):
        if not os.path.isabs(directory) or os.path.basename(directory.rstrip("/")) == "shims":
            continue
        path = os.path.join(directory, program)
        st = context.disk.stat(path)
        if st and stat.S_ISREG(st.st_mode) and st.st_mode & 0o111:
            return path
    return ""


def _above(python: str) -> str:
    return os.path.dirname(os.path.dirname(python))


def _target(kind: str, found: list[_Version], marker: Marker) -> Target:
    """Return the target for what was FOUND. Of several, as in pyenv, only the first can be VIRTUAL_ENV."""
    first = found[0]
    path = tuple(dict.fromkeys(version.bin for version in found if version.bin))
    is_env = first.is_env and not any(version.is_env for version in found[1:])
    name = ":".join(version.name for version in found)
    return Target(
        kind=kind,
        name=name,
        prefix=first.prefix,
        root=marker.dir,
        marker=marker.path,
        python=first.python,
        python_version=first.release,
        path=path,
        set=(("VIRTUAL_ENV", first.prefix), ("VIRTUAL_ENV_PROMPT", name)) if is_env else (),
        unset=("PYTHONHOME",) if path else (),
        store=all(version.store for version in found),
        vanishes=(first.python,),
    )
