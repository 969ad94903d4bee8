"""What this shell should have: small rules, tried in order; the first that applies decides.

A rule's name and sentence are what `wend status` and a trace show.
"""

from __future__ import annotations

import os

from wend import record as records
from wend.context import Context
from wend.engine.look import View
from wend.engine.situation import Situation
from wend.kinds import KINDS, made_by
from wend.kinds.base import Manual
from wend.model import Target
from wend.protocol import READONLY, SAVED_PATH
from wend.record import EVERYWHERE, Intent, Undo
from wend.system import native, slashed
from wend.typed import Callable, NamedTuple, Optional

# A shell that some tool started for its own environment. That environment is the tool's.
SUBSHELL_VARIABLES = ("PIPENV_ACTIVE", "POETRY_ACTIVE", "HATCH_ENV_ACTIVE", "PIXI_IN_SHELL", "UV_RUN_RECURSION_DEPTH")


class Decision(NamedTuple):
    """What the shell should have, and why."""

    rule: str
    reason: str  # one sentence
    undo: Undo  # the facts, as this decision reads them
    intent: Intent  # what the user wants, from now on
    target: Optional[Target] = None  # None: nothing of wend's is active
    stay: bool = False  # change nothing
    adopt: bool = False  # `target` is active already, by another's doing: take it over
    manuals: tuple[Manual, ...] = ()  # the environments that were activated without wend, one of a kind
    missing: tuple[str, ...] = ()  # variables to ask for before this can be decided

    @property
    def manual(self) -> Optional[Manual]:
        """Of those that were activated without wend, the one that counts."""
        return next(iter(self.manuals), None)


class Case(NamedTuple):
    """What the rules look at."""

    situation: Situation
    view: View
    undo: Undo
    intent: Intent
    manuals: tuple[Manual, ...]

    @property
    def manual(self) -> Optional[Manual]:
        """Of the environments that were activated without wend, the one that counts."""
        return next(iter(self.manuals), None)

    @property
    def context(self) -> Context:
        """The surroundings of the question."""
        return self.situation.context

    @property
    def env(self) -> dict[str, str]:
        """The shell's variables as they are now."""
        return self.situation.request.env

    @property
    def root(self) -> str:
        """The project that the shell is in."""
        return self.view.root

    def decision(self, rule: str, reason: str) -> Decision:
        """Return a decision of RULE with the facts of this case and without a target."""
        return Decision(rule, reason, self.undo, self.intent, manuals=self.manuals)


def decide(situation: Situation, view: View) -> Decision:
    """Return what the shell of SITUATION should have."""
    case = _case(situation, view)
    for rule in RULES:
        decision = rule(case)
        if decision is not None:
            return decision
    return _project(case)


def decide_for_command(situation: Situation, view: View) -> Decision:
    """Return the decision of a command that enters the directory, without regard to what was typed in the shell."""
    undo = situation.record.undo
    case = Case(situation, view, undo, Intent(), _manuals(undo, situation))
    return case.decision("project", _chosen(case))._replace(target=view.target)


def _case(situation: Situation, view: View) -> Case:
    """Return the case, with what the event says about the user's intent."""
    undo, intent, _ = situation.record
    event, env = situation.request.event, situation.request.env
    if event == "off":
        intent = intent._replace(kept_off=EVERYWHERE)
    elif event == "on":
        intent = intent._replace(kept_off="")
    if undo.active and made_by(undo.active.kind).taken_down(situation.record, env):
        intent = intent._replace(kept_off=undo.active.root)
        undo = undo._replace(active=None)  # its scripts have run
    elif undo.active and event == "deactivate":
        intent = intent._replace(kept_off=undo.active.root)
    manuals = _manuals(undo, situation)
    manual = next(iter(manuals), None)
    own = manual and view.target and _same(manual.prefix, view.target.prefix, situation.context)
    if own and intent.kept_off == view.root:
        intent = intent._replace(kept_off="")  # a typed `activate` ends a typed `deactivate`
    undo, intent = _followed(undo, intent, manuals, situation, view)
    return Case(situation, view, undo, intent, manuals)


def _followed(
    undo: Undo, intent: Intent, manuals: tuple[Manual, ...], situation: Situation, view: View
) -> tuple[Undo, Intent]:
    """Return both after what happened to the environment that was activated manually, the first of MANUALS now.

    When it has gone, its `deactivate` has restored our entries: they must be removed too, and what we covered of it
    does not return. An activate script that took its place has saved the same entries for its own `deactivate`.
    """
    manual, covered = next(iter(manuals), None), SAVED_PATH in records.names(undo)
    again = covered and _on_top(undo, situation.request.env)  # its script was run once more, on top of ours
    places = {pair[0]: pair[1] for pair in (intent.second, intent.manual) if pair}
    if intent.manual and (again or intent.manual[0] not in (each.prefix for each in manuals)):
        inside = slashed(intent.manual[0]).rstrip("/") + "/"
        undo = undo._replace(
            added=tuple(dict.fromkeys((*undo.added, *intent.manual_restores))),
            displaced=tuple(
                each
                for each in dict.fromkeys((*undo.displaced, *intent.manual_lacks))
                if not slashed(f"{each.entry}/").startswith(inside)
            ),
            scalars=tuple(each for each in undo.scalars if each[0] != SAVED_PATH),
        )
        del places[intent.manual[0]]
        if SAVED_PATH not in situation.request.env:
            intent = intent._replace(manual_restores=(), manual_lacks=())
    if manual:  # and perhaps one of another kind: what is put over one is put over both
        now = ((each.prefix, _seen_in(each, undo, situation, view)) for each in manuals[:2])
        pairs = [(prefix, places.get(prefix, seen_in)) for prefix, seen_in in now]
        return undo, intent._replace(manual=pairs[0], second=(*pairs[1:], ())[0])
    own = view.target and intent.manual == (view.target.prefix, view.root)
    kept_off = view.root if own and intent.kept_off != EVERYWHERE else intent.kept_off
    return undo, Intent(kept_off=kept_off)


def _seen_in(manual: Manual, undo: Undo, situation: Situation, view: View) -> str:
    """Return the project that MANUAL was activated in, if it was activated just now; empty for outside of all.

    One that ours is put over was activated elsewhere, in a project that is not known any more.
    """
    if _started_by_exec(situation):
        return ""
    return manual.prefix if is_covered(manual, undo) else view.root


# -- the rules -----------------------------------------------------------------------------------------------


def _disabled(case: Case) -> Optional[Decision]:
    if case.env.get("WEND_DISABLE", "") in ("", "0"):
        return None
    return case.decision("disabled", "WEND_DISABLE is set")._replace(intent=Intent())


def _readonly_shell(case: Case) -> Optional[Decision]:
    if READONLY not in case.situation.request.facts:
        return None
    return case.decision(
        "readonly_shell", "PATH or another variable is readonly in this shell, or is not plain text"
    )._replace(stay=True)


def _turned_off(case: Case) -> Optional[Decision]:
    if case.intent.kept_off != EVERYWHERE:
        return None
    intent = _with_restores(case, case.intent)
    return case.decision("turned_off", "wend off was typed; wend on resumes")._replace(intent=intent)


def _deactivated(case: Case) -> Optional[Decision]:
    if not case.intent.kept_off or case.intent.kept_off != case.root:
        return None
    reason = f"deactivate was typed; it ends when you leave {case.root}"
    return case.decision("deactivated", reason)._replace(stay=_is_beneath(case))


def _making_room(case: Case) -> Optional[Decision]:
    if case.situation.request.event != "activate":
        return None
    intent = case.intent._replace(kept_off="")
    return case.decision("making_room", "an activate script is running")._replace(intent=intent)


def _activated_manually(case: Case) -> Optional[Decision]:
    """Respect an environment that the user activated; inside a project, until another project is entered."""
    manual, intent, undo = case.manual, case.intent._replace(kept_off=""), case.undo
    if manual is None:
        return None
    seen_in = intent.manual[1]
    target = case.view.target
    if target and seen_in == case.root and _is_own(manual, target, case):
        if missing := case.context.missing(SUBSHELL_VARIABLES):
            return case.decision("activated_manually", "")._replace(missing=missing)
        if not any(case.env.get(name) for name in SUBSHELL_VARIABLES):
            return case.decision("project", _chosen(case))._replace(target=target, adopt=True, intent=Intent())
    on_top = next((each for each in case.manuals if not is_covered(each, undo)), manual)
    reason = f"{on_top.prefix} was activated manually"
    respected = not (seen_in and case.root and case.root != seen_in)
    if (respected or _is_beneath(case)) and _stays_beneath(case):
        return case.decision("activated_manually", reason)._replace(intent=intent, stay=True)
    intent = _with_restores(case, intent)
    if _on_top(undo, case.env) and undo.active and undo.active.prefix == manual.prefix:  # it is theirs now
        undo = undo._replace(scalars=tuple(scalar for scalar in undo.scalars if scalar[0] != "VIRTUAL_ENV"))
    if respected or target is None:
        return case.decision("activated_manually", reason)._replace(intent=intent, undo=undo)
    # Without what its script saved, another activate script ends nothing but ours, and is seen.
    target = target._replace(unset=(*target.unset, SAVED_PATH))
    return case.decision("project", _chosen(case))._replace(intent=intent, undo=undo, target=target)


def _project(case: Case) -> Decision:
    """Return the project's own environment, or none."""
    return case.decision("project", _chosen(case))._replace(intent=Intent(), target=case.view.target)


RULES: tuple[Callable[[Case], Optional[Decision]], ...] = (
    _disabled,
    _readonly_shell,
    _turned_off,
    _deactivated,
    _making_room,
    _activated_manually,
)


# -- what they ask -------------------------------------------------------------------------------------------


def _chosen(case: Case) -> str:
    """Return why the project's environment is what it is."""
    view = case.view
    if view.chosen:
        return f"{view.chosen.marker.path} is the nearest usable environment"
    told = view.blocked or view.ended or next(iter(view.candidates), None)
    if told:
        return f"{told.marker.path}: {told.reason}"
    return "no environment is seen from here"


def _manuals(undo: Undo, situation: Situation) -> tuple[Manual, ...]:
    """Return the environments that were activated without wend and are still there, the one that counts first.

    A prefix that no longer exists (for example, inherited from an old tmux server) does not count.
    """
    env = situation.context.env
    if _on_top(undo, situation.request.env):  # also where it is the same as ours
        env = {**env, "VIRTUAL_ENV": situation.request.env.get("VIRTUAL_ENV", "")}
    found = (kind.manual(env) for kind in KINDS.values())
    return tuple(each for each in found if each and situation.context.disk.is_dir(each.prefix))


def _on_top(undo: Undo, env: dict[str, str]) -> bool:
    """Return whether an activate script was run on top of what wend had activated."""
    saved = records.split(env.get(SAVED_PATH))
    return undo.active is not None and bool(undo.added) and undo.added[0] in saved


def _with_restores(case: Case, intent: Intent) -> Intent:
    """Return INTENT with the entries of ours that an environment on top brings back, whatever leaves PATH now."""
    if case.manual is None or not _on_top(case.undo, case.env):
        return intent
    return intent._replace(
        manual_restores=tuple(dict.fromkeys((*case.undo.added, *intent.manual_restores))),
        manual_lacks=tuple(dict.fromkeys((*case.undo.displaced, *intent.manual_lacks))),
    )


def _is_beneath(case: Case) -> bool:
    """Return whether another one is on top of ours, though ours is over MANUAL.

    By the kind's own tool, or of another kind: what is active and not covered came later.
    """
    active = case.undo.active
    if active is None:
        return False
    if made_by(active.kind).is_beneath(case.situation.record, case.env):
        return True
    covered = [is_covered(each, case.undo) for each in case.manuals]
    return any(covered) and not all(covered)


def is_covered(manual: Manual, undo: Undo) -> bool:
    """Return whether MANUAL is one that wend has put its own over, by UNDO: its programs have left PATH."""
    return any(displaced.entry in manual.path for displaced in undo.displaced)


def _stays_beneath(case: Case) -> bool:
    """Return whether what wend put beneath a manual environment stays: it comes back when theirs goes.

    Until the project is left, and as long as nothing else must go, nor a `deactivate` has taken it down as well.
    """
    undo = case.undo
    if undo.active is None or undo.active.root != case.root or undo != case.situation.record.undo:
        return False
    name = made_by(undo.active.kind).prefix_variable
    ours = (after for variable, _, after in undo.scalars if variable == name)
    return case.env.get(name) in (next(ours, case.env.get(name)), *(manual.prefix for manual in case.manuals))


def _is_own(manual: Manual, target: Target, case: Case) -> bool:
    """Return whether MANUAL is the project's own environment, of a kind that can be taken over."""
    venv_like = dict(target.set).get("VIRTUAL_ENV") == native(target.prefix)
    return venv_like and _same(manual.prefix, target.prefix, case.context)


def _same(one: str, other: str, context: Context) -> bool:
    """Return whether ONE is the directory OTHER: by a link, or as another spelling where the disk knows no case."""
    if one == other or not os.path.isabs(one):
        return one == other
    first, second = context.disk.stat(one), context.disk.stat(other)
    return first is not None and second is not None and os.path.samestat(first, second)


def _started_by_exec(situation: Situation) -> bool:
    """Return whether `wend exec` started this shell: it names an environment and leaves no record."""
    request = situation.request
    return request.first and not request.undo and bool(request.env.get("WEND_ENV"))
