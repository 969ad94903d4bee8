"""What the shell in which a command was typed has of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wend import paths
from wend.cli import this_shell
from wend.settings import Settings

MINE = f"{os.getppid()}-0000"
OTHER = f"{os.getpid()}-0000"  # not the parent, which may be pid 1 in a container
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
    assert this_shell.is_lost(ident, {"shell": known}, settings) is lost


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
    assert this_shell.is_lost(MINE, {"shell": known}, Settings())
    (mailbox / f"{MINE}.8.req").touch()
    assert not this_shell.is_lost(MINE, {"shell": known}, Settings())


def test_in_a_directory_that_is_gone_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert not this_shell.is_lost(MINE, {"shell": {"dir": "/", "kind": "bash"}}, Settings())


@pytest.mark.parametrize(
    ("ident", "missed", "lost"), [(MINE, True, True), (MINE, False, False), (OTHER, True, False), (MINE, None, False)]
)
def test_a_shell_that_the_daemon_has_not_heard_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ident: str, missed: bool | None, lost: bool
) -> None:
    """A shell asks at its first prompt; only a daemon that is older than the shell must know of it."""
    monkeypatch.setenv("WEND_RUNTIME_DIR", str(tmp_path))
    answer = {"missed": missed, "shell": None}
    assert this_shell.is_lost(ident, answer, Settings()) is lost
    mailbox = Path(paths.mailbox_dir(os.environ))
    mailbox.mkdir()
    (mailbox / f"{ident}.1.req").touch()
    assert not this_shell.is_lost(ident, answer, Settings())
