"""Requirements files, read as pip reads them.

Sources: pip (req/req_file.py, utils/encoding.py), PEP 263 for the first two lines.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from typing import NamedTuple, Optional

from wend.disk import Disk
from wend.formats import versions
from wend.workflow.installed import local_path

_MAX_SIZE = 32 << 20  # bytes of one file
_MAX_FILES = 64  # that include each other
_INCLUDE = re.compile(r"(?:-(r|c)|--(requirement|constraint))[ \t=]*(\S.*)")
_EDITABLE = re.compile(r"(?:-e|--editable)[ \t=]+(\S.*)")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of a domain's name, not of a file: what they take grows with the square of its length.
_OF_NAMES = ("idna", "punycode")
_VARIABLE = "${"  # which pip replaces
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz")


class Listed(NamedTuple):
    """What requirements files ask for."""

    texts: tuple[str, ...] = ()  # requirements, as PEP 508 has them
    places: tuple[str, ...] = ()  # absolute paths of directories and archives
    problems: tuple[str, ...] = ()  # a line each: what pip could not read either
    constraints: tuple[str, ...] = ()  # requirements that hold for what is installed, and install nothing
    all_known: bool = True  # no: constraints come from a URL, or from a path with a variable in it


def read(directory: str, names: tuple[str, ...], disk: Disk, constraints: tuple[str, ...] = ()) -> Listed:
    """Return what the files NAMES of DIRECTORY, and those that they include, ask for.

    CONSTRAINTS are the files, or URLs, that pip is given as constraints besides.
    """
    found = _Found(directory)
    seen: set[tuple[str, bool]] = set()
    waiting = [*((name, False) for name in names), *((name, True) for name in constraints)]
    while waiting and len(seen) < _MAX_FILES:
        name, constrains = waiting.pop(0)
        if _beyond(name):
            found.all_known &= not constrains
            continue
        path = os.path.normpath(os.path.join(directory, local_path(name) if name.startswith("file:") else name))
        if (path, constrains) in seen:
            continue
        seen.add((path, constrains))
        shown = os.path.relpath(path, directory)
        content = text(path, disk)
        if content is None:
            found.problems.append(f"{shown} cannot be read")
        for line in _logical(content or ""):
            include = _INCLUDE.fullmatch(line)
            if include:
                waiting.append((_beside(include[3].strip(), path), (include[1] or include[2])[0] == "c"))
            else:
                found.add(line, shown, constrains=constrains)
    return found.listed()


class _Found:
    """What was found in the files so far."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.texts: list[str] = []
        self.places: list[str] = []
        self.problems: list[str] = []
        self.constraints: list[str] = []
        self.all_known = True

    def add(self, line: str, shown: str, *, constrains: bool) -> None:
        """Add what LINE of the file SHOWN asks for, or what it CONSTRAINS."""
        editable = _EDITABLE.fullmatch(line)
        if line.startswith("-") and not editable:
            return
        plain = _without_options(editable[1] if editable else line)
        place = _place(plain, self.directory)
        if place:
            self.places += () if constrains else (place,)
        elif versions.is_requirement(plain):
            (self.constraints if constrains else self.texts).append(plain)
        elif not _beyond(plain):
            self.problems.append(f"{shown}: {plain} is not a requirement")

    def listed(self) -> Listed:
        """Return all of it."""
        texts, places, problems = map(tuple, (self.texts, self.places, self.problems))
        return Listed(texts, places, problems, tuple(self.constraints), self.all_known)


def _beside(name: str, path: str) -> str:
    """Return the file NAME, or the URL, that the file PATH includes, as it can be found from anywhere."""
    return name if _beyond(name) or name.startswith("file:") else os.path.join(os.path.dirname(path), name)


def text(path: str, disk: Disk) -> Optional[str]:
    """Return the content of the requirements file PATH, None when it cannot be read.

    A mark says which encoding it has (PowerShell's `>` writes UTF-16), else a comment, else it is UTF-8.
    """
    data = disk.read(path, _MAX_SIZE)
    if data is None:
        return None
    coding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    said = next((match[1].decode() for match in map(_CODING.match, data.split(b"\n")[:2]) if match), "")
    try:
        name = codecs.lookup(coding or said or "utf-8").name
        return data.decode("utf-8" if name in _OF_NAMES else name)
    except (LookupError, ValueError):
        return data.decode("utf-8", "surrogateescape")


def _logical(content: str) -> Iterator[str]:
    """Yield the lines of a requirements file, joined at a backslash, without comments."""
    for line in re.sub(r"\\\r?\n", " ", content).splitlines():
        plain = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if plain:
            yield plain


def _without_options(line: str) -> str:
    """Return LINE without pip's options after a requirement (`--hash=...`)."""
    at = re.search(r"\s--?[a-z]", line)
    return line[: at.start()] if at else line


def _place(line: str, directory: str) -> str:
    """Return the path that LINE names, seen from DIRECTORY as pip run there sees it; empty when it names none."""
    plain = re.sub(r"\[[^\]]*\]\Z", "", re.split(r"\s;|;\s", line)[0].strip())
    if plain.startswith("file:"):
        path = local_path(plain)
        return os.path.normpath(path) if path else ""
    if "://" in plain or "@" in plain or _VARIABLE in plain:
        return ""
    if plain in (".", "..") or "/" in plain or plain.endswith(_ARCHIVES):
        return os.path.normpath(os.path.join(directory, plain))
    return ""


def _beyond(line: str) -> bool:
    """Return whether LINE is something that only pip can follow: a URL, or a variable of its environment."""
    return ("://" in line and not line.startswith("file:")) or _VARIABLE in line
