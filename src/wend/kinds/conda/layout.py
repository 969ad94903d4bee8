"""Where an environment of conda's keeps its programs: `conda/activate.py` of conda 26.7 (`_get_path_dirs`)."""

from __future__ import annotations

from wend.system import WINDOWS, native

_ON_WINDOWS = ("", "/Library/mingw-w64/bin", "/Library/usr/bin", "/Library/bin", "/Scripts", "/bin")


def programs(prefix: str) -> tuple[str, ...]:
    """Return the entries that the environment PREFIX has in PATH, in their order."""
    return tuple(native(f"{prefix}{below}") for below in (_ON_WINDOWS if WINDOWS else ("/bin",)))


def python(prefix: str) -> str:
    """Return where the environment PREFIX has its interpreter, if it has one."""
    return f"{prefix}/python.exe" if WINDOWS else f"{prefix}/bin/python"


def conda(root: str) -> str:
    """Return where conda itself, installed at ROOT, has its program."""
    return f"{root}/Scripts/conda.exe" if WINDOWS else f"{root}/bin/conda"
