"""The hooks as files: alike, right for their shells; and what they send is what the daemon reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from wend import kinds
from wend.protocol import CORE, parse_head, parse_request
from wend.shells import SHELLS, hooks

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PRESENT = [shell for shell in SHELLS if os.path.exists(os.path.join(TREE, "shell", SHELLS[shell].hook))]


def _hook(shell: str) -> str:
    with open(os.path.join(TREE, "shell", SHELLS[shell].hook), encoding="utf-8") as file:
        return file.read()


each_hook = pytest.mark.parametrize("shell", PRESENT)


# The functions that every hook has, in this order.
FUNCTIONS = [
    "locate", "changed", "ask", "send", "wait", "ready", "start", "remember", "show", "on_prompt", "on_cd",
    "adopt", "define_deactivate", "remove_deactivate", "tell",
]  # fmt: skip
_SECOND = {"bash": "  return 0", "fish": "# -- Second part --"}  # the line behind which it stands
# Of other tools, a hook's source names these alone; the installer writes the rest of the core into the blanks.
_NAMED = {
    "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_DISABLE_PROMPT", "PYTHONHOME", "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL", "WORKON_HOME", "UV_PROJECT_ENVIRONMENT",
}  # fmt: skip


_DEFINITION = re.compile(r"(?:function (?:global:)?)?__wend_(\w+)(?:\(.*\{| \{| --.*)?")
_TOOLS = re.compile(r"\b(?:PYENV|POETRY|PIPENV|PDM|HATCH|PIXI|MISE|ASDF|RYE|UV|CONDA|MAMBA|STARSHIP|POSH|P9K)_\w+")


def _definitions(shell: str) -> list[tuple[int, str]]:
    """Return (line number, name) of each function of the hook, without those inside others."""
    word = {"fish": "function __wend_", "pwsh": "function global:__wend_"}.get(shell, "__wend_")
    end = "" if shell in ("fish", "pwsh") else "() {"
    deepest = "  " if shell == "bash" else ""
    found = []
    for number, line in enumerate(_hook(shell).split("\n")):
        name = _DEFINITION.fullmatch(line.removeprefix(deepest))
        if name and line.startswith(deepest + word) and line.endswith(end):
            found.append((number, name[1]))
    return found


@each_hook
def test_the_same_functions_in_the_same_order(shell: str) -> None:
    found = [name for _, name in _definitions(shell) if name in FUNCTIONS]
    expected = [name for name in FUNCTIONS if shell not in ("bash", "zsh") or name != "changed"]  # spelled in on_prompt
    parts = [found]
    if shell in _SECOND:  # the second part has what few need
        (second,) = (number for number, line in enumerate(_hook(shell).split("\n")) if line == _SECOND[shell])
        parts = [
            [name for number, name in _definitions(shell) if (number > second) is behind and name in FUNCTIONS]
            for behind in (False, True)
        ]
    for part in parts:
        assert part == [name for name in expected if name in part]
    assert sorted(name for part in parts for name in part) == sorted(expected)


@each_hook
def test_each_function_has_a_specification_of_two_lines(shell: str) -> None:
    lines = _hook(shell).split("\n")
    for number, name in _definitions(shell):
        assert all(lines[number - back].strip().startswith("# ") for back in (1, 2)), name


@each_hook
def test_lines_are_short(shell: str) -> None:
    assert [line for line in _hook(shell).split("\n") if len(line) > 100] == []


@each_hook
def test_no_variable_of_a_tool_beyond_the_core(shell: str) -> None:
    """What another kind reads is asked for by the daemon, by name."""
    assert set(_TOOLS.findall(_hook(shell))) <= _NAMED
    assert not set(kinds.declared()) & set(re.findall(r"\w+", _hook(shell)))


@each_hook
def test_every_variable_of_the_core_is_sent(shell: str) -> None:
    text = hooks.text(shell, "/wend")
    assert "@" not in "".join(re.findall(r"@[A-Z_]+@", text))
    for name in CORE:
        assert name in text, name


@pytest.mark.parametrize("shell", [shell for shell in PRESENT if shell in ("bash", "zsh")])
def test_no_trap_is_set(shell: str) -> None:
    """A trap that is set and removed at a prompt makes older versions of bash end at Ctrl-C."""
    code = [line for line in _hook(shell).split("\n") if not line.lstrip().startswith("#")]
    assert [line for line in code if re.search(r"(?:^|[\s;{(\\])trap\s|\bTRAP[A-Z]+\b", line)] == []


_PARSE = {"bash": ["bash", "-n"], "zsh": ["zsh", "-f", "-n"], "fish": ["fish", "-n"]}


@pytest.mark.parametrize("shell", [shell for shell in PRESENT if shell in _PARSE])
def test_the_shell_reads_it(shell: str, need: Any) -> None:
    need(shell)
    done = subprocess.run(
        [*_PARSE[shell], os.path.join(TREE, "shell", SHELLS[shell].hook)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_module_is_loaded_by_a_zsh_that_is_not_interactive(need: Any, tmp_path: Any) -> None:
    """To load zsh/parameter was reported to lock scripts and log-ins up. An interactive zsh loads some by itself."""
    need("zsh")
    file = tmp_path / "hook.zsh"
    for text in (hooks.text("zsh", "/nowhere/wend"), hooks.script_text("zsh", "/nowhere/wend")):
        file.write_text(text)
        for options in ("-fc", "-flc"):
            command = ["zsh", options, f". {file}; zmodload"]
            shown = subprocess.run(command, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True)
            assert (shown.stdout, shown.stderr) == ("zsh/main\n", ""), options


_SOURCE = {
    "bash": ["bash", "--norc", "--noprofile", "-ic", ". ./hook; echo $?"],
    "zsh": ["zsh", "-f", "-ic", ". ./hook; echo $?"],
    "fish": ["fish", "--no-config", "-ic", "source ./hook; echo $status"],
}


@pytest.mark.parametrize("shell", [shell for shell in PRESENT if shell in _SOURCE])
def test_a_start_up_file_that_ends_with_it_has_succeeded(shell: str, need: Any, tmp_path: Any) -> None:
    """The first prompt may show a status."""
    need(shell)
    (tmp_path / "hook").write_text(hooks.text(shell, "/nowhere/wend"))
    home = str(tmp_path)
    env = {"HOME": home, "PATH": os.environ["PATH"], "WEND_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    done = subprocess.run(
        _SOURCE[shell], env=env, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.stdout == "0\n"


_SET = "__wend_number=7; __wend_event=cd; __wend_facts=; __wend_first=first; __wend_request=$__wend_base.7.req"
_START = {
    "bash": ["bash", "--norc", "--noprofile", "-ic", f". ./hook; {_SET}; __wend_names='ONE TWO THREE'; __wend_send cd"],
    "zsh": ["zsh", "-f", "-ic", f". ./hook; {_SET}; __wend_names='ONE TWO THREE'; setopt noglob; __wend_send cd"],
    "fish": [
        "fish",
        "--no-config",
        "-ic",
        "source ./hook; set -g __wend_number 7; set -g __wend_event cd; set -g __wend_names ONE TWO THREE; __wend_send",
    ],
}


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("shell", [shell for shell in PRESENT if shell in _START])
def test_what_is_sent_arrives_byte_for_byte(shell: str, empty: bool, need: Any, tmp_path: Any) -> None:
    """Every input with a hostile value, or each second one empty and the others absent."""
    need(shell)
    home = str(tmp_path)
    box = f"{home}/wend-{os.geteuid()}"
    os.mkdir(box)
    with open(f"{home}/hook", "w", encoding="utf-8") as file:
        file.write(hooks.text(shell, "/nowhere/wend"))
    value = "" if empty else f"{home}/it's\n$(touch pwned) \\*\udcff\ufdd2é\n"
    values = dict.fromkeys(CORE[:: 2 if empty else 1], value)
    values["PATH"] = "/usr/bin:/bin:/some where"
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        values[name] = home
    values.pop("WEND_DISABLE", None)
    extra = {"ONE": "", "THREE": "x=\n"}
    program = shutil.which(shell)
    assert program
    command = [program, *_START[shell][1:]]
    fixed = {"WEND_RUNTIME_DIR": home, "WEND_UNDO": '{"v":1}', "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    subprocess.run(
        command,
        env={**values, **extra, **fixed},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    (name,) = [name for name in os.listdir(box) if name.endswith(".7.req")]
    with open(f"{box}/{name}", "rb") as request_file:
        head = parse_head(request_file.read())
    assert head is not None
    request = parse_request(head)
    assert request is not None
    assert (request.shell, request.number, request.cwd, request.undo) == (shell, 7, home, '{"v":1}')
    assert name == f"{request.id}.7.req"
    assert request.id.startswith(f"{request.pid}-")
    assert (request.event, request.first) == ("cd", True)
    assert request.names == ("ONE", "TWO", "THREE")
    assert request.env == {**values, **extra}
    assert "pwned" not in os.listdir(home)
