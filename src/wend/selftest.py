"""The self-test: every shell found, in a real terminal, with the installed hook, a private daemon and home.

What a shell says comes back through files, not the terminal, so nothing depends on what a prompt looks like.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import tempfile
import termios
import time
import venv
from collections.abc import Mapping
from typing import NamedTuple, Optional

from wend import client, paths, setup
from wend.errors import WendError
from wend.shells import SHELLS, hooks, renderer

_PATIENCE = 10.0  # seconds for a shell to start, and for each step
_COLUMNS = 500  # so that no line editor scrolls sideways
# A terminal answers these, and some shells wait for it: where the cursor is, what terminal this is.
_QUERIES = ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[c", b"\x1b[?6c"), (b"\x1b[0c", b"\x1b[?6c"))


class Step(NamedTuple):
    """One thing tried, and how long it took from the key to the result."""

    name: str
    ok: bool
    ms: float


class Result(NamedTuple):
    """What became of one shell: ok, failed or skipped."""

    shell: str
    status: str
    reason: str
    steps: tuple[Step, ...]


def run(env: Mapping[str, str], shells: tuple[str, ...] = ()) -> list[Result]:
    """Try SHELLS, or every shell of the table, with programs from the PATH of ENV and its installed hooks."""
    scratch = tempfile.mkdtemp(prefix="wend-selftest-")
    private = {name: env[name] for name in ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LOGNAME") if name in env}
    private.update(HOME=scratch, TERM="xterm", WEND_RUNTIME_DIR=os.path.join(scratch, "run"))
    try:
        os.mkdir(private["WEND_RUNTIME_DIR"], 0o700)
        # Where this directory is missing fish writes completions for every manual page first.
        os.makedirs(os.path.join(scratch, ".local", "share", "fish", "generated_completions"))
        for name in ("one", "two"):
            venv.create(os.path.join(scratch, name, ".venv"), symlinks=os.name != "nt")
        return [_shell(shell, scratch, env, private) for shell in shells or SHELLS]
    finally:
        try:
            client.stop(private)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _shell(shell: str, scratch: str, env: Mapping[str, str], private: dict[str, str]) -> Result:
    program = shutil.which(shell, path=env.get("PATH"))
    if program is None:
        return Result(shell, "skipped", "not on PATH", ())
    try:
        terminal = _Terminal(shell, program, _hook(shell, scratch, env), scratch, private)
    except (OSError, WendError) as error:
        return Result(shell, "failed", str(error), ())
    steps: list[Step] = []
    try:
        reason = _drive(terminal, scratch, private, steps)
    finally:
        terminal.close()
    return Result(shell, "failed" if reason else "ok", reason, tuple(steps))


def _drive(terminal: _Terminal, scratch: str, private: dict[str, str], steps: list[Step]) -> str:
    """Take the shell through the steps; return why it failed, empty when it did not."""
    began = time.monotonic()
    start = terminal.state("", None)
    steps.append(Step("start", start is not None, _ms(began)))
    if start is None:
        return f"it does not come up: {terminal.tail()}"
    while not client.running(private):  # the hook has called for it; here it may be cold
        if time.monotonic() > began + _PATIENCE:
            return "the hook starts no daemon"
        time.sleep(0.01)
    one, two = (os.path.join(scratch, name) for name in ("one", "two"))
    for name, directory, active in (("enter", one, one), ("switch", two, two), ("leave", scratch, "")):
        wanted = _expected(start, active)
        began = time.monotonic()
        state = terminal.state(directory, wanted)
        steps.append(Step(name, state == wanted, _ms(began)))
        if state != wanted:
            seen = "nothing" if state is None else f"VIRTUAL_ENV={state[0]!r}, PATH={state[1]!r}"
            return f"{name}: {seen} after cd {directory}"
    return ""


_State = tuple[str, str]  # VIRTUAL_ENV, PATH


def _expected(start: _State, active: str) -> _State:
    if not active:
        return start
    prefix = os.path.join(active, ".venv")
    return prefix, os.pathsep.join((os.path.join(prefix, "bin"), start[1]))


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _hook(shell: str, scratch: str, env: Mapping[str, str]) -> str:
    """Return the installed hook of SHELL, or one written for now where none is installed."""
    installed = os.path.join(paths.data_dir(env), "hooks", SHELLS[shell].hook)
    if os.path.isfile(installed):
        return installed
    own = os.path.join(scratch, SHELLS[shell].hook)
    with open(own, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(hooks.text(shell, setup.program(env)))
    return own


class _Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, shell: str, program: str, hook: str, scratch: str, private: dict[str, str]) -> None:
        self._shell, self._scratch = shell, scratch
        self._quote = renderer(shell).quote
        self._count = 0
        self._output = b""
        arguments, env = _start(shell, setup.source_line(shell, hook), scratch, private)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                os.chdir(scratch)
                os.execve(program, [shell, *arguments], env)  # noqa: S606  the shell under test
            finally:
                os._exit(127)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, _COLUMNS, 0, 0))

    def state(self, directory: str, wanted: Optional[_State]) -> Optional[_State]:
        """Type `cd DIRECTORY`, read the state on the same line, then at later prompts until it is WANTED."""
        deadline = time.monotonic() + _PATIENCE
        state: Optional[_State] = None
        line = f"cd {self._quote(directory)}{' && ' if self._shell != 'pwsh' else '; '}" if directory else ""
        while time.monotonic() < deadline:
            self._count += 1
            report = os.path.join(self._scratch, f"state.{self._shell}.{self._count}")
            self._type(line + _report(self._shell, self._quote(report)))
            found = self._await(report, deadline)
            if found is None:
                return state
            state = found
            if wanted in (None, state):
                return state
            line = ""
            time.sleep(0.05)
        return state

    def tail(self) -> str:
        """Return the end of what stood on the screen."""
        return " ".join(self._output[-300:].decode("utf-8", "replace").split())

    def close(self) -> None:
        """End the shell and what it started in this terminal."""
        try:
            os.killpg(self._pid, signal.SIGHUP)
            os.close(self._fd)
            os.killpg(self._pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self._pid, 0)

    def _type(self, line: str) -> None:
        os.write(self._fd, line.encode("utf-8", "surrogateescape") + b"\r")

    def _await(self, report: str, deadline: float) -> Optional[_State]:
        """Wait for the file REPORT, being a terminal meanwhile."""
        while time.monotonic() < deadline:
            try:
                with open(report, encoding="utf-8", errors="surrogateescape") as file:
                    lines = file.read().split("\n")
                if lines[2:3] == ["."]:
                    return lines[0], lines[1]
            except FileNotFoundError:
                pass
            if not self._listen(0.005):
                return None
        return None

    def _listen(self, seconds: float) -> bool:
        """Read what the shell prints and answer what it asks of a terminal; False when it is gone."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        for query, reply in _QUERIES:
            if query in data:
                os.write(self._fd, reply)
        self._output = (self._output + data)[-4096:]
        return bool(data)


def _report(shell: str, file: str) -> str:
    """Return a line that writes VIRTUAL_ENV, PATH and a dot into FILE."""
    if shell == "pwsh":
        text = '"$env:VIRTUAL_ENV`n$env:PATH`n.`n"'
        return f"[IO.File]::WriteAllText({file}, {text})"
    path = '"$PATH"' if shell != "fish" else "(string join : $PATH)"
    return f"printf '%s\\n' \"$VIRTUAL_ENV\" {path} . > {file}"


def _start(shell: str, line: str, scratch: str, private: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment with which SHELL starts and reads LINE, and no file of the user's."""
    home = os.path.join(scratch, f"home.{shell}")
    rc = {"bash": "bashrc", "zsh": ".zshrc", "fish": "fish/config.fish"}.get(shell, "profile.ps1")
    path = os.path.join(home, rc)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{line}\n")
    env = {**private, "ZDOTDIR": home, "XDG_CONFIG_HOME": home, "HISTFILE": os.devnull, "SHELL": shell}
    arguments = {
        "bash": ["--noprofile", "--rcfile", path, "-i"],
        "zsh": ["-d", "-i"],
        "fish": ["-i"],
    }.get(shell, ["-NoLogo", "-NoProfile", "-NoExit", "-Command", line])
    return arguments, env
