"""The mailbox as the daemon sees it."""

from __future__ import annotations

from pathlib import Path

from wend.daemon.mailbox import Mailbox


def test_the_questions_of_a_shell_come_in_their_order(tmp_path: Path) -> None:
    """So the reply to the last one stays: each reply takes the place of the one before."""
    box = Mailbox(str(tmp_path / "box"))
    for name in ("7-a.10.req", "7-a.9.req", "8-b.100.req", "7-a.2.rep", "7-a.bell", "x"):
        (tmp_path / "box" / name).touch()
    assert box.requests() == [b"7-a.9.req", b"7-a.10.req", b"8-b.100.req"]
