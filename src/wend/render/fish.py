r"""fish (3.6 and later). Replies are printable ASCII; whatever they set is global, never universal.

Nothing inside `'...'` is an escape: quotes, backslashes and every byte that is not printable ASCII stand
outside as `\Xhh`. So no locale can take a backslash for the second half of a character, and none of the code
points that fish keeps for itself (U+FDD0.., U+F600..) is read as one. fish puts such bytes together to the
character that they make.
"""

from __future__ import annotations

import re

from wend.model import Set, Source, Unset
from wend.render import SHELLS, Reply

END = ": wend-end"

_ODD = re.compile(r"[^ -&(-\[\]-~]+")  # all but printable ASCII without ' and \


def quote(value: str) -> str:
    """Return VALUE as one word of fish, byte for byte."""
    text = value.encode("utf-8", "surrogateescape").decode("latin-1")
    return "'" + _ODD.sub(_outside, text) + "'"


def _outside(odd: re.Match[str]) -> str:
    return "'" + "".join(f"\\X{ord(byte):02x}" for byte in odd[0]) + "'"


def edits(reply: Reply) -> str:
    """Return the environment's changes alone, in order."""
    return "".join(f"{line}\n" for line in _edits(reply))


def _edits(reply: Reply) -> list[str]:
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    for edit in reply.edits:
        if isinstance(edit, Set):
            lines.append(f"set -gx {edit.name} {_words(edit)}")
        elif isinstance(edit, Unset):
            lines.append(f"set -eg {edit.name}")
        elif isinstance(edit, Source) and edit.path.endswith(ending):
            lines.append(f"builtin source {quote(edit.path)}")
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value is not None:
            lines.append(f"set -gx {name} {quote(value)}" if value else f"set -eg {name}")
    return lines


def _words(edit: Set) -> str:
    """PATH is a list in fish."""
    return " ".join(map(quote, edit.value.split(":"))) if edit.name == "PATH" else quote(edit.value)


def render(reply: Reply) -> str:
    """Return the reply as shell code, without the end mark."""
    more = "set -g __wend_more " + " ".join(map(quote, reply.more))
    if reply.again:
        return f"{more}\nset -g __wend_again 1\n"
    lines = _edits(reply)
    tests = (*(*reply.tests.present, "/", "/")[:2], *(*reply.tests.absent, "", "", "")[:3])
    slots = ("__wend_y1", "__wend_y2", "__wend_n1", "__wend_n2", "__wend_n3")
    lines += [f"set -g {slot} {quote(path)}" for slot, path in zip(slots, tests)]
    lines.append(more)
    if reply.prompt is not None:
        lines.append(f"set -g __wend_name {quote(reply.prompt)}; __wend_show")
    if reply.active:
        lines.append("function deactivate; __wend_ask deactivate $argv; end; set -g __wend_active 1")
    elif reply.active is not None:
        gone = "set -g __wend_active; builtin functions -e deactivate"
        lines.append(f'if test -n "$__wend_active"; {gone}; end')
    if reply.notice:
        lines.append(f"builtin printf '%s\\n' {quote(reply.notice)} >&2")
    return "\n".join(lines) + "\n"
