"""What an answer rests on: everything that was looked at, and whether all of it still is as it was.

A later request can tell by a few stats that the same question has the same answer (docs/architecture.md, "Truth on
disk"). Holds signatures, never contents.
"""

from __future__ import annotations

import os
import stat
import time

from wend.disk import mounts
from wend.typed import Callable, Iterator, NamedTuple, Optional

Signature = Optional[tuple[int, ...]]

# What changed this recently may change again within the same tick of its clock, unseen.
_RACY_NS = 20_000_000
_RACY_COARSE_NS = 2_100_000_000  # file systems that keep whole seconds (FAT: two)


class _Names(NamedTuple):
    """What was looked for in a directory, what was found, and the directory's times then (None: too young)."""

    wanted: Optional[tuple[str, ...]]  # None: everything, by listing
    found: list[str]
    times: Optional[tuple[int, int, int]]


_MODE = 5  # in a signature


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


class Kept:
    """What all of a store comes to, for later answers, as long as the names in it are the same.

    What it rests on beyond them is looked at after an answer: then `holds` says so, and no answer with it holds.
    """

    __slots__ = ("_times", "evidence", "holds", "names", "value")

    def __init__(self, value: object, names: list[str], store: str, evidence: Evidence) -> None:
        self.value = value
        self.names = names
        self.evidence = evidence
        self.holds = True
        self._times = evidence.times(store)

    def has_names_of(self, st: os.stat_result) -> bool:
        """Return whether the store, whose status is ST now, has the same names for sure."""
        return self._times == (st.st_mtime_ns, st.st_ctime_ns, st.st_size)


class Evidence:
    """What one answer rests on. `Disk` writes it down; afterwards `unchanged()` says whether it still holds."""

    __slots__ = (
        "_dirs", "_files", "_links", "_missing", "_modes", "_names", "_now", "_owned", "_targets", "asleep", "avoided",
        "in_use", "kept", "part", "steady",
    )  # fmt: skip

    def __init__(self) -> None:
        self.in_use = ""  # what is being looked at
        self.avoided = False  # whether something was not looked at, because its disk does not answer
        self.asleep = False  # whether something was not looked at, because that would have woken an automount
        self.steady = True  # false when something looked at is too young to be judged by its signature
        self.kept: list[Kept] = []  # of earlier answers
        self.part: Optional[Evidence] = None  # what is being written down instead, for one of those
        self._now = time.time_ns()
        self._files: dict[str, Signature] = {}  # by stat; all but directories
        self._links: dict[str, Signature] = {}  # by lstat
        self._dirs: dict[str, tuple[int, int, int]] = {}  # inode, device, mode: that it exists, not its content
        self._names: dict[str, _Names] = {}  # directories looked into
        self._modes: dict[str, Optional[tuple[int, int, int]]] = {}
        self._owned: dict[str, tuple[int, int, int]] = {}  # modes of directories, no links: one status shows both
        self._targets: tuple[str, ...] = ()  # files that were read through a link, by their own paths
        self._missing: set[str] = set()  # asked about, and known to be absent from the names of their directory

    def size(self) -> int:
        """Return how many things were looked at."""
        return len(self._files) + len(self._links) + len(self._dirs) + len(self._modes) + len(self._targets)

    # -- writing down --------------------------------------------------------------------------------------

    def status(self, path: str, st: Optional[os.stat_result]) -> None:
        """Note the status ST of PATH, links followed; None: there is nothing to be seen."""
        if st is not None and stat.S_ISDIR(st.st_mode):
            self._dirs[path] = (st.st_ino, st.st_dev, st.st_mode)
        else:
            self._files[path] = self._fresh(st)

    def link(self, path: str, st: Optional[os.stat_result]) -> None:
        """Note the status ST of PATH itself; None: there is no such name."""
        self._links[path] = self._fresh(st)

    def mode(self, path: str, st: Optional[os.stat_result]) -> None:
        """Note owner, group and mode of PATH itself from its status ST; None: there is no such name."""
        self._modes[path] = None if st is None else (st.st_uid, st.st_gid, st.st_mode)

    def names(self, directory: str, wanted: Optional[tuple[str, ...]], found: list[str], st: os.stat_result) -> None:
        """Note which of WANTED (None: all names) were found in DIRECTORY, whose status was ST before the look."""
        times = None if _young(st, self._now) else (st.st_mtime_ns, st.st_ctime_ns, st.st_size)
        self._names[directory] = _joined(self._names.get(directory), _Names(wanted, found, times))

    def times(self, directory: str) -> Optional[tuple[int, int, int]]:
        """Return the times of DIRECTORY, which was looked into; None where they do not tell of a new name."""
        return self._names[directory].times if directory in self._names else None

    def known(self, directory: str, wanted: tuple[str, ...]) -> Optional[list[str]]:
        """Return those of WANTED that DIRECTORY holds, if all of them were looked for before; else None."""
        seen = self._names.get(directory)
        if seen is None or (seen.wanted is not None and set(wanted).difference(seen.wanted)):
            return None
        self._missing.update(f"{directory.rstrip('/')}/{name}" for name in wanted if name not in seen.found)
        return [name for name in wanted if name in seen.found]

    def lacks(self, path: str) -> bool:
        """Whether PATH was looked for among the names in its directory, whose times tell of a new one."""
        directory, _, name = path.rpartition("/")
        seen = self._names.get(directory)
        if seen is None or seen.wanted is None or name not in seen.wanted or name in seen.found:
            return False
        self._missing.add(path)
        return True

    def target(self, real: str) -> None:
        """Note that a file that is a link was read, and that REAL is where it leads; `status` is told of the link."""
        self._targets = (*self._targets, real)

    def _fresh(self, st: Optional[os.stat_result]) -> Signature:
        if st is None:
            return None
        if _young(st, self._now):
            self.steady = False
        return _signature(st)

    # -- afterwards ----------------------------------------------------------------------------------------

    def look(
        self, directory: str, wanted: Optional[tuple[str, ...]], avoids: Optional[Callable[[str], bool]] = None
    ) -> list[str]:
        """Return those of WANTED that exist in DIRECTORY (as names: a dangling link counts), or all names, sorted.

        Not looked at is a name that AVOIDS says true of: it may be a mount point.
        """
        self.in_use = directory
        if wanted is None:
            try:
                return sorted(os.listdir(directory))
            except (OSError, ValueError):
                return []
        found = []
        prefix = directory if directory.endswith("/") else directory + "/"
        for name in dict.fromkeys(wanted):
            self.in_use = path = prefix + name
            if avoids is not None and avoids(path):
                continue
            try:
                os.lstat(path)
            except (OSError, ValueError):
                continue
            found.append(name)
        return found

    def mount_in_use(self) -> str:
        """Return the remote mount that the last look leads to, found without touching it; empty for none."""
        return mounts.reached((self.part or self).in_use, mounts.read())

    def settle(self) -> None:
        """Note that nothing more is looked at: what another signature tells, too, is not kept a second time.

        The status of what is no link tells what following links would, and a new owner or mode changes its times.
        """
        for path, link in self._links.items():
            if link is not None and not stat.S_ISLNK(link[_MODE]):
                self._files.pop(path, None)
                self._dirs.pop(path, None)  # its times tell of new names, too
        for path, mode in list(self._modes.items()):
            if mode is not None and stat.S_ISREG(mode[2]) and self._files.get(path) is not None:
                self._links[path] = self._files.pop(path)
            if self._links.get(path) is not None:
                del self._modes[path]
            elif mode is not None and stat.S_ISDIR(mode[2]) and path in self._dirs:
                self._owned[path] = mode
                del self._modes[path]

    def unchanged(self) -> bool:
        """Whether everything looked at still is as it was. False when in doubt."""
        return (
            all(each.holds for each in self.kept)
            and self._same_status(os.stat, self._files)
            and self._same_status(os.lstat, self._links)
            and self._same_directories()
            and self._same_modes()
        )

    def kept_holds(self) -> bool:
        """Whether all that earlier answers had read of stores still is as it was; what is not, holds no longer."""
        for each in self.kept:
            self.part = each.evidence
            each.holds = each.holds and each.evidence.unchanged()
        self.part = None
        return all(each.holds for each in self.kept)

    def _same_status(self, call: Callable[[str], os.stat_result], seen: dict[str, Signature]) -> bool:
        for path, before in seen.items():
            self.in_use = path
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
        names, owned = self._names, self._owned
        for path, known in self._dirs.items():
            self.in_use = path
            mode = owned.get(path)
            try:
                st = os.stat(path) if mode is None else os.lstat(path)
            except (OSError, ValueError):
                return False
            if known != (st.st_ino, st.st_dev, st.st_mode):
                return False
            if mode is not None and mode != (st.st_uid, st.st_gid, st.st_mode):
                return False
            if path in names and names[path].times != (st.st_mtime_ns, st.st_ctime_ns, st.st_size):
                # Other names may have come and gone: only those that were looked for matter.
                wanted, found, _ = names[path]
                if self.look(path, wanted) != found:
                    return False
        return True

    def _same_modes(self) -> bool:
        for path, mode in self._modes.items():
            self.in_use = path
            try:
                st = os.lstat(path)
            except (OSError, ValueError):
                if mode is not None:
                    return False
                continue
            if mode != (st.st_uid, st.st_gid, st.st_mode):
                return False
        return True

    def directories(self) -> list[str]:
        """Return the directories in which a change could change the answer, each once, nearest first."""
        found = dict.fromkeys(self._names)
        for seen in (self._files, self._links):
            found.update(dict.fromkeys(os.path.dirname(path) for path in seen))
        found.update(dict.fromkeys(map(os.path.dirname, self._targets)))
        return list(found)

    def looked_at(self) -> list[str]:
        """Return every path that was looked at, sorted; a directory that was looked into ends in a slash."""
        into = {path.rstrip("/") + "/" for path in self._names}
        status = {*self._files, *self._links, *self._dirs, *self._modes, *self._missing}
        kept = {path for each in self.kept for path in each.evidence.looked_at()}
        return sorted(into | kept | {path for path in status if path.rstrip("/") + "/" not in into})

    def visited(self) -> Iterator[str]:
        """Yield `directories`; while one is out, `mount_in_use` is about it."""
        for directory in self.directories():
            self.in_use = directory
            yield directory

    def rests_on(self, path: str) -> bool:
        """Whether a change of PATH may change the answer."""
        if path in self._files or path in self._links or path in self._dirs or path in self._targets:
            return True
        directory, name = os.path.split(path)
        inside = self._names.get(directory)
        return inside is not None and (inside.wanted is None or name in inside.wanted)
