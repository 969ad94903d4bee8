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
