"""The mailbox: a private directory of regular files.

Request `<id>.<number>.req`, reply `<id>.<number>.rep` (complete when it appears), `<id>.bell` (a FIFO that wakes a
waiting bash or zsh), `<id>.flag` (this shell's answer may have changed), `<id>.told` (the hints that it was shown),
`ns` (a link to this process's mount namespace), `late` (a link to the request of a command that gave up waiting),
`lock`. In `new/`: a reply that is being written, `<id>.<number>`, and what a bash reads back, `<id>`. Only the daemon
removes files, and a command its own. Nothing in here can block: files are opened without
waiting, and only a shell that waits at its bell is woken.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from wend import paths
from wend.errors import WendError
from wend.protocol import MAX_REQUEST, REQUEST_FILE
from wend.system import OWN, WINDOWS, user
from wend.typed import TYPE_CHECKING, Optional, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")


_OUT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Busy(Exception):  # noqa: N818  it is a condition that passes
    """The process or the machine is out of descriptors or memory: try again."""


class Mailbox:
    """The directory, checked once when the daemon starts and never repaired."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._dir = os.fsencode(path) + b"/"
        self._new = self._dir + b"new/"
        _check_above(path)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        except OSError as error:
            raise WendError(f"{path}: {error.strerror}", fixes.ANOTHER_RUNTIME_DIR) from error
        check(path)
        # Replies are written beside, where no event is asked for, and renamed into place.
        os.makedirs(self._new, 0o700, exist_ok=True)
        for name in (self._new + b"ns", self._dir + b"ns"):
            if os.path.isdir(name) and not os.path.islink(name):  # `publish` could put nothing in its place
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fsdecode(name))
        self._identity = _identity(self._dir)
        self._sign = -1  # on Windows, the descriptor of `ns`

    def read(self, name: bytes) -> Optional[bytes]:
        """Return the content of the request NAME; None when it is gone or not a regular file.

        Of one that is too long, somewhat more than MAX_REQUEST. Busy when it cannot be opened now.
        """
        try:
            fd = os.open(self._dir + name, OWN)
        except OSError as error:
            if error.errno in _OUT:
                raise Busy from error
            return None
        try:
            data = os.read(fd, 65536)
            while len(data) >= 65536 and len(data) <= MAX_REQUEST:
                part = os.read(fd, 65536)
                if not part:
                    break
                data += part
            return data
        except OSError:
            return None
        finally:
            os.close(fd)

    def reply(self, ident: str, number: int, text: bytes) -> bool:
        """Put a complete reply in place and wake the shell if it waits; False when it could not be written whole."""
        base = f"{ident}.{number}".encode()
        fresh = self._new + base
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | OWN, 0o600)
            try:
                whole = os.write(fd, text) == len(text)
            finally:
                os.close(fd)
            if whole:
                os.replace(fresh, self._dir + base + b".rep")
        except OSError:
            whole = False
        if whole:
            self.ring(ident)
        else:
            self.remove(b"new/" + base)
        return whole

    def ring(self, ident: str) -> None:
        """Wake the shell IDENT if it waits at its bell."""
        try:
            fd = os.open(self._file(ident, "bell"), os.O_WRONLY | OWN)
        except OSError:  # ENXIO: no shell waits; ENOENT: it has no bell
            return
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):  # a file would grow
                os.write(fd, b"\n")
        except OSError:
            pass
        finally:
            os.close(fd)

    def make_bell(self, ident: str) -> None:
        """Give the shell IDENT a bell, if it has none."""
        try:
            os.mkfifo(self._file(ident, "bell"), 0o600)
        except OSError:
            return

    def flag(self, ident: str) -> bool:
        """Tell the shell IDENT that its answer may have changed; False when the file could not be made."""
        try:
            os.close(os.open(self._file(ident, "flag"), os.O_WRONLY | os.O_CREAT | OWN, 0o600))
        except OSError:
            return False
        return True

    def note(self, name: bytes, text: bytes, *, whole: bool = False) -> None:
        """Add TEXT to the file NAME, for the daemon after this one; WHOLE: instead of what it holds.

        What cannot be written is not noted.
        """
        flags = os.O_WRONLY | os.O_CREAT | OWN
        try:
            fd = os.open(self._dir + name, flags | (os.O_TRUNC if whole else os.O_APPEND), 0o600)
        except OSError:
            return
        try:
            os.write(fd, text)
        except OSError:
            pass
        finally:
            os.close(fd)

    def holds(self, name: bytes) -> bool:
        """Return whether there is a file NAME."""
        return os.path.lexists(self._dir + name)

    def age(self, name: bytes) -> float:
        """Return how many seconds ago the file NAME was written, 0 when it is gone."""
        try:
            return time.time() - os.stat(self._dir + name).st_mtime
        except OSError:
            return 0.0

    def in_place(self) -> bool:
        """Return whether the directory still is the one that was checked, is the user's alone, and can hold replies."""
        return os.path.isdir(self._new) and _identity(self._dir) == self._identity

    def move(self, name: bytes, to: bytes) -> None:
        """Give the file NAME, if there is one, the name TO."""
        try:
            os.rename(self._dir + name, self._dir + to)
        except OSError:
            return

    def remove(self, *names: bytes) -> None:
        """Remove files by name, present or not."""
        for name in names:
            try:
                os.unlink(self._dir + name)
            except OSError:
                continue

    def names(self) -> list[bytes]:
        """Return every name in the mailbox, sorted; Busy when it cannot be read now."""
        return sorted(_listed(self._dir))

    def drafts(self) -> list[bytes]:
        """Return the names of what lies in `new/`, with that directory; Busy when it cannot be read now."""
        return [b"new/" + name for name in _listed(self._new)]

    def requests(self) -> list[bytes]:
        """Return the unanswered requests, old ones too: those of one shell in the order of their numbers.

        Busy when the mailbox cannot be read now.
        """
        found = (REQUEST_FILE.fullmatch(name) for name in self.names())
        return [each[0] for each in sorted((each for each in found if each), key=lambda each: int(each[2]))]

    def publish(self) -> None:
        """Make `ns` point to this process's mount namespace, so that a shell in another one keeps away.

        Without such a thing (macOS) it points to a file with our pid for a name, so that it does not dangle. On
        Windows, where links are not for all users, it is a file that goes with this process, and `lock` has the pid.
        """
        link, fresh = self._dir + b"ns", self._new + b"ns"
        if WINDOWS:
            self._publish_on_windows(link)
            return
        target = b"/proc/%d/ns/mnt" % os.getpid()
        if not os.path.exists(target):
            target = self._new + b"%d" % os.getpid()
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | OWN, 0o600))
        try:
            os.unlink(fresh)
        except OSError:
            pass
        os.symlink(target, fresh)
        os.rename(fresh, link)

    def _publish_on_windows(self, sign: bytes) -> None:
        from wend.system import service

        self.note(b"lock", b"%d" % os.getpid(), whole=True)
        self._sign = service.lives_as_long(sign)

    def withdraw(self) -> None:
        """Take `ns` away, unless it is another daemon's by now: the directory may have been made again."""
        if self._sign >= 0:
            os.close(self._sign)
            self._sign = -1
        elif daemon_pid(self.path) == os.getpid():
            self.remove(b"ns", b"new/%d" % os.getpid())

    def _file(self, ident: str, ending: str) -> bytes:
        return self._dir + f"{ident}.{ending}".encode()


def _identity(path: bytes) -> tuple[int, ...]:
    try:
        st = os.stat(path)
    except OSError:
        return ()
    return (st.st_dev, st.st_ino, st.st_uid, st.st_mode)


def check(path: str) -> None:
    """Raise WendError unless PATH is the user's own directory, which no other user can enter or replace."""
    _check_above(path)
    st = os.lstat(path)
    if not stat.S_ISDIR(st.st_mode) or st.st_uid != user():
        raise WendError(
            f"{path} is not a directory of yours",
            fixes.ANOTHER_RUNTIME_DIR if st.st_uid != user() else fixes.aside(path),
        )
    if not WINDOWS and stat.S_IMODE(st.st_mode) & 0o077:
        raise WendError(f"{path} is open to others", f"chmod 700 {fixes.word(path)}")


def _check_above(path: str) -> None:
    unsafe = paths.unsafe_runtime_dir(path)
    if unsafe:
        raise WendError(f"others can change {unsafe}, or it is not there", fixes.ANOTHER_RUNTIME_DIR)


def obstacle(path: str) -> Optional[WendError]:
    """Return why PATH cannot be used as a mailbox now, None when it can, or can be made."""
    try:
        _check_above(path)
        above = os.path.dirname(path)
        if os.path.lexists(path):
            check(path)
        elif not os.path.isdir(above):
            return WendError(f"{above} is not a directory", fixes.ANOTHER_RUNTIME_DIR)
        elif not os.access(above, os.W_OK):
            return WendError(f"{above} cannot be written", fixes.ANOTHER_RUNTIME_DIR)
        disk = os.statvfs(path if os.path.lexists(path) else above)
    except WendError as error:
        return error
    except (AttributeError, OSError):  # Windows; a disk that does not tell
        return None
    room = (disk.f_bavail, disk.f_favail) if user() else (disk.f_bfree, disk.f_ffree)
    for size, free, what in ((disk.f_blocks, room[0], "is full"), (disk.f_files, room[1], "holds no more files")):
        if size and not free:
            return WendError(f"the disk of {path} {what}", fixes.ANOTHER_RUNTIME_DIR)
    return None


def _listed(directory: bytes) -> list[bytes]:
    try:
        return os.listdir(directory)
    except OSError as error:
        if error.errno in _OUT:
            raise Busy from error
        return []


def daemon_pid(path: str) -> int:
    """Return the pid of the daemon that the mailbox at PATH names, dead or alive (on Windows: alive); 0 for none."""
    try:
        if WINDOWS:
            return _pid_on_windows(path)
        parts = os.readlink(os.path.join(path, "ns")).split("/")
        return int(parts[2] if parts[1] == "proc" else parts[-1])
    except (OSError, ValueError, IndexError):
        return 0


def _pid_on_windows(path: str) -> int:
    if not os.path.exists(os.path.join(path, "ns")):
        return 0
    with open(os.path.join(path, "lock"), "rb") as file:
        return int(file.read(16))
