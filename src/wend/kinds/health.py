"""What the user should know of a usable virtual environment: old, or not what the project asks for."""

from __future__ import annotations

import os
import shlex

from wend.context import Context
from wend.kinds import owners, pins
from wend.model import Note, Target
from wend.text import visible
from wend.trust import origin
from wend.typed import Iterator, Optional

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")


def notes(target: Target, context: Context, *, made_here: bool) -> tuple[Note, ...]:
    """Return what the user should know of the usable environment TARGET; MADE_HERE: all its files name this place."""
    return tuple(_notes(target, context, made_here=made_here))


def _notes(target: Target, context: Context, *, made_here: bool) -> Iterator[Note]:
    remake = f"wend create --force {visible(shlex.quote(target.root))}"
    base = _base(target, context)
    if target.python_version and base and not target.python_version.startswith(f"{base}."):
        text = f"it was made for Python {target.python_version}, and its interpreter is now {base}"
        yield Note(text, remake, about="interpreter")
    place = "" if made_here else origin.elsewhere(target, context)
    if place:
        yield Note(f"it was moved: its scripts still name {place}", remake, about="moved")
    wanted = pins.requires_python(target.root, context)
    if wanted and not pins.fits(target.python_version, wanted):
        text = f"it has Python {target.python_version}, and the project requires {visible(wanted)}"
        yield Note(text, remake, about="requires-python")
    pin = _pin(target, context)
    if pin and target.python_version and not pins.satisfied(pin[1], target.python_version):
        text = f"it has Python {target.python_version}, and .python-version asks for {visible(pin[0])}"
        yield Note(text, remake, about="pin")
    lock = _newer_lock(target, context)
    if lock:
        yield Note(f"{lock} is newer than it", "wend sync", told=False, about="older")


def _base(target: Target, context: Context) -> str:
    """Return the version that the interpreter's real name says, `3.12`, empty where it says none."""
    name = os.path.basename(context.disk.realpath(target.python))
    version = name.removeprefix("python")
    parts = version.split(".")
    return version if name != version and len(parts) == 2 and all(part.isdigit() for part in parts) else ""


def _pin(target: Target, context: Context) -> Optional[tuple[str, pins.Wanted]]:
    file = f"{target.root.rstrip('/')}/.python-version"
    text = context.disk.text(file) if owners.beside(target.root, ".python-version", context) else None
    word = next((line.strip() for line in (text or "").split("\n") if line.strip() and line[0] != "#"), "")
    wanted = pins.parse(word) if word else None
    return (word, wanted) if wanted else None


def _newer_lock(target: Target, context: Context) -> str:
    config = context.disk.stat(f"{target.prefix}/pyvenv.cfg")
    if config is None:
        return ""
    root = target.root.rstrip("/")
    for name in owners.present(root, _LOCKS, context):
        lock = context.disk.stat(f"{root}/{name}")
        packages = _packages(target, context)
        if lock and lock.st_mtime_ns > max(config.st_mtime_ns, packages):
            return name
    return ""


def _packages(target: Target, context: Context) -> int:
    """Return when something was last installed into TARGET, nanoseconds; 0 when that cannot be told."""
    minor = ".".join((target.python_version or "").split(".")[:2])
    status = context.disk.stat(f"{target.prefix}/lib/python{minor}/site-packages") if minor else None
    return status.st_mtime_ns if status else 0
