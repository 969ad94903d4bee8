"""What the shell in which a command was typed has of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wend import paths
from wend.cli import this_shell
from wend.settings import Settings

MINE = f"{os.getppid()}-0000"
OTHER = "1-0000"
UNWRAPPED = Settings(bash_wrap_cd=False)


@pytest.mark.parametrize(
    ("ident", "known", "settings", "lost"),
    [
        (MINE, {"dir": "/", "kind": "bash"}, Settings(), True),
        (MINE, {"dir": "/", "kind": ""}, Settings(), True),
        (MINE, {"dir": ".", "kind": "bash"}, Settings(), False),
        (MINE, {"dir": "", "kind": ""}, Settings(), False),
        (OTHER, {"dir": "/", "kind": "bash"}, Settings(), False),
        ("", {"dir": "/", "kind": "bash"}, Settings(), False),
        (MINE, {"dir": "/", "kind": "bash"}, UNWRAPPED, False),
        (MINE, {"dir": "/", "kind": "zsh"}, UNWRAPPED, True),
        (MINE, {"dir": "/", "kind": "fish"}, UNWRAPPED, True),
        (MINE, {"dir": "/", "kind": "pwsh"}, UNWRAPPED, True),
        (MINE, {"dir": "/nowhere", "kind": "bash"}, Settings(), False),
        (MINE, {"dir": "/usr", "kind": "bash"}, Settings(), False),
        (MINE, {"dir": "/usr", "kind": "pwsh"}, Settings(), True),
    ],
)
def test_lost(
    monkeypatch: pytest.MonkeyPatch, ident: str, known: dict[str, str], settings: Settings, lost: bool
) -> None:
    """Not where a cd need not have been told, nor where the directory is another one by now, as PWD spells it."""
    monkeypatch.setenv("PWD", "/usr")
    assert this_shell.is_lost(ident, known, settings) is lost


def test_a_shell_that_waits_for_its_answer_is_not_taken_for_one_without_its_hook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It asked for another directory than the one that it is in, and asks again at its next prompt."""
    monkeypatch.setenv("WEND_RUNTIME_DIR", str(tmp_path))
    mailbox = Path(paths.mailbox_dir(os.environ))
    mailbox.mkdir(parents=True)
    known = {"dir": "/", "kind": "bash"}
    (mailbox / f"{MINE}0.7.req").touch()  # of another shell
    for ending in ("bell", "7.rep"):  # a reply stays until the next question
        (mailbox / f"{MINE}.{ending}").touch()
    assert this_shell.is_lost(MINE, known, Settings())
    (mailbox / f"{MINE}.8.req").touch()
    assert not this_shell.is_lost(MINE, known, Settings())


def test_in_a_directory_that_is_gone_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert not this_shell.is_lost(MINE, {"dir": "/", "kind": "bash"}, Settings())
