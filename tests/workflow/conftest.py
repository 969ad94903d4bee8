"""Projects, the real tools on PATH, and two versions of a small package on disk, so that nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Callable

import pytest

from tests.conftest import absent
from tests.tools.install import TOOLS, install
from tests.unit.cli.conftest import Cli, cli  # noqa: F401  a fixture

_BASE = "/usr/bin:/bin"
_RECORDER = """#!/bin/sh
# Stands in for conda: writes down its words, and makes the prefix that it is asked for.
printf '%s\\n' "$0 $*" >>"$RECORD"
[ "$1 $2" = "env export" ] && {{ printf '%s' "$EXPORT"; exit 0; }}
while [ $# -gt 0 ]; do
  case $1 in --prefix) prefix=$2 ;; --name) prefix=$HOME/miniconda3/envs/$2 ;; esac
  shift
done
[ -n "$FAIL" ] && {{ mkdir -p "$prefix/bin"; echo 'the solver gave up' >&2; exit 1; }}
[ -n "$SLOW" ] && {{ mkdir -p "$prefix/bin"; echo $$ >"$SLOW"; exec sleep 120; }}
mkdir -p "$prefix/conda-meta" "$prefix/bin"
ln -sf {python} "$prefix/bin/python"
echo "# cmd: conda create --prefix $(cd "$prefix" && pwd)" >"$prefix/conda-meta/history"
echo '{{}}' >"$prefix/conda-meta/zlib-1.3.1-h1.json"
"""


def wheel(directory: Path, name: str, version: str) -> Path:
    """Make a wheel without anything in it but its name."""
    info = f"{name}-{version}.dist-info"
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture(scope="session")
def problems() -> dict[str, str]:
    """Install the tools; return {tool: why it is missing}."""
    return install()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a directory with the wheels tiny 1.0 and 2.0 and other 1.0."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    for name, version in (("tiny", "1.0"), ("tiny", "2.0"), ("other", "1.0")):
        wheel(directory, name, version)
    return directory


@pytest.fixture
def use(cli: Cli, wheels: Path, tmp_path: Path, problems: dict[str, str]) -> Callable[..., None]:  # noqa: F811
    """Return a function that puts the named tools, and this Python, on the PATH of `cli`, and nothing else."""
    programs = tmp_path / "programs"
    programs.mkdir()
    base = os.path.realpath(sys.executable)
    (programs / "python3").symlink_to(base)
    (programs / "python").symlink_to(base)
    git = shutil.which("git")
    if git:
        (programs / "git").symlink_to(git)
    for name in ("sh", "mkdir", "ln", "cat", "sleep"):
        found = shutil.which(name, path=_BASE)
        assert found
        (programs / name).symlink_to(found)
    cli.env["PATH"] = str(programs)
    config = tmp_path / "uv.toml"
    config.write_text(f'no-index = true\nfind-links = ["{wheels}"]\n')
    cli.env.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels), UV_CONFIG_FILE=str(config))
    cli.env.update(UV_PYTHON_DOWNLOADS="never", UV_CACHE_DIR=str(tmp_path / "uv-cache"), PDM_CHECK_UPDATE="0")

    def choose(*tools: str) -> None:
        for tool in tools:
            absent({tool: problems[tool]} if tool in problems else {})
            (programs / tool).symlink_to(os.path.join(TOOLS, tool, "bin", tool))

    return choose


@pytest.fixture
def conda(use: Callable[..., None], cli: Cli, tmp_path: Path) -> Callable[[], list[str]]:  # noqa: F811
    """Put a recorder in conda's place; return a function that returns the commands it was given."""
    record = tmp_path / "record"
    record.touch()
    root = cli.home / "miniconda3"
    (root / "conda-meta").mkdir(parents=True)
    (root / "envs").mkdir()
    program = tmp_path / "programs" / "conda"
    program.write_text(_RECORDER.format(python=os.path.realpath(sys.executable)))
    program.chmod(0o755)
    cli.env.update(RECORD=str(record), FAIL="", SLOW="", EXPORT="", _CONDA_ROOT=str(root))
    return lambda: _lines(record)


def _lines(record: Path) -> list[str]:
    return [
        " ".join([os.path.basename(line.split(" ")[0]), *line.split(" ")[1:]])
        for line in record.read_text().splitlines()
    ]


def git(directory: Path, *words: str) -> str:
    """Run git in DIRECTORY without a user's configuration."""
    identity = ("-c", "user.name=n", "-c", "user.email=e@e.e", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *words], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()
