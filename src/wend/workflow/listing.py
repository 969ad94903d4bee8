"""What pyproject.toml lists to be installed: `dependencies` of [project], and the dependency group `dev`.

Sources: PEP 621, PEP 735 (the names of groups are compared as those of distributions are).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from wend import fixes
from wend.errors import WendError
from wend.formats import toml
from wend.formats.versions import canonical
from wend.kinds.projectfiles import PYPROJECT
from wend.text import visible

_GROUPS, _GROUP, _INCLUDE = "dependency-groups", "dev", "include-group"


def strings(value: object) -> list[str]:
    """Return the text in the list VALUE, nothing when it is not a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def dependencies(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the requirements that the file with the content TREE lists, each once."""
    own = strings(toml.table(tree, "project").get("dependencies"))
    return tuple(dict.fromkeys((*own, *_of_groups(tree))))


def check(tree: Mapping[str, Any], directory: str) -> None:
    """Raise WendError where pyproject.toml in DIRECTORY, with the content TREE, has something else than such a list."""
    own = toml.table(tree, "project").get("dependencies")
    if own is not None and not _is_list(own):
        raise _wrong(directory, "dependencies", own, "project")
    for name, listed in _included(tree):
        if listed is None:
            what = f"the dependency group {_GROUP} includes {name}, which is not there"
            raise _told(directory, what, f"{json.dumps(name)} = []", _GROUPS)
        if not _is_list([each for each in listed if not _names(each)] if isinstance(listed, list) else listed):
            raise _wrong(directory, name, listed, _GROUPS)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _names(entry: object) -> str:
    """Return the group that ENTRY of a group includes, empty for none."""
    included = entry.get(_INCLUDE) if isinstance(entry, dict) and len(entry) == 1 else None
    return included if isinstance(included, str) else ""


def _wrong(directory: str, name: str, value: object, table: str) -> WendError:
    good = [value] if isinstance(value, str) else strings(value)
    key = name if name.isidentifier() else json.dumps(name)
    return _told(directory, f"{name} is not a list of requirements", f"{key} = {json.dumps(good)}", table)


def _told(directory: str, what: str, line: str, table: str) -> WendError:
    file = os.path.join(directory, PYPROJECT)
    return WendError(visible(f"{file}: {what}"), fixes.written(file, line, f"[{table}]"))


def _included(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the group `dev` and those that it includes, each once, with what stands there; None for a missing one."""
    groups = _groups(tree)
    waiting: list[str] = [_GROUP] if _GROUP in groups else []
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if canonical(name) not in seen:
            seen.add(canonical(name))
            listed = groups.get(canonical(name))
            yield name, listed
            waiting += filter(None, map(_names, listed if isinstance(listed, list) else ()))


def _of_groups(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield the requirements of these groups, those of an included one in its place."""
    groups = _groups(tree)
    seen: set[str] = set()
    waiting: list[Any] = [{_INCLUDE: _GROUP}]  # the next one last
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, str):
            yield entry
        name = canonical(_names(entry))
        if name and name not in seen:
            seen.add(name)
            listed = groups.get(name)
            waiting += reversed(listed) if isinstance(listed, list) else ()


def _groups(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {canonical(name): listed for name, listed in toml.table(tree, _GROUPS).items()}
