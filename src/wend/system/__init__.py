"""What differs between operating systems, behind one interface. No other package asks which one this is.

Paths have slashes everywhere inside wend, also on Windows (`C:/Users/me`), where the system takes both. They are
`slashed` where they come in and `native` where they go out to a person, a program or a shell.
"""

from __future__ import annotations

import os
import sys

from wend.typed import Mapping, Optional

WINDOWS = sys.platform == "win32"
MACOS = sys.platform == "darwin"
LINUX = sys.platform.startswith("linux")

# To open a file of others for reading: wait for no FIFO, take over no terminal, hand nothing to a child.
READ = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"))

NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # beside READ: fail where the path itself is a link
# To open or make a file of wend's own: the same as READ, and no link is followed.
OWN = READ | NO_LINK


def user() -> int:
    """Return the number of the user whose rights this process has; what `os.stat` says of all files on Windows."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def exists(pid: int, *, mine: bool = False) -> bool:
    """Return whether there is a process PID, of any user. MINE: that this user can end."""
    if WINDOWS:  # signal 0 is Ctrl-C there
        import psutil  # noqa: PLC0415

        try:
            return bool(psutil.pid_exists(pid))
        except OverflowError:
            return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return not mine
    return True


def runs(thread: int) -> bool:
    """Return whether the THREAD of this process, by its native id, runs or waits for a processor; if unknown, False."""
    try:
        with open(f"/proc/self/task/{thread}/stat", "rb") as file:
            return file.read(4096).rpartition(b") ")[2].startswith(b"R")
    except OSError:  # not Linux; no descriptor is left
        return False


def temporary(env: Mapping[str, str]) -> str:
    """Return the directory of temporary files in ENV, as PowerShell's hook finds it too; it may not exist."""
    if not WINDOWS:
        chosen = env.get("TMPDIR", "")
        return chosen if os.path.isabs(chosen) else "/tmp"  # noqa: S108  what is made there is 0700
    places = (env.get(name, "") for name in ("TMP", "TEMP", "USERPROFILE"))  # as GetTempPath(2) of Windows
    return slashed(next(filter(os.path.isabs, places), "C:\\Windows")).rstrip("/")


def machine() -> str:
    """Return what kind of machine this is, as `uname -m` calls it.

    Under Rosetta `uname -m` names Intel's processor; the kernel's own version does not.
    """
    if hasattr(os, "uname"):
        found = os.uname()
        return "arm64" if MACOS and "ARM64" in found.version else found.machine
    import platform  # noqa: PLC0415  slow to load, and needed on Windows alone

    return platform.machine()


def runs_windows_programs() -> bool:
    """Return whether this is a Linux in Windows (WSL), which hands programs of Windows to it."""
    return LINUX and "microsoft" in os.uname().release.lower()


def which(name: str, path: str) -> Optional[str]:
    """Return the program NAME, or the one that is found in the directories PATH as a shell does; None for none.

    As `shutil.which`, whose import takes as long as all else that a quick command does.
    """
    if WINDOWS:  # endings count there
        import shutil  # noqa: PLC0415

        return shutil.which(name, path=path)
    for directory in [""] if os.path.dirname(name) else path.split(os.pathsep):
        file = os.path.join(directory, name)
        if os.access(file, os.X_OK) and os.path.isfile(file):
            return file
    return None


def slashed(path: str) -> str:
    """Return PATH as wend spells it."""
    return path.replace("\\", "/") if WINDOWS else path


def native(path: str) -> str:
    """Return PATH, one of wend's, as this system spells it."""
    return path.replace("/", "\\") if WINDOWS else path


def normal(path: str) -> str:
    """Return PATH without `.`, `..` and doubled slashes. No link is looked at."""
    return slashed(os.path.normpath(path))


def join(directory: str, path: str) -> str:
    """Return the PATH that is meant in DIRECTORY, as `normal` spells it."""
    return normal(os.path.join(directory, path))
