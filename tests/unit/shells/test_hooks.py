"""The hooks as files: short, alike, right for their shells; and what they send is what the daemon reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from wend.protocol import INPUTS, parse_head, parse_request
from wend.shells import SHELLS

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HEADINGS = ["Where", "Ask", "Wait", "Start", "Prompt", "Move", "Hook up"]
PRESENT = [shell for shell in SHELLS if os.path.exists(os.path.join(TREE, "shell", SHELLS[shell].hook))]


def _hook(shell: str) -> str:
    with open(os.path.join(TREE, "shell", SHELLS[shell].hook), encoding="utf-8") as file:
        return file.read()


each_hook = pytest.mark.parametrize("shell", PRESENT)


@each_hook
def test_short_and_with_the_same_sections(shell: str) -> None:
    text = _hook(shell)
    assert len(text.splitlines()) <= 200
    assert re.findall(r"^## ([^:\n]+):", text, re.MULTILINE) == HEADINGS


@each_hook
def test_every_input_is_spelled_out_once(shell: str) -> None:
    text = _hook(shell)
    if shell == "pwsh":
        found = re.findall(r"'(\w+)'", text.partition("__wend_inputs =")[2].partition("\n$")[0])
    elif shell == "fish":
        found = re.findall(r" (\w+)=\$\1\b(?!\$)", text.partition("builtin printf '%s\\0'")[2])
        found += re.findall(r"for \w+ in (PATH) (CONDA_ENVS_PATH) (_OLD_VIRTUAL_PATH) \$__wend_more", text)[0]
    else:
        found = re.findall(r'\$\{(\w+)\+"\1=\$\1"\}', text)
    if shell == "bash":  # what is set in few shells: looked at as a whole, then name by name
        names = text.partition("__wend_rest() {")[2].partition(" in ")[2].partition("$__wend_more")[0]
        rest = re.findall(r"\w+", names)
        asked = re.findall(r"\$\{(\w+)\+x\}", text.partition("__wend_send() {")[2].partition("__wend_rest;")[0])
        assert asked == rest
        found += rest
    assert sorted(found) == sorted(INPUTS)


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


_START = {
    "bash": [
        "bash",
        "--norc",
        "--noprofile",
        "-ic",
        ". ./hook; __wend_n=7; __wend_words=word; {more}; __wend_send",
    ],
    "zsh": [
        "zsh",
        "-f",
        "-ic",
        ". ./hook; __wend_n=7; __wend_words=word; __wend_w=; setopt noglob; {more}; __wend_send",
    ],
    "fish": [
        "fish",
        "--no-config",
        "-ic",
        "source ./hook; set __wend_n 7; set __wend_words word; {more}; __wend_send",
    ],
}
_MORE = {"fish": "set __wend_more ONE TWO THREE"}


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("shell", [shell for shell in PRESENT if shell in _START])
def test_what_is_sent_arrives_byte_for_byte(shell: str, empty: bool, need: Any, tmp_path: Any) -> None:
    """Every input with a hostile value, or each second one empty and the others absent."""
    need(shell)
    home = str(tmp_path)
    box = f"{home}/wend-{os.geteuid()}"
    os.mkdir(box)
    with open(f"{home}/hook", "w", encoding="utf-8") as file:
        file.write(_hook(shell).replace("@WEND@", SHELLS[shell].quote("/nowhere/wend")))
    value = "" if empty else f"{home}/it's\n$(touch pwned) \\*\udcff\ufdd2é\n"
    values = dict.fromkeys(INPUTS[:: 2 if empty else 1], value)
    values["PATH"] = "/usr/bin:/bin:/some where"
    values["HOME"] = values["XDG_CONFIG_HOME"] = values["XDG_DATA_HOME"] = home
    values.pop("WEND_DISABLE", None)
    extra = {"ONE": "", "THREE": "x=\n"}
    program = shutil.which(shell)
    assert program
    command = [program, *_START[shell][1:]]
    command[-1] = command[-1].format(more=_MORE.get(shell, "__wend_more='ONE TWO THREE'"))
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
    assert request.words == ("word",)
    assert request.asked == ("ONE", "TWO", "THREE")
    assert request.env == {**values, **extra}
    assert "pwned" not in os.listdir(home)
