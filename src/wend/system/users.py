"""Users and groups of this machine, by number. Where there are none (Windows), a number stays a number."""

from __future__ import annotations

from wend.typed import lru_cache

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]


def user_name(uid: int) -> str:
    """Return the name of the user UID, or the number in words when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (AttributeError, KeyError):
        return f"user {uid}"


def home(uid: int) -> str:
    """Return the home directory of the user UID, empty when none is known."""
    try:
        return pwd.getpwuid(uid).pw_dir
    except (AttributeError, KeyError):
        return ""


def group_name(gid: int) -> str:
    """Return the name of the group GID, or the number when it has none."""
    try:
        import grp  # noqa: PLC0415  a file of its own, and few ask for a group

        return grp.getgrgid(gid).gr_name
    except (ImportError, KeyError):
        return str(gid)


@lru_cache(maxsize=64)
def is_private_group(gid: int, uid: int, said: object = None) -> bool:
    """Return whether GID is the primary group of the user UID, is named like the user, and has no other member.

    Looked up once for each SAID, which tells one state of the machine's accounts from another.
    The name is compared because a directory service need not list every user whose primary group it is.
    """
    del said
    try:
        import grp  # noqa: PLC0415

        user, group = pwd.getpwuid(uid), grp.getgrgid(gid)
    except (ImportError, KeyError):
        return False
    if user.pw_gid != gid or group.gr_name != user.pw_name or set(group.gr_mem) - {user.pw_name}:
        return False
    return all(entry.pw_gid != gid or entry.pw_uid == uid for entry in pwd.getpwall())
