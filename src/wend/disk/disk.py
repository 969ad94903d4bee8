"""Every question that an answer asks of the disk, asked safely and written down.

Safely: no FIFO is waited for, no endless file read, no link followed where one must not be. Written down: in the
answer's evidence, which outlives it. Reads only; runs nothing.
"""

from __future__ import annotations

import errno
import os
import stat

from wend.disk import mounts
from wend.disk.evidence import Evidence, Kept
from wend.disk.mounts import Mounts
from wend.system import NO_LINK, READ, identity, slashed
from wend.typed import Any, Callable, Optional, TypeVar, Union

MAX_PATH = 4096  # characters: no system opens a longer one, but a file can spell it
MAX_FILE = 64 * 1024  # bytes: no marker or configuration file has a reason to be longer

_T = TypeVar("_T")
_kept: dict[str, Kept] = {}  # by the store


def _status(
    call: Callable[[str], os.stat_result], known: dict[str, Optional[os.stat_result]], path: str
) -> Optional[os.stat_result]:
    """Return the status of PATH by CALL, from KNOWN if it was asked for before; None when there is nothing."""
    if path not in known:
        try:
            known[path] = call(path)
        except (OSError, ValueError):  # a NUL in it
            known[path] = None
    return known[path]


class Disk:
    """One answer's view of the disk: each status is asked for once.

    Create one for each answer; what it rests on afterwards is `evidence`.
    """

    __slots__ = (
        "_avoid",
        "_contents",
        "_guarded",
        "_kept",
        "_lstats",
        "_mounts",
        "_parsed",
        "_plain",
        "_real",
        "_stats",
        "_woken",
        "evidence",
    )

    def __init__(self, avoid: frozenset[str] = frozenset()) -> None:
        self.evidence = Evidence()
        self._avoid = avoid  # mounts that do not answer: what lies on them counts as absent
        self._guarded: tuple[tuple[str, bool], ...] = ()  # each with a slash at its end, and whether all in it is
        self._woken: dict[str, str] = {}  # what `asleep` has said
        self._plain: dict[str, bool] = {}  # what `_is_plain` has said
        self._contents: dict[tuple[str, int], Optional[bytes]] = {}
        self._kept: dict[str, Kept] = {}  # of the stores, for this answer
        self._stats: dict[str, Optional[os.stat_result]] = {}
        self._lstats: dict[str, Optional[os.stat_result]] = {}
        self._parsed: dict[tuple[str, str], Any] = {}
        self._real = ""  # a path with no link on the way; of a question's directories, the deepest comes first
        self._mounts: Optional[Mounts] = None

    # -- questions -----------------------------------------------------------------------------------------

    def stat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH, links followed; None when there is nothing to be seen."""
        if self._is_absent(path):
            return None
        st = _status(os.stat, self._stats, path)
        self.evidence.status(path, st)
        return st

    def lstat(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself; None when there is no such name."""
        if self._is_absent(path, followed=False):
            return None
        st = _status(os.lstat, self._lstats, path)
        self.evidence.link(path, st)
        return st

    def owner(self, path: str) -> Optional[os.stat_result]:
        """Return the status of PATH itself where only owner, group and mode matter (content may change)."""
        if self._is_absent(path, followed=False):
            return None
        st = _status(os.lstat, self._lstats, path)
        self.evidence.mode(path, st)
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

    def has_name(self, directory: str, name: str) -> bool:
        """Return whether NAME exists in DIRECTORY, a dangling link too.

        The signature of DIRECTORY stands for the answer, where `lstat` would note one of the path. So this costs
        nothing more in a directory that `present` has looked into, or will.
        """
        return bool(self._inside(directory, (name,)))

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in PATH, empty when it cannot be read. For stores only, never for projects."""
        return self._inside(path, None)

    def kept(self, store: str, read: Callable[[list[str]], _T], *, again: bool = False) -> Optional[_T]:
        """Return READ of the names in the directory STORE, or what it returned for an earlier answer; None without one.

        The earlier one while STORE has the same names, unless AGAIN: what else it rests on is looked at afterwards.
        """
        st = self.stat(store)
        if st is None or not stat.S_ISDIR(st.st_mode):
            return None
        if again or store not in self._kept:  # one answer reads it once, however young it is
            found = None if again else _kept.get(store)
            if found is None or not found.holds or not found.has_names_of(st):
                found = self._read_all(store, read)
            self._kept[store] = found
            self.evidence.names(store, None, found.names, st)
            self.evidence.kept.append(found)  # beside one before it, which a part of this answer may rest on
        value: _T = self._kept[store].value  # type: ignore[assignment]
        return value

    def _read_all(self, store: str, read: Callable[[list[str]], _T]) -> Kept:
        """Return READ of the names in STORE, remembered if what it rests on can be."""
        whole, part, contents = self.evidence, Evidence(), self._contents
        whole.part = self.evidence = part
        self._contents = {}  # what was read before must be written down once more
        try:
            names = self.listdir(store)
            found = Kept(read(names), names, store, part)
        finally:
            self.evidence, whole.part, self._contents = whole, None, contents
        part.settle()
        whole.steady &= part.steady
        whole.avoided |= part.avoided
        whole.asleep |= part.asleep
        for earlier in _kept.values():  # one store is in use at a time
            earlier.holds = False
        _kept.clear()
        if part.steady:
            _kept[store] = found
        return found

    def _inside(self, directory: str, names: Optional[tuple[str, ...]]) -> list[str]:
        known = None if names is None else self.evidence.known(directory, names)
        if known is not None:
            return known
        st = self.stat(directory)
        if st is None or not stat.S_ISDIR(st.st_mode):
            return []
        found = self.evidence.look(directory, names, lambda path: self._is_avoided(path, followed=False))
        self.evidence.names(directory, names, found, st)
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
        """Return the content of the regular file PATH, or None: absent, unreadable, too long or not a regular file."""
        key = (path, limit)
        if key not in self._contents:
            self._contents[key] = self._read(path, limit)
        return self._contents[key]

    def _read(self, path: str, limit: int) -> Optional[bytes]:
        if self._is_absent(path):
            return None
        try:
            fd = self._opened(path)
        except (OSError, ValueError):
            self.stat(path)
            return None
        try:
            self._stats[path] = st = os.fstat(fd)
            self.evidence.status(path, st)
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

    def _opened(self, path: str) -> int:
        """Return a descriptor of the file PATH. Only where it is a link, this takes more than one call."""
        try:
            return os.open(path, READ | NO_LINK)
        except OSError as error:
            if error.errno != errno.ELOOP or not NO_LINK:
                raise
        self.evidence.target(slashed(os.path.realpath(path)))
        return os.open(path, READ)

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

    def _is_absent(self, path: str, *, followed: bool = True) -> bool:
        """Whether PATH counts as absent without a look: too long, known to be absent, or not to be looked at."""
        return len(path) > MAX_PATH or self.evidence.lacks(path) or self._is_avoided(path, followed=followed)

    def _is_avoided(self, path: str, *, followed: bool = True) -> bool:
        """Note that PATH is about to be looked at; return whether it must not be.

        Its disk hangs, or it is guarded and would wake an automount. FOLLOWED: also if it is itself a link to one.
        """
        self.evidence.in_use = path
        if self._guarded and self.sleeping(path if followed else os.path.dirname(path)):
            return True
        if not self._avoid or mounts.reached(path, self.mounts) not in self._avoid:
            return False
        self.evidence.avoided = True
        self.evidence.steady = False
        return True

    def reached(self, path: str) -> str:
        """Return the first remote mount on the way to PATH, links followed; empty for none. Touches none."""
        return mounts.reached(path, self.mounts) if self.mounts.any_remote else ""

    # -- automounts ------------------------------------------------------------------------------------------

    def asleep(self, path: str) -> str:
        """Return the first name on the way to PATH that a look would wake an automount with; empty for none.

        Links are followed, and nothing in an automount is touched.
        """
        if len(path) > MAX_PATH or not self.mounts.automounts:
            return ""
        if path not in self._woken:
            self._woken[path] = mounts.woken(path, self.mounts)
            if self._woken[path]:
                self.evidence.asleep = True
                self.evidence.steady = False  # the mounts are not part of what an answer rests on
        return self._woken[path]

    def asleep_below(self, prefix: str, path: str) -> bool:
        """Whether a look at PATH, which is in PREFIX, would wake an automount, though one at PREFIX would not.

        As an interpreter may be: it need not be looked at to be used.
        """
        if not self.mounts.automounts or self.asleep(prefix) or self._is_plain(path, f"{prefix}/"):
            return False
        return bool(self.asleep(path))

    def guard(self, path: str, *, whole: bool = False) -> None:
        """Let no name at or in PATH wake an automount from now on: it came with a project.

        What would wake one counts as absent; what is further below, only if WHOLE.
        """
        if self.mounts.automounts:
            self._guarded = tuple(dict.fromkeys((*self._guarded, (f"{path.rstrip('/')}/", whole))))

    def guard_environment(self, prefix: str) -> None:
        """Let nothing in PREFIX wake an automount, unless PREFIX is in one: then the user has chosen it."""
        if self.mounts.automounts and not self.asleep(prefix):
            self.guard(prefix, whole=True)

    def sleeping(self, path: str) -> str:
        """Return what `asleep` says of PATH if that is guarded, else empty."""
        for above, whole in self._guarded:
            if not f"{path}/".startswith(above) or (whole and self._is_plain(path, above)):
                continue
            found = self.asleep(path if whole else above + path[len(above) :].partition("/")[0])
            if found:
                return found
        return ""

    def _is_plain(self, path: str, above: str) -> bool:
        """Whether no link and no automount is on the way from ABOVE, which ends in a slash, to PATH in it.

        Then a look at PATH wakes none. Of a path, only the last name is looked at, because those before it were.
        """
        if len(path) < len(above):
            return True
        if path not in self._plain:
            plain = self._is_plain(os.path.dirname(path), above) and path not in self.mounts.automounts
            self._plain[path] = plain and mounts.link(path) is None
        return self._plain[path]
