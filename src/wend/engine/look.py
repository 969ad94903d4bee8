"""Which environments are seen from the shell's directory, and which of them is usable."""

from __future__ import annotations

from typing import NamedTuple, Optional

from wend import trust
from wend.detect import Level, levels
from wend.engine.situation import Situation
from wend.kinds import KINDS, health
from wend.model import Candidate, Marker, Problem, Target


class View(NamedTuple):
    """What is seen from a directory: the candidates in order, and what became of the search."""

    candidates: tuple[Candidate, ...] = ()
    chosen: Optional[Candidate] = None
    blocked: Optional[Candidate] = None  # usable but not trusted: it lets nothing behind it through
    ended: Optional[Candidate] = None  # an owner without an environment: nothing above it serves this directory
    missing: tuple[str, ...] = ()  # variables to ask for before anything can be said

    @property
    def target(self) -> Optional[Target]:
        """The environment that was chosen."""
        return self.chosen.target if self.chosen else None

    @property
    def root(self) -> str:
        """The project that the directory belongs to, as far as markers tell; empty for none."""
        nearest = self.chosen or self.blocked or self.ended
        return nearest.marker.dir if nearest else ""


def look(situation: Situation, *, everything: bool = False) -> View:
    """Return what is seen from the shell's directory.

    The search stops at the first usable environment; EVERYTHING: it goes on, and what follows is shadowed.
    """
    view = View()
    for level in levels(situation.request.cwd, situation.context):
        view = _look_at(level, view, situation, everything=everything)
        if view.missing or (not everything and (view.chosen or view.blocked or view.ended)):
            break
    return view


def _look_at(level: Level, view: View, situation: Situation, *, everything: bool) -> View:
    context = situation.context
    needed = (name for marker in level.markers for name in KINDS[marker.kind].needs(marker, context))
    missing = context.missing(dict.fromkeys(needed))
    if missing:
        return view._replace(missing=missing)
    owners: list[Candidate] = []
    for marker in level.markers:
        found = KINDS[marker.kind].resolve(marker, context)
        if found is None:
            continue
        candidate = _judged(marker, found, view, situation)
        view = view._replace(candidates=(*view.candidates, candidate))
        if candidate.status == "chosen":
            view = view._replace(chosen=candidate)
        elif candidate.status == "untrusted":
            view = view._replace(blocked=candidate)
        elif candidate.problem and candidate.problem.ends_walk:
            owners.append(candidate)
        if not everything and (view.chosen or view.blocked):
            return view
    if owners and not (view.chosen or view.blocked or view.ended):
        view = view._replace(ended=owners[0])
    return view


def _judged(marker: Marker, found: Target | Problem, view: View, situation: Situation) -> Candidate:
    if isinstance(found, Problem):
        return Candidate(marker, found.status, found.reason, problem=found, fix=found.fix, quiet=found.quiet)
    nearer = view.chosen or view.blocked
    if nearer:
        return Candidate(marker, "shadowed", f"{nearer.marker.path} is nearer or comes first", found)
    if view.ended:
        reason = f"{view.ended.marker.dir} belongs to {view.ended.kind}, which has no environment yet"
        return Candidate(marker, "shadowed", reason, found)
    if dict(found.set).get("VIRTUAL_ENV"):
        found = found._replace(notes=health.notes(found, situation.context))
    verdict = trust.judge(found, situation.context)
    status = "chosen" if verdict.allowed else "untrusted"
    return Candidate(marker, status, verdict.reason, found, fix=verdict.fix, quiet=verdict.quiet)
