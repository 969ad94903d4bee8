"""A stand-in for Windows, as far as `wend explain` and its like go: `python windows.py ROOT wend's words...`.

ROOT/C is the disk C:. Paths are Windows' (ntpath), the modules and functions that Windows lacks are gone, every file
belongs to user 0, and modes say nothing. What it cannot show: the real system calls, case, and PowerShell there.
"""

from __future__ import annotations

import ntpath
import os
import posixpath
import sys
from typing import Any

POSIX_MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "termios")
POSIX_NAMES = (
    "O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fork", "getegid", "geteuid", "getgid",
    "getgroups", "getuid", "getxattr", "lchown", "mkfifo", "pidfd_open", "statvfs", "uname",
)  # fmt: skip
_CALLS = (
    "stat",
    "lstat",
    "open",
    "listdir",
    "scandir",
    "readlink",
    "mkdir",
    "replace",
    "unlink",
    "access",
    "chmod",
    "utime",
)

# The times are in the sequence too, but as int only.
_IN_SEQUENCE = ("st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size")


def become_windows(root: str) -> None:
    """Change this process; ROOT is the directory that holds the disks."""

    def there(path: Any) -> Any:
        if isinstance(path, (str, bytes)):
            text = os.fsdecode(path).replace("\\", "/")
            if text[1:3] == ":/":
                return posixpath.join(root, text[0].upper(), text[3:])
        return path

    def mapped(call: Any) -> Any:
        def wrapper(path: Any, *rest: Any, **named: Any) -> Any:
            found = call(there(path), *map(there, rest), **named)
            if isinstance(found, os.stat_result):
                fields = list(found)
                fields[0] = found.st_mode | 0o777  # of directories; what it says of files, nothing relies on
                fields[4] = fields[5] = 0
                named_alone = set(dir(found)) - set(_IN_SEQUENCE)  # Python 3.13 refuses a field that is given twice
                return os.stat_result(fields, {name: getattr(found, name) for name in named_alone if name[:3] == "st_"})
            return found

        return wrapper

    cwd = "C:" + os.getcwd()[len(posixpath.join(root, "C")) :].replace("/", "\\")
    for name in _CALLS:
        setattr(os, name, mapped(getattr(os, name)))
    os.getcwd = lambda: cwd
    sys.modules.update(dict.fromkeys(POSIX_MODULES))  # type: ignore[arg-type]
    for name in POSIX_NAMES:
        if hasattr(os, name):
            delattr(os, name)
    os.path, os.sep, os.altsep, os.pathsep = ntpath, "\\", "/", ";"
    sys.modules["os.path"] = ntpath


def main() -> int:
    root, *words = sys.argv[1:]
    import click  # noqa: F401  libraries take the system as it is
    import platformdirs.windows

    platformdirs.PlatformDirs = platformdirs.windows.Windows  # type: ignore[assignment, misc]
    platformdirs.windows.get_win_folder = platformdirs.windows.get_win_folder_from_env_vars
    from wend.formats import toml  # noqa: F401

    sys.platform = "win32"
    import wend.system

    sys.platform = "linux"
    become_windows(root)
    wend.system.READ = os.O_RDONLY
    from wend.cli import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
