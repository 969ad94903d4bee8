"""What is never used, even if it was allowed: an environment that another user could change.

Its directory, the names on the way to it (links and where they lead), what goes on PATH and the files that
describe it must belong to the user or to root, and only they may be able to write there. The rule is that of
git's safe.directory and of sshd's StrictModes, with one addition for users with umask 002: the user's own private
group counts as no group, unless an access control list hides behind its bits.
"""

from __future__ import annotations

import os
import stat

from wend.context import Context
from wend.disk import Disk
from wend.disk.links import Way
from wend.model import Target
from wend.system import WINDOWS, slashed, user
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Callable, Optional, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.system import users
else:
    fixes = late("wend.fixes")
    users = late("wend.system.users")

Walk = list[tuple[str, Optional[os.stat_result]]]

_ACL = "system.posix_acl_access"
_SHARED = stat.S_IWGRP | stat.S_IWOTH
_ACCOUNTS = ("/etc/passwd", "/etc/group")


def follow(
    path: str, disk: Disk, start: str = "", stop: Callable[[str, Optional[os.stat_result]], bool] = lambda *_: False
) -> Walk:
    """Return what is passed on the way to PATH, links followed: (name, its own status) from the top down.

    PATH counts from START, a real path. The last is what PATH is in the end, by its real name; its status is
    None when there is no such thing, no end to the links, or STOP says so. STOP is asked with a status of None
    before a name is looked at.
    """
    if WINDOWS:  # who may write there stands in access control lists, which are not read: see origin
        real = disk.realpath(slashed(f"{start}/{path}" if start else path))
        return [(real, disk.stat(real))]
    passed: Walk = [] if start else [("/", disk.owner("/"))]

    def link(name: str) -> Optional[str]:
        status = passed[-1][1]
        if status is None or not stat.S_ISLNK(status.st_mode):
            return None
        to = disk.readlink(name)
        if to is None:
            raise OSError(name)
        return to

    way = Way(path, link, start)
    try:
        for name in way:
            status = None if stop(name, None) else disk.owner(name)
            if status is not None and stop(name, status):
                status = None
            passed.append((name, status))
            if status is None:
                return passed
    except OSError:
        return [*passed, (passed[-1][0], None)]
    at = way.at or "/"
    if not passed or passed[-1][0] != at:  # ended in `..` or in a link to what was passed before
        passed.append((at, disk.owner(at)))
    return passed


def refusal(target: Target, walk: Walk, context: Context) -> Optional[tuple[str, str]]:
    """Return (why, what to type) if TARGET must not be used, else None. WALK leads to its prefix."""
    if any(not os.path.isabs(path) for path in (target.prefix, *target.path)):
        return "its path is not absolute", ""
    if any(os.pathsep in path or "\0" in path for path in target.path):
        return f"a path with {os.pathsep!r} cannot stand in PATH", fixes.without_separator(target.prefix)
    real, status = walk[-1]
    if status is None:
        return f"{visible(real)} cannot be looked at", f"ls {visible(quoted(real))}"
    known: set[str] = set()
    inside = (f"{target.prefix}/pyvenv.cfg", f"{target.prefix}/conda-meta")
    scripts = (*target.scripts_on, *target.scripts_off)
    found = first_wrong(walk, context, known)
    for path in dict.fromkeys((*target.path, *inside, *scripts)):
        found = found or first_wrong(_below(path, target, real, context), context, known)
    found = found or _interpreter(target, real, context)
    return (found[0], found[1] or taken_over(target.root, walk, context)) if found else None


def taken_over(root: str, walk: Walk, context: Context) -> str:
    """Return what to type where another user owns something on WALK, or in what it leads to, for the project ROOT.

    They make an environment of their own, in the place of one in the project. What is another user's does not become
    theirs: its files may say anything. A project that is another user's can only be left alone.
    """
    theirs = (name for name, status in walk if status is not None and status.st_uid not in (user(), 0))
    name, real = next(theirs, walk[-1][0]), context.disk.realpath(root)
    if f"{real}/".startswith(f"{name.rstrip('/')}/"):
        return f"wend deny {visible(quoted(root))}"
    moving = f"{fixes.aside(name)} && " if name.startswith(f"{real.rstrip('/')}/") else ""
    return f"{moving}wend create {visible(quoted(root))}"


def _below(path: str, target: Target, real: str, context: Context) -> Walk:
    inside = path.startswith(target.prefix + "/")
    if inside and context.disk.asleep_below(target.prefix, path):  # it is judged when it is there
        return [(path, None)]
    return follow(path[len(target.prefix) :], context.disk, real) if inside else follow(path, context.disk)


def _interpreter(target: Target, real: str, context: Context) -> Optional[tuple[str, str]]:
    """Return what is wrong with the interpreter: a file of the environment's own is judged like the environment.

    One that a link leads to may belong to another account and its group, as on clusters and with Homebrew, but must
    not be writable by all users.
    """
    if not target.python.startswith(target.prefix + "/"):
        return None
    walk = _below(target.python, target, real, context)
    name, status = walk[-1]
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    if any(passed is not None and stat.S_ISLNK(passed.st_mode) for _, passed in walk):
        return _writable(name, status, status.st_mode & stat.S_IWOTH)
    return wrong(name, status, context, parent=False)


def first_wrong(walk: Walk, context: Context, known: Optional[set[str]] = None) -> Optional[tuple[str, str]]:
    """Return what is wrong with the first name in WALK that is not as it must be. To be absent is right."""
    known = set() if known is None else known
    last = len(walk) - 1
    for index, (name, status) in enumerate(walk):
        if status is None or name in known:
            continue
        found = wrong(name, status, context, parent=index < last)
        if found:
            return found
        known.add(name)
    return None


def wrong(name: str, status: os.stat_result, context: Context, *, parent: bool) -> Optional[tuple[str, str]]:
    """Return (why, what to type) if another user owns or can write NAME, else None; PARENT: something below counts."""
    if WINDOWS:
        return None
    if status.st_uid not in (user(), 0):
        return f"{visible(name)} belongs to {users.user_name(status.st_uid)}", ""
    if stat.S_ISLNK(status.st_mode):
        return None  # a link is as safe as its directory
    if parent and status.st_mode & stat.S_ISVTX:
        return None  # in a sticky directory other users cannot rename what is ours
    bits = status.st_mode & _SHARED
    if bits & stat.S_IWGRP:
        if context.disk.has_attribute(name, _ACL):
            fix = _as_owner(status, f"setfacl -b {visible(quoted(name))}")
            return f"{visible(name)} is writable by others through its access control list", fix
        if _is_private(status.st_gid, user(), context):
            bits &= ~stat.S_IWGRP
    return _writable(name, status, bits)


def planted(path: str, context: Context) -> bool:
    """Return whether PATH may be another user's doing: it is not the user's own, and others can write in its directory.

    Then it says nothing about the user's project: anybody can put a pyproject.toml into /tmp.
    """
    directory = os.path.dirname(path) or "/"
    if context.windows or not context.disk.once(("open", directory), lambda: _is_open(directory, context)):
        return False
    status = context.disk.owner(path)
    return status is None or status.st_uid != user()


def _is_open(directory: str, context: Context) -> bool:
    """Return whether others than its owner, or the user, can make files in DIRECTORY; their private groups cannot."""
    status = context.disk.stat(directory)
    if status is None or not status.st_mode & _SHARED:
        return False
    private = any(_is_private(status.st_gid, uid, context) for uid in (user(), status.st_uid))
    real = context.disk.realpath(directory)  # a link has no list of its own
    return bool(status.st_mode & stat.S_IWOTH) or not private or context.disk.has_attribute(real, _ACL)


def _is_private(gid: int, uid: int, context: Context) -> bool:
    """Return whether the group GID is UID's private one. It may get another member while a daemon remembers answers."""
    states = (context.disk.stat(path) for path in _ACCOUNTS)
    said = tuple(state and (state.st_mtime_ns, state.st_ino, state.st_size) for state in states)
    return users.is_private_group(gid, uid, said)


def _writable(name: str, status: os.stat_result, bits: int) -> Optional[tuple[str, str]]:
    """Return (why, what to type) because BITS of the mode let others or a group write NAME; None for no BITS."""
    if not bits or WINDOWS:
        return None
    who = "others" if bits & stat.S_IWOTH else f"the group {users.group_name(status.st_gid)}"
    whom = {stat.S_IWGRP: "g", stat.S_IWOTH: "o"}.get(bits, "go")
    reason = f"{visible(name)} is writable by {who} (mode {stat.S_IMODE(status.st_mode):04o})"
    return reason, _as_owner(status, f"chmod {whom}-w {visible(quoted(name))}")


def _as_owner(status: os.stat_result, command: str) -> str:
    return command if status.st_uid == user() else f"sudo {command}"
