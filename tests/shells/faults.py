"""What goes wrong around a shell: a question that is lost, a full disk, a mailbox that is removed.

Whatever happens, a shell says nothing that it need not, does not hang, and is right again at the first prompt
after the cause has gone.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

import pytest

from tests import conftest
from tests.daemon.talk import daemons, only_daemon, until
from tests.shells.driver import PATIENCE, WIDTH, Shell, World
from tests.shells.scenarios import Start, scenario
from wend.daemon.mailbox import daemon_pid

_FULL = 256 * 1024  # bytes of a disk that is easily filled
_PIECE = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?<=>]*[A-Za-z]|\x1b.|[^\x1b]", re.DOTALL)


@scenario()
def question_lost(w: World, start: Start) -> None:
    """The question's file is removed while the daemon keeps silent: the shell asks again."""
    p = w.project("p")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        s.active(p)
        silent = only_daemon(box)

        def lose() -> None:
            for name in os.listdir(box):
                if name.endswith(".req"):
                    os.unlink(f"{box}/{name}")
            os.kill(silent, signal.SIGCONT)

        os.kill(silent, signal.SIGSTOP)
        _after_giving_up(s, w.home, lose)
        s.inactive()
        assert daemon_pid(box) == silent


def _questions(box: str) -> list[str]:
    return [name for name in os.listdir(box) if name.endswith(".req")]


@scenario()
def silent_daemon_is_asked_once(w: World, start: Start) -> None:
    """One prompt waits for it; the next ones and a cd ask nothing, and the first answer is used when it comes."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        s.active(p)
        s.waits = False
        silent = only_daemon(box)
        until(lambda: not _questions(box), "the last question is removed, which is after its answer")
        os.kill(silent, signal.SIGSTOP)
        for line in (s.row.cd.format(path=s.word(w.home)), "", "", s.row.cd.format(path=s.word(q)), "", ""):
            assert s.line(line) == ""
            assert len(_questions(box)) == 1
        os.kill(silent, signal.SIGCONT)
        _until_active(s, q)


@scenario()
def stopped_then_killed(w: World, start: Start) -> None:
    """A daemon that keeps silent makes the shell quiet; when it is gone the shell starts another by itself."""
    p = w.project("p")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        s.enter()
        s.active(p)
        silent = only_daemon(box)
        os.kill(silent, signal.SIGSTOP)
        _after_giving_up(s, w.home, lambda: os.kill(silent, signal.SIGKILL))
        s.inactive()
        assert daemon_pid(box) not in (0, silent)


@scenario()
def mailbox_removed_with_a_question_in_it(w: World, start: Start) -> None:
    p = w.project("p")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        s.active(p)
        silent = only_daemon(box)

        def remove() -> None:
            conftest.remove(box)
            os.kill(silent, signal.SIGKILL)

        os.kill(silent, signal.SIGSTOP)
        _after_giving_up(s, w.home, remove)
        s.inactive()
        assert daemon_pid(box) not in (0, silent)


@scenario()
def mailbox_removed(w: World, start: Start) -> None:
    """Between two questions, and twice: it is made again, and nothing is said."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box:
        s = start()
        for place in (p, q):
            s.cd(place)
            _until_active(s, place)
            gone = only_daemon(box)
            conftest.remove(box)
            os.kill(gone, signal.SIGKILL)
        s.cd(w.home)
        _until(s, lambda: s.prompt == "")
        s.inactive()


@scenario()
def runtime_directory_removed_and_made_again(w: World, start: Start) -> None:
    """As after log-out and log-in under tmux: silent while it is missing, right when it is back."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box:
        runtime = os.path.dirname(box)
        s = start()
        s.cd(p)
        s.active(p)
        gone = only_daemon(box)
        conftest.remove(runtime)
        os.kill(gone, signal.SIGKILL)
        for _ in range(2):
            assert s.line(s.row.cd.format(path=s.word(q))) == ""
            s.enter(2)
            assert s.line(s.row.cd.format(path=s.word(w.home))) == ""
        os.mkdir(runtime, 0o700)
        s.cd(q)
        _until_active(s, q)


@scenario()
def another_place_until_it_is_made_again(w: World, start: Start) -> None:
    """While XDG_RUNTIME_DIR is missing, another place serves; back in it, a shell is where its commands look."""
    p, q = w.project("p"), w.project("q")
    runtime, other = f"{w.home}/runtime", w.directory("other")
    os.mkdir(runtime, 0o700)
    del w.env["WEND_RUNTIME_DIR"]
    w.env["XDG_RUNTIME_DIR"] = runtime
    boxes = [f"{place}/wend-{os.geteuid()}" for place in (runtime, other)]
    hook = w.hook(start.row)
    with open(hook, "r+", encoding="utf-8") as file:  # not the place that all shells of this machine share
        text = file.read().replace("/dev/shm", other)
        file.seek(0)
        file.write(text)
        file.truncate()
    try:
        first = start()
        first.cd(p)
        _until_active(first, p)
        gone = only_daemon(boxes[0])
        conftest.remove(runtime)
        os.kill(gone, signal.SIGKILL)
        first.cd(q)
        _until_active(first, q)
        second = start(cwd=q)  # one that has never known it
        second.active(q)
        os.makedirs(runtime, 0o700, exist_ok=True)  # fish makes it by itself when it starts
        for s in (first, second):
            s.enter()
            _until(s, lambda: daemon_pid(boxes[0]) != 0)
            s.enter()
            s.line(f"{w.wend} off")  # finds the shell by the daemon in the directory made again
            s.inactive()
            s.line(f"{w.wend} on")
            s.cd(p)
            s.active(p)
        assert daemon_pid(boxes[1]) != daemon_pid(boxes[0])
    finally:
        for pid in map(daemon_pid, boxes):
            if pid:
                os.kill(pid, signal.SIGKILL)


@scenario()
def something_else_in_its_place(w: World, start: Start) -> None:
    """Said once; right again when it is."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        s.active(p)
        gone = only_daemon(box)
        conftest.remove(box)
        os.kill(gone, signal.SIGKILL)
        with open(box, "w", encoding="utf-8"):
            pass
        s.cd(q, prints=r"wend: [^\n]*not a directory of yours: [^\n]*WEND_RUNTIME_DIR")
        s.enter(2)
        s.cd(w.home)
        os.unlink(box)
        s.cd(q)
        _until_active(s, q)


@scenario()
def mailbox_of_another_user_in_a_shared_directory(w: World, start: Start) -> None:
    """It takes the place of one that has gone, with a living daemon to show: it is told nothing."""
    if os.geteuid() != 0:
        pytest.skip("needs root to be another user")
    p = w.project("p")
    with _own_mailbox(w) as box, subprocess.Popen(["sleep", "60"]) as other:
        os.chmod(os.path.dirname(box), 0o1777)
        s = start()
        s.cd(p)
        s.active(p)
        gone = only_daemon(box)
        conftest.remove(box)
        os.kill(gone, signal.SIGKILL)
        os.makedirs(f"{box}/new")
        os.symlink(f"/proc/{other.pid}/ns/mnt", f"{box}/ns")
        for path in (box, f"{box}/new"):
            os.chown(path, 65533, 65533)
        assert "is not a directory of yours" in s.line(s.row.cd.format(path=s.word(w.home)))
        assert sorted(os.listdir(box)) == ["new", "ns"]
        assert os.listdir(f"{box}/new") == []
        conftest.remove(box)
        other.kill()
        s.cd(p)
        _until_active(s, p)


@scenario()
def runtime_directory_of_another_user(w: World, start: Start) -> None:
    """Also with the user's own mailbox and a living daemon in it, or one made later: told once, and not used."""
    if os.geteuid() != 0:
        pytest.skip("needs root to be another user")
    p = w.project("p")
    told = r"(wend: [^\n]*%s[^\n]*: set WEND_RUNTIME_DIR[^\n]*)?"
    with _own_mailbox(w) as box:
        runtime = os.path.dirname(box)
        start(cwd=p).active(p)
        os.chown(runtime, 65533, 65533)
        s = start(cwd=p)
        said = s.greeting + s.line("cd ..") + s.line() + s.line(f"cd {s.word(p)}")
        assert re.fullmatch(told % re.escape(runtime), said), said
        assert said
        s.inactive()
        os.chown(runtime, 0, 0)
        s.cd(w.home)
        s.cd(p)
        s.active(p)
    w.env["WEND_RUNTIME_DIR"] = runtime = os.path.join(w.tree, "later")
    s = start(cwd=p)
    assert s.greeting == ""
    s.enter()
    os.mkdir(runtime)
    os.chown(runtime, 65533, 65533)
    said = s.line("cd ..") + s.line() + s.line(f"cd {s.word(p)}")
    assert re.fullmatch(told % re.escape(runtime), said), said
    assert said
    assert os.listdir(runtime) == []


@scenario()
def runtime_directory_open_to_all_users(w: World, start: Start) -> None:
    """Nothing is made where all users may rename it, and nothing is said at each prompt."""
    p = w.project("p")
    w.env["WEND_RUNTIME_DIR"] = runtime = w.directory("open")
    os.chmod(runtime, 0o777)
    s = start(cwd=p)
    assert s.greeting == ""
    s.enter(2)
    s.inactive()
    assert os.listdir(runtime) == []


@scenario()
def full_disk(w: World, start: Start) -> None:
    """Nothing is said, nothing hangs; the first prompt after it has room again is right."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box, _small_disk(os.path.dirname(box)) as fill:
        s = start(env={"TERM": "linux"} if start.row.name == "fish" else None)
        s.cd(p)
        s.active(p)
        room = fill()
        begin = len(s.child.output)
        for place in (w.home, q):
            s.line(s.row.cd.format(path=s.word(place)))
            for _ in range(3):
                s.line()
            s.line("printf 'no end of line'")
        screen = _screen(s, begin)
        if start.row.name == "fish":  # it reports a first failure at a prompt by itself, and cannot be kept from it
            screen = screen.replace("write: No space left on device\n", "", 1)
        assert not re.search("wend:|space|rror|denied", screen), screen
        if start.row.name != "zsh":  # without prompt_sp, as here, its prompt is drawn over such a line
            assert len(re.findall("^no end of line", screen, re.MULTILINE)) == 2, screen
        room()
        for place in (w.home, q) * 4:  # in fish, the first questions after it move to the start of a line
            s.line(s.row.cd.format(path=s.word(place)))
        s.enter(2)
        _until_active(s, q)
        s.cd(w.home)
        s.inactive()


@scenario()
def daemon_that_does_not_start(w: World, start: Start) -> None:
    """It is tried again, also without a cd, and ever more seldom; then all is right."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box, _program_that_fails(w, "exit 1") as (broken, attempts):
        s = start()
        for place in (p, q):
            gone = only_daemon(box)
            w.file(broken, "")
            os.kill(gone, signal.SIGKILL)
            before = attempts()
            s.waits = False  # the answer may never come
            s.cd(place)
            s.enter(40)
            s.inactive()
            until(lambda: not daemons(box), "all attempts have failed")
            assert 4 <= attempts() - before <= 6
            os.unlink(broken)
            _until_active(s, place)
            s.waits = True
            s.cd(w.home)
            s.inactive()


@scenario()
def deactivate_without_a_daemon(w: World, start: Start) -> None:
    """That it is not done is said once, however often a daemon is started, and it is done when one comes."""
    p = w.project("p")
    with _own_mailbox(w) as box, _program_that_fails(w, "exit 1") as (broken, attempts):
        s = start()
        s.cd(p)
        s.active(p)
        for _ in range(2):
            gone = only_daemon(box)
            w.file(broken, "")
            os.kill(gone, signal.SIGKILL)
            before = attempts()
            s.waits = False
            assert s.line("deactivate") == "wend: no answer: your command takes effect when the daemon is back"
            s.enter(40)
            until(lambda before=before: attempts() - before >= 4, "it is started again and again")
            os.unlink(broken)
            _until(s, lambda: b"VIRTUAL_ENV" not in s.env())
            s.inactive()
            s.waits = True
            s.cd(w.home)
            s.cd(p)
            s.active(p)


@scenario()
def daemon_that_ends_at_its_start(w: World, start: Start) -> None:
    """It has shown itself, and answered nothing: another one is started."""
    p = w.project("p")
    with _own_mailbox(w) as box:
        then = f"rm {w.files}/broken {box}/ns; ln -s /proc/$$/ns/mnt {box}/ns; sleep 1; exit 1"
        with _program_that_fails(w, then) as (broken, attempts):
            s = start()
            gone = only_daemon(box)
            w.file(broken, "")
            os.kill(gone, signal.SIGKILL)
            s.waits = False
            s.cd(p)
            until(lambda: not os.path.exists(broken), "it has begun")  # else a second attempt may begin as this one
            _until_active(s, p)
            assert attempts() == 1


@scenario()
def no_room_for_a_daemon_to_begin(w: World, start: Start) -> None:
    """None is started for a question that cannot be written; with room, the first prompt is right."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box, _small_disk(os.path.dirname(box), "nr_inodes=40") as _:
        s = start(env={"TERM": "linux"} if start.row.name == "fish" else None)
        s.cd(p)
        s.active(p)
        gone = only_daemon(box)
        os.kill(gone, signal.SIGKILL)
        os.unlink(f"{box}/lock")
        names = _all_inodes(os.path.dirname(box))
        begin = len(s.child.output)
        for place in (w.home, q):
            s.line(s.row.cd.format(path=s.word(place)))
            for _ in range(20):
                s.line()
        screen = _screen(s, begin)
        if start.row.name == "fish":  # its first report cannot be kept from it
            screen = re.sub("warning: .*\nopen: No space left on device\n", "", screen, count=1)
        assert not re.search("wend:|space|rror|denied", screen), screen
        assert daemon_pid(box) in (0, gone)
        for name in names:
            os.unlink(name)
        s.line()
        s.active(q)


def _screen(s: Shell, start: int) -> str:
    """Return the text of the screen after what the shell wrote from byte START of its log on.

    A terminal of three movements: to the start of the line, up, and to a mark; the rest of the controls draw nothing.
    """
    rows: list[list[str]] = [[]]
    row = column = 0
    mark = (0, 0)
    for part in _PIECE.finditer(s.child.output[start:].decode(errors="replace")):
        piece = part[0]
        if piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            rows += [[]] if row == len(rows) else []
        elif re.fullmatch(r"\x1b\[\d*A", piece):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece == "\x1b7":
            mark = (row, column)
        elif piece == "\x1b8":
            row, column = mark
        elif piece == "\x1b[J":
            del rows[row + 1 :], rows[row][column:]
        elif piece in ("\x1b[K", "\x1b[2K"):
            del rows[row][0 if piece == "\x1b[2K" else column :]
        elif len(piece) == 1 and piece.isprintable():
            if column == WIDTH:
                row, column = row + 1, 0
                rows += [[]] if row == len(rows) else []
            rows[row] += [" "] * (column + 1 - len(rows[row]))
            rows[row][column] = piece
            column += 1
    return "\n".join("".join(each).rstrip() for each in rows)


def _until_active(s: Shell, project: str) -> None:
    """Expect PROJECT's environment; a daemon that has just been started may answer at a later prompt."""
    _until(s, lambda: s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{project}/.venv"))
    s.active(project)


def _until(s: Shell, holds: Callable[[], bool]) -> None:
    """Press Enter until HOLDS."""
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        s.enter()


def _after_giving_up(s: Shell, place: str, act: Callable[[], None]) -> None:
    """Go to PLACE while the daemon keeps silent, ACT once the shell waits no longer; then let the answer come."""
    s.waits = False
    s.cd(place)
    act()
    s.waits = True
    s.enter()


@contextmanager
def _own_mailbox(w: World) -> Iterator[str]:
    """Give the scenario a mailbox of its own, whose daemons end with it."""
    w.env["WEND_RUNTIME_DIR"] = runtime = w.directory("runtime")
    box = os.path.join(runtime, f"wend-{os.geteuid()}")
    try:
        yield box
    finally:
        pid = daemon_pid(box)
        if pid:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def _program_that_fails(w: World, instead: str) -> Iterator[tuple[str, Callable[[], int]]]:
    """Let the hooks run a program that does INSTEAD where a file is; yield that file, and how often it has done so."""
    count, broken, program = (os.path.join(w.files, name) for name in ("attempts", "broken", "wend-that-fails"))
    with open(program, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nif [ -e {broken} ]; then echo >>{count}; {instead}; fi\nexec {w.wend} "$@"\n')
    os.chmod(program, 0o755)
    w.file(count, "")
    before, w.wend = w.wend, program
    try:
        yield broken, lambda: os.path.getsize(count)
    finally:
        w.wend = before


def _all_inodes(directory: str) -> list[str]:
    """Make files in DIRECTORY until its disk can hold no more; return them."""
    names: list[str] = []
    try:
        while True:
            name = f"{directory}/inode-{len(names)}"
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT))
            names.append(name)
    except OSError:
        return names


@contextmanager
def _small_disk(path: str, more: str = "mode=700") -> Iterator[Callable[[], Callable[[], None]]]:
    """Put a small disk at PATH; yield a function that fills it and returns one that makes room again."""
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={_FULL},mode=700,{more}", "none", path], capture_output=True, check=False
    )
    if not done or done.returncode:
        pytest.skip("no small disk can be mounted here: that takes root")
    filler = os.path.join(path, "filler")

    def fill() -> Callable[[], None]:
        fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(fd, bytes(1024))
        except OSError:
            os.close(fd)
        return lambda: os.unlink(filler)

    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", path], check=True)
