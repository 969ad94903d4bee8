"""Which programs can run on which machine, by their headers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from wend import system
from wend.context import Context
from wend.disk import Disk
from wend.kinds import binary
from wend.settings import Settings

X86_64, I386, AARCH64, ARM, MIPS = 62, 3, 183, 40, 8


@pytest.mark.skipif(sys.platform == "win32", reason="programs of Linux")
@pytest.mark.parametrize(
    ("here", "program", "runs"),
    [
        (X86_64, X86_64, True),
        (X86_64, I386, True),
        (X86_64, ARM, False),
        (X86_64, MIPS, False),
        (AARCH64, AARCH64, True),
        (AARCH64, ARM, True),
        (AARCH64, X86_64, False),
        (I386, I386, True),
        (I386, X86_64, False),
        (None, MIPS, True),
    ],
)
def test_a_machine_runs_its_own_programs_and_its_32_bit_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: int | None, program: int, runs: bool
) -> None:
    names = {number: name for name, number in binary._MACHINES.items()}
    _be(monkeypatch, "linux", names.get(here or 0, "unheard-of"))
    assert _runs(tmp_path, b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00" + program.to_bytes(2, "little")) is runs


def _be(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    """Have this machine be of another sort."""
    monkeypatch.setattr(binary, "LINUX", system == "linux")
    monkeypatch.setattr(binary, "MACOS", system == "macos")
    monkeypatch.setattr(binary, "WINDOWS", system == "windows")
    monkeypatch.setattr(binary, "runs_windows_programs", lambda: False)
    monkeypatch.setattr(binary, "machine", lambda: machine)
    binary._here.cache_clear()
    monkeypatch.setattr(binary, "_here", binary._here.__wrapped__)  # so that nothing of it stays


def _runs(top: Path, data: bytes) -> bool:
    path = top / "python"
    path.write_bytes(data + bytes(32))
    path.chmod(0o755)
    wrong = binary.cannot_run(str(path), Context(Disk(), {}, Settings()))
    assert wrong in ("", "its interpreter is for another kind of machine")
    return not wrong


THIN_ARM64 = bytes.fromhex("cffaedfe 0c000001 00000000 02000000")  # the first bytes of programs of macOS
THIN_X86_64 = bytes.fromhex("cffaedfe 07000001 03000000 02000000")
THIN_I386 = bytes.fromhex("cefaedfe 07000000 03000000 02000000")
THIN_PPC = bytes.fromhex("feedface 00000012 00000000 00000002")
_ONE = "{} 00000003 00004000 00010000 0000000e"
FAT = bytes.fromhex("cafebabe 00000002" + _ONE.format("01000007") + _ONE.format("0100000c"))
FAT_PPC = bytes.fromhex("cafebabe 00000002" + _ONE.format("00000012") + _ONE.format("01000012"))
_LONG = "{} 00000003 0000000000004000 0000000000010000 0000000e 00000000"
FAT_64 = bytes.fromhex("cafebabf 00000002" + _LONG.format("00000012") + _LONG.format("0100000c"))
ELF_X86_64 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00"


@pytest.mark.parametrize(
    ("here", "data", "runs"),
    [
        ("macos arm64", THIN_ARM64, True),
        ("macos arm64", THIN_X86_64, True),
        ("macos arm64", THIN_I386, False),
        ("macos arm64", THIN_PPC, False),
        ("macos arm64", FAT, True),
        ("macos arm64", FAT_64, True),
        ("macos arm64", FAT_PPC, False),
        ("macos arm64", ELF_X86_64, False),
        ("macos x86_64", THIN_ARM64, False),
        ("macos x86_64", THIN_X86_64, True),
        ("macos x86_64", THIN_I386, True),
        ("macos x86_64", FAT, True),
        ("macos x86_64", FAT_64, False),
        ("macos x86_64", b"#!/bin/sh\n", True),
        ("macos x86_64", b"", True),
        ("macos x86_64", bytes.fromhex("cafebabe 00000034 00100700"), True),  # a class file of Java's
        ("macos x86_64", bytes.fromhex("cafebabe ffffffff 0100000c"), True),
        ("linux x86_64", ELF_X86_64, True),
        ("linux x86_64", THIN_ARM64, False),
        ("linux x86_64", FAT, False),
        ("other amd64", THIN_ARM64, True),
    ],
)
def test_programs_of_macos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, data: bytes, runs: bool) -> None:
    _be(monkeypatch, *here.split())
    assert _runs(tmp_path, data) is runs


def _pe(machine: int, at: int = 0xF8) -> bytes:
    """Return the beginning of a program of Windows."""
    return (
        b"MZ\x90".ljust(0x3C, b"\0")
        + at.to_bytes(4, "little")
        + bytes(at - 0x40)
        + b"PE\0\0"
        + machine.to_bytes(2, "little")
    )


PE_X86_64, PE_I386, PE_ARM64 = _pe(0x8664), _pe(0x14C), _pe(0xAA64)


@pytest.mark.parametrize(
    ("here", "data", "runs"),
    [
        ("windows AMD64", PE_X86_64, True),
        ("windows AMD64", PE_I386, True),
        ("windows AMD64", PE_ARM64, False),
        ("windows ARM64", PE_ARM64, True),
        ("windows ARM64", PE_X86_64, True),
        ("windows x86", PE_I386, True),
        ("windows x86", PE_X86_64, False),
        ("windows AMD64", ELF_X86_64, False),
        ("windows AMD64", b"", True),  # the Store's alias has no content
        ("windows AMD64", b"MZ", True),
        ("windows AMD64", _pe(0xAA64, 0x10000), True),  # farther than is looked
        ("windows AMD64", b"MZ".ljust(0x3C, b"\0") + b"\xff\xff\xff\xff" + PE_ARM64, True),
        ("windows unheard-of", PE_ARM64, True),
        ("linux x86_64", PE_X86_64, False),
        ("macos arm64", PE_ARM64, False),
        ("linux x86_64", b"MZ\x90\x00", True),  # of DOS, or a script
    ],
)
def test_programs_of_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, data: bytes, runs: bool
) -> None:
    _be(monkeypatch, *here.split())
    assert _runs(tmp_path, data) is runs


@pytest.mark.parametrize(
    ("release", "runs"), [("6.6.87.2-microsoft-standard-WSL2", True), ("4.4.0-19041-Microsoft", True), ("6.8.0", False)]
)
def test_a_linux_in_windows_runs_its_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, runs: bool
) -> None:
    _be(monkeypatch, "linux", "x86_64")
    monkeypatch.setattr(system, "LINUX", True)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release))
    monkeypatch.setattr(binary, "runs_windows_programs", system.runs_windows_programs)
    assert _runs(tmp_path, PE_X86_64) is runs


@pytest.mark.parametrize("kernel", ["root:xnu-11215/RELEASE_ARM64_T6000", "root:xnu-11215/RELEASE_X86_64"])
def test_rosetta_does_not_hide_the_machine(monkeypatch: pytest.MonkeyPatch, kernel: str) -> None:
    monkeypatch.setattr(system, "MACOS", True)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="x86_64", version=kernel))
    assert system.machine() == ("arm64" if "ARM64" in kernel else "x86_64")
