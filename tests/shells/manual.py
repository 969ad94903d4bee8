"""Environments that others activate: typed, by an editor's terminal, by a plugin in the same cd.

The project's own is taken over; another one is respected, and covered while another project's is active.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.shells.driver import Shell, Snapshot, World
from tests.shells.scenarios import Start, scenario
from tests.shells.survival import DEACTIVATE, INTEGRATION
from tests.shells.table import Row

# A plugin that activates what it finds in the directory that was entered; inside cd itself.
_PLUGIN = {
    "bash": "plugin() { if [[ -r .venv/bin/activate && -z ${VIRTUAL_ENV-} ]]; then . .venv/bin/activate; fi; }\n"
    'cd() { builtin cd "$@" && plugin; }',
    "zsh": "plugin() { if [[ -r .venv/bin/activate && -z ${VIRTUAL_ENV-} ]]; then . .venv/bin/activate; fi }\n"
    "chpwd_functions+=(plugin)",
    "fish": "function plugin --on-variable PWD\n"
    '  test -r .venv/bin/activate.fish; and test -z "$VIRTUAL_ENV"; and source .venv/bin/activate.fish\nend',
    "pwsh": "function global:plugin { if ((Test-Path .venv/bin/Activate.ps1) -and !$env:VIRTUAL_ENV) "
    "{ . .venv/bin/Activate.ps1 } }\n"
    "function global:enter($path) { Set-Location $path; plugin }",
}

# PowerShell: an activate script runs in the scope of the one who sources it.
_LEFT_BY_SCRIPTS = r"(Venv(Exec)?(Dir|Path)|Prompt|pyvenvCfg|_PYTHON_VENV_PROMPT_PREFIX)="


def _activate(s: Shell, project: str) -> str:
    """Type the activation of PROJECT's environment; return what was printed."""
    return s.line(_script(s.row, project))


def _script(row: Row, project: str) -> str:
    """Return the line that sources the activate script of PROJECT's environment."""
    if row.name == "pwsh":
        _simplify(f"{project}/.venv/bin/{row.shell.activate}")
    return row.load.format(file=row.quote(os.fsencode(f"{project}/.venv/bin/{row.shell.activate}")))


def _simplify(path: str) -> None:
    """Write two calls of PowerShell's cmdlets at PATH so that an engine without all of their parameters has them."""
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    text = text.replace("Join-Path -Resolve ", "Join-Path ")
    text = re.sub(r"New-Variable (-Name \w+) -Description .* -Value", r"Set-Variable \1 -Scope Global -Value", text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _same(s: Shell, before: Snapshot) -> None:
    """Expect the shell to be as it was; in PowerShell, but for the variables that the scripts leave behind."""
    if s.row.name == "pwsh":
        s.same(before._replace(state=s.state()))
        _as(s, before)
    else:
        s.same(before)


def _as(s: Shell, outside: Snapshot) -> None:
    """Expect nothing of an environment that OUTSIDE, which may be of another shell, does not have."""
    s.inactive()
    assert s.env()[b"PATH"] == outside.env[b"PATH"]
    differ = (line for line in set(s.state()) ^ set(outside.state) if not re.match(_LEFT_BY_SCRIPTS, line))
    left = sorted(line for line in differ if re.search(r"virtual_|deactivate|\.venv", line, re.IGNORECASE))
    assert not left, left


def _without_leftovers(s: Shell, project: str) -> None:
    """Activate and deactivate once: an activate script may leave variables and functions of its own behind."""
    _activate(s, project)
    s.line("deactivate")
    s.inactive()


def _is_active(s: Shell, project: str, name: str) -> None:
    """Expect the environment of PROJECT as its own script has activated it, with NAME once in the prompt."""
    env = s.env()
    path = os.fsdecode(env[b"PATH"]).split(":")
    assert os.fsdecode(env[b"VIRTUAL_ENV"]) == f"{project}/.venv"
    assert path[0] == f"{project}/.venv/bin"
    assert path.count(f"{project}/.venv/bin") == 1
    assert b"WEND_ENV" not in env
    assert s.prompt == f"({name}) "


def _tool(w: World, project: str) -> str:
    """Put a program into PROJECT's environment that is nowhere else; return its name."""
    path = w.file(f"{project}/.venv/bin/only-there", "#!/bin/sh\necho ran\n")
    os.chmod(path, 0o755)
    return "only-there"


# -- the project's own environment -------------------------------------------------------------------------------


@scenario()
def own_activated_on_top(w: World, start: Start) -> None:
    """Typed out of habit, or by VS Code into every new terminal."""
    p, q = w.project("p"), w.project("q", prompt="second")
    s = start()
    _without_leftovers(s, p)
    before = s.snapshot()
    for _ in range(2):
        s.cd(p)
        assert _activate(s, p) == ""
        s.active(p)
        s.enter()
        s.active(p)
        s.cd(q)
        s.active(q, name="second")
        s.cd(p)
        s.active(p)
        _activate(s, p)
        s.active(p)
        s.line("deactivate")
        s.inactive()
        s.enter()
        s.inactive()
        s.cd(w.home)
        _same(s, before)


@scenario()
def own_activated_twice(w: World, start: Start) -> None:
    """And left at once, without a prompt in between that is not the one after the script."""
    p = w.project("p", prompt="mine")
    s = start()
    _without_leftovers(s, p)
    before = s.snapshot()
    s.cd(p)
    _activate(s, p)
    _activate(s, p)
    s.active(p, name="mine")
    s.cd(w.home)
    s.inactive()
    _same(s, before)


@scenario()
def own_activated_in_a_new_terminal(w: World, start: Start) -> None:
    """The terminal is opened in the project."""
    p = w.project("p")
    outside = start(cwd=w.home)
    _without_leftovers(outside, p)
    before = outside.snapshot()
    s = start(cwd=p)
    _activate(s, p)
    s.active(p)
    s.cd(w.home)
    _as(s, before)


@scenario()
def own_activated_by_a_start_up_file(w: World, start: Start) -> None:
    """As JetBrains does in its init file: before the hook is loaded, or after."""
    p, q = w.project("p"), w.project("q")
    outside = start()
    _without_leftovers(outside, p)
    before = outside.snapshot()
    line = _script(start.row, p)
    for where in ("before", "after"):
        s = start(cwd=p, before=line if where == "before" else "", after=line if where == "after" else "")
        s.active(p)
        s.enter()
        s.cd(q)
        s.active(q)
        s.cd(p)
        s.active(p)
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        _as(s, before)


@scenario()
def own_injected(w: World, start: Start) -> None:
    """As editors do: variables in the environment of the shell, and no script."""
    p = w.project("p")
    path = w.env["PATH"]
    for prompt in ({}, {"VIRTUAL_ENV_PROMPT": "(.venv) "}):
        s = start(cwd=p, env={"VIRTUAL_ENV": f"{p}/.venv", "PATH": f"{p}/.venv/bin:{path}", **prompt})
        s.active(p)
        without = s.env()[b"PATH"].partition(b":")[2]
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        assert s.env()[b"PATH"] == without
        s.cd(p)
        s.active(p)
        s.cd(w.home)
        s.inactive()
        assert s.env()[b"PATH"] == without


@scenario()
def own_activated_by_a_plugin(w: World, start: Start) -> None:
    """In the same cd, after the hook or before it."""
    p, q = w.project("p"), w.project("q")
    plugin = _PLUGIN[start.row.name]
    cd = "enter {}" if start.row.name == "pwsh" else "cd {}"
    for where in ("before", "after"):
        s = start(before=plugin if where == "before" else "", after=plugin if where == "after" else "")
        path = s.env()[b"PATH"]
        for place in (p, q, p):
            s.line(cd.format(s.word(place)))
            s.active(place)
        s.line("deactivate")
        s.inactive()
        s.line(cd.format(s.word(w.home)))
        s.inactive()
        assert s.env()[b"PATH"] == path


@scenario()
def own_activated_after_deactivate(w: World, start: Start) -> None:
    """A typed activate ends a typed deactivate."""
    p = w.project("p")
    s = start()
    _without_leftovers(s, p)
    before = s.snapshot()
    s.cd(p)
    s.line("deactivate")
    s.inactive()
    _activate(s, p)
    s.active(p)
    s.cd(w.home)
    _same(s, before)


@scenario()
def own_activated_with_a_deactivate_of_the_users(w: World, start: Start) -> None:
    """The user's function of that name is back after leaving, although the script replaces it, too."""
    p = w.project("p")
    s = start(before=DEACTIVATE[start.row.name])
    for _ in range(2):
        s.cd(p)
        _activate(s, p)
        s.active(p)
        s.cd(w.home)
        s.inactive()
        assert s.line("deactivate") == "my own"


@scenario()
def own_activated_with_pythonhome(w: World, start: Start) -> None:
    """The script moves PYTHONHOME away: it is back after leaving, in either order."""
    p = w.project("p")
    start()  # the daemon is there before a PYTHONHOME that no Python starts with
    line = _script(start.row, p)
    home = f"{start.row.set.format(name='PYTHONHOME', value=start.row.quote(b'/elsewhere'))}\n"
    for where in ("on top", "before", "after"):
        s = start(before=home + (line if where == "before" else ""), after=line if where == "after" else "",
                  cwd=w.home if where == "on top" else p)  # fmt: skip
        if where == "on top":
            s.cd(p)
            s.line(line)
        for _ in range(2):
            s.active(p)
            assert b"PYTHONHOME" not in s.env()
            s.cd(w.home)
            s.inactive()
            env = s.env()
            assert env[b"PYTHONHOME"] == b"/elsewhere", where
            assert not [name for name in env if name.startswith(b"_OLD_VIRTUAL")]
            s.cd(p)


@scenario()
def own_activated_by_another_tools_script(w: World, start: Start) -> None:
    """uv's and virtualenv's scripts change more than venv's: variables of libraries, a function `pydoc`."""
    name = start.row.shell.activate.lower()
    for tool in ("uv venv --quiet .venv", "python -m virtualenv --quiet --no-seed .venv"):
        p = w.directory(tool.split()[0])
        subprocess.run(
            f"{os.path.dirname(sys.executable)}/{tool}".split(), cwd=p, check=True,
            env={**w.env, "UV_CACHE_DIR": f"{w.home}/uv"},
        )  # fmt: skip
        s = start(env={"PKG_CONFIG_PATH": "/mine"})
        line = start.row.load.format(file=start.row.quote(os.fsencode(f"{p}/.venv/bin/{name}")))
        s.line(f"{line}; deactivate")
        before = s.snapshot()
        shown = w.shown(f"{p}/.venv")
        for _ in range(2):
            s.cd(p)
            s.active(p, name=shown)
            s.line(line)
            s.active(p, name=shown)
            s.cd(w.home)
            s.same(before)


@scenario(
    bash="there the name itself is in PS1",
    fish="its prompt is a function: nothing draws around a text",
    pwsh="its prompt is a function: nothing draws around a text",
)
def own_shown_through_psvar(w: World, start: Start) -> None:
    """virtualenv's script shows the name through psvar; an integration draws around that, and nothing is left of it."""
    p = w.directory("p")
    subprocess.run(
        f"{os.path.dirname(sys.executable)}/python -m virtualenv --quiet --no-seed .venv".split(), cwd=p, check=True,
        env=w.env,
    )  # fmt: skip
    s = start(after=INTEGRATION["zsh"])
    for _ in range(3):
        s.cd(p)
        s.line(f"{_script(start.row, p)}; draw_around")
        assert re.findall(rb"\(.*?\)", s.drawn()) == [b"(.venv)"]
        s.cd(w.home)
        assert re.findall(rb"\(.*?\)", s.drawn()) == []


@scenario()
def own_activated_outside(w: World, start: Start) -> None:
    """Activated outside of every project: it is the user's everywhere, in its own project, too."""
    p = w.project("p")
    s = start()
    _without_leftovers(s, p)
    before = s.snapshot()
    _activate(s, p)
    for place in (w.home, p, w.home):
        s.cd(place)
        _is_active(s, p, ".venv")
    s.line("deactivate")
    _same(s, before)


@scenario()
def own_in_a_subshell_of_a_tool(w: World, start: Start) -> None:
    """`pipenv shell` and its like exist for their environment."""
    p = w.project("p")
    for name in ("PIPENV_ACTIVE", "POETRY_ACTIVE", "HATCH_ENV_ACTIVE", "PIXI_IN_SHELL", "UV_RUN_RECURSION_DEPTH"):
        s = start(env={"VIRTUAL_ENV": f"{p}/.venv", "PATH": f"{p}/.venv/bin:{w.env['PATH']}", name: "1"}, cwd=p)
        path = s.env()[b"PATH"]
        assert path.count(os.fsencode(p)) == 1
        for place in (p, w.home, p):
            s.cd(place)
            now = s.env()
            assert os.fsdecode(now[b"VIRTUAL_ENV"]) == f"{p}/.venv"
            assert now[b"PATH"] == path


@scenario()
def own_in_a_shell_of_exec(w: World, start: Start) -> None:
    """`wend exec` started the shell for its environment: that stays, wherever the shell goes."""
    p, q = w.project("p"), w.project("q")
    s = start()
    s.enter()
    s.nested(by=f"{w.wend} exec {s.word(p)} --")
    for place in (p, q, w.home, p):
        s.cd(place)
        env = s.env()
        assert os.fsdecode(env[b"VIRTUAL_ENV"]) == f"{p}/.venv"
        assert os.fsdecode(env[b"PATH"]).count(".venv") == 1
        assert s.python() == f"{p}/.venv"
    s.leave()
    s.inactive()


@scenario()
def own_but_not_trusted(w: World, start: Start) -> None:
    """Made elsewhere, and not allowed: what the person activates is the person's, until `deactivate`."""
    source, p = w.project("source"), w.directory("p")
    os.rename(f"{source}/.venv", f"{p}/.venv")
    for script in os.listdir(f"{p}/.venv/bin"):
        if script.lower().startswith("activate"):
            with open(f"{p}/.venv/bin/{script}", "r+", encoding="utf-8-sig") as file:
                text = file.read().replace(source, p)
                file.seek(0)
                file.truncate()
                file.write(text)
    s = start()
    _without_leftovers(s, p)
    s.line(s.row.cd.format(path=s.word(p)))
    s.inactive()
    before = s.snapshot()
    _activate(s, p)
    for place in (p, w.home, p):
        s.line(s.row.cd.format(path=s.word(place)))
        _is_active(s, p, ".venv")
    s.line("deactivate")
    _same(s, before)


@scenario()
def own_activated_after_off(w: World, start: Start) -> None:
    """`wend off`: nothing is taken over."""
    p = w.project("p")
    s = start()
    _without_leftovers(s, p)
    s.cd(p)
    s.line(f"{w.wend} off")
    s.inactive()
    before = s.snapshot()
    _activate(s, p)
    for place in (p, w.home, p):
        s.cd(place)
        _is_active(s, p, ".venv")
    s.line("deactivate")
    _same(s, before)


@scenario()
def own_activated_and_nested(w: World, start: Start) -> None:
    """A shell in the shell leaves what was taken over."""
    p = w.project("p")
    s = start()
    _without_leftovers(s, p)
    before = s.snapshot()
    s.cd(p)
    _activate(s, p)
    s.nested()
    s.active(p)
    without = s.env()[b"PATH"].partition(b":")[2]
    s.line("deactivate")
    s.inactive()
    s.cd(w.home)
    s.inactive()
    assert s.env()[b"PATH"] == without
    s.leave()
    s.active(p)
    s.cd(w.home)
    _same(s, before)


# -- another environment -----------------------------------------------------------------------------------------


@scenario()
def other_activated_outside(w: World, start: Start) -> None:
    """It is the user's, everywhere."""
    p, theirs = w.project("p"), w.project("theirs", prompt="theirs")
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    _activate(s, theirs)
    for place in (w.home, p, w.home):
        s.cd(place)
        _is_active(s, theirs, "theirs")
    s.line("deactivate")
    _same(s, before)
    s.cd(p)
    s.active(p)


@scenario()
def other_is_covered(w: World, start: Start) -> None:
    """Activated in one project, covered in the next: no program and no name of it; both come back exactly."""
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    tool = _tool(w, theirs)
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    _activate(s, theirs)
    _is_active(s, theirs, "theirs")
    assert s.line(tool) == "ran"
    for _ in range(2):
        s.cd(q)
        s.active(q)
        assert "ran" not in s.line(tool)
        s.cd(w.home)
        _is_active(s, theirs, "theirs")
        assert s.line(tool) == "ran"
        s.cd(w.tree)  # another question changes nothing of it
        _is_active(s, theirs, "theirs")
    s.cd(p)
    _is_active(s, theirs, "theirs")
    s.cd(w.home)
    s.line("deactivate")
    _same(s, before)
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    _same(s, before)


@scenario()
def other_of_another_tool_is_covered(w: World, start: Start) -> None:
    """uv's and virtualenv's scripts keep the name without the parentheses that they show around it."""
    q = w.project("q")
    name = start.row.shell.activate.lower()
    for tool in ("uv venv --quiet", "python -m virtualenv --quiet --no-seed"):
        p = w.directory(tool.split()[0])
        subprocess.run(
            f"{os.path.dirname(sys.executable)}/{tool} --prompt theirs .venv".split(), cwd=p, check=True,
            env={**w.env, "UV_CACHE_DIR": f"{w.home}/uv"},
        )  # fmt: skip
        s = start()
        s.cd(w.project(f"for-{os.path.basename(p)}"))
        s.line(start.row.load.format(file=start.row.quote(os.fsencode(f"{p}/.venv/bin/{name}"))))
        shown = s.prompt  # "(theirs) ", but in PowerShell "() " by virtualenv's
        assert shown.strip()
        for _ in range(2):
            s.cd(q)
            s.active(q)
            s.cd(w.home)
            assert s.prompt == shown
        s.line("deactivate")
        s.inactive()


@scenario()
def other_with_pythonhome(w: World, start: Start) -> None:
    """What wend has moved away does not come back beneath another environment; its `deactivate` brings it back."""
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    start()  # the daemon is there before a PYTHONHOME that no Python starts with
    s = start()
    _without_leftovers(s, theirs)
    s.set("PYTHONHOME", "/elsewhere")
    before = s.snapshot()
    s.cd(p)
    _activate(s, theirs)
    for place in (w.home, q, w.home, p):
        assert b"PYTHONHOME" not in s.env()
        s.cd(place)
    s.cd(w.home)
    _is_active(s, theirs, "theirs")
    assert b"PYTHONHOME" not in s.env()
    s.line("deactivate")
    assert s.env()[b"PYTHONHOME"] == b"/elsewhere"
    _same(s, before)


@scenario()
def other_comes_back_after_deactivate(w: World, start: Start) -> None:
    """A typed `deactivate` takes ours off; the covered one is back, with its own `deactivate`."""
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    s.cd(p)
    _activate(s, theirs)
    s.cd(q)
    s.active(q)
    s.line("deactivate")
    _is_active(s, theirs, "theirs")
    s.enter()
    _is_active(s, theirs, "theirs")
    s.line("deactivate")
    s.inactive()
    s.enter()
    s.inactive()
    s.cd(w.home)
    _same(s, before)
    s.cd(q)
    s.active(q)


@scenario()
def other_is_replaced(w: World, start: Start) -> None:
    """Yet another one is activated on top of what covers it: its script calls the `deactivate` that it finds."""
    p, q = w.project("p"), w.project("q")
    theirs, third = w.project("theirs", prompt="theirs"), w.project("third", prompt="third")
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    s.cd(p)
    _activate(s, theirs)
    s.cd(q)
    s.active(q)
    _activate(s, third)
    _is_active(s, third, "third")
    assert "theirs" not in os.fsdecode(s.env()[b"PATH"])
    s.cd(w.home)
    _is_active(s, third, "third")
    s.line("deactivate")
    s.inactive()
    _same(s, before)
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    _same(s, before)


@scenario()
def other_in_the_project_then_our_own(w: World, start: Start) -> None:
    """Another one, and then the project's own on top: that ends the other one, and is taken over."""
    p, theirs = w.project("p"), w.project("theirs", prompt="theirs")
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    s.cd(p)
    _activate(s, theirs)
    _is_active(s, theirs, "theirs")
    _activate(s, p)
    s.active(p)
    s.cd(w.home)
    _same(s, before)


@scenario()
def other_is_covered_then_our_own(w: World, start: Start) -> None:
    """Covered, and then the covering project's own is activated out of habit: that ends the covered one."""
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    s = start()
    _without_leftovers(s, theirs)
    before = s.snapshot()
    s.cd(p)
    _activate(s, theirs)
    s.cd(q)
    s.active(q)
    _activate(s, q)
    s.active(q)
    s.cd(w.home)
    _same(s, before)
    s.cd(q)
    s.active(q)
    s.cd(w.home)
    _same(s, before)
