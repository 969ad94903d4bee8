"""Projects, environments and repositories for the tests of the gate."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any, Optional

from wend.context import Context
from wend.detect import levels
from wend.disk import Disk
from wend.model import Marker, Target
from wend.settings import Settings
from wend.trust import Verdict, judge


def context(home: Path, **settings: Any) -> Context:
    return Context(Disk(), {"HOME": str(home)}, Settings(**settings))


def markers_seen(cwd: str, surroundings: Context) -> list[Marker]:
    return [marker for level in levels(cwd, surroundings) for marker in level.all(surroundings)]


def target(prefix: Path, root: Optional[Path] = None, **more: Any) -> Target:
    root = prefix.parent if root is None else root
    python = str(prefix / "bin" / "python")
    more.setdefault("path", (str(prefix / "bin"),))
    return Target("venv", prefix.name, str(prefix), str(root), str(prefix), python, "3.12.1", **more)


def verdict(prefix: Path, home: Path, **settings: Any) -> Verdict:
    return judge(target(prefix), context(home, **settings))


def environment(prefix: Path, says: Optional[str] = None) -> Path:
    """Make what counts of a virtual environment at PREFIX, which SAYS that it was made there or elsewhere."""
    place = str(prefix) if says is None else says
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").symlink_to("/usr/bin/python3")
    (prefix / "bin" / "ls").write_text("#!/bin/sh\n")
    write(prefix / "pyvenv.cfg", f"home = /usr/bin\ncommand = /usr/bin/python3 -m venv {place}\n")
    write(prefix / "bin" / "activate", f"# comment\nexport VIRTUAL_ENV={shlex.quote(place)}\n")
    return prefix


def write(path: Path, text: str) -> None:
    path.write_bytes(os.fsencode(text))


def git(at: Path, *arguments: str) -> str:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(at),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    command = ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=at, env=env, check=True, capture_output=True, text=True).stdout


def repository(at: Path, *options: str) -> Path:
    at.mkdir(parents=True, exist_ok=True)
    git(at, "init", *options)
    (at / "README").write_text("text\n")
    git(at, "add", "README")
    git(at, "commit", "-m", "first")
    return at
