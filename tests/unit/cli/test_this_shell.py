"""What the shell in which a command was typed has of it."""

from __future__ import annotations

import os

import pytest

from wend.cli import this_shell
from wend.settings import Settings

MINE = f"{os.getppid()}-0000"
OTHER = "1-0000"


@pytest.mark.parametrize(
    ("ident", "last", "settings", "lost"),
    [
        (MINE, "/", Settings(), True),
        (MINE, "/nowhere", Settings(), True),
        (MINE, ".", Settings(), False),
        (MINE, "", Settings(), False),
        (OTHER, "/", Settings(), False),
        ("", "/", Settings(), False),
        (MINE, "/", Settings(bash_wrap_cd=False), False),
    ],
)
def test_lost(ident: str, last: str, settings: Settings, lost: bool) -> None:
    assert this_shell.is_lost(ident, {"dir": last}, settings) is lost
