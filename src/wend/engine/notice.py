"""The one line that a shell prints on entering a project: what is wrong with its environment, or a hint.

`notice` (by `told`) is about a project whose environment is passed over, or used though something is wrong with it: it
is told at each entry, and says nothing where all is well or the candidate is quiet. `hint` is about a project that has
no environment yet: it is told once for each directory in a shell. `outcome.refusal` is the error of a command that
cannot go on without an environment: it always says something, also of a quiet candidate or where there is none, and
brings the exit status. So the three choose differently what to speak of; only the form of the line is the same.
"""

from __future__ import annotations

import os

from wend import trust
from wend.disk.mounts import NEVER
from wend.engine.decide import Decision
from wend.engine.look import View
from wend.engine.situation import Situation
from wend.kinds import owners
from wend.model import Candidate
from wend.text import visible
from wend.typed import TYPE_CHECKING, Optional, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")

_LONGEST = 8192  # characters: two paths; a project's text may be of any length


def notice(situation: Situation, view: View, decision: Decision) -> tuple[str, str]:
    """Return the line for this entry into the project, and the same if it must be printed now."""
    line = ""
    if not decision.stay and decision.rule in ("project", "activated_manually"):
        line = told(view, decision, situation.request.cwd)
    if not line or line == situation.record.last_notice:
        return line, ""
    return line, "" if situation.request.env.get("WEND_QUIET") == "1" else line


def told(view: View, decision: Decision, cwd: str) -> str:
    """Return the line about what was passed over, else about the environment that DECISION is for; empty for none.

    What it says to type is for the directory CWD.
    """
    passed = _passed_over(view, decision)
    if passed is not None:
        return _sentence(passed.marker.path, passed.reason, fixes.typed_in(passed.fix, passed.marker.dir, cwd))
    notes = [note for note in decision.target.notes if note.told] if decision.target else []
    if decision.target is None or not notes:
        return ""
    place = decision.target.marker if decision.target.pin else decision.target.prefix
    fix = fixes.typed_in(notes[0].fix, decision.target.root, cwd)
    return _sentence(place, notes[0].text, fix)


def _passed_over(view: View, decision: Decision) -> Optional[Candidate]:
    """Return the candidate to report: not trusted, or nearer than the chosen one and unusable."""
    if decision.rule == "activated_manually" and not view.ended:
        return None
    if view.blocked:
        return None if view.blocked.quiet else view.blocked
    here = view.chosen.marker.dir if view.chosen else None
    bare = bool(view.target and not view.target.set)  # a bare version is not the project's environment
    for each in view.candidates:
        same = each.marker.dir == here
        owner_is_served = each.problem is not None and each.problem.ends_walk and same and not bare
        # A quiet one is worth a line only where packages would land in an environment of a directory above, a half-made
        # one also where they would land in a mere interpreter.
        elsewhere = here is not None and not same
        worth = not each.quiet or elsewhere or (bare and each.status == "broken")
        if worth and (each.status == "broken" or (each.status == "unavailable" and not owner_is_served)):
            return each
    return None


def _sentence(place: str, reason: str, fix: str) -> str:
    """Return the line, of bounded length: the record holds it, and with that each program's environment."""
    line = f"wend: {visible(place)}: {reason}"
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
    return f"{line}: {fix}" if fix and len(fix) <= _LONGEST else line


def hint(situation: Situation, view: View, decision: Decision) -> tuple[str, str]:
    """Return (directory, line) where a project has no environment and nothing else is told; else empty strings."""
    context = situation.context
    cwd = situation.request.cwd
    quiet = not context.settings.hints or situation.request.env.get("WEND_QUIET") == "1" or cwd in NEVER
    if quiet or decision.rule != "project" or decision.target or view.blocked or view.ended:
        return "", ""
    if any(not each.quiet for each in view.candidates) or cwd == context.home:
        return "", ""
    has, fix = owners.recognised(cwd, context)
    if not has or os.pathsep in cwd or trust.denied(cwd, context):  # nothing made there would be used
        return "", ""
    return cwd, f"wend: {visible(cwd)} has {has}: {fix}"
