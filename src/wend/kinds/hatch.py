"""hatch: the environment `default`, or HATCH_ENV, where hatch puts it.

Source: hatch 1.18 (hatch/env/virtual.py, hatch/config/model.py), observed on project layouts. hatch's own environments
(`hatch-test`) are found where they belong to the project alone.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import toml
from wend.kinds import owners, venv
from wend.kinds.base import Kind, Resolved
from wend.kinds.projectfiles import PYPROJECT
from wend.model import RANK_OWNER, Marker, Note, Problem, Target
from wend.patterns import pattern
from wend.settings import Settings
from wend.system import join
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Optional, late

if TYPE_CHECKING:
    from wend.formats import digest
    from wend.kinds import hatchenvs, hatchsettings, installing, pins
    from wend.kinds.interpreters import Wanted
else:
    digest = late("wend.formats.digest")
    hatchenvs = late("wend.kinds.hatchenvs")
    hatchsettings = late("wend.kinds.hatchsettings")
    installing = late("wend.kinds.installing")
    pins = late("wend.kinds.pins")

_PY = pattern("py[0-9]")  # py311 and py3.11 are 3.11
_RUNS = pattern(r"[-_.]+")
_VIRTUAL = "virtual"  # the type of environment that hatch brings itself
_SHOWN = 3  # environments of a matrix that are named
_LOOKED_FOR = 16  # of them, on the disk


class Hatch(Kind):
    """A directory with `[tool.hatch.envs]` or a hatch.toml."""

    name = "hatch"
    watched = ("HATCH_ENV", "HATCH_PROJECT")

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables that hatch reads."""
        return (*hatchsettings.VARIABLES, "HATCH_ENV", "HATCH_ENV_ACTIVE", "HATCH_ENV_TYPE_VIRTUAL_PATH")

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return hatch's own file, then the project's."""
        del settings
        return (("hatch.toml", RANK_OWNER), (PYPROJECT, RANK_OWNER))

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what hatch reads, if it owns the directory, and what its tables and the user's settings refer to."""
        if not owners.hatch(marker.dir, context):
            return ()
        root = hatchsettings.project(context)[1] or marker.dir
        envs = _tables(root.rstrip("/"), context)
        stores = pins.VARIABLES if hatchenvs.ask_for_python(envs) else ()
        return (*self.variables, *hatchenvs.variables(envs), *hatchsettings.references(context), *stores)

    def watches(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what chooses the environment, if hatch owns the directory."""
        return self.watched if owners.hatch(marker.dir, context) else ()

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that `hatch env find` names."""
        root = marker.dir.rstrip("/")
        own = marker.path.endswith("hatch.toml")
        unreadable = owners.damaged(marker.path, context, *(() if own else (b"tool.hatch.envs",)))
        if unreadable:
            return unreadable
        if not owners.hatch(root, context):
            return None
        if not own and owners.beside(root, "hatch.toml", context):
            return None  # hatch.toml stands for both
        by = owners.sign(self.name, root, context)
        return owners.explained(self._used(root, marker, context), self.name, by, root)

    def _used(self, root: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment that hatch uses in the project ROOT, or in the one that HATCH_PROJECT names."""
        other, place = hatchsettings.project(context)
        if other and not place:
            why = f"HATCH_PROJECT names {visible(other)}, which hatch's settings do not locate"
            return owners.nothing_yet(self.name, "unset HATCH_PROJECT", "", why=why)
        root = place or root
        name, found = chosen(root, context)
        if len(found) == 1:
            made = self._at(found[0], root, marker, context)
            of = f" of {other}" if root != marker.dir.rstrip("/") else ""
            said = f"the environment {name}{of}, {made.prefix}" if isinstance(made, Target) else ""
            return made._replace(said=said) if made else None
        if not found:
            why = f"HATCH_ENV names {visible(name)}, which the project does not define"
            return owners.nothing_yet(self.name, "unset HATCH_ENV", "", why=why)
        return self._several(name, found, root, context)

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the environment that `hatch env create` makes, where its path has a digest of the project's."""
        own = _identity(context.disk.realpath(directory))
        made = self._made(directory, context)
        return tuple(place for place in made if os.path.basename(os.path.dirname(place)) == own)

    def chosen(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return the same where HATCH_ENV_TYPE_VIRTUAL_PATH names it, or a directory that hatch adds no digest in."""
        return self._made(directory, context)

    def _made(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return what is where `hatch env create` makes an environment; nothing where a project's file chose that."""
        root = directory.rstrip("/")
        _, found = chosen(root, context)
        places = (self._place(each, root, context) for each in found[:1])
        return tuple(place for place, store in places if store and context.disk.stat(place))

    def _several(self, name: str, found: tuple[hatchenvs.Environment, ...], root: str, context: Context) -> Problem:
        """Return the problem of the matrix NAME, of which hatch, too, enters none without a choice."""
        made = [each for each in found[:_LOOKED_FOR] if context.disk.is_dir(self._place(each, root, context)[0])]
        names = [each.name for each in (*made, *(each for each in found if each not in made))]
        shown = ", ".join(sorted(names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
        why = f"hatch's environment {visible(name)} is a matrix of {len(names)}: {visible(shown)}"
        return owners.nothing_yet(self.name, f"export HATCH_ENV={visible(quoted(names[0]))}", "", why=why)

    def _at(self, chosen: hatchenvs.Environment, root: str, marker: Marker, context: Context) -> Resolved:
        """Return the environment CHOSEN."""
        place, store = self._place(chosen, root, context)
        found = venv.at(place, marker, context, kind=self.name, store=store, spelled=not store)
        which = "" if chosen.name == hatchenvs.DEFAULT else f" {visible(quoted(chosen.name))}"
        if isinstance(found, Problem):
            return owners.unusable(found, self.name, f"hatch env remove{which} && hatch env create{which}")
        if found is not None:
            again = f"hatch env remove{which} && hatch env create{which}"
            return found._replace(notes=_notes(found, chosen, again, context))
        return self._none(f"hatch env create{which}", place, chosen, context)

    def _none(self, fix: str, place: str, chosen: hatchenvs.Environment, context: Context) -> Problem:
        """Return the problem that there is no environment CHOSEN at PLACE; FIX makes it, if its Python is there."""
        word, wanted = _python(chosen)
        fix, more = owners.in_place(fix, place, context), ""
        # hatch downloads what has two numbers at most, and takes the rest from PATH.
        if wanted and len(wanted.release) > 2 and pins.find(wanted, context) is None:
            more = f", and no Python {visible(word)} for it"
            fix = installing.command(wanted, installing.here(context))
        return owners.nothing_at(self.name, fix, place, context, more=more)

    def _place(self, chosen: hatchenvs.Environment, root: str, context: Context) -> tuple[str, bool]:
        """Return where the environment CHOSEN is, and whether the user chose the directory."""
        said = context.env.get("HATCH_ENV_TYPE_VIRTUAL_PATH", "") if _type(chosen) == _VIRTUAL else ""
        path = said or chosen.options.get("path")
        if isinstance(path, str) and path:
            place = join(root, path)
            if not said:
                context.disk.guard(place)
            return place, bool(said)
        return self._default(root, chosen, context)

    @staticmethod
    def _default(root: str, chosen: hatchenvs.Environment, context: Context) -> tuple[str, bool]:
        real = context.disk.realpath(root)
        tree = owners.pyproject(root, context)
        project = toml.table(tree, "project").get("name") if "project" in tree else os.path.basename(real)
        project = _RUNS.sub("-", project).lower() if isinstance(project, str) else ""
        env_name = chosen.name if chosen.name != hatchenvs.DEFAULT else project
        store = env_name not in ("", ".", "..") and os.path.basename(env_name) == env_name  # a path leads out of it
        data = join(real, hatchsettings.environments(_type(chosen), context))
        if data in (f"{context.home}/.virtualenvs", real) or data.startswith(real + "/"):
            return join(data, env_name), store and not data.startswith(real)
        return join(f"{data}/{project}/{_identity(real)}", env_name), store


def chosen(root: str, context: Context) -> tuple[str, tuple[hatchenvs.Environment, ...]]:
    """Return the name of the environment that hatch works in, and what the project ROOT has under it.

    Several: it is a matrix. None: HATCH_ENV names what the project does not define.

    In a `hatch shell`, that is the shell's. Where the project has none of that name, hatch refuses to run; what the
    shell brought from another project is no choice for this one, so there it is the usual one.
    """
    envs = _tables(root, context)
    name, active = (context.env.get(variable, "") for variable in ("HATCH_ENV", "HATCH_ENV_ACTIVE"))
    found = () if name or not active else hatchenvs.named(envs, active, context.env)
    if found:
        return active, found
    name = name or hatchenvs.DEFAULT
    return name, hatchenvs.named(envs, name, context.env)


def _tables(root: str, context: Context) -> dict[str, object]:
    """Return the tables of environments. `envs` of hatch.toml stands for all of pyproject.toml's."""
    own = owners.tables(f"{root}/hatch.toml", context)
    if "envs" in own:
        return toml.table(own, "envs")
    return toml.table(owners.pyproject(root, context, b"tool.hatch"), "tool", "hatch", "envs")


def _python(chosen: hatchenvs.Environment) -> tuple[str, Optional[Wanted]]:
    """Return the version of Python that the environment CHOSEN asks for, and what it means; None for nothing."""
    word = chosen.options.get("python")
    if not isinstance(word, str):
        return "", None
    return word, pins.parse(word[2:] if _PY.match(word) else word)


def _notes(made: Target, chosen: hatchenvs.Environment, again: str, context: Context) -> tuple[Note, ...]:
    """Return that MADE has another Python than the environment CHOSEN asks for: hatch leaves it as it is."""
    word, wanted = _python(chosen)
    if wanted is None or not made.python_version or pins.satisfied_by(wanted, made, context):
        return ()
    text = f"it has Python {made.python_version}, and hatch's environment {chosen.name} asks for {word}"
    return (Note(visible(text), again, about="pin"),)


def _identity(real: str) -> str:
    """Return the digest by which hatch tells the project REAL, a real path, from others of its name."""
    return digest.short(digest.sha256(os.fsencode(real)), 8)


def _type(chosen: hatchenvs.Environment) -> str:
    """Return the type of the environment CHOSEN, which a plugin may have brought."""
    kind = chosen.options.get("type")
    return kind if isinstance(kind, str) and kind and "/" not in kind else _VIRTUAL
