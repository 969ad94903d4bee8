from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from wend.daemon.log import Log


def test_makes_what_is_missing_and_keeps_it_private(tmp_path: Path) -> None:
    Log(str(tmp_path / "a" / "b")).line("one\x1b")
    file = tmp_path / "a" / "b" / "daemon.log"
    assert file.read_text().endswith(" one\\x1b\n")
    assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_never_grows_beyond_its_limit(tmp_path: Path) -> None:
    log = Log(str(tmp_path))
    for _ in range(700):
        log.line("x" * 1000)
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(sizes) == {"daemon.log", "daemon.log.1"}
    assert max(sizes.values()) < 260 * 1024


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners")
@pytest.mark.parametrize("there", ["home", "home/state/wend"])
def test_leaves_nothing_in_the_home_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    (tmp_path / there).mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)  # as a root shell that kept HOME
    before = sorted(tmp_path.rglob("*"))
    Log(str(tmp_path / "home" / "state" / "wend")).line("one")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_waits_for_no_reader(tmp_path: Path) -> None:
    """The daemon writes a line before it answers anybody."""
    os.mkfifo(tmp_path / "daemon.log")
    Log(str(tmp_path)).line("one")
    assert stat.S_ISFIFO((tmp_path / "daemon.log").stat().st_mode)
