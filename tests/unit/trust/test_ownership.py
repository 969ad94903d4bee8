"""What is never used, whatever was allowed."""

from __future__ import annotations

import os
import pwd
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Optional

import pytest

from tests.unit.fixes import is_typed
from tests.unit.trust import context, environment, target, verdict
from wend.disk import Disk
from wend.kinds.pointer import Pointer
from wend.model import RANK_POINTER, Marker, Problem
from wend.system import users
from wend.trust import decisions, judge, ownership

STRANGER = 12345


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    users.is_private_group.cache_clear()
    yield
    users.is_private_group.cache_clear()


@pytest.fixture()
def prefix(home: Path) -> Path:
    """Return an environment that is allowed in every way that there is."""
    decisions.allow(str(home), recursive=False, env={"HOME": str(home)})
    made = environment(home / "w" / "p" / ".venv")
    decisions.allow(str(home / "w"), recursive=True, env={"HOME": str(home)})
    assert verdict(made, home).allowed
    return made


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PATH belong to another user: by chown where that is allowed, else by being another user."""
    if os.geteuid() == 0:
        os.chown(path, STRANGER, -1, follow_symlinks=False)
    else:
        other = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: other)


def test_a_stranger_owns_it_or_what_is_above_or_inside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = "mv {0}/.venv {0}/.venv.old && wend create {0}"
    for name, fix in (
        (".", replaced),
        ("..", "wend deny {0}"),
        ("../..", "wend deny {0}"),
        ("bin", replaced),
        ("pyvenv.cfg", replaced),
    ):
        prefix = environment(home / f"w{name.count('.')}{len(name)}" / "p" / ".venv")
        with monkeypatch.context() as patch:
            give_away(Path(os.path.normpath(prefix / name)), patch)
            got = verdict(prefix, home, trust_policy="always", trust_roots=("/",))
        assert not got.allowed, name
        assert " belongs to " in got.reason, name
        assert is_typed(got.fix), name
        if os.geteuid() == 0:  # else it is the user that has changed
            assert got.fix == fix.format(os.path.realpath(prefix.parent)), name


def test_a_stranger_owns_an_environment_outside_of_the_project(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = environment(home / "store" / "e")
    link = home / "p" / ".venv"
    link.parent.mkdir()
    link.symlink_to(real)
    give_away(real, monkeypatch)
    got = verdict(link, home, trust_policy="always")
    assert " belongs to " in got.reason
    assert is_typed(got.fix)
    if os.geteuid() == 0:
        assert got.fix == f"wend create {home}/p"


def test_a_stranger_owns_a_file_that_names_an_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(home / "p" / "e")
    file = home / "p" / ".venv"
    file.write_text("e\n")
    give_away(file, monkeypatch)
    marker = Marker("pointer", str(file), str(file.parent), RANK_POINTER)
    found = Pointer().resolve(marker, context(home))
    assert isinstance(found, Problem)
    assert " belongs to " in found.reason
    assert is_typed(found.fix)


def test_root_may_own_what_is_above(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = environment(home / "p" / ".venv")
    if os.geteuid() == 0:  # be the user of an environment below root's directories
        for path in (prefix, prefix / "bin", prefix / "pyvenv.cfg"):
            os.chown(path, STRANGER, -1)
        monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    assert verdict(prefix, home, trust_policy="always").allowed
    assert verdict(prefix, home).reason == "made here"


def test_what_root_made_is_not_the_users_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = environment(home / "p" / ".venv")
    real = Disk.owner

    def owner(disk: Disk, path: str) -> Optional[os.stat_result]:
        status = real(disk, path)
        return status and os.stat_result((*status[:4], 0, *status[5:]))

    monkeypatch.setattr(Disk, "owner", owner)
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    assert verdict(prefix, home).reason == "it is not your own"


@pytest.mark.parametrize("name", [".", "..", "../..", "bin", "pyvenv.cfg"])
def test_others_may_write(prefix: Path, home: Path, name: str) -> None:
    path = Path(os.path.normpath(prefix / name))
    path.chmod(path.stat().st_mode & 0o755 | 0o002)
    mode = path.stat().st_mode & 0o7777
    assert verdict(prefix, home, trust_policy="always", trust_roots=("/",)) == (
        False,
        f"{path} is writable by others (mode {mode:04o})",
        f"chmod o-w {path}",
        False,
    )
    path.chmod(mode & ~0o002)
    assert verdict(prefix, home).allowed


def test_both_are_named_in_one_command(prefix: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(monkeypatch, "users", [], [])
    prefix.chmod(0o777)
    assert verdict(prefix, home).fix == f"chmod go-w {prefix}"


def test_stores_are_checked_too(prefix: Path, home: Path) -> None:
    (prefix / "bin").chmod(0o757)
    assert not judge(target(prefix, store=True), context(home, trust_policy="always")).allowed


def test_scripts_of_conda_are_checked_too(prefix: Path, home: Path) -> None:
    script = prefix / "etc" / "conda" / "activate.d" / "x.sh"
    script.parent.mkdir(parents=True)
    script.write_text("")
    shown = target(prefix, scripts_on=(str(script),))
    assert judge(shown, context(home)).allowed
    script.chmod(0o646)
    assert not judge(shown, context(home)).allowed


def test_a_sticky_directory_is_fine_above_and_only_there(prefix: Path, home: Path) -> None:
    prefix.parent.chmod(0o1777)
    assert verdict(prefix, home).allowed
    prefix.chmod(0o1777)
    assert not verdict(prefix, home).allowed


@pytest.mark.parametrize("loose", ["where the link is", "where it leads to"])
def test_both_ends_of_a_link_count(home: Path, loose: str) -> None:
    real = environment(home / "a" / "e")
    (home / "b").mkdir()
    link = home / "b" / ".venv"
    link.symlink_to(real)
    assert verdict(link, home).allowed
    (home / ("b" if loose == "where the link is" else "a")).chmod(0o777)
    assert not verdict(link, home, trust_policy="always").allowed


def test_a_link_on_the_way_counts(home: Path) -> None:
    real = environment(home / "a" / "e")
    for name in ("b", "c"):
        (home / name).mkdir()
    (home / "b" / "hop").symlink_to(real)
    (home / "c" / ".venv").symlink_to("../b/hop")
    assert verdict(home / "c" / ".venv", home).allowed
    (home / "b").chmod(0o777)
    got = verdict(home / "c" / ".venv", home, trust_policy="always")
    assert got.reason == f"{home}/b is writable by others (mode 0777)"


def test_bin_may_be_a_link_to_no_worse_a_place(prefix: Path, home: Path) -> None:
    (home / "shared").mkdir()
    (prefix / "bin").rename(home / "shared" / "bin")
    (prefix / "bin").symlink_to(home / "shared" / "bin")
    assert verdict(prefix, home).allowed
    (home / "shared").chmod(0o777)
    assert not verdict(prefix, home).allowed


def test_a_strangers_link_in_a_sticky_directory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = environment(home / "a" / "e")
    (home / "tmp").mkdir()
    (home / "tmp").chmod(0o1777)
    link = home / "tmp" / ".venv"
    link.symlink_to(real)
    give_away(link, monkeypatch)
    assert " belongs to " in verdict(link, home, trust_policy="always").reason


def accounts(monkeypatch: pytest.MonkeyPatch, name: str, members: list[str], others: list[tuple[str, int]]) -> None:
    """Let the group of everything be NAME with MEMBERS, and OTHERS have accounts (name, primary group)."""
    uid = os.geteuid()

    def user(pw_name: str, pw_gid: int, pw_uid: int) -> SimpleNamespace:
        return SimpleNamespace(pw_name=pw_name, pw_gid=pw_gid, pw_uid=pw_uid)

    own = os.getegid()
    known_users = [user("u", own, uid), *(user(other, own + gid, uid + 1) for other, gid in others)]
    known = {entry.pw_uid: entry for entry in known_users[:1]}
    group = SimpleNamespace(gr_name=name, gr_mem=members)
    fake = SimpleNamespace(getpwuid=known.__getitem__, getpwall=lambda: known_users)
    monkeypatch.setattr(users, "pwd", fake)
    monkeypatch.setitem(sys.modules, "grp", SimpleNamespace(getgrgid=lambda gid: group))


@pytest.mark.parametrize(
    ("name", "members", "others", "allowed"),
    [
        ("u", [], [], True),
        ("u", ["u"], [("v", 1)], True),
        ("u", ["u", "v"], [], False),
        ("u", [], [("v", 0)], False),  # another user's primary group
        ("users", [], [], False),  # a directory service may have more of them
    ],
)
def test_writable_by_group(  # noqa: PLR0917
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    members: list[str],
    others: list[tuple[str, int]],
    allowed: bool,
) -> None:
    prefix = environment(home / "p" / ".venv")
    for path in (prefix, prefix / "bin", prefix / "pyvenv.cfg", prefix.parent):
        os.chown(path, -1, os.getegid())
        path.chmod(0o775 if path.is_dir() else 0o664)
    accounts(monkeypatch, name, members, others)
    got = verdict(prefix, home)
    assert got.allowed is allowed
    if not allowed:
        reason = f"{prefix.parent} is writable by the group {name} (mode 0775)"
        assert got == (False, reason, f"chmod g-w {prefix.parent}", False)


def test_writable_by_a_group_that_is_not_the_primary_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = environment(home / "p" / ".venv")
    prefix.chmod(0o775)
    accounts(monkeypatch, "u", [], [])
    assert verdict(prefix, home).allowed
    if os.geteuid() == 0:
        os.chown(prefix, -1, STRANGER)
    else:
        monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name="u", pw_gid=STRANGER))
        users.is_private_group.cache_clear()
    assert not verdict(prefix, home).allowed


def test_a_private_group_that_gets_another_member_is_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon lives for months, and remembers its answers."""
    (home / "group").write_text("")
    monkeypatch.setattr(ownership, "_ACCOUNTS", (str(home / "group"),))
    prefix = environment(home / "p" / ".venv")
    prefix.chmod(0o775)
    os.chown(prefix, -1, os.getegid())
    accounts(monkeypatch, "u", [], [])
    surroundings = context(home)
    assert judge(target(prefix), surroundings).allowed
    assert surroundings.disk.evidence.unchanged()
    accounts(monkeypatch, "u", ["v"], [])
    (home / "group").write_text("u:x:1:v\n")
    assert not surroundings.disk.evidence.unchanged()
    assert not verdict(prefix, home).allowed


def test_an_unknown_account(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = environment(home / "p" / ".venv")
    prefix.chmod(0o775)
    empty: dict[int, object] = {}
    monkeypatch.setattr(users, "pwd", SimpleNamespace(getpwuid=empty.__getitem__))
    monkeypatch.setitem(sys.modules, "grp", SimpleNamespace(getgrgid=empty.__getitem__))
    assert not verdict(prefix, home).allowed


@pytest.mark.parametrize("path", [("/x/a:b/.venv/bin",), ("bin",), ("",), ("/x\0y",)])
def test_what_cannot_stand_in_path(prefix: Path, home: Path, path: tuple[str, ...]) -> None:
    assert not judge(target(prefix, path=path), context(home, trust_policy="always")).allowed


def test_the_way_follows_the_disk_not_the_name(home: Path) -> None:
    (home / "a" / "deep").mkdir(parents=True)
    (home / "b").mkdir()
    (home / "b" / "link").symlink_to(home / "a" / "deep")
    (home / "round").symlink_to("round")
    disk = Disk()
    for path in ("b/link/..", "b/link/../deep/./", "b/../a", "b/link"):
        spelled = f"{home}/{path}"
        assert ownership.follow(spelled, disk)[-1][0] == os.path.realpath(spelled)
    assert ownership.follow("/", disk)[-1][0] == "/"
    assert ownership.follow(f"{home}/round/x", disk)[-1][1] is None
    assert ownership.follow(f"{home}/absent/x", disk)[-1] == (f"{home}/absent", None)


def acl(path: Path) -> None:
    """Let another account write PATH through an access control list, as `setfacl -m u:65534:rwx` does."""
    none = 0xFFFFFFFF
    entries = [(0x01, 7, none), (0x02, 7, 65534), (0x04, 5, none), (0x10, 7, none), (0x20, 5, none)]
    data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", data)
    except (AttributeError, OSError):
        pytest.skip("no access control lists on this file system")


@pytest.mark.parametrize("name", [".", "bin", ".."])
def test_an_access_control_list_is_not_a_private_group(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    prefix = environment(home / "p" / ".venv")
    accounts(monkeypatch, "u", [], [])
    path = Path(os.path.normpath(prefix / name))
    os.chown(path, -1, os.getegid())
    acl(path)
    assert path.stat().st_mode & 0o020  # its mask looks like a group that can write
    got = verdict(prefix, home, trust_policy="always")
    assert not got.allowed
    assert "access control list" in got.reason


def test_an_access_control_list_behind_a_link_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(monkeypatch, "u", [], [])
    (home / "shared").mkdir()
    os.chown(home / "shared", -1, os.getegid())
    (home / "link").symlink_to("shared")
    (home / "shared" / ".python-version").write_text("3.12\n")
    acl(home / "shared")
    monkeypatch.setattr(ownership, "user", lambda: os.geteuid() + 1)  # another user has put it there
    for place in (home / "shared", home / "link"):
        assert ownership.planted(f"{place}/.python-version", context(home)), place


def test_an_interpreter_that_is_a_file_is_judged_like_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = environment(home / "p" / ".venv")
    python = prefix / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    assert verdict(prefix, home).allowed
    python.chmod(0o757)
    assert "writable by others" in verdict(prefix, home).reason
    python.chmod(0o755)
    give_away(python, monkeypatch)
    assert not verdict(prefix, home).allowed


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_a_linked_interpreter_may_belong_to_another_account(home: Path) -> None:
    prefix = environment(home / "p" / ".venv")
    shared = home / "shared"
    shared.mkdir()
    python = shared / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    (prefix / "bin" / "python").unlink()
    (prefix / "bin" / "python").symlink_to(python)
    os.chown(python, STRANGER, -1)
    assert verdict(prefix, home).allowed
    python.chmod(0o757)
    assert "writable by others" in verdict(prefix, home).reason


def test_a_linked_interpreter_may_be_its_groups_business(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On clusters and with Homebrew a group maintains what all users use."""
    prefix = environment(home / "p" / ".venv")
    python = home / "python3"
    python.write_text("#!/bin/sh\n")
    (prefix / "bin" / "python").unlink()
    (prefix / "bin" / "python").symlink_to(python)
    accounts(monkeypatch, "maintainers", ["u", "v"], [])
    python.chmod(0o775)
    assert verdict(prefix, home).allowed
    python.chmod(0o777)
    assert verdict(prefix, home).fix == f"chmod o-w {python}"


@pytest.mark.parametrize("mode", [0o664, 0o775])
def test_an_access_control_list_on_the_interpreter_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    prefix = environment(home / "p" / ".venv")
    accounts(monkeypatch, "u", [], [])
    python = prefix / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\n")
    python.chmod(mode)
    assert verdict(prefix, home).allowed  # the user's own private group
    acl(python)
    got = verdict(prefix, home, trust_policy="always", trust_roots=("/",))
    assert got == (
        False,
        f"{python} is writable by others through its access control list",
        f"setfacl -b {python}",
        False,
    )


def test_an_access_control_list_that_comes_later_is_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = environment(home / "p" / ".venv")
    accounts(monkeypatch, "u", [], [])
    (prefix / "bin").chmod(0o775)
    surroundings = context(home)
    assert judge(target(prefix), surroundings).allowed
    assert surroundings.disk.evidence.unchanged()
    acl(prefix / "bin")  # the mode stays as it was
    assert not surroundings.disk.evidence.unchanged()
