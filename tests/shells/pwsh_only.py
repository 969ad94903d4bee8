"""What only PowerShell has: two slots of the engine, a prompt that is a function, and a line editor that redraws it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.shells.driver import World
from tests.shells.scenarios import Start, scenario
from tests.shells.survival import _PROMPT
from tests.shells.upgrade import _first_answers, _is_new, _old_hook

_OTHERS = dict.fromkeys(("bash", "zsh", "fish"), "about what only PowerShell has")
_SLOTS = "$ExecutionContext.SessionState.InvokeCommand"
_THEIR_CD = f"{_SLOTS}.LocationChangedAction = {{ $global:cds++ }}"
_THEIR_LOOKUP = f"{_SLOTS}.PreCommandLookupAction = {{ if ($args[1].CommandName -eq 'look') {{ $global:looks++ }} }}"

# A tool that draws the prompt only where it is still the one that came before: posh-git and PowerShell's own.
_ONLY_DEFAULT = r"""
if ((Get-Command prompt).Definition -eq $global:default) {
  function global:prompt { "[git] $(& $global:drawn)" }
}
"""
_DEFAULT = "$global:default = (Get-Command prompt).Definition\n$global:drawn = $function:prompt\n"


@scenario(**_OTHERS)
def pwsh_prompt_only_if_default(w: World, start: Start) -> None:
    """Loaded after the hook, or typed in a project."""
    p = w.project("p")
    s = start(cwd=p, before=_DEFAULT, after=_ONLY_DEFAULT)
    assert s.prompt == "(.venv) [git] "
    s.enter()
    assert s.prompt == "(.venv) [git] "
    s.cd(w.home)
    assert s.prompt == "[git] "
    s = start(cwd=p, before=_DEFAULT)
    s.active(p)
    s.line(" ".join(_ONLY_DEFAULT.split("\n")))
    assert s.prompt == "(.venv) [git] "


@scenario(**_OTHERS)
def pwsh_prompt_in_profile(w: World, start: Start) -> None:
    """wend stands in profile.ps1, which is read before the profile with the prompt: nothing is missed."""
    p, q = w.project("p"), w.directory("q")
    s = start(cwd=q, after=_PROMPT["pwsh"])
    s.line(f"& {s.word(sys.executable)} -m venv --without-pip .venv")
    s.active(q)
    assert "pwsh, pid" in s.line(f"{w.wend} status")
    s.cd(p)
    s.nested()
    s.active(p)
    s.line("deactivate")
    s.inactive()
    s.leave()
    s.active(p)


@scenario(**_OTHERS)
def pwsh_prompt_is_the_users(w: World, start: Start) -> None:
    """What the user sees of the own prompt is the own prompt, in and out of a project."""
    p = w.project("p")
    s = start()
    shown = "[Console]::WriteLine((Get-Command prompt).CommandType.ToString() + $function:prompt.ToString().Length)"
    theirs = s.line(shown)
    assert theirs.startswith("Function")
    s.cd(p)
    s.active(p)
    assert s.line(shown) == theirs
    assert s.line("[Console]::WriteLine(\"$(prompt)\".Replace('@', ''))").startswith("(.venv) ")
    assert s.line("[Console]::WriteLine(\"$(& $function:prompt)\".Replace('@', ''))").strip().isdigit()


@scenario(**_OTHERS)
def pwsh_prompt_redrawn(w: World, start: Start) -> None:
    """A line editor calls `prompt` from .NET whenever it redraws: the same text, and nothing is told twice."""
    source, p = w.project("source"), w.project("p")
    s = start()
    call = "[powershell]::Create('CurrentRunspace').AddCommand('prompt').Invoke()"
    redraw = f"1..3 | % {{ [Console]::WriteLine(({call} -join '').Replace('@', '')) }}"
    s.cd(p)
    for _ in range(2):
        lines = s.line(redraw).split("\n")
        assert len(lines) == 3
        assert len(set(lines)) == 1
        assert lines[0].startswith("(.venv) ")
        assert lines[0].count("(") == 1
    s.line(f"[IO.Directory]::Delete({s.word(f'{p}/.venv')}, $true)", first=True)
    s.inactive()
    lines = s.line(redraw).split("\n")
    assert [line.strip().isdigit() for line in lines] == [True] * 3
    s.cd(source)
    s.active(source)


@scenario(**_OTHERS)
def pwsh_slots_shared(w: World, start: Start) -> None:
    """Others' actions in both slots go on running, once each, whether they were there before or came later."""
    p, q = w.project("p"), w.project("q")
    before = f"$global:cds = 0; $global:looks = 0; function look {{ }}\n{_THEIR_CD}\n{_THEIR_LOOKUP}"
    s = start(before=before)
    count = '[Console]::WriteLine("$cds $looks"); $global:cds = $global:looks = 0'
    s.line(count)
    s.line("look; look")
    s.cd(p)
    s.cd(q)
    assert s.line(count) == "2 2"
    s.active(q)
    for slot, action in (("LocationChangedAction", _THEIR_CD), ("PreCommandLookupAction", _THEIR_LOOKUP)):
        s = start(before="$global:cds = 0; $global:looks = 0; function look { }")
        s.cd(p)
        s.line(action)
        s.enter()
        s.cd(q)
        s.active(q)
        s.cd(p)
        s.active(p)
        s.line(count)
        s.line("look")
        s.cd(q)
        theirs = "1 0" if slot == "LocationChangedAction" else "0 1"
        assert s.line(count) == theirs, slot
        s.line("deactivate")
        s.inactive()
        s.enter()
        s.inactive()


@scenario(**_OTHERS)
def pwsh_slots_replaced_in_profile(w: World, start: Start) -> None:
    """The prompt and the slot for cd, both after the block."""
    p, q = w.project("p"), w.directory("q")
    s = start(cwd=p, before="$global:cds = 0", after=f"{_THEIR_CD}\n{_PROMPT['pwsh']}")
    s.active(p)
    s.line(f"cd {s.word(q)}; [Console]::WriteLine($env:VIRTUAL_ENV)")
    s.inactive()
    w.project("q")
    s.enter()
    s.active(q)
    line = s.row.chain.format(f"cd {s.word(p)}", "python -c 'import sys; print(sys.prefix)'")
    assert s.line(line) == f"{p}/.venv"


@scenario(**_OTHERS)
def pwsh_look_up_replaced_in_profile(w: World, start: Start) -> None:
    """The slot by which the first prompt finds us, after the block: the first cd brings it back."""
    p, q = w.project("p"), w.project("q")
    for after in (_THEIR_LOOKUP, f"{_THEIR_LOOKUP}\n{_PROMPT['pwsh']}"):
        s = start(cwd=p, before="$global:looks = 0; function look { }", after=after)
        s.cd(q)
        s.active(q)
        s.cd(w.home)
        s.inactive()


@scenario(**_OTHERS)
def pwsh_slots_replaced_by_typing(w: World, start: Start) -> None:
    """Both typed: the prompt brings the slot for cd back."""
    p, q = w.project("p"), w.project("q")
    s = start(before="$global:cds = 0")
    s.line(f"{_THEIR_CD}; " + "; ".join(_PROMPT["pwsh"].split("\n")))
    s.cd(p)
    s.active(p)
    line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
    assert s.line(line) == f"{q}/.venv"


@scenario(**_OTHERS)
def pwsh_other_commands_as_fast(w: World, start: Start) -> None:
    """From the second prompt on, no code of wend's runs when another command is looked up."""
    p = w.project("p")
    s = start(cwd=p)
    s.active(p)
    s.enter(2)
    slot = f"{_SLOTS}.PreCommandLookupAction"
    ours = s.line(f"[Console]::WriteLine({slot}.Target.Constants[0].GetType().Name)")
    assert ours.startswith("EventHandler"), "a script block is called for each command"


@scenario(**_OTHERS)
def pwsh_theme_by_its_old_name(w: World, start: Start) -> None:
    """starship calls PowerShell `powershell`."""
    p = w.project("p")
    for name in ("STARSHIP_SHELL", "POSH_SHELL"):
        for value, shown in (("powershell", False), ("pwsh", False), ("bash", True)):
            s = start(cwd=p, env={name: value})
            s.active(p, shown=shown)


@scenario(**_OTHERS)
def pwsh_upgraded_beneath_another_tool(w: World, start: Start) -> None:
    """Another tool has wrapped the prompt of the old hook: the name stands once, and nothing is missing."""
    p = w.project("p")
    wraps = '$global:drawn = $function:prompt\nfunction global:prompt { "> $(& $global:drawn)" }'
    with _first_answers(w, start.row, b"") as change_daemon:
        s = start(hook=_old_hook(w, start.row), after=wraps)
        change_daemon()
        s.cd(p)
        s.enter()
        assert s.prompt == "(.venv) > "
        s.enter()
        assert s.prompt == "(.venv) > "
        s.cd(w.home)
        assert s.prompt == "> "
        _is_new(s)


@scenario(**_OTHERS)
def pwsh_scripts_of_uv_and_virtualenv(w: World, start: Start) -> None:
    """Their scripts keep what they change in variables of the shell, not in the environment."""
    tools = os.path.dirname(sys.executable)
    makes = (f"{tools}/uv venv --quiet .venv", f"{sys.executable} -m virtualenv --quiet --no-seed .venv")
    theirs = w.project("theirs", prompt="theirs")
    for number, make in enumerate(makes):
        p, q = w.directory(f"p{number}"), w.project(f"q{number}")
        subprocess.run(make.split(), cwd=p, env={**w.env, "UV_CACHE_DIR": f"{w.home}/uv"}, check=True)
        name = w.shown(f"{p}/.venv")
        script = f"{p}/.venv/bin/activate.ps1"
        _simplify(script)
        activate = f". {start.row.quote(os.fsencode(script))}"
        s = start()
        s.line(f"{activate}; deactivate")
        s.set("PYTHONHOME", "/elsewhere")
        before = s.snapshot()
        s.cd(p)
        s.active(p, name=name)
        for _ in range(2):
            s.line(activate)
            s.active(p, name=name)
            s.cd(q)
            s.active(q)
            s.cd(p)
            s.active(p, name=name)
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        s.same(before)
        s.unset("PYTHONHOME")
        before = s.snapshot()
        s.cd(theirs)
        s.line(activate)
        assert s.prompt == f"({name}) "
        s.cd(q)
        s.active(q)
        s.line("deactivate")
        assert s.prompt == f"({name}) "
        assert s.env()[b"VIRTUAL_ENV"] == os.fsencode(f"{p}/.venv")
        s.line("deactivate")
        s.cd(w.home)
        s.same(before)


def _simplify(path: str) -> None:
    """Write what PowerShell's own cmdlets do so that the engine of the tests, which lacks some of them, has it."""
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    text = re.sub(r"New-Variable -Name (\w+) -Description .* -Value", r"Set-Variable \1 -Scope Global -Value", text)
    text = text.replace("Get-Location -PSProvider FileSystem", "Get-Location")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
