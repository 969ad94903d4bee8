"""The mailbox as the daemon sees it."""

from __future__ import annotations

from pathlib import Path

from wend.daemon.mailbox import Mailbox
from wend.protocol import MAX_REQUEST, parse_head


def test_the_questions_of_a_shell_come_in_their_order(tmp_path: Path) -> None:
    """So the reply to the last one stays: each reply takes the place of the one before."""
    box = Mailbox(str(tmp_path / "box"))
    for name in ("7-a.10.req", "7-a.9.req", "8-b.100.req", "7-a.2.rep", "7-a.bell", "x"):
        (tmp_path / "box" / name).touch()
    assert box.requests() == [b"7-a.9.req", b"7-a.10.req", b"8-b.100.req"]


def test_a_request_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    box = Mailbox(str(tmp_path / "box"))
    file = tmp_path / "box" / "7-a.1.req"
    for size in (65535, 65536, 65537, MAX_REQUEST):
        file.write_bytes(b"x" * size)
        assert len(box.read(b"7-a.1.req") or b"") == size
    file.write_bytes(b"x" * (MAX_REQUEST + 1))
    assert box.read(b"7-a.1.req") is None


def test_a_request_without_all_fields_of_its_head_is_none() -> None:
    fields = [b"2", b"bash", b"7", b"7-a", b"1"]
    assert parse_head(b"\0".join((*fields, b"/", b".", b""))) is not None
    for count in range(len(fields)):
        assert parse_head(b"\0".join((*fields[:count], b".", b""))) is None
