"""`wend create` and `wend sync` typed in a shell: what they made is active at the next prompt, without a cd."""

from __future__ import annotations

import json
import os
import subprocess
import time

from uv import find_uv_bin

from tests.shells.driver import World
from tests.shells.scenarios import Start, scenario


def _wend(w: World, start: Start, words: str) -> str:
    """Return the command line that runs `wend WORDS`."""
    program = start.row.quote(os.fsencode(w.wend))
    return f"& {program} {words}" if start.row.name == "pwsh" else f"{program} {words}"


def _uv(w: World) -> None:
    """Put uv on PATH: it makes an environment in a moment."""
    programs = os.path.join(w.files, "programs")
    os.mkdir(programs)
    os.symlink(find_uv_bin(), os.path.join(programs, "uv"))
    w.env["PATH"] = f"{programs}:{w.env['PATH']}"


@scenario()
def create_is_active_at_the_next_prompt(w: World, start: Start) -> None:
    _uv(w)
    p = w.directory("p")
    s = start()
    before = s.snapshot()
    s.cd(p)
    output = s.line(_wend(w, start, "create --no-install --prompt demo"))
    assert output.endswith("active at the next prompt; if it is not: wend doctor"), output
    s.active(p, name="demo")
    assert s.python() == f"{p}/.venv"
    s.cd(w.home)
    s.inactive()
    s.same(before)
    s.cd(p)
    s.active(p, name="demo")


@scenario()
def create_by_another_name_and_in_another_directory(w: World, start: Start) -> None:
    """A shell that stands in the project of which another one makes the environment has it at its next prompt."""
    _uv(w)
    p = w.directory("p")
    one, other = start(cwd=p), start()
    one.inactive()
    output = other.line(_wend(w, start, f"create {other.word(p)} --no-install --name env"))
    assert output.endswith(f"active after a cd to {p}"), output
    one.enter()
    one.active(p, "env", name="p")
    other.inactive()
    output = one.line(_wend(w, start, "create --no-install --name env --prompt again --force"))
    assert output.endswith("active at the next prompt; if it is not: wend doctor"), output
    one.active(p, "env", name="again")


@scenario()
def create_where_nothing_is_activated(w: World, start: Start) -> None:
    """It says why not: no hook, wend off, a typed deactivate, WEND_DISABLE; and promises nothing for other shells."""
    _uv(w)
    p = w.directory("p")
    create = _wend(w, start, "create --no-install --force")
    s = start(cwd=p)
    s.line(create)
    s.active(p, name="p")
    s.line("deactivate")
    assert "not active in this shell: deactivate was typed" in s.line(create)
    s.inactive()
    s.line(_wend(w, start, "off"))
    assert "not active in this shell: wend off was typed" in s.line(create)
    s.inactive()
    s.line(_wend(w, start, "on"))
    if start.row.name != "pwsh":
        script = w.file("script", f"#!/bin/sh\n{w.wend} create --no-install --force\nexit\n")
        assert s.line(f"sh {script}").endswith("active where a shell with the hook stands in it")
    s.set("WEND_DISABLE", "1")
    assert "not active in this shell: WEND_DISABLE is set" in s.line(create)
    s.inactive()
    without = start(cwd=p, hook=w.file("nothing.ps1", ""), env={"WEND_SHELL": ""})
    assert "no hook" in without.line(create)
    without.inactive()


# What takes the hook away, of the prompt and of cd.
_TAKEN = {
    "bash": "PROMPT_COMMAND=(':'); unset -f cd",
    "zsh": "mine() { : }; precmd_functions=(mine); chpwd_functions=(mine); zshaddhistory_functions=()",
    "fish": 'functions -e __wend_changed __wend_on_cd; function fish_prompt; echo -n "@$T@ "; end',
    "pwsh": "$s = $ExecutionContext.SessionState.InvokeCommand; "
    "$s.PreCommandLookupAction = $s.LocationChangedAction = $null",
}


@scenario(pwsh="a terminal that begins so has heard of no prompt: its first cd or prompt brings the hook")
def create_where_no_hook_was_ever_called(w: World, start: Start) -> None:
    """A start-up file took it away. The daemon, which was there first, has not heard of the shell: that is said."""
    _uv(w)
    p = w.directory("p")
    start().enter()
    status = [w.wend, "daemon", "status", "--json"]
    while json.loads(subprocess.run(status, env=w.env, capture_output=True, check=True).stdout)["uptime_s"] < 3:
        time.sleep(0.1)
    first = "; unfunction precmd" if start.row.name == "zsh" else ""  # by which it comes back once
    s = start(after=_TAKEN[start.row.name] + first)
    s.line(s.row.cd.format(path=s.word(p)))
    output = s.line(_wend(w, start, "create --no-install"))
    assert output.endswith("; the hook of this shell is not called any more: wend doctor"), output
    s.inactive()
    assert "it has never asked" in s.line(_wend(w, start, "doctor"))


@scenario()
def status_where_the_hook_is_gone(w: World, start: Start) -> None:
    """It promises nothing: where what is seen is not active, that the hook may be gone; in another directory, that."""
    _uv(w)
    p, q = w.directory("p"), w.project("q")
    status = _wend(w, start, "status")
    s = start(cwd=p)
    s.inactive()
    s.line(_TAKEN[start.row.name])
    w.project("p")
    s.line()
    shown = s.line(status)
    assert "active  nothing" in shown
    assert "next    .venv is active after Enter; if it is not, the hook of this shell is not called" in shown
    assert "this shell lags behind: .venv is active after Enter" in s.line(_wend(w, start, "doctor"))
    assert s.line(_wend(w, start, "create --no-install --force")).endswith("if it is not: wend doctor")
    s.line(s.row.cd.format(path=s.word(q)))
    shown = s.line(status)
    assert "next    the hook of this shell is not called any more: wend doctor" in shown
    shown = s.line(_wend(w, start, f"create {s.word(w.directory('r'))} --no-install"))
    assert shown.endswith(f"active after a cd to {w.tree}/r")
    whole = start(cwd=q)
    assert "next " not in whole.line(status)


@scenario()
def sync_of_a_fresh_clone(w: World, start: Start) -> None:
    _uv(w)
    p = w.directory("p")
    w.file("p/requirements.txt", "# nothing yet\n")
    s = start(cwd=p)
    assert s.greeting == f"wend: {p} has requirements.txt and no environment: wend create"
    output = s.line(_wend(w, start, "sync"))
    assert output.endswith("active at the next prompt; if it is not: wend doctor"), output
    s.active(p, name="p")
