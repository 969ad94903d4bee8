"""A shell's side of the mailbox in Python, and a daemon in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import uuid

from wend.daemon.mailbox import daemon_pid
from wend.protocol import Request, format_request
from wend.system import exists

WAIT = 120  # seconds after which something is broken, not slow


def until(condition, what):
    """Wait for CONDITION to hold and return its value; fail with WHAT when it never does."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.002)
    raise AssertionError(f"never happened: {what}")


def daemons(box):
    """Return the pids of the processes that serve the mailbox BOX, or are about to (Linux)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if os.fsencode(f"\0{box}\0") in file.read():
                    found.append(int(pid))
        except OSError:  # it has just ended
            continue
    return found


def only_daemon(box):
    """Return the pid of BOX's daemon, once no other one is about to start: it would take the place of one that ends."""
    return until(lambda: (pid := daemon_pid(box)) and daemons(box) == [pid] and pid, "one daemon is left")


def _text(reply):
    """Return the text of the file REPLY, empty when it is not there, or is just being renamed (Windows)."""
    try:
        with open(reply, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (FileNotFoundError, PermissionError):
        return ""


class Shell:
    """One shell: a process that lives (this one unless another pid is given) and its questions."""

    def __init__(self, box, env, pid=None, kind="bash"):
        self.box, self.env, self.kind = box, env, kind
        self.pid = pid or os.getpid()
        self.id = f"{self.pid}-{uuid.uuid4()}"
        self.number = 0
        self.names: tuple[str, ...] = ()
        self.replaces = ""  # the id of a shell that it has replaced with `exec`
        # Seconds from now that its requests say they were written at: ahead, no answer is late; behind, each one is.
        self.ahead = 0.0

    def path(self, ending):
        return os.path.join(self.box, f"{self.id}.{ending}")

    def send(self, cwd, undo="", words=("prompt",), **env):
        """Write a request, return the path of its reply."""
        self.number += 1
        request = Request(
            self.kind,
            self.pid,
            self.id,
            self.number,
            os.fspath(cwd),
            undo,
            words[0],
            tuple(words[1:]),
            self.number == 1 or bool(self.replaces),
            self.names,
            {**self.env, **env},
        )
        with open(self.path(f"{self.number}.req"), "wb") as file:
            file.write(format_request(request).replace(b"\0first\0", f"\0{self.replaces or 'first'}\0".encode()))
            if self.ahead:
                file.flush()
                os.utime(file.fileno(), (time.time() + self.ahead,) * 2)
        return self.path(f"{self.number}.rep")

    def ask(self, cwd, undo="", words=("prompt",), **env):
        """Ask and return the reply's text."""
        text = ""
        for _ in range(4):
            reply = self.send(cwd, undo, words, **env)
            text = until(lambda path=reply: _text(path), f"a reply for {cwd}")
            again = re.match(r"__wend_names='([^']*)' __wend_again=1\n", text)
            if not again:
                break
            self.names = tuple(again[1].split())
        return text


class Daemon:
    """A daemon with a mailbox of its own under DIRECTORY."""

    def __init__(self, directory, env=None, command=None):
        self.box = os.path.join(directory, f"wend-{os.geteuid()}")
        self.command = command or [sys.executable, "-m", "wend", "daemon", "run", self.box]
        self.env = {
            **os.environ,
            "HOME": os.fspath(directory),
            "XDG_STATE_HOME": os.path.join(directory, "state"),
        }
        self.env.pop("XDG_CONFIG_HOME", None)
        self.env.update(env or {})
        self.processes = []

    def start(self, wait=True):
        """Start one more process; with WAIT until it says where it is."""
        process = subprocess.Popen(
            self.command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.processes.append(process)
        if wait:
            until(lambda: self.pid() == process.pid, "the daemon's start")
        return process

    def settle(self):
        """Wait until it has done all that it was told so far, and sleeps; return how often each thread has slept.

        For Linux. What it is told wakes a thread at once, so while all sleep, all is done. They are looked at twice,
        because one can wake another that was looked at before.
        """
        return until(lambda: (seen := self._threads()) == self._threads() and seen, "the daemon sleeps")

    def _threads(self):
        """Return how often each thread has gone to sleep so far; nothing while one runs."""
        tasks = f"/proc/{self.pid()}/task"
        asleep = {}
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/status") as file:
                    status = file.read()
            except OSError:  # it has just ended
                return {}
            if "\nState:\tS" not in status:
                return {}
            asleep[task] = re.findall(r"ctxt_switches:\t(\d+)", status)
        return asleep

    def pid(self):
        """Return the pid that the mailbox names, 0 for none."""
        pid = daemon_pid(self.box)
        return pid if pid and exists(pid) else 0

    def end(self):
        for process in self.processes:
            try:
                process.send_signal(signal.SIGCONT)
                process.kill()
            except OSError:
                pass
            process.communicate()
