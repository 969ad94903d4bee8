"""mise and asdf: an environment that mise's files name, and versions in them and in .tool-versions.

Source: mise 2026.9 (documentation of `_.python.venv`, `mise where python`), asdf (.tool-versions), observed on
project layouts. `misefiles` has the names of the files.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import misefiles, owners, venv
from wend.kinds.base import Kind, Resolved, name_of
from wend.model import RANK_EXPLICIT, RANK_PIN, Marker, Problem, Target
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import visible
from wend.trust import ownership
from wend.typed import TYPE_CHECKING, Any, Iterable, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.kinds import installing, interpreters, miseversions, pins
else:
    fixes = late("wend.fixes")
    installing = late("wend.kinds.installing")
    interpreters = late("wend.kinds.interpreters")
    miseversions = late("wend.kinds.miseversions")
    pins = late("wend.kinds.pins")

_MOST = 16  # versions looked for: a longer list is not a list of Pythons
_MAX_PATH = 4096  # characters, before and after its variables are replaced
_OWN_STORES = ("mise", "asdf")
OVERRIDES = ("MISE_PYTHON_VERSION", "ASDF_PYTHON_VERSION")  # the latter for .tool-versions alone
_NAMED = pattern(r"(?:\{\{\s*env\.|\$\{?)([A-Za-z_][A-Za-z0-9_]*)")  # in a template, or as a shell writes it
_BUILT = pattern(r"(?:ref|tag|branch|rev|sub-[0-9][0-9.]*):[A-Za-z0-9_.+-]+")  # mise's entry has `-` for the colon
_STORED = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


class Mise(Kind):
    """`_.python.venv` in one of mise's files."""

    name = "mise"
    documented = "venv"
    variables = misefiles.VARIABLES
    watched = misefiles.VARIABLES[:1]  # chooses files, also ones that are beside or below a file that is met

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return what mise has at the top of a project."""
        del settings
        return tuple((name, RANK_EXPLICIT) for name in misefiles.TOP)

    def files(self, directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
        """Return mise's files in DIRECTORY, where PRESENT are there."""
        return misefiles.found(directory, present, context)

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return the files that variables choose, where nothing else of mise's is at the top."""
        return _alone(self.name, directory, RANK_EXPLICIT, context)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what chooses the files, in a project, and what the environment's path refers to."""
        if _is_global(marker, context):
            return ()
        return (*self.variables, *_names(_venv(owners.tables(marker.path, context, b"env"))[1:]))

    def watches(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what chooses the files, where pyenv's variable does not need the place."""
        other = owners.beside(marker.dir, ".python-version", context)
        return () if other or _is_global(marker, context) else self.watched

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that the file names; None when it names none."""
        if _is_global(marker, context):
            return None
        unreadable = owners.damaged(marker.path, context)
        if unreadable:
            return unreadable._replace(ends_walk=False)
        key, value = _venv(owners.tables(marker.path, context, b"env"))
        value = _expanded(value, marker, context)
        if not value:
            return None
        said = f"{key} in {name_of(marker)} names {value}"
        place = join(marker.dir, value)
        found = venv.at(place, marker, context, spelled=True, remake=venv.cleared(place))
        if found is None:
            reason = f"there is no virtual environment {visible(place)}"
            return Problem("unavailable", reason, venv.new(place, context), appears=(place,), said=said)
        return found._replace(said=said)


def _alone(kind: str, directory: str, rank: int, context: Context) -> list[Marker]:
    """Return the files that variables choose in DIRECTORY, where nothing of mise's usual ones is."""
    if not misefiles.are_chosen(context) or directory.rstrip("/") == context.home:
        return []
    found = () if context.disk.present(directory, misefiles.TOP) else misefiles.found(directory, (), context)
    return _markers(kind, directory, rank, found, context)


def _markers(kind: str, directory: str, rank: int, names: Iterable[str], context: Context) -> list[Marker]:
    """Return the markers NAMES of DIRECTORY that no other user can have put there."""
    found = (Marker(kind, f"{directory.rstrip('/')}/{name}", directory, rank) for name in names)
    return [each for each in found if not ownership.planted(each.path, context)]


def _is_global(marker: Marker, context: Context) -> bool:
    """Return whether MARKER is mise's configuration of the user, which belongs to no project."""
    name = name_of(marker)
    home = (context.home, context.disk.realpath(context.home) if context.home else "")
    return name.startswith(".config/") and marker.dir.rstrip("/") in home


def _venv(tree: dict[str, Any]) -> tuple[str, str]:
    """Return the key that names an environment in TREE, and the path; empty for nothing.

    The last `_.python.venv`, or the older option of its Python.
    """
    env = tree.get("env")
    for table in reversed(env if isinstance(env, list) else [env]):
        value = toml.table(table, "_", "python").get("venv")
        value = value.get("path") if isinstance(value, dict) else value
        if isinstance(value, str):
            return "env._.python.venv", value
    named = miseversions.tables(tree)
    older = named[0].get("virtualenv") if named and isinstance(named[0], dict) else ""
    return "tools.python.virtualenv", older if isinstance(older, str) else ""


def _names(words: Iterable[Any]) -> list[str]:
    """Return the variables that WORDS refer to; not more than a person would write, because a shell sends them."""
    found = [name for word in words if isinstance(word, str) for name in _NAMED.findall(word)]
    return list(dict.fromkeys(found))[:_MOST]


def _expanded(value: str, marker: Marker, context: Context) -> str:
    """Return VALUE with its variables and the plainest of mise's templates replaced; empty with any other template."""
    if len(value) > _MAX_PATH:
        return ""
    value = misefiles.rendered(value, marker.dir, context)
    if "{{" in value or "{%" in value or "\0" in value:
        return ""
    value = owners.variable_expanded(value, context) or value
    return value if len(value) <= _MAX_PATH else ""


class MiseVersion(Kind):
    """A version of Python in mise.toml or .tool-versions."""

    name = "mise-version"
    documented = "python"
    watched = OVERRIDES[:1]

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables that mise and asdf read."""
        return (*OVERRIDES, *misefiles.VARIABLES, *pins.VARIABLES)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return what mise has at the top of a project, then the file that it shares with asdf."""
        del settings
        return tuple((name, RANK_PIN) for name in (*misefiles.TOP, misefiles.TOOL_VERSIONS))

    def files(self, directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
        """Return mise's files in DIRECTORY, where PRESENT are there, then the one that it shares with asdf."""
        own = tuple(name for name in present if name != misefiles.TOOL_VERSIONS)
        found = misefiles.found(directory, own, context) if own else ()
        return (*found, *misefiles.shared_in(directory, len(own) < len(present), context))

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return the files that variables choose, where nothing else of mise's is at the top."""
        found = _alone(self.name, directory, RANK_PIN, context)
        if found or not misefiles.are_chosen(context) or directory.rstrip("/") == context.home:
            return found
        if context.disk.present(directory, (*misefiles.TOP, misefiles.TOOL_VERSIONS)):
            return []
        return _markers(self.name, directory, RANK_PIN, misefiles.shared_in(directory, False, context), context)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what moves the stores, if the file names a version, and what that refers to."""
        words = _asked_for(marker, context)[:_MOST]
        return (*self.variables, *_names(words)) if words else ()

    def watches(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what overrides the file, if it names a version."""
        return self.watched if _asked_for(marker, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the first interpreter that the file names and that is there; None when it names none."""
        words = _asked_for(marker, context)
        variable = overriding(marker, context) if words else ""
        words = context.env[variable].split() if variable else words
        first: Resolved = None
        for word in words[:_MOST]:
            if not isinstance(word, str):
                # Python does not write down a number of any length, and a table may be as long as its file.
                shown = f" {word}" if isinstance(word, (int, float)) and 0 < word < 1000 else ""
                wrong = "its table has no version, prefix, ref or path" if isinstance(word, dict) else ""
                found: Resolved = Problem("broken", wrong or f"the version{shown} is not text", "")
            else:
                found = _interpreter(word, marker, context, "" if variable else marker.dir)
            if isinstance(found, Target):
                return found._replace(said=pins.said(variable or name_of(marker), word, found.python))
            first = first or found
        if isinstance(first, Problem) and not first.fix:
            first = first._replace(fix=f"unset {variable}" if variable else _rewritten(marker, context))
        if variable and isinstance(first, Problem):
            return first._replace(reason=f"{variable}: {first.reason}")
        return first


def _rewritten(marker: Marker, context: Context) -> str:
    """Return a line that both mise and wend read in the file of MARKER."""
    return pinned(name_of(marker), "3.12", shared=misefiles.is_shared(marker.path, marker.dir, context))


def pinned(file: str, version: str, *, shared: bool) -> str:
    """Return what pins VERSION in mise's FILE; SHARED: asdf reads it, too."""
    if shared:
        return fixes.written(file, f"python {version}")
    return fixes.written(file, f'python = "{version}"', "[tools]")


def overriding(marker: Marker, context: Context) -> str:
    """Return the variable whose versions stand in the place of those in the file of MARKER, empty for none."""
    shared = misefiles.is_shared(marker.path, marker.dir, context)
    names = OVERRIDES if shared else OVERRIDES[:1]
    return next((name for name in names if context.env.get(name, "").strip()), "")


def _interpreter(word: str, marker: Marker, context: Context, root: str) -> Resolved:
    """Return what WORD means to mise and asdf. A path in it counts from ROOT; empty: only an absolute one counts."""
    if "{{" in word:
        word = _expanded(word, marker, context)
        if not word:
            return Problem("broken", "wend does not read the template that stands for its version", "")
    if word == pins.SYSTEM:
        return pins.system(marker, context)
    if word.startswith("path:"):
        path = owners.expanded(word[len("path:") :], context) or ""
        return _at(join(root, path) if root and path and "\0" not in path else path, marker, context)
    word = miseversions.subtracted(word)
    if _BUILT.fullmatch(word):
        entry = word.replace(":", "-", 1)
    else:  # a version is looked for by its numbers: `3.12` is a link to one
        entry = word if pins.parse(word) is None and _STORED.fullmatch(word) else ""
    for source, store in interpreters.stores(context):
        if entry and source in _OWN_STORES and context.disk.is_dir(f"{store}/{entry}"):
            link = (context.disk.readlink(f"{store}/{entry}") or "") if entry.startswith("sub-") else ""
            entry = link[2:] if link.startswith("./") else entry  # as mise makes it for sub-0.1:latest
            found = interpreters.entered(entry, entry, store, context)
            if isinstance(found, interpreters.Installed):
                return pins.target("python", [found], marker, word)
            version = interpreters.parsed(entry, source, store)
            return pins.again(found, version, context, owners=_OWN_STORES) if version else found
    if _BUILT.fullmatch(word):
        fix = installing.named(word, installing.here(context), _OWN_STORES[:1])
        looked = tuple(store for source, store in interpreters.stores(context) if source in _OWN_STORES)
        return Problem("unavailable", f"{visible(word)} is not installed", fix, looked=looked)
    word = word.removeprefix("prefix:")
    return pins.resolve("any" if word == "latest" else word, marker, context, first=_OWN_STORES)


def _at(prefix: str, marker: Marker, context: Context) -> Resolved:
    """Return the interpreter or the environment at PREFIX, which a file of the project spells out."""
    if not os.path.isabs(prefix):
        return Problem("broken", "its path: is not an absolute path", "")
    store, entry = os.path.split(os.path.normpath(prefix))
    made = venv.at(f"{store}/{entry}", marker, context, spelled=True)
    if made is not None:
        return made
    found = interpreters.entered(entry, entry, store, context)
    if isinstance(found, Problem):
        return Problem("unavailable", f"there is no Python at {visible(prefix)}", "")
    return pins.target("python", [found], marker, entry)._replace(store=False, spelled=True)


def _asked_for(marker: Marker, context: Context) -> list[Any]:
    """Return the versions that the file of MARKER names for its project."""
    return [] if _is_global(marker, context) else miseversions.listed(marker, context)
