"""Every question that an answer asks of the disk, asked safely and written down.

Safely: no FIFO is waited for, no endless file read, no link followed where one must not be. Written down:
with the signatures of what was looked at, a later request can tell by a few stats that the same question
has the same answer (docs/architecture.md, "Truth on disk"). Reads only; runs nothing.
"""

from __future__ import annotations

import os
import stat
import time
from typing import Optional

MAX_FILE = 64 * 1024  # bytes: no marker or configuration file has a reason to be longer

Signature = Optional[tuple[int, ...]]

# A directory changed this recently may change again within the same tick of its clock, unseen.
_RACY_NS = 20_000_000
_RACY_COARSE_NS = 2_100_000_000  # file systems that keep whole seconds (FAT: two)


def _signature(st: os.stat_result) -> tuple[int, ...]:
    return (st.st_mtime_ns, st.st_ctime_ns, st.st_size, st.st_ino, st.st_dev, st.st_mode)


class Disk:
    """One answer's view of the disk.

    Create one for each answer; afterwards `unchanged()` says whether the same questions would still get the
    same replies, `directories()` what is worth watching.
    """

    __slots__ = ("_contents", "_files", "_listed", "_modes", "_names", "_now", "_probed", "steady")

    def __init__(self) -> None:
        self._now = time.time_ns()
        self._files: dict[str, Signature] = {}  # by stat
        self._names: dict[str, Signature] = {}  # by lstat
        self._modes: dict[str, Optional[tuple[int, int, int]]] = {}
        self._contents: dict[tuple[str, int], Optional[bytes]] = {}
        self._probed: set[str] = set()  # names looked for by `present`
        self._listed: set[str] = set()
        self.steady = True  # false when something looked at is too young to be judged by its signature

    # -- questions -----------------------------------------------------------------------------------------

    def stat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH, links followed; None when there is nothing to be seen."""
        try:
            st = os.stat(path)
        except (OSError, ValueError):
            self._files[path] = None
            return None
        self._files[path] = self._fresh(st)
        return st

    def lstat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself; None when there is no such name."""
        try:
            st = os.lstat(path)
        except (OSError, ValueError):
            self._names[path] = None
            return None
        self._names[path] = self._fresh(st)
        return st

    def owner(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself where only owner, group and mode matter (content may change)."""
        try:
            st = os.lstat(path)
        except (OSError, ValueError):
            self._modes[path] = None
            return None
        self._modes[path] = (st.st_uid, st.st_gid, st.st_mode)
        return st

    def present(self, directory: str, names: tuple[str, ...]) -> list[str]:
        """Return those of NAMES that exist in DIRECTORY (as names: a dangling link counts), in order.

        The directory's own signature stands for all that was not found.
        """
        prefix = directory if directory.endswith("/") else directory + "/"
        if len(names) == 1:
            return [name for name in names if self.lstat(prefix + name) is not None]
        if self.stat(directory) is None:
            return []
        self._probed.update(names)
        found = []
        for name in names:
            try:
                os.lstat(prefix + name)
            except (OSError, ValueError):
                continue
            found.append(name)
        return found

    def is_dir(self, path: str) -> bool:
        """Whether PATH is a directory, links followed."""
        st = self.stat(path)
        return st is not None and stat.S_ISDIR(st.st_mode)

    def is_file(self, path: str) -> bool:
        """Whether PATH is a regular file, links followed."""
        st = self.stat(path)
        return st is not None and stat.S_ISREG(st.st_mode)

    def read(self, path: str, limit: int = MAX_FILE) -> Optional[bytes]:
        """Return the content of the regular file PATH, or None: absent, unreadable, too long, no regular file."""
        key = (path, limit)
        if key not in self._contents:
            self._contents[key] = self._read(path, limit)
        return self._contents[key]

    def _read(self, path: str, limit: int) -> Optional[bytes]:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except (OSError, ValueError):
            self.stat(path)
            return None
        try:
            st = os.fstat(fd)
            self._files[path] = self._fresh(st)
            if not stat.S_ISREG(st.st_mode) or st.st_size > limit:
                return None
            parts, left = [], limit + 1
            while left > 0:
                part = os.read(fd, left)
                if not part:
                    break
                parts.append(part)
                left -= len(part)
            return b"".join(parts) if left > 0 else None
        except OSError:
            return None
        finally:
            os.close(fd)

    def text(self, path: str, limit: int = MAX_FILE) -> Optional[str]:
        """Return the content of PATH as text; bytes that are not UTF-8 become lone surrogates."""
        data = self.read(path, limit)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in PATH, empty when it cannot be read. For stores only, never for projects."""
        self.stat(path)
        self._listed.add(path)
        try:
            return sorted(os.listdir(path))
        except (OSError, ValueError):
            return []

    def readlink(self, path: str) -> Optional[str]:
        """Return what the link PATH holds, None when it is no link."""
        self.lstat(path)
        try:
            return os.readlink(path)
        except (OSError, ValueError):
            return None

    def realpath(self, path: str) -> str:
        """Return PATH with every link resolved; each link passed is written down."""
        real = os.path.realpath(path)
        if real != path:
            at = path
            while len(at) > 1:
                st = self.owner(at)
                if st is not None and stat.S_ISLNK(st.st_mode):
                    self.lstat(at)
                at = os.path.dirname(at)
        return real

    # -- afterwards ----------------------------------------------------------------------------------------

    def _fresh(self, st: os.stat_result) -> tuple[int, ...]:
        youngest = max(st.st_mtime_ns, st.st_ctime_ns)
        window = _RACY_NS if youngest % 1_000_000_000 else _RACY_COARSE_NS
        if self._now - youngest < window:
            self.steady = False
        return _signature(st)

    def unchanged(self) -> bool:
        """Whether everything looked at still has the signature it had. False when in doubt."""
        for call, seen in ((os.stat, self._files), (os.lstat, self._names)):
            for path, before in seen.items():
                try:
                    st = call(path)
                except (OSError, ValueError):
                    if before is not None:
                        return False
                    continue
                if before is None or before != (
                    st.st_mtime_ns,
                    st.st_ctime_ns,
                    st.st_size,
                    st.st_ino,
                    st.st_dev,
                    st.st_mode,
                ):
                    return False
        for path, mode in self._modes.items():
            try:
                st = os.lstat(path)
            except (OSError, ValueError):
                if mode is not None:
                    return False
                continue
            if mode != (st.st_uid, st.st_gid, st.st_mode):
                return False
        return True

    def forget_contents(self) -> None:
        """Drop what was read; the signatures stay."""
        self._contents.clear()

    def directories(self) -> list[str]:
        """Return the directories in which a change could change the answer, each once, nearest first."""
        found: dict[str, None] = {}
        for seen in (self._files, self._names):
            for path, signature in seen.items():
                if signature is not None and stat.S_ISDIR(signature[5]):
                    found[path] = None
                else:
                    found[os.path.dirname(path)] = None
        return list(found)

    def rests_on(self, path: str) -> bool:
        """Whether a change of PATH may change the answer."""
        if path in self._files or path in self._names:
            return True
        directory, name = os.path.split(path)
        return directory in self._listed or (name in self._probed and directory in self._files)
