"""What a project, an inherited environment or another process may put in the way of a shell.

Nothing of it is run, nothing of it changes an environment, and nothing is said that need not be.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable, Optional

import pytest

from tests.daemon.talk import only_daemon
from tests.shells.driver import PATIENCE, Shell, World
from tests.shells.faults import _own_mailbox, _until_active
from tests.shells.scenarios import Start, _found, scenario
from wend.daemon.answers import Answers
from wend.daemon.lifecycle import _lock
from wend.daemon.mailbox import Mailbox
from wend.disk import Disk
from wend.protocol import CORE, parse_head

_PWNED = "#!/bin/sh\ntouch {home}/pwned\n"
_PROGRAMS = (
    "python", "python3", "ls", "git", "stat", "mkfifo", "mkdir", "readlink", "wend", "uname", "id", "sleep", "sh",
    "env", "cat", "ps", "touch", "conda", "pyenv", "uv",
)  # fmt: skip
_SCRIPTS = (
    "activate", "activate.fish", "activate.csh", "activate.nu", "Activate.ps1", "activate.ps1", "activate_this.py",
)  # fmt: skip
_MODULES = ("json", "os", "socket", "sitecustomize", "usercustomize", "click", "wend", "yaml")


@scenario()
def nothing_of_a_project_is_run(w: World, start: Start) -> None:
    """Not the programs that it puts on PATH, nor what an activate script, git or Python would run there."""
    p = w.project("p")
    pwned = _PWNED.format(home=w.home)
    for name in (*_PROGRAMS, *_SCRIPTS):
        path = f"{p}/.venv/bin/{name}"
        if os.path.lexists(path):
            os.unlink(path)
        w.file(path, f"{pwned}# made at:\nVIRTUAL_ENV='{p}/.venv'\n")
        os.chmod(path, 0o755)
    for name in _MODULES:
        w.file(f"p/{name}.py", f"open('{w.home}/pwned', 'w')\n")
    for name in (".envrc", ".autoenv.zsh", ".env", ".in", "conda.sh"):
        w.file(f"p/{name}", f"touch {w.home}/pwned\n")
    subprocess.run(["git", "init", "-q", p], check=True)
    subprocess.run(["git", "-C", p, "config", "core.fsmonitor", f"touch {w.home}/pwned"], check=True)
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        _until_active(s, p)
        s.enter(3)
        os.kill(only_daemon(box), signal.SIGKILL)
        s.cd(w.directory("p/sub"))
        s.active(p)
        s.cd(p)
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        s.inactive()
    assert not _found("pwned", w.home)


@scenario()
def hostile_variables(w: World, start: Start) -> None:
    """Whatever the hook keeps for itself, or sends, was planted: nothing is evaluated, and leaving is exact."""
    p = w.project("p")
    with open(w.hook(start.row), encoding="utf-8") as file:
        own = set(re.findall(r"\b(?:__wend_|_WEND_|WEND_)[A-Za-z0-9_]+", file.read()))
    names = sorted(own - {"WEND_RUNTIME_DIR", "WEND_DISABLE", "WEND_QUIET", "WEND_CONFIG"})
    foreign = [
        name
        for name in CORE
        if name not in ("PATH", "HOME", "XDG_CONFIG_HOME", "WEND_DISABLE", "WEND_QUIET", "WEND_CONFIG")
    ]
    kept = [*(name for name in foreign if not name.startswith("WEND_")), "_OLD_VIRTUAL_PS1", "_CONDA_EXE"]
    for value in ("a[$(touch pwned)0]", "path[$(touch pwned)1]", "$(touch pwned)", "'; touch pwned; '"):
        s = start(env=dict.fromkeys((*names, *kept), value))
        assert s.greeting == "", (value, s.greeting)
        for _ in range(2):
            s.line(s.row.cd.format(path=s.word(p)))
            s.enter(2)
            s.line(s.row.cd.format(path=s.word(w.home)))
        s.close()
    assert not _found("pwned", w.home)


@scenario()
def planted_path(w: World, start: Start) -> None:
    """What an activate script would put back comes from outside (ssh, tmux): it never gets into PATH."""
    p = w.project("p")
    evil = {"_OLD_VIRTUAL_PATH": "/evil", "WEND_OLD_PATH": "/evil", "_OLD_VIRTUAL_PYTHONHOME": "/evil"}
    s = start(env=evil)
    before = s.env()
    s.cd(p)
    assert b"/evil" not in s.env()[b"PATH"]
    s.cd(w.home)
    assert s.env()[b"PATH"] == before[b"PATH"]


@scenario()
def hostile_notices(w: World, start: Start) -> None:
    """A name in a message is text: no format, no escape, no expansion."""
    source = w.project("source")
    for name in ("%s%n%d", "a\\x41\\c\\n", "$(touch pwned)", "`touch pwned`", "a\x1b]0;x\x07b", "\u202eabc", "-n"):
        if re.search(start.row.cannot, name):
            continue
        p = w.directory(f"dir/{name}")
        shutil.copytree(f"{source}/.venv", f"{p}/.venv", symlinks=True)
        s = start()
        began = len(s.child.output)
        printed = s.line(s.row.cd.format(path=s.word(p)))
        assert "wend allow" in printed, (name, printed)
        if name.isprintable() and name.isascii():
            assert f"{name}/.venv: " in printed, (name, printed)
        assert b"\x1b]0;x" not in s.child.output[began:], name
        assert "\u202e" not in printed
        s.close()
    assert not _found("pwned", w.home)


# -- what lies in the mailbox and no daemon has put there ----------------------------------------------------------


class _StandIn(threading.Thread):
    """In the place of a daemon: gives the true answers, made into something else by SPOIL."""

    def __init__(self, box: str) -> None:
        super().__init__(daemon=True)
        self.box = box
        self.spoil: Callable[[bytes], bytes] = lambda text: text
        self.late = 0.0  # seconds
        self.owner = -1  # of replies
        self.over = False
        self.failed: Optional[BaseException] = None
        self._answers = Answers(lambda text: None)
        self._mailbox = Mailbox(box)
        self.lock = _lock(box)  # a shell without an answer starts a daemon, which ends then
        os.symlink(f"/proc/{os.getpid()}/ns/mnt", f"{box}/ns")

    def run(self) -> None:
        try:
            while not self.over:
                for name in sorted(name for name in os.listdir(self.box) if name.endswith(".req")):
                    self._answer(name)
                time.sleep(0.002)
        except BaseException as error:
            self.failed = error

    def _answer(self, name: str) -> None:
        with open(f"{self.box}/{name}", "rb") as file:
            head = parse_head(file.read())
        if head is None:  # not whole yet
            return
        memo = self._answers.compute(head, "", Disk())
        assert memo is not None
        text, late = self.spoil(memo.text), self.late
        time.sleep(late)
        reply = f"{self.box}/{name[:-4]}.rep"
        with open(f"{self.box}/new/reply", "wb") as file:
            file.write(text)
        os.chown(f"{self.box}/new/reply", self.owner, self.owner)
        os.rename(f"{self.box}/new/reply", reply)
        self._mailbox.ring(head.id)
        os.unlink(f"{self.box}/{name}")


@contextmanager
def _stand_in(w: World) -> Iterator[_StandIn]:
    with _own_mailbox(w) as box:
        thread = _StandIn(box)
        thread.start()
        try:
            yield thread
        finally:
            thread.over = True
            thread.join()
            os.unlink(f"{box}/ns")
            for fd in thread.lock:
                os.close(fd)
            if thread.failed:
                raise thread.failed


def _patient(s: Shell) -> Shell:
    """Let S go on though it has no answer."""
    s._catch_up = lambda: None  # type: ignore[method-assign]
    return s


@scenario()
def a_reply_that_was_cut(w: World, start: Start) -> None:
    """At any byte: nothing of it is done and nothing is said; the whole one counts later."""
    p = w.project("p")
    with _stand_in(w) as daemon:
        s = _patient(start())
        before = s.env()
        whole = 0
        for part in range(8):

            def cut(text: bytes, part: int = part) -> bytes:
                nonlocal whole
                whole = len(text)
                return text[: (len(text) - 1) * part // 7]

            daemon.spoil = cut
            assert s.line(s.row.cd.format(path=s.word(p))) == ""
            now = s.env()
            for name in (b"PATH", b"VIRTUAL_ENV", b"WEND_UNDO", b"WEND_ENV"):
                assert now.get(name) == before.get(name), (part, name)
            s.line(s.row.cd.format(path=s.word(w.home)))
        assert whole > 200
        daemon.spoil = lambda text: text
        s.cd(p)
        _until_active(s, p)


@scenario()
def a_reply_that_is_late(w: World, start: Start) -> None:
    """The answer for one directory, when the shell is in another by then: it is never taken for the other's."""
    p, q = w.project("p"), w.project("q")
    with _stand_in(w) as daemon:
        s = _patient(start())
        s.cd(w.directory("empty"))
        s.enter(2)
        daemon.late = 0.8
        s.line(s.row.cd.format(path=s.word(p)))
        daemon.late = 0
        s.line(s.row.cd.format(path=s.word(q)))
        deadline = time.monotonic() + PATIENCE
        while (seen := s.env().get(b"VIRTUAL_ENV")) != os.fsencode(f"{q}/.venv"):
            assert seen is None
            assert time.monotonic() < deadline
        s.active(q)


@scenario(pwsh="it looks at the directory of the replies, where only the user can put any")
def a_reply_of_another_user(w: World, start: Start) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to be another user")
    p = w.project("p")
    with _stand_in(w) as daemon:
        s = _patient(start())
        daemon.owner = 65533
        s.line(s.row.cd.format(path=s.word(p)))
        s.enter(3)
        assert b"VIRTUAL_ENV" not in s.env()
        daemon.owner = -1
        _until_active(s, p)


@scenario(fish="it has no bell", pwsh="it has no bell")
def a_bell_that_is_not_a_bell(w: World, start: Start) -> None:
    """A file or a directory in its place, or nothing: the answer is looked for, and nothing is written to it."""
    p, q = w.project("p"), w.project("q")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        _until_active(s, p)
        (bell,) = (f"{box}/{name}" for name in os.listdir(box) if name.endswith(".bell"))
        os.unlink(bell)
        for make in (lambda: None, lambda: open(bell, "w").close(), lambda: os.mkdir(bell)):
            make()
            s.cd(q)
            s.active(q)
            s.cd(p)
            s.active(p)
            if os.path.isfile(bell):
                assert os.path.getsize(bell) == 0
                os.unlink(bell)


# -- places --------------------------------------------------------------------------------------------------------


@scenario(needs="unshare")
def another_mount_namespace(w: World, start: Start) -> None:
    """As in toolbox or distrobox: the daemon outside sees other files, so the shell inside stays as it is."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make a mount namespace")
    p = w.project("p")
    s = start(wrapper=("unshare", "-m"))
    s.cd(p)
    s.enter(2)
    s.inactive()
    s.cd(w.home)


@scenario()
def odd_homes(w: World, start: Start) -> None:
    """HOME and the XDG directories empty, relative or with a newline: an answer, and nothing is written anywhere."""
    p = w.project("p")
    s = start()
    before = sorted(os.listdir(p))
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        for value in ("", "relative", "/", f"{w.tree}/new\nline"):
            s.set(name, value)
            s.cd(p)
            env = s.env()
            assert env.get(b"VIRTUAL_ENV") == os.fsencode(f"{p}/.venv"), (name, value)
            s.cd(w.tree)
            assert b"VIRTUAL_ENV" not in s.env(), (name, value)
            assert sorted(os.listdir(p)) == before, (name, value)
        s.unset(name)
    assert not os.path.exists(f"{w.tree}/relative")


@scenario()
def strange_directories(w: World, start: Start) -> None:
    """Loops of links, directories without a way in, very deep ones: silent, and right again outside."""
    p = w.project("p")
    os.symlink("loop", f"{w.tree}/loop")
    plain = w.directory("plain")
    os.symlink(".venv", f"{plain}/.venv")
    shut = w.directory("shut/inner")
    odd = w.directory("odd")
    os.mkfifo(f"{odd}/.venv")
    s = start()
    before = s.snapshot()
    s.cd(shut)
    os.chmod(os.path.dirname(shut), 0)
    s.enter(2)
    s.cd(p)
    s.active(p)
    os.chmod(os.path.dirname(shut), 0o755)
    for place in (plain, odd, "/", "/dev/fd", "/proc/self", "/proc/self/cwd"):
        s.line(s.row.cd.format(path=s.word(place)))
        s.enter(2)
        s.inactive()
    s.cd(w.home)
    if start.row.name != "pwsh":  # what was caught is gone from $Error, but $StackTrace cannot be put back
        s.same(before)


@scenario(needs="git")
def clone_in_the_place_of_a_store(w: World, start: Start) -> None:
    """What git tracks is not taken for a store of the user's, whatever its name."""
    w.project("elsewhere")
    s = start()
    for clone, entry, marker, text in (
        (".pyenv", "versions/3.11.2", ".python-version", "3.11.2\n"),
        (".virtualenvs", "blue", ".venv", "blue\n"),
        ("micromamba", "envs/x", "environment.yml", "name: x\n"),
    ):
        prefix = f"{w.home}/{clone}/{entry}"
        shutil.copytree(f"{w.tree}/elsewhere/.venv", prefix, symlinks=True)
        os.makedirs(f"{prefix}/conda-meta")
        w.file(f"{prefix}/conda-meta/history", "# cmd: conda create -p /elsewhere\n")
        for words in (["init", "-q"], ["add", "-A", "-f"]):
            subprocess.run(["git", "-C", f"{w.home}/{clone}", *words], check=True)
        place = w.directory(clone)
        w.file(f"{place}/{marker}", text)
        s.cd(place, prints="wend: [^\n]*was not made here[^\n]*wend allow [^\n]*")
        s.inactive()
        s.cd(w.home)


@scenario()
def archive_that_names_proc(w: World, start: Start) -> None:
    """A path that leads elsewhere in each process does not count: an archive could name it anywhere."""
    s = start()
    places = (f"/proc/{s.child.pid}/cwd", "/proc/self/cwd", "/proc/1/cwd", "/dev/fd/../cwd", ".")
    for at, place in enumerate(f"{each}/env" for each in places):
        project = w.directory(f"archive-{at}")
        for directory in ("conda-meta", "bin", "etc/conda/activate.d"):
            os.makedirs(f"{project}/env/{directory}")
        w.file(f"{project}/env/conda-meta/history", f"# cmd: conda create -p {place}\n")
        for name in ("bin/python", "bin/ls", "etc/conda/activate.d/x.sh", "etc/conda/activate.d/x.fish"):
            w.file(f"{project}/env/{name}", _PWNED.format(home=w.home))
            os.chmod(f"{project}/env/{name}", 0o755)
        w.file(f"{project}/environment.yml", f"prefix: {place}\n")
        s.line(s.row.cd.format(path=s.word(project)))  # what it says depends on who is asked
        s.inactive()
        s.cd(w.home)
    assert not os.path.exists(f"{w.home}/pwned")


@scenario()
def files_of_others(w: World, start: Start) -> None:
    """What another user puts into a directory that a group can write says nothing, nor does it hide what is above."""
    if os.geteuid() != 0:
        pytest.skip("needs root to be another user")
    p = w.project("p")
    shared = w.directory("p/shared")
    inner = w.directory("p/shared/inner")
    s = start()
    for mode, group in ((0o777, 0), (0o1777, 0), (0o2775, 65533)):
        os.chown(shared, 0, group)
        os.chmod(shared, mode)
        for name, text in (("pyproject.toml", '[tool.poetry]\nname = "x"\n'), ("Pipfile", "")):
            file = w.file(f"p/shared/{name}", text)
            os.chown(file, 65533, 65533)
            s.cd(inner)
            s.active(p)
            os.chown(file, 0, 0)
            s.line(s.row.cd.format(path=s.word(w.home)))
            s.line(s.row.cd.format(path=s.word(inner)))  # the user's own is told
            s.inactive()
            os.unlink(file)
            s.cd(w.home)


@scenario()
def opened_to_others_while_active(w: World, start: Start) -> None:
    """Nothing reports a change of mode: the next cd sees it at the latest, also within the project; it is said once."""
    p = w.project("p")
    sub = w.directory("p/sub")
    s = start()
    before = s.snapshot()
    for name in (".venv/bin", ".venv/pyvenv.cfg", ".venv"):
        mode = os.stat(f"{p}/{name}").st_mode
        s.cd(p)
        s.active(p)
        os.chmod(f"{p}/{name}", 0o777)
        said = s.line() + s.line(s.row.cd.format(path=s.word(sub))) + s.line()
        assert re.fullmatch(r"wend: [^\n]*\.venv[^\n]* is writable by others[^\n]*: chmod [^\n]*", said), said
        s.inactive()
        os.chmod(f"{p}/{name}", mode)
        s.cd(p)
        s.active(p)
        s.cd(w.home)
    s.same(before)


@scenario(pwsh="it refuses a path that long")
def deep_directories(w: World, start: Start) -> None:
    """Deeper than a path can be long: no message of wend's, and right again outside."""
    p = w.project("p")
    s = start()
    top = w.directory("deep")
    s.cd(top)
    name = "d" * 250
    for _ in range(20):
        s.line(f"mkdir {name}")
        s.line(f"cd {name}")
    assert "wend" not in s.line()
    assert b"VIRTUAL_ENV" not in s.env()
    s.cd(p)
    s.active(p)
    shutil.rmtree(top)
