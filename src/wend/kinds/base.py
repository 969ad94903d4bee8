"""What a kind of environment offers. A new kind is one subclass in one file and one row in `kinds.KINDS`.

A kind only reads, through `context.disk`; it runs nothing and never raises for what it finds on the disk.
Everything but `resolve` has a default.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.model import Marker, Problem, Target
from wend.plan import Scripts
from wend.record import Record
from wend.settings import Settings
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Callable, ClassVar, Iterable, Mapping, NamedTuple, Optional, Union, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.protocol import Request
else:
    fixes = late("wend.fixes")

# Bytes of a pyproject.toml and its like, more than twice the longest known one (of a repository of many packages): the
# TOML library takes up to 1.5 s for a megabyte.
MAX_PROJECT_FILE = 256 << 10

Resolved = Optional[Union[Target, Problem]]


def asleep(path: str, context: Context) -> Optional[Problem]:
    """Return the problem of PATH, which a file of a project names, if a look at it would wake an automount.

    None where it wakes none: then it may be looked at. A network is woken by what the user types, not by a `cd` into
    what came from elsewhere.
    """
    name = context.disk.asleep(path)
    return sleeping(path, name) if name else None


def sleeping(path: str, name: str) -> Problem:
    """Return the problem of PATH, where a look would wake an automount with NAME."""
    reason = f"{visible(path)} is in an automount, and {visible(name)} is not mounted"
    return Problem("unavailable", reason, f"ls {visible(quoted(name))}")


def asleep_programs(directory: str, prefix: str, context: Context) -> Optional[Problem]:
    """Return the problem of DIRECTORY, the programs of PREFIX, if each look for a command would wake an automount."""
    if not context.disk.asleep_below(prefix, directory):
        return None
    return sleeping(directory, context.disk.asleep(directory))


def unread(path: str, context: Context, limit: int = MAX_PROJECT_FILE) -> Problem:
    """Return the problem of the file PATH, which could not be read: it is longer than LIMIT, or the user may not."""
    status, name = context.disk.stat(path), visible(os.path.basename(path))
    if status is not None and status.st_size > limit:
        reason = f"{name} is longer than {limit >> 10} KiB, and wend does not read it"
        return Problem("broken", reason, fixes.kept_short(os.path.basename(path), limit))
    return Problem("broken", f"{name} cannot be read", fixes.made_readable(path))


def name_of(marker: Marker) -> str:
    """Return the name of the file or directory MARKER, relative to the directory that holds it."""
    return marker.path[len(marker.dir.rstrip("/")) + 1 :]


class Manual(NamedTuple):
    """An environment that was activated without wend."""

    prefix: str
    path: tuple[str, ...]  # its directories in PATH
    prompts: tuple[str, ...]  # texts by which its own activation may show its name
    told_by: tuple[str, ...] = ()  # `Kind.told_by`


class Kind:
    """One kind of environment. Subclasses set `name` and define `resolve`."""

    name: ClassVar[str]
    documented: ClassVar[str] = ""  # the kind as documents name it, where that is not `name`
    # Of these (or of the core), the ones whose change at a prompt must count at once: at most two (see `watches`).
    watched: ClassVar[tuple[str, ...]] = ()
    # Whether `elsewhere` looks into a store, for markers of RANK_POINTER: then only where nothing before them decides.
    stores: ClassVar[bool] = False
    # The variable that names the prefix of an active environment of this kind.
    prefix_variable: ClassVar[str] = "VIRTUAL_ENV"
    # Variables that the kind's tool may rewrite while the environment stays active: then the answer sets them again.
    rewritten: ClassVar[tuple[str, ...]] = ()
    # Variables that tell other programs which environment of this kind is active, and that may go while another is put
    # over it.
    told_by: ClassVar[tuple[str, ...]] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables beyond protocol.CORE that `resolve` and `elsewhere` read; a subclass may set them.

        A shell is asked for them, once, when a marker of this kind is first met (see `needs`).
        """
        return ()

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return (file name, rank) for each name by which this kind is found in a directory, best first."""
        del settings
        return ()

    def files(self, directory: str, present: tuple[str, ...], context: Context) -> tuple[str, ...]:
        """Return the files that PRESENT, the names of `markers` that DIRECTORY has, stand for; best first.

        Names relative to DIRECTORY. A name can be that of a directory with files in it.
        """
        del directory, context
        return present

    def elsewhere(self, directory: str, context: Context) -> Iterable[Marker]:
        """Return markers that belong to DIRECTORY but lie outside it: a store's entry, a variable."""
        del directory, context
        return ()

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return the variables that resolving MARKER takes.

        Look before you ask: most pyproject.toml files belong to another tool.
        """
        del marker, context
        return self.variables

    def watches(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return the variables whose change at a prompt may change what MARKER stands for."""
        del marker, context
        return self.watched

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment that MARKER stands for, the problem with it, or None: it is not a marker."""
        raise NotImplementedError

    def stored(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return what is in the tool's own store under the names that only the project in DIRECTORY has there.

        Environments, and what is left of one.
        """
        del directory, context
        return ()

    def chosen(self, directory: str, context: Context) -> tuple[str, ...]:
        """Return what is where the tool makes the environment of DIRECTORY, as the user's own variables choose it.

        Other projects may have the same place, so what was there before the tool began is not its.
        """
        del directory, context
        return ()

    # -- life cycle: only for kinds whose activation is more than variables ---------------------------------

    def manual(self, env: Mapping[str, str]) -> Optional[Manual]:
        """Return the environment of this kind that is active in ENV, which is without wend's changes."""
        del env
        return None

    def without(self, env: dict[str, str], *, everything: bool) -> dict[str, str]:
        """Return ENV with no environment of this kind active; EVERYTHING: not even one that counts as none."""
        del everything
        return env

    def settled(self, record: Record, request: Request) -> Record:
        """Return RECORD as it must be read when REQUEST arrives: the kind's tool may have changed what it says."""
        del request
        return record

    def shown(self, target: Target, env: Mapping[str, str]) -> str:
        """Return the text that the kind's own tool shows in the prompt while TARGET is active in ENV."""
        del target, env
        return ""

    def is_beneath(self, record: Record, env: Mapping[str, str]) -> bool:
        """Return whether the kind's tool counts what is active in ENV from RECORD's environment, which must stay."""
        del record, env
        return False

    def taken_down(self, record: Record, env: Mapping[str, str]) -> bool:
        """Return whether the user deactivated, with the kind's own tool, what wend had activated."""
        del record, env
        return False

    def scripts(
        self, record: Record, entering: Optional[Target], context: Context, allowed: Callable[[Target], bool]
    ) -> Scripts:
        """Return the scripts that leaving RECORD's environment for ENTERING (None: for nothing) runs.

        ALLOWED is the trust gate: a script runs only if its environment passes.
        """
        del record, entering, context, allowed
        return Scripts()
