"""bash (3.2 and later) and zsh. Replies use only what both have, under any options.

`'...'` where every byte is printable ASCII without a quote, else `$'...'` with octal escapes: ASCII only,
so no locale, histexpand, rc_quotes or csh_junkie_quotes changes its meaning. Replies have no comments
(interactive_comments may be off).
"""

from __future__ import annotations

from wend.model import Set, Source, Unset
from wend.protocol import SAVED_HOME, SAVED_PATH
from wend.shells import SHELLS, Apply, AskAgain, Reply, noted, remembered, shown
from wend.shells.base import Shell

END = ": wend-end"

_EXPORT, _UNSET = "\\builtin export", "\\builtin unset -v"
_NOT_EXPORTED = (SAVED_PATH, SAVED_HOME)  # an activate script keeps them in the shell alone


def quote(value: str) -> str:
    """Return VALUE as one word of bash and zsh, byte for byte."""
    if value.isascii() and value.isprintable() and "'" not in value:
        return f"'{value}'"
    out = []
    for byte in value.encode("utf-8", "surrogateescape"):
        if byte in (0x27, 0x5C):
            out.append("\\" + chr(byte))
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return "$'" + "".join(out) + "'"


# Attributes are in bash since 4.4; before, PATH is taken for exported. A script's shell has none of these variables.
_PATH_IS_EXPORTED = {
    "bash": "[[ -z ${__wend_has_attributes-} || ${PATH@a} == *x* ]] || ",
    "zsh": "[[ ${(t)PATH} == *export* ]] || ",
}
_NOTHING_NOTED = '[[ -z "${__wend_unexported-}" ]] || '

# An error in a script must not end what comes after it, nor a `set -e` shell. (bash ignores the `||` after `builtin`;
# an error of zsh's own ends everything but an `always`.)
_BARE = {"bash": "\\. {} || :", "zsh": "{{ \\. {} || :; }} always {{ TRY_BLOCK_ERROR=0; }}"}


def edits(reply: Apply) -> str:
    """Return the environment's changes alone, in order."""
    return "".join(f"{line}\n" for line in _edits(reply, _BARE[reply.shell]))


def _edits(reply: Apply, source: str) -> list[str]:
    """Return the changes; SOURCE runs a script. Neighbours share a command: each costs a shell its time."""
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    last = ""

    def add(command: str, word: str) -> None:
        nonlocal last
        if command and command == last:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{command} {word}" if command else word)
        last = command

    for edit in reply.edits:
        if isinstance(edit, Set):
            add("" if edit.name in _NOT_EXPORTED else _EXPORT, f"{edit.name}={quote(edit.value)}")
        elif isinstance(edit, Unset):
            add(_UNSET, edit.name)
        elif isinstance(edit, Source) and edit.path.endswith(ending):
            add("", source.format(quote(edit.path)))
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value:
            add(_EXPORT, f"{name}={quote(value)}")
        elif value is not None:
            add(_UNSET, name)
    return lines


def render(reply: Reply) -> str:
    """Return the reply as shell code, without the end mark."""
    if isinstance(reply, AskAgain):
        return f"__wend_names={quote(' '.join(reply.names))} __wend_again=1\n"
    lines = ["__wend_adopt"] if reply.adopt else []
    call = "__wend_rarely " if reply.shell == "bash" else ""
    lines += noted(reply, _edits(reply, "__wend_source {}"), call, (_PATH_IS_EXPORTED[reply.shell], _NOTHING_NOTED))
    lines.append(" ".join(f"{name}={quote(value)}" for name, value in remembered(reply)))
    if not reply.wrap_cd and reply.shell == "bash":
        lines.append("__wend_unwrap_cd")
    lines += shown(reply, quote)
    return "\n".join(lines) + "\n"


class Posix(Shell):
    """What bash and zsh have in common."""

    END = END
    script = ".sh"
    bell = True
    report = (
        """printf '%s\\n' "${{VIRTUAL_ENV-}}" "$PATH" "$(typeset -f __wend_ask >/dev/null && echo hook)" . >| {file}"""
    )

    quote = staticmethod(quote)
    render = staticmethod(render)
    edits = staticmethod(edits)
