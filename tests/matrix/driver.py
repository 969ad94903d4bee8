"""A shell whose prompt may be drawn by any tool: the driver's mark stands behind that, not in it."""

from __future__ import annotations

import os
import re

from tests.shells.driver import _CONTROL, PATIENCE, Shell, World
from tests.shells.table import ROWS, Row

_LATE = "${__wend_pending_reply:+!}${__wend_late:+!}"
_DRAWS = rb"\x1b\[0m\x1b\[27m\x1b\[24m\x1b\[J"  # zsh begins a prompt so
_DRAWN_OVER = re.compile(_DRAWS + rb".*(?=" + _DRAWS + rb")", re.DOTALL)
PROMPT_END = re.compile(rb"@(\d+)(!?)@(?: |\xc2\xa0|\x1b\[K)")  # Powerline's blanks do not break; one drawn again
_SAVED = re.compile(rb"\x1b7.*?\x1b8", re.DOTALL)  # ble.sh prints such, to see where the cursor gets, and draws over it
_MARK = re.compile(r"@\d+!?@ ?|⏎")  # and how fish marks the end of the line before

# How each shell ends its prompt in the mark. In bash it can only be in PS1: a tool that sets PS1 puts it there.
_RC = {
    "bash": f"T=0\nPS1='$ @$T{_LATE}@ '\n{{before}}\n{{hook}}\n{{after}}\n",
    "zsh": "unsetopt prompt_sp\nT=0\nPS1='$ '\n{before}\n{hook}\n{after}\n"
    f'mark() {{ PREDISPLAY="@$T{_LATE}@ " }}\n'
    "autoload -Uz add-zle-hook-widget; add-zle-hook-widget line-init mark\n",
    "fish": "set -g fish_greeting\nset -g T 0\nfunction fish_prompt; echo -n '$ '; end\n{before}\n{hook}\n{after}\n"
    "functions -c fish_prompt unmarked\nfunction fish_prompt\n"
    "  set -l drawn (unmarked $argv | string collect -N)\n"  # else what a program draws may come behind the mark
    '  test -n "$__wend_pending_reply$__wend_late"; and set -l late !; or set -l late ""\n'
    '  echo -n "$drawn@$T$late@ "\nend\n',
    "pwsh": "$global:T = 0\nfunction global:prompt { '$ ' }\n{before}\n{hook}\n{after}\n"
    "$global:unmarked = $function:prompt\nfunction global:prompt {\n"
    "  $known = $ExecutionContext.SessionState.PSVariable\n"
    "  $late = if ($known.GetValue('__wend_pending_reply') -or $known.GetValue('__wend_late')) { '!' }\n"
    '  "$(& $global:unmarked)@$global:T$late@ "\n}\n',
}
_SILENCE = 5.0  # seconds after which zsh is asked to draw its prompt again
_FOUND = {"pwsh": "[Console]::WriteLine((Get-Command python -ErrorAction Ignore).Source)"}  # prints where `python` is


class _Verbatim(str):
    """A start-up file whose braces are its own; only the three blanks are filled."""

    def format(self, *args: object, **blanks: object) -> str:
        text = str(self)
        for name, value in blanks.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


class MatrixShell(Shell):
    """A shell with other tools in it."""

    prompt_end = PROMPT_END
    text = ""  # all that was printed from the end of the last line to the mark: output, then the prompt

    def __init__(self, name: str, world: World, **how: object) -> None:
        row: Row = ROWS[name]._replace(rc_text=_Verbatim(_RC[name]))
        self.found = _FOUND.get(name, "command -v python")
        self.trace = os.path.join(world.files, f"trace.{len(world.shells)}")
        wrapper = ("strace", "-qq", "-f", "--seccomp-bpf", "-o", self.trace, "-e", "trace=fork,vfork,clone,clone3")
        env = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        super().__init__(row, world, wrapper=wrapper, **{**how, "env": {**env, **how.get("env", {})}})  # type: ignore[arg-type,dict-item]

    def _until(self, k: int) -> str:
        """Wait for prompt K, or for a later one if the answer is late, which then stands for all that was printed."""
        super()._until(k)
        return self.text

    def _look(self, k: int) -> tuple[str, bool]:
        """Wait for prompt K. A prompt that is drawn again in the meantime (by a key, by a worker) does not count.

        zsh 5.9 now and then loses what it writes while a job of a tool ends, without wend too: all of a prompt, or
        its end. Then it draws the prompt again when Ctrl-L is pressed.
        """
        again = self.row.name == "zsh"
        printed = b""
        while True:
            shown = self.child.expect(PROMPT_END, _SILENCE if again else PATIENCE)
            if shown is not None:
                if int(shown[1]) != k:
                    continue
                printed += self.child.before
                self.text = _text(printed, k)
            if again and (shown is None or not self.text) and self.child.alive():
                again = False
                self.child.send(b"\f")
                continue
            if shown is not None:
                break
            assert self.child.alive(), f"the shell ended before prompt {k}"
            raise AssertionError(f"no prompt {k} within {PATIENCE} s")
        self.prompt = self.text
        return self.text, bool(shown[2])

    def again(self) -> str:
        """Wait for the last prompt once more; return it."""
        return self._until(self._k)

    def forks(self) -> int:
        """Return how many processes (not threads) the shell itself has started."""
        with open(self.trace, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        first = lines[0].split()[0] if lines else ""
        return sum(line.split()[0] == first and "CLONE_THREAD" not in line and " = " in line for line in lines)

    def look(self) -> tuple[dict[str, str], str]:
        """Return the environment, and what was printed: where `python` is found, then the prompt."""
        path = self._file()
        text = self.line(f"/bin/cp /proc/self/environ {path}; {self.found}")
        with open(path, "rb") as file:
            pairs = [os.fsdecode(entry).partition("=") for entry in file.read().split(b"\0") if entry]
        return {name: value for name, _, value in pairs}, text


def _text(printed: bytes, k: int) -> str:
    """Return the words of what was printed before prompt K; the first line is the one that was typed."""
    text = os.fsdecode(_CONTROL.sub(b"", _SAVED.sub(b"", _DRAWN_OVER.sub(b"", printed))))
    return " ".join(_MARK.sub("", text.partition("\n")[2] if k else text).split())
