"""What is installed in an environment: read from its metadata, without running anything of it.

Sources: the core metadata specification, PEP 376 (dist-info), PEP 610 (direct_url.json), setuptools' egg-info.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from wend.disk import MAX_FILE, Disk
from wend.formats.versions import canonical, valid_name

_MAX_METADATA = 8 << 20  # bytes: a METADATA file holds a whole README
_MAX_RECORD = 64 << 20  # bytes: a record of conda's lists all files of its package
_PYTHON = re.compile(r"(?:python|pypy)3\.(\d{1,3})t?", re.ASCII)
_PACKAGE = re.compile(r"([^/]+)-([^-/]+)-([^-/]+)\.json")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")


class Distribution(NamedTuple):
    """One installed distribution."""

    name: str  # as its author spells it
    version: str
    origin: Optional[dict[str, Any]] = None  # direct_url.json


class Change(NamedTuple):
    """What became of one distribution: `before` or `after` is empty when it came or went."""

    name: str
    before: str
    after: str


def distributions(prefix: str, disk: Disk) -> dict[str, Distribution]:
    """Return what is installed in the environment PREFIX itself, by canonical name; what is damaged is left out."""
    found: dict[str, Distribution] = {}
    for directory in site_packages(prefix, disk):
        for entry in disk.listdir(directory):
            path = os.path.join(directory, entry)
            each = _read(path, disk)
            if each:
                found.setdefault(canonical(each.name), each)
    return found


def packages(prefix: str, disk: Disk) -> dict[str, str]:
    """Return the versions of conda's packages in PREFIX, by name."""
    found = (_PACKAGE.fullmatch(name) for name in disk.listdir(os.path.join(prefix, "conda-meta")))
    return {match[1]: match[2] for match in found if match}


def needs(prefix: str, disk: Disk) -> Optional[dict[str, frozenset[str]]]:
    """Return what each of conda's packages in PREFIX needs in turn, by name; None when one does not tell."""
    found: dict[str, frozenset[str]] = {}
    for file in disk.listdir(os.path.join(prefix, "conda-meta")):
        match = _PACKAGE.fullmatch(file)
        if not match:
            continue
        tree = _json(os.path.join(prefix, "conda-meta", file), disk, _MAX_RECORD)
        listed = tree.get("depends", []) if tree is not None else None
        if not isinstance(listed, list):
            return None
        words = (each.split() for each in listed if isinstance(each, str))
        found[match[1]] = frozenset(each[0].lower() for each in words if each)
    return found


def everything(prefix: str, disk: Disk) -> dict[str, str]:
    """Return all that a person would call installed: conda's packages, and distributions that are none of them."""
    found = {name: each.version for name, each in distributions(prefix, disk).items()}
    return {**found, **packages(prefix, disk)}


def site_packages(prefix: str, disk: Disk) -> list[str]:
    """Return the directories of PREFIX that hold distributions."""
    places = [os.path.join(prefix, "Lib", "site-packages")]  # Windows
    for lib in ("lib", "lib64"):
        names = disk.listdir(os.path.join(prefix, lib))
        places += [os.path.join(prefix, lib, name, "site-packages") for name in names if _PYTHON.fullmatch(name)]
    real = {os.path.realpath(place): place for place in reversed(places) if disk.is_dir(place)}
    return list(reversed(list(real.values())))


def has_pip(prefix: str, disk: Disk) -> bool:
    """Return whether pip is in the environment PREFIX itself."""
    return any(disk.is_dir(os.path.join(place, "pip")) for place in site_packages(prefix, disk))


def confirm(prefix: str) -> None:
    """Note that the environment PREFIX is in line with the files now: it is no older than a lock file that is there."""
    for name in ("pyvenv.cfg", os.path.join("conda-meta", "history")):
        with suppress(OSError):
            os.utime(os.path.join(prefix, name))


def python_minor(prefix: str, disk: Disk) -> int:
    """Return Y of the environment's Python 3.Y, 0 when it cannot be told."""
    names = (_PYTHON.fullmatch(name) for name in disk.listdir(os.path.join(prefix, "lib")))
    return max((int(match[1]) for match in names if match), default=0)


def source(each: Distribution) -> str:
    """Return the path of the directory or archive that EACH was installed from, empty when it came from elsewhere."""
    url = (each.origin or {}).get("url")
    return local_path(url) if isinstance(url, str) and url.startswith("file:") else ""


def local_path(url: str) -> str:
    """Return the path in URL, empty when no file can have it, or it is not a URL."""
    try:
        path = unquote(urlsplit(url).path)
        return path if b"\0" not in os.fsencode(path) else ""
    except ValueError:  # a bracket that is not closed; a surrogate that stands for no byte
        return ""


def changes(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    """Return what differs between two looks at an environment: what is gone, what changed, what came; by name each."""
    names = sorted({*before, *after})
    found = [Change(name, before.get(name, ""), after.get(name, "")) for name in names]
    found = [each for each in found if each.before != each.after]
    return sorted(found, key=lambda each: (not each.before, bool(each.after)))


def _read(path: str, disk: Disk) -> Optional[Distribution]:
    if path.endswith(".dist-info"):
        return _headers(os.path.join(path, "METADATA"), disk, _origin(path, disk))
    if path.endswith(".egg-info"):
        file = path if disk.is_file(path) else os.path.join(path, "PKG-INFO")
        return _headers(file, disk, None)
    if path.endswith(".egg-link"):  # setup.py develop: the project's directory, then where its setup.py is
        project = (disk.text(path) or "").split("\n", 1)[0].strip()
        names = disk.listdir(project) if os.path.isabs(project) else []
        infos = [name for name in names if name.endswith(".egg-info")]
        origin = {"url": f"file://{project}", "dir_info": {"editable": True}}
        return _headers(os.path.join(project, infos[0], "PKG-INFO"), disk, origin) if infos else None
    return None


def _headers(file: str, disk: Disk, origin: Optional[dict[str, Any]]) -> Optional[Distribution]:
    """Return the distribution that the metadata FILE names, None when it names none."""
    fields = {"name": "", "version": ""}
    for line in _lines(disk.text(file, _MAX_METADATA) or ""):
        key, _, value = line.partition(":")
        key = key.strip().lower()
        if key in fields and not fields[key]:
            fields[key] = value.strip()
    name, version = fields["name"], fields["version"]
    if not valid_name(name) or not _VERSION.fullmatch(version):
        return None
    return Distribution(name, version, origin)


def _lines(text: str) -> Iterator[str]:
    """Yield the header lines of TEXT; the description follows an empty line."""
    for line in text.split("\n"):
        if not line.strip():
            return
        yield line


def _origin(path: str, disk: Disk) -> Optional[dict[str, Any]]:
    return _json(os.path.join(path, "direct_url.json"), disk)


def _json(path: str, disk: Disk, most: int = MAX_FILE) -> Optional[dict[str, Any]]:
    """Return the object in the JSON file PATH, None when there is none in it."""
    data = disk.read(path, most)
    if data is None:
        return None
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict) else None
