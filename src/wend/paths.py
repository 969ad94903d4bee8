"""Where wend keeps things, computed from the environment that is asked about, never from the daemon's own."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping

APP = "wend"


def _xdg(env: Mapping[str, str], variable: str, *default: str) -> str:
    """Return an XDG base directory; relative values count as unset, as the XDG specification says."""
    value = env.get(variable, "")
    if value and os.path.isabs(value):
        return value
    home = env.get("HOME", "")
    if os.path.isabs(home):
        return os.path.join(home, *default)
    return ""


def _windows(name: str) -> str:
    import platformdirs  # noqa: PLC0415  known folders need ctypes and the registry: a library's work

    return str(getattr(platformdirs, name)(APP, appauthor=False))


def documents_dir() -> str:
    """Return the user's documents on Windows, where PowerShell keeps its profiles; unused elsewhere."""
    import platformdirs  # noqa: PLC0415

    return str(platformdirs.user_documents_dir())


def config_home(env: Mapping[str, str]) -> str:
    """Return the directory of all programs' configuration, empty when no home is known."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config")


def config_file(env: Mapping[str, str]) -> str:
    """Return the path of config.toml; empty when no home is known."""
    chosen = env.get("WEND_CONFIG", "")
    if chosen:
        return chosen if os.path.isabs(chosen) else ""
    if sys.platform == "win32":
        return os.path.join(_windows("user_config_dir"), "config.toml")
    base = config_home(env)
    return os.path.join(base, APP, "config.toml") if base else ""


def data_dir(env: Mapping[str, str]) -> str:
    """Return the directory of the installed hooks and of wend's own virtual environment."""
    if sys.platform == "win32":
        return _windows("user_data_dir")
    base = _xdg(env, "XDG_DATA_HOME", ".local", "share")
    return os.path.join(base, APP) if base else ""


def state_dir(env: Mapping[str, str]) -> str:
    """Return the directory of the log and of the trust decisions."""
    if sys.platform == "win32":
        return _windows("user_state_dir")
    base = _xdg(env, "XDG_STATE_HOME", ".local", "state")
    return os.path.join(base, APP) if base else ""


def trust_dir(env: Mapping[str, str]) -> str:
    """Return the directory that holds one file for each decision."""
    base = state_dir(env)
    return os.path.join(base, "trust") if base else ""


def mailbox_dir(env: Mapping[str, str]) -> str:
    """Return the mailbox: `wend-<euid>` in the first runtime directory that is usable.

    The hooks choose by the same rule; the starter hands its choice to the daemon all the same. `check_runtime_dir`
    says whether the choice is safe.
    """
    uid = os.geteuid() if hasattr(os, "geteuid") else 0
    chosen = env.get("WEND_RUNTIME_DIR", "")
    if os.path.isabs(chosen):
        return os.path.join(chosen, f"{APP}-{uid}")
    xdg = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(xdg) and _owned_directory(xdg, uid):
        return os.path.join(xdg, f"{APP}-{uid}")
    if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK):  # noqa: S108  the mailbox itself is 0700
        return f"/dev/shm/{APP}-{uid}"  # noqa: S108
    temporary = env.get("TMPDIR", "")
    return os.path.join(temporary if os.path.isabs(temporary) else "/tmp", f"{APP}-{uid}")  # noqa: S108


def unsafe_runtime_dir(mailbox: str) -> str:
    """Return the directory above MAILBOX whose owner could exchange it, empty for none.

    The runtime directory must belong to the user, or be root's and sticky. For root, it and each directory above it
    must be root's: the owner of any of them could exchange the mailbox between check and use.
    """
    if not hasattr(os, "geteuid"):
        return ""
    uid, directory = os.geteuid(), os.path.dirname(mailbox)
    try:
        status = os.stat(directory)
        if status.st_uid != uid and not (status.st_uid == 0 and status.st_mode & stat.S_ISVTX):
            return directory
        above = os.path.realpath(directory)
        while uid == 0:
            if os.lstat(above).st_uid != 0:
                return above
            if above == os.sep:
                break
            above = os.path.dirname(above)
    except OSError:
        return ""  # it is not there: whoever makes it is looked at then
    return ""


def _owned_directory(path: str, uid: int) -> bool:
    try:
        return os.path.isdir(path) and os.stat(path).st_uid == uid
    except OSError:
        return False
