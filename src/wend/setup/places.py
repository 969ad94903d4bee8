"""Where a shell's start-up files are. A shell that may decide this itself is asked during `wend setup`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Optional

from wend import fixes, paths
from wend.errors import WendError
from wend.setup import startup_files
from wend.shells import SHELLS
from wend.shells.base import Place, Shell
from wend.system import MACOS, WINDOWS, user, users

_PATIENCE = 5.0  # seconds for a shell to say where it looks


def home(env: Mapping[str, str]) -> str:
    """Return the home directory; WendError when there is none, or it is not the user's who runs this."""
    found = env.get("HOME", "") or (os.path.expanduser("~") if WINDOWS else "")
    if not os.path.isabs(found) or not os.path.isdir(found):
        raise WendError("HOME is not set to a directory", fixes.home())
    if not WINDOWS and user() == 0 and os.stat(found).st_uid != 0:
        raise WendError(f"{found} is not root's", f"sudo -u {users.user_name(os.stat(found).st_uid)} wend setup")
    return found


def data_dir(env: Mapping[str, str]) -> str:
    """Return the directory of what is installed; WendError as for `home`."""
    home(env)
    return paths.data_dir(env)


def found(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the shells that are on PATH."""
    return tuple(shell for shell in SHELLS if shutil.which(shell, path=env.get("PATH")))


def files(shell: str, env: Mapping[str, str], *, everywhere: bool = False) -> list[str]:
    """Return the start-up files of SHELL that get a block; EVERYWHERE: all that may have got one."""
    row = SHELLS[shell]
    paths_ = [path for each in environments(shell, env, everywhere=everywhere) for path in row.startup_files(each)]
    paths_ += _login_files(row, {**env, "HOME": home(env)}, everywhere)
    return list(dict.fromkeys(paths_))


def environments(shell: str, env: Mapping[str, str], *, everywhere: bool = False) -> list[dict[str, str]]:
    """Return ENV as SHELL's own start-up makes it, where that decides which files it reads.

    What ENV says may hold in a new terminal too, or only below the shell whose start-up file exported it. Where
    the user has a start-up file without it, that one counts too. EVERYWHERE: all that may ever have been.
    """
    row = SHELLS[shell]
    env = {**env, "HOME": home(env)}
    if row.place is None:
        return [env]
    bare = {name: value for name, value in env.items() if name != row.place.variable}
    found_ = [_asked(row, row.place, env)]
    if len(bare) < len(env):
        fresh = _asked(row, row.place, bare)
        if everywhere or _is_set_up(row, fresh):
            found_.append(fresh)
    return [*found_, env, bare] if everywhere else found_


def content(path: str) -> Optional[bytes]:
    """Return what is in PATH, None when there is no such file. WendError when it cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise WendError(f"{path} is not a regular file", fixes.aside(path))
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WendError(f"{path}: {error.strerror}", fixes.made_readable(path)) from error


def read(path: str) -> Optional[bytes]:
    """Return the text in PATH, None when there is no such file. WendError when it is not one that can be edited."""
    data = content(path)
    if data is None:
        return None
    if b"\0" in data:  # UTF-16, as Windows PowerShell writes it
        raise WendError(f"{path} is not UTF-8 text", _as_utf8(path))
    if startup_files.damaged(data):
        raise WendError(f"{path}: a block of wend's begins and does not end", fixes.removed(path, startup_files.BEGIN))
    return data


def _as_utf8(path: str) -> str:
    """Return what rewrites PATH, which is UTF-16."""
    new = fixes.word(f"{path}.new")
    return f"iconv -f UTF-16 -t UTF-8 {fixes.word(path)} > {new} && mv {new} {fixes.word(path)}"


def _is_set_up(row: Shell, env: Mapping[str, str]) -> bool:
    """Return whether ROW has a start-up file of the user's where ENV puts it, or a script in a directory of these."""
    ours, ending = row.startup_files(env), os.path.splitext(row.hook)[1]
    for place in row.own_places(env):
        try:
            found = [os.path.join(place, name) for name in os.listdir(place) if name.endswith(ending)]
        except NotADirectoryError:
            return True
        except OSError:
            continue
        if set(found).difference(ours):
            return True
    return False


def _asked(row: Shell, place: Place, env: dict[str, str]) -> dict[str, str]:
    """Return ENV with the value that ROW itself gives to the variable of PLACE; as it is where it does not say."""
    program = shutil.which(row.name, path=env.get("PATH")) if place.question else None
    answer = _run([program, *place.question], env) if program else None
    return env if answer is None else {**env, place.variable: answer}


def compiled(row: Shell, text: str, env: Mapping[str, str]) -> Optional[bytes]:
    """Return what ROW makes of its hook's TEXT to load it faster; None where it cannot, or is not here."""
    program = shutil.which(row.name, path=env.get("PATH")) if row.compile else None
    if program is None or row.compile is None:
        return None
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, row.hook)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        done = _run([program, *row.compile, directory, row.hook], env)
        return content(path + row.compiled) if done is not None else None


def _run(command: list[str], env: Mapping[str, str]) -> Optional[str]:
    """Return what stands between two NULs in what COMMAND prints; None when it fails or takes too long.

    It prints into a file: what its start-up file leaves in the background may keep a pipe open.
    """
    with tempfile.TemporaryFile() as out:
        try:
            process = subprocess.Popen(
                command,
                env=env,
                cwd=env["HOME"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return None
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
            process.wait()
            return None
        out.seek(0)
        answer = re.search(rb"\0([^\0]*)\0\Z", out.read(1 << 20))
        return os.fsdecode(answer.group(1)) if answer else None


def _login_files(row: Shell, env: Mapping[str, str], everywhere: bool) -> list[str]:
    """Return the file that a login shell reads (the first that exists), unless that one reads the other."""
    candidates = row.login_files(env)
    if everywhere or not candidates:
        return list(candidates)
    name = re.escape(os.path.basename(row.own_file(env)).encode())
    for path in candidates:
        if os.path.exists(path):
            text = startup_files.without_blocks(read(path) or b"")
            reads = re.search(rb"^[^#\n]*(?<!/etc/bash)" + name, text, re.M)
            return [] if reads else [path]
    return list(candidates[:1]) if MACOS else []  # its Terminal opens login shells
