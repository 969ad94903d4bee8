"""Keep the environment out of git: add it to .gitignore where git does not ignore it yet."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress

from wend.disk import Disk
from wend.system import OWN
from wend.workflow.freezing import Checkout

_PATIENCE = 10  # seconds
_MAX_DEPTH = 64
# Nothing that the repository's own configuration names is run.
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")


def ignore(prefix: str, git: str, env: Mapping[str, str]) -> str:
    """Have git ignore the environment PREFIX; return the .gitignore that was changed, empty for none.

    GIT is its program, empty when there is none: then the files .gitignore are read for the plain line.
    """
    disk = Disk()
    directory, name = os.path.split(prefix)
    top = _work_tree(directory, disk)
    if not top or not os.path.isdir(prefix):
        return ""
    chain = _between(directory, top)
    if _ignored(prefix, name, chain, git, env):
        return ""
    file = next((path for path in chain if disk.lstat(path) is not None), chain[-1])
    return file if _append(file, f"{name}/") else ""


def is_ignored(prefix: str, git: str, env: Mapping[str, str]) -> bool:
    """Tell whether git leaves the environment PREFIX out; true where there is no work tree."""
    directory, name = os.path.split(prefix)
    top = _work_tree(directory, Disk())
    return not top or _ignored(prefix, name, _between(directory, top), git, env)


def _work_tree(directory: str, disk: Disk) -> str:
    for _ in range(_MAX_DEPTH):
        if disk.lstat(os.path.join(directory, ".git")) is not None:
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return ""


def _between(directory: str, top: str) -> list[str]:
    """Return the .gitignore of DIRECTORY and of each above it up to TOP."""
    found = [os.path.join(directory, ".gitignore")]
    while directory != top:
        directory = os.path.dirname(directory)
        found.append(os.path.join(directory, ".gitignore"))
    return found


def _ignored(prefix: str, name: str, chain: list[str], git: str, env: Mapping[str, str]) -> bool:
    # A file inside: what uv and newer venv put into the environment ignores that, not the directory's name.
    inside = next((file for file in ("pyvenv.cfg", "conda-meta/history") if os.path.exists(f"{prefix}/{file}")), "x")
    if git:
        status = _run((git, *_SAFE, "check-ignore", "--quiet", "--", f"{name}/{inside}"), os.path.dirname(prefix), env)
        if status[0] in (0, 1):
            return status[0] == 0
    disk = Disk()
    plain = {name, f"{name}/", f"/{name}", f"/{name}/", f"**/{name}", f"**/{name}/"}
    if "*" in (disk.text(os.path.join(prefix, ".gitignore")) or "").split():
        return True
    return any(plain & set((disk.text(path) or "").split()) for path in chain)


def _append(file: str, line: str) -> bool:
    """Append LINE to the regular file FILE, made if absent. No link is followed: git does not read it either."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | OWN
    with suppress(OSError):  # read-only, a link, a directory: the environment is still made
        fd = os.open(file, flags, 0o666)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return False
            os.lseek(fd, max(0, status.st_size - 1), os.SEEK_SET)
            end = b"" if os.read(fd, 1) in (b"", b"\n") else b"\n"
            os.write(fd, end + os.fsencode(line) + b"\n")
            return True
        finally:
            os.close(fd)
    return False


def _run(words: tuple[str, ...], directory: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Return the status and the output of git; -1 when it cannot be run."""
    try:
        done = subprocess.run(
            words,
            cwd=directory,
            env={**env, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return -1, ""
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape").strip()


def checkout(path: str, git: str, env: Mapping[str, str]) -> Checkout | None:
    """Return the git work tree that the directory PATH lies in, with its first remote; None for none."""
    top = _work_tree(path, Disk())
    if not top or not git:
        return None
    status, commit = _run((git, *_SAFE, "rev-parse", "HEAD"), path, env)
    if status != 0 or not commit.isalnum():
        return None
    _, listed = _run((git, *_SAFE, "config", "--get-regexp", r"^remote\..*\.url$"), path, env)
    rows = [line.split(" ", 1) for line in listed.splitlines() if " " in line]
    remote = next((url for key, url in rows if key == "remote.origin.url"), rows[0][1] if rows else "")
    # As in pip: the directory with setup.py or pyproject.toml counts, if it is not the top.
    below = os.path.relpath(path, top)
    return Checkout(
        remote.strip() if remote.isprintable() and " " not in remote else "", commit, "" if below == "." else below
    )
