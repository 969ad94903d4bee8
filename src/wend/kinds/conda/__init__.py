"""conda, mamba and micromamba: what `environment.py` computes, on conda's stack (`stack.py`)."""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds import projectfiles
from wend.kinds.base import Manual, Resolved
from wend.kinds.conda import layout
from wend.kinds.conda.stack import BASE, LOCALS, Stacked
from wend.model import RANK_DIRECTORY, RANK_RECIPE, Marker
from wend.record import split
from wend.settings import Settings
from wend.typed import TYPE_CHECKING, Mapping, Optional, late

if TYPE_CHECKING:  # by other names than those that the modules have here, once they are imported
    from wend.kinds.conda import environment as prefixes
    from wend.kinds.conda import installation as places
else:
    prefixes = late("wend.kinds.conda.environment")
    places = late("wend.kinds.conda.installation")

_STATE = ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL")


class Conda(Stacked):
    """A prefix in the project, or a file that names one elsewhere. One named as virtual environments is `Venv`'s."""

    name = "conda"
    # Not what conda counts its levels from. After `conda install`, conda sets the first again.
    told_by = ("CONDA_PROMPT_MODIFIER", "CONDA_DEFAULT_ENV")

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables that conda reads."""
        return places.VARIABLES

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the directories in the project and the two names of the file."""
        del settings
        local = ((name, RANK_DIRECTORY) for name in LOCALS)
        return *local, *((name, RANK_RECIPE) for name in projectfiles.RECIPES)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what conda reads, and what its settings refer to."""
        if marker.rank == RANK_DIRECTORY and not prefixes.is_local(marker, context):
            return ()
        return (*self.variables, *prefixes.more_names(context))

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment in the project or the one that the file names; None: it is neither."""
        return prefixes.resolve(marker, context)

    def manual(self, env: Mapping[str, str]) -> Optional[Manual]:
        """Return what CONDA_PREFIX names; base does not count, because start-up files activate it."""
        prefix = env.get("CONDA_PREFIX", "")
        if not prefix or env.get("CONDA_DEFAULT_ENV") == BASE:
            return None
        shown = env.get("CONDA_PROMPT_MODIFIER", "")
        return Manual(prefix, layout.programs(prefix.rstrip("/")), (shown,), self.told_by)

    def without(self, env: dict[str, str], *, everything: bool) -> dict[str, str]:
        """Return ENV with no environment of conda's active; base stays beneath unless EVERYTHING goes."""
        prefix = env.get("CONDA_PREFIX")
        if not prefix or (env.get("CONDA_DEFAULT_ENV") == BASE and not everything):
            return env
        kept = {
            name: value for name, value in env.items() if name not in _STATE and not name.startswith("CONDA_PREFIX_")
        }
        if "PATH" in kept:
            programs = layout.programs(prefix.rstrip("/"))
            kept["PATH"] = os.pathsep.join(entry for entry in split(kept["PATH"]) if entry not in programs)
        return kept
