"""The list of scenarios: what a person does and what is seen then, the same in every shell.

A scenario takes the world to build in and a function that starts a shell; where a shell has no such thing, it
is named with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Callable, NamedTuple, Protocol

import pytest

from tests.shells.driver import Shell, World, is_bash_before
from tests.shells.table import ROWS, Row


class Start(Protocol):
    """Starts a shell of the row in question."""

    row: Row

    def __call__(
        self, *, cwd: str = "", before: str = "", after: str = "", env: dict[str, str] | None = None,
        wrapper: tuple[str, ...] = (), hook: str = "", row: Row | None = None,
    ) -> Shell:  # fmt: skip
        """Return the shell at its first prompt."""


class Scenario(NamedTuple):
    """One row of the list."""

    name: str
    run: Callable[[World, Start], None]
    without: Mapping[str, str]  # shell: why it has no meaning there
    needs: str  # a program beyond the shell


SCENARIOS: list[Scenario] = []


def scenario(
    needs: str = "", **without: str
) -> Callable[[Callable[[World, Start], None]], Callable[[World, Start], None]]:
    """Enter a function into the list under its own name."""

    def enter(run: Callable[[World, Start], None]) -> Callable[[World, Start], None]:
        assert run.__name__ not in {each.name for each in SCENARIOS}, f"two scenarios are called {run.__name__}"
        SCENARIOS.append(Scenario(run.__name__, run, without, needs))
        return run

    return enter


# Moving about


@scenario()
def enter_and_leave(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    before = s.snapshot()
    for _ in range(2):
        s.cd(p)
        s.active(p)
        assert s.python() == f"{p}/.venv"
        s.cd(w.home)
        s.inactive()
        s.same(before)


@scenario()
def switch_directly(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q", "venv")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.cd(q)
    s.active(q, "venv")
    assert f"{p}/.venv".encode() not in s.env()[b"PATH"]
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario()
def subdirectory(w: World, start: Start) -> None:
    p = w.project("p")
    deep = w.directory("p/a/b")
    s = start()
    before = s.snapshot()
    s.cd(deep)
    s.active(p)
    s.cd("..")
    s.active(p)
    s.cd(p)
    s.active(p)
    s.cd("a")
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario()
def nested_projects(w: World, start: Start) -> None:
    outer, inner = w.project("outer"), w.project("outer/inner")
    s = start()
    before = s.snapshot()
    s.cd(outer)
    s.active(outer)
    s.cd("inner")
    s.active(inner)
    s.cd(w.directory("outer/inner/deep"))
    s.active(inner)
    s.cd(outer)
    s.active(outer)
    s.cd(w.home)
    s.same(before)


@scenario()
def siblings(w: World, start: Start) -> None:
    p, q = w.project("proj"), w.directory("proj2")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    s.cd("../proj2")
    s.inactive()
    venv = w.project("proj2")
    assert venv == q
    s.enter()
    s.active(q)
    s.cd(w.home)
    s.same(before)


@scenario()
def one_line(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start()
    s.cd(p)
    line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
    assert s.line(line) == f"{q}/.venv"
    line = s.row.chain.format(f"cd {s.word(w.home)}", f'echo "[{s.row.value.format(name="VIRTUAL_ENV")}]"')
    assert s.line(line) == "[]"


@scenario()
def pushd_popd_and_back(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start()
    before = s.snapshot()
    s.line(f"pushd {s.word(p)}")
    s.active(p)
    s.line(f"pushd {s.word(q)}")
    s.active(q)
    s.line("popd")
    s.active(p)
    s.line("popd")
    s.same(before)
    s.cd(p)
    s.cd(q)
    s.line("cd -")
    s.active(p)


@scenario(pwsh="PowerShell has no autocd")
def autocd(w: World, start: Start) -> None:
    if is_bash_before(start.row, 4):
        pytest.skip("bash 3.2 has no such option")
    p = w.project("p")
    s = start(before={"bash": "shopt -s autocd", "zsh": "setopt autocd"}.get(_name(start), ""))
    before = s.snapshot()
    s.line(s.word(p) + "/")
    s.active(p)
    s.line(s.word(w.home) + "/")
    s.same(before)


@scenario()
def a_directory_that_is_not_there(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.cd(p)
    output = s.line("cd nowhere")
    assert "nowhere" in output
    assert s.line(s.row.status, first=True) == "1"
    s.active(p)


# Shells in shells


@scenario()
def started_inside(w: World, start: Start) -> None:
    p = w.project("p")
    outside = start().snapshot()
    s = start(cwd=p)
    assert s.greeting == ""
    s.active(p)
    s.cd(w.home)
    s.inactive()
    env, own = s.env(), (b"WEND_SHELL", b"OLDPWD", b"DIRSTACK")
    assert {n: v for n, v in env.items() if n not in own} == {n: v for n, v in outside.env.items() if n not in own}


@scenario()
def nested_shell(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.nested()
    s.active(p)
    s.cd(q)
    s.active(q)
    s.cd(w.home)
    s.inactive()
    s.leave()
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario()
def nested_shell_elsewhere(w: World, start: Start) -> None:
    """An environment is inherited where it does not belong: it goes at the first prompt."""
    p = w.project("p")
    s = start()
    s.cd(p)
    inherited = {n.decode(): os.fsdecode(v) for n, v in s.env().items() if n not in (b"_", b"PWD", b"OLDPWD", b"SHLVL")}
    other = start(env=inherited)
    assert other.greeting == ""
    other.inactive()
    assert b"WEND_UNDO" not in other.env()


@scenario(needs="bash zsh")
def another_shell_inside(w: World, start: Start) -> None:
    """What the one shell has activated the other leaves as exactly; the first one has it still."""
    p, q = w.project("p"), w.project("q")
    other = ROWS["zsh" if start.row.name == "bash" else "bash"]
    start(row=other).close()  # its start-up file
    s = start()
    before = s.snapshot()
    s.cd(p)
    own = s.row
    s.nested(row=other)
    s.active(p)
    s.cd(q)
    s.active(q)
    s.line("deactivate")
    s.inactive()
    s.cd(w.home)
    assert s.env()[b"PATH"] == before.env[b"PATH"]
    assert b"WEND_UNDO" not in s.env()
    s.leave()
    assert s.row == own
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario(needs="tmux")
def tmux_pane(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.cd(p)
    socket, out = f"{w.files}/tmux", f"{w.files}/pane"
    tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
    s.line(f"{' '.join(tmux)} new-session -d -x 500 -c {s.word(p)} {s.program} {' '.join(s.row.arguments)}")
    try:

        def type_(line: str, shows: str) -> str:
            subprocess.run([*tmux, "send-keys", "-l", line], check=True)
            subprocess.run([*tmux, "send-keys", "Enter"], check=True)
            return wait_for_pane(shows)

        def wait_for_pane(shows: str) -> str:
            for _ in range(3000):
                pane = subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True).stdout
                if re.search(shows, pane, re.MULTILINE):
                    return pane
            raise AssertionError(f"{shows!r} is not in the pane:\n{pane}")

        wait_for_pane(r"^\(\.venv\) @0@")
        type_(f"cd {s.word(w.home)}; {s.row.tick.format(k=1)}", r"^@1@")
        type_(f"/bin/cp /proc/self/environ {out}; {s.row.tick.format(k=2)}", r"^@2@")
        with open(out, "rb") as file:
            env = file.read()
        assert b"VIRTUAL_ENV" not in env
        assert b".venv" not in env
        assert b"WEND_UNDO" not in env
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


@scenario(fish="a cd in a command substitution stays in fish", pwsh="PowerShell has no subshell")
def subshell(w: World, start: Start) -> None:
    """It never asks: it runs with its parent's environment, and its parent goes on undisturbed."""
    p, q = w.project("p"), w.project("q")
    s = start()
    before = s.snapshot()
    seen = 'printf "[%s]\\n" "${VIRTUAL_ENV-}"'
    assert s.line(f"(cd {s.word(p)}; {seen})") == "[]"
    assert s.line(f'v="$(cd {s.word(p)}; {seen})"; printf "%s\\n" "$v"; unset v') == "[]"
    s.same(before)
    s.cd(q)
    s.active(q)


# What appears and goes


@scenario()
def made_and_removed(w: World, start: Start) -> None:
    """In this shell and in a second terminal, at the very next prompt."""
    p = w.directory("p")
    s, second = start(), start()
    s.cd(p)
    second.cd(w.directory("p/sub"))
    second.cd(p)
    before = s.snapshot()
    uv = os.path.join(os.path.dirname(sys.executable), "uv")
    for make in (
        f"{sys.executable} -m venv --without-pip .venv",
        f"{uv} venv --quiet --python {sys.executable}",
    ):
        s.line(make)
        shown = s.prompt
        name = w.shown(f"{p}/.venv")
        assert shown == f"({name}) "
        s.active(p, name=name)
        second.enter()
        assert second.prompt == f"({name}) "
        second.active(p, name=name)
        s.line("/bin/rm -rf .venv")
        s.inactive()
        second.enter()
        second.inactive()
        s.same(before)


@scenario()
def made_in_the_parent(w: World, start: Start) -> None:
    """An environment made beside or above the directory that the shell is in."""
    outer = w.project("outer")
    inner = w.directory("outer/inner")
    s = start()
    s.cd(inner)
    s.active(outer)
    w.project("outer/inner")
    s.enter()
    s.active(inner)
    shutil.rmtree(f"{inner}/.venv")
    s.enter()
    s.active(outer)


@scenario()
def pins(w: World, start: Start) -> None:
    """A `.python-version` that is made, edited and removed, with and without PYENV_VERSION."""
    p = w.directory("p")
    root = os.path.join(w.home, ".pyenv")
    for version in ("3.10.1", "3.11.2", "3.11.10"):
        os.makedirs(f"{root}/versions/{version}/bin")
        os.symlink(sys.executable, f"{root}/versions/{version}/bin/python")
    s, second = start(), start()
    s.cd(p)
    second.cd(p)
    before = s.snapshot()
    for text, version in (("3.10.1\n", "3.10.1"), ("3.11\n", "3.11.10"), ("3.11.2\n", "3.11.2")):
        s.line(
            f"echo {text.strip()} >| .python-version"
            if s.row.name in ("bash", "zsh")
            else f"echo {text.strip()} > .python-version"
        )
        # Seen at once if it was made; an edit may be faster than the event that tells of it.
        s.until(f"({version}) ")
        s.uses(f"{root}/versions/{version}/bin", version)
        second.until(f"({version}) ")
        second.uses(f"{root}/versions/{version}/bin", version)
    s.set("PYENV_VERSION", "3.10.1")
    s.uses(f"{root}/versions/3.10.1/bin", "3.10.1")
    s.unset("PYENV_VERSION")
    s.uses(f"{root}/versions/3.11.2/bin", "3.11.2")
    os.unlink(f"{p}/.python-version")
    s.enter()
    s.inactive()
    s.same(before)
    w.file("p/.python-version", "3.10\n")
    s.enter()
    s.uses(f"{root}/versions/3.10.1/bin", "3.10.1")
    s.cd(w.home)
    s.inactive()


@scenario()
def conda_environment(w: World, start: Start) -> None:
    """By the name in environment.yml, with its own scripts, from a shell without conda."""
    prefix = f"{w.conda('sci')}/envs/sci"
    for turn, lines in (
        ("activate", {"sh": "export SCI=on", "fish": "set -gx SCI on", "ps1": "$env:SCI = 'on'"}),
        ("deactivate", {"sh": "unset SCI", "fish": "set -e SCI", "ps1": "$env:SCI = $null"}),
    ):
        os.makedirs(f"{prefix}/etc/conda/{turn}.d")
        for ending, line in lines.items():
            w.file(f"{prefix}/etc/conda/{turn}.d/sci.{ending}", f"{line}\n")
    p, q = w.directory("p"), w.project("q")
    w.file("p/environment.yml", "name: sci\ndependencies: [python]\n")
    s = start()
    before = s.snapshot()
    s.cd(p)
    env = s.uses(f"{prefix}/bin", "sci")
    assert (env[b"CONDA_PREFIX"], env[b"CONDA_DEFAULT_ENV"], env[b"CONDA_SHLVL"]) == (
        prefix.encode(),
        b"sci",
        b"1",
    )
    assert env[b"SCI"] == b"on"
    s.cd(q)
    s.active(q)
    assert b"SCI" not in s.env()
    s.cd(p)
    s.uses(f"{prefix}/bin", "sci")
    s.cd(w.home)
    s.same(before)


@scenario()
def deleted_current_directory(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    shutil.rmtree(p)
    assert "wend" not in s.line()
    assert "wend" not in s.line()
    assert s.prompt == ""
    s.cd(w.home)
    s.inactive()
    s.same(before)


@scenario()
def made_again_in_one_line(w: World, start: Start) -> None:
    """Removed and made again between two prompts: what the new one says of itself counts."""
    p = w.project("p", prompt="old")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.active(p, name="old")
    s.line(f"/bin/sh -c 'rm -r {p}/.venv && python3 -m venv --without-pip --prompt new {p}/.venv'")
    s.until("(new) ")
    s.active(p, name="new")
    s.cd(w.home)
    s.same(before)


@scenario()
def moved_while_inside(w: World, start: Start) -> None:
    """Another program renames the project: nothing breaks, and what was copied or moved is told of, not used."""
    p = w.project("p")
    moved = f"{w.tree}/moved"
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    os.rename(p, moved)
    said = s.line() + s.line() + s.line()
    assert said.count("wend:") <= 1, said  # PowerShell's process stands where it was started
    assert s.row.name == "pwsh" or "moved/.venv: it was not made here" in said, said
    s.inactive()
    s.cd(w.home)
    s.same(before)
    s.cd(moved, prints=r"wend: [^\n]*moved/\.venv: [^\n]*")
    s.inactive()
    s.cd(w.home)
    s.same(before)


# Who decides


@scenario()
def activated_manually_before(w: World, start: Start) -> None:
    p, theirs = w.project("p"), w.project("theirs", prompt="theirs")
    s = start(env={"VIRTUAL_ENV_DISABLE_PROMPT": "1"})
    s.line(s.row.activate.format(bin=f"{theirs}/.venv/bin"))  # the script may leave functions of its own behind
    s.line("deactivate")
    before = s.snapshot()
    s.line(s.row.activate.format(bin=f"{theirs}/.venv/bin"))
    for place in (w.home, p, w.home):
        s.cd(place)
        assert s.env()[b"VIRTUAL_ENV"] == os.fsencode(f"{theirs}/.venv")
        assert s.python() == f"{theirs}/.venv"
    s.line("deactivate")
    s.same(before)
    s.cd(p)
    s.active(p, shown=False)


@scenario()
def activated_manually_inside(w: World, start: Start) -> None:
    p, theirs = w.project("p"), w.project("theirs")
    s = start(env={"VIRTUAL_ENV_DISABLE_PROMPT": "1"})
    s.line(s.row.activate.format(bin=f"{theirs}/.venv/bin"))  # the script may leave functions of its own behind
    s.line("deactivate")
    before = s.snapshot()
    s.cd(p)
    s.line(s.row.activate.format(bin=f"{theirs}/.venv/bin"))
    s.enter(2)
    assert s.env()[b"VIRTUAL_ENV"] == os.fsencode(f"{theirs}/.venv")
    assert s.python() == f"{theirs}/.venv"
    s.line("deactivate")
    s.enter()
    s.active(p, shown=False)
    s.cd(w.home)
    s.same(before)


@scenario()
def own_activated_manually(w: World, start: Start) -> None:
    p = w.project("p")
    s = start(env={"VIRTUAL_ENV_DISABLE_PROMPT": "1"})
    s.line(s.row.activate.format(bin=f"{p}/.venv/bin"))  # the script may leave functions of its own behind
    s.line("deactivate")
    before = s.snapshot()
    s.cd(p)
    s.line(s.row.activate.format(bin=f"{p}/.venv/bin"))
    s.enter()
    assert s.env()[b"VIRTUAL_ENV"] == os.fsencode(f"{p}/.venv")
    s.line("deactivate")
    s.cd(w.home)
    s.same(before)


@scenario()
def deactivate(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    sub = w.directory("p/sub")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.line("deactivate")
    s.inactive()
    s.enter(2)
    s.inactive()
    s.cd(sub)
    s.inactive()
    s.cd(q)
    s.active(q)
    s.cd(p)
    s.active(p)
    s.line("deactivate")
    s.inactive()
    s.cd(w.home)
    s.same(before)
    s.cd(p)
    s.active(p)


@scenario()
def deactivate_inherited(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.nested()
    s.line("deactivate")
    s.inactive()
    s.enter()
    s.inactive()
    s.cd(w.home)
    s.inactive()
    s.cd(p)
    s.active(p)
    s.leave()
    s.active(p)
    s.line("deactivate")
    s.nested()
    s.inactive()
    s.leave()
    s.inactive()
    s.cd(w.home)
    s.same(before)


@scenario()
def disabled(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.cd(p)
    s.active(p)
    s.set("WEND_DISABLE", "1")
    s.inactive()
    s.cd(w.home)
    s.cd(p)
    s.inactive()
    s.set("WEND_DISABLE", "0")
    s.active(p)
    s.unset("WEND_DISABLE")
    s.active(p)


@scenario()
def off_and_on(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.cd(p)
    s.line(f"{w.wend} off")
    s.inactive()
    s.cd(w.home)
    s.cd(p)
    s.inactive()
    s.line(f"{w.wend} on")
    s.active(p)


@scenario()
def copied_environment(w: World, start: Start) -> None:
    """What came from elsewhere runs nothing and is told of once for each entry, until it is allowed."""
    source, p = w.project("source"), w.directory("p")
    w.file("source/.venv/bin/ls", "#!/bin/sh\necho pwned\n")
    os.chmod(f"{source}/.venv/bin/ls", 0o755)
    shutil.copytree(f"{source}/.venv", f"{p}/.venv", symlinks=True)
    s = start()
    s.line("ls")  # in fish that sets LS_COLORS
    before = s.snapshot()
    for _ in range(2):
        s.cd(p, prints=r"wend: [^\n]*p/\.venv: [^\n]*wend allow[^\n]*")
        s.inactive()
        assert "pwned" not in s.line("ls")
        s.enter(2)
        s.cd(w.home)
        s.same(before)
    s.set("WEND_QUIET", "1")
    s.cd(p)
    s.line(f"{w.wend} allow")
    s.enter()
    s.active(p)
    s.line(f"{w.wend} deny")
    s.enter()
    s.inactive()


# Variables


@scenario()
def changed_meanwhile(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.set("PYTHONHOME", "/before")
    path = s.env()[b"PATH"]
    s.cd(p)
    assert b"PYTHONHOME" not in s.env()
    now = os.fsdecode(s.env()[b"PATH"])
    s.set("PATH", f"/new:{now}:/tail")
    s.set("PYTHONHOME", "/mine")
    s.enter(2)
    assert s.env()[b"PATH"] == os.fsencode(f"/new:{now}:/tail")
    s.cd(w.home)
    env = s.env()
    assert env[b"PATH"] == b"/new:" + path + b":/tail"
    assert env[b"PYTHONHOME"] == b"/mine"
    assert b"VIRTUAL_ENV" not in env


@scenario()
def absent_and_empty(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    for name in ("PYTHONHOME", "VIRTUAL_ENV_PROMPT"):
        for value in ("", "it's  $(here)"):
            s.set(name, value)
            before = s.snapshot()
            assert before.env[name.encode()] == value.encode()
            s.cd(p)
            s.active(p)
            s.cd(w.home)
            s.same(before)
        s.unset(name)


@scenario()
def same_entry_already_in_path(w: World, start: Start) -> None:
    """Of equal PATH entries only the first is wend's."""
    p = w.project("p")
    s = start()
    s.set("PATH", f"/usr/bin:{p}/.venv/bin:/bin::/usr/bin")
    before = s.snapshot()
    s.cd(p)
    assert s.env()[b"PATH"].startswith(os.fsencode(f"{p}/.venv/bin:/usr/bin:"))
    s.cd(w.home)
    s.same(before)


# Names


@scenario()
def symlinks(w: World, start: Start) -> None:
    real = w.project("real")
    link = os.path.join(w.tree, "link")
    os.symlink(real, link)
    deep = os.path.join(w.tree, "deep")
    os.symlink(w.directory("real/sub"), deep)
    s = start()
    before = s.snapshot()
    s.cd(link)
    s.active(link)
    s.cd(w.home)
    s.line(s.row.physical.format(path=s.word(link)))
    s.active(real)
    s.cd(w.home)
    s.cd(deep)
    s.active(real)
    s.cd(w.home)
    s.same(before)


_HOSTILE = (
    "a space", " lead", "it's", 'say "x"', "new\nline", "last\n", "$(touch pwned)", "`touch pwned`",
    "${HOME}", "%n%d%%", "*?[a]", "~", "-n", "=ls", "!!", "#x", ";touch pwned;",
    "&touch pwned&", "back\\slash", "end\\", "tab\there",
    "\x1b[31mred", "\x7f", "\u2019quote\u2018", "\u202eabc", "dé漢", "(x)", "{a,b}", "@T@", "\\u@\\h$", "a=b",
    "\udcff\udcfe", "x\udc80",
)  # fmt: skip


@scenario()
def hostile_names(w: World, start: Start) -> None:
    s = start()
    before = s.snapshot()
    names = [name for name in _HOSTILE if not re.search(s.row.cannot, name)]
    for name in names:
        p = w.project(f"dir/{name}")
        s.line(s.row.cd.format(path=s.word(p)))
        try:
            s.active(p)
            s.enter()
            s.cd(w.home)
            s.inactive()
        except AssertionError as error:
            raise AssertionError(f"in {name!r}: {error}") from error
    s.same(before)
    assert not _found("pwned", w.home)


@scenario()
def hostile_prompts(w: World, start: Start) -> None:
    """The name of an environment is data: shown as it is, control characters made visible."""
    names = (
        "$(touch pwned)",
        "`touch pwned`",
        "%n %~ %(!.a.b)",
        "\\u \\w \\$ \\",
        "${T}",
        "!! ^x",
        "\x1b[31mred",
        "a\u202eb",
        "'\"",
    )
    s = start()
    before = s.snapshot()
    for index, name in enumerate(names):
        p = w.project(f"p{index}", prompt=name)
        s.cd(p)
        assert b"\x1b[31mred" not in s.child.output  # fish 4 has controls of its own around its prompt
        shown = s.prompt
        env = s.env()
        assert env[b"WEND_ENV"] == env[b"VIRTUAL_ENV_PROMPT"] == name.encode()
        if name.isprintable():
            assert shown == f"({name}) "
        else:
            assert re.fullmatch(r"\(.+\) ", shown)
            assert shown.isprintable(), shown
        s.cd(w.home)
    s.same(before)
    assert not _found("pwned", w.home)


@scenario()
def started_in_bytes(w: World, start: Start) -> None:
    """A shell that cannot spell the directory it is in keeps its hands off."""
    name = "x\udcff"
    p = w.project(name)
    s = start(cwd=p)
    assert s.greeting == ""
    if re.search(s.row.cannot, name):
        s.inactive()
        s.enter(2)
    else:
        s.active(p)
    s.cd(w.home)
    s.inactive()


@scenario()
def colon(w: World, start: Start) -> None:
    """No PATH can hold it: one line says so, once for each entry, and nothing else happens."""
    p = _with_colon(w)
    s = start()
    before = s.snapshot()
    for _ in range(2):
        s.cd(p, prints=r"wend: [^\n]*a:b[^\n]*")
        s.inactive()
        s.enter(2)
        s.cd(w.home)
        s.same(before)


# How people run their shells


@scenario()
def strict(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start()
    if s.row.strict:
        s.line(s.row.strict)
    if s.row.name in ("bash", "zsh"):  # a status that ended the shell, if the hook returned it
        s.line("false && true")
        assert s.line(s.row.status, first=True) == "1"
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    s.enter(2)
    s.line("deactivate")
    s.inactive()
    s.cd(q)
    s.active(q)
    s.cd(w.home)
    s.same(before)


@scenario(fish="fish has no such option", pwsh="PowerShell has no such option")
def noclobber(w: World, start: Start) -> None:
    p = w.project("p")
    s = start(after="set -o noclobber")
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario()
def status_is_kept(w: World, start: Start) -> None:
    """By a prompt at which nothing changed, and by one at which an environment appears."""
    p = w.directory("p")
    s = start()
    s.cd(p)
    for line, probe, expected in s.row.kept:
        for change in (lambda: None, lambda: w.project("p"), lambda: shutil.rmtree(f"{p}/.venv")):
            change()
            s.line(line)
            assert s.line(probe, first=True) == expected, (line, s.prompt)


@scenario()
def status_of_cd(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    for place, expected in ((p, "0"), (f"{p}/nowhere", "1"), (w.home, "0")):
        s.line(f"cd {s.word(place)}")
        assert s.line(s.row.status, first=True) == expected


@scenario()
def sourced_three_times(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    before = s.snapshot()
    for _ in range(3):
        assert s.line(s.row.load.format(file=s.word(w.hook(s.row)))) == ""
    s.cd(p)
    s.active(p)
    assert s.line(s.row.load.format(file=s.word(w.hook(s.row)))) == ""
    s.active(p)
    s.cd(w.home)
    now = s.snapshot()
    assert {n for n in now.env if now.env[n] != before.env.get(n)} <= {b"WEND_SHELL", b"OLDPWD"}
    assert now.state == before.state or _differ(now.state, before.state, "WEND_SHELL")


@scenario()
def not_interactive(w: World, start: Start) -> None:
    """A script that loads the hook gets nothing: no output, no variable, no daemon."""
    p = w.project("p")
    row = start.row
    runtime = w.directory("runtime")
    env = {**w.env, **row.env, "WEND_RUNTIME_DIR": runtime}
    out = f"{w.files}/environ"
    load = row.load.format(file=row.quote(os.fsencode(w.hook(row))))
    text = f"{load}; cd {row.quote(os.fsencode(p))}; /bin/cp /proc/self/environ {out}"
    program = shutil.which(row.name) or row.name
    done = subprocess.run([program, *row.script, text], env=env, cwd=w.home, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with open(out, "rb") as file:
        seen = file.read()
    assert b"WEND_SHELL" not in seen
    assert b"VIRTUAL_ENV" not in seen
    assert os.listdir(runtime) == []


@scenario(
    fish="fish's prompt goes to standard output itself",
    pwsh="PowerShell's prompt goes to standard output itself",
)
def nothing_on_stdout(w: World, start: Start) -> None:
    p, q = w.project("p"), _with_colon(w)
    s = start()
    out = f"{w.files}/stdout"
    s.line(f"exec 9>&1 >{out}")
    for place in (p, q, w.home, p, w.home):
        s.line(f"cd {s.word(place)}")
    s.line("exec >&9 9>&-")
    with open(out, "rb") as file:
        assert file.read() == b""


# The prompt


@scenario()
def prompt_turned_off(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    before = s.snapshot()
    for name, value in (
        ("VIRTUAL_ENV_DISABLE_PROMPT", "1"),
        ("STARSHIP_SHELL", s.row.name),
        ("POSH_SHELL", s.row.name),
    ):
        s.set(name, value)
        s.cd(p)
        s.active(p, shown=False)
        s.cd(w.home)
        s.unset(name)
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario()
def names_as_activate_shows_them(w: World, start: Start) -> None:
    p, q = w.project("p", prompt="my project"), w.project("q", "env")
    assert w.shown(f"{p}/.venv") == "my project"
    s = start()
    s.cd(p)
    s.active(p, name="my project")
    s.cd(q)
    s.active(q, "env")


# No process


@scenario(needs="strace")
def no_process(w: World, start: Start) -> None:
    """Between two marks, prompts and changes of directory start nothing but the second mark."""
    p, q = w.project("p"), w.project("q")
    trace = f"{w.files}/trace"
    s = start(wrapper=("strace", "-f", "-qq", "-e", "trace=process", "-e", "signal=none", "-o", trace))
    s.cd(p)
    s.cd(w.home)
    s.line("/bin/echo mark")
    s.enter(3)
    for place in (p, w.directory("p/sub"), q, w.home, p):
        s.cd(place)
        s.enter()
    s.line("/bin/echo mark")
    s.close()
    with open(trace, encoding="utf-8", errors="replace") as file:
        lines = file.read().split("\n")
    marks = [i for i, line in enumerate(lines) if 'execve("/bin/echo"' in line and "ENOENT" not in line]
    assert len(marks) == 2, marks
    made = [
        line
        for line in lines[marks[0] + 1 : marks[1]]
        if re.search(r"\b(clone3?|v?fork)\(", line) and "CLONE_THREAD" not in line
    ]
    assert len(made) == 1, made


# bash alone

PROMPT_COMMANDS = (
    "unset PROMPT_COMMAND",
    "PROMPT_COMMAND=",
    "PROMPT_COMMAND='n=$((n+1))'",
    "PROMPT_COMMAND='n=$((n+1));'",
    "PROMPT_COMMAND='n=$((n+1)); '",
    "PROMPT_COMMAND=$'n=$((n+1))\\n'",
    "PROMPT_COMMAND='n=$((n+1)) # a remark'",
    "PROMPT_COMMAND=('n=$((n+1))' ':')",
    "PROMPT_COMMAND=()",
    "export PROMPT_COMMAND='n=$((n+1))'",
)


@scenario(**dict.fromkeys(("zsh", "fish", "pwsh"), "PROMPT_COMMAND is bash's"))
def prompt_command(w: World, start: Start) -> None:
    p = w.project("p")
    for shape in PROMPT_COMMANDS:
        try:
            s = start(before=f"n=0\n{shape}")
            assert s.greeting == ""
            s.cd(p)
            s.active(p)
            s.cd(w.home)
            s.inactive()
            first = int(s.line("echo $n"))
            assert int(s.line("echo $n")) - first == ("n+1" in shape)
        except AssertionError as error:
            raise AssertionError(f"with {shape}: {error}") from error


@scenario(**dict.fromkeys(("zsh", "fish", "pwsh"), "PROMPT_COMMAND is bash's"))
def prompt_command_readonly(w: World, start: Start) -> None:
    """Said once; cd still works."""
    p = w.project("p")
    s = start(before="readonly PROMPT_COMMAND='n=1'")
    assert re.fullmatch(r"wend: PROMPT_COMMAND is readonly: [^\n]*", s.greeting)
    s.line(f"cd {s.word(p)}")
    assert s.env()[b"VIRTUAL_ENV"] == os.fsencode(f"{p}/.venv")
    s.cd(w.home)
    assert b"VIRTUAL_ENV" not in s.env()


def _name(start: Start) -> str:
    return start.row.name


def _with_colon(w: World) -> str:
    path = os.path.join(w.tree, "a:b")
    os.rename(w.project("ab"), path)
    return path


def _found(name: str, top: str) -> list[str]:
    return [os.path.join(context, name) for context, _, files in os.walk(top) if name in files]


def _differ(now: tuple[str, ...], before: tuple[str, ...], word: str) -> bool:
    return all(word in line for line in set(now) ^ set(before))
