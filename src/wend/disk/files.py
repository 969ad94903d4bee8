"""The one atomic write: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import errno
import os
import stat

from wend.system import WINDOWS


def replace(path: str, data: bytes, mode: int = 0o644, *, keep: bool = True) -> None:
    """Replace PATH by a file that holds DATA, in one step; directories above it are made.

    KEEP: through links, and an old file keeps its mode and owner; else, and for a new file, MODE. OSError when it
    cannot be done; the old content is there then. An old file to KEEP is written in place, and not in one step, where
    the user may make no such file beside it.
    """
    real = os.path.realpath(path) if keep else path
    os.makedirs(os.path.dirname(real), exist_ok=True)
    try:
        _exchange(real, data, mode, keep=keep)
    except PermissionError:  # another user's directory, or a group that the user has left
        if not keep or not os.path.exists(real):
            raise
        with open(real, "r+b") as file:
            file.write(data)
            file.truncate()


def _exchange(real: str, data: bytes, mode: int, *, keep: bool) -> None:
    # A leading dot: programs that list the directory for files of its kind pass it over.
    fresh = os.path.join(os.path.dirname(real), f".wend-{os.getpid()}-{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(fresh, flags, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if keep and os.path.exists(real):
            _dress(fresh, real)
        else:
            os.chmod(fresh, mode)
        os.replace(fresh, real)
    except BaseException:
        try:
            os.unlink(fresh)
        except OSError:
            pass
        raise


def _dress(fresh: str, old: str) -> None:
    """Give FRESH the owner, mode and attributes of OLD."""
    before, made = os.stat(old), os.stat(fresh)
    if not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", old)
    # A new file's group may be the directory's: with setgid there, and always on macOS.
    if not WINDOWS and (before.st_uid, before.st_gid) != (made.st_uid, made.st_gid):
        os.chown(fresh, before.st_uid, before.st_gid)
    import shutil  # noqa: PLC0415  the daemon comes here only for what is new

    shutil.copystat(old, fresh)  # also its access list
    os.utime(fresh)
