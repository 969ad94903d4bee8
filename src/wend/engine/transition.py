"""From a decision to what changes in the shell: plan, scripts, and other tools' saved copies."""

from __future__ import annotations

from wend import record as records
from wend import trust
from wend.engine.decide import Decision, is_covered
from wend.engine.situation import Situation
from wend.kinds import KINDS, made_by
from wend.kinds.base import Manual
from wend.model import Edit, Target
from wend.plan import Scripts, plan
from wend.protocol import SAVED_HOME, SAVED_PATH
from wend.record import Record, allowed_name
from wend.typed import NamedTuple, Optional

_HOME = "PYTHONHOME"


class Change(NamedTuple):
    """What a reply makes of the shell."""

    edits: tuple[Edit, ...]
    record: Record  # afterwards, without the notice
    replaces: tuple[str, ...] = ()  # texts of others in the prompt whose place our name takes
    watched: tuple[str, ...] = ()  # variables that tell when what the target was put over is active again


def transition(situation: Situation, decision: Decision) -> Change:
    """Return the change that DECISION asks for."""
    if decision.stay or _in_place(situation, decision):
        return Change((), Record(decision.undo, decision.intent), _replaces(situation, decision), _watched(decision))

    def strip(env: dict[str, str]) -> dict[str, str]:
        env = situation.strip(_saved_by_script(env, situation, decision))
        if not (decision.adopt and decision.manual):
            return env
        return KINDS["venv"].without({**env, "VIRTUAL_ENV": decision.manual.prefix}, everything=False)

    env = situation.request.env
    made = plan(
        env,
        decision.undo,
        _alone(decision),
        scripts=_scripts(situation, decision),
        covered=_covered(decision),
        strip=strip,
        taken_back=_taken_back(strip(env)) if decision.adopt else None,
        base=situation.context.env if decision.undo == situation.record.undo else None,
    )
    return Change(made.edits, Record(made.undo, decision.intent), _replaces(situation, decision), _watched(decision))


def _saved_by_script(base: dict[str, str], situation: Situation, decision: Decision) -> dict[str, str]:
    """Return BASE, the environment without wend's changes, with PYTHONHOME where an activate script on top keeps it.

    wend had moved it away before that script could. It is back when the script's `deactivate` is called.
    """
    if not _is_kept_by_script(situation, decision) or _HOME not in base:
        return base
    moved = {name: value for name, value in base.items() if name != _HOME}
    moved.setdefault(SAVED_HOME, base[_HOME])  # what the script itself has moved is newer
    return moved


def _is_kept_by_script(situation: Situation, decision: Decision) -> bool:
    """Return whether an activate script was run in an environment from which wend has taken PYTHONHOME."""
    env = situation.request.env
    on_top = decision.manual is not None and not decision.adopt and SAVED_PATH in env
    return on_top and _HOME in records.names(decision.undo) and _HOME not in env


def _taken_back(env: dict[str, str]) -> dict[str, str]:
    """Return ENV without PATH, of which the `deactivate` of an activate script makes what it was before."""
    return {name: value for name, value in env.items() if name != "PATH"}


def unknown_names(situation: Situation, decision: Decision) -> tuple[str, ...]:
    """Return the variables that DECISION changes, and that the shell has not sent."""
    if decision.stay:
        return ()
    target = _alone(decision)
    changed = (*(name for name, _ in target.set), *target.unset) if target else ()
    names = [name for name in changed if allowed_name(name)]
    adopts = decision.adopt and SAVED_PATH in situation.request.env
    if adopts or _is_kept_by_script(situation, decision):
        names.append(SAVED_HOME)
    return situation.context.missing(names)


def _scripts(situation: Situation, decision: Decision) -> Scripts:
    """Return the scripts to run: of the kind that is left, and of the kind that is entered."""
    record = situation.record._replace(undo=decision.undo)
    left = decision.undo.active.kind if decision.undo.active else ""
    entered = decision.target.kind if decision.target else ""
    found = Scripts()
    for kind in dict.fromkeys(made_by(name) for name in (left, entered) if name):
        scripts = kind.scripts(record, decision.target, situation.context, lambda one: _allowed(one, situation))
        found = Scripts(found.off + scripts.off, found.on + scripts.on, found.back + scripts.back)
    return found


def _allowed(target: Target, situation: Situation) -> bool:
    return trust.judge(target, situation.context).allowed


def _covers(decision: Decision) -> tuple[Manual, ...]:
    """Return the manually activated environments that the target is put over."""
    return decision.manuals if decision.target and not decision.adopt else ()


def _alone(decision: Decision) -> Optional[Target]:
    """Return the target, which unsets what tells of the environments that it is put over, unless it sets it."""
    target, covers = decision.target, _covers(decision)
    if target is None or not covers:
        return target
    own = dict(target.set)
    told_by = (name for manual in covers for name in manual.told_by if name not in own)
    return target._replace(unset=(*target.unset, *told_by))


def _watched(decision: Decision) -> tuple[str, ...]:
    """Return variables that come back when the tool of what the target is put over sets them, as `conda install` does.

    Beyond those that every prompt looks at. A tool that shows no name sets its variable to nothing, which looks like
    an absent one; then PATH tells, into which it puts its programs again.
    """
    own = dict(decision.target.set) if decision.target else {}
    always = {kind.prefix_variable for kind in KINDS.values()}
    return tuple(
        name if any(manual.prompts) else "PATH"
        for manual in _covers(decision)
        for name in manual.told_by[:1]
        if name not in own and name not in always
    )


def _covered(decision: Decision) -> tuple[str, ...]:
    """Return the PATH entries of the environments that the target is put over."""
    target, covers = decision.target, _covers(decision)
    if target is None:
        return ()
    return tuple(entry for manual in covers for entry in manual.path if entry not in (*target.path, *target.displaced))


def _replaces(situation: Situation, decision: Decision) -> tuple[str, ...]:
    """Return the texts in the prompt that must not stand beside our name, most likely first.

    When ours goes, these name what it was put over and is still active: what of it was displaced comes back. And
    stays: the shell may show it in a place of its own, for as long as it is named. Where ours stays beneath another,
    what it was put over is not back yet.
    """
    manuals, target = _covers(decision), decision.target
    if target is None and (decision.undo.active or any(decision.intent.manual[1:])):
        manuals = decision.manuals
    if decision.stay:
        manuals = tuple(manual for manual in manuals if not is_covered(manual, decision.undo))
    shown = made_by(target.kind).shown(target, situation.request.env) if target else ""
    rewritten = shown if target and shown != target.prompt else ""
    texts = (rewritten, target.replaces if target else "", *(text for manual in manuals for text in manual.prompts))
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _in_place(situation: Situation, decision: Decision) -> bool:
    """Return whether the target is active already and as wend left it: then nothing the user did since is touched.

    Not for a shell's first request: its start-up files may have put PATH entries before the inherited ones.
    """
    target, undo = decision.target, decision.undo
    if target is None or decision.adopt or situation.request.first or undo.active is None:
        return False
    if undo.active != (target.kind, target.name, target.prefix, target.root):
        return False
    kind, wanted, env = made_by(target.kind), dict(target.set), situation.request.env
    if any(wanted.get(name) != env.get(name) for name in kind.rewritten):
        return False
    path = records.split(env.get("PATH"))
    if any(entry in path for entry in _covered(decision)):  # its own tool has put it back, as `conda install` does
        return False
    return undo.added == target.path and wanted.get(kind.prefix_variable) == env.get(kind.prefix_variable)
