"""`wend status --watch`, in a terminal and in a pipe; and `wend status` as a person sees it."""

from __future__ import annotations

import io
import os
import re
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from wend import documents
from wend.cli import watch
from wend.cli.watch import Picture, Shell
from wend.terminal import Terminal

from .conftest import MAIN, Cli
from .test_live import Bash

DAEMON: documents.Daemon = {"pid": 7, "version": "1", "uptime_s": 90, "rss_bytes": 1 << 20, "shells": 1, "notify": ""}
ONE = Shell(os.getpid(), "bash", "shop", "3.12.1", 0.0, "~/shop")
COMMAND = [sys.executable, "-I", "-X", "utf8", MAIN, "status", "--watch"]
SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


def _shown(picture: Picture, width: int = 90) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width)
    console.print(watch.render(picture))
    return file.getvalue()


def test_the_table() -> None:
    text = _shown(Picture((ONE, Shell(9, "zsh", "", "", 0.0, "~/a\x1b[31m")), DAEMON))
    assert re.search(r"bash +\d+ +shop +3\.12\.1 +~/shop", text)
    assert re.search(r"zsh +9 +- +~/a\\x1b\[31m", text)
    assert "up 1 min" in text
    assert "not running" in _shown(Picture((), None))
    assert "is stuck" in _shown(Picture((), None, "it is stuck"))
    assert "next prompt" in _shown(Picture((Shell(9, "", "", "", 0.0, ""),), DAEMON))
    assert max(map(len, _shown(Picture((ONE._replace(dir="~/" + "long/" * 40),), DAEMON), 60).splitlines())) <= 60


def test_what_windows_lacks_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIGHUP", "SIGTSTP", "SIGSTOP"):
        monkeypatch.delattr(signal, name)
    monkeypatch.delattr(select, "poll")
    monkeypatch.setattr(watch, "_pictures", lambda *_: iter((Picture((ONE,), DAEMON),)))
    handler = signal.getsignal(signal.SIGTERM)
    try:
        watch._live()
    finally:
        signal.signal(signal.SIGTERM, handler)
    watch._lines()


def test_shells_outlive_a_daemon() -> None:
    seen = Picture((ONE, ONE._replace(pid=2**22 + 1)), DAEMON)  # no such process
    gone = watch.completed(Picture((), None), seen)
    assert gone.shells == (ONE,)
    unknown = Picture((Shell(ONE.pid, "", "", "", 0.0, ""),), DAEMON)
    assert watch.completed(unknown, gone).shells == (ONE,)
    asked = Picture((ONE._replace(env=""),), DAEMON)
    assert watch.completed(asked, gone) == asked


@pytest.fixture
def bash(cli: Cli) -> Iterator[Bash]:
    cli.project("shop")
    shell = Bash(cli)
    yield shell
    shell.tty.close()


def test_in_a_terminal(cli: Cli, bash: Bash) -> None:
    env = {**cli.env, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    tty = Terminal(COMMAND, env, str(cli.home), rows=24, columns=100)
    assert tty.expect(re.compile(rb"bash.*~"), 60), tty.tail()
    bash("cd shop")
    bash(":")
    assert tty.expect(re.compile(rb"\.venv.*~/shop"), 60), tty.tail()
    bash("wend daemon restart")
    pid = cli.json("daemon", "status")["pid"]
    assert tty.expect(re.compile(rb"daemon: pid %d" % pid), 60), tty.tail()
    assert tty.expect(re.compile(rb"\.venv.*~/shop"), 60), tty.tail()
    cli("daemon", "stop")  # not in the shell, whose next prompt may start another one
    assert tty.expect(re.compile(rb"not running"), 60), tty.tail()
    tty.send(b"\x03")
    while tty.listen(60):
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(tty.pid, 0)[1]) == 0
    assert tty.output.rindex(SHOW_CURSOR) > tty.output.rindex(HIDE_CURSOR)
    assert b"Traceback" not in tty.output
    assert b"^C" not in tty.output.rpartition(SHOW_CURSOR)[2]


def test_it_stops_and_goes_on_as_other_programs_do(cli: Cli) -> None:
    env = {**cli.env, "TERM": "xterm", "PS1": "ready> "}
    tty = Terminal(["bash", "--norc", "-i"], env, str(cli.home), rows=24, columns=100)
    ready, table = re.compile(rb"ready> "), re.compile(rb"Ctrl-C ends this")
    assert tty.expect(ready, 20), tty.tail()
    tty.sendline(shlex.join(COMMAND).encode())
    assert tty.expect(table, 20), tty.tail()
    tty.send(b"\x1a")
    assert tty.expect(ready, 20), tty.tail()
    assert tty.output.rindex(SHOW_CURSOR) > tty.output.rindex(HIDE_CURSOR)
    tty.sendline(b"fg")
    assert tty.expect(table, 20), tty.tail()
    tty.send(b"\x03")
    assert tty.expect(ready, 20), tty.tail()
    tty.sendline(b"echo status $?")
    assert tty.expect(re.compile(rb"status 0"), 60), tty.tail()
    tty.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_a_pipe(cli: Cli, bash: Bash, number: int) -> None:
    lines: Any = subprocess.Popen(COMMAND, env=cli.env, cwd=cli.home, stdout=subprocess.PIPE, text=True)

    def line() -> str:
        assert select.select([lines.stdout], [], [], 60)[0]
        return str(os.read(lines.stdout.fileno(), 4096), "utf-8")

    text = line()
    while "bash: nothing in ~" not in text:
        text += line()
    assert re.match(r"\d\d:\d\d:\d\d daemon: pid \d+", text)
    bash("cd shop")
    bash(":")
    while ".venv in ~/shop" not in text:
        text += line()
    bash.tty.close()
    while "ended" not in text:
        text += line()
    assert "\x1b" not in text
    lines.send_signal(number)
    assert lines.wait(60) == (0 if number == signal.SIGINT else -number)
    lines.stdout.close()


def test_a_closed_pipe_ends_it(cli: Cli) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shlex.join(COMMAND)} | head -1"],
        env=cli.env, cwd=cli.home, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_json_and_watch_exclude_each_other(cli: Cli) -> None:
    done = cli("status", "--watch", "--json")
    assert (done.returncode, done.stderr) == (2, "wend: --json and --watch exclude each other: wend status --help\n")


def test_status_for_a_person(cli: Cli) -> None:
    env = {**cli.env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    tty = Terminal([*COMMAND[:-1]], env, str(cli.home), rows=24, columns=60)
    while tty.listen(60):
        pass
    tty.close()
    text = tty.output.decode()
    assert "nothing" in text
    assert "wend setup" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, plain.splitlines())) <= 60
