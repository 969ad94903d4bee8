"""Which markers can be seen from a directory, nearest first. Looks at names, and at what a store of the user's says."""

from __future__ import annotations

from itertools import groupby

from wend.context import Context
from wend.kinds import ALSO_BELOW_HOME, KINDS, is_wanted, markers
from wend.model import RANK_POINTER, Marker
from wend.trust import ownership
from wend.typed import Iterator, NamedTuple

_Rows = tuple[tuple[str, str, int], ...]


class Level(NamedTuple):
    """One directory on the way up, with its markers in order of precedence."""

    dir: str
    markers: tuple[Marker, ...]  # but for those in stores
    stores: bool = True  # whether the stores have not been asked for this directory yet

    def all(self, context: Context) -> Iterator[Marker]:
        """Yield the markers, also those in stores, which are looked for when those before them have been yielded."""
        yield from (marker for marker in self.markers if marker.rank <= RANK_POINTER)
        for kind in KINDS.values() if self.stores else ():
            if kind.stores and is_wanted(kind, context.settings):
                yield from kind.elsewhere(self.dir, context)
        yield from (marker for marker in self.markers if marker.rank > RANK_POINTER)


def levels(cwd: str, context: Context) -> Iterator[Level]:
    """Yield the directories seen from CWD with their markers: upwards as the shell spells it, then as the disk does."""
    seen = []
    for above, (directory, rows) in enumerate(_upwards(cwd, context)):
        level = Level(directory, _in(directory, rows, above, context))
        seen.append(level)
        yield level
    real = context.disk.realpath(cwd)
    if real == cwd:
        return
    there = {context.disk.realpath(level.dir): bool(level.markers) for level in seen}
    for above, (directory, rows) in enumerate(_upwards(real, context)):
        if not there.get(directory):
            yield Level(directory, _in(directory, rows, above, context), directory not in there)


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
        if not kind.stores and is_wanted(kind, context.settings):
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
