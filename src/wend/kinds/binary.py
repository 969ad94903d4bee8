"""Whether an interpreter can run on this machine, by its mode and its header; it is not run to find out."""

from __future__ import annotations

import stat

from wend.context import Context
from wend.system import LINUX, MACOS, WINDOWS, machine, runs_windows_programs
from wend.typed import lru_cache

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

# cputype of mach/machine.h. Apple's own processors run programs of Intel's, too.
_ARM64, _X86_64, _I386 = 0x0100000C, 0x01000007, 7
_THIN = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf")  # reversed in a little-endian program
_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}  # to the bytes that describe one program in it
_MOST = 16  # programs in one file: a class file of Java's begins like one with more

# Machine of the header that Windows reads (PE), and what `machine` calls them there. arm64 runs all three.
_PE_I386, _PE_X86_64, _PE_ARM64 = 0x014C, 0x8664, 0xAA64
_RUN_BY_WINDOWS = {"x86": (_PE_I386,), "amd64": (_PE_X86_64, _PE_I386), "arm64": (_PE_ARM64, _PE_X86_64, _PE_I386)}
_LINKED = 0x3C  # where the number of the byte stands at which that header begins
_HEAD = 1024  # bytes: Python's begins before its 300th, and what _MOST programs of macOS take is less

Program = tuple[str, int]  # the format, and the machine as this calls it


def cannot_run(python: str, context: Context) -> str:
    """Return why the interpreter PYTHON, which exists, cannot run on this machine; empty when nothing says so."""
    status = context.disk.stat(python)
    if status is None or not stat.S_ISREG(status.st_mode):
        return "its interpreter is not a file"
    if not context.windows and not status.st_mode & 0o111:
        return "its interpreter is not executable"
    found, here = _programs(context.disk.head(python, _HEAD)), _here()
    if found and here and not set(found) & set(here):
        return "its interpreter is for another kind of machine"
    return ""


def _programs(head: bytes) -> tuple[Program, ...]:
    """Return what the file that begins with HEAD holds programs for; empty for a script and for what is unknown."""
    magic = head[:4]
    if magic[:2] == b"MZ":
        return _of_windows(head)
    if magic == b"\x7fELF" and len(head) >= 20:
        return (("ELF", int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")),)
    if (magic in _THIN or magic[::-1] in _THIN) and len(head) >= 8:
        return (("Mach-O", int.from_bytes(head[4:8], "big" if magic in _THIN else "little")),)
    if magic not in _FAT:
        return ()
    count, size = int.from_bytes(head[4:8], "big"), _FAT[magic]
    starts = range(8, 8 + count * size, size) if count <= _MOST else ()
    return tuple(("Mach-O", int.from_bytes(head[at : at + 4], "big")) for at in starts if at + 4 <= len(head))


def _of_windows(head: bytes) -> tuple[Program, ...]:
    """Return the same for a file that begins as programs of Windows and DOS do."""
    at = int.from_bytes(head[_LINKED : _LINKED + 4], "little")
    header = head[at : at + 6]
    return (("PE", int.from_bytes(header[4:], "little")),) if len(header) == 6 and header[:4] == b"PE\0\0" else ()


@lru_cache(maxsize=1)
def _here() -> tuple[Program, ...]:
    """Return the programs that this machine runs; empty where that is not known."""
    if MACOS:
        return (("Mach-O", _X86_64), ("Mach-O", _ARM64 if machine() == "arm64" else _I386))
    if WINDOWS:
        return tuple(("PE", each) for each in _RUN_BY_WINDOWS.get(machine().lower(), ()))
    known = _MACHINES.get(machine()) if LINUX else None
    if known is None:
        return ()
    # Which of Windows' programs WSL runs, the Windows below it decides.
    guests = (_PE_I386, _PE_X86_64, _PE_ARM64) if runs_windows_programs() else ()
    return (("ELF", known), ("ELF", _RUNS_TOO.get(known, known)), *(("PE", each) for each in guests))
