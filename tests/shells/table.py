"""The table of shells: one row each, everything that a scenario must not have to know about a shell.

A row says how its shell is spelled, never what wend should do: that is in scenarios.py, once for all.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Mapping
from typing import Callable, NamedTuple

from wend.shells import SHELLS
from wend.shells.base import Shell

# The prompt of every row ends in `@K@ `: K is set by the line that was typed, so that the prompt after it
# cannot be taken for an older one, and a plus sign stands after K while an answer is late. (For an exclamation mark,
# bash in POSIX mode puts a number.)
PROMPT_END = re.compile(rb"@(\d+)(\+?)@ ")


class Row(NamedTuple):
    """One shell as the tests see it; how it is spelled otherwise stands in `wend.shells`.

    Templates are filled with `str.format`; names and values are quoted by the caller.
    """

    name: str
    rc_text: str  # the start-up file: {hook} loads the hook, {before} and {after} are the scenario's own lines
    quote: Callable[[bytes], str]  # one word, in printable ASCII whatever the bytes
    tick: str  # set the K of the next prompt, silently; no exported variable
    state: str  # write what the shell knows beside its environment to {file}, a line each
    volatile: str  # regular expression: lines of `state` that change by themselves
    strict: str  # the strictest mode people use
    kept: tuple[tuple[str, str, str], ...]  # (line, what shows its mark at the next prompt, what that prints)
    status: str  # print the status of the last command
    physical: str  # cd by the disk's spelling
    cannot: str = r"(?!)"  # regular expression: names that its own cd cannot spell
    env: Mapping[str, str] = {}

    @property
    def shell(self) -> Shell:
        """Return what wend itself knows of the shell."""
        return SHELLS[self.name]

    @property
    def hook(self) -> str:
        """Return the file under shell/."""
        return self.shell.hook

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return those that make an interactive shell which reads its start-up file."""
        return self.shell.interactive

    @property
    def script(self) -> tuple[str, ...]:
        """Return the arguments before a command's text: not interactive."""
        return self.shell.command

    @property
    def rc(self) -> str:
        """Return the start-up file, relative to HOME."""
        return os.path.relpath(self.shell.own_file({"HOME": "/"}), "/")

    @property
    def load(self) -> str:
        """Source {file}."""
        return self.shell.load

    @property
    def activate(self) -> str:
        """Source the activate script in {bin}."""
        return self.load.format(file=f"{{bin}}/{self.shell.activate}")

    @property
    def chain(self) -> str:
        """Run two commands on one line, the second only if the first worked (where the shell can say so)."""
        return self.shell.chain

    @property
    def set(self) -> str:
        """Export {name} with {value}."""
        return self.shell.set

    @property
    def unset(self) -> str:
        """Remove {name}."""
        return self.shell.unset

    @property
    def value(self) -> str:
        """Spell {name}'s value inside double quotes."""
        return self.shell.value

    @property
    def cd(self) -> str:
        """Go to {path}."""
        return self.shell.cd


_PLAIN = (string.ascii_letters + string.digits + "/._-").encode()


def _ansi_c(value: bytes) -> str:
    return "$'" + "".join(chr(b) if b in _PLAIN else f"\\{b:03o}" for b in value) + "'"


def _fish(value: bytes) -> str:
    plain = "".join(chr(b) if b in _PLAIN else f"\\X{b:02x}" for b in value)
    return plain or "''"


def _powershell(value: bytes) -> str:
    text = value.decode()
    return '"' + "".join(c if c in _PLAIN.decode() else f"`u{{{ord(c):x}}}" for c in text) + '"'


_SH_KEPT = ("sh -c 'exit 7'", 'echo "$?"', "7")

ROWS = {
    "bash": Row(
        name="bash",
        rc_text="T=0\nPS1='@$T${{__wend_pending_reply:++}}${{__wend_late:++}}@ '\n{before}\n{hook}\n{after}\n",
        quote=_ansi_c,
        tick="T={k}",
        # Before bash 5.1 `declare -p` prints the lines of a text as they are, and in 3.2 functions, too.
        state="{{ if ((BASH_VERSINFO * 10 + BASH_VERSINFO[1] > 50)); then declare -p; "
        "else declare -p $(compgen -v | grep -v ^__wend_); fi; "
        "declare -F; alias -p; set -o; shopt; trap; jobs; }} >| {file}",
        volatile=r"(declare \S+ )?(__wend_\w+|T|_|OLDPWD|BASH_(ARG[CV]|LINENO|COMMAND|CMDS|SUBSHELL|MONOSECONDS)"
        r"|EPOCH\w+|S?RANDOM|SECONDS|LINENO|PIPESTATUS|HISTCMD|FUNCNAME|COLUMNS|LINES)\b|declare -f __wend_",
        strict="set -eu -o pipefail",
        kept=(
            _SH_KEPT,
            ("true | false | true", 'echo "${PIPESTATUS[*]}"', "0 1 0"),
            ("/bin/test foo = foo", 'echo "$_"', "foo"),
        ),
        status='echo "$?"',
        physical="cd -P {path}",
    ),
    "zsh": Row(
        name="zsh",
        rc_text="unsetopt prompt_sp\nsetopt prompt_subst\n"
        "T=0\nPS1='@$T${{__wend_pending_reply:++}}${{__wend_late:++}}@ '\n{before}\n{hook}\n{after}\n",
        quote=_ansi_c,
        tick="T={k}",
        state="{{ typeset -p; typeset +f; alias -L; set -o; trap; jobs; }} >| {file}",
        volatile=r"(export|typeset|integer|float|array)( -\S+)*( \d+)? (__wend_\w+|T|_|OLDPWD|RANDOM"
        r"|SECONDS|EPOCH\w+|epochtime|LINENO|TTYIDLE|pipestatus|status|\?|!|COLUMNS|LINES|HISTCMD|history|historywords|commands|dirstack)\b|__wend_"
        r"|typeset -a precmd_functions=\( __wend_on_prompt( __wend_after)? \)$",  # the second one comes and goes
        strict="set -eu -o pipefail",
        kept=(
            _SH_KEPT,
            ("true | false | true", 'echo "$pipestatus"', "0 1 0"),
            ("/bin/test foo = foo", 'echo "$_"', "foo"),
        ),
        status='echo "$?"',
        physical="cd -P {path}",
    ),
    "fish": Row(
        name="fish",
        rc_text="set -g fish_greeting\nset -g T 0\nfunction fish_prompt\n"
        "  test -n \"$__wend_pending_reply$__wend_late\"; and set -l late +; or set -l late ''\n"
        '  echo -n "@$T$late@ "\nend\n{before}\n{hook}\n{after}\n',
        quote=_fish,
        tick="set -g T {k}",
        state="begin; set -L; functions -an; functions fish_prompt; abbr; bind; jobs; end >{file}",
        volatile=r"(T|status|status_generation|pipestatus|history|CMD_DURATION|dirprev|dirnext|dirstack|__fish_\w+|__wend_\w+|COLUMNS|LINES)\b"
        r"|# Defined|__wend_",
        strict="",
        kept=(
            ("sh -c 'exit 7'", "echo $status", "7"),
            ("true | false | true", "echo $pipestatus", "0 1 0"),
        ),
        status="echo $status",
        physical="cd (realpath {path})",
    ),
    "pwsh": Row(
        name="pwsh",
        rc_text="$global:T = 0\nfunction global:prompt {{ "
        "$known = $ExecutionContext.SessionState.PSVariable; "
        "$late = if ($known.GetValue('__wend_pending_reply') -or $known.GetValue('__wend_late')) {{ '+' }}\n"
        '  "@$global:T$late@ " }}\n{before}\n{hook}\n{after}\n',
        quote=_powershell,
        tick="$global:T = {k}",
        state="[IO.File]::WriteAllLines({file}, [string[]]@("
        'Get-ChildItem Variable: | % {{ "$($_.Name)=$($_.Value)" }}; '
        'Get-ChildItem Function: | % {{ "function $($_.Name) $($_.Definition)" }}; '
        '$Error | % {{ "$_ $($_.ScriptStackTrace)" }} | ? {{ $_ -match "__wend_" }}))',
        volatile=r"(Error|T|\?|\^|\$|_|PWD|LASTEXITCODE|MyInvocation|PSItem|input|this|args|StackTrace|__wend\w*)="
        r"|function __wend|function global:__wend",
        strict="Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'",
        kept=(("sh -c 'exit 7'", "[Console]::WriteLine($LASTEXITCODE)", "7"),),
        status="[Console]::WriteLine([int]!$?)",
        physical="cd (Get-Item {path}).ResolveLinkTarget($true).FullName",
        cannot=r"[\\\udc80-\udcff]",  # a backslash is a slash to it, and .NET knows only UTF-8
        env={"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"},
    ),
}
