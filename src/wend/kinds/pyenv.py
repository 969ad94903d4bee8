"""`.python-version`: a version or environment of pyenv, else an interpreter that something else installed.

Computed from the file and the names in the stores; neither pyenv nor a shim is run, and the interpreter's own
bin directory goes on PATH. Sources: pyenv 2.8 (libexec/pyenv-version-file-read, pyenv-version-name,
pyenv-latest, pyenv-which), pyenv-virtualenv (bin/pyenv-sh-activate). Hooks of its plugins are not followed.

If pyenv does not have a version, wend looks in the stores of uv, mise, asdf and rye, then for a `python3` of that
version on PATH. For the latter PATH stays as it is: its directory holds much that is not Python.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import owners, projectfiles
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_PIN, Marker, Problem, Target
from wend.patterns import pattern
from wend.settings import Settings
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Union, late

if TYPE_CHECKING:
    from wend.kinds import installing, interpreters, pins, prefixes, venv
    from wend.kinds.interpreters import Installed
else:
    installing = late("wend.kinds.installing")
    interpreters = late("wend.kinds.interpreters")
    pins = late("wend.kinds.pins")
    prefixes = late("wend.kinds.prefixes")
    venv = late("wend.kinds.venv")

_CHUNK = 1024  # characters that pyenv reads of a line at once; what follows counts as a line of its own
_MOST = 64  # versions looked for: a longer list is not a list of Pythons

# What may be repeated to the user: the file can be a link to something secret.
_WORD = "[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}"
_NAME = pattern(f"{_WORD}(?:/envs/{_WORD})?")
_OF_PYENV = pattern(r"(?:python-)?[0-9](?:\.[0-9]+)*t?")  # a version as its store names it
# How pyenv's names of versions begin that are not CPython's, and what no tool takes for a version.
_IMPLEMENTATIONS = (
    "activepython", "anaconda", "cinder", "graalpy", "ironpython", "jython", "mambaforge", "micropython", "miniconda",
    "miniforge", "nogil", "pypy", "pyston", "stackless",
)  # fmt: skip
_LIKE = pattern(r"[~^]?[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}\.(?:x|\*)|[~^][0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")
_ALIASES = ("latest", "stable")
_RELEASE = pattern(r"[0-9]+\.[0-9]+")
_OF_VIRTUALENV = pattern(r"(?:[0-9][0-9.]*/envs/)?[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_VIRTUALENV = "pyenv-virtualenv"
_BLANK = pattern("[ \t\r]")


class Pyenv(Kind):
    """`.python-version`."""

    name = "pyenv"
    watched = ("PYENV_VERSION",)

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables that pyenv, and what is asked where it has nothing, reads."""
        return ("PYENV_VERSION", *pins.VARIABLES)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the file of pyenv and uv, and the one of uv with several versions."""
        del settings
        return tuple((name, RANK_PIN) for name in projectfiles.PINS)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return what the file asks for, or PYENV_VERSION in its place; None: the marker is not a regular file."""
        found = _resolve(marker, context)
        if isinstance(found, Problem) and not found.fix:
            pinned = not context.env.get("PYENV_VERSION")
            return found._replace(fix="wend python pin 3" if pinned else "unset PYENV_VERSION")
        return found


def _resolve(marker: Marker, context: Context) -> Resolved:
    """Return what the file asks for, or PYENV_VERSION in its place; None when the marker is not a regular file."""
    if marker.path.endswith("s") and owners.beside(marker.dir, projectfiles.PINS[0], context):
        return None  # uv reads .python-versions only where there is no .python-version
    override = context.env.get("PYENV_VERSION", "")
    if override:
        if not context.disk.is_file(marker.path):
            return None
        found = _listed([word for word in override.split(":") if word], marker, context)
        if isinstance(found, Problem):
            return found._replace(reason=f"PYENV_VERSION: {found.reason}")
        return found._replace(said=pins.said("PYENV_VERSION", override, found.python))
    text = context.disk.text(marker.path)
    if text is None:
        unreadable = Problem("broken", "it cannot be read, or is far too long", "")
        return unreadable if context.disk.is_file(marker.path) else None
    return said_by(text, marker, context)


def said_by(text: str, marker: Marker, context: Context) -> Resolved:
    """Return what TEXT, in the file of MARKER, asks for."""
    if text.startswith("\ufeff"):
        word = next(iter(read_words(text[1:])), "")
        fix = f"wend python pin {word if _OF_PYENV.fullmatch(word) else 3}"
        return Problem("broken", "it begins with a byte order mark, which neither pyenv nor uv reads", fix)
    line = next((line.strip() for line in text.split("\n") if line.strip() and line.strip()[0] != "#"), "")
    if line.startswith(("<", ">", "=", "~=", "!")) or os.path.isabs(line):  # uv takes the whole line
        return pins.resolve(line, marker, context)
    words = read_words(text)
    found = _listed(words, marker, context)
    if isinstance(found, Target) and found.kind == "pyenv":
        return found
    other = _elsewhere(words[0], marker, context) if words else None
    if isinstance(other, Target) and _BLANK.search(line):  # uv and mise read a version that stands alone
        reason = f"only pyenv reads a line with more than a version, and it has no {words[0]}"
        return Problem("broken", reason, f"wend python pin {quoted(words[0])}")
    is_path = bool(words) and (os.path.isabs(words[0]) or words[0].startswith(("./", "../")))
    is_there = isinstance(other, Problem) and other.status == "broken" and pins.parse(words[0]) is not None
    return other if isinstance(other, Target) or is_there or (other and is_path) else found


def _elsewhere(word: str, marker: Marker, context: Context) -> Resolved:
    """Return what WORD names for uv. A form that pyenv does not read can mean what is in pyenv's store."""
    return pins.resolve(word, marker, context, skip=("pyenv",) if _OF_PYENV.fullmatch(word) else ())


def _listed(words: list[str], marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return what pyenv makes of WORDS; as in pyenv, what is not installed is passed over while something else is."""
    versions = interpreters.versions_of_pyenv(context)
    found: list[Installed] = []
    problems: list[Problem] = []
    for word in words[:_MOST]:
        if word != pins.SYSTEM:
            answer = _installed(word, versions, context)
            if isinstance(answer, Problem):
                problems.append(answer)
            else:
                found.append(answer)
        elif not found:
            break  # the system's Python comes first; what follows it is left to pyenv's shims
    if found:
        return pins.target("pyenv", found, marker, words[0])
    return pins.system(marker, context) if not words or pins.SYSTEM in words else problems[0]


def read_words(text: str) -> list[str]:
    """Return the versions in the TEXT of a `.python-version`, as pyenv reads it.

    The first word of each line, split at `:`; a word with a slash is taken whole, as pyenv's guard takes it.
    """
    words: list[str] = []
    for line in text.replace("\0", "").split("\n"):
        for at in range(0, len(line), _CHUNK):
            word = _BLANK.split(line[at : at + _CHUNK].lstrip(" \t\r"), maxsplit=1)[0]
            if not word.startswith("#"):
                words += [word] if "/" in word else word.split(":")
    return [word for word in words if word]


# -- pyenv -------------------------------------------------------------------------------------------------


def _installed(word: str, versions: str, context: Context) -> Union[Installed, Problem]:
    name = _directory(word, versions, context) if versions else ""
    if not name:
        return _missing(word, context)
    found = interpreters.entered(name, name, versions, context)
    version = interpreters.parsed(name, "pyenv", versions)
    if isinstance(found, Problem) and version:
        return pins.again(found, version, context)
    if isinstance(found, Problem) and venv.read_config(f"{versions}/{name}", context) is not None:
        return found._replace(fix=f"python3 -m venv --clear {visible(quoted(f'{versions}/{name}'))}")
    return found


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
        for name in prefixes.latest(prefix, names):
            if context.disk.is_dir(f"{versions}/{name}"):
                return name
    return ""


def _missing(word: str, context: Context) -> Problem:
    if pins.parse(word) is not None:
        return pins.missing(word, context)
    if _LIKE.fullmatch(word):
        return _unread(word)
    if not _NAME.fullmatch(word):
        return Problem("broken", "it leads out of pyenv's versions" if "/" in word else "it names no version", "")
    if (word[0].isdigit() and "/" not in word and not _RELEASE.match(word)) or word in _ALIASES:
        return _unread(word)
    tools = installing.here(context)
    versions = interpreters.versions_of_pyenv(context)
    if versions and _OF_VIRTUALENV.fullmatch(word) and not word.startswith(_IMPLEMENTATIONS):
        place = f"{versions}/{word}"
        reason = f"{word} is not a version, and there is no environment {visible(place)}"
        return Problem("unavailable", reason, _making(word, place, tools, context), appears=(place,))
    fix = installing.named(word, tools)
    return Problem("unavailable", f"{word} is not installed", fix, looked=pins.places(context))


def _unread(word: str) -> Problem:
    return Problem("unavailable", f"{word} is not a version that pyenv or uv reads", "")


def _making(word: str, place: str, tools: installing.Installers, context: Context) -> str:
    """Return what makes the environment WORD, which pyenv would have at PLACE; else one that needs no pyenv."""
    base, _, name = word.rpartition("/envs/")
    root = os.path.dirname(interpreters.versions_of_pyenv(context))
    if tools.pyenv is None:
        return "wend create --python 3"
    if context.disk.is_dir(f"{root}/plugins/{_VIRTUALENV}") or interpreters.on_path(_VIRTUALENV, context):
        return " ".join(filter(None, ("pyenv virtualenv", base, name)))
    return f"python3 -m venv {visible(quoted(place))}"
