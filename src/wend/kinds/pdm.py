"""pdm: the interpreter that the project remembers, an environment in the project, or one in pdm's own directory.

Its environment may be one of conda's, as its setting `venv.backend` makes them: then it is activated as conda does.

Source: pdm 2.29 (pdm/project/core.py, pdm/models/venv.py, pdm/cli/commands/venv), observed on project layouts.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved, asleep, sleeping
from wend.kinds.projectfiles import PYPROJECT
from wend.model import RANK_EXPLICIT, RANK_OWNER, Marker, Problem, Target
from wend.settings import Settings
from wend.system import join
from wend.text import visible
from wend.typed import TYPE_CHECKING, Any, Iterable, Iterator, Optional, late

if TYPE_CHECKING:
    from wend.formats import digest
    from wend.kinds import interpreters, pins, userdirs, usersettings
    from wend.kinds.conda import environment, installation
else:
    digest = late("wend.formats.digest")
    interpreters = late("wend.kinds.interpreters")
    pins = late("wend.kinds.pins")
    userdirs = late("wend.kinds.userdirs")
    usersettings = late("wend.kinds.usersettings")
    environment = late("wend.kinds.conda.environment")
    installation = late("wend.kinds.conda.installation")

_FIX = "pdm install"
_IN_PROJECT = (".venv", "venv", "env")
_MAX_PATH = 4096
_FALSE = ("", "false", "no", "0")
PACKAGES = (  # what is wrong with `has_packages`, and what to type
    "pdm keeps this project's packages in __pypackages__, and not in an environment",
    "pdm venv create && pdm use --venv in-project",
)


class Pdm(Kind):
    """A pyproject.toml with `[tool.pdm]`, or with a pdm.lock or a .pdm-python beside it."""

    name = "pdm"
    variables = ("PDM_CONFIG_FILE", "PDM_IGNORE_SAVED_PYTHON", "PDM_PYTHON", "PDM_USE_VENV")

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the file that remembers an interpreter, and the project's file."""
        del settings
        return ((".pdm-python", RANK_EXPLICIT), (PYPROJECT, RANK_OWNER))

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return the project's file once more where PDM_PYTHON stands in the place of a file that remembers."""
        if context.env.get("PDM_PYTHON") and not _explicit_file(directory, context) and owners.pdm(directory, context):
            yield Marker(self.name, f"{directory.rstrip('/')}/{PYPROJECT}", directory, RANK_EXPLICIT)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what pdm reads, if it owns the directory, and what conda does, if the environment may be conda's."""
        if not owners.pdm(marker.dir, context):
            return ()
        root = marker.dir.rstrip("/")
        python = _told(root, context)
        prefixes = (interpreters.above(python, context), *(f"{root}/{name}" for name in _IN_PROJECT))
        another = any(environment.is_one(prefix, context) for prefix in prefixes if os.path.isabs(prefix))
        more = (*installation.VARIABLES, *environment.more_names(context)) if another else ()
        return (*self.variables, *more)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment whose interpreter `pdm info --python` names."""
        unreadable = owners.damaged(f"{marker.dir.rstrip('/')}/{PYPROJECT}", context, b"tool.pdm")
        if unreadable:
            return unreadable if marker.rank == RANK_OWNER else None
        if not owners.pdm(marker.dir, context) or not uses_environments(marker.dir, context):
            return None
        root = marker.dir.rstrip("/")
        name = os.path.basename(marker.path)
        by = owners.sign(self.name, root, context) if name == PYPROJECT else name
        return owners.explained(self._used(root, marker, context), self.name, by, root)

    def _used(self, root: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment of the project ROOT, by the file that remembers one or by the project's own."""
        explicit = marker.rank == RANK_EXPLICIT
        wanted = owners.requires_python(root, context)
        saved = self._saved(root, wanted, context)
        if saved:
            found = self._at_interpreter(saved, marker, context)
            if found is not None:
                return found if explicit else None  # reported once
        told = _told(root, context)
        name = context.disk.sleeping(told)
        if name:
            return owners.unusable(sleeping(told, name), self.name, _FIX) if explicit else None
        if explicit:
            return None
        if has_packages(root, context):
            others = None if saved else self._found(root, wanted, marker, context)
            nothing = owners.nothing_yet(self.name, PACKAGES[1], "", (f"{root}/.venv",), PACKAGES[0])
            return others if isinstance(others, Target) else nothing._replace(quiet=True)
        if saved:  # pdm uses it as it is
            source = "PDM_PYTHON" if context.env.get("PDM_PYTHON") else ".pdm-python"
            why = f"{source} names {visible(saved)}, which is not in an environment"
            return owners.nothing_yet(self.name, "pdm use", "", (f"{root}/.venv",), why)
        return self._found(root, wanted, marker, context)

    @staticmethod
    def _saved(root: str, wanted: str, context: Context) -> str:
        """Return the interpreter that pdm was told to use, if it exists and fits what is WANTED; else empty."""
        word = _told(root, context)
        if not word or not context.disk.is_file(word):
            return ""
        config = venv.read_config(interpreters.above(word, context), context)
        version = venv.version(config) if config is not None else interpreters.minor_at(word, context)
        return word if pins.fits(version, wanted) else ""

    def _at_interpreter(self, word: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment of the interpreter WORD, None when that is in none."""
        prefix = interpreters.above(word, context)
        inside = prefix.startswith(marker.dir.rstrip("/") + "/")
        stored = (os.path.dirname(prefix), True) == _location(marker.dir, context)
        found = venv.at(prefix, marker, context, kind=self.name, store=stored and not inside)
        if found is None:
            found = environment.at(prefix, marker, context, store=stored and not inside)
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, _FIX)
        if found is None:
            return None
        source = "PDM_PYTHON" if context.env.get("PDM_PYTHON") else ".pdm-python"
        return found._replace(spelled=True, said=f"{prefix}, whose interpreter {source} names")

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the environments of the project, one for each Python."""
        location, base = _location(directory, context)[0], _central_name(directory, context)
        return tuple(f"{location}/{name}" for name in context.disk.listdir(location) if name.startswith(base))

    def _found(self, root: str, wanted: str, marker: Marker, context: Context) -> Resolved:
        """Return the first environment that fits what is WANTED, as pdm looks for one."""
        location, own = _location(root, context)
        base = _central_name(root, context)
        places = [f"{root}/{name}" for name in _IN_PROJECT if context.disk.is_dir(f"{root}/{name}")]
        inside = [place for place in places if _is_environment(place, context)][:1]  # pdm looks no further
        stored = sorted(self.stored(root, context), key=_minor, reverse=True)  # pdm takes them as the disk lists them
        broken: Optional[Problem] = None
        for prefix in (*inside, *stored):
            kept = own and prefix not in inside
            found = venv.at(
                prefix, marker, context, kind=self.name, store=kept, spelled=not own and prefix not in inside
            )
            found = environment.at(prefix, marker, context, store=kept) if found is None else found
            if isinstance(found, Target) and pins.fits(found.python_version, wanted):
                return found
            broken = broken or (found if isinstance(found, Problem) else None)
        useless = (None if own else asleep(location, context)) or broken
        if useless:
            return owners.unusable(useless, self.name, _FIX)
        looked = f"neither {root}/.venv nor {location}/{base}* fits"
        return owners.nothing_yet(self.name, _FIX, looked, (f"{root}/.venv", f"{root}/.pdm-python"))


def has_packages(directory: str, context: Context) -> bool:
    """Return whether pdm keeps the packages of its project DIRECTORY in it, where there is no environment (PEP 582)."""
    return context.disk.is_dir(f"{directory.rstrip('/')}/__pypackages__")


def uses_environments(root: str, context: Context) -> bool:
    """Return whether pdm uses environments at all: its setting `python.use_venv` is not off."""
    listed = (context.env.get("PDM_USE_VENV"), *(value for _, value in _settings(root, "python", "use_venv", context)))
    said: Any = next((value for value in listed if value is not None), True)
    return said.lower() not in _FALSE if isinstance(said, str) else bool(said)


def _settings(root: str, section: str, key: str, context: Context) -> Iterator[tuple[bool, Any]]:
    """Yield what pdm.toml of the project, then the user's config.toml says, and whether it is the user's."""
    for file, own in ((f"{root.rstrip('/')}/pdm.toml", False), (usersettings.of_pdm(context), True)):
        tree = owners.tables(file, context, key.encode())
        value = toml.table(tree, section).get(key)
        yield own, tree.get(f"{section}.{key}") if value is None else value


def _is_environment(prefix: str, context: Context) -> bool:
    return venv.read_config(prefix, context) is not None or environment.is_one(prefix, context)


def _explicit_file(root: str, context: Context) -> bool:
    return owners.beside(root, ".pdm-python", context)


def _told(root: str, context: Context) -> str:
    """Return the interpreter that pdm was told to use, whether it exists or not; empty for none.

    pdm takes a relative path from its working directory, which counts as the project's.
    """
    if context.env.get("PDM_IGNORE_SAVED_PYTHON", "").lower() not in _FALSE:
        return ""
    named = context.env.get("PDM_PYTHON", "")
    return join(root, named) if named else _remembered(root, context)


def _remembered(root: str, context: Context) -> str:
    text = context.disk.text(f"{root}/.pdm-python", _MAX_PATH) if _explicit_file(root, context) else ""
    word = (text or "").strip()
    word = join(root, word) if word else ""
    if word and context.disk.asleep(word):
        place, own = _location(root, context)
        if not own or not word.startswith(f"{place}/"):
            context.disk.guard(interpreters.above(word, context))
    return word


def _location(root: str, context: Context) -> tuple[str, bool]:
    """Return pdm's directory of environments, and whether the user chose it; no variable moves it."""
    for own, said in _settings(root, "venv", "location", context):
        if isinstance(said, str) and said:
            place = join(root, owners.expanded(said, context) or said)
            if not own:
                context.disk.guard(place)
            return place, own
    return f"{userdirs.data('pdm', context)}/venvs", True


def _central_name(root: str, context: Context) -> str:
    real = context.disk.realpath(root)
    return f"{os.path.basename(real)}-{digest.short(digest.md5(os.fsencode(real)), 8)}-"


def _minor(path: str) -> tuple[int, ...]:
    version = path.rpartition("-")[2].split(".")
    return tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in version)
