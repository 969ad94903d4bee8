"""Tab, pressed in live shells that `wend setup` set up: what comes must be what the shell then hands over.

In PowerShell no key is pressed: the tests' console has no PSReadLine, which asks TabExpansion2 when Tab is pressed. So
the tests call TabExpansion2, and take the first match for what Tab would write.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import absent
from wend import launcher, setup
from wend.shells import SHELLS
from wend.terminal import Terminal
from wend.trust import decisions

PROJECT = """it's a "shop": $HOME"""  # what a shell would take apart

# Start-up file, what defines `show`, which writes its words into the file OUT, and how the shell is started.
SET_UP = {
    "bash": (
        ".bashrc",
        "PS1='ready> '; bind 'set enable-bracketed-paste off'; show() { printf '<%s>' \"$@\" >\"$OUT\"; }\n",
        ["bash", "-i"],
    ),
    "zsh": (
        ".zshrc",
        "autoload -Uz compinit; compinit -D; PS1='ready> '; show() { printf '<%s>' \"$@\" >$OUT }\n",
        ["zsh", "-i"],
    ),
    "fish": (
        ".config/fish/config.fish",
        "function fish_prompt; echo -n 'ready> '; end; function show; printf '<%s>' $argv >$OUT; end\n",
        ["fish", "-i"],
    ),
    "pwsh": (
        ".config/powershell/profile.ps1",
        "function prompt { 'ready> ' }\n"
        "function show { [IO.File]::WriteAllText($env:OUT, -join ($args | % { \"<$($_ -join ',')>\" })) }\n"
        "function tab($line) {\n"
        "  $found = (TabExpansion2 $line -cursorColumn $line.Length)\n"
        "  $text = if ($found.CompletionMatches.Count) { $found.CompletionMatches[0].CompletionText }"
        " else { $line.Substring($found.ReplacementIndex) }\n"
        "  Invoke-Expression ('show ' + $line.Substring(0, $found.ReplacementIndex) + $text)\n"
        "}\n",
        ["pwsh", "-NoLogo"],
    ),
}
_READY = re.compile(rb"ready> ")

# What is typed before Tab, and the word that it becomes.
CASES = {
    "command": ("wend doc", "doctor"),
    "command of a command": ("wend config sh", "show"),
    "option": ("wend explain --js", "--json"),
    "shell": ("wend hook fi", "fish"),
    "setting": ("wend config set trust.pol", "trust.policy"),
    "word of a setting": ("wend config set trust.policy al", "always"),
    "switch": ("wend config set hints fa", "false"),
    "kinds in a list": ("wend config set detect.kinds poetry,virt", "poetry,virtualenvwrapper"),
    "text with spaces": ("wend config set prompt.format ", "({{name}}) "),
    "version": ("wend python pin 3.99.", "3.99.1"),
    "name of a version": ("wend python pin lab", "labour"),
    "version as an option": ("wend create --python 3.99.", "3.99.1"),
    "command to run": ("wend exec -- printen", "printenv"),
    "directory": ("wend explain she", "shed/"),
    "project": ("wend trust --forget {home}/it", "{home}/" + PROJECT),
    "nothing": ("wend nonsense", "nonsense"),
}
# Where a quotation mark is open.
QUOTED = {
    "text within double quotes": ('wend config set prompt.format "(', "({{name}}) "),
    "text within single quotes": ("wend config set prompt.format '(", "({{name}}) "),
    "project within double quotes": ('wend trust --forget "{home}/it', "{home}/" + PROJECT),
    "project within single quotes": ("wend trust --forget '{home}/it", "{home}/" + PROJECT),
}


class Tabs:
    """One shell in which Tab is pressed."""

    def __init__(self, shell: str, home: Path, env: dict[str, str]) -> None:
        self.shell, self.home = shell, home
        self.out = home / "out"
        self.tty = Terminal(SET_UP[shell][2], {**env, "OUT": str(self.out)}, str(home), columns=200)
        assert self.tty.expect(_READY, 60), self.tty.tail()

    def __call__(self, line: str) -> list[str]:
        """Return the words of LINE after Tab, as the shell hands them to a command."""
        self.out.unlink(missing_ok=True)
        if self.shell == "pwsh":
            self.tty.sendline(f"tab {SHELLS['pwsh'].quote(line)}".encode())
        else:
            self.tty.sendline(line.encode() + b"\t\x01show ")  # Control-A: to the beginning
        deadline = time.monotonic() + 60
        while not (self.out.exists() and self.out.stat().st_size):
            assert time.monotonic() < deadline, self.tty.tail()
            self.tty.listen(0.01)
        return re.findall(r"<(.*?)>", self.out.read_text())


def _home(home: Path, shell: str) -> dict[str, str]:
    """Set up SHELL in HOME; return its variables."""
    (home / "shed").mkdir()
    (home / PROJECT).mkdir()
    (home / "run").mkdir(mode=0o700)
    (home / "versions" / "3.99.1" / "bin").mkdir(parents=True)
    (home / "versions" / "labour").mkdir()
    (home / "versions" / "3.99.1" / "bin" / "python").symlink_to(sys.executable)
    file, text, _ = SET_UP[shell]
    (home / file).parent.mkdir(parents=True, exist_ok=True)
    (home / file).write_text(text)
    env = {
        "HOME": str(home),
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
        "WEND_RUNTIME_DIR": str(home / "run"),
        "PYENV_ROOT": str(home),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "WEND_DISABLE": "1",
    }
    for prepared in SHELLS[shell].prepared:
        (home / prepared).mkdir(parents=True)
    decisions.allow(str(home / PROJECT), False, env)
    for change in setup.plan(env, (shell,)):
        setup.make(change)
    return env


@pytest.fixture(scope="module", params=SET_UP)
def tabs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, need: Callable[..., None]
) -> Iterator[Tabs]:
    need(request.param)
    home = tmp_path_factory.mktemp(request.param)
    shell = Tabs(request.param, home, _home(home, request.param))
    yield shell
    shell.tty.close()


@pytest.mark.parametrize("case", [*CASES, *QUOTED])
def test_tab(tabs: Tabs, case: str) -> None:
    line, expected = {**CASES, **QUOTED}[case]
    words = tabs(line.format(home=tabs.home))
    assert words[-1].rstrip("/").removeprefix("./") == expected.format(home=tabs.home).rstrip("/")
    assert b"Traceback" not in tabs.tty.output


@pytest.mark.parametrize("shell", SET_UP)
def test_a_wend_that_fails_leaves_the_line_alone(shell: str, tmp_path: Path, need: Callable[..., None]) -> None:
    need(shell)
    env = _home(tmp_path, shell)
    program = Path(launcher.program(env))
    program.write_text("#!/bin/sh\necho Traceback >&2\nexit 1\n")
    tabs = Tabs(shell, tmp_path, env)
    assert tabs("wend doc")[-1] == "doc"
    program.unlink()
    assert tabs("wend doc")[-1] == "doc"
    tabs.tty.close()
    assert b"Traceback" not in tabs.tty.output
    assert b"not found" not in tabs.tty.output


def test_beside_bash_completion(tmp_path: Path, need: Callable[..., None]) -> None:
    need("bash")
    package = Path("/usr/share/bash-completion/bash_completion")
    if not package.exists():
        absent({"bash-completion": ""})
    env = _home(tmp_path, "bash")
    with open(tmp_path / ".bashrc", "a", encoding="utf-8") as file:
        file.write(f". {package}\n")
    tabs = Tabs("bash", tmp_path, env)
    assert tabs("wend doc")[-1] == "doctor"
    assert tabs("wend exec shed -- nohup printen")[-1] == "printenv"  # as if nohup were typed alone
    tabs.tty.close()


def test_where_zsh_starts_its_completions_after_the_block(tmp_path: Path, need: Callable[..., None]) -> None:
    need("zsh")
    env = _home(tmp_path, "zsh")
    rc = tmp_path / ".zshrc"
    begin, text = rc.read_text().split("compinit -D; ")
    rc.write_text(f"{begin}{text}compinit -D -u\n")
    tabs = Tabs("zsh", tmp_path, env)
    assert tabs("wend doc")[-1] == "doctor"
    tabs.tty.close()
