"""What entering a directory comes to, for the commands that do: `wend exec` and `wend env`.

The daemon answers with the same function as a command without one, from the same variables.
"""

from __future__ import annotations

import os

from wend import record as records
from wend.context import Context
from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.engine.decide import Decision, decide_for_command
from wend.engine.look import View, look
from wend.engine.situation import Situation, situate, unknown_variables
from wend.engine.transition import transition, unknown_names
from wend.errors import NoEnvironmentError, UntrustedError, WendError
from wend.formats import compact
from wend.kinds import KINDS, declared, owners
from wend.model import Edit, Set, Source, Unset
from wend.plan import apply
from wend.protocol import Outcome, Request
from wend.record import Record
from wend.shells import ALIASES, DEFAULT, SHELLS, Apply
from wend.system import native
from wend.text import quoted, visible
from wend.typed import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from wend import documents

_RUN = """\
command -v -- "$1" >/dev/null 2>&1 || { printf 'wend: %s: command not found: %s\\n' "$1" FIX >&2; exit 127; }
exec "$@\""""


def nothing_active(env: dict[str, str]) -> dict[str, str]:
    """Return ENV with no environment active; conda's base stays beneath, as it does at a `cd`."""
    for kind in KINDS.values():
        env = kind.without(env, everything=False)
    return env


def nothing_at_all(env: dict[str, str]) -> dict[str, str]:
    """Return ENV with no environment active, and not even conda's base."""
    for kind in KINDS.values():
        env = kind.without(env, everything=True)
    return env


def refusal(seen: View, path: str, context: Context) -> WendError:
    """Return why there is no environment for the directory PATH, with the exit status that says so."""
    unusable = (each for each in seen.candidates if each.status in ("broken", "unavailable"))
    told = seen.blocked or seen.ended or next(unusable, None)
    kind = UntrustedError if seen.blocked else NoEnvironmentError
    from wend import fixes  # noqa: PLC0415

    if told is not None:
        return kind(f"{told.marker.path}: {told.reason}", fixes.typed_in(told.fix, told.marker.dir, path))
    if path in NEVER:
        return kind(f"wend uses no environment in {path}", fixes.ANOTHER_DIRECTORY)
    return kind(f"no environment for {visible(path)}", owners.recognised(path, context)[1] or "wend create")


def strip(form: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Return what removes the environments that a command of FORM does not build on."""
    return {"exec": nothing_active, "dotenv": nothing_active, "json": nothing_at_all}.get(form, dict)


def notes(form: str) -> bool:
    """Return whether a command of FORM tells what the user should know of a usable environment."""
    return form == "json"


def known(form: str, shell: str) -> bool:
    """Return whether there is an outcome of FORM for SHELL, empty where it does not matter."""
    return form in _FORMS and (not shell or shell in SHELLS or shell in ALIASES)


def enter(form: str, shell: str, request: Request, disk: Disk) -> Outcome:
    """Return the outcome of FORM for SHELL in the directory of REQUEST, which holds what a command has sent.

    It may be that the command must ask again, and send more.
    """
    situation = situate(request._replace(shell=named(shell), event="prompt", facts=()), disk, strip=strip(form))
    # All at once: a command asks once only, so it never learns of a tool's variables by meeting one of its files.
    needed = dict.fromkeys((*sorted(declared()), *unknown_variables(situation)))
    if missing := situation.context.missing(needed):
        return Outcome(names=missing)
    view = look(situation, noting=notes(form))
    if view.missing:
        return Outcome(names=view.missing)
    decision = decide_for_command(situation, view)
    if missing := decision.missing or unknown_names(situation, decision):
        return Outcome(names=missing)
    return outcome(form, named(shell), situation, view, decision)


def outcome(form: str, shell: str, situation: Situation, view: View, decision: Decision) -> Outcome:
    """Return the outcome of FORM for SHELL, where DECISION was made of what is seen from the directory."""
    return _FORMS[form](shell, situation, view, decision)


def named(shell: str) -> str:
    """Return the shell that SHELL names: another name of it, or nothing where any would do."""
    return ALIASES.get(shell, shell) or DEFAULT


def _refused(situation: Situation, view: View, text: str = "") -> Outcome:
    error = refusal(view, situation.request.cwd, situation.context)
    return Outcome(text, (), error.status, error.what, error.fix)


def _exec(_: str, situation: Situation, view: View, decision: Decision) -> Outcome:
    """Return what a process needs to run in the environment.

    It gets no record: in a shell started this way the environment counts as activated manually, and stays.
    """
    if decision.target is None:
        return _refused(situation, view)
    edits = transition(situation, decision).edits
    changes = ("WEND_UNDO", f"WEND_ENV={decision.target.name}")
    if any(isinstance(edit, Source) for edit in edits):
        posix = SHELLS[DEFAULT].script
        edits = tuple(edit for edit in edits if not isinstance(edit, Source) or edit.path.endswith(posix))
    if any(isinstance(edit, Source) for edit in edits):
        fix = f"ls {quoted(os.path.dirname(decision.target.python))}"
        return Outcome("\n".join((*map(_line, edits), _RUN.replace("FIX", quoted(fix)))), changes)
    return Outcome(changes=(*changes, *map(_change, edits)))


def _line(edit: Edit) -> str:
    if isinstance(edit, Source):
        return f". {quoted(edit.path)}"
    if isinstance(edit, Unset):
        return f"unset {edit.name}"
    return f"export {edit.name}={quoted(edit.value)}"


def _change(edit: Edit) -> str:
    return f"{edit.name}={edit.value}" if isinstance(edit, Set) else edit[0]


def _code(shell: str, situation: Situation, view: View, decision: Decision) -> Outcome:
    """Return code that takes the shell in which this runs to the environment, or to none, and why none."""
    change = transition(situation, decision)
    told = Apply(
        shell=shell,
        edits=change.edits,
        undo=records.dump(Record(change.record.undo)),
        env=decision.target.name if decision.target else "",
    )
    text = SHELLS[shell].edits(told)
    return Outcome(text) if decision.target else _refused(situation, view, text)


def _dotenv(_: str, situation: Situation, view: View, decision: Decision) -> Outcome:
    from wend.shells.dotenv import dotenv  # noqa: PLC0415  few ask for it

    del decision
    if view.target is None:
        return _refused(situation, view)
    after, undo = apply(situation.context.env, view.target)
    names = dict.fromkeys(("PATH", *(name for name, _, _ in undo.scalars)))
    return Outcome(dotenv({name: after[name] for name in names if name in after}))


def _json(shell: str, situation: Situation, view: View, decision: Decision) -> Outcome:
    """Return the document; that there is no environment is told in it."""
    from wend.engine.notice import told  # noqa: PLC0415
    from wend.engine.summary import summary  # noqa: PLC0415
    from wend.shells.dotenv import changes  # noqa: PLC0415

    path = situation.request.cwd
    error = None if view.target else refusal(view, path, situation.context)
    notice = visible(error.line()) if error else told(view, decision, path)
    document: documents.Env = {
        "dir": native(path),
        "env": summary(view.target) if view.target else None,
        "changes": changes(view.target, SHELLS[shell].script),
        "prompt": _prompt(situation, view),
        "notices": [notice] if notice and view.candidates else [],
    }
    return Outcome(compact.indented({"schema": 1, **document}) + "\n", status=error.status if error else 0)


def _prompt(situation: Situation, view: View) -> str:
    from wend.engine.prompt import shown_name  # noqa: PLC0415

    target, settings = view.target, situation.context.settings
    if target is None or not target.name or settings.prompt_mode == "never" or target.prompt == "":
        return ""
    return visible(shown_name(target, settings))


_FORMS: dict[str, Callable[[str, Situation, View, Decision], Outcome]] = {
    "exec": _exec,
    "shell": _code,
    "dotenv": _dotenv,
    "json": _json,
}
