"""What is never used, whatever was allowed: an environment that somebody else could change.

Its directory, the names on the way to it (links and where they lead), what goes on PATH and the files that
describe it must belong to the user or to root, and only they may be able to write there. The rule is that of
git's safe.directory and of sshd's StrictModes, with one addition for users with umask 002: a group that has
no other member than the user is as good as none.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from functools import lru_cache
from typing import Optional

from wend.context import Context
from wend.disk import Disk
from wend.model import Target
from wend.text import visible

Way = list[tuple[str, Optional[os.stat_result]]]

_MAX_LINKS = 40  # as Linux


def way(path: str, disk: Disk, start: str = "") -> Way:
    """Return what is passed on the way to PATH, links followed: (name, its own status) from the top down.

    PATH counts from START, a real path. The last is what PATH is in the end, by its real name; its status is
    None when there is no such thing, or no end to the links.
    """
    passed: Way = [] if start else [("/", disk.owner("/"))]
    at, links = start.rstrip("/"), 0
    left = path.split("/")[::-1]
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        if part == "..":
            at = os.path.dirname(at).rstrip("/")
            continue
        name = f"{at}/{part}"
        status = disk.owner(name)
        passed.append((name, status))
        if status is None:
            return passed
        if not stat.S_ISLNK(status.st_mode):
            at = name
            continue
        links += 1
        to = disk.readlink(name)
        if to is None or links > _MAX_LINKS:
            return [*passed, (name, None)]
        at = "" if to.startswith("/") else at
        left += to.split("/")[::-1]
    if not passed or passed[-1][0] != (at or "/"):  # ended in `..` or in a link to what was passed before
        passed.append((at or "/", disk.owner(at or "/")))
    return passed


def never(target: Target, prefix: Way, context: Context) -> Optional[tuple[str, str]]:
    """Return (why, what to type) if TARGET must not be used, else None. PREFIX is the way to its prefix."""
    if any(not os.path.isabs(path) for path in (target.prefix, *target.path)):
        return "its path is not absolute", ""
    if any(os.pathsep in path or "\0" in path for path in target.path):
        return f"a path with {os.pathsep!r} cannot stand in PATH", "rename the directory"
    known: set[str] = set()
    real, status = prefix[-1]
    if status is None:
        return f"{visible(real)} cannot be looked at", ""
    wrong = _first_wrong(prefix, known)
    if wrong:
        return wrong
    inside = (f"{target.prefix}/pyvenv.cfg", f"{target.prefix}/conda-meta")
    scripts = (*target.scripts_on, *target.scripts_off)
    for path in dict.fromkeys((*target.path, *inside, *scripts)):
        below = path.startswith(target.prefix + "/")
        passed = way(path[len(target.prefix) :], context.disk, real) if below else way(path, context.disk)
        wrong = _first_wrong(passed, known)
        if wrong:
            return wrong
    return None


def _first_wrong(passed: Way, known: set[str]) -> Optional[tuple[str, str]]:
    """Return what is wrong with the first name in PASSED that is not as it must be. To be absent is right."""
    last = len(passed) - 1
    for index, (name, status) in enumerate(passed):
        if status is None or name in known:
            continue
        wrong = _wrong(name, status, parent=index < last)
        if wrong:
            return wrong
        known.add(name)
    return None


def _wrong(name: str, status: os.stat_result, *, parent: bool) -> Optional[tuple[str, str]]:
    euid = os.geteuid()
    if status.st_uid not in (euid, 0):
        return f"{visible(name)} belongs to {_user(status.st_uid)}", ""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode) or (parent and mode & stat.S_ISVTX):
        return None  # a link is as safe as its directory; in a sticky one nobody else can rename what is ours
    loose = mode & 0o022
    if loose & 0o020 and _private(status.st_gid, euid):
        loose &= ~0o020
    if not loose:
        return None
    who = "others" if loose & 0o002 else f"the group {_group(status.st_gid)}"
    whom = {0o020: "g", 0o002: "o", 0o022: "go"}[loose]
    sudo = "" if status.st_uid == euid else "sudo "
    return (
        f"{visible(name)} is writable by {who} (mode {mode:04o})",
        f"{sudo}chmod {whom}-w {visible(shlex.quote(name))}",
    )


@lru_cache(maxsize=64)
def _private(gid: int, uid: int) -> bool:
    """Whether GID is the primary group of the user UID, named like the user, and nobody else's group.

    The name is asked for because a directory service need not list all whose primary group it is.
    """
    try:
        user, group = pwd.getpwuid(uid), grp.getgrgid(gid)
    except KeyError:
        return False
    if user.pw_gid != gid or group.gr_name != user.pw_name or set(group.gr_mem) - {user.pw_name}:
        return False
    return all(entry.pw_gid != gid or entry.pw_uid == uid for entry in pwd.getpwall())


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
