"""The shells: how each is started, and how each is told to do a thing and to look at its own clock.

A script is made from steps. The same steps are timed by the shell's clock, or marked for strace by looks at paths
that are not there (`/@/prompt`): no shell needs a process for either.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from decimal import Decimal
from typing import NamedTuple, Optional

from lab import Trouble

from wend import terminal
from wend.shells import SHELLS

READY, DONE = "@ready@", "@done@"


class Step(NamedTuple):
    """One thing to do. PROMPT: everything hooked to the prompt runs after it, as after a typed line."""

    op: str  # its name in the results; empty: neither timed nor marked
    cd: str = ""
    code: str = ""  # in the shell's own language, after the cd
    prompt: bool = True
    wanted: Optional[str] = None  # what VIRTUAL_ENV (or variable) must be afterwards, else the sample is wrong
    variable: str = "VIRTUAL_ENV"


class Terminal(terminal.Terminal):
    """A shell in a terminal of its own."""

    def type(self, line: str) -> None:
        self.sendline(line.encode())

    def wait(self, mark: bytes, seconds: float = 60.0) -> float:
        """Read until MARK was printed after the last one; return the seconds since the start, else Trouble."""
        if not self.expect(re.compile(re.escape(mark)), seconds):
            raise Trouble(f"{mark.decode()!r} did not come; the last of it: {self.tail(500)!r}")
        return time.monotonic() - self.began


class Shell:
    """One shell; how it is started and what it reads, `wend.shells` knows."""

    name = ""
    program = ""  # path, empty when there is none
    version = ""

    def __init__(self) -> None:
        self.program = shutil.which(self.name) or ""

    def why_not(self) -> str:
        """Return why nothing can be measured in this shell, empty when it can."""
        return "" if self.program else f"{self.name} is not installed"

    def measure_version(self) -> str:
        """Return the version as the shell says it."""
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout)
        return found.group() if found else "?"

    @property
    def ending(self) -> str:
        return SHELLS[self.name].hook.rpartition(".")[2]

    def command(self, rc: str) -> tuple[list[str], dict[str, str]]:
        """Return the command and the variables that start it interactively with the start-up file RC only."""
        start = SHELLS[self.name].private(os.path.dirname(rc))
        os.makedirs(os.path.dirname(start.file), exist_ok=True)
        shutil.copyfile(rc, start.file)
        return [self.program, *start.arguments], dict(start.env)

    def rc(self, load: list[str], out: str, timed: str) -> str:
        """Return a start-up file that runs LOAD and ends in a ready prompt.

        TIMED: "time" writes the time of LOAD and of the first prompt to OUT, "mark" marks them, "" neither.
        """
        if not timed:
            return "\n".join([*self.plain_prompt(), *load, ""])
        begin = Step("load", code="\n".join(load) or self.nothing, prompt=False)
        steps = [begin, Step("first"), Step("true", code="/bin/true", prompt=False)]
        return "\n".join([*self.plain_prompt(), self.script(steps, 1, out, timed)])

    def script(self, steps: list[Step], rounds: int, out: str, how: str) -> str:
        """Return a script that does STEPS for ROUNDS times; HOW: "time" into the file OUT, or "mark"."""
        raise NotImplementedError

    def samples(self, out: str, printed: bytes) -> list[tuple[str, float]]:
        """Return (operation, microseconds) of a timed script that wrote OUT and PRINTED this."""
        found = []
        with open(out, encoding="utf-8") as file:
            for line in file:
                op, begin, end = line.split()
                found.append((op, float((Decimal(end) - Decimal(begin)) * 1000000)))
        return found

    nothing = ":"

    def plain_prompt(self) -> list[str]:
        shell = SHELLS[self.name]
        return [shell.prompt.format(value=shell.quote(f"{READY} "))]


class _Posix(Shell):
    clock = "$EPOCHREALTIME"
    prompt = ""
    before: tuple[str, ...] = ()
    loop = ("", "")

    def script(self, steps: list[Step], rounds: int, out: str, how: str) -> str:
        lines = [*self.before, "__b=()", self.loop[0].format(rounds)]
        for step in steps:
            code = [f"cd {step.cd}"] if step.cd else []
            code += [step.code] if step.code else []
            code += [self.prompt] if step.prompt else []
            if not step.op:
                lines += code
            elif how == "mark":
                lines += [f"[[ -e /@/{step.op} ]]", *code, "[[ -e /@/ ]]"]
            else:
                lines += [f"__0={self.clock}", *code, f"__1={self.clock}", f'__b+=("{step.op} $__0 $__1")']
                if step.wanted is not None:
                    lines += [f"[[ ${{{step.variable}-}} == '{step.wanted}' ]] || __b+=('wrong-{step.op} 0 0')"]
        lines += [
            self.loop[1],
            f"printf '%s\\n' \"${{__b[@]}}\" >| {out}",
            f"printf '%s\\n' '{DONE[:3]}'{DONE[3:]}",
            "",
        ]
        return "\n".join(lines)


class Bash(_Posix):
    name = "bash"
    prompt = 'for __c in "${PROMPT_COMMAND[@]}"; do eval "$__c"; done'
    loop = ("for ((__i = 0; __i < {}; __i++)); do", "done")

    def why_not(self) -> str:
        if self.program and self.measure_version().split(".")[0] < "5":
            return "bash before 5.0 has no clock of its own"
        return super().why_not()


class Zsh(_Posix):
    name = "zsh"
    prompt = "for __f in precmd $precmd_functions; do if (( $+functions[$__f] )); then $__f; fi; done"
    before = ("zmodload zsh/datetime",)
    loop = ("repeat {}; do", "done")

    def plain_prompt(self) -> list[str]:
        return ["unsetopt prompt_sp", *super().plain_prompt()]


class Fish(Shell):
    """fish has no clock but `time`, which prints: whole microseconds below a millisecond, else hundredths of one."""

    name = "fish"
    _TIME = re.compile(rb"@([a-z-]+)@\r?\n|Executed in +([0-9.]+) (micros|millis|secs)")

    def plain_prompt(self) -> list[str]:
        return ["set -g fish_greeting", *super().plain_prompt()]

    def script(self, steps: list[Step], rounds: int, out: str, how: str) -> str:
        lines = ["" if rounds == 1 else f"for __i in (command seq {rounds})"]
        for step in steps:
            code = [f"cd {step.cd}"] if step.cd else []
            code += [step.code] if step.code else []
            code += ["emit fish_prompt"] if step.prompt else []
            if not step.op:
                lines += code
            elif how == "mark":
                lines += [f"test -e /@/{step.op}", *code, "test -e /@/"]
            else:
                lines += [f"echo @{step.op}@", "time begin", *code, "end"]
                if step.wanted is not None:
                    lines += [f"test \"${step.variable}\" = '{step.wanted}'; or echo @wrong-{step.op}@"]
        lines += ["" if rounds == 1 else "end", f"echo -n >{out}", f"echo {DONE[:3]}''{DONE[3:]}", ""]
        return "\n".join(lines)

    def samples(self, out: str, printed: bytes) -> list[tuple[str, float]]:
        found, op = [], ""
        for match in self._TIME.finditer(printed):
            if match.group(1):
                op = match.group(1).decode()
                if op.startswith("wrong-"):
                    found.append((op, 0.0))
            elif op:
                unit = {b"micros": 1.0, b"millis": 1e3, b"secs": 1e6}[match.group(3)]
                found.append((op, float(match.group(2)) * unit))
                op = ""
        return found


class Pwsh(Shell):
    name = "pwsh"
    nothing = "$null"

    def script(self, steps: list[Step], rounds: int, out: str, how: str) -> str:
        clock = "[Diagnostics.Stopwatch]::GetTimestamp()"
        lines = ["$__b = [Collections.Generic.List[string]]::new()", f"for ($__i = 0; $__i -lt {rounds}; $__i++) {{"]
        for step in steps:
            code = [f"cd {step.cd}"] if step.cd else []
            code += [step.code] if step.code else []
            code += ["$null = prompt"] if step.prompt else []
            if not step.op:
                lines += code
            elif how == "mark":
                lines += [f"$null = [IO.File]::Exists('/@/{step.op}')", *code, "$null = [IO.File]::Exists('/@/-')"]
            else:
                lines += [f"$__0 = {clock}", *code, f"$__1 = {clock}", f'$__b.Add("{step.op} $__0 $__1")']
                if step.wanted is not None:
                    lines += [
                        f"if (\"$env:{step.variable}\" -cne '{step.wanted}') {{ $__b.Add('wrong-{step.op} 0 0') }}"
                    ]
        lines += ["}", '$__b.Add("frequency 0 $([Diagnostics.Stopwatch]::Frequency)")']
        lines += [f"[IO.File]::WriteAllLines('{out}', $__b)", f"[Console]::WriteLine('{DONE[:3]}' + '{DONE[3:]}')", ""]
        return "\n".join(lines)

    def samples(self, out: str, printed: bytes) -> list[tuple[str, float]]:
        found = super().samples(out, printed)
        frequency = next(value for op, value in found if op == "frequency") / 1e6
        return [(op, value / frequency) for op, value in found if op != "frequency"]


def shells() -> list[Shell]:
    return [Bash(), Zsh(), Fish(), Pwsh()]
