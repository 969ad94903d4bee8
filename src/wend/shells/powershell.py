"""PowerShell 7, with nothing that Windows PowerShell 5.1 cannot parse.

Words are `'...'` and nothing else. Five characters end such a string: the tokenizer reads U+2018 to U+201B as
apostrophes, and any two of the five in a row stand for one. So all five are doubled; otherwise the name of a
directory could run as code. Variables are set through [Environment]: `$env:` costs ten times as much in code that is
compiled for one use. [Environment] reads $null as an empty string, so a variable is removed with [NullString].
"""

from __future__ import annotations

import os

from wend import paths
from wend.model import Set, Source
from wend.patterns import pattern
from wend.protocol import CORE
from wend.shells import SHELLS, Apply, AskAgain, DeactivateFunction, Reply, remembered, shown
from wend.shells.base import Place, Private, Shell
from wend.system import WINDOWS
from wend.typed import Mapping

END = "# wend-end"

# A script may run programs.
_KEEP = "$__wend_code = $ExecutionContext.SessionState.PSVariable.GetValue('global:LASTEXITCODE')"
_KEPT = "$global:LASTEXITCODE = $__wend_code"
_ENDS = pattern("['\u2018-\u201b]")


def quote(value: str) -> str:
    """Return VALUE as one word of PowerShell.

    Bytes that are not UTF-8 become U+FFFD: no .NET string holds them, and inherited ones have become that too.
    """
    if value.isascii() and "'" not in value:
        return f"'{value}'"
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "'" + _ENDS.sub(r"\g<0>\g<0>", text) + "'"


def edits(reply: Apply) -> str:
    """Return the environment's changes alone, in order."""
    return "".join(f"{line}\n" for line in _edits(reply))


def _edits(reply: Apply, show: str = "") -> list[str]:
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    for edit in reply.edits:
        if not isinstance(edit, Source):
            lines.append(_variable(edit.name, edit.value if isinstance(edit, Set) else None))
        elif edit.path.endswith(ending):  # one that throws or breaks must not cost the edits after it
            run = f"try {{ . {quote(edit.path)}{show} }} catch {{ [Console]::Error.WriteLine($_) }}"
            lines.append(f"foreach ($__wend_once in 1) {{ {run} }}")
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value is not None:
            lines.append(_variable(name, value or None))
    return lines


def _variable(name: str, value: str | None) -> str:
    word = "[NullString]::Value" if value is None else quote(value)
    return f"[Environment]::SetEnvironmentVariable({quote(name)}, {word})"


def _unspellable(reply: Apply) -> str:
    """Return what in the plan no .NET string can hold, empty if it can hold everything."""
    for edit in reply.edits:
        text = edit.value if isinstance(edit, Set) else edit.path if isinstance(edit, Source) else ""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "a script's path" if isinstance(edit, Source) else edit.name
    return ""


def render(reply: Reply) -> str:
    """Return the reply as shell code, without the end mark.

    When a value of the environment to enter is not UTF-8 (see `quote`), nothing of the plan is made: half of
    it would be neither the old nor the new environment. On the way out, U+FFFD is what PowerShell had before.
    """
    if isinstance(reply, AskAgain):
        return f"$global:__wend_names = {quote(' '.join(reply.names))}; $global:__wend_again = $true\n"
    lines: list[str] = []
    entering = reply.deactivate == DeactivateFunction.DEFINE
    bad = _unspellable(reply) if entering else ""
    if bad:
        lines.append(f"__wend_tell {quote(f'wend: not activated: {bad} is not UTF-8, which PowerShell cannot hold')}")
    else:
        lines += ["__wend_adopt"] if reply.adopt else []
        changes = _edits(reply, " | Out-Host")
        lines += [_KEEP, *changes, _KEPT] if any(isinstance(edit, Source) for edit in reply.edits) else changes
        lines += shown(reply, quote)
    lines.append("; ".join(f"$global:{name} = {quote(value)}" for name, value in remembered(reply)))
    return "\n".join(lines) + "\n"


class PowerShell(Shell):
    """PowerShell 7, and on Windows the 5.1 that comes with it."""

    name = "pwsh"
    hook = "wend.ps1"
    END = END
    script = ".ps1"
    moves = False
    place = Place("XDG_CONFIG_HOME")
    interactive = ("-NoLogo",)
    command = ("-NoLogo", "-NoProfile", "-Command")
    entry = "__wend_lookup_action"
    called_from = "the look-up of prompt"
    replaces_hook = r"(?i)\bPreCommandLookupAction\s*="
    runs_at_prompt = (
        "$global:__report = if ($function:__wend_ask) {{ 'hook' }}; "
        "$global:__lookup = $ExecutionContext.SessionState.InvokeCommand.PreCommandLookupAction; "
        "$global:__lookup = if ($__lookup -and $__lookup.GetInvocationList() -contains $__wend_lookup_action) "
        "{{ '__wend_lookup_action' }}; "
        '[IO.File]::WriteAllText({file}, "$__report`n$__lookup`n.`n")'
    )
    activate = "Activate.ps1"
    cd = "cd -LiteralPath {path}"  # without, a name may be a pattern
    chain = "{0}; {1}"  # 5.1 has no &&
    set = "$env:{name} = {value}"
    unset = "$env:{name} = $null"
    value = "$env:{name}"
    prompt = "function global:prompt {{ {value} }}"
    report = (
        "$global:__report = if ($function:__wend_ask) {{ 'hook' }}; "
        '[IO.File]::WriteAllText({file}, "$env:VIRTUAL_ENV`n$env:PATH`n$__report`n.`n")'
    )

    quote = staticmethod(quote)
    render = staticmethod(render)
    edits = staticmethod(edits)

    def blanks(self) -> dict[str, str]:
        """Return what the hook's blanks stand for."""
        return {"@CORE_NAMES@": ", ".join(map(quote, CORE))}

    def startup_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the profile for all hosts, so that an editor's terminal has the hook too."""
        return tuple(os.path.join(directory, "profile.ps1") for directory in _profile_dirs(env))

    def own_file(self, env: Mapping[str, str]) -> str:
        """Return $PROFILE of the console, which is read after the one for all hosts."""
        return os.path.join(_profile_dirs(env)[0], "Microsoft.PowerShell_profile.ps1")

    def own_places(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return both profiles of the user's."""
        return (self.own_file(env), *self.startup_files(env))

    def source_line(self, hook: str) -> str:
        """Return the line."""
        word = quote(hook)
        return f"if (Test-Path -LiteralPath {word} -PathType Leaf) {{ . {word} }}"

    def completion_lines(self, file: str) -> tuple[str, ...]:
        """Return a registration that reads FILE when Tab is pressed."""
        word = quote(file)
        block = f"{{ param($Word, $Line, $Position) . {word}; __wend_complete $Word $Line $Position }}"
        known = f"Register-ArgumentCompleter -Native -CommandName wend -ScriptBlock {block}"
        return (f"if (Test-Path -LiteralPath {word} -PathType Leaf) {{ {known} }}",)

    def private(self, directory: str) -> Private:
        """Return how to start it with a file of its own."""
        file = os.path.join(directory, "profile.ps1")
        return Private(("-NoLogo", "-NoProfile", "-NoExit", "-Command", f". {quote(file)}"), {}, file)


def _profile_dirs(env: Mapping[str, str]) -> tuple[str, ...]:
    if WINDOWS:
        documents = paths.documents_dir()
        return tuple(os.path.join(documents, name) for name in ("PowerShell", "WindowsPowerShell"))
    return (os.path.join(paths.config_home(env), "powershell"),)


SHELL = PowerShell()
