"""conda, mamba and micromamba: what `environment.py` computes, and what their activation does beyond variables.

conda counts levels: each environment remembers the one beneath it, and scripts run when one is entered, left, or
active again. wend keeps to that, so that `conda activate` and `conda deactivate` go on working in the same shell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Callable, Optional

from wend.context import Context
from wend.kinds.base import Kind, Manual, Resolved
from wend.kinds.conda import environment, installation
from wend.model import RANK_CONDA, RANK_DIRECTORY, Marker, Target
from wend.plan import Scripts
from wend.protocol import Request
from wend.record import Intent, Record, Undo, split
from wend.settings import Settings

_STATE = ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL")
_BASE = "base"


class Conda(Kind):
    """A prefix in the project, or a file that names one elsewhere."""

    name = "conda"
    variables = installation.VARIABLES
    prefix_variable = "CONDA_PREFIX"

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        """Return the directory in the project and the two names of the file."""
        del settings
        return (environment.LOCAL, RANK_DIRECTORY), ("environment.yml", RANK_CONDA), ("environment.yaml", RANK_CONDA)

    def needs(self, marker: Marker, context: Context) -> tuple[str, ...]:
        """Return what conda reads, and what its settings refer to."""
        del marker
        return (*self.variables, *environment.more_names(context))

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        """Return the environment in the project or the one that the file names; None: it is neither."""
        return environment.resolve(marker, context)

    def manual(self, env: Mapping[str, str]) -> Optional[Manual]:
        """Return what CONDA_PREFIX names; base does not count, because start-up files activate it."""
        prefix = env.get("CONDA_PREFIX", "")
        if not prefix or env.get("CONDA_DEFAULT_ENV") == _BASE:
            return None
        return Manual(prefix, (os.path.join(prefix, "bin"),), (env.get("CONDA_PROMPT_MODIFIER", ""),))

    def without(self, env: dict[str, str], *, everything: bool) -> dict[str, str]:
        """Return ENV with no environment of conda's active; base stays beneath unless EVERYTHING goes."""
        prefix = env.get("CONDA_PREFIX")
        if not prefix or (env.get("CONDA_DEFAULT_ENV") == _BASE and not everything):
            return env
        kept = {
            name: value for name, value in env.items() if name not in _STATE and not name.startswith("CONDA_PREFIX_")
        }
        if "PATH" in kept:
            programs = os.path.join(prefix, "bin")
            kept["PATH"] = os.pathsep.join(entry for entry in split(kept["PATH"]) if entry != programs)
        return kept

    def settled(self, record: Record, request: Request) -> Record:
        """Return RECORD without the conda environment in it, if that is conda's business now.

        What `conda activate` put on top of it counts its levels from ours: if ours were removed from below, `conda
        deactivate` would not find its way down. Inside its project it stays ours, because there it may become
        active again; base on top says that ours is to be kept off until then. In a new shell, a start-up file
        activated base: that does not say that the user wants ours off.
        """
        intent, env = record.intent, request.env
        active = record.undo.active
        if active is None or active.kind != self.name:
            return record
        if not self.is_beneath(record, env):
            again = intent.kept_off == active.root and env.get(self.prefix_variable) == active.prefix
            return record._replace(intent=intent._replace(kept_off="")) if again else record
        if request.first:
            return Record(Undo(), Intent(intent.kept_off, intent.manual), record.last_notice)
        inside = request.cwd == active.root or request.cwd.startswith(active.root.rstrip("/") + "/")
        if not inside:
            return Record(Undo(), Intent(active.root, intent.manual), record.last_notice)
        if env.get("CONDA_DEFAULT_ENV") == _BASE:
            return record._replace(intent=intent._replace(kept_off=active.root))
        return record

    def is_beneath(self, record: Record, env: Mapping[str, str]) -> bool:
        """Return whether conda's level is above the one that wend made."""
        ours = next((after for name, _, after in record.undo.scalars if name == "CONDA_SHLVL"), None)
        return ours is not None and installation.level(env.get("CONDA_SHLVL", "")) > installation.level(ours)

    def taken_down(self, record: Record, env: Mapping[str, str]) -> bool:
        """Return whether the user typed `conda deactivate` for an environment that wend activated."""
        if record.undo.active is None or record.undo.active.kind != self.name or self.is_beneath(record, env):
            return False
        before = next((before for name, before, _ in record.undo.scalars if name == "CONDA_PREFIX"), None)
        return env.get("CONDA_PREFIX", "") in ("", before or "")

    def scripts(
        self, record: Record, entering: Optional[Target], context: Context, allowed: Callable[[Target], bool]
    ) -> Scripts:
        """Return deactivate.d of the environment that is left, activate.d of the one entered or active again.

        The record may be planted, so what it names is resolved and judged as if it were entered now.
        """
        left = record.undo.active if record.undo.active and record.undo.active.kind == self.name else None
        entered = entering if entering and entering.kind == self.name else None
        if not left and not entered:
            return Scripts()
        below = environment.beneath(context)
        below = below if below and allowed(below) else None
        under = below.prefix if below else ""

        on = entered.scripts_on if entered and (not left or left.prefix != entered.prefix) else ()
        back = (
            below.scripts_on
            if below and left and left.prefix != under and (not entered or entered.prefix == under)
            else ()
        )
        leaving = left.prefix if left else under
        if leaving == (entered.prefix if entered else under):
            return Scripts((), on, back)
        if below and leaving == under:  # what stays beside the other one in PATH is not left
            stacked = entered is not None and not entered.displaced
            return Scripts(() if stacked else below.scripts_off, on, back)
        return Scripts(self._off(left.prefix, left.root, context, allowed) if left else (), on, back)

    def _off(self, prefix: str, root: str, context: Context, allowed: Callable[[Target], bool]) -> tuple[str, ...]:
        """Return the deactivate.d scripts of PREFIX if something in ROOT, or the user's store, still stands for it."""
        if not os.path.isabs(root):
            return ()
        rows = self.markers(context.settings)
        present = context.disk.present(root, tuple(name for name, _ in rows))
        base = root.rstrip("/")
        found = [
            self.resolve(Marker(self.name, f"{base}/{name}", root, rank), context)
            for name, rank in rows
            if name in present
        ]
        for target in (*found, environment.stored(prefix, context)):
            if isinstance(target, Target) and target.prefix == prefix and allowed(target):
                return target.scripts_off
        return ()
