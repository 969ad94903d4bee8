"""The mailbox as the daemon sees it."""

from __future__ import annotations

from pathlib import Path

from wend.daemon.mailbox import Mailbox
from wend.protocol import MAX_REQUEST, Head, parse_head


def test_the_questions_of_a_shell_come_in_their_order(tmp_path: Path) -> None:
    """So the reply to the last one stays: each reply takes the place of the one before."""
    box = Mailbox(str(tmp_path / "box"))
    for name in ("7-a.10.req", "7-a.9.req", "8-b.100.req", "7-a.2.rep", "7-a.bell", "x"):
        (tmp_path / "box" / name).touch()
    assert box.requests() == [b"7-a.9.req", b"7-a.10.req", b"8-b.100.req"]


def test_of_a_request_that_is_too_long_only_the_head_is_read(tmp_path: Path) -> None:
    box = Mailbox(str(tmp_path / "box"))
    file = tmp_path / "box" / "7-a.1.req"
    for size in (65535, 65536, 65537, MAX_REQUEST):
        file.write_bytes(b"x" * size)
        assert len(box.read(b"7-a.1.req") or b"") == size
    long = b"PATH=" + b"x" * MAX_REQUEST
    for undo, variables, longest in (
        (b"", (b"HOME=/h", long), "PATH"),
        (b"x" * MAX_REQUEST, (b"HOME=/h",), "WEND_UNDO"),
    ):
        head = (b"2", b"bash", b"7", b"7-a", b"1", b"/", undo, b"cd", b"", b"", b"")
        file.write_bytes(b"\0".join((*head, *variables, long, b".", b"")))
        data = box.read(b"7-a.1.req") or b""
        assert MAX_REQUEST < len(data) < MAX_REQUEST + 65537
        assert parse_head(data) == Head("2", "bash", 7, "7-a", 1, b"/\0", longest)
    assert parse_head(b"1" * (MAX_REQUEST + 1)) is None


def test_a_request_without_all_fields_of_its_head_is_none() -> None:
    fields = [b"2", b"bash", b"7", b"7-a", b"1"]
    assert parse_head(b"\0".join((*fields, b"/", b".", b""))) is not None
    for count in range(len(fields)):
        assert parse_head(b"\0".join((*fields[:count], b".", b""))) is None
