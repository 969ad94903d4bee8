"""The nouns: marker, target, problem, candidate, edit. Plain tuples: no behaviour, no disk.

Paths are `str` as `os.fsdecode` gives them: bytes that are not UTF-8 are lone surrogates.
NamedTuple rather than dataclass, because the daemon must be small and start at once.
"""

from __future__ import annotations

from wend.typed import NamedTuple, Optional, Union

Pairs = tuple[tuple[str, str], ...]

# Rank of a marker within one directory (docs/environments.md): the lower rank wins.
(
    RANK_SETTING,  # the project's setting for wend
    RANK_EXPLICIT,  # an explicit word to the tool that owns the directory
    RANK_OWNER,  # the owner's own rule
    RANK_DIRECTORY,  # an environment directory
    RANK_POINTER,  # a file or a store that points to an environment
    RANK_RECIPE,  # a file that names an environment and what is in it
    RANK_PIN,  # a bare version
) = range(7)


class Marker(NamedTuple):
    """A file or directory that says: an environment belongs here."""

    kind: str  # the row of kinds.KINDS that resolves it
    path: str  # of the marker itself
    dir: str  # that holds it, spelled as the shell spells it
    rank: int
    above: int = 0  # how many directories it lies above the one that is asked about


class Note(NamedTuple):
    """Something about a usable environment that the user should know: old, for another Python, moved."""

    text: str
    fix: str = ""  # what to type
    told: bool = True  # as a line when the project is entered; else only in `status` and `doctor`
    about: str = ""  # the id of the finding that `doctor` makes of it


class Target(NamedTuple):
    """The environment that a marker resolves to on this machine, and what activating it changes."""

    kind: str  # as documents name it: venv, pyenv, conda, poetry, ...
    name: str  # as the prompt shows it
    prefix: str
    root: str  # directory that holds the marker
    marker: str
    python: str
    python_version: Optional[str]
    path: tuple[str, ...] = ()  # directories for the front of PATH, in final order
    set: Pairs = ()
    unset: tuple[str, ...] = ()
    displaced: tuple[str, ...] = ()  # PATH entries whose place `path` takes
    prompt: Optional[str] = None  # text that its own tool shows; None: by the setting `prompt.format`
    replaces: str = ""  # text of another tool in the prompt whose place ours takes (conda's modifier)
    scripts_on: tuple[str, ...] = ()  # activate.d, all shells', in order
    scripts_off: tuple[str, ...] = ()  # deactivate.d, all shells', in order
    store: bool = False  # lies in the user's own store (pyenv versions, conda environments by name)
    spelled: bool = False  # a project's file spells out `prefix`: what is spelled proves nothing
    confined: bool = False  # such a prefix counts as made here inside the project only (conda's `prefix:`)
    vanishes: tuple[str, ...] = ()  # paths that exist, and whose absence changes the answer
    appears: tuple[str, ...] = ()  # paths that do not exist, and whose presence changes the answer
    notes: tuple[Note, ...] = ()
    remake: str = ""  # what makes it again, where `wend create --force` does not
    other: tuple[str, str] = ("", "")  # what gives it another Python, before and after the version; empty: `remake`
    pin: str = ""  # the version asked for, when this is a bare interpreter that a pin names
    said: str = ""  # which file or variable names the environment, and by which rule: for `explain`


class Problem(NamedTuple):
    """Why a marker gives no target: `unavailable` (not installed here), `broken`, or `untrusted` as it stands."""

    status: str
    reason: str
    fix: str  # what to type
    quiet: bool = False  # worth a line only where packages would land elsewhere (a half-made .venv)
    ends_walk: bool = False  # the directory is owned: an environment of a directory above must not serve it
    looked: tuple[str, ...] = ()  # directories, or PATH, in which a version was looked for and not found
    said: str = ""  # which file or variable asks for an environment, where `reason` does not tell: for `explain`
    vanishes: tuple[str, ...] = ()
    appears: tuple[str, ...] = ()


class Candidate(NamedTuple):
    """One marker with the verdict on it, for `explain` and for choosing."""

    marker: Marker
    status: str  # chosen, shadowed, unavailable, broken, untrusted
    reason: str
    target: Optional[Target] = None
    problem: Optional[Problem] = None
    fix: str = ""
    quiet: bool = False
    kind: str = ""  # as documents name it


class Set(NamedTuple):
    """Export NAME with VALUE."""

    name: str
    value: str


class Unset(NamedTuple):
    """Remove NAME from the environment."""

    name: str


class Source(NamedTuple):
    """Run a script of a trusted environment in the shell itself."""

    path: str


Edit = Union[Set, Unset, Source]


class Freshness(NamedTuple):
    """What the next prompt looks at, by existence alone, to know that nothing changed."""

    present: tuple[str, ...] = ()  # at most two
    absent: tuple[str, ...] = ()  # at most three
