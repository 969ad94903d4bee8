"""Was it made here? An environment's own files say where it was made; a copy or a clone names another place.

Every place that the files name must be this very place, and at least one file must name one. So one archive cannot
try many guesses, and what computes its place when it is activated (uv's relocatable environments) names none.
"""

from __future__ import annotations

import os
import stat

from wend.context import Context
from wend.formats import pyvenv
from wend.model import Target
from wend.system import WINDOWS, slashed, user
from wend.text import visible
from wend.trust import gitindex, ownership
from wend.trust.ownership import Walk
from wend.trust.witnesses import recorded_places
from wend.typed import Optional

_MAX_SHOWN = 120  # bytes
_MAX_PATH = 4096  # bytes, as Linux
# A name below these means something else in each process, or asks another machine.
_NOT_PLACES = (b"proc", b"devtmpfs", b"devpts", b"sysfs", b"autofs")
_NEVER_PLACES = ("/proc/", "/dev/fd/", "/net/")  # also where the table of mounts cannot be read


def why_not_local(target: Target, walk: Walk, context: Context) -> str:
    """Return why TARGET does not count as made here, empty when it does. WALK leads to its prefix."""
    real, status = walk[-1]
    if status is None or status.st_uid != user():
        return "it is not your own"
    if WINDOWS and not (context.home and _inside(real, context.disk.realpath(context.home))):
        return "it is not in your profile directory, and wend does not read who owns it"
    root = context.disk.realpath(target.root)
    if target.confined and not _inside(real, root):
        return f"the project names it outside of itself, at {visible(real)}"
    places, other = _recorded(target, walk, context)
    if other:
        return f"it was not made here: it names another place, {other}"
    if not places and not _listed(real, status, target, context):
        return _silence(target.prefix, context)
    # The links passed count too: one that git brought may lead to anything.
    links = [name for name, passed in walk if passed is not None and stat.S_ISLNK(passed.st_mode)]
    for name in (*links, real):
        reason = gitindex.why_tracked(name, context)
        if reason:
            return reason
    return ""


def elsewhere(target: Target, context: Context) -> str:
    """Return another place that the files of TARGET name, as it may be shown; empty when they name none."""
    walk = ownership.follow(target.prefix, context.disk)
    return _recorded(target, walk, context)[1] if walk[-1][1] is not None else ""


def _recorded(target: Target, walk: Walk, context: Context) -> tuple[bool, str]:
    """Return whether the files of TARGET name any place, and the first that is not this one, as it may be shown."""
    key = ("recorded", target.prefix, target.root, "spelled" if target.spelled else "")
    return context.disk.once(key, lambda: _compared(target, walk, context))


def _compared(target: Target, walk: Walk, context: Context) -> tuple[bool, str]:
    real, root = walk[-1][0], context.disk.realpath(target.root)
    spelled = (target.prefix, real) if _is_spelled_by_shell(target, context) else (real,)
    spellings = tuple(dict.fromkeys(map(os.fsencode, spelled)))
    places = dict.fromkeys(recorded_places(target.prefix, spellings, context))
    others = (place for place in places if place not in spellings)
    other = next((place for place in others if not _leads_here(place, walk, root, context)), b"")
    return bool(places), visible(os.fsdecode(other[:_MAX_SHOWN]))


def _silence(prefix: str, context: Context) -> str:
    """Return why no file of the environment names a place."""
    try:
        config = context.disk.parsed(f"{prefix}/pyvenv.cfg", pyvenv.parse) or {}
    except ValueError:
        config = {}
    if config.get("relocatable", "").lower() == "true":
        return "it is relocatable, so it does not say where it was made"
    return "it does not say that it was made here"


def _is_spelled_by_shell(target: Target, context: Context) -> bool:
    """Return whether the prefix is spelled as the shell spells the project's directory, and not by a file in it.

    What a file spells proves nothing: /proc/self/cwd/env is another directory for each process, and an archive that
    names it need not know where it is unpacked.
    """
    return not target.spelled and _inside(target.prefix, target.root) and not _means_nothing(target.prefix, context)


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _leads_here(place: bytes, walk: Walk, root: str, context: Context) -> bool:
    """Return whether the recorded PLACE leads to the end of WALK, by links that only the user could have made.

    It is followed name by name. It does not count when it passes through a file system whose names are not places,
    or a disk that may not answer; through a link inside the project ROOT, which may have come with the project; or
    through what another user owns or can write.
    """

    def stop(name: str, status: Optional[os.stat_result]) -> bool:
        if _means_nothing(name, context):
            return True
        if status is None:
            return False
        link = stat.S_ISLNK(status.st_mode)
        return (link and _inside(name, root)) or bool(ownership.wrong(name, status, context, parent=True))

    if len(place) > _MAX_PATH:
        return False
    found = ownership.follow(os.fsdecode(place), context.disk, stop=stop)
    end, here = (found[-1][1] if found else None), walk[-1][1]
    if end is None or here is None:
        return False
    return (end.st_dev, end.st_ino) == (here.st_dev, here.st_ino)


def _means_nothing(name: str, context: Context) -> bool:
    """Return whether NAME is something else in each process, or lies on a disk that may not answer."""
    mounts = context.disk.mounts
    if f"{name}/".startswith(_NEVER_PLACES):
        return True
    point, kind = mounts.at(name)
    return kind in _NOT_PLACES or bool(point and mounts.remote(name))


def _listed(real: str, status: os.stat_result, target: Target, context: Context) -> bool:
    """Return whether conda's own list names REAL, and was written after REAL was: only where nothing else speaks."""
    if target.kind not in ("conda", "pixi") or not context.home:
        return False
    if lists(real, context, not_before=status.st_ctime_ns):
        return True
    # Each installation may add to the directory, and conda does not write the list again: so its birth counts.
    born = context.disk.identity(real).rpartition("-")[2]
    return bool(born) and lists(real, context, not_before=int(born))


def lists(real: str, context: Context, not_before: int = 0) -> bool:
    """Return whether ~/.conda/environments.txt names REAL; it must be the user's own and not writable by others.

    NOT_BEFORE, nanoseconds: an environment that is newer than the list does not count.
    """
    file = f"{context.home}/.conda/environments.txt"
    walk = ownership.follow(file, context.disk)
    own = walk[-1][1]
    if own is None or own.st_uid != user() or ownership.first_wrong(walk, context):
        return False
    if own.st_mtime_ns < not_before:
        return False
    data = context.disk.read(file, 1 << 20) or b""
    listed = (line.rstrip(b"\r") for line in data.split(b"\n"))
    return real in (slashed(os.fsdecode(line)).rstrip("/") for line in listed)
