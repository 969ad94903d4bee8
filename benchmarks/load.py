"""Many shells without many shells: their side of the mailbox, with a living process for each."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from multiprocessing.connection import Connection

import lab
from lab import World

from wend.protocol import Request, format_request

_MOVED_TO = 0x80
_EVENT = struct.Struct("iIII")


class Box:
    """A mailbox as a shell sees it. Replies are noticed by inotify, so that waiting takes nothing from the daemon."""

    def __init__(self, path: str) -> None:
        self.path = path
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC)
        if self._fd < 0 or libc.inotify_add_watch(self._fd, os.fsencode(path), _MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def close(self) -> None:
        os.close(self._fd)

    def replies(self, seconds: float) -> Iterator[tuple[str, float]]:
        """Yield (name, when seen) of each reply until none came for SECONDS."""
        while select.select([self._fd], [], [], seconds)[0]:
            data = os.read(self._fd, 65536)
            now = time.monotonic()
            at = 0
            while at < len(data):
                length = _EVENT.unpack_from(data, at)[3]
                at += _EVENT.size + length
                name = data[at - length : at].rstrip(b"\0").decode()
                if name.endswith(".rep"):
                    yield name, now

    def ask(self, base: str, request: bytes) -> float:
        """Put REQUEST and wait for its reply; return seconds."""
        began = time.monotonic()
        self.put(base, request)
        for name, now in self.replies(5):
            if name == f"{base}.rep":
                return now - began
        raise lab.Trouble(f"no reply to {base}")

    def put(self, base: str, request: bytes) -> None:
        fd = os.open(f"{self.path}/{base}.req", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(fd, request)
        os.close(fd)


class Shell:
    """One shell that lives as long as the process PID."""

    def __init__(self, pid: int, env: dict[str, str]) -> None:
        self.pid, self.env = pid, env
        self.id = f"{pid}-{uuid.uuid4()}"
        self.number = 0
        self.names: tuple[str, ...] = ()  # beyond the core, that it was asked for

    def request(self, cwd: str, **env: str) -> tuple[str, bytes]:
        """Return the next request, with the reply's name before its ending."""
        self.number += 1
        first, variables = self.number == 1, {**self.env, **env}
        request = Request("bash", self.pid, self.id, self.number, cwd, "", "prompt", (), first, self.names, variables)
        return f"{self.id}.{self.number}", format_request(request)


class Crowd:
    """Living shells of a world."""

    def __init__(self, world: World) -> None:
        self.env = {"PATH": world.env["PATH"], "HOME": world.home}
        self.shells: list[Shell] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def grow(self, n: int) -> list[Shell]:
        """Let there be N shells; return those that are new."""
        fresh: list[Shell] = []
        while len(self.shells) + len(fresh) < n:
            self._processes.append(subprocess.Popen(["sleep", "3600"]))
            fresh.append(Shell(self._processes[-1].pid, self.env))
        self.shells += fresh
        return fresh

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


def storm(box: str, requests: list[tuple[str, bytes]]) -> tuple[list[float], int]:
    """Put all REQUESTS at once; return the latency of each in ms, and how many were never answered.

    A second process notes when replies come, because this one is busy writing.
    """
    mine, theirs = multiprocessing.Pipe()
    ready = multiprocessing.Event()
    reader = multiprocessing.Process(target=_note, args=(box, len(requests), theirs, ready))
    reader.start()
    ready.wait()
    sent = {}
    for base, data in requests:
        sent[base] = time.monotonic()
        fd = os.open(f"{box}/{base}.req", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(fd, data)
        os.close(fd)
    seen = mine.recv()
    reader.join()
    return [(seen[base] - when) * 1e3 for base, when in sent.items() if base in seen], len(sent.keys() - seen.keys())


def _note(path: str, n: int, pipe: Connection, ready: object) -> None:
    box = Box(path)
    seen: dict[str, float] = {}
    ready.set()  # type: ignore[attr-defined]
    for name, now in box.replies(3):
        seen[name.removesuffix(".rep")] = now
        if len(seen) == n:
            break
    pipe.send(seen)


# -- what a process uses -----------------------------------------------------------------------------------


def resident(pid: int) -> float:
    """Return MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        found = re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M)
    assert found
    return int(found.group(1)) / 1024


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu(pid: int) -> float:
    """Return the seconds that the living threads of PID have run."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def wakeups(pid: int) -> int:
    """Return how often the threads of PID have gone to sleep of their own."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as file,
        ):
            found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M)
            total += int(found.group(1)) if found else 0
    return total


def settle(pid: int) -> None:
    """Wait until PID has done nothing for a twentieth of a second."""
    before = -1.0
    while before != (before := cpu(pid)):
        time.sleep(0.05)


# -- another daemon ----------------------------------------------------------------------------------------


class Constant:
    """The daemon that answers a constant, with a mailbox of its own beside the world's."""

    def __init__(self, world: World, runtime: str = "constant") -> None:
        self.runtime = os.path.join(world.runtime, runtime)
        os.mkdir(self.runtime, 0o700)
        self.box = os.path.join(self.runtime, os.path.basename(world.box))
        script = os.path.join(lab.HERE, "constant.py")
        self._process = subprocess.Popen([sys.executable, script, self.box], env=world.env)
        lab.until(lambda: os.path.lexists(f"{self.box}/ns"), "the constant daemon's start")

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        shutil.rmtree(self.runtime, ignore_errors=True)
