"""The laboratory: a virtual environment of its own, a scratch home, a daemon, strace.

Only the standard library, because this makes the environment that has the rest.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable
from typing import TypeVar

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(HERE)
VENV = os.path.join(HERE, ".venv")

_T = TypeVar("_T")


class Trouble(Exception):  # noqa: N818
    """Something did not happen that should have; the text says what."""


# -- our own environment -----------------------------------------------------------------------------------


def inside(script: str) -> None:
    """Run SCRIPT again with the Python of our own environment, made and brought up to date first."""
    python = os.path.join(VENV, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        return
    if not os.path.exists(python):
        say("making a virtual environment")
        venv.create(VENV, with_pip=True, symlinks=True)
    say("installing wend from the tree")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, TREE], check=True)
    # The same version from the same path would not be installed again.
    subprocess.run([*pip, "--no-deps", "--force-reinstall", TREE], check=True)
    os.execv(python, [python, script, *sys.argv[1:]])


def wend() -> str:
    """Return the `wend` that is measured: the one beside this Python."""
    return os.path.join(os.path.dirname(sys.executable), "wend")


def version() -> dict[str, str]:
    """Return the version and, in a clone, the commit of the `wend` that is measured."""
    done = subprocess.run([wend(), "--version"], capture_output=True, text=True, check=False)
    found = {"version": done.stdout.split()[-1] if done.stdout.split() else "?"}
    if shutil.which("git") and os.path.exists(os.path.join(TREE, ".git")):
        git = ["git", "-C", TREE, "describe", "--always", "--dirty"]
        found["commit"] = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return found


def uv() -> str:
    """Return a uv: the user's, the one that the tests have installed, or one that is installed beside this Python.

    Empty when it cannot be had.
    """
    beside, of_tests = os.path.join(VENV, "bin", "uv"), os.path.join(TREE, ".test-tools", "uv", "bin", "uv")
    found = shutil.which("uv") or next((path for path in (of_tests, beside) if os.access(path, os.X_OK)), "")
    if not found:
        say("installing uv")
        with open(os.path.join(TREE, "tests", "tools", "pins.txt"), encoding="utf-8") as file:
            pin = next(line.split()[2] for line in file if line.startswith("pypi uv "))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={pin}"]
        subprocess.run(pip, check=False)
    return found or (beside if os.access(beside, os.X_OK) else "")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


# -- the scratch world -------------------------------------------------------------------------------------


class World:
    """A home, a mailbox on tmpfs where there is one, and two projects to enter."""

    def __init__(self) -> None:
        # Always as deep: a bash and the daemon look at each directory on the way.
        self.top = os.path.realpath(tempfile.mkdtemp(prefix="wend-bench-", dir="/tmp"))
        self.home = os.path.join(self.top, "home")
        shm = "/dev/shm"
        self.runtime = tempfile.mkdtemp(prefix="wend-bench-", dir=shm if os.access(shm, os.W_OK) else self.top)
        self.box = os.path.join(self.runtime, f"wend-{os.geteuid()}")
        self.out = self.directory("out")
        from wend.shells import SHELLS  # not there before our own environment is

        for shell in SHELLS.values():
            for name in shell.prepared:
                self.directory(name)
        self.ends: list[Callable[[], None]] = []  # called when it closes

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": self.home,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "USER": "somebody",
            "WEND_RUNTIME_DIR": self.runtime,
            "POWERSHELL_TELEMETRY_OPTOUT": "1",
            "POWERSHELL_UPDATECHECK": "Off",
        }

    def directory(self, name: str) -> str:
        path = os.path.join(self.home, name)
        os.makedirs(path, exist_ok=True)
        return path

    def project(self, name: str) -> str:
        """Make a directory with a virtual environment and a directory `sub` in it."""
        path = self.directory(name)
        self.directory(f"{name}/sub")
        venv.create(os.path.join(path, ".venv"), symlinks=True)
        return path

    def file(self, path: str, text: str) -> str:
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def call(self, *command: str, env: dict[str, str] | None = None, cwd: str | None = None) -> str:
        """Run COMMAND in this world and return what it prints; Trouble when it fails."""
        done = subprocess.run(
            command, env={**self.env, **(env or {})}, cwd=cwd or self.home, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Trouble(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-400:]}")
        return done.stdout

    def daemon_pid(self) -> int:
        from wend import client

        return client.running(self.env)

    def start_daemon(self) -> int:
        """Start the daemon as a shell would and return its pid."""
        if not self.daemon_pid():
            subprocess.Popen(
                [wend(), "daemon", "run", self.box], env=self.env, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        return until(self.daemon_pid, "the daemon's start")

    def stop_daemon(self) -> None:
        """End the daemon and take the mailbox away, as after logging in again."""
        pid = self.daemon_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
            until(lambda: gone(pid), "the daemon's end")
        shutil.rmtree(self.box, ignore_errors=True)

    def close(self) -> None:
        for end in self.ends:
            end()
        self.stop_daemon()
        shutil.rmtree(self.runtime, ignore_errors=True)
        shutil.rmtree(self.top, ignore_errors=True)


def until(condition: Callable[[], _T], what: str, seconds: float = 20.0, every: float = 0.001) -> _T:
    """Wait for CONDITION and return its value; Trouble with WHAT when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise Trouble(f"never happened: {what}")


def gone(pid: int) -> bool:
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


# -- strace ------------------------------------------------------------------------------------------------

MARK = re.compile(r'"/@/([a-z-]*)"')
_STARTS = re.compile(r"^\d+ +(?:clone|clone3|fork|vfork)\(")


def new_process(line: str) -> bool:
    """Whether LINE of strace's output is the start of a process (a thread is none)."""
    return bool(_STARTS.match(line)) and "CLONE_THREAD" not in line


def between_marks(path: str) -> Iterable[tuple[str, list[str]]]:
    """Yield (operation, lines of all processes) for each stretch of the strace output PATH that was marked."""
    operation = ""
    lines: list[str] = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            mark = MARK.search(line)
            if mark and "resumed" not in line:
                if operation:
                    yield operation, lines
                operation, lines = mark.group(1), []
            elif operation:
                lines.append(line)


# -- numbers -----------------------------------------------------------------------------------------------


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def summary(values: list[float]) -> dict[str, float]:
    """Return n, median, p10, p90, p99 of VALUES."""
    found = {name: quantile(values, q) for name, q in (("median", 0.5), ("p10", 0.1), ("p90", 0.9), ("p99", 0.99))}
    return {"n": len(values), **{name: round(value, 4) for name, value in found.items()}}


def machine() -> dict[str, object]:
    """Return what the numbers were measured on."""
    cpu = platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
        cpu = found.group(1) if found else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    system = platform.system()
    with contextlib.suppress(AttributeError, OSError):
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": system,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d"),
    }
