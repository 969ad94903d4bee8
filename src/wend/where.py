"""What every question about an environment is asked with: the disk, the asking shell's variables, the settings."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from wend.config import Settings
from wend.disk import Disk


class Where(NamedTuple):
    """The surroundings of one question."""

    disk: Disk
    env: dict[str, str]  # of the asking shell, INPUTS only; never the daemon's own
    settings: Settings
    windows: bool = sys.platform == "win32"

    @property
    def home(self) -> str:
        """The user's home directory without a trailing slash; empty when unknown or no absolute path."""
        home = self.env.get("HOME", "")
        return home.rstrip("/") if os.path.isabs(home) and home.rstrip("/") else ""

    @property
    def bin(self) -> str:
        """The name of a virtual environment's directory of programs."""
        return "Scripts" if self.windows else "bin"

    def python_in(self, prefix: str) -> str:
        """Return where a virtual environment keeps its interpreter."""
        return os.path.join(prefix, self.bin, "python.exe" if self.windows else "python")
