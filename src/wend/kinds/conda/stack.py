"""What conda's activation does beyond variables: levels, and the scripts of an environment. For conda and pixi.

conda counts levels: each environment remembers the one beneath it, and scripts run when one is entered, left, or
active again. wend keeps to that, so that `conda activate` and `conda deactivate` go on working in the same shell.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds.base import Kind
from wend.kinds.conda import layout
from wend.model import Marker, Target
from wend.plan import Scripts
from wend.protocol import SAVED_PATH, Request
from wend.record import Active, Record, Undo
from wend.system import slashed
from wend.typed import TYPE_CHECKING, Callable, Mapping, Optional, late

if TYPE_CHECKING:
    from wend.kinds.conda import environment, installation
else:
    environment = late("wend.kinds.conda.environment")
    installation = late("wend.kinds.conda.installation")

BASE = "base"
LOCALS = (".condaenv", ".conda")  # environments in a project; VS Code makes the second
FAMILY = ("conda", "pixi")  # the kinds whose environments are conda's


class Stacked(Kind):
    """A kind whose environments stand on conda's stack."""

    prefix_variable = "CONDA_PREFIX"
    rewritten = ("CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER")

    def settled(self, record: Record, request: Request) -> Record:
        """Return RECORD without the conda environment in it, if that is conda's business now.

        What `conda activate` put on top of it counts its levels from ours: if ours were removed from below, `conda
        deactivate` would not find its way down. Inside its project it stays ours, because there it may become
        active again; base on top means that ours is kept off until then. In a new shell, a start-up file activated
        base, so this does not mean that the user wants ours off.
        """
        intent, env = record.intent, request.env
        active = record.undo.active
        if active is None or active.kind != self.name:
            return record
        if not self.is_beneath(record, env):
            again = slashed(env.get("CONDA_PREFIX", "")) == active.prefix
            return self._active_again(record, active, env) if again else record
        if request.first:
            return record._replace(undo=_of_others(record.undo))
        inside = request.cwd == active.root or request.cwd.startswith(active.root.rstrip("/") + "/")
        if not inside:
            return record._replace(undo=_of_others(record.undo), intent=intent._replace(kept_off=active.root))
        if env.get("CONDA_DEFAULT_ENV") == BASE:
            return record._replace(intent=intent._replace(kept_off=active.root))
        return record

    def _active_again(self, record: Record, active: Active, env: Mapping[str, str]) -> Record:
        """Return RECORD, whose environment is active in ENV: what conda has rewritten is still ours to take back.

        conda does so after an installation, by settings that may have changed, and when it comes back down.
        """
        undo, intent = record.undo, record.intent
        scalars = tuple(
            (name, before, env.get(name) if name in self.rewritten else after) for name, before, after in undo.scalars
        )
        kept_off = "" if intent.kept_off == active.root else intent.kept_off
        return record._replace(undo=undo._replace(scalars=scalars), intent=intent._replace(kept_off=kept_off))

    def shown(self, target: Target, env: Mapping[str, str]) -> str:
        """Return conda's modifier, if it is about TARGET."""
        about = dict(target.set).get("CONDA_PREFIX") == env.get("CONDA_PREFIX", "")
        return env.get("CONDA_PROMPT_MODIFIER", "") if about else ""

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
        left = record.undo.active if record.undo.active and record.undo.active.kind in FAMILY else None
        entered = entering if entering and entering.kind in FAMILY else None
        kind = entered.kind if entered else left.kind if left else ""
        if kind != self.name:  # of two that take part, the one that is entered answers for both
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
        return Scripts(_off(left, context, allowed) if left else (), on, back)


def _of_others(undo: Undo) -> Undo:
    """Return UNDO without what is conda's: what brings back an environment of another kind that ours was put over."""
    from wend.kinds import KINDS  # noqa: PLC0415  its table has this kind too: a circle

    below = next((before for name, before, _ in undo.scalars if name == "CONDA_PREFIX"), None)
    programs = layout.programs(below) if below else ()
    others = (kind for kind in KINDS.values() if kind.name not in FAMILY)
    covered = {SAVED_PATH}.union(*(kind.told_by for kind in others))
    return Undo(
        scalars=tuple(each for each in undo.scalars if each[0] in covered),
        displaced=tuple(each for each in undo.displaced if each.entry not in programs),
    )


def _off(left: Active, context: Context, allowed: Callable[[Target], bool]) -> tuple[str, ...]:
    """Return the deactivate.d scripts of LEFT if something in its root, or the user's store, still stands for it."""
    from wend.kinds import KINDS  # noqa: PLC0415  its table has this kind too: a circle

    if not os.path.isabs(left.root):
        return ()
    kind = KINDS[left.kind]
    rows = kind.markers(context.settings)
    present = context.disk.present(left.root, tuple(name for name, _ in rows))
    base = left.root.rstrip("/")
    found = [
        kind.resolve(Marker(left.kind, f"{base}/{name}", left.root, rank), context)
        for name, rank in rows
        if name in present
    ]
    for target in (*found, environment.stored(left.prefix, context)):
        if isinstance(target, Target) and target.prefix == left.prefix and allowed(target):
            return target.scripts_off
    return ()
