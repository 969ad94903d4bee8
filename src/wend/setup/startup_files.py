"""Insert and remove the marked block in a start-up file; every other byte stays. Pure.

Hand-written: no library edits shell code so that removal restores the file byte for byte.

The block always ends the file: what is loaded later may redefine the prompt that the hook relies on.
"""

from __future__ import annotations

import re
from typing import Optional

BEGIN, END = "# >>> wend >>>", "# <<< wend <<<"
INSTALLED = "/wend/hooks/wend."  # in the path of an installed hook
LOADS = re.compile(rf"\bwend(?:\.exe)?[\"']?\s+hook\s|{re.escape(INSTALLED)}")  # in a line that loads the hook
MAX_SIZE = 1 << 20  # bytes of one file
# In the block stands what removal must know.
_NEWLINE = "The line above had no end."
_MADE = "This file was made for it"
_DIRECTORIES = re.compile(rb"with (\d) directories")
_BLOCK = re.compile(
    rb"^" + re.escape(BEGIN.encode()) + rb"\r?\n(.*?)^" + re.escape(END.encode()) + rb"\r?(?:\n|\Z)",
    re.M | re.S,
)


def has_block(data: bytes) -> bool:
    """Return whether a block stands in DATA."""
    return bool(_BLOCK.search(data))


def without_blocks(data: bytes) -> bytes:
    """Return DATA without the blocks and nothing else changed."""
    return _BLOCK.sub(b"", data)


def damaged(data: bytes) -> bool:
    """Return whether a block begins in DATA and does not end."""
    return data.count(BEGIN.encode()) != len(_BLOCK.findall(data))


def wired(before: Optional[bytes], lines: tuple[str, ...], parents: int) -> bytes:
    """Return the file BEFORE with a block that holds LINES at its end.

    BEFORE is None where there is no file; PARENTS is how many directories above it are missing then.
    """
    if before is None:
        return _block(lines, f"{_MADE}, with {parents} directories.")
    made = b""
    for match in _BLOCK.finditer(before):
        if _MADE.encode() in match.group(1):
            made = match.group(1)
    rest, _ = unwired(before)
    if made and not (rest or b"").strip():  # nothing of the user's has come to it
        number = _DIRECTORIES.search(made)
        return (rest or b"") + _block(lines, f"{_MADE}, with {int(number.group(1)) if number else 0} directories.")
    if rest and not rest.endswith(b"\n"):
        return rest + b"\n" + _block(lines, _NEWLINE)
    return (rest or b"") + _block(lines, "")


def unwired(data: bytes) -> tuple[Optional[bytes], int]:
    """Return DATA as before the block (None: no such file), and how many directories were made for it."""
    parents = 0
    made = False
    while found := _BLOCK.search(data):
        before, inside, after = data[: found.start()], found.group(1), data[found.end() :]
        if _NEWLINE.encode() in inside and not after and before.endswith(b"\n"):
            before = before[:-1]
        if _MADE.encode() in inside:
            made = True
            number = _DIRECTORIES.search(inside)
            parents = int(number.group(1)) if number else 0
        data = before + after
    return (None, parents) if made and not data else (data, 0)


def _block(lines: tuple[str, ...], remark: str) -> bytes:
    head = [BEGIN, "# Added by `wend setup`; `wend setup --remove` takes it out."]
    head += [f"# {remark}"] if remark else []
    return "".join(f"{item}\n" for item in (*head, *lines, END)).encode("utf-8", "surrogateescape")
