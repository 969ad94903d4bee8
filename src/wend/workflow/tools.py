"""The programs and interpreters of this machine, looked at once, before anything is planned."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from wend.context import Context
from wend.disk import Disk
from wend.kinds import installing
from wend.kinds import interpreters as stores

PROGRAMS = (
    "uv",
    "poetry",
    "pipenv",
    "pdm",
    "hatch",
    "pixi",
    "conda",
    "mamba",
    "micromamba",
    "conda-lock",
    "pyenv",
    "pipx",
    "git",
)
# Where conda's own activation names the program that a shell function hides.
_NAMED = {"conda": "CONDA_EXE", "mamba": "MAMBA_EXE", "micromamba": "MAMBA_EXE"}

_PROGRAM = re.compile(r"python(?:3(?:\.\d{1,3})?t?)?(?:\.exe)?", re.ASCII)
_CONDA = re.compile(r"python-([0-9]+\.[0-9]+\.[0-9]+)-[^-]+\.json")  # in conda-meta
_ASK = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.implementation.name)"
_PATIENCE = 10  # seconds for an interpreter to say its version


class Interpreter(NamedTuple):
    """One Python of this machine, as people are shown it: of a store, of PATH or of conda."""

    version: str  # X.Y.Z, or X.Y where no more is known; empty when only its name is known
    path: str
    source: str  # path, conda, or a store: pyenv, uv, mise, asdf, rye, hatch, pdm, poetry
    name: str = ""  # in its store
    threaded: bool = False  # free-threaded
    implementation: str = "cpython"


class Tools(NamedTuple):
    """What can be run here."""

    programs: Mapping[str, str] = {}  # name -> path
    interpreters: tuple[Interpreter, ...] = ()  # those on PATH first, in its order
    installers: installing.Installers = installing.Installers()  # of interpreters


def find(context: Context, *, interpreters: bool = True) -> Tools:
    """Return the programs, and if INTERPRETERS those too, that a shell with the variables of CONTEXT has."""
    env = context.env
    programs = {}
    for name in PROGRAMS:
        found = shutil.which(name, path=env.get("PATH", ""))
        told = env.get(_NAMED.get(name, ""), "")
        if not found and os.path.basename(told) in (name, f"{name}.exe") and os.access(told, os.X_OK):
            found = told
        if found and os.path.isabs(found):  # never a program of the project's, by `.` in PATH
            programs[name] = found
    if not interpreters:
        return Tools(programs)
    found_here = (*_on_path(env), *_in_stores(context), *_of_conda(context))
    return Tools(programs, found_here, installing.here(context))


def origin(found: Interpreter) -> str:
    """Return where FOUND came from, as documents name it."""
    if found.source != "path":
        return found.source
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(found.path)))
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        return "conda"
    if any(name in f"{prefix}/" for name in ("/Cellar/", "/homebrew/", "/linuxbrew/")):
        return "homebrew"
    return "system" if found.path.startswith(("/usr/bin/", "/bin/")) else "path"


def _on_path(env: Mapping[str, str]) -> Iterator[Interpreter]:
    """Yield the interpreters in the directories of PATH, each once; shims are passed over, as pyenv does."""
    seen = set()
    for directory in dict.fromkeys(env.get("PATH", "").split(os.pathsep)):
        if not os.path.isabs(directory) or os.path.basename(directory.rstrip("/")) == "shims":
            continue
        names = (name for name in Disk().listdir(directory) if _PROGRAM.fullmatch(name))
        for name in sorted(names, key=lambda name: (name != "python3", name)):
            path = os.path.join(directory, name)
            real = os.path.realpath(path)
            if real in seen or not os.path.isfile(real) or not os.access(real, os.X_OK):
                continue
            seen.add(real)
            version, implementation = asked(path)
            if version.startswith("3.") and implementation == "cpython":
                yield Interpreter(version, path, "path", threaded=real.endswith("t"))


def asked(path: str) -> tuple[str, str]:
    """Return the version and the implementation that the interpreter PATH says it is, empty when it does not."""
    try:
        said = subprocess.run(
            [path, "-I", "-S", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
            text=True,
            errors="replace",
        ).stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", ""
    return (said[0], said[1]) if len(said) == 2 else ("", "")


def _in_stores(context: Context) -> Iterator[Interpreter]:
    """Yield the interpreters in the stores of pyenv, uv and others, newest first."""
    found = sorted(stores.in_stores(context), key=lambda each: each.release, reverse=True)
    for each in found:
        version = stores.at(each, context)
        if isinstance(version, stores.Installed) and not version.is_env and not (each.pre_release or each.debug):
            number = ".".join(map(str, each.release)) if len(each.release) > 1 else ""
            yield Interpreter(number, version.python, each.source, each.entry, each.threaded, each.implementation)


def _of_conda(context: Context) -> Iterator[Interpreter]:
    """Yield the interpreters of conda's environments that the user's own list names (~/.conda/environments.txt)."""
    disk = context.disk
    listed = disk.text(os.path.join(context.home, ".conda", "environments.txt")) if context.home else None
    for prefix in dict.fromkeys((listed or "").splitlines()):
        if not os.path.isabs(prefix) or not prefix.isprintable():
            continue
        python = os.path.join(prefix, "python.exe" if context.windows else "bin/python")
        names = disk.listdir(os.path.join(prefix, "conda-meta")) if disk.is_file(python) else []
        version = next((match[1] for match in map(_CONDA.fullmatch, names) if match), "")
        if version:
            yield Interpreter(version, python, "conda", os.path.basename(prefix))


def order(version: str) -> tuple[int, ...]:
    """Return the key by which X.Y.Z versions are ordered; an unknown one comes first."""
    return tuple(int(part) for part in version.split(".")) if version else ()
