"""What is written for PowerShell, in a real PowerShell: words, replies, and the hook as its parser reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from typing import Any, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.shells.test_quote import HOSTILE
from wend import model
from wend.model import Set, Source, Unset
from wend.shells import Apply, AskAgain, DeactivateFunction, Reply, hooks
from wend.shells.powershell import END, edits, quote, render

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
VALUE = "it's \u201cso\u201d \u2018\u2019\u201a\u201b\n$(touch pwned)`touch pwned`\\ é漢"
EMPTY = Apply("pwsh", ())
DEFINE, REMOVE, KEEP = DeactivateFunction.DEFINE, DeactivateFunction.REMOVE, DeactivateFunction.KEEP
# What the hook has defined before it reads a reply.
HOOK = """\
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$global:asked = ''
$global:__wend_name = 'before'
function global:__wend_ask([string]$event_) { $global:asked += "[$event_]" }
"""
with open(os.path.join(TREE, "shell", "wend.ps1"), encoding="utf-8") as _file:
    _PARTS = re.findall(r"^function global:__wend_\w+[^\n]*\n.*?^}\n", _file.read(), re.MULTILINE | re.DOTALL)
HOOK += "$global:__wend_covers = ''; $global:__wend_their_deactivate = $null\n" + "".join(
    part for part in _PARTS if re.match(r"function global:__wend_(show|tell|adopt|define_|remove_)", part)
)


class Result:
    """What a script did: standard output and error, and the environment that a program started last gets."""

    def __init__(self, done: subprocess.CompletedProcess[bytes], environ: str) -> None:
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        self.env: dict[str, str] = {}
        if os.path.exists(environ):
            with open(environ, "rb") as file:
                pairs = [entry.partition(b"=") for entry in file.read().split(b"\0") if entry]
            self.env = {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


Run = Callable[..., Result]


def _run(script: str, home: str, env: dict[str, str]) -> Result:
    program = os.environ.get("WEND_TEST_PWSH") or shutil.which("pwsh")
    assert program
    file, environ = os.path.join(home, "script.ps1"), os.path.join(home, "environ")
    with open(file, "w", encoding="utf-8", newline="") as out:
        out.write(script)
        out.write(f"\n/bin/sh -c 'env -0 >\"$0\"' {quote(environ)}\n")
    done = subprocess.run(
        [program, "-NoLogo", "-NoProfile", "-NonInteractive", "-File", file],
        env={"HOME": home, "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **env},
        cwd=home,
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return Result(done, environ)


@pytest.fixture
def run(need: Any, tmp_path: Any) -> Run:
    """Return a function that runs a script; the test is skipped where there is no PowerShell."""
    if not os.environ.get("WEND_TEST_PWSH"):
        need("pwsh")

    def call(script: str, **env: str) -> Result:
        done = _run(script, str(tmp_path), env)
        assert not os.path.exists(tmp_path / "pwned")
        return done

    return call


def _lines(values: list[str]) -> str:
    """Return a script that writes each of VALUES and a NUL."""
    return '[Console]::Out.Write([string]::Join("`0", [string[]]@(\n' + "\n".join(map(quote, values)) + ')) + "`0")'


def _code(reply: Reply) -> str:
    """Return what the hook makes of REPLY: compiled within a function; what it returns would be the prompt."""
    return f"function global:take {{ & ([scriptblock]::Create({quote(render(reply) + END)})) }}\n$null = take\n"


def test_every_hostile_string_survives(run: Run) -> None:
    values = [value for value in HOSTILE if not any("\udc80" <= c <= "\udcff" for c in value)]
    values += [c * n for c in "'\u2018\u2019\u201a\u201b" for n in (1, 2, 3)]
    values += [f"x{c};[IO.File]::Create('pwned');{c}y" for c in "'\u2018\u2019\u201a\u201b"]
    values += ["\u2018' \u2019\u201a'\u201b", "@'\n", "\n'@", "a`'b", "\u2013 \u2014 \u2015", "<#", "#>", "--%"]
    assert run(_lines(values)).out.split("\0") == [*values, ""]


_TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from("'\u2018\u2019\u201a\u201b\"`$(){}@#;\r\n"),
    max_size=12,
)


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=st.lists(_TEXT, min_size=40, max_size=80))
def test_any_string_survives(run: Run, values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        assert _run(_lines(values), home, {}).out.split("\0") == [*values, ""]


def test_bytes_that_are_not_text_become_what_powershell_shows_for_them() -> None:
    assert quote("a\udcff\udcc3b") == "'a\ufffd\ufffdb'"


def test_a_reply_word_for_word() -> None:
    reply = EMPTY._replace(
        edits=(Set("PATH", "/p/bin:/bin"), Unset("GONE")),
        undo="{}",
        env="",
        prompt="(it's) ",
        replaces=("(base) ",),
        freshness=model.Freshness(("/p/.venv",), ("/p/a", "/p/b", "/p/c")),
        names=("A", "B"),
        notice="wend: x",
    )
    assert render(reply) == (
        "[Environment]::SetEnvironmentVariable('PATH', '/p/bin:/bin')\n"
        "[Environment]::SetEnvironmentVariable('GONE', [NullString]::Value)\n"
        "[Environment]::SetEnvironmentVariable('WEND_UNDO', '{}')\n"
        "[Environment]::SetEnvironmentVariable('WEND_ENV', [NullString]::Value)\n"
        "__wend_show '(it''s) ' '(base) '\n"
        "__wend_tell 'wend: x'\n"
        "$global:__wend_present_1 = '/p/.venv'; $global:__wend_present_2 = '/'; $global:__wend_absent_1 = '/p/a'; "
        "$global:__wend_absent_2 = '/p/b'; $global:__wend_absent_3 = '/p/c'; $global:__wend_watch_1 = 'WEND_QUIET'; "
        "$global:__wend_watch_2 = 'WEND_QUIET'; $global:__wend_names = 'A B'\n"
    )


def test_variables_are_set_emptied_and_removed(run: Run) -> None:
    reply = EMPTY._replace(
        edits=(
            Set("PATH", f"/new/{VALUE}:/usr/bin:/bin"),
            Set("A", VALUE),
            Set("E", ""),
            Unset("GONE"),
            Unset("NEVER"),
        ),
        undo='{"v":1}',
        env="",
    )
    done = run(HOOK + _code(reply), GONE="x", A="before", E="x", WEND_ENV="name", KEPT="")
    assert (done.out, done.err) == ("", "")
    assert done.env["PATH"] == f"/new/{VALUE}:/usr/bin:/bin"
    assert (done.env["A"], done.env["E"], done.env["KEPT"]) == (VALUE, "", "")
    assert done.env["WEND_UNDO"] == '{"v":1}'
    assert not {"GONE", "NEVER", "WEND_ENV"} & done.env.keys()


def test_edits_alone_are_the_same_changes(run: Run) -> None:
    reply = EMPTY._replace(edits=(Set("A", VALUE), Unset("GONE")), prompt="x", undo="u", notice="no")
    assert "__wend" not in edits(reply)
    done = run(edits(reply), GONE="x")
    assert (done.out, done.err, done.env["A"], done.env["WEND_UNDO"]) == ("", "", VALUE, "u")
    assert "GONE" not in done.env


def test_the_state_of_the_hook_is_global(run: Run) -> None:
    seen = model.Freshness(("/p/'1", "/p/2"), ("/n\u20191",))
    reply = EMPTY._replace(prompt=VALUE, freshness=seen, names=("A", "B"), notice=f"wend: {VALUE}")
    names = ("name", "present_1", "present_2", "absent_1", "absent_2", "absent_3", "names")
    done = run(HOOK + _code(reply) + "".join(f'[Console]::Out.Write("$__wend_{n}`0")\n' for n in names))
    assert done.out.split("\0") == [VALUE, "/p/'1", "/p/2", "/n\u20191", "", "", "A B", ""]
    assert done.err == f"wend: {VALUE}\n"


def test_without_a_word_on_the_prompt_it_stays(run: Run) -> None:
    assert run(HOOK + _code(EMPTY) + "[Console]::Out.Write($__wend_name)").out == "before"


def test_asking_again_leaves_the_rest_alone(run: Run) -> None:
    reply = AskAgain("pwsh", ("A", "B"))
    show = '[Console]::Out.Write("$__wend_names $__wend_again $__wend_name $(Test-Path function:deactivate)")'
    done = run(HOOK + _code(reply) + show)
    assert done.out == "A B True before False"
    assert "A" not in done.env


_KEEPS = '[Console]::Out.Write("$(Test-Path function:deactivate) ")\n'


def test_deactivate_is_there_while_active(run: Run) -> None:
    on, same, off = (_code(EMPTY._replace(deactivate=what)) for what in (DEFINE, KEEP, REMOVE))
    use = "deactivate\ndeactivate -NonDestructive\n[Console]::Out.Write($asked)\n"
    done = run(HOOK + _KEEPS + on + same + on + _KEEPS + use + off + same + off + _KEEPS)
    assert done.out == "False True [deactivate][activate]False "


def test_the_deactivate_of_another_comes_back_or_stays(run: Run) -> None:
    on, off = (_code(EMPTY._replace(deactivate=what)) for what in (DEFINE, REMOVE))
    first = "function global:deactivate { [Console]::Out.Write('first ') }\n"
    later = "function global:deactivate { [Console]::Out.Write('later ') }\n"
    done = run(HOOK + first + on + "deactivate\n" + off + "deactivate\n" + on + later + off + "deactivate\n")
    assert done.out == "first later "


def test_scripts_are_sourced_and_cannot_stop_the_rest(run: Run, tmp_path: Any) -> None:
    good, bad, other = (str(tmp_path / name) for name in ("it\u2019s.ps1", "bad.ps1", "x.sh"))
    with open(good, "w", encoding="utf-8") as file:
        file.write("$env:SOURCED = 'yes'; /bin/sh -c 'exit 5'; 'said'\n")
    with open(bad, "w", encoding="utf-8") as file:
        file.write("throw 'no good'\n")
    reply = EMPTY._replace(edits=(Source(other), Source(bad), Source(good), Set("A", "after")))
    done = run(HOOK + "/bin/sh -c 'exit 3'\n" + _code(reply) + "[Console]::Out.Write($LASTEXITCODE)")
    assert (done.out, done.err) == ("said\n3", "no good\n")
    assert (done.env["SOURCED"], done.env["A"]) == ("yes", "after")


@pytest.mark.parametrize("edit", [Set("B", "/p/\udcff/x"), Source("/p/\udcff/x.ps1")])
def test_what_cannot_be_spelled_is_not_entered_by_halves(edit: Any, run: Run) -> None:
    reply = EMPTY._replace(edits=(Set("A", "x"), edit), undo="u", env="e", prompt="x", deactivate=DEFINE)
    done = run(HOOK + _code(reply) + '[Console]::Out.Write("$__wend_name $(Test-Path function:deactivate)")')
    assert not {"A", "B", "WEND_UNDO", "WEND_ENV"} & done.env.keys()
    assert done.out == "before False"
    what = "B" if isinstance(edit, Set) else "a script's path"
    assert done.err == f"wend: not activated: {what} is not UTF-8, which PowerShell cannot hold\n"


def test_what_cannot_be_spelled_is_still_left(run: Run) -> None:
    done = run(HOOK + _code(EMPTY._replace(edits=(Set("A", "/\udcff"),), undo="", deactivate=REMOVE)), WEND_UNDO="u")
    assert done.env["A"] == "/\ufffd"
    assert "WEND_UNDO" not in done.env


# What Windows PowerShell 5.1 has not: && || ?: ?? ??= ?. ?[
_NEW = "AndAnd OrOr QuestionMark QuestionQuestion QuestionQuestionEquals QuestionDot QuestionLBracket"


def test_the_hook_is_read_without_error_and_uses_nothing_that_5_1_lacks(run: Run) -> None:
    with open(os.path.join(TREE, "shell", "wend.ps1"), encoding="utf-8") as file:
        hook = file.read()
    assert hook.isascii(), "5.1 reads a file without a mark in the code page of the machine"
    done = run(
        "$tokens = $errors = $null\n"
        f"$text = {quote(hooks.text('pwsh', '/a b/wend'))}\n"
        "$null = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$errors)\n"
        f"$new = @($tokens | Where-Object {{ \"$($_.Kind)\" -in {quote(_NEW)}.Split(' ') }})\n"
        '[Console]::Out.Write("$($tokens.Count -gt 1000) $($errors.Count) $new")\n'
    )
    assert done.out == "True 0 "


@pytest.mark.parametrize("deactivate", [DEFINE, REMOVE, KEEP])
def test_every_reply_parses(deactivate: Any, run: Run) -> None:
    reply = EMPTY._replace(
        edits=(Set("A", VALUE), Unset("B"), Source(f"/{VALUE}.ps1")),
        undo=VALUE,
        env=VALUE,
        prompt=VALUE,
        deactivate=deactivate,
        adopt=True,
        replaces=(VALUE,),
        freshness=model.Freshness((VALUE,), (VALUE,)),
        names=("A",),
        notice=VALUE,
    )
    done = run(
        "$tokens = $errors = $null\n"
        f"$null = [Management.Automation.Language.Parser]::ParseInput({quote(render(reply) + END)}, "
        "[ref]$tokens, [ref]$errors)\n"
        '[Console]::Out.Write("$($tokens.Count -gt 50) $($errors.Count) $($tokens[-2].Text)")\n'
    )
    assert done.out == f"True 0 {END}"
