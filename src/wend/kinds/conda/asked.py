"""What an environment.yml asks of its environment: the version of Python.

Source: conda 26.7 (conda/models/match_spec.py).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import matchspec, yaml
from wend.kinds import owners
from wend.kinds.projectfiles import RECIPES
from wend.model import Note, Target
from wend.patterns import pattern
from wend.text import quoted, visible
from wend.typed import Optional

_MAX = 200  # characters
_PYTHON = pattern(r"(?:[\w./-]+::)?python\s*([=<>!~].*)")


def tree(path: str, text: str, context: Context) -> dict[str, yaml.Value]:
    """Return what the file PATH, which holds TEXT, says; ValueError when it cannot be read."""
    return context.disk.once((path, "environment.yml"), lambda: yaml.mapping(text))


def notes(target: Target, context: Context) -> tuple[Note, ...]:
    """Return that the environment TARGET has another Python than its file, or the one beside it, asks for."""
    version = target.python_version
    name = source(target, context) if version else ""
    path = f"{target.root.rstrip('/')}/{name}"
    words = _dependencies(path, context) if name else []
    word = next((each for each in words if fits(each, version) is False), "")
    if not word:
        return ()
    text = f"it has Python {version}, and {name} asks for {visible(word)}"
    return (Note(text, f"wend sync {visible(quoted(target.root))}", about="requires-python"),)


def source(target: Target, context: Context) -> str:
    """Return the name of the file that says what is in the environment TARGET, empty for none."""
    name = os.path.basename(target.marker)
    return name if name in RECIPES else next(iter(owners.present(target.root, RECIPES, context)), "")


def fits(text: str, version: Optional[str]) -> Optional[bool]:
    """Return whether VERSION is what TEXT, a dependency, asks for; None if TEXT is not of Python or not understood."""
    named = _PYTHON.fullmatch(text.strip()) if len(text) <= _MAX else None
    if not named or not version:
        return None
    return matchspec.fits(version, named[1])


def _dependencies(path: str, context: Context) -> list[str]:
    text = context.disk.text(path, yaml.MAX_SIZE) or ""
    try:
        listed = tree(path, text, context).get("dependencies") if "python" in text else None
    except ValueError:
        return []
    return [word for word in listed if isinstance(word, str)] if isinstance(listed, list) else []
