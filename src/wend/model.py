"""The nouns: marker, target, candidate, edit, plan. Plain tuples, no behaviour, no disk.

Paths are `str` as `os.fsdecode` gives them: bytes that are not UTF-8 are lone surrogates.
NamedTuple rather than dataclass because the daemon must be small and start at once.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Union

Pairs = tuple[tuple[str, str], ...]

# Rank of a marker within one directory (docs/environments.md): lower wins.
RANK_SETTING, RANK_DIRECTORY, RANK_POINTER, RANK_CONDA, RANK_PIN = range(5)


class Marker(NamedTuple):
    """A file or directory that says: an environment belongs here."""

    kind: str  # the row of kinds.KINDS that resolves it
    path: str  # of the marker itself
    dir: str  # that holds it, spelled as the shell spells it
    rank: int


class Target(NamedTuple):
    """The environment that a marker resolves to on this machine, and what activating it changes."""

    kind: str
    name: str  # as the prompt shows it
    prefix: str
    root: str  # directory that holds the marker
    marker: str
    python: str
    python_version: Optional[str]
    path: tuple[str, ...] = ()  # directories for the front of PATH, in final order
    set: Pairs = ()
    unset: tuple[str, ...] = ()
    displaced: tuple[str, ...] = ()  # PATH entries whose place `path` takes (conda's base)
    scripts_on: tuple[str, ...] = ()  # activate.d, all shells', in order
    scripts_off: tuple[str, ...] = ()  # deactivate.d, all shells', in order
    store: bool = False  # lies in the user's own store (pyenv versions, conda envs by name)
    must_exist: tuple[str, ...] = ()  # paths whose absence changes the answer


class Problem(NamedTuple):
    """Why a marker gives no target: `unavailable` (not installed here) or `broken`."""

    status: str
    reason: str
    fix: str = ""  # what to type; empty when there is nothing to say
    quiet: bool = False  # true when no notice is worth a line (a half-made .venv)


class Candidate(NamedTuple):
    """One marker with the verdict on it, for `explain` and for choosing."""

    marker: Marker
    status: str  # chosen, shadowed, unavailable, broken, untrusted
    reason: str
    target: Optional[Target] = None
    fix: str = ""
    quiet: bool = False


class Set(NamedTuple):
    """Export NAME with VALUE."""

    name: str
    value: str


class Unset(NamedTuple):
    """Remove NAME from the environment."""

    name: str


class Source(NamedTuple):
    """Run a script of a trusted conda prefix in the shell itself."""

    path: str


Edit = Union[Set, Unset, Source]


class Tests(NamedTuple):
    """What the next prompt looks at, by existence alone, to know that nothing changed."""

    present: tuple[str, ...] = ()  # at most two
    absent: tuple[str, ...] = ()  # at most three, four with those
