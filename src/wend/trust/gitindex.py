"""What git's own files say, read without git: is a path in the index, and which work tree is the main one.

Running git would run what a repository's configuration names (core.fsmonitor). What cannot be read, or is not
understood to the last byte, counts as tracked.

Source: gitformat-index(5), gitrepository-layout(5), git-worktree(1).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.disk.mounts import NEVER
from wend.text import visible
from wend.trust import ownership
from wend.typed import Callable, Iterator, Optional

_MAX_INDEX = 64 << 20
_MAX_NAMES = 512 << 20  # bytes of all names; each may go on from the one before it, and so become ever longer
_SHA1, _SHA256 = 20, 32  # bytes of an object's name
MOST_HOLDING = 10  # directories that `holding` names
_MISFIT = (IndexError, ValueError)
_LINK, _GITLINK, _DIRECTORY = 0o120000, 0o160000, 0o040000  # kinds of entries that stand for all below them


def why_tracked(path: str, context: Context) -> str:
    """Return why PATH, a real path but for its last name, may have come with a work tree that it lies in.

    It may when the index has an entry for PATH, for something below it, or a submodule, link or folded directory
    at or above; and when the index cannot be read, which is told apart. Empty: git does not know PATH.
    """
    inside = os.fsencode(path)
    for top in _work_trees(path, context):
        reason = _in_index(top, inside[len(os.fsencode(top)) + 1 :], context)
        if reason:
            return reason
    return ""


def tracks(path: str, context: Context) -> bool:
    """Return whether git tracks PATH, a real path, or something below it, for certain.

    A submodule or a link above does not count: the user's own repository of settings may hold those.
    """
    inside = os.fsencode(path)
    for top in _work_trees(path, context):
        data = _index(f"{_git_directory(top, context)}/index", context)
        if data is not None and _listed(data, inside[len(os.fsencode(top)) + 1 :], above=False):
            return True
    return False


def holding(files: tuple[str, ...], directory: str, context: Context) -> list[str]:
    """Return the directories at or below DIRECTORY, a real path, in which git tracks one of FILES.

    Each is relative to DIRECTORY, empty for that itself; at most MOST_HOLDING, none when the index cannot be read.
    """
    top = next(_work_trees(directory, context), "")
    data = _index(f"{_git_directory(top, context)}/index", context) if top else None
    inside = os.fsencode(directory[len(top) :].lstrip("/") + "/").lstrip(b"/")
    found: dict[bytes, None] = {}

    def see(name: bytes, _kind: int) -> None:
        path = b"/" + name[len(inside) :]
        end = next((each for each in endings if path.endswith(each)), b"")
        if end and name.startswith(inside) and len(found) < MOST_HOLDING:
            found[path[1 : -len(end)]] = None

    endings = [os.fsencode(f"/{file}") for file in files]
    for digest in (_SHA1, _SHA256) if data else ():
        found.clear()
        try:
            if not _walk(data or b"", digest, see):
                return [os.fsdecode(each) for each in found]
        except _MISFIT:
            continue
    return []


def in_main_tree(directory: str, context: Context) -> str:
    """Return where DIRECTORY, a real path in a linked work tree, lies in the main one; empty if none.

    A `.git` file may claim anything: it is believed if the repository that it points to knows it.
    """
    disk = context.disk
    top = next(_work_trees(directory, context), "")
    mark = f"{top}/.git"
    if not top or not disk.is_file(mark):
        return ""
    git = disk.realpath(_git_directory(top, context))
    common = disk.realpath(_common(git, context))
    back = _line(f"{git}/gitdir", context)
    if os.path.dirname(git) != f"{common}/worktrees" or os.path.basename(common) != ".git" or not back:
        return ""
    if disk.realpath(_named(git, back, context)) != mark:
        return ""
    return os.path.dirname(common) + directory[len(top) :]


def _work_trees(path: str, context: Context) -> Iterator[str]:
    """Yield the directories with a `.git` from PATH upwards, nearest first; none above the user's home."""
    home = context.disk.realpath(context.home) if context.home else ""
    never = NEVER | context.disk.mounts.automounts
    while path not in never and path != os.path.dirname(path):
        # Detection has written down the signature of most of these directories already.
        if context.disk.has_name(path, ".git") and not ownership.planted(f"{path.rstrip('/')}/.git", context):
            context.disk.guard(f"{path.rstrip('/')}/.git")
            yield path
        if path == home:
            return
        path = os.path.dirname(path)


def _line(path: str, context: Context) -> Optional[str]:
    text = context.disk.text(path)
    return None if text is None else text.rstrip("\r\n")


def _git_directory(top: str, context: Context) -> str:
    """Return where the repository of the work tree TOP keeps its files, as `.git` says."""
    mark = f"{top}/.git"
    if context.disk.is_dir(mark):
        return mark
    line = _line(mark, context) or ""
    return _named(top, line[8:], context) if line.startswith("gitdir: ") else ""


def _common(git: str, context: Context) -> str:
    """Return where the repository GIT keeps what its work trees share, as the file `commondir` says."""
    return _named(git, _line(f"{git}/commondir", context) or ".", context)


def _named(directory: str, path: str, context: Context) -> str:
    """Return PATH, which a file in DIRECTORY names. It may have come with a project, and so wakes no automount."""
    place = os.path.join(directory, path)
    context.disk.guard(place)
    return place


def _in_index(top: str, path: bytes, context: Context) -> str:
    git = _git_directory(top, context)
    if not git:
        return _unreadable(f"{top}/.git")
    disk, file = context.disk, f"{git}/index"
    status = disk.stat(file)
    if status is None:
        # Without an index nothing was added yet, if nothing was ever committed either.
        fresh = disk.lstat(file) is None and disk.read(f"{git}/HEAD") is not None and not _used(git, context)
        return "" if fresh else _unreadable(file)
    data = _index(file, context)
    known = None if data is None else _listed(data, path)
    if known is None:
        return _unreadable(file)
    return "it was not made here: git tracks it" if known else ""


def _index(file: str, context: Context) -> Optional[bytes]:
    status = context.disk.stat(file)
    return None if status is None else context.disk.read(file, min(status.st_size, _MAX_INDEX))


def _unreadable(file: str) -> str:
    return f"git may track it: {visible(file)} cannot be read"


def _used(git: str, context: Context) -> bool:
    """Return whether anything was ever added to the repository GIT: then a missing index was removed."""
    disk = context.disk
    common = _common(git, context)
    if disk.sleeping(common):
        return True  # it is not looked at
    if any(disk.is_file(f"{common}/{name}") for name in ("packed-refs", "logs/HEAD", "objects/info/alternates")):
        return True
    if set(disk.listdir(f"{common}/objects")) - {"info", "pack"}:
        return True
    return any(disk.listdir(f"{common}/{name}") for name in ("refs/heads", "refs/remotes", "objects/pack"))


def _listed(data: bytes, path: bytes, *, above: bool = True) -> Optional[bool]:
    """Return whether the index DATA lists PATH, None when it cannot be understood to the last byte.

    ABOVE: a submodule, link or folded directory above PATH stands for it.
    """
    for digest in (_SHA1, _SHA256):  # the file does not say which hash it uses, but only one of them fits
        try:
            found = _search(data, path.lower(), digest, above=above)
        except _MISFIT:
            continue
        if found is not None:
            return found
    return None


def _search(data: bytes, path: bytes, digest: int, *, above: bool) -> Optional[bool]:
    """Walk through all of DATA, with object names of DIGEST bytes; one of _MISFIT when that does not fit.

    None: PATH is not found, and may be in another part of the index. Names are compared without case: on many a disk
    `.VENV` is `.venv`.
    """
    below = path + b"/" if path else b""
    hit = False

    def compare(name: bytes, kind: int) -> None:
        nonlocal hit
        if hit:
            return
        low = name[: len(below) + 1].lower()  # what is longer is not above PATH
        hit = low == path or low.startswith(below)
        if above and not hit and kind in (_LINK, _GITLINK, _DIRECTORY):
            hit = below.startswith(low.rstrip(b"/") + b"/")

    # Versions 2 and 3 hold whole names: most often a search for bytes says that none of them needs a look.
    needed = _number(data, 4) == 4 or _mentions(data.lower(), path)
    split = _walk(data, digest, compare if needed else None)
    return None if split and not hit else hit


def _walk(data: bytes, digest: int, see: Optional[Callable[[bytes, int], None]]) -> bool:
    """Let SEE have the name and the kind of each entry of DATA; return whether another file holds more of them.

    All of DATA is read, with object names of DIGEST bytes; one of _MISFIT when that does not fit.
    """
    end = len(data) - digest
    version, count = _number(data, 4), _number(data, 8)
    if data[:4] != b"DIRC" or version not in (2, 3, 4) or end < 12:
        raise ValueError
    at, name, left = 12, b"", _MAX_NAMES
    for _ in range(count):
        flags = at + 40 + digest
        length = (data[flags] & 0x0F) << 8 | data[flags + 1]
        start = flags + (4 if data[flags] & 0x40 and version > 2 else 2)
        if version == 4:
            drop, start = _varint(data, start)
            stop = data.index(b"\0", start, end)
            size = len(name) - drop + stop - start
            left -= size
            if drop > len(name) or left < 0:
                raise ValueError
            name = name[: len(name) - drop] + data[start:stop]
            after = stop + 1
        else:
            stop = start + length if length < 0xFFF else data.index(b"\0", start, end)
            after, size = at + ((stop - at + 8) & ~7), stop - start
            if see:
                name = data[start:stop]
        if data[stop] or length != min(size, 0xFFF) or not size:
            raise ValueError
        if see:
            see(name, (data[at + 26] & 0xF0) << 8)
        at = after
    return _split(data, at, end)


def _mentions(data: bytes, path: bytes) -> bool:
    """Whether DATA, in lower case, may hold an entry at, below or above PATH."""
    if path + b"/" in data or path + b"\0" in data:
        return True
    above = path
    while b"/" in above:
        above = above[: above.rindex(b"/")]
        if above + b"\0" in data or above + b"/\0" in data:
            return True
    return False


def _number(data: bytes, at: int) -> int:
    """Return the number in the four bytes at AT."""
    if at + 4 > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + 4], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at AT and where it ends: seven bits a byte, all but the last one too small by one."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = (value + 1) << 7 | data[at] & 0x7F
        if value > 1 << 32:
            raise ValueError
    return value, at + 1


def _split(data: bytes, at: int, end: int) -> bool:
    """Whether an extension from AT on changes the list of entries: a split index, or an unknown extension."""
    if data.startswith(b"link", at):  # comes first; also where the file was cut off right behind it
        return True
    while at < end:
        if data[at : at + 1].islower() and data[at : at + 4] != b"sdir":
            return True
        at += 8 + _number(data, at + 4)
    if at != end:
        raise ValueError
    return False
