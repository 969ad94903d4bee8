"""What an environment.yml asks of its environment: the version of Python."""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import constraints, yaml
from wend.kinds import owners
from wend.kinds.projectfiles import RECIPES
from wend.model import Note, Target
from wend.text import quoted, visible


def tree(path: str, text: str, context: Context) -> dict[str, yaml.Value]:
    """Return what the file PATH, which holds TEXT, says; ValueError when it cannot be read."""
    return context.disk.once((path, "environment.yml"), lambda: yaml.mapping(text))


def notes(target: Target, context: Context) -> tuple[Note, ...]:
    """Return that the environment TARGET has another Python than its file, or the one beside it, asks for."""
    name = os.path.basename(target.marker)
    names = [name] if name in RECIPES else owners.present(target.root, RECIPES, context)[:1]
    version = target.python_version
    for name in names if version else ():
        path = f"{target.root.rstrip('/')}/{name}"
        word = next((each for each in _dependencies(path, context) if constraints.conda(each, version) is False), "")
        if word:
            text = f"it has Python {version}, and {name} asks for {visible(word)}"
            return (Note(text, f"wend sync {visible(quoted(target.root))}", about="requires-python"),)
    return ()


def _dependencies(path: str, context: Context) -> list[str]:
    text = context.disk.text(path, yaml.MAX_SIZE) or ""
    try:
        listed = tree(path, text, context).get("dependencies") if "python" in text else None
    except ValueError:
        return []
    return [word for word in listed if isinstance(word, str)] if isinstance(listed, list) else []
