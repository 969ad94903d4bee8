"""The files of one directory in which mise keeps settings, in mise's order. The first that names something decides.

Source: mise 2026.9 (src/config/mod.rs, src/config/miserc.rs, src/env.rs), its order observed with a file of each name.
Not followed: names in a conf.d that choose an environment; a miserc.toml where nothing else of mise's is.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import owners
from wend.patterns import pattern
from wend.system import WINDOWS, join
from wend.typed import TYPE_CHECKING, Any, Iterator, late

if TYPE_CHECKING:
    from wend.kinds import interpreters, userdirs
else:
    interpreters = late("wend.kinds.interpreters")
    userdirs = late("wend.kinds.userdirs")

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
_SYSTEM = ("MISE_SYSTEM_CONFIG_DIR", "MISE_SYSTEM_DIR")  # name a directory, the first before the second
VARIABLES = (
    *_CHOOSING, "MISE_AUTO_ENV", "MISE_CEILING_PATHS", "MISE_CONFIG_DIR", "MISE_IGNORED_CONFIG_PATHS", *_SYSTEM,
)  # fmt: skip

_GLOB = "*?[{"
_MOST_PATTERNS = 16  # those with braces stand for several
_LONGEST = 200  # characters of a pattern: what it takes to compare one grows with its parts
_YES, _NO = ("1", "y", "yes", "true", "on"), ("0", "n", "no", "false", "off")
_MACHINES = {"x86_64": "x64", "aarch64": "arm64"}  # as mise calls them
_ROOT = pattern(r"\{\{\s*config_root\s*\}\}")
_VARIABLE = pattern(r"\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def found(directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Return the names of mise's files in DIRECTORY, relative to it, the first in mise's order first.

    PRESENT are those of TOP that are there.
    """
    return context.disk.once(("mise", directory, *present), lambda: tuple(_found(directory, present, context)))


def _found(directory: str, present: tuple[str, ...], context: Context) -> Iterator[str]:
    if _is_cut_off(directory, context):
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
            yield from (each for each in files if not _is_ignored(each, directory, context))


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
    if not (usual or are_chosen(context)) or _is_cut_off(directory, context):
        return ()
    names = shared(directory, context)
    base = directory.rstrip("/")
    others = tuple(name for name in names if name != TOOL_VERSIONS)
    there = {name for name in others if context.disk.is_file(f"{base}/{name}")} | ({TOOL_VERSIONS} if usual else set())
    return tuple(name for name in names if name in there and not _is_ignored(name, directory, context))


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
    return _names(_of_miserc(_key(variable), directory, context)[1])


def _names(listed: list[str]) -> list[str]:
    """Return those of LISTED that are names of files in a project, not more than a person would write."""
    plain = (name for name in listed if name and "\0" not in name and not set(name) & set(_GLOB))
    inside = (name for name in plain if not name.startswith("/") and not {"", ".", ".."} & set(name.split("/")))
    return list(inside)[:_MOST_NAMES]


def _is_cut_off(directory: str, context: Context) -> bool:
    """Return whether mise stops below DIRECTORY, or at it, on its way up from the directory that is asked about."""
    ceilings = [place for place in _paths("MISE_CEILING_PATHS", directory, context) if ".." not in place.split("/")]
    if not ceilings:
        return False
    here, real = (context.disk.realpath(each or directory).rstrip("/") for each in (context.cwd, directory))
    nearest = max((f"{place}/" for place in ceilings if f"{here}/".startswith(f"{place}/")), key=len, default="")
    return nearest.startswith(f"{real}/")


def _is_ignored(name: str, directory: str, context: Context) -> bool:
    """Return whether mise ignores the file NAME of DIRECTORY: by a path, also of what it is in, or by a pattern.

    A pattern is of the file, or of DIRECTORY; `*` stays in one name.
    """
    root = directory.rstrip("/")
    path = f"{root}/{name}"
    patterns: list[str] = []
    for place in _paths("MISE_IGNORED_CONFIG_PATHS", os.path.dirname(path), context):
        if set(place) & set(_GLOB):
            patterns += _without_braces(place) if len(place) <= _LONGEST else []
        elif f"{path}/".startswith(f"{os.path.normpath(place)}/"):
            return True
    split = [os.path.normpath(pattern).split("/") for pattern in patterns[:_MOST_PATTERNS]]
    return any(owners.matches(each.split("/"), pattern) for each in (path, root) for pattern in split)


def _without_braces(pattern: str) -> list[str]:
    """Return the patterns that PATTERN, with `{a,b}` in it, stands for."""
    done: list[str] = []
    left = [pattern]
    while left and len(done) + len(left) <= _MOST_PATTERNS:
        before, brace, rest = left.pop().partition("{")
        inside, closed, after = rest.partition("}")
        if brace and closed:
            left += [f"{before}{each}{after}" for each in inside.split(",")]
        else:
            done.append(before + brace + rest)
    return done


def _paths(variable: str, directory: str, context: Context) -> list[str]:
    """Return the paths in VARIABLE, or in the miserc.toml that stands for it; not more than a person would write.

    Absolute ones, without a slash at the end. A ceiling is compared as it is written: a relative one is none.
    """
    if context.missing((variable,)):
        return []  # a file that is there counts until the shell has been asked
    said, root = context.env.get(variable), context.cwd
    listed = (said or "").split(os.pathsep)
    if said is None:
        root, listed = _of_miserc(_key(variable), directory, context)
    paths = [owners.expanded(each, context) or "" for each in listed[:_MOST] if each and "\0" not in each]
    if variable == "MISE_IGNORED_CONFIG_PATHS":
        paths = [join(root, path) for path in paths if path]
    return [path.rstrip("/") for path in paths if os.path.isabs(path)]


def _fragments(directory: str, name: str, context: Context) -> list[str]:
    """Return the files in the conf.d NAME: mise lets the last of them decide."""
    listed = context.disk.listdir(f"{directory.rstrip('/')}/{name}")
    files = [each for each in listed if each.endswith(".toml") and not each.startswith(".")]
    return [f"{name}/{each}" for each in reversed(files[-_MOST:])]


def _of_environments(directory: str, context: Context) -> list[str]:
    """Return the names of files for the environments of mise's that are chosen, the last one first."""
    chosen = [each for each in _environments(directory, context) if each and "/" not in each and "\0" not in each]
    return [form.format(f".{each}{end}") for each in reversed(chosen) for end in _ENDS for form in _FORMS]


def _environments(directory: str, context: Context) -> list[str]:
    """Return the environments of mise's that are chosen, the last one first in precedence."""
    said = context.env.get("MISE_ENV")
    chosen = said.split(",") if said is not None else _of_miserc("env", directory, context)[1]
    return [*(each for each in _platform(directory, context) if each not in chosen), *chosen[:_MOST_NAMES]]


def _platform(directory: str, context: Context) -> tuple[str, ...]:
    """Return the environments that this system stands for, where the setting `auto_env` chooses them."""
    said = context.env.get("MISE_AUTO_ENV", "").lower()
    tables = (table for _, table in _misercs(directory, context))
    is_wanted = said in _YES or (
        said not in _NO and next((each["auto_env"] for each in tables if "auto_env" in each), None) is True
    )
    if not is_wanted:
        return ()
    system, machine = interpreters.this_machine()
    return (*(() if WINDOWS else ("unix",)), system, f"{system}-{_MACHINES.get(machine, machine)}")


def _key(variable: str) -> str:
    """Return what a miserc.toml has for VARIABLE."""
    return variable.removeprefix("MISE_").lower()


def _of_miserc(key: str, directory: str, context: Context) -> tuple[str, list[str]]:
    """Return the list KEY of the first miserc.toml that has it, with the directory of that file."""
    for root, table in _misercs(directory, context):
        listed = table.get(key)
        if isinstance(listed, list):
            return root, [rendered(each, root, context) for each in listed if isinstance(each, str)]
    return "", []


def _misercs(directory: str, context: Context) -> list[tuple[str, dict[str, Any]]]:
    """Return each miserc.toml with its directory, the one that decides first before the others.

    mise looks for them upwards from the directory that is asked about; without one, from DIRECTORY.
    """
    start = context.disk.realpath(context.cwd or directory)
    return context.disk.once(("miserc", start), lambda: list(_read_misercs(start, context)))


def _read_misercs(start: str, context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    files: list[str] = []
    for place, at_home in context.upwards(start):
        there = context.disk.present(place, (".miserc.toml", ".config"))
        files += [f"{place}/.miserc.toml"] if ".miserc.toml" in there else []
        files += [f"{place}/.config/miserc.toml"] if ".config" in there and not at_home else []
    system = next((place for place in map(context.env.get, _SYSTEM) if place), "/etc/mise")
    files += [f"{place}/miserc.toml" for place in (_config(context), join(start, system)) if place]
    for path in files:
        table = owners.tables(path, context)
        if table:
            yield os.path.dirname(path), table


def _config(context: Context) -> str:
    """Return mise's directory of the user's settings; on macOS, too, it is not in ~/Library."""
    chosen = [context.env.get(name, "") for name in ("MISE_CONFIG_DIR", "XDG_CONFIG_HOME")]
    if os.path.isabs(chosen[0]):
        return chosen[0].rstrip("/")
    base = chosen[1].rstrip("/") if os.path.isabs(chosen[1]) else context.home and f"{context.home}/.config"
    return base and f"{base}/mise"


def rendered(value: str, root: str, context: Context) -> str:
    """Return VALUE with the plainest of mise's templates replaced; ROOT is the directory of the file it stands in."""
    value = _ROOT.sub(lambda _: root.rstrip("/"), value)
    return _VARIABLE.sub(lambda found: context.env.get(found[1], found[0]), value)
