"""The self-test: every shell found, in a real terminal, with the installed hook, a private daemon and home.

Then the shell is started as a new terminal starts it, to see whether the user's own start-up files load the hook.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import venv
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple, Optional

from wend import client, launcher, setup
from wend.errors import WendError
from wend.setup import new_shell, places, startup_files
from wend.shells import SHELLS, hooks
from wend.shells.base import Shell
from wend.system import WINDOWS

if TYPE_CHECKING:
    from wend.terminal import Terminal

_PATIENCE = 10.0  # seconds for a shell to start, and for each step
_OWN_PATIENCE = 20.0  # seconds to start with all that the user has in the start-up files


class Step(NamedTuple):
    """One thing tried, and how long it took from the key to the result."""

    name: str
    ok: bool
    ms: float


class Result(NamedTuple):
    """The result for one shell: ok, failed or skipped."""

    shell: str
    status: str
    reason: str  # why it failed or was skipped, or what could not be found out
    steps: tuple[Step, ...]
    startup_file: Optional[str] = None  # that loads the hook in a new terminal


class _State(NamedTuple):
    """What a shell says of itself."""

    virtual_env: str
    path: str
    hook: str  # empty when it is not loaded


def run(env: Mapping[str, str], shells: tuple[str, ...] = (), *, rc: bool = True) -> list[Result]:
    """Try SHELLS, or every shell of the table, with programs from the PATH of ENV and its installed hooks.

    RC: also that the start-up files of the user load an installed hook. WendError where there are no terminals.
    """
    try:
        import wend.terminal  # noqa: F401, PLC0415
    except ImportError as error:
        what = "the self-test needs a pseudo-terminal, which this system does not have"
        raise WendError(what, "wend doctor") from error
    scratch = tempfile.mkdtemp(prefix="wend-selftest-")
    private = {name: env[name] for name in ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LOGNAME") if name in env}
    private.update(HOME=scratch, TERM="xterm", WEND_RUNTIME_DIR=os.path.join(scratch, "run"))
    try:
        os.mkdir(private["WEND_RUNTIME_DIR"], 0o700)
        for name in ("one", "two"):
            venv.create(os.path.join(scratch, name, ".venv"), symlinks=not WINDOWS)
        return [_shell(SHELLS[shell], scratch, env, private, rc) for shell in shells or SHELLS]
    finally:
        try:
            client.stop(private)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _shell(shell: Shell, scratch: str, env: Mapping[str, str], private: dict[str, str], rc: bool) -> Result:
    program = shutil.which(shell.name, path=env.get("PATH"))
    if program is None:
        return Result(shell.name, "skipped", "not on PATH", ())
    steps: list[Step] = []
    file: Optional[str] = None
    try:
        with closing(_Session(shell, _private(shell, program, scratch, env, private), scratch)) as session:
            reason = _drive(session, scratch, private, steps)
        if reason:
            return Result(shell.name, "failed", reason, tuple(steps))
        if rc and os.path.isfile(setup.hook_file(shell.name, env)):
            file, reason = _own_startup(shell, program, env, scratch, steps)
    except (OSError, WendError) as error:
        return Result(shell.name, "failed", str(error), tuple(steps))
    return Result(shell.name, "ok" if all(step.ok for step in steps) else "failed", reason, tuple(steps), file)


def _private(shell: Shell, program: str, scratch: str, env: Mapping[str, str], private: dict[str, str]) -> Terminal:
    """Return a terminal with SHELL, which reads the hook and no file of the user's."""
    from wend.terminal import Terminal  # noqa: PLC0415  not on every system

    start = shell.private(os.path.join(scratch, f"home.{shell.name}"))
    for directory in (os.path.dirname(start.file), *(os.path.join(scratch, name) for name in shell.prepared)):
        os.makedirs(directory, exist_ok=True)
    with open(start.file, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{shell.source_line(_hook(shell, scratch, env))}\n")
    command = [program, *start.arguments]
    return Terminal(command, {**private, **start.env, "HISTFILE": os.devnull, "SHELL": shell.name}, scratch)


def _hook(shell: Shell, scratch: str, env: Mapping[str, str]) -> str:
    """Return the installed hook of SHELL, or one written for now where none is installed."""
    installed = setup.hook_file(shell.name, env)
    if os.path.isfile(installed):
        return installed
    own = os.path.join(scratch, shell.hook)
    with open(own, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(hooks.text(shell.name, launcher.program(env)))
    return own


def _drive(session: _Session, scratch: str, private: dict[str, str], steps: list[Step]) -> str:
    """Take the shell through the steps; return why it failed, empty when it did not."""
    began = time.monotonic()
    start = session.state("", None)
    steps.append(Step("start", start is not None, _ms(began)))
    if start is None:
        return f"it shows no prompt: {session.terminal.tail()}"
    while not client.running(private):  # the hook has called for it; here it may be cold
        if time.monotonic() > began + _PATIENCE:
            return "the hook starts no daemon"
        time.sleep(0.01)
    one, two = (os.path.join(scratch, name) for name in ("one", "two"))
    for name, directory, active in (("enter", one, one), ("switch", two, two), ("leave", scratch, "")):
        wanted = _expected(start, active)
        began = time.monotonic()
        state = session.state(directory, wanted)
        steps.append(Step(name, state == wanted, _ms(began)))
        if state != wanted:
            seen = "nothing" if state is None else f"VIRTUAL_ENV={state.virtual_env!r}, PATH={state.path!r}"
            return f"{name}: {seen} after cd {directory}"
    return ""


def _own_startup(
    shell: Shell, program: str, env: Mapping[str, str], scratch: str, steps: list[Step]
) -> tuple[Optional[str], str]:
    """Start SHELL as a new terminal would; return the file that loads the hook in it, and what is to be said.

    It fails only if the shell says that the hook is not there: one that says nothing may run a program first.
    """
    began = time.monotonic()
    terminal = new_shell.start(shell, program, env, os.path.join(scratch, "run"))
    with closing(_Session(shell, terminal, scratch)) as session:
        state = session.state("", None, _OWN_PATIENCE)
        loaded = state is not None and state.hook != ""
    if state is None:
        return None, "it does not answer with your own start-up files, so it is unknown whether they load the hook"
    steps.append(Step("startup", loaded, _ms(began)))
    marked = [path for path in places.files(shell.name, env) if _marked(path)]
    if loaded:
        return next(iter(marked), None), ""
    known = f": the line is in {marked[0]}, which is not read, or ends before it" if marked else ""
    return None, f"your own start-up files do not load the hook{known}: wend setup --shell {shell.name}"


def _marked(path: str) -> bool:
    with suppress(WendError):
        return startup_files.has_block(places.read(path) or b"")
    return False


def _expected(start: _State, active: str) -> _State:
    if not active:
        return start
    prefix = os.path.join(active, ".venv")
    return start._replace(virtual_env=prefix, path=os.pathsep.join((os.path.join(prefix, "bin"), start.path)))


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


class _Session:
    """A shell in a terminal of its own, and what it says."""

    _count = 0

    def __init__(self, shell: Shell, terminal: Terminal, scratch: str) -> None:
        self._shell, self._scratch = shell, scratch
        self.terminal = terminal

    def close(self) -> None:
        """End it."""
        self.terminal.close()

    def state(self, directory: str, wanted: Optional[_State], patience: float = 0.0) -> Optional[_State]:
        """Type `cd DIRECTORY`, read the state on the same line, then at later prompts until it is WANTED."""
        deadline = time.monotonic() + (patience or _PATIENCE)
        state: Optional[_State] = None
        quote = self._shell.quote
        while time.monotonic() < deadline:
            _Session._count += 1
            file = os.path.join(self._scratch, f"state.{_Session._count}")
            line = self._shell.report.format(file=quote(file))
            if directory:
                line = self._shell.chain.format(self._shell.cd.format(path=quote(directory)), line)
            self.terminal.sendline(line.encode("utf-8", "surrogateescape"))
            found = self._await(file, deadline)
            if found is None:
                return state
            state = found
            if wanted in (None, state):
                return state
            directory = ""
            time.sleep(0.05)
        return state

    def _await(self, file: str, deadline: float) -> Optional[_State]:
        lines = new_shell.report(self.terminal, file, deadline)
        return _State(*lines) if lines and len(lines) == len(_State._fields) else None
