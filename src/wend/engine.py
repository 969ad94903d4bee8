"""The road of one question, top to bottom: detect, resolve, trust, decide, plan.

The same functions serve the daemon, `wend env`, `wend exec`, `wend explain` and the fallback without a daemon, so
every way of asking gets the same answer. Nothing here remembers anything between two questions.
"""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from wend import config, trust
from wend import undo as undo_record
from wend.detect import NEVER, detect
from wend.disk import Disk
from wend.kinds import KINDS, conda
from wend.model import RANK_DIRECTORY, Candidate, Problem, Target, Tests
from wend.plan import Plan, plan
from wend.protocol import INPUTS, Request
from wend.render import Reply
from wend.text import visible
from wend.undo import Undo
from wend.where import Where


class View(NamedTuple):
    """What is to be seen from a directory: the candidates in order, and the one chosen, if any."""

    candidates: tuple[Candidate, ...]
    chosen: Optional[Candidate]
    blocked: Optional[Candidate]  # nearest usable one, not trusted: it lets nothing behind it through


class Answer(NamedTuple):
    """A reply with what the daemon keeps of it."""

    reply: Reply
    target: Optional[Target]  # active after the reply, by wend's doing
    root: str  # of the project that the shell is in, empty for none


def look(cwd: str, where: Where) -> View:
    """Return every candidate seen from CWD with the verdict on it."""
    candidates: list[Candidate] = []
    chosen = blocked = None
    for marker in detect(cwd, where):
        found = KINDS[marker.kind].resolve(marker, where)
        if found is None:
            continue
        if isinstance(found, Problem):
            candidate = Candidate(marker, found.status, found.reason, fix=found.fix, quiet=found.quiet)
        elif chosen or blocked:
            nearer = chosen or blocked
            assert nearer is not None
            candidate = Candidate(marker, "shadowed", f"{nearer.marker.path} is nearer or comes first", found)
        else:
            verdict = trust.judge(found, where)
            status = "chosen" if verdict.allowed else "untrusted"
            candidate = Candidate(marker, status, verdict.reason, found, verdict.fix, verdict.quiet)
            if verdict.allowed:
                chosen = candidate
            else:
                blocked = candidate
        candidates.append(candidate)
    return View(tuple(candidates), chosen, blocked)


def respond(request: Request, disk: Disk) -> Answer:
    """Return the answer to a shell's REQUEST. Reads the disk through DISK alone."""
    env, undo = request.env, _hand_over(undo_record.load(request.undo), request)
    more = tuple(name for name in undo_record.names(undo) if name not in INPUTS)
    if missing := [name for name in more if name not in request.asked]:
        return _ask_again(request, (*request.asked, *missing))

    settings, _ = config.load(env, disk)  # mistakes in it: `wend config`; a prompt is no place for them
    # Markers are resolved from the environment as it would be without wend: conda's levels count from there.
    where = Where(disk, undo_record.revert(undo, env), settings)
    view = look(request.cwd, where)
    root = _root(view)
    wanted, undo, keep = _decide(request, undo, view, root, disk)
    if wanted is not None:
        more = (*more, *_unknown_names(wanted, more))
        if missing := [name for name in more if name not in request.asked]:
            return _ask_again(request, (*request.asked, *missing))

    undo, notice = _notice(view, undo, wanted, env)
    if keep or (wanted is not None and _in_place(undo, wanted, request)):
        steps = Plan((), undo)
    else:
        off, back = scripts_off(undo, wanted, where), scripts_back(undo, wanted, where)
        steps = plan(env, undo, wanted, scripts_off=off, scripts_back=back)
    after = tuple(name for name in undo_record.names(steps.undo) if name not in INPUTS)
    record = undo_record.dump(steps.undo)
    reply = Reply(
        shell=request.shell,
        edits=steps.edits,
        undo=None if record == request.undo else record,
        env=_env_name(wanted, env),
        prompt=prompt_text(wanted, request, settings.prompt_mode, settings.prompt_format),
        swap=env.get("CONDA_PROMPT_MODIFIER", "") if wanted and wanted.kind == "conda" else "",
        active=_deactivate(request, undo, wanted),
        tests=_tests(request.cwd, root, view, wanted),
        more=after,
        again=False,
        notice=notice,
        unwrap=request.shell == "bash" and not settings.bash_wrap_cd,
    )
    return Answer(reply, wanted, root)


# Asked for beside the missing names, so that a shell's first question is still known when it is asked anew.
_FIRST = "WEND_FIRST"


def _first(request: Request) -> bool:
    return request.number <= 1 or _FIRST in request.asked


def _ask_again(request: Request, more: tuple[str, ...]) -> Answer:
    if _first(request):
        more = (*more, _FIRST)
    reply = Reply(request.shell, (), None, None, None, "", False, Tests(), tuple(dict.fromkeys(more)), True, "")
    return Answer(reply, None, "")


def _root(view: View) -> str:
    """Return the project that a directory belongs to, as far as markers tell."""
    nearest = view.chosen or view.blocked
    return nearest.marker.dir if nearest else ""


def _decide(request: Request, undo: Undo, view: View, root: str, disk: Disk) -> tuple[Optional[Target], Undo, bool]:
    """Return the wanted target, the record with what is to be remembered, and whether to touch nothing.

    Who decides, in order: WEND_DISABLE, `wend off`, a typed `deactivate`, an environment activated by hand,
    the project.
    """
    env, words = request.env, request.words
    target = view.chosen.target if view.chosen else None
    if env.get("WEND_DISABLE", "") not in ("", "0"):
        return None, undo._replace(hold="", hand=(), note=""), False
    if "locked" in words:  # PATH or the like is readonly in this shell: nothing could be done in whole
        return None, undo, True

    if "off" in words:
        undo = undo._replace(hold="*")
    elif "on" in words:
        undo = undo._replace(hold="")
    typed = "deactivate" in words and "nondestructive" not in words
    if undo.active and _taken_down(undo, env):
        undo = undo._replace(hold=undo.active.root, active=None)  # its scripts have run
    elif undo.active and typed:
        undo = undo._replace(hold=undo.active.root)
    if undo.hold and undo.hold in ("*", root):
        return None, undo, False
    undo = undo._replace(hold="")
    if "nondestructive" in words:  # another activate script runs: make room, its environment comes next
        return None, undo, False

    hand = _by_hand(undo, env)
    if not hand or not disk.is_dir(
        hand
    ):  # a prefix that is gone, inherited from an old tmux server, say, is nobody's will
        if target and undo.hand == (target.prefix, root):  # the project's own, and deactivated there
            target, undo = None, undo._replace(hold=root)
        return target, undo._replace(hand=(), added=(*undo.added, *undo.owed), owed=()), False
    if not undo.hand or undo.hand[0] != hand:
        undo = undo._replace(hand=(hand, root))
    seen_in = undo.hand[1]
    respected = not (seen_in and root and root != seen_in)
    # What wend put beneath it stays until the project is left: it comes back when theirs goes.
    if respected and undo.active is not None and undo.active.root == root:
        return None, undo, True
    if _covered(undo, env):  # its `deactivate` will bring our entries back, whatever is taken out of PATH now
        undo = undo._replace(owed=(*undo.added, *undo.owed))
        if undo.active and undo.active.prefix == hand:  # ours and theirs are the same: it is theirs now
            undo = undo._replace(scalars=tuple(scalar for scalar in undo.scalars if scalar[0] != "VIRTUAL_ENV"))
    return None if respected else target, undo, False


def _covered(undo: Undo, env: dict[str, str]) -> bool:
    """Whether an activate script was run on top of what wend had activated."""
    saved = undo_record.split(env.get("_OLD_VIRTUAL_PATH"))
    return undo.active is not None and bool(undo.added) and undo.added[0] in saved


def _hand_over(undo: Undo, request: Request) -> Undo:
    """Return the record, without the conda environment that it holds if that is conda's business now.

    What `conda activate` put on top of it counts its levels from ours: were ours taken out from below, `conda
    deactivate` would find no way down. In its project it stays ours, because there it may come to light again.
    In a new shell it was a start-up file that activated base: that does not say that the user wants ours off.
    """
    active, env = undo.active, request.env
    ours = next((after for name, _, after in undo.scalars if name == "CONDA_SHLVL"), None)
    if active is None or active.kind != "conda" or ours is None:
        return undo
    if conda.level(env.get("CONDA_SHLVL", "")) <= conda.level(ours):
        return undo
    if _first(request):
        return Undo(hold=undo.hold, hand=undo.hand, note=undo.note)
    inside = request.cwd == active.root or request.cwd.startswith(active.root.rstrip("/") + "/")
    if inside and env.get("CONDA_DEFAULT_ENV") != "base":
        return undo
    return Undo(hold=active.root, hand=undo.hand, note=undo.note)


def _taken_down(undo: Undo, env: dict[str, str]) -> bool:
    """Whether the user typed `conda deactivate` for an environment that wend activated."""
    if undo.active is None or undo.active.kind != "conda":
        return False
    before = next((before for name, before, _ in undo.scalars if name == "CONDA_PREFIX"), None)
    return env.get("CONDA_PREFIX", "") in ("", before or "")


def _by_hand(undo: Undo, env: dict[str, str]) -> str:
    """Return the prefix of an environment that somebody else activated, empty for none. conda's base is none."""
    base = undo_record.revert(undo, env)
    prefix = base.get("VIRTUAL_ENV", "")
    if not prefix and _covered(undo, env):  # the same as ours
        prefix = env.get("VIRTUAL_ENV", "")
    if prefix:
        return prefix
    prefix = base.get("CONDA_PREFIX", "")
    return prefix if prefix and base.get("CONDA_DEFAULT_ENV") != "base" else ""


def _in_place(undo: Undo, wanted: Target, request: Request) -> bool:
    """Whether WANTED is active already and as we left it, so that nothing the user did meanwhile is touched.

    Not for a shell's first request: its start-up files may have put PATH entries before the inherited ones.
    """
    active = undo.active
    if _first(request) or active is None:
        return False
    if (active.kind, active.name, active.prefix, active.root) != (wanted.kind, wanted.name, wanted.prefix, wanted.root):
        return False
    key = "CONDA_PREFIX" if wanted.kind == "conda" else "VIRTUAL_ENV"
    return undo.added == wanted.path and dict(wanted.set).get(key) == request.env.get(key)


def _unknown_names(target: Target, known: tuple[str, ...]) -> tuple[str, ...]:
    names = (*(name for name, _ in target.set), *target.unset)
    return tuple(n for n in names if n not in INPUTS and n not in known and undo_record.allowed_name(n))


def scripts_off(undo: Undo, wanted: Optional[Target], where: Where) -> tuple[str, ...]:
    """Return the deactivate.d scripts of the conda environment being left, if it still passes the gate.

    That is the one of the record, else the one that was active without wend and now gets another on top. The
    record may be planted, so what it names is resolved and judged as if it were entered now.
    """
    active = undo.active if undo.active and undo.active.kind == "conda" else None
    entered = wanted.prefix if wanted and wanted.kind == "conda" else ""
    if not active and not entered:
        return ()
    below = _beneath(where)
    left = active.prefix if active else below.prefix if below else ""
    if left == (entered or (below.prefix if below else "")):
        return ()
    if below and left == below.prefix:
        return below.scripts_off
    if not active or not os.path.isabs(active.root):
        return ()
    known = [candidate.target for candidate in look(active.root, where).candidates]
    for found in (*known, conda.stored(left, where)):
        if found and (found.kind, found.prefix) == ("conda", left) and trust.judge(found, where).allowed:
            return found.scripts_off
    return ()


def scripts_back(undo: Undo, wanted: Optional[Target], where: Where) -> tuple[str, ...]:
    """Return the activate.d scripts of the conda environment that comes to light again, mostly base."""
    active = undo.active
    if active is None or active.kind != "conda":
        return ()
    below = _beneath(where)
    if below is None or below.prefix == active.prefix:
        return ()
    return () if wanted and wanted.kind == "conda" and wanted.prefix != below.prefix else below.scripts_on


def _beneath(where: Where) -> Optional[Target]:
    below = conda.beneath(where)
    return below if below and trust.judge(below, where).allowed else None


def _deactivate(request: Request, undo: Undo, wanted: Optional[Target]) -> Optional[bool]:
    """Return whether the shell needs its `deactivate`; None when it has what it needs.

    Beside an environment activated by hand it is that one's, and goes with it.
    """
    if undo.hand:
        return None
    before = undo_record.load(request.undo)
    had = before.active is not None and not _first(request) and not before.hand
    return None if had == (wanted is not None) and not _first(request) else wanted is not None


def _env_name(wanted: Optional[Target], env: dict[str, str]) -> Optional[str]:
    name = wanted.name if wanted else ""
    return None if env.get("WEND_ENV", "") == name else name


def summary(target: Target) -> dict[str, Optional[str]]:
    """Return what documents and `status` say of an environment: the `env` object."""
    return {
        "kind": target.kind,
        "name": target.name,
        "prefix": target.prefix,
        "root": target.root,
        "marker": target.marker,
        "python": target.python,
        "python_version": target.python_version,
    }


def prompt_text(wanted: Optional[Target], request: Request, mode: str, form: str) -> str:
    """Return what to show in front of the prompt: once, and not where somebody else shows it."""
    if wanted is None or mode == "never" or not wanted.name:
        return ""
    env = request.env
    if mode == "auto":
        framework = (
            env.get("STARSHIP_SHELL") == request.shell
            or env.get("POSH_SHELL") == request.shell
            or "prompt" in request.words
            or (request.shell == "zsh" and "P9K_VERSION" in env)
        )
        if framework or env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
            return ""
        unwanted = ("CONDA_PROMPT_MODIFIER", "") in wanted.set  # changeps1: false
        if wanted.kind == "conda" and (unwanted or "conda-prompt" in request.words):
            return ""
    return visible(form.replace("{name}", wanted.name))


def _notice(view: View, undo: Undo, wanted: Optional[Target], env: dict[str, str]) -> tuple[Undo, str]:
    """Return the record and at most one line, which is shown once for each entry into the project."""
    problem = view.blocked
    if problem is None and wanted is None and not undo.hold and not undo.hand:
        problem = next((c for c in view.candidates if c.status in ("broken", "unavailable") and not c.quiet), None)
    if problem is None or problem.quiet or not (problem.reason or problem.fix):
        return undo._replace(note=""), ""
    line = f"wend: {visible(problem.marker.path)}: {problem.reason}"
    if problem.fix:
        line += f": {problem.fix}"
    if undo.note == line:
        return undo, ""
    return undo._replace(note=line), "" if env.get("WEND_QUIET") == "1" else line


def _tests(cwd: str, root: str, view: View, wanted: Optional[Target]) -> Tests:
    """Return the paths whose existence tells the next prompt that nothing changed: four at most.

    An environment inside the project stands for its marker; one in a store does not go unseen for long anyway.
    """
    chosen = view.chosen or view.blocked
    present: list[str] = []
    if wanted and wanted.must_exist and wanted.must_exist[0].startswith(wanted.root.rstrip("/") + "/"):
        present.append(wanted.must_exist[0])
    if chosen and not any(path.startswith(chosen.marker.path + "/") for path in present):
        present.append(chosen.marker.path)

    base = cwd.rstrip("/")
    wished = [] if cwd in NEVER else [f"{base}/.venv", f"{base}/.python-version"]
    if chosen and chosen.marker.rank > RANK_DIRECTORY:
        wished.append(f"{root.rstrip('/')}/.venv")
    status = {candidate.marker.path: candidate.status for candidate in view.candidates}
    absent = [path for path in dict.fromkeys(wished) if path not in status]
    absent += [f"{path}/bin/python" for path in wished if status.get(path) == "broken"]
    return Tests(tuple(present[:2]), tuple(absent[:3]))
