"""What every question about an environment is asked with: the disk, the shell's variables, the settings."""

from __future__ import annotations

import os

from wend.disk import Disk
from wend.protocol import CORE
from wend.settings import Settings
from wend.system import WINDOWS, slashed
from wend.typed import Iterable, Mapping, NamedTuple, Optional

_CORE = frozenset(CORE)


class Context(NamedTuple):
    """The surroundings of one question."""

    disk: Disk
    env: Mapping[str, str]  # of the asking shell, without wend's changes; never the daemon's own
    settings: Settings
    known: Optional[frozenset[str]] = None  # names beyond the core that the shell has sent; None: everything is known
    windows: bool = WINDOWS

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

    @property
    def bin(self) -> str:
        """The name of a virtual environment's directory of programs."""
        return "Scripts" if self.windows else "bin"

    def python_in(self, prefix: str) -> str:
        """Return where a virtual environment keeps its interpreter."""
        return f"{prefix}/{self.bin}/{'python.exe' if self.windows else 'python'}"
