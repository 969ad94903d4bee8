"""Completions: small scripts in shell/completions/ that ask `wend` itself when Tab is pressed.

A script hands over its shell's name and what was typed up to the cursor: the words without quotes, in bash the line.
The answer is a line for each candidate: kind (plain, dir, file, command), text as it is to stand in the shell's line,
value, what it is for.
"""

from __future__ import annotations

import os
import re

from wend.shells import SHELLS, hooks
from wend.typed import Iterable, Mapping, NamedTuple

_UNSAFE = re.compile(r"([^\w@%+=:,./-])", re.ASCII)  # what bash would not take literally


class Typed(NamedTuple):
    """What stands in the line up to the cursor."""

    words: tuple[str, ...]  # without quotes; the last is the one to complete
    quote: str = ""  # the quotation mark in which the cursor stands
    kept: str = ""  # the beginning of the last word that the shell does not replace


class Item(NamedTuple):
    """A candidate."""

    kind: str
    value: str
    help: str = ""


def script(shell: str, program: str) -> str:
    """Return the completions for SHELL that ask PROGRAM. WendError when this installation has none."""
    name = os.path.join("completions", SHELLS[shell].hook)
    return hooks.source(name).replace("@WEND@", SHELLS[shell].quote(program))


def typed(shell: str, env: Mapping[str, str]) -> Typed:
    """Return what was typed, from the variables that the script of SHELL set."""
    text = env.get("_WEND_WORDS", "")
    if shell == "bash":
        words = split(text, env.get("_WEND_BREAKS", ""))
        return words._replace(words=words.words[1:] or ("",))
    *words_before, last = text.split("\n")
    if shell == "fish":  # it hands over the last word as it was typed, behind a dot
        last = split(last[1:], "").words[-1]
    return Typed((*words_before, last))


def split(line: str, breaks: str) -> Typed:
    """Return the words of LINE, which may end within quotes. bash replaces only what follows the last of BREAKS."""
    words: list[str] = []
    word, kept, quote = "", 0, ""
    within = False  # a word, which may be empty: ''
    rest = iter(line)
    for char in rest:
        if not quote and char in " \t\n":
            words += [word] if within else []
            word, kept, within = "", 0, False
            continue
        within = True
        if char == quote:
            quote = ""
        elif char == "\\" and quote != "'":
            after = next(rest, "")
            word += after if not quote or after in '"\\$`' else char + after
        elif not quote and char in "\"'":
            quote, opened = char, len(word)
        else:
            word += char
            kept = len(word) if char in breaks and not quote else kept
    return Typed((*words, word), quote, word[: opened if quote else kept])


def lines(shell: str, typed: Typed, items: Iterable[Item]) -> str:
    """Return the answer for SHELL: ITEMS that go on with what was TYPED."""
    items = list(items)
    as_path = any(each.kind in ("dir", "file") for each in items)  # bash then quotes the candidates itself
    rows = []
    for each in items:
        fields = (each.kind, _text(shell, typed, each, as_path=as_path), each.value, " ".join(each.help.split()))
        if not any(char in field for field in fields for char in "\t\n"):
            rows.append("\t".join(fields) + "\n")
    return "".join(rows)


def _text(shell: str, typed: Typed, item: Item, *, as_path: bool) -> str:
    """Return ITEM as it is to stand in the line of SHELL."""
    if shell == "bash":
        text = item.value[len(typed.kept) :]
        return text if as_path else _quoted(text, typed.quote)
    if shell == "zsh":
        return item.value.replace("\\", "\\\\").replace(":", "\\:")
    return SHELLS[shell].quote(item.value) if shell == "pwsh" and _UNSAFE.search(item.value) else item.value


def _quoted(text: str, quote: str) -> str:
    """Return TEXT for bash, behind an opening QUOTE if there is one; bash closes it."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return re.sub(r'([\\$`"])', r"\\\1", text) if quote else _UNSAFE.sub(r"\\\1", text)
