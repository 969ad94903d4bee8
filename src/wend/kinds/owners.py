"""Which tool a directory belongs to, as far as its files say.

A directory that a tool owns is decided by that tool's rule. What owns nothing: a plain `[project]` table, tables
that only a build backend reads, `[tool.poetry]` where uv is the project's tool.

Source: the tools' own behaviour on project layouts (docs/environments.md).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.disk.mounts import NEVER
from wend.formats import toml
from wend.kinds.base import MAX_PROJECT_FILE, Resolved, unread
from wend.kinds.projectfiles import (
    IN_REQUIREMENTS,
    PIXI,
    PYPROJECT,
    RECOGNISED,
    ROOT,
    ROOT_IN_REQUIREMENTS,
    SOURCES,
)
from wend.model import Problem
from wend.system import join
from wend.text import visible
from wend.trust import ownership
from wend.typed import TYPE_CHECKING, Any, Mapping, Optional, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")

_WORKSPACE = frozenset(("workspace", "project"))  # tables of pixi's, by either name
_BUILD_TABLES = {"pdm": frozenset(("build", "version"))}  # of [tool.pdm], read by its build backend alone
_MAX_VARIABLES = 17  # parts of a path between the signs of variables
_MAX_MEMBERS = 64  # directories that a workspace may lie above its member
_MAX_PATTERNS = 500  # of members: each is an expression to compile


def pyproject(directory: str, context: Context, *words: bytes) -> dict[str, Any]:
    """Return DIRECTORY/pyproject.toml; empty when it is absent, not TOML, or holds none of WORDS.

    WORDS spare most files the TOML library: give those without which the answer is empty anyway.
    """
    path = f"{directory.rstrip('/')}/{PYPROJECT}"
    return tables(path, context, *words)


def requires_python(directory: str, context: Context) -> str:
    """Return `requires-python` of the project in DIRECTORY, empty when it says nothing."""
    value = toml.table(pyproject(directory, context, b"requires-python"), "project").get("requires-python")
    return value if isinstance(value, str) else ""


def tables(path: str, context: Context, *words: bytes) -> dict[str, Any]:
    """Return the TOML file PATH; empty when it is absent, not TOML, or holds none of WORDS."""
    data = None if ownership.planted(path, context) else context.disk.read(path, MAX_PROJECT_FILE)
    if data is None or (words and not any(word in data for word in words)):
        return {}
    try:
        return context.disk.parsed(path, toml.parse, MAX_PROJECT_FILE) or {}
    except ValueError:
        return {}


def mentions(path: str, word: bytes, context: Context) -> bool:
    """Return whether the file PATH holds WORD: a quick answer for most files, which are other tools'."""
    return word in (context.disk.read(path, MAX_PROJECT_FILE) or b"")


def damaged(path: str, context: Context, *words: bytes) -> Optional[Problem]:
    """Return the problem of a project whose tool cannot read its file PATH, which holds one of WORDS: it is not TOML.

    None when it is, or holds none of them. Without WORDS the file is its tool's own: then one that cannot be read is
    damaged, too.
    """
    if ownership.planted(path, context):
        return None
    data = context.disk.read(path, MAX_PROJECT_FILE)
    if data is None:
        is_there = not words and context.disk.is_file(path)
        return unread(path, context)._replace(ends_walk=True) if is_there else None
    if words and not any(word in data for word in words):
        return None
    try:
        context.disk.parsed(path, toml.parse, MAX_PROJECT_FILE)
    except ValueError as error:
        name = os.path.basename(path)
        return unreadable(f"{visible(name)} cannot be read: {error}", fixes.corrected(name, str(error)))
    return None


def beside(directory: str, name: str, context: Context) -> bool:
    """Return whether DIRECTORY has a regular file NAME that no other user can have put there."""
    path = f"{directory.rstrip('/')}/{name}"
    return context.disk.is_file(path) and not ownership.planted(path, context)


def present(directory: str, names: tuple[str, ...], context: Context) -> list[str]:
    """Return those of NAMES that DIRECTORY has and that no other user can have put there, in order."""
    found = context.disk.present(directory, names)
    return [name for name in found if not ownership.planted(f"{directory.rstrip('/')}/{name}", context)]


def recognised(directory: str, context: Context) -> tuple[str, str]:
    """Return (what a project in DIRECTORY has and lacks, what to type), empty for no project."""
    sources = tuple(source for source, _ in SOURCES.values())
    found = present(directory, tuple(dict.fromkeys((*RECOGNISED, *sources, "requirements"))), context)
    alone = [name for name in found if name in SOURCES and SOURCES[name][0] not in found]
    rest = [name for name in found if name not in alone]
    if rest[:1] == ["requirements"]:
        inside = present(f"{directory.rstrip('/')}/requirements", IN_REQUIREMENTS, context)
        rest = [f"requirements/{name}" for name in inside]
    if rest:
        return f"{rest[0]} and no environment", "wend create"
    return (f"{alone[0]} and no {SOURCES[alone[0]][0]}", SOURCES[alone[0]][1]) if alone else ("", "")


def is_part(directory: str, context: Context) -> bool:
    """Return whether DIRECTORY is a part of a project above it, and none of its own."""
    found = present(directory, (*ROOT, "requirements"), context)
    if found[-1:] == ["requirements"]:
        found = found[: None if present(f"{directory.rstrip('/')}/requirements", ROOT_IN_REQUIREMENTS, context) else -1]
    return not found or (found == [PYPROJECT] and bool(workspace(directory, context)))


def is_uv(directory: str, context: Context) -> bool:
    """Return whether uv is the tool of the project DIRECTORY: it has a uv.lock, or is a member of a workspace.

    Without a pyproject.toml, uv takes it for no project.
    """
    if not beside(directory, PYPROJECT, context):
        return False
    return beside(directory, "uv.lock", context) or bool(workspace(directory, context))


def workspace(directory: str, context: Context) -> str:
    """Return the root of the uv workspace that DIRECTORY is a member of, empty for none or when it is the root."""
    child = directory.rstrip("/")
    above = os.path.dirname(child)
    for _ in range(_MAX_MEMBERS):
        if above in (os.path.dirname(above), os.path.dirname(context.home or "/")):
            return ""
        if os.path.splitdrive(above)[1] in NEVER or above in context.disk.mounts.automounts:
            return ""
        table = toml.table(pyproject(above, context, b"workspace"), "tool", "uv", "workspace")
        if table:
            path = child[len(above) + 1 :]
            return above if _listed(path, table.get("members")) and not _listed(path, table.get("exclude")) else ""
        above = os.path.dirname(above)
    return ""


def _listed(path: str, patterns: object) -> bool:
    if not isinstance(patterns, list):
        return False
    words, known = path.split("/"), [each for each in patterns[:_MAX_PATTERNS] if isinstance(each, str)]
    return any(matches(words, os.path.normpath(each).split("/")) for each in known)


def matches(words: list[str], pattern: list[str]) -> bool:
    """Return whether the names WORDS of a path fit PATTERN: `*` stays in one name, `**` stands for any number."""
    import fnmatch  # noqa: PLC0415

    ends = {0}  # how many of WORDS the front of PATTERN may stand for
    for part in pattern:
        if part == "**":
            ends = set(range(min(ends, default=len(words) + 1), len(words) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(words) and fnmatch.fnmatchcase(words[end], part)}
    return len(words) in ends


def names_uv(directory: str, context: Context) -> bool:
    """Return whether `[tool.uv]` stands beside `[project]`: uv is the tool, where it is installed and no other owns."""
    tree = pyproject(directory, context, b"tool.uv")
    table = toml.table(tree, "tool", "uv")
    return bool(table) and table.get("managed") is not False and bool(toml.table(tree, "project"))


def is_named(tree: Mapping[str, Any], tool: str) -> bool:
    """Return whether TREE has a table [tool.TOOL], be it empty, that is not its build backend's alone."""
    table = toml.table(tree, "tool").get(tool)
    return isinstance(table, dict) and (not table or bool(set(table) - _BUILD_TABLES.get(tool, frozenset())))


def poetry(directory: str, context: Context) -> bool:
    """Return whether poetry owns DIRECTORY."""
    owned = sign("poetry", directory, context)
    return bool(owned) and beside(directory, PYPROJECT, context) and not is_uv(directory, context)


def pipenv(directory: str, context: Context) -> bool:
    """Return whether pipenv owns DIRECTORY."""
    return bool(sign("pipenv", directory, context))


def pdm(directory: str, context: Context) -> bool:
    """Return whether pdm owns DIRECTORY. Without a pyproject.toml, pdm takes it for no project."""
    owned = sign("pdm", directory, context)
    return bool(owned) and (owned.startswith("[") or beside(directory, PYPROJECT, context))


def hatch(directory: str, context: Context) -> bool:
    """Return whether hatch owns DIRECTORY."""
    return bool(sign("hatch", directory, context))


# By which table of pyproject.toml each tool knows its project, and by which files where there is none.
_SIGNS = {
    "poetry": ("tool.poetry", "poetry.lock"),
    "pipenv": ("", "Pipfile"),
    "pdm": ("tool.pdm", "pdm.lock", ".pdm-python"),
    "hatch": ("tool.hatch.envs", "hatch.toml"),
}


def sign(tool: str, directory: str, context: Context) -> str:
    """Return the first thing in DIRECTORY that is of TOOL, one of _SIGNS: a table or a file; empty for none."""
    table, *files = _SIGNS[tool]
    tree = pyproject(directory, context, table.encode()) if table else {}
    if is_named(tree, tool) if tool != "hatch" else isinstance(toml.table(tree, "tool", "hatch").get("envs"), dict):
        return f"[{table}]"
    return next((name for name in files if beside(directory, name, context)), "")


def explained(found: Resolved, tool: str, by: str, root: str) -> Resolved:
    """Return FOUND, in the project ROOT that TOOL owns by the file or table BY, with that said.

    A `said` of its own goes before the place.
    """
    if isinstance(found, Problem):
        return found._replace(said=f"{tool} owns this project ({by})")
    if found is None:
        return None
    inside = found.prefix.startswith(f"{root}/")
    place = found.prefix[len(root) + 1 :] if inside else found.prefix
    return found._replace(said=f"{tool} owns this project ({by}) and uses {found.said or place}")


def _is_pixi(directory: str, context: Context) -> bool:
    """Return whether pixi is the tool of the project DIRECTORY: a workspace, or a package of the one above it."""
    name = pixi_manifest(directory, context)
    return bool(_pixi_table(directory, context)) if name == PYPROJECT else bool(name)


def pixi(directory: str, context: Context) -> bool:
    """Return whether pixi owns DIRECTORY. One with a package alone belongs to the workspace above it."""
    name = pixi_manifest(directory, context)
    if name == PYPROJECT:
        return bool(_WORKSPACE & set(_pixi_table(directory, context)))
    if not name:
        return False
    tree = tables(f"{directory.rstrip('/')}/{name}", context)
    return bool(_WORKSPACE & set(tree)) or "package" not in tree


def _pixi_table(directory: str, context: Context) -> dict[str, Any]:
    return toml.table(pyproject(directory, context, b"tool.pixi"), "tool", "pixi")


def pixi_manifest(directory: str, context: Context) -> str:
    """Return the name of the one file in DIRECTORY that pixi reads, empty for none."""
    return next((name for name in PIXI if beside(directory, name, context)), "")


# In the order in which they come before each other.
_TOOLS = (
    ("uv", is_uv),
    ("poetry", poetry),
    ("pipenv", pipenv),
    ("pdm", pdm),
    ("hatch", hatch),
    ("pixi", _is_pixi),
)


def tools(directory: str, context: Context) -> tuple[str, ...]:
    """Return the tools of the project DIRECTORY, the first before the others; `names_uv` comes after them."""
    return tuple(name for name, is_tool in _TOOLS if is_tool(directory, context))


def nothing_yet(tool: str, fix: str, looked_for: str, appears: tuple[str, ...] = (), why: str = "") -> Problem:
    """Return the problem of a project of TOOL that has no environment: nothing above may serve it.

    LOOKED_FOR says where; FIX is what makes the environment.
    """
    reason = why or f"{tool} has no environment for this project ({looked_for})"
    return Problem("unavailable", reason, fix, ends_walk=True, appears=appears)


def nothing_at(
    tool: str, fix: str, place: str, context: Context, *, proof: str = "pyvenv.cfg", more: str = ""
) -> Problem:
    """Return the same where the environment would be at PLACE: it is not there, or what is there has no PROOF.

    MORE follows in the sentence.
    """
    there = context.disk.is_dir(place)
    lacking = f"{visible(place)} has no {proof}" if there else f"there is no {visible(place)}"
    return nothing_yet(tool, fix, f"{lacking}{more}", (f"{place}/{proof}" if there else place,))


def in_place(fix: str, place: str, context: Context) -> str:
    """Return FIX, which makes an environment at PLACE by a tool that takes no directory of other things for it."""
    return f"{fixes.aside(place)} && {fix}" if context.disk.is_dir(place) else fix


def unusable(found: Problem, tool: str, fix: str) -> Problem:
    """Return the problem FOUND with the environment of a project of TOOL; FIX is what makes the environment again.

    Nothing above may serve the project either: the tool would change that environment.
    """
    fix = found.fix if found.status == "unavailable" else fix  # in an automount: it may be as good as new
    return found._replace(reason=f"{tool}'s environment: {found.reason}", fix=fix, ends_walk=True, quiet=False)


def unreadable(reason: str, fix: str) -> Problem:
    """Return the problem of a project whose own file its tool cannot read, for REASON."""
    return Problem("broken", reason, fix, ends_walk=True)


def expanded(path: str, context: Context) -> Optional[str]:
    """Return PATH with `~` as the user's home; None where that is unknown."""
    if path == "~" or path.startswith("~/"):
        return context.home + path[1:] if context.home else None
    return path


def variable_expanded(path: str, context: Context) -> Optional[str]:
    """Return PATH with `$NAME`, `${NAME}` and `~` replaced, as os.path.expandvars does; None where unknown."""
    if path.count("$") >= _MAX_VARIABLES:  # the shell is not asked for so many
        return expanded(path, context)
    out, rest = "", path
    while "$" in rest:
        before, _, rest = rest.partition("$")
        name, rest = _name(rest)
        out += before + (context.env.get(name, "$" + name) if name else "$")
    return expanded(out + rest, context)


def variables_in(path: str) -> list[str]:
    """Return the variables that PATH refers to, not more than a person would write: a shell is asked for them."""
    names = (_name(part)[0] for part in path.split("$")[1:_MAX_VARIABLES])
    return [name for name in names if name.isidentifier() and name.isascii()]


def workon_home(context: Context) -> str:
    """Return the absolute path in WORKON_HOME, empty for none. virtualenvwrapper counts from the home."""
    chosen = variable_expanded(context.env.get("WORKON_HOME", ""), context)
    return join(context.home, chosen) if chosen and (context.home or os.path.isabs(chosen)) else ""


def _name(text: str) -> tuple[str, str]:
    if text.startswith("{") and "}" in text:
        name, _, rest = text[1:].partition("}")
        return name, rest
    end = next((at for at, char in enumerate(text) if not (char.isalnum() or char == "_")), len(text))
    return text[:end], text[end:]
