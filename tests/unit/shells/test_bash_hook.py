"""bash's hook, function by function: what a scenario cannot see, or only by chance."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from wend.shells import hooks


def _installed(home: str) -> str:
    """Write the hook where `wend setup` puts it; return its path."""
    path = os.path.join(home, "wend", "hooks", "wend.bash")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(hooks.installed("bash", "/nowhere/wend"))
    return path


def _run(home: str, script: str, **env: str) -> str:
    """Return what an interactive bash prints for SCRIPT, errors too."""
    runtime = os.path.join(home, "runtime")
    os.makedirs(runtime, 0o700, exist_ok=True)
    base = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "WEND_RUNTIME_DIR": runtime}
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-ic", script],
        env={**base, **env},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    lines = done.stdout.decode(errors="backslashreplace").split("\n")
    return "\n".join(line for line in lines if "job control" not in line and "ioctl" not in line).strip("\n")


@pytest.fixture
def home(need: Any, tmp_path: Any) -> str:
    need("bash")
    return str(tmp_path)


# -- the second part ---------------------------------------------------------------------------------------------

_HAS = "declare -F __wend_place >/dev/null && echo whole || echo first part"


def test_an_installed_file_is_read_to_its_first_part(home: str) -> None:
    hook = _installed(home)
    rare = "__wend_rarely __wend_swap nothing ''; "
    assert _run(home, f". {hook}; {_HAS}; {rare}{_HAS}; echo $__wend_first $__wend_number") == (
        "first part\nwhole\nfirst 0"
    )


def test_a_text_from_elsewhere_is_read_as_a_whole(home: str) -> None:
    """What stands behind it in a start-up file is read, too."""
    hook = _installed(home)
    assert _run(home, f'eval "$(cat {hook})"; {_HAS}') == "whole"
    with open(f"{home}/rc", "w", encoding="utf-8") as file:
        file.write(f'eval "$(cat {hook})"\necho behind\n')
    assert _run(home, f". ./rc; {_HAS}") == "behind\nwhole"
    assert _run(home, f'load() {{ eval "$(cat {hook})"; echo behind; }}; load; {_HAS}') == "behind\nwhole"


def test_a_file_that_has_gone_costs_only_what_is_rare(home: str) -> None:
    hook = _installed(home)
    assert (
        _run(home, f". {hook}; rm {hook}; __wend_rarely __wend_swap a b; echo $?; __wend_on_prompt; echo $?") == "0\n0"
    )


# -- PROMPT_COMMAND ----------------------------------------------------------------------------------------------

_SHOW = 'printf "%s\\n" "${PROMPT_COMMAND[@]}" | tr "\\n" ,'


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("", "", "__wend_on_prompt,__wend_show,"),
        ("PROMPT_COMMAND=c", "", "__wend_on_prompt,c,__wend_show,"),
        ("PROMPT_COMMAND=c", "PROMPT_COMMAND=c", "__wend_on_prompt,c,__wend_show,"),
        ("PROMPT_COMMAND=c", "PROMPT_COMMAND=d", "__wend_on_prompt,d,__wend_show,"),
        ("PROMPT_COMMAND=(c d)", "PROMPT_COMMAND=(c d)", "__wend_on_prompt,c,d,__wend_show,"),
        ("PROMPT_COMMAND=(c d)", "PROMPT_COMMAND=e", "__wend_on_prompt,e,d,__wend_show,"),
        ("PROMPT_COMMAND=c", "unset PROMPT_COMMAND; PROMPT_COMMAND=c", "__wend_on_prompt,c,__wend_show,"),
        # One that looks whether it is there already: ours stands there, and it puts itself in front.
        (
            'case "${PROMPT_COMMAND-}" in *z*) ;; *) PROMPT_COMMAND="z${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;; esac',
            'case "${PROMPT_COMMAND-}" in *z*) ;; *) PROMPT_COMMAND="z${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;; esac',
            "z;__wend_on_prompt,__wend_show,",
        ),
        # Another one in front of ours replaces nothing behind it, even if that moves.
        (
            "PROMPT_COMMAND=(c)",
            """PROMPT_COMMAND=("z;${PROMPT_COMMAND#z;}"); PROMPT_COMMAND+=(__wend_show c)""",
            "z;__wend_on_prompt,c,__wend_show,",
        ),
    ],
)
def test_prompt_command_when_a_start_up_file_is_sourced_again(
    first: str, then: str, expected: str, home: str, need: Any
) -> None:
    need("bash")
    hook = _installed(home)
    again = f"{then or ':'}; . {hook}; "
    for times in (1, 3):
        assert _run(home, f"{first or ':'}; . {hook}; {(again if then else '') * times}{_SHOW}") == expected


# -- waiting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("clock", "expected"), [("10.100000", "0 150000"), ("10.300000", "1"), ("9.000000", "1")])
def test_a_clock_that_is_set_back_ends_the_wait(clock: str, expected: str, home: str) -> None:
    hook = _installed(home)
    wait = (
        f". {hook}; unset EPOCHREALTIME; EPOCHREALTIME={clock}; __wend_since=10000000; __wend_left=250001; "
        '__wend_rarely __wend_has_time 0; status=$?; echo "$status${__wend_left:+ $__wend_left}"'
    )
    assert _run(home, wait).startswith(expected)


# -- where the mailbox may lie -----------------------------------------------------------------------------------

_REFUSED = 'echo "${__wend_refused:+refused}"'


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_shell_of_roots_uses_no_directory_of_others(home: str) -> None:
    hook = _installed(home)
    theirs, ours, link = f"{home}/theirs", f"{home}/theirs/ours", f"{home}/link"
    os.makedirs(ours, 0o700)
    os.symlink(ours, link)
    os.chown(theirs, 65534, 65534)
    for place, expected in ((f"{home}/runtime", ""), (theirs, "refused"), (ours, "refused"), (link, "refused")):
        assert _run(home, f". {hook}; {_REFUSED}", WEND_RUNTIME_DIR=place) == expected, place
    assert _run(home, f". {hook}; {_REFUSED}", WEND_RUNTIME_DIR="", XDG_RUNTIME_DIR=ours) == "refused"
    said = _run(home, f". {hook}; __wend_on_prompt; __wend_on_prompt", WEND_RUNTIME_DIR=theirs)
    assert said == f"wend: others can change {theirs}: set WEND_RUNTIME_DIR"


# -- functions and aliases that others have defined --------------------------------------------------------------


def test_a_function_that_children_inherit_stays(home: str) -> None:
    hook = _installed(home)
    script = (
        'cd() { builtin cd "$@"; }; export -f cd; pushd() { builtin pushd "$@"; }; readonly -f pushd; '
        f". {hook}; __wend_scratch=$HOME/text; __wend_rarely __wend_wrap_all; "
        "declare -f cd pushd | grep -c __wend; declare -f popd | grep -c __wend_on_cd"
    )
    assert _run(home, script) == "0\n1"


def test_what_a_parent_exported_is_not_what_stood_there(home: str) -> None:
    hook = _installed(home)
    unwrap = f". {hook}; __wend_scratch=$HOME/text; __wend_rarely __wend_unwrap_all; alias; declare -F cd || echo none"
    assert _run(home, unwrap, __wend_alias_of_cd="echo theirs", __wend_text_of_cd="cd () { :; }") == "none"


def test_aliases_in_the_way(home: str) -> None:
    """They were there before the hook was read, and do not keep it from being read."""
    hook = _installed(home)
    words = (
        "cd",
        "pushd",
        "popd",
        "deactivate",
        "printf",
        "export",
        "unset",
        "read",
        "declare",
        "eval",
        "shopt",
        "local",
    )
    aliases = "; ".join(f"alias {word}='touch {home}/pwned; :'" for word in words)
    _run(home, f"shopt -s expand_aliases; {aliases}\n. {hook}\n__wend_on_prompt\n__wend_define_deactivate\n")
    assert not os.path.exists(f"{home}/pwned")
