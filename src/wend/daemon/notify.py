"""The kernel's notice that a file in the mailbox was written. One descriptor, no thread.

Where the kernel gives none (no inotify instance left), `notifier` returns None, and the daemon polls.
"""

from __future__ import annotations

import errno
import os
import struct

from wend.disk.mounts import TABLE
from wend.system import LINUX, WINDOWS
from wend.typed import Optional, Union

_HEADER = struct.Struct("iIII")
_IN_ATTRIB, _IN_CLOSE_WRITE, _IN_DELETE_SELF, _IN_MOVE_SELF = 0x4, 0x8, 0x400, 0x800
_IN_Q_OVERFLOW, _IN_IGNORED = 0x4000, 0x8000
_IN_CLOEXEC, _IN_NONBLOCK = 0o2000000, 0o4000
_GONE = _IN_DELETE_SELF | _IN_MOVE_SELF | _IN_IGNORED


class Inotify:
    """Linux: names of files closed after writing.

    By ctypes, because the libraries for it bring a thread or a second event loop.
    """

    early = False  # a file is reported after its writer has closed it

    def __init__(self, path: str) -> None:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        self.gone = False  # the directory itself was removed or moved
        self.touched = False  # its mode or owner may have changed
        self.fd = libc.inotify_init1(_IN_CLOEXEC | _IN_NONBLOCK)
        if self.fd < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        # The kernel reports the removal of a directory when its last descriptor is closed, and the lock keeps one open.
        # The directory inside is removed before it, and has no open descriptor.
        watched = (
            (path, _IN_CLOSE_WRITE | _IN_MOVE_SELF | _IN_ATTRIB),
            (os.path.join(path, "new"), _IN_DELETE_SELF | _IN_MOVE_SELF),
        )
        for directory, mask in watched:
            if libc.inotify_add_watch(self.fd, os.fsencode(directory), mask) < 0:
                number = ctypes.get_errno()
                os.close(self.fd)
                raise OSError(number, os.strerror(number))

    def names(self) -> Optional[list[bytes]]:
        """Return the names written since the last call; None when the kernel lost count: look at everything."""
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return []
        found, at = [], 0
        while at < len(data):
            _, mask, _, length = _HEADER.unpack_from(data, at)
            if mask & _IN_Q_OVERFLOW:
                return None
            at += _HEADER.size
            if mask & _GONE:
                self.gone = True
            elif mask & _IN_ATTRIB:
                self.touched = True
            else:
                found.append(data[at : at + length].rstrip(b"\0"))
            at += length
        return found


class Kqueue:
    """macOS and the BSDs: says only that a name was made in the directory, so everything is looked at."""

    early = True  # a file may be reported while it is empty

    def __init__(self, path: str) -> None:
        import select

        self.gone = self.touched = False
        self._queue = select.kqueue()  # type: ignore[attr-defined,unused-ignore]
        self._directory = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        gone = select.KQ_NOTE_DELETE | select.KQ_NOTE_RENAME  # type: ignore[attr-defined,unused-ignore]
        self._attributes = select.KQ_NOTE_ATTRIB  # type: ignore[attr-defined,unused-ignore]
        event = select.kevent(  # type: ignore[attr-defined,unused-ignore]
            self._directory,
            filter=select.KQ_FILTER_VNODE,  # type: ignore[attr-defined,unused-ignore]
            flags=select.KQ_EV_ADD | select.KQ_EV_CLEAR,  # type: ignore[attr-defined,unused-ignore]
            fflags=select.KQ_NOTE_WRITE | select.KQ_NOTE_EXTEND | gone | self._attributes,  # type: ignore[attr-defined,unused-ignore]
        )
        self._gone = gone
        self._queue.control([event], 0)
        self.fd = self._queue.fileno()

    def names(self) -> Optional[list[bytes]]:
        """Return None: look at everything."""
        for event in self._queue.control(None, 16, 0):
            if event.fflags & self._gone:
                self.gone = True
            if event.fflags & self._attributes:
                self.touched = True
        return None


class MountTable:
    """Linux: readable when something was mounted or unmounted; a lazy unmount says nothing to an inotify watch.

    The table itself is always readable, and `selectors` knows no other condition: so one epoll inside another. Each
    change is reported by one `select` only.
    """

    def __init__(self) -> None:
        import select

        self._table = os.open(TABLE, os.O_RDONLY | os.O_CLOEXEC)
        self._epoll = select.epoll()
        self._epoll.register(self._table, select.EPOLLPRI)
        self.fd = self._epoll.fileno()


def mount_table() -> Optional[MountTable]:
    """Return the notifier for mounts, None where the kernel has none."""
    try:
        return MountTable()
    except (AttributeError, OSError):
        return None


Notifier = Union[Inotify, Kqueue]


def notifier(path: str) -> Optional[Notifier]:
    """Return the notifier for the directory PATH, None where the kernel gives none."""
    try:
        if LINUX:
            return Inotify(path)
        if not WINDOWS:
            return Kqueue(path)
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOSYS):
            raise
    except AttributeError:
        pass
    return None
