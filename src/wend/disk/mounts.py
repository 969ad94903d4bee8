"""The kernel's table of mounts: where a look makes automount mount a disk, and which disks may not answer.

Read from /proc/self/mountinfo, so that no disk is touched to find out. Where there is no such table, nothing is
known to be remote.
"""

from __future__ import annotations

import os

from wend.disk.links import Way
from wend.patterns import pattern
from wend.typed import NamedTuple, Optional

# Where no project lives: looking a name up there can make automount ask the network.
NEVER = frozenset(("/", "//", "/home", "/net", "/Users", "/Volumes"))

TABLE = "/proc/self/mountinfo"
_MAX_TABLE = 1 << 20  # bytes
_REMOTE = (
    b"nfs", b"cifs", b"smb", b"fuse", b"9p", b"ceph", b"afs", b"autofs", b"lustre", b"gfs", b"ocfs", b"gluster",
    b"davfs", b"ncpfs",
)  # fmt: skip
_AUTOFS = b"autofs"
_ESCAPE = pattern(rb"\\([0-7]{3})")


class Mounts(NamedTuple):
    """The mounts of this process, in the kernel's order: (mount point, type)."""

    table: tuple[tuple[str, bytes], ...] = ()

    @property
    def automounts(self) -> frozenset[str]:
        """The mount points of autofs: looking a name up there may ask the network. The one in /proc does not."""
        return frozenset(point for point, kind in self.table if kind == _AUTOFS and not point.startswith("/proc/"))

    @property
    def any_remote(self) -> bool:
        """Whether something remote or in user space serves any of them."""
        return any(kind.startswith(_REMOTE) and point != os.sep for point, kind in self.table)

    def at(self, path: str) -> tuple[str, bytes]:
        """Return the mount point that the absolute PATH lies in and its type, by name; empty when unknown."""
        best = ("", b"")
        for point, kind in self.table:
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best[0]):
                best = (point, kind)
        return best

    def remote(self, path: str) -> str:
        """Return the mount point that PATH lies in if something remote or in user space serves it, else empty."""
        point, kind = self.at(path)
        return point if kind.startswith(_REMOTE) and point != os.sep else ""


def read(table: str = TABLE) -> Mounts:
    """Return the mounts in the file TABLE (proc(5)); none where it cannot be read."""
    try:
        with open(table, "rb") as file:
            data = file.read(_MAX_TABLE)
    except OSError:
        return Mounts()
    return parse(data)


def parse(data: bytes) -> Mounts:
    """Return the mounts in DATA; a line that is not understood is left out."""
    found = []
    for line in data.split(b"\n"):
        left, dash, right = line.partition(b" - ")
        fields = left.split(b" ")
        if dash and len(fields) >= 5:
            point = fields[4]
            if b"\\" in point:
                point = _ESCAPE.sub(lambda code: bytes((int(code[1], 8) & 0xFF,)), point)
            found.append((os.fsdecode(point), right.split(b" ")[0]))
    return Mounts(tuple(found))


def reached(path: str, mounts: Mounts) -> str:
    """Return the first remote mount on the way to PATH, links followed; empty for none.

    Nothing on a remote mount is touched: the table is asked before each name is looked at.
    """
    try:
        return next(filter(None, map(mounts.remote, Way(path, link))), "")
    except OSError:
        return ""


def woken(path: str, mounts: Mounts) -> str:
    """Return the first name on the way to PATH, links followed, that wakes an automount; empty for none.

    Nothing in an automount is touched: the table is asked before each name is looked at.
    """
    below = tuple(f"{point}/" for point in mounts.automounts)
    if not below:
        return ""
    names = (name for name in Way(path, link) if name.startswith(below))
    try:
        return next((name for name in names if mounts.at(name)[1] == _AUTOFS), "")
    except OSError:
        return ""


def link(name: str) -> Optional[str]:
    """Return what the link NAME holds, None when it is not one."""
    try:
        return os.readlink(name)
    except (OSError, ValueError):  # a NUL in it
        return None
