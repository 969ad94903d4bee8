"""Which environments are seen from the shell's directory, and which of them is usable."""

from __future__ import annotations

import os

from wend import trust
from wend.context import Context
from wend.detect import Level, levels
from wend.engine.situation import Situation
from wend.kinds import KINDS, health, owners
from wend.kinds.base import Resolved, sleeping
from wend.model import RANK_OWNER, RANK_PIN, Candidate, Marker, Note, Problem, Target
from wend.text import visible
from wend.typed import TYPE_CHECKING, NamedTuple, Optional, late

if TYPE_CHECKING:
    from wend import fixes
    from wend.kinds import pins
else:
    fixes = late("wend.fixes")
    pins = late("wend.kinds.pins")

# Characters of all that an environment sets. The record holds it too, and has to be one variable.
_MOST = 40 * 1024


class View(NamedTuple):
    """What is seen from a directory: the candidates in order, and what became of the search."""

    candidates: tuple[Candidate, ...] = ()
    chosen: Optional[Candidate] = None
    blocked: Optional[Candidate] = None  # usable but not trusted: it lets nothing behind it through
    ended: Optional[Candidate] = None  # an owner without an environment: nothing above it serves this directory
    missing: tuple[str, ...] = ()  # variables to ask for before anything can be said
    watched: tuple[str, ...] = ()  # variables whose change at a prompt may change what is seen

    @property
    def target(self) -> Optional[Target]:
        """The environment that was chosen."""
        return self.chosen.target if self.chosen else None

    @property
    def root(self) -> str:
        """The project that the directory belongs to, as far as markers tell; empty for none."""
        nearest = self.chosen or self.blocked or self.ended
        return nearest.marker.dir if nearest else ""


def look(situation: Situation, *, everything: bool = False, noting: bool = True) -> View:
    """Return what is seen from the shell's directory.

    The search stops at the first usable environment; EVERYTHING: it goes on, and what follows is shadowed.
    NOTING: what the user should know of a usable environment is looked for, too. No decision rests on it.
    """
    view = View()
    pin: Optional[Candidate] = None  # a version for a directory that is not a project of its own
    for level in levels(situation.request.cwd, situation.context):
        view = _look_at(level, view, situation, everything=everything, noting=noting)
        if view.missing:
            return view
        if pin is None and view.chosen and _is_soft(view.chosen, situation.context):
            pin, view = view.chosen, view._replace(chosen=None)
            continue
        if not everything and (view.chosen or view.blocked or view.ended):
            break
    view = _with_pin(view, pin, situation.context) if pin else view
    return _without_satisfied(view, situation.context)


def _is_soft(candidate: Candidate, context: Context) -> bool:
    """Return whether an environment above may serve the directory although it has a version pin of its own.

    An activated environment comes before pyenv's shims, and uv, too, lets an environment that satisfies a pin stand.
    """
    if candidate.target is None or not candidate.target.pin:
        return False
    return owners.is_part(candidate.marker.dir, context)


def _without_satisfied(view: View, context: Context) -> View:
    """Return VIEW where no version counts as missing that the chosen environment above has."""
    target = view.target
    if target is None or target.pin:
        return view
    reason = visible(f"{target.marker} has the version that it asks for")
    candidates = tuple(
        each._replace(status="shadowed", reason=reason, fix="", problem=None)
        if each.status == "unavailable"
        and each.marker.rank == RANK_PIN
        and each.marker.dir != target.root
        and health.satisfies(target, each.marker, context)
        and owners.is_part(each.marker.dir, context)
        else each
        for each in view.candidates
    )
    return view._replace(candidates=candidates)


def _with_pin(view: View, pin: Candidate, context: Context) -> View:
    """Return VIEW with PIN, which was seen first, in its place: chosen, unless what is above satisfies it."""
    above = view.chosen or view.blocked
    target, wanted = above.target if above else None, pins.parse(pin.target.pin) if pin.target else None
    if above and target and wanted and not target.pin and pins.satisfied_by(wanted, target, context):
        status, reason = "shadowed", visible(f"{above.marker.path} has that version, too")
        shadowed = pin._replace(status=status, reason=reason)
        return view._replace(candidates=tuple(shadowed if each is pin else each for each in view.candidates))
    if target and not target.pin and pin.target and target.python_version:
        text = f"its version comes before {target.prefix}, which has Python {target.python_version}"
        note = Note(visible(text), about="pin")
        chosen = pin._replace(target=pin.target._replace(notes=(*pin.target.notes, note)))
    else:
        chosen = pin
    candidates = tuple(
        chosen
        if each is pin
        else each._replace(status="shadowed", reason=_comes_first(pin.marker, each.marker))
        if each is above
        else each
        for each in view.candidates
    )
    return view._replace(candidates=candidates, chosen=chosen, blocked=None, ended=None)


def _look_at(level: Level, view: View, situation: Situation, *, everything: bool, noting: bool) -> View:
    context = situation.context
    needed = (name for marker in level.markers for name in KINDS[marker.kind].needs(marker, context))
    missing = context.missing(dict.fromkeys(needed))
    if missing:
        return view._replace(missing=missing)
    unserved: list[Candidate] = []  # owners without an environment that can be used
    for marker in level.all(context):
        view = view._replace(watched=(*view.watched, *KINDS[marker.kind].watches(marker, context)))
        found = _resolved(marker, view, context)
        if found is None:
            continue
        candidate = _judged(marker, found, view, situation, noting=noting)
        missing = _missing_for_notes(candidate, context) if noting else ()
        if missing:
            return view._replace(missing=missing)
        view = view._replace(candidates=(*view.candidates, candidate))
        if candidate.status == "chosen":
            view = view._replace(chosen=candidate)
        elif candidate.status == "untrusted":
            view = view._replace(blocked=candidate)
        elif candidate.problem and candidate.problem.ends_walk:
            unserved.append(candidate)
        if not everything and (view.chosen or view.blocked):
            return view
    if unserved and not (view.chosen or view.blocked or view.ended):
        view = view._replace(ended=unserved[0])
    return view


def _missing_for_notes(candidate: Candidate, context: Context) -> tuple[str, ...]:
    """Return the variables to ask for before what is known of the environment of CANDIDATE can be said."""
    if candidate.target is None or candidate.status == "shadowed" or context.known is None:
        return ()
    return context.missing(health.needs(candidate.target, context))


def _resolved(marker: Marker, view: View, context: Context) -> Resolved:
    """Return what MARKER stands for; where a look at it would wake an automount, that problem, once for each path."""
    name = context.disk.sleeping(marker.path)
    if not name:
        return KINDS[marker.kind].resolve(marker, context)
    if any(each.marker.path == marker.path for each in view.candidates):
        return None
    return sleeping(marker.path, name)._replace(ends_walk=marker.rank == RANK_OWNER)


def _judged(marker: Marker, found: Target | Problem, view: View, situation: Situation, *, noting: bool) -> Candidate:
    wrong = _cannot_be_set(found) if isinstance(found, Target) else ""
    if wrong and isinstance(found, Target):
        found = Problem("broken", wrong, _renamed(found, wrong), ends_walk=marker.rank == RANK_OWNER)
    if isinstance(found, Problem):
        row = KINDS[marker.kind]
        kind = row.documented or row.name
        reason, fix = visible(found.reason), visible(found.fix)  # names of files and variables stand in them
        return Candidate(marker, found.status, reason, problem=found, fix=fix, quiet=found.quiet, kind=kind)
    nearer = view.chosen or view.blocked
    if nearer or view.ended:
        return Candidate(marker, "shadowed", _shadowed(marker, view), found, kind=found.kind)
    verdict = trust.judge(found, situation.context)
    if noting and (
        marker.rank != RANK_PIN or dict(found.set).get("VIRTUAL_ENV")
    ):  # an environment, not a mere interpreter
        made_here = verdict.reason == trust.MADE_HERE
        notes = health.notes(found, situation.context, made_here=made_here)
        found = found._replace(notes=(*found.notes, *notes))
    status = "chosen" if verdict.allowed else "untrusted"
    reason, fix = visible(verdict.reason), visible(verdict.fix)
    return Candidate(marker, status, reason, found, fix=fix, quiet=verdict.quiet, kind=found.kind)


def _cannot_be_set(target: Target) -> str:
    """Return what of TARGET no shell can set, empty for nothing. A name in a file may be any text of any length."""
    values = (("its name", target.name), *target.set)
    for name, value in values:
        if "\0" in value:
            return f"{name} would hold a NUL"
        if not value.isascii() and not _is_of_bytes(value):
            return f"{name} is not valid text"
    return "its name is too long" if sum(len(ascii(value)) for _, value in values) > _MOST else ""


def _renamed(target: Target, wrong: str) -> str:
    """Return what gives TARGET a name and variables that a shell can hold; WRONG says what is wrong with them."""
    if dict(target.set).get("VIRTUAL_ENV"):
        return fixes.written(f"{target.prefix}/pyvenv.cfg", f"prompt = {os.path.basename(target.root)}")
    return fixes.corrected(os.path.basename(target.marker), wrong)


def _is_of_bytes(text: str) -> bool:
    """Return whether TEXT stands for bytes: a file can spell surrogates that do not."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _shadowed(marker: Marker, view: View) -> str:
    """Return why the usable environment of MARKER, which comes after those of VIEW, is not chosen."""
    first = view.chosen or view.blocked
    if first:
        return _comes_first(first.marker, marker)
    assert view.ended is not None
    return visible(f"{view.ended.marker.dir} belongs to {view.ended.marker.kind}, which has no usable environment")


def _comes_first(first: Marker, marker: Marker) -> str:
    """Return why FIRST comes before MARKER."""
    if first.dir == marker.dir:
        return visible(f"{first.path} comes first in this directory")
    return visible(f"{first.path} {'is nearer' if first.above < marker.above else 'comes first'}")
