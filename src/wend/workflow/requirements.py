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
_INCLUDE = re.compile(r"(?:-r|--requirement)[ \t=]*(\S.*)")
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


def read(directory: str, names: tuple[str, ...], disk: Disk) -> Listed:
    """Return what the files NAMES of DIRECTORY, and those that they include, ask for."""
    texts: list[str] = []
    places: list[str] = []
    problems: list[str] = []
    seen: set[str] = set()
    waiting = [os.path.join(directory, name) for name in names]
    while waiting and len(seen) < _MAX_FILES:
        path = os.path.normpath(waiting.pop(0))
        if path in seen:
            continue
        seen.add(path)
        shown = os.path.relpath(path, directory)
        content = text(path, disk)
        if content is None:
            problems.append(f"{shown} cannot be read")
        for line in _logical(content or ""):
            include, editable = _INCLUDE.fullmatch(line), _EDITABLE.fullmatch(line)
            if include:
                if "://" not in include[1]:
                    waiting.append(os.path.join(os.path.dirname(path), include[1].strip()))
                continue
            if line.startswith("-") and not editable:
                continue
            plain = _without_options(editable[1] if editable else line)
            place = _place(plain, directory)
            if place:
                places.append(place)
            elif versions.is_requirement(plain):
                texts.append(plain)
            elif not _beyond(plain):
                problems.append(f"{shown}: {plain} is not a requirement")
    return Listed(tuple(texts), tuple(places), tuple(problems))


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
