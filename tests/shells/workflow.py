"""`wend create` and `wend sync` typed in a shell: what they made is active at the next prompt, without a cd."""

from __future__ import annotations

import os

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
    assert output.endswith("active at the next prompt"), output
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
    assert output.endswith("active at the next prompt"), output
    one.enter()
    one.active(p, "env", name="p")
    other.inactive()
    output = one.line(_wend(w, start, "create --no-install --name env --prompt again --force"))
    assert output.endswith("active at the next prompt"), output
    one.active(p, "env", name="again")


@scenario()
def sync_of_a_fresh_clone(w: World, start: Start) -> None:
    _uv(w)
    p = w.directory("p")
    w.file("p/requirements.txt", "# nothing yet\n")
    s = start(cwd=p)
    assert s.greeting == f"wend: {p} has requirements.txt and no environment: wend create"
    output = s.line(_wend(w, start, "sync"))
    assert output.endswith("active at the next prompt"), output
    s.active(p, name="p")
