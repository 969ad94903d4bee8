"""Which markers can be seen from a directory, nearest first. Looks at names only; opens nothing.

Nothing is looked at above $HOME for a directory below it, nor in `/`, `/home`, `/net` or an automount: a name
looked up there can wake a network (autofs), and no project lives there.
"""

from __future__ import annotations

import os
from itertools import groupby

from wend.context import Context
from wend.disk.mounts import NEVER
from wend.kinds import ALSO_BELOW_HOME, KINDS, is_wanted, markers
from wend.model import Marker
from wend.trust import ownership
from wend.typed import Iterator, NamedTuple, Optional

_MAX_DEPTH = 256

_Rows = tuple[tuple[str, str, int], ...]


class Level(NamedTuple):
    """One directory on the way up, with its markers in order of precedence."""

    dir: str
    markers: tuple[Marker, ...]


def levels(cwd: str, context: Context) -> Iterator[Level]:
    """Yield the directories with markers seen from CWD: upwards as the shell spells it, then as the disk does."""
    seen: set[str] = set()
    for above, (directory, rows) in enumerate(_upwards(cwd, context)):
        found = _in(directory, rows, above, context)
        if found:
            seen.add(directory)
            yield Level(directory, found)
    real = context.disk.realpath(cwd)
    if real == cwd:
        return
    seen = {context.disk.realpath(directory) for directory in seen}
    for above, (directory, rows) in enumerate(_upwards(real, context)):
        found = () if directory in seen else _in(directory, rows, above, context)
        if found:
            yield Level(directory, found)


def _in(directory: str, rows: _Rows, above: int, context: Context) -> tuple[Marker, ...]:
    """Return the markers in DIRECTORY, ABOVE the asked one; without what others may have put there."""
    present = set(context.disk.present(directory, tuple(dict.fromkeys(row[0] for row in rows))))
    base = directory.rstrip("/")
    found = []
    seen = [row for row in rows if row[0] in present]  # those of one kind and rank are neighbours
    for (kind, rank), group in groupby(seen, key=lambda row: row[1:]):
        names = KINDS[kind].files(directory, tuple(row[0] for row in group), context)
        found += [Marker(kind, f"{base}/{name}", directory, rank, above) for name in names]
    found = [marker for marker in found if not ownership.planted(marker.path, context)]
    for kind in KINDS.values():
        if is_wanted(kind, context.settings):
            found += kind.elsewhere(directory, context)
    return tuple(sorted(found, key=lambda marker: marker.rank))


def _upwards(cwd: str, context: Context) -> Iterator[tuple[str, _Rows]]:
    """Yield each directory from CWD upwards with what may be looked for in it."""
    if not os.path.isabs(cwd):
        return
    everything = markers(context.settings)
    below_home = tuple(row for row in everything if row[0] in ALSO_BELOW_HOME)
    home = _identity(context.home, context) if context.home else None
    automounts = context.disk.mounts.automounts
    directory = cwd if cwd == "/" else cwd.rstrip("/")
    for _ in range(_MAX_DEPTH):
        parent = os.path.dirname(directory)
        # Without its drive, on Windows. No project is the root of a disk.
        if directory == parent or os.path.splitdrive(directory)[1] in NEVER or directory in automounts:
            return
        at_home = directory == context.home or (home is not None and _identity(directory, context) == home)
        yield directory, below_home if at_home and directory != cwd else everything
        if at_home:
            return
        directory = parent


def _identity(directory: str, context: Context) -> Optional[tuple[int, int]]:
    """Return what identifies DIRECTORY, independent of its spelling."""
    status = context.disk.stat(directory)
    return (status.st_dev, status.st_ino) if status else None
