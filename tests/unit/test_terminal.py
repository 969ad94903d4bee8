from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import TREE
from wend.terminal import Terminal

Open = Callable[[str], Terminal]


@pytest.fixture
def sh(tmp_path: Path) -> Iterator[Open]:
    """Return a function that runs a script of sh in a terminal."""
    opened = []

    def start(script: str) -> Terminal:
        opened.append(Terminal(["sh", "-c", script], {"PATH": os.defpath}, str(tmp_path), rows=7, columns=99))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def test_it_is_a_terminal_of_its_size_in_its_directory(sh: Open, tmp_path: Path) -> None:
    terminal = sh("stty size; pwd; test -t 0 && echo yes")
    assert terminal.expect(re.compile(rb"7 99\r\n(.*)\r\nyes"), 10)
    assert str(tmp_path).encode() in terminal.output


def test_what_comes_after_a_match_is_searched_next(sh: Open) -> None:
    terminal = sh("echo one two; read x; echo three $x")
    one = terminal.expect(re.compile(rb"(\w+)"), 10)
    two = terminal.expect(re.compile(rb"(\w+)"), 10)
    assert one
    assert two
    assert (one[1], two[1], terminal.before) == (b"one", b"two", b" ")
    terminal.sendline(b"four")
    assert terminal.expect(re.compile(rb"three four"), 10)


def test_questions_are_answered_once_also_in_pieces(sh: Open) -> None:
    ask = r"stty raw -echo; printf '\033['; sleep 0.1; printf '6n'; dd bs=1 count=6 2>/dev/null | od -c; "
    terminal = sh(ask + r"printf '\033[c\033[0c'; dd bs=1 count=10 2>/dev/null | od -c; echo end")
    assert terminal.expect(re.compile(rb"033 +\[ +1 +; +1 +R"), 10)
    assert terminal.expect(re.compile(rb"033 +\[ +\? +6 +c +033 +\[ +\? +6 +c"), 10)
    assert terminal.expect(re.compile(rb"end"), 10)


def test_the_end_of_the_program_is_told_from_silence(sh: Open) -> None:
    quiet, ended = sh("read x"), sh("echo bye")
    assert quiet.expect(re.compile(rb"never"), 0.05) is None
    assert quiet.alive()
    assert ended.expect(re.compile(rb"never"), 10) is None
    assert not ended.alive()
    assert ended.tail() == "bye"
    ended.sendline(b"nobody reads this")


def test_nothing_survives_its_end(sh: Open) -> None:
    terminal = sh("trap '' HUP; sleep 100 & echo $!; wait")
    child = terminal.expect(re.compile(rb"(\d+)\r\n"), 10)
    assert child
    terminal.close()
    terminal.close()
    for pid in (terminal.pid, int(child[1])):
        with pytest.raises(ProcessLookupError):
            while True:
                os.kill(pid, signal.SIGCONT)
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    if file.read().rpartition(")")[2].split()[0] == "Z":  # its new parent has not looked yet
                        raise ProcessLookupError


def test_nothing_else_opens_terminals() -> None:
    opens = re.compile(r"^import pty|\bopenpty[(]|\bpty[.]fork[(]", re.MULTILINE)
    paths = (path for top in ("src", "tests", "benchmarks", "docs") for path in Path(TREE, top).rglob("*.py"))
    own = (path for path in paths if "/." not in str(path.relative_to(TREE)))  # environments of the benchmarks
    found = [path.relative_to(TREE) for path in own if opens.search(path.read_text(encoding="utf-8"))]
    assert found == [Path("src", "wend", "terminal.py")]


def test_signals_that_we_ignore_are_not_ignored_in_it(sh: Open) -> None:
    """A run of the tests that was started with `&` ignores Ctrl-C; Python itself ignores SIGPIPE."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        terminal = sh("cat /proc/$$/status")
    finally:
        signal.signal(signal.SIGINT, before)
    assert terminal.expect(re.compile(rb"SigIgn:\t0+\r"), 10)
