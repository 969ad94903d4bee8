"""What a whole reply does to a real shell: variables, lists, functions, and the state of the hook."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from tests.unit.shells.shells import WAYS, Way, run
from wend import model
from wend.model import Set, Source, Unset
from wend.shells import SHELLS, Apply, AskAgain, DeactivateFunction, Reply

VALUE = 'it\'s "a"\n$(touch pwned)`touch pwned`\\ \udcff\ufdd2é\n'

DEFINE, REMOVE = DeactivateFunction.DEFINE, DeactivateFunction.REMOVE

# How each shell shows what is not in the environment: a variable, whether a function is there.
_SHOW = {
    "bash": "printf '[%s]' \"${0-}\"\n",
    "zsh": "printf '[%s]' \"${0-}\"\n",
    "fish": "printf '[%s]' \"${0}\"\n",
}
# The functions of the hook that a reply may call: each says its name and its arguments.
_CALLED = ("adopt", "show", "tell", "define_deactivate", "remove_deactivate", "unwrap_cd", "run")
_POSIX = "".join(f"__wend_{name}() {{ printf '<{name}'; printf '|%s' \"$@\"; printf '>'; }}\n" for name in _CALLED)
_POSIX += '__wend_source() { \\. "$1" || :; }\n'
_HOOK = {
    "bash": _POSIX,
    "zsh": _POSIX,
    "fish": "".join(
        f"function __wend_{name}; printf '<{name}'; printf '|%s' $argv; printf '>'; end\n" for name in _CALLED
    )
    + "function __wend_source; source $argv[1]; end\n",
}

each_way = pytest.mark.parametrize("way", WAYS, ids=str)


def _text(way: Way, **fields: Any) -> str:
    return _code(way, Apply(way.shell, **{"edits": (), **fields}))


def _code(way: Way, reply: Reply) -> str:
    shell = SHELLS[way.shell]
    return _HOOK[way.shell] + shell.render(reply) + shell.END + "\n"


def _show(way: Way, *names: str) -> str:
    shown = "".join(_SHOW[way.shell].replace("0", name) for name in names)
    return shown.replace("{", "").replace("}", "") if way.shell == "fish" else shown


def _environment(output: bytes) -> dict[bytes, bytes]:
    pairs = (entry.partition(b"=") for entry in output.split(b"\0") if entry)
    return {name: value for name, _, value in pairs}


@each_way
def test_variables_are_set_and_removed(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    text = _text(
        way,
        edits=(
            Set("PATH", f"/new/{VALUE}:/usr/bin:/bin"),
            Unset("GONE"),
            Unset("NEVER"),
            Set("A", VALUE),
            Set("E", ""),
        ),
        undo='{"v":1}',
        env="",
    )
    before = {b"GONE": b"x", b"A": b"before", b"WEND_ENV": b"name"}
    now = _environment(run(way, text + "/usr/bin/env -0\n", str(tmp_path), before))
    assert now[b"PATH"] == b"/new/" + os.fsencode(VALUE) + b":/usr/bin:/bin"
    assert now[b"A"] == os.fsencode(VALUE)
    assert now[b"E"] == b""
    assert now[b"WEND_UNDO"] == b'{"v":1}'
    assert not {b"GONE", b"NEVER", b"WEND_ENV"} & now.keys()
    assert not os.path.exists(tmp_path / "pwned")


@each_way
def test_what_is_not_to_change_stays(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    before = {b"WEND_UNDO": b"{}", b"WEND_ENV": b"name", b"A": os.fsencode(VALUE)}
    without = run(way, "/usr/bin/env -0\n", str(tmp_path), before)  # fish misreads bytes in LC_ALL=C by itself
    now = _environment(run(way, _text(way) + "/usr/bin/env -0\n", str(tmp_path), before))
    assert now == _environment(without)
    assert before.keys() <= now.keys()


@each_way
def test_state_of_the_hook(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    text = _text(
        way,
        prompt=VALUE,
        replaces=("(base) ", VALUE),
        freshness=model.Freshness((VALUE,), ("/one", VALUE)),
        watched=("PYENV_VERSION",),
        names=("ONE", "TWO"),
        notice="wend: " + VALUE.strip(),
    )
    names = ["__wend_watch_1", "__wend_watch_2", "__wend_names"]
    state = ["PYENV_VERSION", "WEND_QUIET", "ONE TWO"]
    if way.shell != "fish":  # it keeps the paths as words of one test
        names += [*(f"__wend_present_{n}" for n in (1, 2)), *(f"__wend_absent_{n}" for n in (1, 2, 3))]
        state += [VALUE, "/", "/one", VALUE, ""]
    out = run(way, text + _show(way, *names), str(tmp_path))
    calls = b"<show" + b"".join(b"|" + os.fsencode(word) for word in (VALUE, "(base) ", VALUE)) + b">"
    calls += b"<tell|" + os.fsencode("wend: " + VALUE.strip()) + b">"
    assert out == calls + b"".join(b"[" + os.fsencode(value) + b"]" for value in state)


@each_way
def test_an_adoption_comes_before_the_edits(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    text = _text(way, adopt=True, edits=(Set("A", "new"),), deactivate=DEFINE)
    seen = text.replace("__wend_adopt\n", f"__wend_adopt\n{_show(way, 'A')}", 1)
    assert run(way, seen, str(tmp_path), {b"A": b"old"}) == b"<adopt|>[old]<define_deactivate|>"


@each_way
def test_deactivate_comes_and_goes(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    text = _text(way, deactivate=DEFINE) + _text(way) + _text(way, deactivate=REMOVE)
    assert run(way, text, str(tmp_path)) == b"<define_deactivate|><remove_deactivate|>"


@each_way
def test_only_the_shells_own_scripts_are_sourced(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    own = ".fish" if way.shell == "fish" else ".sh"
    scripts = []
    for ending in (".sh", ".fish", ".ps1", ".csh"):
        path = str(tmp_path / f"it's $(touch pwned){ending}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"printf '{ending};'\n")
        scripts.append(Source(path))
    assert run(way, _text(way, edits=tuple(scripts)), str(tmp_path)) == f"{own};".encode()
    assert not os.path.exists(tmp_path / "pwned")


@each_way
def test_a_script_that_fails_costs_neither_the_shell_nor_the_rest(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    scripts = [tmp_path / "x.sh", tmp_path / "x.fish"]
    for script in scripts:
        script.write_text("false\n")
    text = _text(way, edits=tuple(Source(str(script)) for script in scripts), undo="record")
    shown = _SHOW[way.shell].replace("0", "WEND_UNDO").replace("{WEND_UNDO}", "WEND_UNDO")
    assert run(way, text + shown, str(tmp_path)) == b"[record]"


def test_an_error_of_zshs_own_costs_only_the_script(need: Any, tmp_path: Any) -> None:
    need("zsh")
    script = tmp_path / "x.sh"
    script.write_text(': "${__nothing:?is not set}"\n')
    text = SHELLS["zsh"].edits(Apply("zsh", (Source(str(script)), Set("A", "after"))))
    done = subprocess.run(["zsh", "-fic", f'{text}print -rn -- "$A"'], capture_output=True, check=True, env={})
    assert done.stdout == b"after"


@each_way
def test_asking_again_changes_nothing_else(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    text = _code(way, AskAgain(way.shell, ("ONE", "TWO")))
    assert run(way, text + _show(way, "__wend_again", "__wend_names"), str(tmp_path)) == b"[1][ONE TWO]"


@each_way
def test_edits_are_the_changes_alone(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    reply = Apply(way.shell, (Set("A", VALUE), Unset("GONE")), prompt="x", deactivate=DEFINE)
    text = SHELLS[way.shell].edits(reply)
    assert "__wend" not in text
    now = _environment(run(way, text + "/usr/bin/env -0\n", str(tmp_path), {b"GONE": b"x"}))
    assert (now[b"A"], b"GONE" in now) == (os.fsencode(VALUE), False)


def test_an_alias_or_a_function_in_the_way(need: Any, tmp_path: Any) -> None:
    for way, words in (
        (Way("bash", ("--norc", "-O", "expand_aliases")), ("printf", "export", "unset", "deactivate")),
        (Way("zsh", ("-f", "-o", "aliases")), ("printf", "export", "unset", "deactivate")),
    ):
        need(way.shell)
        text = _text(way, edits=(Set("A", VALUE), Unset("GONE")), deactivate=DEFINE, notice="said")
        text += "/usr/bin/env -0\n"
        for trap in ("alias {0}='touch pwned; :'\n", "function {0} {{ touch pwned; }}\n"):
            traps = "".join(trap.format(word) for word in words)
            quoted = SHELLS[way.shell].quote(text.removeprefix(_HOOK[way.shell]))
            silent = _HOOK[way.shell].replace("printf", ": printf")
            out = run(way, silent + traps + f"\\builtin eval {quoted}\n", str(tmp_path), {b"GONE": b"x"})
            assert b"A=" + os.fsencode(VALUE) + b"\0" in out
            assert b"GONE=" not in out
            assert not os.path.exists(tmp_path / "pwned"), (way, trap)


def test_fish_touches_nothing_universal(need: Any, tmp_path: Any) -> None:
    way = Way("fish", ())  # without its configuration it has no universal variables
    need(way.shell)
    theirs = "set -Ux UNIVERSAL theirs\nset -U fish_user_paths /theirs\n"
    text = _text(way, edits=(Set("UNIVERSAL", "ours"), Set("PATH", "/x:/usr/bin:/bin")))
    text += "printf '%s,' $UNIVERSAL (set -S fish_user_paths)\n" + _text(way, edits=(Unset("UNIVERSAL"),))
    out = run(way, theirs + text + "printf '%s,' $UNIVERSAL $fish_user_paths\n", str(tmp_path)).decode()
    assert out.startswith("ours,")
    assert out.endswith("theirs,/theirs,")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_neighbours_share_a_command(shell: str) -> None:
    """In their order, and never across a script."""
    script = Source("/etc/a.sh")
    reply = Apply(
        shell,
        (Set("A", "1"), Set("B", "2"), Unset("C"), Unset("D"), script, Unset("E"), Set("_OLD_VIRTUAL_PATH", "3")),
        undo="{}",
        env="",
    )
    lines = SHELLS[shell].render(reply).split("\n")
    assert lines[:7] == [
        "\\builtin export A='1' B='2'",
        "\\builtin unset -v C D",
        "__wend_source '/etc/a.sh'",
        "\\builtin unset -v E",
        "_OLD_VIRTUAL_PATH='3'",
        "\\builtin export WEND_UNDO='{}'",
        "\\builtin unset -v WEND_ENV",
    ]
