"""What every question about an environment is asked with: the disk, the shell's variables, the settings."""

from __future__ import annotations

import os

from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.protocol import CORE
from wend.settings import Settings
from wend.system import WINDOWS, slashed
from wend.typed import Iterable, Iterator, Mapping, NamedTuple, Optional

_CORE = frozenset(CORE)
_MAX_DEPTH = 256


class Context(NamedTuple):
    """The surroundings of one question."""

    disk: Disk
    env: Mapping[str, str]  # of the asking shell, without wend's changes; never the daemon's own
    settings: Settings
    known: Optional[frozenset[str]] = None  # names beyond the core that the shell has sent; None: everything is known
    windows: bool = WINDOWS
    cwd: str = ""  # the directory that is asked about, as the shell spells it; empty: the question is about none

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of NAMES that must be asked for before their values can be relied on."""
        if self.known is None:
            return ()
        return tuple(name for name in names if name not in _CORE and name not in self.known)

    @property
    def home(self) -> str:
        """The user's home directory without a trailing slash; empty when unknown or not an absolute path."""
        home = slashed(self.env.get("HOME") or (self.env.get("USERPROFILE", "") if self.windows else ""))
        return home.rstrip("/") if os.path.isabs(home) and home.rstrip("/") else ""

    def upwards(self, directory: str) -> Iterator[tuple[str, bool]]:
        """Yield DIRECTORY and those above it in which a project can be, each with whether it is the home.

        Nothing is looked at above $HOME for a directory below it, nor in `/`, `/home`, `/net` or an automount: a name
        looked up there can wake a network (autofs), and no project lives there.
        """
        if not os.path.isabs(directory):
            return
        home = self._identity(self.home) if self.home else None
        automounts = self.disk.mounts.automounts
        directory = directory if directory == "/" else directory.rstrip("/")
        for _ in range(_MAX_DEPTH):
            parent = os.path.dirname(directory)
            # Without its drive, on Windows. No project is the root of a disk.
            if directory == parent or os.path.splitdrive(directory)[1] in NEVER or directory in automounts:
                return
            at_home = directory == self.home or (home is not None and self._identity(directory) == home)
            yield directory, at_home
            if at_home:
                return
            directory = parent

    def _identity(self, directory: str) -> Optional[tuple[int, int]]:
        """Return what identifies DIRECTORY, independent of its spelling."""
        status = self.disk.stat(directory)
        return (status.st_dev, status.st_ino) if status else None

    @property
    def bin(self) -> str:
        """The name of a virtual environment's directory of programs."""
        return "Scripts" if self.windows else "bin"

    def python_in(self, prefix: str) -> str:
        """Return where a virtual environment keeps its interpreter."""
        return f"{prefix}/{self.bin}/{'python.exe' if self.windows else 'python'}"
