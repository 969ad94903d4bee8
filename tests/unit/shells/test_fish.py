"""What is written for fish, in a real fish: the hook's form, replies, and scripts that return."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from tests.unit.shells.shells import Way, run
from wend import __version__, model
from wend.model import Set, Source, Unset
from wend.protocol import parse_head, parse_request
from wend.shells import Apply, hooks
from wend.shells.fish import edits, quote, render

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HOOK = os.path.join(TREE, "shell", "wend.fish")
FISH = Way("fish", ("--no-config",))


def test_the_hook_is_formatted(need: Any) -> None:
    need("fish_indent")
    done = subprocess.run(["fish_indent", "--check", HOOK], capture_output=True, check=False)
    assert done.returncode == 0
    with open(HOOK, encoding="utf-8") as file:
        assert [line for line in file if len(line) > 101] == []


def test_each_function_has_two_lines_of_specification() -> None:
    with open(HOOK, encoding="utf-8") as file:
        lines = file.read().split("\n")
    functions = [number for number, line in enumerate(lines) if line.startswith("function ")]
    assert functions
    bare = [lines[n] for n in functions if not (lines[n - 1].startswith("# ") and lines[n - 2].startswith("# "))]
    assert bare == []


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("parent", ["bash", "zsh"])
def test_what_a_parent_exported_is_not_ours(parent: str, late: bool, need: Any, tmp_path: Any) -> None:
    """`set -a` before the parent's hook is loaded, or before its next question."""
    need("fish")
    need(parent)
    for shell in (parent, "fish"):
        (tmp_path / shell).write_text(hooks.text(shell, "/nowhere/wend"))
    first, then = ("", "set -a; ") if late else ("set -a; ", "")
    fish = "fish --no-config -ic 'source ./fish; set -nx | string match \"__wend_*\"; echo end'"
    options = {"bash": ("--norc", "--noprofile"), "zsh": ("-f",)}[parent]
    home = str(tmp_path)
    done = subprocess.run(
        [parent, *options, "-ic", f"{first}. ./{parent}; {then}__wend_on_prompt; {fish}"],
        env={"HOME": home, "PATH": os.environ["PATH"], "WEND_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8", "TERM": "dumb"},
        cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.stdout == b"end\n"


def test_a_reply_word_for_word() -> None:
    reply = Apply(
        "fish",
        (Set("PATH", "/p/bin:/bin"), Source("/p/etc/a.fish"), Source("/p/etc/a.sh"), Unset("GONE")),
        undo="{}",
        env="",
        prompt="(it's) ",
        replaces=("(blue) ",),
        adopt=True,
        freshness=model.Freshness(("/p/.venv",), ("/p/a",)),
        watched=("A",),
        names=("A", "B"),
        notice="wend: x",
    )
    assert render(reply) == (
        "__wend_adopt\n"
        "set -gx PATH '/p/bin' '/bin'\n"
        "__wend_source '/p/etc/a.fish'\n"
        "set -eg GONE\n"
        "set -gx WEND_UNDO '{}'\n"
        "set -eg WEND_ENV\n"
        "set -g __wend_paths -a -e '/p/.venv' -a ! -e '/p/a'\n"
        "set -g __wend_watch_1 'A'\n"
        "set -g __wend_watch_2 'WEND_QUIET'\n"
        "set -g __wend_names 'A' 'B'\n"
        "__wend_show '(it'\\X27's) ' '(blue) '\n"
        "__wend_tell 'wend: x'\n"
    )


def test_the_paths_are_words_for_test(need: Any, tmp_path: Any) -> None:
    need("fish")
    here, gone = str(tmp_path / "it's ! -e ("), str(tmp_path / "gone")
    os.mkdir(here)
    for present, absent, expected in (
        ((here,), (gone,), b"0"),
        ((gone,), (), b"1"),
        ((), (here,), b"1"),
        ((), (), b"0"),
    ):
        text = render(Apply("fish", (), freshness=model.Freshness(present, absent)))
        assert run(FISH, f"{text}test x = x $__wend_paths; printf $status\n", str(tmp_path)) == expected


def test_a_script_that_returns_ends_only_itself(need: Any, tmp_path: Any) -> None:
    need("fish")
    script = tmp_path / "a.fish"
    script.write_text("set -gx A on\nset -g B on\nreturn 3\nset -gx A wrong\n")
    text = edits(Apply("fish", (Source(str(script)), Set("C", "on"))))
    whole = f"function f\n{text}printf '%s ' $A $B $C\nend\nf; functions -q wend_source; or printf none\n"
    assert run(FISH, whole, str(tmp_path)) == b"on on on none"


# -- the second part ---------------------------------------------------------------------------------------------

_CALL = "__wend_rarely __wend_count_down; echo $status"
_HAS = "builtin functions -q __wend_count_down; and echo whole; or echo first part"


def _installed(home: str, version: str = __version__) -> str:
    """Write the hook of VERSION where `wend setup` puts it; return its path."""
    path = os.path.join(home, "wend", "hooks", "wend.fish")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(hooks.installed("fish", "/nowhere/wend").replace(quote(__version__), quote(version)))
    return path


def _interactive(home: str, code: str) -> str:
    """Return what an interactive fish prints for CODE, errors too."""
    runtime = os.path.join(home, "runtime")
    os.makedirs(runtime, 0o700, exist_ok=True)
    done = subprocess.run(
        ["fish", "--no-config", "-ic", code],
        env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "WEND_RUNTIME_DIR": runtime},
        cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return done.stdout.decode(errors="backslashreplace").strip("\n")


def test_the_second_part_is_read_on_demand(need: Any, tmp_path: Any) -> None:
    need("fish")
    home = str(tmp_path)
    hook = _installed(home)
    assert _interactive(home, f"source {hook}; {_HAS}; {_CALL}; {_HAS}") == "first part\n0\nwhole"


def test_a_text_from_elsewhere_is_read_as_a_whole(need: Any, tmp_path: Any) -> None:
    need("fish")
    for comments in (True, False):
        (tmp_path / "hook").write_text(hooks.text("fish", "/nowhere/wend", comments=comments), encoding="utf-8")
        for load in ("source ./hook", "cat ./hook | source", "eval (cat ./hook | string collect)"):
            assert _interactive(str(tmp_path), f"{load}; {_HAS}; {_CALL}") == "whole\n0", load


def test_a_file_that_has_gone_costs_only_what_is_rare(need: Any, tmp_path: Any) -> None:
    need("fish")
    home = str(tmp_path)
    hook = _installed(home)
    gone = f"source {hook}; command rm {hook}; {_CALL}; __wend_changed; cd /; __wend_show ''; echo $status"
    assert _interactive(home, gone) == "1\n0"


def test_a_file_of_another_version_loads_itself(need: Any, tmp_path: Any) -> None:
    need("fish")
    home = str(tmp_path)
    other = _installed(home, "9")
    os.rename(other, f"{home}/other")
    hook = _installed(home)
    update = f"source {hook}; set id $__wend_id; command mv {home}/other {hook}; {_CALL}"
    assert _interactive(home, f"{update}; echo $__wend_version; test $id = $__wend_id; and echo same") == "0\n9\nsame"


def test_what_is_sent_arrives(need: Any, tmp_path: Any) -> None:
    need("fish")
    home = str(tmp_path)
    box = f"{home}/wend-{os.geteuid()}"
    os.mkdir(box, 0o700)
    (tmp_path / "hook").write_text(hooks.text("fish", "/nowhere/wend"), encoding="utf-8")
    odd = "it's\n$(touch pwned) \\*\udcffé\n"
    values = {
        "HOME": home, "PATH": "/usr/bin:/bin:/some where", "VIRTUAL_ENV": odd, "CONDA_PREFIX": "", "WEND_QUIET": odd,
        "_OLD_VIRTUAL_PATH": "/a:/b c", "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home,
    }  # fmt: skip
    more = {"ONE": "", "THREE_PATH": "/x:/y"}
    fixed = {"WEND_RUNTIME_DIR": home, "WEND_UNDO": '{"v":2}', "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    code = "source ./hook; set __wend_names ONE TWO THREE_PATH; set __wend_event cd; "
    code += "for i in (seq 20); __wend_count; __wend_send; end"
    subprocess.run(
        ["fish", "--no-config", "-ic", code],
        env={**values, **more, **fixed}, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    numbers = []
    for name in os.listdir(box):
        with open(f"{box}/{name}", "rb") as file:
            head = parse_head(file.read())
        request = head and parse_request(head)
        assert request
        assert name == f"{request.id}.{request.number}.req"
        assert (request.shell, request.cwd, request.undo, request.event) == ("fish", home, '{"v":2}', "cd")
        assert (request.first, request.names) == (True, ("ONE", "TWO", "THREE_PATH"))
        assert request.env == {**values, **more}
        numbers.append(request.number)
    assert sorted(numbers) == [*range(1, 10), *range(11, 20), 21, 22]
    assert not os.path.exists(tmp_path / "pwned")
