"""From a decision and its change to everything that one answer tells a shell."""

from __future__ import annotations

from wend import kinds
from wend import record as records
from wend.engine.decide import SUBSHELL_VARIABLES, Decision
from wend.engine.freshness import freshness
from wend.engine.look import View
from wend.engine.notice import notice
from wend.engine.prompt import is_left_alone, prompt_text
from wend.engine.situation import Situation, kept_names
from wend.engine.transition import Change
from wend.protocol import READONLY
from wend.shells import Apply, DeactivateFunction

_MAX_WATCHED = 2


def reply(situation: Situation, view: View, decision: Decision, change: Change) -> Apply:
    """Return the answer for the shell of SITUATION."""
    request, settings, target = situation.request, situation.context.settings, decision.target
    told, shown = notice(situation, view, decision)
    record = change.record._replace(last_notice=told)
    if decision.rule == "disabled":
        record = record._replace(last_notice="")
    text = records.dump(record)
    name = target.name if target else ""
    declared = frozenset((*kinds.declared(), *SUBSHELL_VARIABLES))
    return Apply(
        shell=request.shell,
        edits=change.edits,
        taken=_taken(situation, change),
        given_back=_given_back(situation, change),
        undo=None if text == request.undo or READONLY in request.facts else text,
        env=None if request.env.get("WEND_ENV", "") == name or READONLY in request.facts else name,
        prompt=prompt_text(situation, target),
        replaces=_replaces(situation, decision, change),
        deactivate=_deactivate(situation, decision),
        adopt=decision.adopt,
        freshness=freshness(situation, view, target),
        watched=tuple(dict.fromkeys((*change.watched, *view.watched)))[:_MAX_WATCHED],
        names=kept_names(situation, records.names(record.undo), declared),
        notice=shown,
        wrap_cd=settings.bash_wrap_cd,
    )


def _taken(situation: Situation, change: Change) -> tuple[str, ...]:
    """Return the variables of CHANGE that have a value of the user's until then."""
    before, env, after = situation.remembered.undo, situation.request.env, change.record.undo
    ours = {name for name, _, value in before.scalars if env.get(name) == value}
    path = ("PATH",) if after.active and not before.active and "PATH" in env else ()
    return (*path, *(name for name, value, _ in after.scalars if value is not None and name not in ours))


def _given_back(situation: Situation, change: Change) -> tuple[str, ...]:
    """Return the variables that have a value of the user's again after CHANGE."""
    before, env = situation.remembered.undo, situation.request.env
    still = records.names(change.record.undo)
    path = ("PATH",) if before.active and not change.record.undo.active and not before.no_path else ()
    scalars = (
        name
        for name, value, after in before.scalars
        if value is not None and name not in still and env.get(name) == after
    )
    return (*path, *scalars)


def _replaces(situation: Situation, decision: Decision, change: Change) -> tuple[str, ...]:
    """Return the texts of others in the prompt, with an empty one in front where they stay beside the target."""
    stay = change.replaces and decision.target and is_left_alone(situation)
    return ("", *change.replaces) if stay else change.replaces


def _deactivate(situation: Situation, decision: Decision) -> str:
    """Return what becomes of the shell's function `deactivate`.

    Where an activate script was run on top, the function is that script's: the shell removes only ours.
    """
    before, first = situation.remembered, situation.request.first
    if decision.stay:
        return DeactivateFunction.KEEP
    had = before.undo.active is not None and not first
    if decision.target is None:
        return DeactivateFunction.REMOVE if had or first else DeactivateFunction.KEEP
    settled = had and not decision.adopt and not before.intent.manual
    return DeactivateFunction.KEEP if settled else DeactivateFunction.DEFINE
