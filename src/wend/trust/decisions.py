"""What the user has decided: one small file for each directory, which a person can read and delete.

A file's name is the end of the path, for people, and the hash of the real path, so that an answer asks for
the directory and those above it by name: ten thousand decisions cost no more than one. What cannot be read
safely is neither yes nor no, and stops the search: a damaged decision may have been a `deny`.
"""

from __future__ import annotations

import os
import stat
import time

from wend import paths
from wend.context import Context
from wend.disk import Disk
from wend.errors import Again, WendError
from wend.patterns import pattern
from wend.system import WINDOWS, identity, slashed, temporary, user
from wend.text import visible
from wend.typed import TYPE_CHECKING, Mapping, NamedTuple, Optional, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.disk import files
    from wend.formats import digest
    from wend.system import users
else:
    fixes = late("wend.fixes")
    users = late("wend.system.users")
    files = late("wend.disk.files")
    digest = late("wend.formats.digest")

_ODD = pattern(r"[^A-Za-z0-9._-]+")
_LATEST = 1 << 40  # seconds; no calendar of Python's goes on for ever
ALLOW, DENY, UNREADABLE = "allow", "deny", "unreadable"


class Decision(NamedTuple):
    """One decision. What is allowed is trusted alone or with all below it; a `deny` holds below too."""

    dir: str  # real path; the file or directory at fault when `decision` is UNREADABLE
    decision: str
    recursive: bool
    since: int  # Unix seconds
    identity: str = ""  # of the directory that was allowed; empty: the path alone counts


def lookup(directory: str, context: Context) -> Optional[Decision]:
    """Return the nearest decision that covers DIRECTORY, a real path; None when there is none."""
    store = paths.trust_dir(context.env)
    if not store or context.disk.stat(store) is None:
        return None
    if not _ours(context.disk.owner(store), stat.S_IFDIR):
        return Decision(store, UNREADABLE, recursive=True, since=0)
    places = {file_name(place): place for place in _upwards(directory)}
    for name in context.disk.present(store, tuple(places)):
        found = _read(os.path.join(store, name), context.disk)
        if found is None or found.dir != places[name]:
            return Decision(os.path.join(store, name), UNREADABLE, recursive=True, since=0)
        if found.recursive:
            return found
        if found.dir == directory and found.identity in ("", context.disk.identity(directory)):
            return found
    return None


def decisions(env: Mapping[str, str]) -> list[Decision]:
    """Return all decisions that can be read, sorted by directory."""
    store = paths.trust_dir(env)
    disk = Disk()
    names = disk.listdir(store) if store else []
    names = [name for name in names if not name.startswith(".")]
    found = [_read(os.path.join(store, name), disk) for name in names]
    return sorted(each for name, each in zip(names, found) if each and name == file_name(each.dir))


def allow(directory: str, recursive: bool, env: Mapping[str, str]) -> Decision:
    """Trust DIRECTORY, with RECURSIVE all below it too; WendError if that is too much or fails.

    A plain decision is for this very directory: another one at the same path is asked about again.
    """
    real = _real(directory)
    if not os.path.isdir(real):
        raise WendError(f"{visible(real)} is not a directory", fixes.shown_near(real))
    if recursive:
        _refuse_too_much(real, env)
    own = "" if recursive else identity.of(real)
    return _write(Decision(real, ALLOW, recursive, int(time.time()), own), env)


def deny(directory: str, env: Mapping[str, str]) -> Decision:
    """Refuse DIRECTORY and all below it; WendError when that cannot be written."""
    return _write(Decision(_real(directory), DENY, recursive=True, since=int(time.time())), env)


def forget(directory: str, env: Mapping[str, str]) -> bool:
    """Take the decision on DIRECTORY back; return whether there was one."""
    file = os.path.join(_store(env), file_name(_real(directory)))
    try:
        os.unlink(file)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise fixes.unwritable(file, error) from error
    return True


def file_name(directory: str) -> str:
    """Return the name of the file that holds the decision on DIRECTORY, a real path."""
    slug = _ODD.sub("_", os.path.basename(directory)).strip(".")[:40]
    return f"{slug or 'root'}-{digest.sha256(os.fsencode(directory)).hex()}.json"


def _upwards(directory: str) -> list[str]:
    found = [directory]
    while os.path.dirname(directory) != directory:
        directory = os.path.dirname(directory)
        found.append(directory)
    return found


def _ours(status: Optional[os.stat_result], kind: int) -> bool:
    """Whether STATUS is that of a file or directory (KIND, no link) that the user alone can change."""
    if status is None or stat.S_IFMT(status.st_mode) != kind or status.st_uid != user():
        return False
    if WINDOWS:  # the mode says nothing there; the profile directory is the user's
        return True
    needed = stat.S_IRWXU if kind == stat.S_IFDIR else stat.S_IRUSR
    return not status.st_mode & 0o022 and status.st_mode & needed == needed


def _read(file: str, disk: Disk) -> Optional[Decision]:
    """Return the decision in FILE, None when it is damaged or another user could have written it.

    Looked at first and opened then: no other user can replace a file in a directory that is the user's alone.
    """
    import json  # noqa: PLC0415

    data = disk.read(file) if _ours(disk.owner(file), stat.S_IFREG) else None
    try:
        tree = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict):
        return None
    directory, decision, since = tree.get("dir"), tree.get("decision"), tree.get("since")
    own = tree.get("identity", "")
    if not isinstance(directory, str) or not os.path.isabs(directory) or not isinstance(own, str):
        return None
    if decision not in (ALLOW, DENY) or type(since) is not int or not 0 <= since <= _LATEST:
        return None
    return Decision(directory, decision, tree.get("recursive") is True or decision == DENY, since, own)


def _real(directory: str) -> str:
    try:
        return slashed(os.path.realpath(directory))
    except (OSError, ValueError) as error:  # the current directory is gone; a NUL
        raise WendError(f"{visible(directory)} cannot be found", "cd") from error


def _refuse_too_much(real: str, env: Mapping[str, str]) -> None:
    home = _real(env.get("HOME") or (env.get("USERPROFILE") if WINDOWS else "") or "/")
    shared = ("/tmp", "/var/tmp", "/dev/shm", temporary(env))  # noqa: S108  refused, not used
    above_home = (home + "/").startswith(real.rstrip("/") + "/")
    if above_home or real in map(_real, shared):
        raise WendError(f"{visible(real)} and all below it is too much to trust", again=Again(without=("--recursive",)))


def _store(env: Mapping[str, str]) -> str:
    """Return the directory of the decisions; WendError unless what there is of it belongs to the user.

    Root in a user's home (sudo) would leave files there that lock the user out.
    """
    store = paths.trust_dir(env)
    if not store:
        raise WendError("no home directory is known", fixes.home())
    there = store
    while not os.path.exists(there):
        there = os.path.dirname(there)
    owner = os.stat(there).st_uid
    if owner != user():
        before = f"sudo -u {users.user_name(owner)} "
        raise WendError(f"{visible(there)} is not yours", again=Again(before=before))
    return store


def _write(decision: Decision, env: Mapping[str, str]) -> Decision:
    import json  # noqa: PLC0415

    store = _store(env)
    file = os.path.join(store, file_name(decision.dir))
    text = json.dumps(decision._asdict(), indent=2) + "\n"
    try:
        os.makedirs(store, 0o700, exist_ok=True)
        if not _ours(os.lstat(store), stat.S_IFDIR):
            raise WendError(f"{visible(store)} is open to others", f"chmod 700 {fixes.word(store)}")
        files.replace(file, text.encode("ascii"), 0o600, keep=False)
    except OSError as error:
        raise fixes.unwritable(file, error) from error
    return decision
