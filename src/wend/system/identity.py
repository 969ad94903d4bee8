"""Which directory stands at a path: the same one as before, or another that was made in its place."""

from __future__ import annotations

import os
import sys

from wend.typed import Any, Optional, lru_cache

_AT_FDCWD, _AT_SYMLINK_NOFOLLOW = -100, 0x100
_STATX_BTIME = 0x800
# struct statx of linux/stat.h: stx_mask first, stx_btime (seconds, nanoseconds) at byte 80.
_SIZE, _MASK, _BTIME = 256, "I", "qI"
_BTIME_AT = 80


def of(directory: str) -> str:
    """Return what tells DIRECTORY from another at the same path: inode and time of birth in nanoseconds.

    Empty where the file system keeps no time of birth. No device number, because that changes between mounts.
    """
    try:
        status = os.lstat(directory)
    except (OSError, ValueError):
        return ""
    born = _born(directory, status)
    return "" if born is None else f"{status.st_ino}-{born}"


def _born(directory: str, status: os.stat_result) -> Optional[int]:
    if sys.platform.startswith("linux"):
        return _born_linux(directory)
    seconds = getattr(status, "st_birthtime", None)
    nanoseconds = getattr(status, "st_birthtime_ns", None)
    if nanoseconds is not None:
        return int(nanoseconds)
    return None if seconds is None else int(seconds * 1_000_000_000)


def _born_linux(directory: str) -> Optional[int]:
    """Ask statx(2): Python's own `os.stat` does not tell on Linux."""
    statx = _statx()
    if statx is None:
        return None
    import ctypes  # noqa: PLC0415
    import struct  # noqa: PLC0415

    buffer = ctypes.create_string_buffer(_SIZE)
    if statx(_AT_FDCWD, os.fsencode(directory), _AT_SYMLINK_NOFOLLOW, _STATX_BTIME, buffer):
        return None
    if not struct.unpack_from(_MASK, buffer)[0] & _STATX_BTIME:
        return None
    seconds, nanoseconds = struct.unpack_from(_BTIME, buffer, _BTIME_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


@lru_cache(maxsize=1)
def _statx() -> Optional[Any]:
    import ctypes  # noqa: PLC0415  slow, and wanted only where a decision remembers its directory

    try:
        function = ctypes.CDLL(None, use_errno=True).statx
    except (AttributeError, OSError):  # glibc before 2.28
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p]
    return function
