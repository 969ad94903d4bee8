"""Which markers can be seen from a directory, nearest first. Looks at names only; opens nothing."""

from __future__ import annotations

from itertools import groupby

from wend.context import Context
from wend.kinds import ALSO_BELOW_HOME, KINDS, is_wanted, markers
from wend.model import Marker
from wend.trust import ownership
from wend.typed import Iterator, NamedTuple

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
    everything = markers(context.settings)
    below_home = tuple(row for row in everything if row[0] in ALSO_BELOW_HOME)
    for directory, at_home in context.upwards(cwd):
        if context.disk.mounts.automounts and not at_home and not f"{context.home}/".startswith(f"{directory}/"):
            context.disk.guard(directory)  # what is in the home is the user's own
        yield directory, below_home if at_home and directory != cwd else everything
