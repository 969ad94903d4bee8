"""The kinds of environment: one file each, one row each in KINDS (`wend.kinds.base` says what a kind offers).

The other files serve several kinds: `projectfiles` and `owners` say what belongs to a project and whose it is, `pins`
and `interpreters` which Python is asked for and which there is, `health` what to know of an environment.
"""

from __future__ import annotations

from wend.kinds.base import Kind
from wend.kinds.conda import Conda
from wend.kinds.hatch import Hatch
from wend.kinds.mise import Mise, MiseVersion
from wend.kinds.pdm import Pdm
from wend.kinds.pipenv import Pipenv
from wend.kinds.pixi import Pixi
from wend.kinds.poetry import Poetry
from wend.kinds.pointer import Pointer
from wend.kinds.projectfiles import PINS
from wend.kinds.pyenv import Pyenv
from wend.kinds.setting import Setting
from wend.kinds.uv import Uv
from wend.kinds.venv import Venv
from wend.kinds.virtualenvwrapper import Virtualenvwrapper
from wend.settings import Settings
from wend.typed import lru_cache

# In order of preference within one rank.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Setting(),
        Uv(),
        Mise(),
        Poetry(),
        Pipenv(),
        Pdm(),
        Hatch(),
        Pixi(),
        Venv(),
        Conda(),
        Pointer(),
        Virtualenvwrapper(),
        MiseVersion(),
        Pyenv(),
    )
}

# Kinds as documents name them, where that differs from the row that made them.
_MADE_BY = {"python": "pyenv"}


# The markers in $HOME that apply below it too, as in pyenv.
ALSO_BELOW_HOME = PINS[:1]


def made_by(kind: str) -> Kind:
    """Return the row for an environment of KIND, as documents and records name it."""
    return KINDS.get(_MADE_BY.get(kind, kind), KINDS["venv"])


def _named(kind: Kind) -> str:
    """Return KIND as the setting `detect.kinds` names it."""
    return _MADE_BY.get(kind.documented, kind.documented) or kind.name


# What `detect.kinds` can name. A project's own setting for wend always counts.
NAMES = tuple(dict.fromkeys(_named(kind) for name, kind in KINDS.items() if name != "setting"))


def is_wanted(kind: Kind, settings: Settings) -> bool:
    """Return whether KIND is in use."""
    return not settings.detect_kinds or kind.name == "setting" or _named(kind) in settings.detect_kinds


@lru_cache(maxsize=8)
def markers(settings: Settings) -> tuple[tuple[str, str, int], ...]:
    """Return (file name, kind, rank) of everything to look for in a directory, in order of precedence."""
    rows = []
    wanted = settings.detect_kinds
    for order, (name, kind) in enumerate(KINDS.items()):
        if not is_wanted(kind, settings):
            continue
        if wanted and name != "setting":
            order = wanted.index(_named(kind))  # noqa: PLW2901
        rows += [(rank, order, index, file, name) for index, (file, rank) in enumerate(kind.markers(settings))]
    return tuple((file, name, rank) for rank, _, _, file, name in sorted(rows))


@lru_cache(maxsize=1)
def declared() -> frozenset[str]:
    """Return every variable that some kind may ask a shell for."""
    return frozenset(name for kind in KINDS.values() for name in kind.variables)
