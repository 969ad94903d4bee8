"""What the next prompt looks at, to know without a question that its answer would be the same."""

from __future__ import annotations

from wend.disk.disk import MAX_PATH
from wend.disk.mounts import NEVER
from wend.engine.look import View
from wend.engine.situation import Situation
from wend.kinds import projectfiles
from wend.model import RANK_DIRECTORY, RANK_PIN, Freshness, Target
from wend.typed import Optional

_MAX_PRESENT, _MAX_ABSENT = 2, 3


def freshness(situation: Situation, view: View, target: Optional[Target]) -> Freshness:
    """Return the paths whose existence tells the next prompt that nothing changed."""
    present, absent = _expected(view, target), _awaited(situation, view)
    disk = situation.context.disk
    here = disk.reached(situation.request.cwd)

    def local(path: str) -> bool:  # a prompt must not wait for another disk than that of its directory
        return "\0" not in path and len(path) <= MAX_PATH and disk.reached(path) in ("", here)

    return Freshness(
        tuple(path for path in present if local(path) and disk.stat(path) is not None)[:_MAX_PRESENT],
        tuple(path for path in absent if local(path) and disk.stat(path) is None)[:_MAX_ABSENT],
    )


def _expected(view: View, target: Optional[Target]) -> list[str]:
    """Return paths that exist. An environment inside the project stands for its marker."""
    chosen = view.chosen or view.blocked
    found: list[str] = []
    if target and target.vanishes and target.vanishes[0].startswith(target.root.rstrip("/") + "/"):
        found.append(target.vanishes[0])
    if chosen and not any(path.startswith(chosen.marker.path + "/") for path in found):
        found.append(chosen.marker.path)
    if target:
        found += target.vanishes[1:]
    for each in view.candidates:
        if each.problem:
            found += each.problem.vanishes
    return list(dict.fromkeys(found))


def _awaited(situation: Situation, view: View) -> list[str]:
    """Return paths that do not exist, and would be used if they did."""
    cwd = situation.request.cwd
    found: list[str] = []
    for each in view.candidates:
        if each.problem and each.status == "broken" and each.marker.path.endswith("/.venv"):
            found.append(situation.context.python_in(each.marker.path))
        seen = each.problem or each.target
        found += seen.appears if seen else ()
    if cwd not in NEVER:
        found += _usual(cwd, view)
    root = view.root
    if root and root != cwd:
        found += _usual(root, view)[:1]
    known = {each.marker.path for each in view.candidates}
    return [path for path in dict.fromkeys(found) if path not in known]


def _usual(directory: str, view: View) -> list[str]:
    """Return the usual places in DIRECTORY that would come before what was chosen."""
    chosen = view.chosen or view.blocked
    base = directory.rstrip("/")
    rank = chosen.marker.rank if chosen and chosen.marker.dir == directory else RANK_PIN + 1
    usual = ((f"{base}/.venv", RANK_DIRECTORY), (f"{base}/{projectfiles.PINS[0]}", RANK_PIN))
    return [path for path, its in usual if its < rank]
