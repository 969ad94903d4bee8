"""What a whole reply does to a real shell: variables, lists, functions, and the state of the hook."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.unit.shells.shells import WAYS, Way, run
from wend import model
from wend.model import Set, Source, Unset
from wend.shells import SHELLS, Reply

VALUE = 'it\'s "a"\n$(touch pwned)`touch pwned`\\ \udcff\ufdd2é\n'

EMPTY = Reply("", (), None, None, None, "", None, model.Freshness(), (), False, "")

# How each shell shows what is not in the environment: a variable, whether a function is there.
_SHOW = {
    "bash": "printf '[%s]' \"${0-}\"\n",
    "zsh": "printf '[%s]' \"${0-}\"\n",
    "fish": "printf '[%s]' \"${0}\"\n",
}
_HAS = {
    "bash": "if declare -F {0} >/dev/null; then printf yes; else printf no; fi\n",
    "zsh": "if typeset -f {0} >/dev/null; then printf yes; else printf no; fi\n",
    "fish": "if functions -q {0}; printf yes; else; printf no; end\n",
}
_SHOWER = {
    "bash": "__wend_show() { printf show; }\n__wend_ask() { printf 'asked:%s' \"$*\"; }\n",
    "zsh": "__wend_show() { printf show; }\n__wend_ask() { printf 'asked:%s' \"$*\"; }\n",
    "fish": "function __wend_show; printf show; end\nfunction __wend_ask; printf 'asked:%s' \"$argv\"; end\n",
}

each_way = pytest.mark.parametrize("way", WAYS, ids=str)


def _text(way: Way, **fields: Any) -> str:
    reply = EMPTY._replace(shell=way.shell, **fields)
    module = SHELLS[way.shell]
    return _SHOWER[way.shell] + module.render(reply) + module.END + "\n"


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
        tests=model.Freshness((VALUE,), ("/one", VALUE)),
        more=("ONE", "TWO"),
        notice="wend: " + VALUE.strip(),
    )
    names = ("name", "y1", "y2", "n1", "n2", "n3", "more")
    shown = "".join(_SHOW[way.shell].replace("0", f"__wend_{name}") for name in names)
    if way.shell == "fish":
        shown = shown.replace("{", "").replace("}", "")
    notice = "wend: " + VALUE.strip()
    if way.shell == "zsh":  # shown by the hook itself, which knows when
        shown += 'printf %s "$__wend_notice"\n'
    else:
        text = text.replace(">&2", ">&1")
    out = run(way, text + shown, str(tmp_path))
    state = b"".join(b"[" + os.fsencode(v) + b"]" for v in (VALUE, VALUE, "/", "/one", VALUE, "", "ONE TWO"))
    said = os.fsencode(notice)
    assert out == (b"show" + state + said if way.shell == "zsh" else b"show" + said + b"\n" + state)


@each_way
def test_deactivate_comes_and_goes(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    has = _HAS[way.shell].format("deactivate")
    text = _text(way, active=None) + has + _text(way, active=True) + has + _text(way, active=None) + has
    text += "deactivate nondestructive\n" + _text(way, active=False) + has + _text(way, active=False) + has
    assert run(way, text, str(tmp_path)) == b"noyesyesasked:deactivate nondestructivenono"


@each_way
def test_a_deactivate_that_is_not_ours_stays(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    theirs = "function deactivate; true; end\n" if way.shell == "fish" else "deactivate() { :; }\n"
    text = theirs + _text(way, active=False) + _HAS[way.shell].format("deactivate")
    assert run(way, text, str(tmp_path)) == b"yes"


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


@each_way
def test_asking_again_changes_nothing_else(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    shown = "".join(_SHOW[way.shell].replace("0", f"__wend_{name}") for name in ("again", "more", "y1"))
    if way.shell == "fish":
        shown = shown.replace("{", "").replace("}", "")
    text = _text(way, again=True, more=("ONE", "TWO"), edits=(Set("A", "x"),), active=True)
    assert run(way, text + shown, str(tmp_path)) == b"[1][ONE TWO][]"


@each_way
def test_edits_are_the_changes_alone(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    reply = EMPTY._replace(shell=way.shell, edits=(Set("A", VALUE), Unset("GONE")), prompt="x", active=True)
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
        text = _text(way, edits=(Set("A", VALUE), Unset("GONE")), active=True, notice="said").replace(">&2", ">&1")
        text += "/usr/bin/env -0\n"
        for trap in ("alias {0}='touch pwned; :'\n", "function {0} {{ touch pwned; }}\n"):
            traps = "".join(trap.format(word) for word in words)
            quoted = SHELLS[way.shell].quote(text.partition("__wend_ask()")[2].partition("\n")[2])
            out = run(way, _SHOWER[way.shell] + traps + f"\\builtin eval {quoted}\n", str(tmp_path), {b"GONE": b"x"})
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
