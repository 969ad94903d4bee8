"""What `wend doctor` says of real shells: a new one with the user's start-up files, and the one that it is typed in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

from tests.shells.driver import World, is_bash_before
from tests.shells.scenarios import Start, scenario

# A line of a start-up file behind the hook, and typed: the hook is in the shell, and is not called any more.
_TAKEN = {
    "bash": ("PROMPT_COMMAND=true; readonly PROMPT_COMMAND", "unset -f cd; unset PROMPT_COMMAND"),
    "zsh": (
        "precmd_functions=(true); readonly precmd_functions",
        "precmd_functions=(); chpwd_functions=(); zshaddhistory_functions=()",
    ),
    "fish": ("functions -e __wend_changed", "functions -e __wend_changed __wend_on_cd"),
    "pwsh": (
        "$global:ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction = $null",
        "$s = $ExecutionContext.SessionState.InvokeCommand; "
        "$s.PreCommandLookupAction = $s.LocationChangedAction = $null",
    ),
}
_FIRST = {
    "bash": 'PROMPT_COMMAND=(mine "${PROMPT_COMMAND[@]}"); mine() { :; }',
    "zsh": "mine() { :; }; precmd_functions=(mine $precmd_functions)",
}


def _doctor(w: World, start: Start, *words: str) -> dict[str, dict[str, Any]]:
    """Return what `wend doctor` finds where the shell of START is the only one on PATH, by id."""
    only = os.path.join(w.files, "only")
    if not os.path.isdir(only):
        os.mkdir(only)
        program = shutil.which(start.row.name)
        assert program
        os.symlink(program, os.path.join(only, start.row.name))
    env = {**w.env, "PATH": only, "NO_COLOR": "1"}
    done = subprocess.run([w.wend, *words], env=env, cwd=w.home, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return {each["id"]: each for each in json.loads(done.stdout)["findings"]} if "--json" in words else {}


def _own(w: World, start: Start, text: str) -> str:
    """Write the user's start-up file; return its path."""
    path = os.path.join(w.home, start.row.rc)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    return path


@scenario()
def doctor_sees_a_new_shell(w: World, start: Start) -> None:
    """It is in order after setup, and what keeps the hook away is named."""
    shell = start.row.name
    path = _own(w, start, "")
    _doctor(w, start, "setup", "--shell", shell)
    found = _doctor(w, start, "doctor", "--json")
    assert found["new-shell"]["text"] == f"a new {shell} loads the hook, and calls it first", found
    assert found["hooks"]["level"] == "ok"
    _own(w, start, _TAKEN[shell][0])
    found = _doctor(w, start, "doctor", "--json")
    assert path in found["new-shell-lost"]["text"], found
    assert found["new-shell-lost"]["fix"].startswith(f"in {path}, remove: "), found
    for name in start.row.shell.startup_files({**w.env}):
        os.unlink(name)
    assert _doctor(w, start, "doctor", "--json")["new-shell-without"]["level"] == "warning"


@scenario(fish="its handlers have no order", pwsh="it is called by the look-up of prompt, before any other")
def doctor_sees_who_comes_first(w: World, start: Start) -> None:
    """What a start-up file puts before the hook is named; zsh's hook goes first again by itself. Setup fixes it."""
    _own(w, start, "")
    _doctor(w, start, "setup", "--shell", start.row.name)
    _own(w, start, _FIRST[start.row.name])
    found = _doctor(w, start, "doctor", "--json")
    assert found["hook-order"]["level"] == "warning"
    if start.row.name == "bash":
        assert "runs mine before the hook" in found["new-shell-order"]["text"]
    else:
        assert "new-shell" in found
    if is_bash_before(start.row, 5, 1):
        # It has the hook at the end of PROMPT_COMMAND, wherever the block is.
        assert found["new-shell-order"]["fix"] == "", found
        return
    found = _doctor(w, start, "doctor", "--json", "--fix")
    assert "new-shell" in found, found
    assert "hook-order" not in found


@scenario()
def doctor_sees_this_shell(w: World, start: Start) -> None:
    """In a shell that lost its hook it says so; before, that all is well."""
    p = w.project("p")
    s = start()

    def found() -> dict[str, dict[str, Any]]:
        file = os.path.join(w.files, "found")
        s.line(
            f"{s.word(w.wend)} doctor --json >{file}"
            if start.row.name != "pwsh"
            else f"& {s.word(w.wend)} doctor --json >{file}"
        )
        with open(file, encoding="utf-8-sig") as stream:
            return {each["id"]: each for each in json.load(stream)["findings"]}

    s.cd(p)
    seen = found()
    assert seen["shell"]["level"] == "ok", seen
    s.line(_TAKEN[start.row.name][1])
    s.line(start.row.cd.format(path=s.word(w.home)))
    seen = found()
    assert p in seen["shell-lost"]["text"], seen
    assert start.row.shell.called_from in seen["shell-lost"]["text"]
