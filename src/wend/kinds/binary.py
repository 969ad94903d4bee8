"""Whether an interpreter can run on this machine, by its mode and its header; it is not run to find out."""

from __future__ import annotations

import stat

from wend.context import Context
from wend.system import LINUX, machine
from wend.typed import Optional, lru_cache

# e_machine of elf(5) for what `uname -m` calls them.
_MACHINES = {
    "x86_64": 62,
    "i386": 3,
    "i686": 3,
    "aarch64": 183,
    "armv7l": 40,
    "armv6l": 40,
    "riscv64": 243,
    "ppc64le": 21,
    "s390x": 22,
}
_RUNS_TOO = {62: 3, 183: 40}  # 32-bit programs on x86_64 and aarch64


def cannot_run(python: str, context: Context) -> str:
    """Return why the interpreter PYTHON, which exists, cannot run on this machine; empty when nothing says so."""
    status = context.disk.stat(python)
    if status is None or not stat.S_ISREG(status.st_mode):
        return "its interpreter is not a file"
    if not context.windows and not status.st_mode & 0o111:
        return "its interpreter is not executable"
    if _other_machine(context.disk.head(python, 20)):
        return "its interpreter is for another kind of machine"
    return ""


def _other_machine(head: bytes) -> bool:
    known = _machine()
    if known is None or len(head) < 20 or head[:4] != b"\x7fELF":
        return False
    return int.from_bytes(head[18:20], "big" if head[5] == 2 else "little") not in (known, _RUNS_TOO.get(known))


@lru_cache(maxsize=1)
def _machine() -> Optional[int]:
    return _MACHINES.get(machine()) if LINUX else None
