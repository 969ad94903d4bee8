"""The files of one directory in which mise keeps settings, in mise's order. The first that names something decides.

Source: mise 2026.9 (src/config/mod.rs, src/config/miserc.rs), its order observed with a file of each name. Not
followed: variables that replace the names, and a miserc.toml of a directory above.
"""

from __future__ import annotations

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
_MOST_NAMES = 8  # environments of mise's in MISE_ENV


def found(directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Return the names of mise's files in DIRECTORY, relative to it, the first in mise's order first.

    PRESENT are those of TOP that are there.
    """
    return context.disk.once(("mise", directory, *present), lambda: tuple(_found(directory, present, context)))


def _found(directory: str, present: tuple[str, ...], context: Context) -> Iterator[str]:
    names = (*_of_environments(directory, context), *_PLAIN)
    there: set[str] = set(present)
    for inside in _DIRECTORIES:
        wanted = tuple(name for name in names if name.rpartition("/")[0] == inside and name not in TOP)
        if inside == ".config":
            wanted = (*wanted, ".config/mise")
        if not wanted or (inside and inside not in there):
            continue
        below = f"{directory.rstrip('/')}/{inside}".rstrip("/")
        bare = tuple(name.rpartition("/")[2] for name in wanted)
        there.update(f"{inside}/{name}".lstrip("/") for name in context.disk.present(below, bare))
    for name in names:
        if name in there:
            yield from _fragments(directory, name, context) if name.endswith("conf.d") else (name,)


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
    places = (directory, f"{directory.rstrip('/')}/.config", userdirs.config("mise", context))
    for place, name in zip(places, (".miserc.toml", "miserc.toml", "miserc.toml")):
        path = f"{place.rstrip('/')}/{name}"
        listed = owners.tables(path, context, b"env").get("env")
        if isinstance(listed, list):
            return [each for each in listed if isinstance(each, str)]
    return []
