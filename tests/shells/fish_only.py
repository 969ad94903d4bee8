"""What only fish has: functions that draw the prompt, autoloaded functions, scripts that return."""

from __future__ import annotations

import os
import re

from tests.shells.driver import PATIENCE, World
from tests.shells.scenarios import Start, scenario

_OTHERS = dict.fromkeys(("bash", "zsh", "pwsh"), "about functions that only fish has")


@scenario(**_OTHERS)
def fish_prompt_changed_inside(w: World, start: Start) -> None:
    """Whatever becomes of the functions that draw the prompt, the name stands in front, once."""
    p = w.project("p")
    mine = 'function fish_prompt; echo -n "@$T@ "; end'
    s = start()
    s.cd(p)
    s.active(p)
    for line in (
        mine,
        f"source {w.home}/.config/fish/config.fish",
        "fish_config prompt choose informative; functions -c fish_prompt theirs; "
        'function fish_prompt; theirs >/dev/null; echo -n "@$T@ "; end',
        "function fish_mode_prompt; end",
        "functions -e fish_mode_prompt",
        f"{mine}; functions -c fish_mode_prompt beneath; function fish_mode_prompt; beneath; end",
    ):
        s.line(line, first=True)  # the configuration sets the number of the prompt, too
        assert s.prompt == "(.venv) ", line
        s.enter(2)
        s.active(p)
    for _ in range(3):
        s.cd(w.home)
        s.inactive()
        s.cd(p)
        s.active(p)


@scenario(**_OTHERS)
def fish_mode_prompt_does_not_grow(w: World, start: Start) -> None:
    """It is the user's again after each visit, and the user's fish_prompt is never touched."""
    p = w.project("p")
    s = start(before="function fish_mode_prompt; echo -n '[mode]'; end")
    text = s.line("functions --no-details fish_mode_prompt fish_prompt")
    for _ in range(3):
        s.cd(p)
        assert s.prompt == "[mode](.venv) "
        s.cd(w.home)
        assert s.prompt == "[mode]"
    assert s.line("functions --no-details fish_mode_prompt fish_prompt") == text


@scenario(**_OTHERS)
def fish_prompt_sees_the_status(w: World, start: Start) -> None:
    p = w.project("p")
    s = start(
        before='function fish_mode_prompt; echo -n "<$status $pipestatus>"; end\n'
        'function fish_prompt; echo -n "<$status $pipestatus>@$T@ "; end'
    )
    s.cd(p)
    s.line("sh -c 'exit 7' | false")
    assert s.prompt == "<1 7 1>(.venv) <1 7 1>"


@scenario(**_OTHERS)
def fish_read_shows_no_name(w: World, start: Start) -> None:
    """`read` draws fish_mode_prompt, too."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.child.sendline(b"read -P (string join '' Na me) name; set -g T 99")
    assert s.child.expect(re.compile(rb"Name"), PATIENCE)
    assert b"(.venv)" not in s.child.before.rpartition(b"\n")[2]
    s.child.sendline(b"me")
    s._k = 99
    s._until(99)
    s.active(p)


@scenario(**_OTHERS)
def fish_without_a_prompt_function(w: World, start: Start) -> None:
    """fish draws a prompt of its own then; nothing is reported."""
    p = w.project("p")
    s = start(cwd=p)
    for line in (
        b"functions -e fish_prompt; functions -e fish_mode_prompt",
        b"cd ..; cd " + s.word(p).encode(),
        b'function fish_prompt; echo -n "@$T@ "; end; set -g T 50',
    ):
        s.child.sendline(line)
    s._k = 50
    output = s._until(50)
    assert "nknown" not in output
    s.active(p)


@scenario(**_OTHERS)
def fish_theme_loaded_late(w: World, start: Start) -> None:
    """A theme's functions come with its fish_prompt, which fish loads only when it draws it."""
    p = w.project("p")
    functions = os.path.join(w.home, ".config/fish/functions")
    os.makedirs(functions)
    with open(f"{functions}/fish_prompt.fish", "w", encoding="utf-8") as file:
        file.write(
            'function fish_prompt; __bobthefish_prompt_virtualfish; echo -n "@$T@ "; end\n'
            "function __bobthefish_prompt_virtualfish; set -q VIRTUAL_ENV; and echo -n '<theme>'; end\n"
        )
    s = start(cwd=p, row=start.row._replace(rc_text="set -g T 0\n{before}\n{hook}\n{after}\n"))
    assert s.prompt == "<theme>"
    s.cd(w.home)
    assert s.prompt == ""


@scenario(**_OTHERS)
def fish_deactivate_of_the_user(w: World, start: Start) -> None:
    """Typed in, or autoloaded from a file: it comes back."""
    p, q = w.project("p"), w.project("q")
    functions = os.path.join(w.home, ".config/fish/functions")
    os.makedirs(functions)
    with open(f"{functions}/deactivate.fish", "w", encoding="utf-8") as file:
        file.write("function deactivate; echo from the file; end\n")
    s = start()
    for expected, before in (("from the file", ""), ("typed", "function deactivate; echo typed; end")):
        s.line(before)
        s.cd(p)
        s.cd(q)
        assert s.line("deactivate") == ""
        s.inactive()
        assert s.line("deactivate") == expected
        s.cd(w.home)
        assert s.line("deactivate") == expected


@scenario(**_OTHERS)
def fish_adopted(w: World, start: Start) -> None:
    """The project's own activate.fish on top of ours: one name, one entry, and all of it goes on leaving."""
    p = w.project("p")
    s = start()
    before = s.snapshot()
    s.cd(p)
    s.line(f"source {s.word(f'{p}/.venv/bin/activate.fish')}")
    s.active(p)
    s.enter(2)
    s.active(p)
    s.cd(w.home)
    s.same(before)


@scenario(**_OTHERS)
def fish_covered(w: World, start: Start) -> None:
    """Another environment's name gives way to ours and comes back, also under a prompt changed meanwhile."""
    blue, p, q = w.project("blue", prompt="blue"), w.project("p"), w.project("q")
    s = start()
    before = s.snapshot()
    for change in ("", 'function fish_prompt; echo -n "@$T@ "; end'):
        s.cd(q)
        s.line(f"source {s.word(f'{blue}/.venv/bin/activate.fish')}")
        assert s.python() == f"{blue}/.venv"
        s.cd(p)
        s.active(p)
        s.line(change)
        s.active(p)
        s.cd(w.home)
        assert s.prompt == "(blue) "
        assert s.python() == f"{blue}/.venv"
        s.line("deactivate")
        s.inactive()
        if not change:
            s.same(before)


@scenario(**_OTHERS)
def fish_script_that_returns(w: World, start: Start) -> None:
    """A script of the environment that returns or fails ends itself only; what it exported stays."""
    prefix = f"{w.conda('sci')}/envs/sci"
    for turn in ("activate", "deactivate"):
        os.makedirs(f"{prefix}/etc/conda/{turn}.d")
        w.file(f"{prefix}/etc/conda/{turn}.d/a.fish", f"set -gx A {turn}\nreturn 3\nset -gx A wrong\n")
        w.file(f"{prefix}/etc/conda/{turn}.d/b.fish", f"set -gx B {turn}\n")
    p = w.directory("p")
    w.file("p/environment.yml", "name: sci\ndependencies: [python]\n")
    s = start()
    s.cd(p)
    env = s.uses(f"{prefix}/bin", "sci")
    assert (env[b"A"], env[b"B"]) == (b"activate", b"activate")
    s.cd(w.home)
    env = s.env()
    assert (env[b"A"], env[b"B"]) == (b"deactivate", b"deactivate")
    assert b"CONDA_PREFIX" not in env
    s.inactive()


@scenario(**_OTHERS)
def fish_cd_of_the_users(w: World, start: Start) -> None:
    """As zoxide and others replace it: it is called once for each change, whether it was there before or is typed."""
    p, q = w.project("p"), w.project("q")
    text = (
        "functions -c cd their_cd; function z; set -g n (math $n + 1); their_cd $argv; end; function cd; z $argv; end"
    )
    s = start(before=f"set -g n 0; {text}")
    for _ in range(2):
        s.line("set -g n 0", first=True)
        s.cd(p)
        s.active(p)
        s.cd(q)
        s.active(q)
        s.enter(2)
        assert s.line("echo $n") == "2"
        s.cd(w.home)
        s.inactive()
        s = start()
        s.line(f"set -g n 0; {text}")


@scenario(**_OTHERS)
def fish_key_that_moves(w: World, start: Start) -> None:
    """Alt-Left and Alt-Right change the directory without a line: the prompt that is drawn then is right."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.inactive()
    for key, shown in ((b"\x1b[1;3D", True), (b"\x1b[1;3C", False), (b"\x1b[1;3D", True)):
        began = len(s.child.output)
        s.child.send(key)
        s.child.expect(re.compile(b"\0never"), 1)
        drawn = s.child.output[began:].rpartition(b"\r")[2]
        assert drawn.startswith(b"(.venv) @" if shown else b"@"), s.child.output[began:]
    s.enter()
    s.active(p)
