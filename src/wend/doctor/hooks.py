"""The hooks: installed, loaded once, in the right order, and still in charge."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Optional

from wend import fixes, setup
from wend.doctor.finding import ERROR, INFO, OK, WARNING, Case, Finding, Fresh
from wend.doctor.startup import Startup
from wend.errors import WendError
from wend.protocol import SHELL_ID
from wend.setup import missing_hook, places
from wend.shells import SHELLS
from wend.text import visible


def files(case: Case) -> Iterator[Finding]:
    """Find hooks and start-up files that are not as `wend setup` makes them."""
    shells = _chosen(case)
    fix = " ".join(["wend setup", *(f"--shell {shell}" for shell in shells)])
    try:
        changes = setup.plan(case.env, shells)
    except WendError as error:
        yield Finding("hooks", ERROR, error.what, error.fix)
        return
    own = {each.path: each for each in case.startup}
    loaded = {each.shell for each in case.startup if each.loads()}
    other: list[setup.Change] = []
    for change in changes:
        file = own.get(change.path)
        if change.what == "wired" and any(change.path in places.files(shell, case.env) for shell in loaded):
            continue  # by a line of the user's: `own_line` tells
        after = file.after_block() if file else []
        if after:
            number, line = after[0]
            path = visible(change.path)
            text = f"{path} goes on after the hook: what it sets may replace it, from line {number}, {visible(line)}"
            yield Finding("hook-order", WARNING, text, fix, _made([change]))
        else:
            other.append(change)
    if other:
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        text = f"{visible(other[-1].path)}{more}: not as setup makes them"
        if not _having(case):
            text = "no shell loads the hook yet"
        yield Finding("hooks", WARNING, text, fix, _made(other))
    elif not changes:
        yield Finding("hooks", OK, "each shell found loads the installed hook")


def _chosen(case: Case) -> tuple[str, ...]:
    """Return the shells that have something of the hook, if others do not: `wend setup --shell` was for them alone.

    Empty: all have, or none has.
    """
    chosen = _having(case)
    return chosen if chosen != tuple(places.found(case.env)) else ()


def _having(case: Case) -> tuple[str, ...]:
    """Return the shells that have something of the hook."""
    have = {each.shell for each in case.startup if each.blocks or each.loads()}
    found = places.found(case.env)
    return tuple(each for each in found if each in have or os.path.isfile(setup.hook_file(each, case.env)))


def _made(changes: list[setup.Change]) -> Callable[[], None]:
    def make() -> None:
        for change in changes:
            setup.make(change)

    return make


def own_line(case: Case) -> Iterator[Finding]:
    """Find hooks that a line of the user's loads: it works, and starts a process in each new shell."""
    for file in case.startup:
        if file.loads() and not file.blocks:
            number = file.loads()[0]
            text = f"{visible(file.path)}, line {number}, loads the hook; setup does it without a process"
            yield Finding("hook-own-line", INFO, text, fixes.removed(file.path, dict(file.lines)[number], "wend setup"))


def once(case: Case) -> Iterator[Finding]:
    """Find shells that load the hook more than once: the second time does nothing, and takes its time."""
    for shell in dict.fromkeys(each.shell for each in case.startup):
        found = [each for each in case.startup if each.shell == shell]
        logins = _login_files(shell, case)
        loads = [load for each in found if each.path not in logins for load in _loads(each)]
        for each in found:
            if each.path in logins:  # it reads the others, or it stands alone
                loads = _loads(each) + (loads if _reads(each, found) else [])
        if len(loads) > 1:
            own = [(each.path, dict(each.lines)[number]) for each in found for number in each.loads()]
            fix = (
                fixes.removed(*own[0]) if own else f"wend setup --shell {shell} --remove && wend setup --shell {shell}"
            )
            yield Finding("hook-twice", INFO, f"{shell} loads the hook {len(loads)} times: {', '.join(loads)}", fix)


def _login_files(shell: str, case: Case) -> tuple[str, ...]:
    return SHELLS[shell].login_files({**case.env, "HOME": case.env.get("HOME", os.sep)})


def _loads(file: Startup) -> list[str]:
    return [f"{visible(file.path)}:{number}" for number in sorted((*file.loads(), *file.blocks))]


def _reads(file: Startup, others: list[Startup]) -> bool:
    return any(os.path.basename(each.path) in file.text for each in others if each.path != file.path)


def new_shell(case: Case) -> Iterator[Finding]:
    """Find shells that, with the user's own start-up files, do not load the hook or do not call it."""
    for fresh in case.fresh:
        yield from _new_shell(fresh, case)


def _new_shell(fresh: Fresh, case: Case) -> Iterator[Finding]:
    shell, setup_fix = fresh.shell, f"wend setup --shell {fresh.shell}"
    called_from = SHELLS[shell].called_from
    ours = [at for at, each in enumerate(fresh.runs) if SHELLS[shell].entry in each]
    if not fresh.answered:
        text = f"{shell} says nothing with your start-up files, so it is unknown whether it has the hook"
        yield Finding("new-shell-silent", INFO, text, f"wend selftest --shell {shell}")
    elif not fresh.loaded:
        marked = next((each.path for each in case.startup if each.shell == shell and each.blocks), "")
        why = f": the line is in {visible(marked)}, which is not read, or ends before it" if marked else ""
        yield Finding("new-shell-without", WARNING, f"a new {shell} does not load the hook{why}", setup_fix)
    elif not ours:
        culprit = _culprit(shell, case)
        why = f", which {culprit.told} replaces" if culprit else ""
        text = f"a new {shell} has the hook and never calls it: it is not in {called_from}{why}"
        yield Finding("new-shell-lost", WARNING, text, culprit.fix() if culprit else setup_fix)
    elif ours[0]:
        text = f"a new {shell} runs {visible(fresh.runs[0])} before the hook: it sees the environment that was left"
        if SHELLS[shell].last and SHELLS[shell].last in fresh.runs[ours[0]]:  # setup cannot change that
            text, setup_fix = f"{text}; this version of {shell} can only call the hook last", ""
        yield Finding("new-shell-order", INFO, text, setup_fix)
    else:
        yield Finding("new-shell", OK, f"a new {shell} loads the hook, and calls it first")


class _Culprit(NamedTuple):
    """A line of a start-up file that replaces what a hook hangs on."""

    path: str
    number: int
    line: str

    @property
    def told(self) -> str:
        """Return where it is."""
        return f"{visible(self.path)}, line {self.number}"

    def fix(self, then: str = "") -> str:
        """Return what takes it away, and what is to be typed THEN."""
        return fixes.removed(self.path, self.line, then)


def _culprit(shell: str, case: Case) -> Optional[_Culprit]:
    """Return the last line of the start-up files of SHELL that replaces what its hook hangs on, None for none."""
    pattern = re.compile(SHELLS[shell].replaces_hook)
    lines = (_Culprit(each.path, *line) for each in case.startup if each.shell == shell for line in each.lines)
    return next((each for each in reversed(list(lines)) if pattern.search(each.line)), None)


def this_shell(case: Case) -> Iterator[Finding]:
    """Find a shell without a hook in it, and one whose hook is not called any more."""
    if case.env.get("WEND_DISABLE", "") not in ("", "0"):
        yield Finding("disabled", WARNING, "WEND_DISABLE is set", "unset WEND_DISABLE")
    if not SHELL_ID.fullmatch(case.env.get("WEND_SHELL", "")):
        yield Finding("shell", WARNING, "this shell has no hook", missing_hook.fix(case.env))
        return
    known = case.shell or {}
    if case.daemon is not None and not case.trouble and case.shell is None and not case.lost:
        yield Finding("shell-unknown", INFO, "the daemon does not know this shell yet", "press Enter")
    elif case.lost:
        shell = str(known.get("kind") or "")
        culprit = _culprit(shell, case) if shell in SHELLS else None
        called_from = SHELLS[shell].called_from if shell in SHELLS else "its list"
        why = f"; {culprit.told} replaces it" if culprit else ""
        last = f"it asked last in {visible(str(known.get('dir')))}" if known else "it has never asked"
        text = f"the hook of this shell is not called any more: {last}. Something took it out of {called_from}{why}"
        yield Finding("shell-lost", WARNING, text, culprit.fix(_again(case)) if culprit else _again(case))
    elif case.due:
        text = f"this shell lags behind: {visible(case.due.partition(';')[0])}, unless its hook is not called any more"
        yield Finding("shell-behind", WARNING, text, _again(case))
    else:
        yield Finding("shell", OK, "this shell has a hook")


def _again(case: Case) -> str:
    """Return what begins this shell once more, with its hook."""
    kind = str((case.shell or {}).get("kind") or "")
    return SHELLS[kind].restart.format(name=kind) if kind in SHELLS else fixes.NEW_TERMINAL
