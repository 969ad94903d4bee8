"""Every question that an answer asks of the disk, asked safely and written down.

Safely: no FIFO is waited for, no endless file read, no link followed where one must not be. Written down:
with the signatures of what was looked at, a later request can tell by a few stats that the same question
has the same answer (docs/architecture.md, "Truth on disk"). Reads only; runs nothing.
"""

from __future__ import annotations

import os
import stat
import time

from wend.disk import mounts
from wend.disk.mounts import Mounts
from wend.system import READ, identity, slashed
from wend.typed import Any, Callable, Iterator, NamedTuple, Optional, TypeVar, Union

MAX_FILE = 64 * 1024  # bytes: no marker or configuration file has a reason to be longer

Signature = Optional[tuple[int, ...]]
_T = TypeVar("_T")

# What changed this recently may change again within the same tick of its clock, unseen.
_RACY_NS = 20_000_000
_RACY_COARSE_NS = 2_100_000_000  # file systems that keep whole seconds (FAT: two)


class _Names(NamedTuple):
    """What was looked for in a directory, what was found, and the directory's times then (None: too young)."""

    wanted: Optional[tuple[str, ...]]  # None: everything, by listing
    found: list[str]
    times: Optional[tuple[int, int, int]]


def _signature(st: os.stat_result) -> tuple[int, ...]:
    return (st.st_mtime_ns, st.st_ctime_ns, st.st_size, st.st_ino, st.st_dev, st.st_mode)


def _young(st: os.stat_result, now: int) -> bool:
    youngest = max(st.st_mtime_ns, st.st_ctime_ns)
    return now - youngest < (_RACY_NS if youngest % 1_000_000_000 else _RACY_COARSE_NS)


def _joined(before: Optional[_Names], now: _Names) -> _Names:
    """Return one entry for everything that was looked for in a directory, in two looks."""
    if before is None or now.wanted is None:
        return now
    if before.wanted is None:
        return before
    wanted = tuple(dict.fromkeys((*before.wanted, *now.wanted)))
    found = {*before.found, *now.found}
    times = now.times if now.times == before.times else None
    return _Names(wanted, [name for name in wanted if name in found], times)


class Disk:
    """One answer's view of the disk.

    Create one for each answer; afterwards `unchanged()` says whether the same questions would still get the
    same replies, `directories()` what is worth watching.
    """

    __slots__ = (
        "_avoid", "_contents", "_dirs", "_files", "_in_use", "_links", "_missing", "_modes", "_mounts", "_names",
        "_now", "_parsed", "_real", "avoided", "steady",
    )  # fmt: skip

    def __init__(self, avoid: frozenset[str] = frozenset()) -> None:
        self._avoid = avoid  # mounts that do not answer: what lies on them counts as absent
        self._in_use = ""
        self.avoided = False  # whether something was not looked at for that reason
        self._now = time.time_ns()
        self._files: dict[str, Signature] = {}  # by stat; all but directories
        self._links: dict[str, Signature] = {}  # by lstat
        self._dirs: dict[str, tuple[int, int, int]] = {}  # inode, device, mode: that it exists, not its content
        self._names: dict[str, _Names] = {}  # directories looked into
        self._modes: dict[str, Optional[tuple[int, int, int]]] = {}
        self._missing: set[str] = set()  # asked about, and known to be absent from the names of their directory
        self._contents: dict[tuple[str, int], Optional[bytes]] = {}
        self._parsed: dict[tuple[str, str], Any] = {}
        self._real = ""  # a path with no link on the way; of a question's directories, the deepest comes first
        self._mounts: Optional[Mounts] = None
        self.steady = True  # false when something looked at is too young to be judged by its signature

    def size(self) -> int:
        """Return how many things were looked at."""
        return len(self._files) + len(self._links) + len(self._dirs) + len(self._modes)

    # -- questions -----------------------------------------------------------------------------------------

    def stat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH, links followed; None when there is nothing to be seen."""
        if self._is_missing(path) or self._is_avoided(path):
            return None
        try:
            st = os.stat(path)
        except (OSError, ValueError):
            self._files[path] = None
            return None
        self._seen(path, st)
        return st

    def lstat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself; None when there is no such name."""
        if self._is_missing(path) or self._is_avoided(path):
            return None
        try:
            st = os.lstat(path)
        except (OSError, ValueError):
            self._links[path] = None
            return None
        self._links[path] = self._fresh(st)
        return st

    def owner(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself where only owner, group and mode matter (content may change)."""
        if self._is_missing(path) or self._is_avoided(path):
            return None
        try:
            st = os.lstat(path)
        except (OSError, ValueError):
            self._modes[path] = None
            return None
        self._modes[path] = (st.st_uid, st.st_gid, st.st_mode)
        return st

    def identity(self, path: str) -> str:
        """Return what tells the directory PATH, a real path, from another one at the same place; empty if unknown."""
        return "" if self.stat(path) is None else identity.of(path)

    def has_attribute(self, path: str, name: str) -> bool:
        """Return whether PATH itself has the extended attribute NAME. Its status changes when that changes."""
        if self.lstat(path) is None:
            return False
        try:
            os.getxattr(path, name, follow_symlinks=False)
        except (AttributeError, OSError, ValueError):
            return False
        return True

    def present(self, directory: str, names: tuple[str, ...]) -> list[str]:
        """Return those of NAMES that exist in DIRECTORY (as names: a dangling link counts), in order."""
        if len(names) == 1:
            return [name for name in names if self.lstat(f"{directory.rstrip('/')}/{name}") is not None]
        return self._inside(directory, names)

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in PATH, empty when it cannot be read. For stores only, never for projects."""
        return self._inside(path, None)

    def _inside(self, directory: str, names: Optional[tuple[str, ...]]) -> list[str]:
        seen = self._names.get(directory)
        if seen is not None and names is not None and (seen.wanted is None or not set(names).difference(seen.wanted)):
            self._missing.update(f"{directory.rstrip('/')}/{name}" for name in names if name not in seen.found)
            return [name for name in names if name in seen.found]
        st = self.stat(directory)
        if st is None or not stat.S_ISDIR(st.st_mode):
            return []
        found = self._look(directory, names)
        times = None if _young(st, self._now) else (st.st_mtime_ns, st.st_ctime_ns, st.st_size)
        self._names[directory] = _joined(self._names.get(directory), _Names(names, found, times))
        return found

    def _look(self, directory: str, wanted: Optional[tuple[str, ...]]) -> list[str]:
        """Return those of WANTED that exist in DIRECTORY (as names: a dangling link counts), or all names, sorted."""
        self._in_use = directory
        if wanted is None:
            try:
                return sorted(os.listdir(directory))
            except (OSError, ValueError):
                return []
        found = []
        prefix = directory if directory.endswith("/") else directory + "/"
        for name in wanted:
            path = prefix + name
            if self._is_avoided(path):  # the name may be a mount point
                continue
            try:
                os.lstat(path)
            except (OSError, ValueError):
                continue
            found.append(name)
        return found

    def _is_missing(self, path: str) -> bool:
        """Whether this answer has looked for PATH among the names in its directory, whose times tell of a new one."""
        directory, _, name = path.rpartition("/")
        seen = self._names.get(directory)
        if seen is None or seen.wanted is None or name not in seen.wanted or name in seen.found:
            return False
        self._missing.add(path)
        return True

    def is_dir(self, path: str) -> bool:
        """Whether PATH is a directory, links followed."""
        st = self.stat(path)
        return st is not None and stat.S_ISDIR(st.st_mode)

    def is_file(self, path: str) -> bool:
        """Whether PATH is a regular file, links followed."""
        st = self.stat(path)
        return st is not None and stat.S_ISREG(st.st_mode)

    def read(self, path: str, limit: int = MAX_FILE) -> Optional[bytes]:
        """Return the content of the regular file PATH, or None: absent, unreadable, too long or not a regular file."""
        key = (path, limit)
        if key not in self._contents:
            self._contents[key] = self._read(path, limit)
        return self._contents[key]

    def _read(self, path: str, limit: int) -> Optional[bytes]:
        if self._is_missing(path) or self._is_avoided(path):
            return None
        try:
            fd = os.open(path, READ)
        except (OSError, ValueError):
            self.stat(path)
            return None
        try:
            st = os.fstat(fd)
            self._seen(path, st)
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

    def head(self, path: str, size: int) -> bytes:
        """Return the first SIZE bytes of the regular file PATH, however long it is; empty when it cannot be read."""
        status = self.stat(path)
        if status is None or not stat.S_ISREG(status.st_mode):
            return b""
        try:
            fd = os.open(path, READ)
        except (OSError, ValueError):
            return b""
        try:
            return os.read(fd, size)
        except OSError:
            return b""
        finally:
            os.close(fd)

    def text(self, path: str, limit: int = MAX_FILE) -> Optional[str]:
        """Return the content of PATH as text; bytes that are not UTF-8 become lone surrogates."""
        data = self.read(path, limit)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def parsed(self, path: str, parse: Callable[[bytes], _T], limit: int = MAX_FILE) -> Optional[_T]:
        """Return PARSE of the content of PATH, done once for each answer; None when it cannot be read.

        What PARSE raises is raised each time.
        """
        key = (path, f"{parse.__module__}.{parse.__qualname__}")
        if key not in self._parsed:
            data = self.read(path, limit)
            try:
                self._parsed[key] = None if data is None else parse(data)
            except ValueError as error:
                self._parsed[key] = error
        found: Union[ValueError, Optional[_T]] = self._parsed[key]
        if isinstance(found, ValueError):
            raise found
        return found

    def once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return FIND(), called once for each answer and KEY: for what several questions of one answer need."""
        kept = ("\0".join(key), "once")
        if kept not in self._parsed:
            self._parsed[kept] = find()
        found: _T = self._parsed[kept]
        return found

    @property
    def mounts(self) -> Mounts:
        """The mounts of this process, read once for each answer. They are not part of what an answer rests on."""
        if self._mounts is None:
            self._mounts = mounts.read()
        return self._mounts

    def readlink(self, path: str) -> Optional[str]:
        """Return what the link PATH holds, None when it is not a link."""
        if self.lstat(path) is None:
            return None
        try:
            return os.readlink(path)
        except (OSError, ValueError):
            return None

    def realpath(self, path: str) -> str:
        """Return PATH with every link resolved; each link passed is written down."""
        if self._is_avoided(path) or f"{self._real}/".startswith(f"{path}/"):
            return path
        try:
            real = slashed(os.path.realpath(path))
        except (OSError, ValueError):  # a NUL in it
            return path
        if real != path:
            at = path
            while at != os.path.dirname(at):
                st = self.owner(at)
                if st is not None and stat.S_ISLNK(st.st_mode):
                    self.lstat(at)
                at = os.path.dirname(at)
        elif len(path) > len(self._real):
            self._real = path
        return real

    # -- disks that do not answer ----------------------------------------------------------------------------

    def _is_avoided(self, path: str) -> bool:
        """Note that PATH is about to be looked at; return whether it must not be, because its disk hangs."""
        self._in_use = path
        if not self._avoid or mounts.reached(path, self.mounts) not in self._avoid:
            return False
        self.avoided = True
        self.steady = False
        return True

    def reached(self, path: str) -> str:
        """Return the first remote mount on the way to PATH, links followed; empty for none. Touches none."""
        return mounts.reached(path, self.mounts) if self.mounts.any_remote else ""

    def mount_in_use(self) -> str:
        """Return the remote mount that the last look leads to, found without touching it; empty for none."""
        return mounts.reached(self._in_use, mounts.read())

    # -- afterwards ----------------------------------------------------------------------------------------

    def _seen(self, path: str, st: os.stat_result) -> None:
        if stat.S_ISDIR(st.st_mode):
            self._dirs[path] = (st.st_ino, st.st_dev, st.st_mode)
        else:
            self._files[path] = self._fresh(st)

    def _fresh(self, st: os.stat_result) -> tuple[int, ...]:
        if _young(st, self._now):
            self.steady = False
        return _signature(st)

    def unchanged(self) -> bool:
        """Whether everything looked at still is as it was. False when in doubt."""
        return (
            self._same_status(os.stat, self._files)
            and self._same_status(os.lstat, self._links)
            and self._same_directories()
            and self._same_modes()
        )

    def _same_status(self, call: Callable[[str], os.stat_result], seen: dict[str, Signature]) -> bool:
        for path, before in seen.items():
            self._in_use = path
            try:
                st = call(path)
            except (OSError, ValueError):
                if before is not None:
                    return False
                continue
            if before != (st.st_mtime_ns, st.st_ctime_ns, st.st_size, st.st_ino, st.st_dev, st.st_mode):
                return False
        return True

    def _same_directories(self) -> bool:
        names = self._names
        for path, known in self._dirs.items():
            self._in_use = path
            owned = self._modes[path] if self._is_owned_directory(path) else None
            try:
                st = os.lstat(path) if owned else os.stat(path)
            except (OSError, ValueError):
                return False
            if known != (st.st_ino, st.st_dev, st.st_mode):
                return False
            if owned and owned != (st.st_uid, st.st_gid, st.st_mode):
                return False
            if path in names and names[path].times != (st.st_mtime_ns, st.st_ctime_ns, st.st_size):
                # Other names may have come and gone: only those that were looked for matter.
                wanted, found, _ = names[path]
                if self._look(path, wanted) != found:
                    return False
        return True

    def _is_owned_directory(self, path: str) -> bool:
        """Whether PATH is a directory, not a link, so that one status shows its owner, too."""
        mode = self._modes.get(path)
        return mode is not None and stat.S_ISDIR(mode[2]) and path in self._dirs

    def _same_modes(self) -> bool:
        for path, mode in self._modes.items():
            # A new owner or mode changes the time in the status, too.
            if self._links.get(path) is not None or self._is_owned_directory(path):
                continue
            self._in_use = path
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
        self._parsed.clear()
        self._mounts = None

    def directories(self) -> list[str]:
        """Return the directories in which a change could change the answer, each once, nearest first."""
        found = dict.fromkeys(self._names)
        for seen in (self._files, self._links):
            found.update(dict.fromkeys(os.path.dirname(path) for path in seen))
        return list(found)

    def looked_at(self) -> list[str]:
        """Return every path that was looked at, sorted; a directory that was looked into ends in a slash."""
        into = {path.rstrip("/") + "/" for path in self._names}
        status = {*self._files, *self._links, *self._dirs, *self._modes, *self._missing}
        return sorted(into | {path for path in status if path.rstrip("/") + "/" not in into})

    def visited(self) -> Iterator[str]:
        """Yield `directories`; while one is out, `mount_in_use` is about it."""
        for directory in self.directories():
            self._in_use = directory
            yield directory

    def rests_on(self, path: str) -> bool:
        """Whether a change of PATH may change the answer."""
        if path in self._files or path in self._links or path in self._dirs:
            return True
        directory, name = os.path.split(path)
        inside = self._names.get(directory)
        return inside is not None and (inside.wanted is None or name in inside.wanted)
