"""bash (3.2 and later) and zsh. Replies use nothing that either lacks, whatever options are set.

`'...'` where every byte is printable ASCII without a quote, else `$'...'` with octal escapes: ASCII only,
so no locale, histexpand, rc_quotes or csh_junkie_quotes can read it otherwise. Comments are never emitted
(interactive_comments may be off).
"""

from __future__ import annotations

from wend.model import Set, Source, Unset
from wend.render import SHELLS, Reply

END = ": wend-end"


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


def edits(reply: Reply) -> str:
    """Return the environment's changes alone, in order."""
    return "".join(f"{line}\n" for line in _edits(reply))


def _edits(reply: Reply) -> list[str]:
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    exports: list[str] = []
    for edit in reply.edits:
        if isinstance(edit, Set):
            exports.append(f"{edit.name}={quote(edit.value)}")
            continue
        if exports:
            lines.append("\\builtin export " + " ".join(exports))
            exports = []
        if isinstance(edit, Unset):
            lines.append(f"\\builtin unset -v {edit.name}")
        elif isinstance(edit, Source) and edit.path.endswith(ending):
            # It must not end a `set -e` shell; behind `builtin`, bash would take no notice of the `||`.
            lines.append(f"\\. {quote(edit.path)} || :")
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value:
            exports.append(f"{name}={quote(value)}")
        elif value is not None:
            lines.append(f"\\builtin unset -v {name}")
    if exports:
        lines.append("\\builtin export " + " ".join(exports))
    return lines


def render(reply: Reply) -> str:
    """Return the reply as shell code, without the end mark."""
    if reply.again:
        return f"__wend_more={quote(' '.join(reply.more))} __wend_again=1\n"
    lines = _edits(reply)
    tests = (*(*reply.tests.present, "/", "/")[:2], *(*reply.tests.absent, "", "", "")[:3])
    slots = ("__wend_y1", "__wend_y2", "__wend_n1", "__wend_n2", "__wend_n3")
    more = f" __wend_more={quote(' '.join(reply.more))}"
    lines.append(" ".join(f"{slot}={quote(path)}" for slot, path in zip(slots, tests)) + more)
    if reply.prompt is not None:
        swap = f"__wend_swap={quote(reply.swap)} " if reply.prompt else ""
        lines.append(f"{swap}__wend_name={quote(reply.prompt)}; __wend_show")
    if reply.active:  # `function`, so that an alias of this name cannot stand in the way
        lines.append('function deactivate { __wend_ask deactivate "$@"; }; __wend_active=1')
    elif reply.active is not None:
        gone = "__wend_active=; \\builtin unset -f deactivate 2>/dev/null || :"
        lines.append(f"if [[ -n ${{__wend_active-}} ]]; then {gone}; fi")
    if reply.unwrap:
        lines.append("\\builtin unset -f cd pushd popd 2>/dev/null || :")
    if reply.notice and reply.shell == "zsh":
        lines.append(f"__wend_notice={quote(reply.notice)}")
    elif reply.notice:
        lines.append(f"\\builtin printf '%s\\n' {quote(reply.notice)} >&2")
    return "\n".join(lines) + "\n"
