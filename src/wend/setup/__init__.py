"""The shells wired up: hooks and launcher in the data directory, one marked block in each start-up file.

First a list of changes is computed from what lies on the disk, then they are made: so a dry run tells the
truth, and doing it twice changes nothing. A start-up file keeps its mode, owner and place behind a link;
removal gives back every byte that was there, and takes away what was made for the block alone.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple, Optional

from wend import paths
from wend.errors import WendError
from wend.shells import SHELLS, hooks, renderer

BEGIN, END = "# >>> wend >>>", "# <<< wend <<<"
# In the block stands what removal must know.
_NEWLINE = "The line above had no end."
_MADE = "This file was made for it"
_REMARK = re.compile(rf"^# ((?:{_NEWLINE}|{_MADE}).*)$".encode(), re.M)
_BLOCK = re.compile(
    rb"^" + re.escape(BEGIN.encode()) + rb"\r?\n(.*?)^" + re.escape(END.encode()) + rb"\r?(?:\n|\Z)",
    re.M | re.S,
)
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Change(NamedTuple):
    """One file as it is to become."""

    what: str  # for people: written, wired, removed, ...
    path: str
    data: Optional[bytes]  # None: no such file
    mode: int = 0o644  # of a new file
    parents: int = 0  # directories above it that are to go, when empty


# -- what is to be done ------------------------------------------------------------------------------------


def plan(env: Mapping[str, str], shells: tuple[str, ...] = (), *, rc: bool = True) -> list[Change]:
    """Return the changes that wire up SHELLS (empty: those on PATH); without RC only the installed files.

    WendError when there is no home, or a start-up file is not one that a line can be added to.
    """
    data = _data_dir(env)
    launcher = os.path.join(data, "bin", "wend")
    changes = [Change("written", launcher, _launcher(), 0o755)]
    for shell in shells or found(env):
        hook = os.path.join(data, "hooks", SHELLS[shell].hook)
        changes.append(Change("written", hook, hooks.text(shell, launcher).encode("utf-8", "surrogateescape")))
        if rc:
            for path in rc_files(shell, env):
                before = _read(path)
                changes.append(Change("wired", path, wired(before, source_line(shell, hook), _missing(path))))
    return [change for change in changes if _differs(change)]


def removal(env: Mapping[str, str], shells: tuple[str, ...] = (), *, rc: bool = True) -> list[Change]:
    """Return the changes that take back what `plan` did, for SHELLS or for all."""
    data = _data_dir(env)
    changes = []
    for shell in shells or tuple(SHELLS):
        if rc:
            for path in rc_files(shell, env, everywhere=True):
                before = _read(path)
                after, parents = unwired(before) if before is not None else (None, 0)
                changes.append(Change("unwired", path, after, parents=parents))
        changes.append(Change("removed", os.path.join(data, "hooks", SHELLS[shell].hook), None))
    if not shells:
        changes.append(Change("removed", os.path.join(data, "bin", "wend"), None))
    return [change for change in changes if _differs(change)]


def found(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the shells that are on PATH."""
    return tuple(shell for shell in SHELLS if shutil.which(shell, path=env.get("PATH")))


def rc_files(shell: str, env: Mapping[str, str], *, everywhere: bool = False) -> list[str]:
    """Return the start-up files of SHELL that get a block; EVERYWHERE: all that may have got one."""
    home = _home(env)
    config = env.get("XDG_CONFIG_HOME", "")
    config = config if os.path.isabs(config) else os.path.join(home, ".config")
    if shell == "bash":
        return [os.path.join(home, ".bashrc"), *_login_files(home, everywhere)]
    if shell == "zsh":
        zdotdir = env.get("ZDOTDIR", "")
        return [os.path.join(zdotdir if os.path.isabs(zdotdir) else home, ".zshrc")]
    if shell == "fish":
        return [os.path.join(config, "fish", "conf.d", "wend.fish")]
    if sys.platform == "win32":
        return [
            os.path.join(paths.documents_dir(), name, "profile.ps1") for name in ("PowerShell", "WindowsPowerShell")
        ]
    return [os.path.join(config, "powershell", "profile.ps1")]


def _login_files(home: str, everywhere: bool) -> list[str]:
    """Return the file that a login bash reads (the first of three), unless that one reads .bashrc."""
    files = [os.path.join(home, name) for name in (".bash_profile", ".bash_login", ".profile")]
    if everywhere:
        return files
    for path in files:
        if os.path.exists(path):
            text = _BLOCK.sub(b"", _read(path) or b"")
            reads = re.search(rb"^[^#\n]*bashrc", text, re.M)
            return [] if reads else [path]
    return files[:1] if sys.platform == "darwin" else []  # its Terminal opens login shells


# -- the texts ---------------------------------------------------------------------------------------------


def program(env: Mapping[str, str]) -> str:
    """Return the program by which a hook starts wend: the installed launcher, else the one that runs now."""
    data = paths.data_dir(env)
    launcher = os.path.join(data, "bin", "wend")
    if data and _read(launcher) == _launcher():
        return launcher
    beside = os.path.join(os.path.dirname(sys.executable), "wend")
    for path in (shutil.which(sys.argv[0]), beside, shutil.which("wend", path=env.get("PATH"))):
        if path and os.path.basename(path) == "wend" and os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise WendError("there is no wend to start the daemon with", "wend setup")


def _launcher() -> bytes:
    """Return the script that starts wend isolated from modules in the current directory and on PYTHONPATH."""
    main = os.path.join(_PACKAGE, "__main__.py")
    words = [sys.executable, "-I", "-X", "utf8", main]
    return f'#!/bin/sh\nexec {" ".join(map(shlex.quote, words))} "$@"\n'.encode("utf-8", "surrogateescape")


def source_line(shell: str, hook: str) -> str:
    """Return the line that reads the installed HOOK, without a process; quiet when it is gone."""
    word = renderer(shell).quote(hook)
    if shell == "fish":
        return f"if status is-interactive; and test -r {word}; source {word}; end"
    if shell == "pwsh":
        return f"if (Test-Path -LiteralPath {word} -PathType Leaf) {{ . {word} }}"
    if shell == "bash":  # .profile is read by sh too, which knows no $'...'
        word = shlex.quote(hook)
        return f'if [ -n "${{BASH_VERSION-}}" ] && [ -r {word} ]; then . {word}; fi'
    return f"if [ -r {word} ]; then . {word}; fi"


def wired(before: Optional[bytes], line: str, parents: int) -> bytes:
    """Return the file BEFORE (None: there is none, nor PARENTS directories above it) with the block in it."""
    old = _BLOCK.search(before) if before else None
    if old:
        assert before is not None
        remark = _REMARK.search(old.group(1))
        block = _block(line, remark.group(1).decode() if remark else "")
        return before[: old.start()] + block + before[old.end() :]
    if before is None:
        return _block(line, f"{_MADE}, with {parents} directories.")
    if before and not before.endswith(b"\n"):
        return before + b"\n" + _block(line, _NEWLINE)
    return before + _block(line, "")


def _block(line: str, remark: str) -> bytes:
    lines = [BEGIN, "# Added by `wend setup`; `wend setup --remove` takes it out."]
    lines += [f"# {remark}"] if remark else []
    return "".join(f"{item}\n" for item in (*lines, line, END)).encode("utf-8", "surrogateescape")


def unwired(data: bytes) -> tuple[Optional[bytes], int]:
    """Return DATA as before the block (None: no such file), and how many directories were made for it."""
    parents = 0
    made = False
    while found_block := _BLOCK.search(data):
        before, inside, after = data[: found_block.start()], found_block.group(1), data[found_block.end() :]
        if _NEWLINE.encode() in inside and not after and before.endswith(b"\n"):
            before = before[:-1]
        if _MADE.encode() in inside:
            made = True
            number = re.search(rb"with (\d) directories", inside)
            parents = int(number.group(1)) if number else 0
        data = before + after
    return (None, parents) if made and not data else (data, 0)


# -- doing it ----------------------------------------------------------------------------------------------


def make(change: Change) -> None:
    """Bring the file to what CHANGE says. WendError when the disk refuses."""
    try:
        if change.data is None:
            os.unlink(os.path.realpath(change.path))
            _remove_empty(change.path, change.parents)
        else:
            write(change.path, change.data, change.mode)
    except OSError as error:
        raise WendError(f"{change.path}: {error.strerror}", "make it writable, or add the line by hand") from error


def write(path: str, data: bytes, mode: int = 0o644) -> None:
    """Replace the content of PATH in one step, through links; a new file gets MODE, an old one keeps its own.

    OSError when it cannot be done.
    """
    real = os.path.realpath(path)
    os.makedirs(os.path.dirname(real), exist_ok=True)
    try:
        fd, fresh = tempfile.mkstemp(prefix=".wend-", dir=os.path.dirname(real))
    except PermissionError:  # a file of ours in a directory of somebody else's
        with open(real, "wb") as file:
            file.write(data)
        return
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(real):
            before = os.stat(real)
            if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(fresh, before.st_uid, before.st_gid)
            shutil.copystat(real, fresh)
            os.utime(fresh)
        else:
            os.chmod(fresh, mode)
        os.replace(fresh, real)
    except BaseException:
        os.unlink(fresh)
        raise


def sweep(env: Mapping[str, str]) -> None:
    """Remove what is empty after a removal, and the mailbox if no daemon holds it."""
    data = _data_dir(env)
    for name in ("hooks", "bin", ""):
        with suppress(OSError):
            os.rmdir(os.path.join(data, name))
    mailbox = paths.mailbox_dir(env)
    if os.path.isdir(mailbox) and not os.path.islink(mailbox) and os.stat(mailbox).st_uid == os.geteuid():
        shutil.rmtree(mailbox, ignore_errors=True)


def _remove_empty(path: str, levels: int) -> None:
    for _ in range(levels):
        path = os.path.dirname(path)
        try:
            os.rmdir(path)
        except OSError:
            return


def _missing(path: str) -> int:
    """Return how many of the directories above PATH are not there."""
    count = 0
    while not os.path.isdir(path := os.path.dirname(path)) and os.path.dirname(path) != path:
        count += 1
    return count


def _read(path: str) -> Optional[bytes]:
    """Return the content of PATH, None when there is none. WendError when it is no file to be edited."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise WendError(f"{path} is no regular file", "move it away")
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WendError(f"{path}: {error.strerror}", "make it readable") from error
    if b"\0" in data:  # UTF-16, as Windows PowerShell writes it
        raise WendError(f"{path} is not UTF-8 text", "save it as UTF-8")
    if data.count(BEGIN.encode()) != len(_BLOCK.findall(data)):
        raise WendError(f"{path}: a block of wend's begins and does not end", f"remove the line {BEGIN}")
    return data


def _differs(change: Change) -> bool:
    before = _read(change.path)
    if before is None or change.data is None:
        return before is not change.data
    wants_x = change.mode == 0o755 and not os.access(change.path, os.X_OK)
    return before != change.data or wants_x


def _home(env: Mapping[str, str]) -> str:
    home = env.get("HOME", "") or (os.path.expanduser("~") if sys.platform == "win32" else "")
    if not os.path.isabs(home) or not os.path.isdir(home):
        raise WendError("HOME is not set to a directory", "set HOME")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and os.stat(home).st_uid != 0:
        raise WendError(f"{home} is not root's", "run this as its owner, without sudo")
    return home


def _data_dir(env: Mapping[str, str]) -> str:
    _home(env)
    return paths.data_dir(env)
