"""pipenv: an environment in the project, in the user's directory of environments, or where a `.venv` file says.

pipenv reads its own variables also from the project's `.env`. What that says is a project's word, not the user's.

Source: pipenv 2026.10 (pipenv/project.py, pipenv/environments.py, pipenv/utils/environment.py), observed on project
layouts.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved, name_of
from wend.model import RANK_OWNER, Marker, Problem, Target
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import visible
from wend.typed import TYPE_CHECKING, Iterable, NamedTuple, Optional, Union, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.formats import digest, dotenv
else:
    fixes = late("wend.fixes")
    digest = late("wend.formats.digest")
    dotenv = late("wend.formats.dotenv")

_ODD = pattern(r'[ &$`!*@"()\[\]\\\r\n\t]')
_FIX = "pipenv install"
_AGAIN = "pipenv --rm && pipenv install"  # an install alone leaves a broken environment as it is
_DEPTH = 10  # directories in which pipenv looks for a Pipfile, the current one among them
_CUSTOM = "PIPENV_CUSTOM_VENV_NAME"
_STORES = ("WORKON_HOME", "XDG_DATA_HOME")
_WORDS = (b"PIPENV_", *(name.encode() for name in _STORES))  # without one of which a `.env` is not of interest
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Pipenv(Kind):
    """A directory with a Pipfile."""

    name = "pipenv"
    variables = (
        _CUSTOM,
        "PIPENV_DONT_LOAD_ENV",
        "PIPENV_DOTENV_LOCATION",
        "PIPENV_MAX_DEPTH",
        "PIPENV_NO_INHERIT",
        "PIPENV_NO_VENV_IN_PROJECT",
        "PIPENV_PIPFILE",
        "PIPENV_PYTHON",
        "PIPENV_VENV_IN_PROJECT",
    )

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the project's file."""
        del settings
        return (("Pipfile", RANK_OWNER),)

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return the Pipfile of DIRECTORY that PIPENV_PIPFILE names, where it has another name or lies below."""
        named = context.env.get("PIPENV_PIPFILE", "")
        if not named or owners.pipenv(directory, context):
            return
        real = context.disk.realpath(directory).rstrip("/")
        path = join(real, named)
        if (not os.path.isabs(named) or os.path.dirname(path) == real) and context.disk.is_file(path):
            yield Marker(self.name, path.replace(real, directory.rstrip("/"), 1), directory, RANK_OWNER)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `pipenv --venv` names."""
        pipfile = _pipfile(marker, context)
        if not context.disk.is_file(pipfile):
            return None
        said = _of_dotenv(pipfile, context)
        if said.get("PIPENV_PIPFILE"):
            pipfile = join(context.disk.realpath(marker.dir), said["PIPENV_PIPFILE"])
            context.disk.guard(os.path.dirname(pipfile))
            if not context.disk.is_file(pipfile):
                why = f"PIPENV_PIPFILE in .env names {visible(pipfile)}, which is not a file"
                return owners.unreadable(why, fixes.written(".env", f"PIPENV_PIPFILE={name_of(marker)}"))
        unreadable = owners.damaged(pipfile, context, b"venv_in_project")
        if unreadable:
            return unreadable
        root = os.path.dirname(pipfile)
        root = marker.dir.rstrip("/") if root == context.disk.realpath(marker.dir) else root  # as the shell spells it
        place, own, by_file = _place(_Project(root, pipfile, said, context._replace(env={**context.env, **said})))
        found = self._found(place, own, marker, context)
        if by_file and isinstance(found, Target):
            found = found._replace(said=f"{found.prefix}, which the file .venv names")
        return owners.explained(found, self.name, os.path.basename(pipfile), root)

    def _found(self, place: str, own: bool, marker: Marker, context: Context) -> Resolved:
        """Return the environment at PLACE; OWN: that lies in the user's own store."""
        found = venv.at(place, marker, context, kind=self.name, store=own, spelled=not own)
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, _AGAIN)
        if found is None or not context.disk.is_file(f"{place}/{context.bin}/activate"):
            proof = "pyvenv.cfg" if found is None else f"{context.bin}/activate"
            return owners.nothing_at(self.name, _FIX, place, context, proof=proof)
        return found

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the environment of the project, unless its name was chosen: others may have the same."""
        project = _project(directory, context)
        place = f"{_store(project)[0]}/{_name(project)[0]}"
        chosen = bool(project.context.env.get(_CUSTOM)) or "PIPENV_PYTHON" in project.said
        return (place,) if not chosen and context.disk.stat(place) else ()

    def chosen(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the environment whose name the user chose, unless it says that it is another project's."""
        project = _project(directory, context)
        store, own = _store(project)
        place = os.path.normpath(f"{store}/{context.env.get(_CUSTOM, '')}")
        if not own or _CUSTOM in project.said or os.path.dirname(place) != store or not context.disk.stat(place):
            return ()
        told = (context.disk.text(f"{place}/.project") or "").strip()
        return (place,) if not told or context.disk.realpath(told) == project.root else ()


class _Project(NamedTuple):
    root: str
    pipfile: str  # a real path
    said: dict[str, str]  # by `.env`
    context: Context  # whose variables are those of the shell, and what `.env` makes of them


def _project(directory: str, context: Context) -> _Project:
    root = context.disk.realpath(directory).rstrip("/")
    said = _of_dotenv(f"{root}/Pipfile", context)
    return _Project(root, f"{root}/Pipfile", said, context._replace(env={**context.env, **said}))


def _place(project: _Project) -> tuple[str, bool, bool]:
    """Return where the environment of PROJECT is, whether that is in the user's own store, and if a file says it."""
    context, inside = project.context, f"{project.root}/.venv"
    store, own = _store(project)
    name, plain = _name(project)
    stored = f"{store}/{name}", own and plain, False
    if owners.beside(project.root, ".venv", context):
        text = (venv.pointer(inside, context) or "").strip()
        if not text:
            return stored
        parts = [part for part in text.split("/") if part not in ("", ".")]
        if text.endswith("/") or len(parts) > 1 or os.path.isabs(text) or parts == [".."]:
            return join(project.root, text), False, True
        return f"{store}/{parts[0] if parts else text}", own, True
    wanted = _in_project(project)
    if wanted is None and context.disk.is_dir(inside):
        # A word that is neither yes nor no still speaks for the project's own.
        wanted = bool(_said("VENV_IN_PROJECT", context)) or context.disk.stat(stored[0]) is None
    return (inside, False, False) if wanted else stored


def _in_project(project: _Project) -> Optional[bool]:
    """Return whether the user or the Pipfile says that the environment is in the project; None: neither does."""
    wanted = _said("VENV_IN_PROJECT", project.context)
    if isinstance(wanted, bool):
        return wanted
    section = toml.table(owners.tables(project.pipfile, project.context, b"venv_in_project"), "pipenv")
    value = section.get("venv_in_project")
    return None if value is None else bool(value)  # text is true, whatever it says


def _pipfile(marker: Marker, context: Context) -> str:
    """Return the Pipfile that pipenv uses where MARKER is seen, empty for none. pipenv works from getcwd()."""
    named = context.env.get("PIPENV_PIPFILE", "")
    if named:
        return join(context.disk.realpath(marker.dir), named)
    depth = context.env.get("PIPENV_MAX_DEPTH", "")
    most = int(depth) if depth.isascii() and depth.isdigit() else _DEPTH
    most = 1 if _said("NO_INHERIT", context) else most
    return f"{context.disk.realpath(marker.dir).rstrip('/')}/Pipfile" if marker.above < most else ""


def _of_dotenv(pipfile: str, context: Context) -> dict[str, str]:
    """Return what the `.env` of the project with PIPFILE sets of what is looked at here."""
    if _said("DONT_LOAD_ENV", context):
        return {}
    root = os.path.dirname(pipfile)
    path = join(root, context.env.get("PIPENV_DOTENV_LOCATION", "") or ".env")
    data = context.disk.read(path) or b""
    if not any(word in data for word in _WORDS):
        return {}
    return dotenv.values(data.decode("utf-8", "surrogateescape"), (*Pipenv.variables, *_STORES), context.env)


def _said(name: str, context: Context) -> Union[bool, str, None]:
    """Return what the variable PIPENV_NAME says, or the opposite of what PIPENV_NO_NAME says; None: neither is set."""
    for variable, yes in ((f"PIPENV_{name}", True), (f"PIPENV_NO_{name}", False)):
        value = context.env.get(variable)
        if value is not None:
            word = value.lower()
            return yes if word in _TRUE else not yes if word in _FALSE else value
    return None


def _store(project: _Project) -> tuple[str, bool]:
    """Return pipenv's directory of environments for PROJECT, and whether it is the user's own."""
    env, context = project.context.env, project.context
    chosen = owners.variable_expanded(env.get("WORKON_HOME", ""), context)
    place = chosen or f"{owners.expanded(env.get('XDG_DATA_HOME') or '~/.local/share', context) or ''}/virtualenvs"
    own = os.path.isabs(place) and not any(name in project.said for name in _STORES)
    place = join(project.root, place)
    if not own:
        context.disk.guard(place)
    return place, own


def _name(project: _Project) -> tuple[str, bool]:
    """Return the name of the environment of PROJECT, and whether a file of the project's could not have chosen it."""
    custom = project.context.env.get(_CUSTOM, "")
    if custom:
        return custom, _CUSTOM not in project.said or ("/" not in custom and custom not in (".", ".."))
    base = _ODD.sub("_", os.path.basename(os.path.dirname(project.pipfile)))[:42]
    hashed = digest.short(digest.sha256(os.fsencode(project.pipfile))[:6], 8)
    python = project.context.env.get("PIPENV_PYTHON", "")
    suffix = f"-{os.path.basename(python) if os.path.isabs(python) else python}" if python else ""
    return f"{base}-{hashed}{suffix}", "/" not in suffix
