"""Which mount a directory lies in, without asking the disk that may not answer: from the kernel's own table."""

from __future__ import annotations

import os
import re

_REMOTE = re.compile(r"(nfs|cifs|smb|fuse|9p|ceph|afs|autofs|lustre|gfs|ocfs|gluster|davfs|ncpfs)")


def remote_mount(directory: str, table: str = "/proc/self/mountinfo") -> str:
    """Return the mount point that DIRECTORY lies in if something remote or in user space serves it, else empty."""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(1 << 20).split("\n")
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        left, dash, right = line.partition(" - ")
        fields = left.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
        inside = directory == point or directory.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return best if _REMOTE.match(kind) and best != os.sep else ""
