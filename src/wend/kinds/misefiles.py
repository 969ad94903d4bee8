"""The files of one directory in which mise keeps settings, in mise's order. The first that names something decides.

Source: mise 2026.9 (src/config/mod.rs, src/config/miserc.rs, src/env.rs), its order observed with a file of each name.
Not followed: a miserc.toml of a directory above; of the ceiling, what is above it and not beside it; patterns.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import owners, userdirs
from wend.typed import Iterator

# What a project has at its top: files, and directories of files.
TOP = (".mise.local.toml", "mise.local.toml", ".mise.toml", "mise.toml", ".mise", "mise", ".config")
TOOL_VERSIONS = ".tool-versions"

_PLAIN = (
    ".mise.local.toml", "mise.local.toml", "mise/config.local.toml", ".mise/config.local.toml",
    ".config/mise.local.toml", ".config/mise/mise.local.toml", ".config/mise/config.local.toml",
    ".mise.toml", "mise.toml", "mise/config.toml", ".mise/config.toml", ".mise/conf.d",
    ".config/mise.toml", ".config/mise/mise.toml", ".config/mise/config.toml", ".config/mise/conf.d",
)  # fmt: skip
# With MISE_ENV, before those without: for `dev` there is a `.dev` before each of these ends.
_FORMS = (".mise{}", ".mise/config{}", "mise{}", "mise/config{}", ".config/mise{}", ".config/mise/config{}")
_ENDS = (".local.toml", ".toml")
_DIRECTORIES = ("", ".mise", "mise", ".config", ".config/mise")
_MOST = 64  # files of a conf.d
_MOST_NAMES = 8  # environments of mise's in MISE_ENV, names in another variable

_CHOOSING = (
    "MISE_ENV",
    "MISE_DEFAULT_CONFIG_FILENAME",
    "MISE_DEFAULT_TOOL_VERSIONS_FILENAME",
    "MISE_OVERRIDE_CONFIG_FILENAMES",
    "MISE_OVERRIDE_TOOL_VERSIONS_FILENAMES",
)
VARIABLES = (*_CHOOSING, "MISE_CEILING_PATHS", "MISE_IGNORED_CONFIG_PATHS")


def found(directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Return the names of mise's files in DIRECTORY, relative to it, the first in mise's order first.

    PRESENT are those of TOP that are there.
    """
    return context.disk.once(("mise", directory, *present), lambda: tuple(_found(directory, present, context)))


def _found(directory: str, present: tuple[str, ...], context: Context) -> Iterator[str]:
    if (directory.rstrip("/") or "/") in _paths("MISE_CEILING_PATHS", context):
        return
    names = (*_of_environments(directory, context), *_plain(directory, context))
    there = {name for name in present if "/" not in name}
    for inside in dict.fromkeys((*_DIRECTORIES, *(name.rpartition("/")[0] for name in names))):
        wanted = tuple(name for name in names if name.rpartition("/")[0] == inside and name not in TOP)
        if inside == ".config":
            wanted = (*wanted, ".config/mise")
        if not wanted or (inside in _DIRECTORIES[1:] and inside not in there):
            continue
        below = f"{directory.rstrip('/')}/{inside}".rstrip("/")
        bare = tuple(name.rpartition("/")[2] for name in wanted)
        there.update(f"{inside}/{name}".lstrip("/") for name in context.disk.present(below, bare))
    for name in names:
        if name in there:
            files = _fragments(directory, name, context) if name.endswith("conf.d") else (name,)
            yield from (each for each in files if not _is_ignored(f"{directory.rstrip('/')}/{each}", context))


def _plain(directory: str, context: Context) -> tuple[str, ...]:
    """Return the names of files that no environment chooses, the first in mise's order first."""
    replaced = _listed("MISE_OVERRIDE_CONFIG_FILENAMES", directory, context)
    if replaced:
        return tuple(dict.fromkeys(reversed(replaced)))
    own = _names([context.env.get("MISE_DEFAULT_CONFIG_FILENAME", "")])
    at = _PLAIN.index("mise.toml")
    return tuple(dict.fromkeys((*_PLAIN[:at], *own, *_PLAIN[at:])))


def shared(directory: str, context: Context) -> tuple[str, ...]:
    """Return the names of the file that mise shares with asdf, the first in mise's order first."""
    replaced = _listed("MISE_OVERRIDE_TOOL_VERSIONS_FILENAMES", directory, context)
    if replaced:
        return () if replaced == ["none"] else tuple(dict.fromkeys(reversed(replaced)))
    own = _names([context.env.get("MISE_DEFAULT_TOOL_VERSIONS_FILENAME", "")])
    return tuple(dict.fromkeys((*own, TOOL_VERSIONS)))


def shared_in(directory: str, usual: bool, context: Context) -> tuple[str, ...]:
    """Return those names of the shared file that DIRECTORY has; USUAL: it has the usual one."""
    if not (usual or are_chosen(context)):
        return ()
    names = shared(directory, context)
    others = tuple(name for name in names if name != TOOL_VERSIONS)
    there = {name for name in others if context.disk.is_file(f"{directory.rstrip('/')}/{name}")}
    return tuple(name for name in names if name in there or (usual and name == TOOL_VERSIONS))


def is_shared(path: str, directory: str, context: Context) -> bool:
    """Return whether the file PATH, a marker of DIRECTORY, is one that mise shares with asdf."""
    return path[len(directory.rstrip("/")) + 1 :] in shared(directory, context)


def are_chosen(context: Context) -> bool:
    """Return whether variables choose files, so that some may be there where none of the usual ones is."""
    return any(context.env.get(name) for name in _CHOOSING)


def _listed(variable: str, directory: str, context: Context) -> list[str]:
    """Return the names in VARIABLE, or in the miserc.toml that stands for it."""
    said = context.env.get(variable)
    if said is not None:
        return _names(said.split(":"))
    return _names(_of_miserc(variable.removeprefix("MISE_").lower(), directory, context))


def _names(listed: list[str]) -> list[str]:
    """Return those of LISTED that are names of files in a project, not more than a person would write."""
    plain = (name for name in listed if name and "\0" not in name and not set(name) & set("*?[{"))
    inside = (name for name in plain if not name.startswith("/") and not {"", ".", ".."} & set(name.split("/")))
    return list(inside)[:_MOST_NAMES]


def _paths(variable: str, context: Context) -> list[str]:
    """Return the absolute paths in VARIABLE, not more than a person would write."""
    said = context.env.get(variable, "").split(os.pathsep)[:_MOST]
    paths = (owners.expanded(each, context) or "" for each in said)
    return [os.path.normpath(path) for path in paths if os.path.isabs(path)]


def _is_ignored(path: str, context: Context) -> bool:
    places = _paths("MISE_IGNORED_CONFIG_PATHS", context)
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _fragments(directory: str, name: str, context: Context) -> list[str]:
    """Return the files in the conf.d NAME: mise lets the last of them decide."""
    listed = context.disk.listdir(f"{directory.rstrip('/')}/{name}")
    files = [each for each in listed if each.endswith(".toml") and not each.startswith(".")]
    return [f"{name}/{each}" for each in reversed(files[-_MOST:])]


def _of_environments(directory: str, context: Context) -> list[str]:
    """Return the names of files for the environments of mise's that are chosen, the last one first."""
    chosen = [each for each in _environments(directory, context) if each and "/" not in each and "\0" not in each]
    return [form.format(f".{each}{end}") for each in reversed(chosen[:_MOST_NAMES]) for end in _ENDS for form in _FORMS]


def _environments(directory: str, context: Context) -> list[str]:
    said = context.env.get("MISE_ENV")
    if said is not None:
        return said.split(",")
    return _of_miserc("env", directory, context)


def _of_miserc(key: str, directory: str, context: Context) -> list[str]:
    """Return the list KEY of the first miserc.toml that has it, that of DIRECTORY before the user's."""
    places = (directory, f"{directory.rstrip('/')}/.config", userdirs.config("mise", context))
    for place, name in zip(places, (".miserc.toml", "miserc.toml", "miserc.toml")):
        path = f"{place.rstrip('/')}/{name}"
        listed = owners.tables(path, context, key.encode()).get(key)
        if isinstance(listed, list):
            return [each for each in listed if isinstance(each, str)]
    return []
