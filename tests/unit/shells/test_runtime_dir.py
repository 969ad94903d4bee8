"""Whose directory may hold the mailbox: the four hooks and the daemon keep to one rule."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wend import paths
from wend.daemon.mailbox import Mailbox
from wend.errors import WendError
from wend.shells import SHELLS, hooks

ROOT, USER, STRANGER = 0, 65534, 65533

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user")


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    """Make directories of root, of a user and of a stranger; every user can reach them."""
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        top = Path(scratch)
        top.chmod(0o755)
        for name, owner, mode in (
            ("root", ROOT, 0o755),
            ("with a blank", ROOT, 0o755),
            ("user", USER, 0o700),
            ("user/inner", ROOT, 0o755),
            ("stranger", STRANGER, 0o755),
            ("sticky", STRANGER, 0o1777),
            ("open", ROOT, 0o777),
            ("user-open", USER, 0o777),
        ):
            (top / name).mkdir()
            (top / name).chmod(mode)
            os.chown(top / name, owner, owner)
        (top / "link").symlink_to("root")
        os.symlink(top / "root", top / "user" / "link")
        yield top


# Directory, safe for root, safe for the user. TOP is root's.
CASES = [
    ("TOP/root", True, False),
    ("TOP/root/", True, False),
    ("TOP/with a blank", True, False),
    ("TOP//root/.", True, False),
    ("TOP/user", False, True),
    ("TOP/user/inner", False, False),  # root's, in what is not root's
    ("TOP/user/../root", False, False),
    ("TOP/link", False, False),
    ("TOP/user/link", False, False),
    ("TOP/user/link/.", False, False),
    ("TOP/stranger", False, False),
    ("TOP/sticky", False, False),  # its owner may still rename
    ("TOP/missing", False, False),
    ("/tmp", True, True),
    ("/tmp/", True, True),
    ("/dev/shm", True, True),
]


COMMANDS = {
    "bash": ["--norc", "--noprofile", "-ic"],
    "zsh": ["-f", "-ic"],
    "fish": ["--no-config", "-ic"],
    "pwsh": ["-nologo", "-noprofile", "-c"],
}


def _question(shell: str, mailbox: str, uid: int) -> str:
    """Return code that prints what the hook of SHELL says of the directory that MAILBOX is in."""
    if shell == "pwsh":
        directory = os.path.dirname(mailbox)
        return f"$__wend_uid = {uid}; if (__wend_is_safe '{directory}') {{ 'True' }} else {{ 'False' }}\n"
    safe = "test $__wend_safe_if" if shell == "fish" else "[[ -z $__wend_refused ]]"
    export = "set -gx WEND_RUNTIME_DIR " if shell == "fish" else "export WEND_RUNTIME_DIR="
    return f"{export}{shlex.quote(os.path.dirname(mailbox))}\n__wend_locate; {safe} && echo True || echo False\n"


def _unsafe(mailbox: str, uid: int) -> str:
    """Return what the daemon of the user UID says; the interpreter may be where that user cannot start it."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        os.write(into, os.fsencode(paths.unsafe_runtime_dir(mailbox)))
        os._exit(0)
    os.close(into)
    os.waitpid(pid, 0)
    with open(out, "rb") as file:
        return os.fsdecode(file.read())


@pytest.mark.parametrize("uid", [ROOT, USER])
@pytest.mark.parametrize(("directory", "for_root", "for_user"), CASES)
def test_the_daemon(places: Path, uid: int, directory: str, for_root: bool, for_user: bool) -> None:
    place = directory.replace("TOP", str(places))
    assert (_unsafe(f"{place}/wend-1", uid) == "") is (for_user if uid else for_root)


def test_the_daemon_refuses_before_it_makes_anything(places: Path) -> None:
    for name in ("user", "user/inner", "stranger", "sticky", "link", "missing"):
        with pytest.raises(WendError, match="others can change"):
            Mailbox(f"{places}/{name}/wend-0")
        assert not os.path.lexists(f"{places}/{name}/wend-0")


def test_the_daemon_refuses_a_mailbox_that_another_user_made_first(places: Path) -> None:
    """Private as it should be, below what is safe: nothing is made in it, and its mode and owner stay."""
    box = places / "root" / "wend-0"
    box.mkdir(0o700)
    os.chown(box, STRANGER, STRANGER)
    try:
        with pytest.raises(WendError, match="is not a directory of yours"):
            Mailbox(str(box))
        assert list(box.iterdir()) == []
        assert (box.stat().st_uid, box.stat().st_mode & 0o7777) == (STRANGER, 0o700)
    finally:
        box.rmdir()


def test_what_all_users_can_write_is_not_safe(places: Path) -> None:
    assert _unsafe(f"{places}/open/wend-0", ROOT) == f"{places}/open"
    assert _unsafe(f"{places}/user-open/wend-0", USER) == f"{places}/user-open"


@pytest.mark.parametrize("shell", list(SHELLS))
@pytest.mark.parametrize("uid", [ROOT, USER])
def test_the_hooks(shell: str, uid: int, places: Path, need: Any) -> None:
    need(shell)
    program = shutil.which(shell)
    assert program
    # PowerShell looks whether a directory is there before it asks whose it is.
    asked = [case for case in CASES if "missing" not in case[0] or shell != "pwsh"]
    code = hooks.text(shell, "/nowhere") + "\n"
    code += "".join(_question(shell, f"{case[0].replace('TOP', str(places))}/wend-{uid}", uid) for case in asked)
    done = subprocess.run(
        [program, *COMMANDS[shell], code],
        env={"HOME": str(places / "user"), "WEND_RUNTIME_DIR": "/tmp", "TERM": "dumb", "PATH": os.environ["PATH"]},
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = dict(zip((case[0] for case in asked), done.stdout.split()[-len(asked) :]))
    assert said == {directory: str(for_user if uid else for_root) for directory, for_root, for_user in asked}


@pytest.mark.parametrize("shell", [shell for shell, row in SHELLS.items() if row.scripts])
@pytest.mark.parametrize("uid", [ROOT, USER])
def test_the_file_for_scripts(shell: str, uid: int, places: Path, need: Any) -> None:
    need(shell)
    program = shutil.which(shell)
    assert program
    code = hooks.script_text(shell, "/nowhere") + "\n"
    for directory, _, _ in CASES:
        place = shlex.quote(directory.replace("TOP", str(places)))
        code += f"__wend_is_safe {place} && echo True || echo False\n"
    done = subprocess.run(
        [program, "-c", code],
        env={"HOME": "/", "WEND_RUNTIME_DIR": "/tmp", "PATH": os.environ["PATH"]},
        user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = dict(zip((case[0] for case in CASES), done.stdout.split()))
    assert said == {directory: str(for_user if uid else for_root) for directory, for_root, for_user in CASES}


# Variable, its value, what comes of it for root and for the user: chosen and safe, chosen and refused, or passed over.
SAFE, REFUSED, NEXT = "safe", "refused", "next"
BRANCHES = [
    ("XDG_RUNTIME_DIR", "TOP/user", NEXT, SAFE),  # as `su` and `sudo -E` leave it
    ("XDG_RUNTIME_DIR", "TOP/user/inner", REFUSED, NEXT),
    ("XDG_RUNTIME_DIR", "TOP/root", SAFE, NEXT),
    ("XDG_RUNTIME_DIR", "TOP/link", REFUSED, NEXT),
    ("XDG_RUNTIME_DIR", "TOP/stranger", NEXT, NEXT),
    ("XDG_RUNTIME_DIR", "TOP/missing", NEXT, NEXT),
    ("TMPDIR", "TOP/user", REFUSED, SAFE),
    ("TMPDIR", "TOP/user/inner", REFUSED, REFUSED),
    ("TMPDIR", "TOP/root", SAFE, REFUSED),
    ("TMPDIR", "TOP/link", REFUSED, REFUSED),
    ("TMPDIR", "TOP/stranger", REFUSED, REFUSED),
    ("TMPDIR", "TOP/sticky", REFUSED, REFUSED),
    ("TMPDIR", "/tmp", SAFE, SAFE),
]
_NO_SHM = "/nowhere/shm"  # in the place of /dev/shm, which comes before TMPDIR
_MUST_BE_UNSET = ("WEND_RUNTIME_DIR", "XDG_RUNTIME_DIR", "TMPDIR")


def _expected(places: Path, uid: int) -> list[tuple[str, str]]:
    """Return for each branch the directory of the mailbox, and whether it may be used."""
    said = []
    for _, directory, *of in BRANCHES:
        what = of[bool(uid)]
        place = "/tmp" if what == NEXT else directory.replace("TOP", str(places))
        said.append((f"{place}/wend-{uid}", str(what != REFUSED)))
    return said


def _choice(shell: str, variable: str, directory: str, uid: int) -> str:
    """Return code that prints the mailbox that the hook of SHELL chooses, and whether it may be used."""
    if shell == "pwsh":
        clear = "".join(f"$env:{name} = $null; " for name in _MUST_BE_UNSET)
        known = f"$global:__wend_unix = $true; $global:__wend_absolute = '/*'; $global:__wend_uid = {uid}; "
        return (
            f"{clear}{known}$env:{variable} = '{directory}'; __wend_locate; "
            '[Console]::WriteLine("$__wend_dir $(__wend_is_safe $__wend_runtime)")\n'
        )
    if shell == "fish":
        return (
            f"set -e {' '.join(_MUST_BE_UNSET)}; set -gx {variable} {directory}; __wend_locate\n"
            "test $__wend_safe_if; and echo $__wend_dir True; or echo $__wend_dir False\n"
        )
    return (
        f"unset {' '.join(_MUST_BE_UNSET)}; export {variable}={directory}; __wend_locate\n"
        '[[ -z $__wend_refused ]] && echo "$__wend_dir True" || echo "$__wend_dir False"\n'
    )


@pytest.mark.parametrize("shell", list(SHELLS))
@pytest.mark.parametrize("uid", [ROOT, USER])
def test_what_the_hooks_choose(shell: str, uid: int, places: Path, need: Any) -> None:
    need(shell)
    asked = [(name, directory.replace("TOP", str(places))) for name, directory, *_ in BRANCHES]
    code = hooks.text(shell, "/nowhere").replace("/dev/shm", _NO_SHM) + "\n"
    code += "".join(_choice(shell, name, directory, uid) for name, directory in asked)
    program = shutil.which(shell)
    assert program
    done = subprocess.run(
        [program, *COMMANDS[shell], code],
        env={"HOME": str(places / "user"), "TERM": "dumb", "PATH": os.environ["PATH"]},
        user=uid, group=uid, extra_groups=[], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    words = done.stdout.split()[-2 * len(asked) :]
    assert list(zip(words[::2], words[1::2])) == _expected(places, uid), done.stderr


@pytest.mark.parametrize("shell", [shell for shell, row in SHELLS.items() if row.scripts])
@pytest.mark.parametrize("uid", [ROOT, USER])
def test_what_the_file_for_scripts_chooses(shell: str, uid: int, places: Path, need: Any) -> None:
    """No daemon is there, so it is the directory with the mailbox's name that tells that it would be used."""
    need(shell)
    code = hooks.script_text(shell, "/nowhere").replace("/dev/shm", _NO_SHM) + "\n"
    for name, directory, *_ in BRANCHES:
        place = directory.replace("TOP", str(places))
        code += f'unset {" ".join(_MUST_BE_UNSET)}; export {name}={place}; __wend_locate || :; echo "$__wend_dir"\n'
    done = subprocess.run(
        [shutil.which(shell) or shell, "-c", code],
        env={"HOME": "/", "PATH": os.environ["PATH"]},
        user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    chosen = [box if safe == "True" else os.path.dirname(box) for box, safe in _expected(places, uid)]
    assert done.stdout.split() == chosen, done.stderr


@pytest.mark.parametrize("uid", [ROOT, USER])
def test_what_the_commands_choose(places: Path, uid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # to /dev/shm
    monkeypatch.setattr(paths, "user", lambda: uid)
    said = []
    for name, directory, *_ in BRANCHES:
        box = paths.mailbox_dir({name: directory.replace("TOP", str(places))})
        said.append((box, str(not paths.unsafe_runtime_dir(box))))
    assert said == _expected(places, uid)
