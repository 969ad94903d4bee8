"""Which markers can be seen from a directory, nearest first. Looks at names only; opens nothing.

Nothing is looked at above $HOME for a directory below it, nor in `/`, `/home`, `/net` or an automount:
a name looked up there can wake a network (autofs) and is nobody's project.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from wend.kinds import PIN, markers
from wend.model import Marker
from wend.where import Where

_MAX_DEPTH = 256
NEVER = frozenset(("/", "//", "/home", "/net", "/Users", "/Volumes"))


def detect(cwd: str, where: Where) -> list[Marker]:
    """Return the markers seen from CWD in order of precedence: as the shell spells it, then as the disk does."""
    found = [marker for directory, names in _levels(cwd, where) for marker in _in(directory, names, where)]
    real = where.disk.realpath(cwd)
    if real == cwd:
        return found
    seen = {where.disk.realpath(marker.dir) for marker in found}
    for directory, names in _levels(real, where):
        if directory not in seen:
            found += _in(directory, names, where)
    return found


_Rows = tuple[tuple[str, str, int], ...]


def _in(directory: str, rows: _Rows, where: Where) -> list[Marker]:
    present = set(where.disk.present(directory, tuple(row[0] for row in rows)))
    base = directory.rstrip("/")
    return [Marker(kind, f"{base}/{name}", directory, rank) for name, kind, rank in rows if name in present]


def _levels(cwd: str, where: Where) -> Iterator[tuple[str, _Rows]]:
    """Yield each directory from CWD upwards with what may be looked for in it."""
    if not os.path.isabs(cwd):
        return
    everything = markers(where.settings)
    pins = tuple(row for row in everything if row[0] == PIN)
    homes = _homes(where)
    inside = next((home for home in homes if cwd == home or cwd.startswith(home + "/")), None)
    mounts = automounts()
    directory = cwd if cwd == "/" else cwd.rstrip("/")
    for _ in range(_MAX_DEPTH):
        if directory in NEVER or directory in mounts:
            return
        yield directory, everything if directory not in homes or directory == cwd else pins
        parent = os.path.dirname(directory)
        if directory in (inside, parent):
            return
        directory = parent


def _homes(where: Where) -> tuple[str, ...]:
    home = where.home
    if not home:
        return ()
    real = where.disk.realpath(home)
    return (home,) if real == home else (home, real)


def automounts() -> frozenset[str]:
    """Return the mount points of autofs, empty where there is no such table."""
    try:
        with open("/proc/self/mountinfo", "rb") as table:
            text = table.read(1 << 20)
    except OSError:
        return frozenset()
    if b" - autofs " not in text:
        return frozenset()
    return frozenset(os.fsdecode(line.split(b" ")[4]) for line in text.split(b"\n") if b" - autofs " in line)
