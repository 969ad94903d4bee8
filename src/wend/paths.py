"""Where wend keeps things, computed from the environment that is asked about, never from the daemon's own."""

from __future__ import annotations

import os
import stat

from wend.system import WINDOWS, slashed, temporary, user
from wend.typed import Mapping

APP = "wend"
_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def code() -> str:
    """Return what tells this copy of the package from others, and from a later one in its place; empty: it is gone."""
    try:
        st = os.stat(os.path.join(_PACKAGE, "__init__.py"))
    except OSError:
        return ""
    return f"{st.st_mtime_ns}-{st.st_ino}-{st.st_size}"


def place(st: os.stat_result) -> str:
    """Return what tells the directory whose status is ST from any other."""
    return f"{st.st_dev}-{st.st_ino}"


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

    return slashed(str(getattr(platformdirs, name)(APP, appauthor=False)))


def documents_dir() -> str:
    """Return the user's documents on Windows, where PowerShell keeps its profiles; unused elsewhere."""
    import platformdirs  # noqa: PLC0415

    return str(platformdirs.user_documents_dir())


def config_home(env: Mapping[str, str]) -> str:
    """Return the directory of all programs' configuration, empty when no home is known."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config")


def data_home(env: Mapping[str, str]) -> str:
    """Return the directory of all programs' data, empty when no home is known."""
    return _xdg(env, "XDG_DATA_HOME", ".local", "share")


def config_file(env: Mapping[str, str]) -> str:
    """Return the path of config.toml; empty when no home is known."""
    chosen = env.get("WEND_CONFIG", "")
    if chosen:
        return chosen if os.path.isabs(chosen) else ""
    if WINDOWS:
        return f"{_windows('user_config_dir')}/config.toml"
    base = config_home(env)
    return os.path.join(base, APP, "config.toml") if base else ""


def data_dir(env: Mapping[str, str]) -> str:
    """Return the directory of the installed hooks and of wend's own virtual environment."""
    if WINDOWS:
        return _windows("user_data_dir")
    base = data_home(env)
    return os.path.join(base, APP) if base else ""


def state_dir(env: Mapping[str, str]) -> str:
    """Return the directory of the log and of the trust decisions."""
    if WINDOWS:
        return _windows("user_state_dir")
    base = _xdg(env, "XDG_STATE_HOME", ".local", "state")
    return os.path.join(base, APP) if base else ""


def trust_dir(env: Mapping[str, str]) -> str:
    """Return the directory that holds one file for each decision."""
    base = state_dir(env)
    return os.path.join(base, "trust") if base else ""


def mailbox_dir(env: Mapping[str, str]) -> str:
    """Return the mailbox: `wend-<euid>` in the first runtime directory that is usable.

    The hooks choose by the same rule, and still pass their choice to the daemon that they start. `unsafe_runtime_dir`
    says whether the choice is safe.
    """
    uid = user()
    chosen = env.get("WEND_RUNTIME_DIR", "")
    if os.path.isabs(chosen):
        return os.path.join(chosen, f"{APP}-{uid}")
    xdg = env.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(xdg) and _owned_directory(xdg, uid):
        return os.path.join(xdg, f"{APP}-{uid}")
    if not WINDOWS and os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK):  # noqa: S108  the mailbox itself is 0700
        return f"/dev/shm/{APP}-{uid}"  # noqa: S108
    return f"{temporary(env)}/{APP}-{uid}"


def unsafe_runtime_dir(mailbox: str) -> str:
    """Return the directory above MAILBOX that another user could put another mailbox in, empty for none.

    The runtime directory must belong to the user, or be root's and sticky, and must not be writable by all users. For
    root, it and each directory above it must be root's, and only a link in `/` may lead there: the owner of another
    one could exchange the mailbox between check and use. The hooks apply the same rule, except that bash and fish
    cannot see modes: they create no mailbox in a directory that all users can write.
    """
    if WINDOWS:
        return ""
    uid, directory = user(), os.path.dirname(mailbox)
    if uid:
        return "" if _is_safe(directory, uid) else directory
    while directory.strip("/"):
        linked = os.path.islink(directory) and os.path.dirname(directory).strip("/")
        if linked or not _is_safe(directory, uid):
            return directory
        directory = os.path.dirname(directory.rstrip("/"))
    return ""


def _is_safe(directory: str, uid: int) -> bool:
    try:
        status = os.stat(directory)
    except OSError:
        return False  # another user may create it
    sticky = bool(status.st_mode & stat.S_ISVTX)
    if status.st_mode & stat.S_IWOTH and not sticky:
        return False  # any user may rename what is in it
    return status.st_uid == uid or (status.st_uid == 0 and sticky)


def _owned_directory(path: str, uid: int) -> bool:
    try:
        return os.path.isdir(path) and os.stat(path).st_uid == uid
    except OSError:
        return False
