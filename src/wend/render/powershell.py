"""PowerShell 7, with nothing that Windows PowerShell 5.1 cannot parse.

Words are `'...'` and nothing else. Five characters end such a string, for the tokenizer takes U+2018 to
U+201B for the apostrophe, and any two of them in a row stand for one: were that alone doubled, the name of a
directory could run. Variables are set through [Environment]: `$env:` costs ten times that in code that is
compiled for one use. It takes $null for an empty string, so what is to be absent gets [NullString].
"""

from __future__ import annotations

import re

from wend.model import Set, Source
from wend.render import SHELLS, Reply

END = "# wend-end"

_SLOTS = ("y1", "y2", "n1", "n2", "n3")
# A script may run programs.
_KEEP = "$__wend_code = $ExecutionContext.SessionState.PSVariable.GetValue('global:LASTEXITCODE')"
_KEPT = "$global:LASTEXITCODE = $__wend_code"
# `deactivate` while an environment is active; one that was there comes back, one that came later stays.
_ENTERED = """\
if ("${function:global:deactivate}" -notlike '*__wend_ask*') {
  $global:__wend_theirs = ${function:global:deactivate}
  function global:deactivate([switch]$NonDestructive) {
    __wend_ask "deactivate$(if ($NonDestructive) { ' nondestructive' })"
  }
}"""
_LEFT = """\
if ("${function:global:deactivate}" -like '*__wend_ask*') {
  $function:deactivate = $null
  if ($__wend_theirs) { ${function:global:deactivate} = $__wend_theirs }
}"""
_ENDS = re.compile("['\u2018-\u201b]")


def quote(value: str) -> str:
    """Return VALUE as one word of PowerShell.

    Bytes that are not UTF-8 become U+FFFD: no .NET string holds them, and inherited ones became that as well.
    """
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "'" + _ENDS.sub(r"\g<0>\g<0>", text) + "'"


def edits(reply: Reply) -> str:
    """Return the environment's changes alone, in order."""
    return "".join(f"{line}\n" for line in _edits(reply))


def _edits(reply: Reply, show: str = "") -> list[str]:
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    for edit in reply.edits:
        if not isinstance(edit, Source):
            lines.append(_variable(edit.name, edit.value if isinstance(edit, Set) else None))
        elif edit.path.endswith(ending):  # one that throws must not cost the edits after it
            lines.append(f"try {{ . {quote(edit.path)}{show} }} catch {{ [Console]::Error.WriteLine($_) }}")
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value is not None:
            lines.append(_variable(name, value or None))
    return lines


def _variable(name: str, value: str | None) -> str:
    word = "[NullString]::Value" if value is None else quote(value)
    return f"[Environment]::SetEnvironmentVariable({quote(name)}, {word})"


def _say(line: str) -> str:
    return f"[Console]::Error.WriteLine({quote(line)})"


def _unspellable(reply: Reply) -> str:
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
    if reply.again:
        return f"$global:__wend_more = {quote(' '.join(reply.more))}; $global:__wend_again = $true\n"
    lines: list[str] = []
    bad = _unspellable(reply) if reply.active else ""
    if bad:
        lines.append(_say(f"wend: not activated: {bad} is not UTF-8, which PowerShell cannot hold"))
    else:
        lines += _edits(reply, " | Out-Host")
        if any(isinstance(edit, Source) for edit in reply.edits):
            lines = [_KEEP, *lines, _KEPT]
        if reply.prompt is not None:
            lines.append(f"$global:__wend_name = {quote(reply.prompt)}")
        if reply.active is not None:
            lines.append(_ENTERED if reply.active else _LEFT)
        lines.append(f"$global:__wend_more = {quote(' '.join(reply.more))}")
        if reply.notice:
            lines.append(_say(reply.notice))
    tests = (*(*reply.tests.present, "/", "/")[:2], *(*reply.tests.absent, "", "", "")[:3])
    lines.append("; ".join(f"$global:__wend_{slot} = {quote(path)}" for slot, path in zip(_SLOTS, tests)))
    return "\n".join(lines) + "\n"
