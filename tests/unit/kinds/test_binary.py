"""Which programs can run on which machine, by their headers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

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
    monkeypatch.setattr(binary, "_machine", lambda: here)
    path = tmp_path / "python"
    path.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00" + program.to_bytes(2, "little") + bytes(32))
    path.chmod(0o755)
    wrong = binary.cannot_run(str(path), Context(Disk(), {}, Settings()))
    assert wrong == ("" if runs else "its interpreter is for another kind of machine")
