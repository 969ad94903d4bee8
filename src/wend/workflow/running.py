"""Runs a plan's commands, and leaves nothing half-made when one fails or the user stops it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import FrameType
from typing import Callable, Optional

from wend import fixes
from wend.errors import Again, WendError
from wend.system import WINDOWS
from wend.text import visible
from wend.workflow.commands import Command, Find, Steps

Progress = Callable[[str], AbstractContextManager[object]]

_COMMANDS = Again(without=("--check", "--json"), adding="--dry-run")  # which prints them
_PATIENCE = 10.0  # seconds for a tool to end after Ctrl-C
_ROOM = 1 << 20  # bytes without which no tool can work
_MAX_OUTPUT = 256 * 1024  # bytes of a tool's output that are shown


class ToolError(WendError):
    """A command failed. `output` is what it said; where that does not say what to type, the commands can be."""

    def __init__(self, what: str, output: str, fix: str = "") -> None:
        super().__init__(what, fix, again=None if fix else _COMMANDS)
        self.output = output


class Signals:
    """Ctrl-C, a hang-up and a request to end, while commands run: they count where a command is waited for.

    There they unwind like an error. So what is done between two commands is done whole, or not at all.
    """

    def __init__(self) -> None:
        self._number = 0  # the first that came; 0: none
        self._taken = self._awaited = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the signals while the block runs. One that is ignored stays so: that is what `nohup` is for."""
        if self._taken:
            yield
            return
        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
        self._taken, self._number = True, 0
        before = {number: signal.signal(number, self._note) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._taken = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Let a signal, also one that has come already, end the block, once."""
        self._awaited = True
        try:
            if self._number:
                self._unwind()
            yield
        finally:
            self._awaited = False

    def _note(self, number: int, frame: Optional[FrameType]) -> None:
        del frame
        self._number = self._number or number
        if self._awaited:
            self._unwind()

    def _unwind(self) -> None:
        self._awaited = False
        raise KeyboardInterrupt if self._number == signal.SIGINT else SystemExit(128 + self._number)


signals = Signals()  # those of this process


def run(steps: Steps, directory: str, env: Mapping[str, str], progress: Progress) -> None:
    """Run the commands of STEPS in DIRECTORY with the environment ENV. ToolError when one fails."""
    with signals.taken():
        for each in steps.commands:
            with progress(each.label):
                status, output = execute(each, directory, env)
                if status:
                    how = f"was killed by signal {-status}" if status < 0 else f"failed with exit status {status}"
                    raise ToolError(f"{each.shown()} {how}", output, _full(directory, env) or each.fix)


def _full(directory: str, env: Mapping[str, str]) -> str:
    """Return what to do where no room is left for a tool to work, which not each of them says; empty where some is."""
    for place in (directory, env.get("HOME", ""), tempfile.gettempdir()):
        with suppress(AttributeError, OSError):  # Windows has no such call
            disk = os.statvfs(place)
            if disk.f_blocks and (disk.f_bavail * disk.f_frsize < _ROOM or (disk.f_files and not disk.f_favail)):
                return fixes.room(place)
    return ""


def execute(each: Command, directory: str, env: Mapping[str, str], *, errors: bool = True) -> tuple[int, str]:
    """Return the exit status and the output of one command. WendError when it cannot be started.

    ERRORS: what it says on standard error is part of the output.

    It has no terminal: it cannot ask, and Ctrl-C reaches it through us, once.
    """
    words = [_found(word, directory, env) if isinstance(word, Find) else word for word in each.words]
    program = shutil.which(words[0], path=env.get("PATH", "")) if os.sep not in words[0] else words[0]
    if not program:
        raise WendError(f"{visible(words[0])}: command not found", again=_COMMANDS)
    with signals.taken(), tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen(
                [program, *words[1:]],
                cwd=directory,
                env={**env, "PWD": directory},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise _not_started(words[0], program, error) from error
        try:
            with signals.awaited():
                status = child.wait()
        except BaseException:
            _end(child)
            raise
        size = said.seek(0, os.SEEK_END)
        said.seek(max(0, size - _MAX_OUTPUT))
        return status, said.read().decode("utf-8", "replace")


def _not_started(word: str, program: str, error: Exception) -> WendError:
    """Return why PROGRAM, for which WORD stands, cannot be started."""
    if isinstance(error, FileNotFoundError) and os.path.exists(program):  # as after an upgrade of Python
        return WendError(f"the Python of {visible(program)} is gone", _installed_again(word, program))
    why = getattr(error, "strerror", None) or error
    return WendError(f"{visible(word)}: {why}", again=_COMMANDS)


def _installed_again(word: str, program: str) -> str:
    """Return what installs WORD, the tool at PROGRAM, with a Python that is there."""
    by_pipx = "/pipx/" in os.path.realpath(program) or (shutil.which("pipx") and not shutil.which("uv"))
    return f"pipx reinstall {fixes.word(word)}" if by_pipx else f"uv tool install --reinstall {fixes.word(word)}"


def _found(word: Find, directory: str, env: Mapping[str, str]) -> str:
    """Return the interpreter that uv finds now that it has been installed."""
    status, output = execute(Command(("uv", "python", "find", word.request)), directory, env, errors=False)
    path = output.strip().splitlines()[-1] if output.strip() else ""
    if status or not os.path.isabs(path):
        raise ToolError(f"uv finds no Python {visible(word.request)}", output, "uv python list")
    return path


def _end(child: subprocess.Popen[bytes]) -> None:
    """End CHILD and what it started: as by Ctrl-C, then by force."""
    if WINDOWS:  # which has no groups; Ctrl-C there reaches each process of the console
        with suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE)
        child.kill()
        child.wait()
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(OSError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE if number == signal.SIGINT else 2.0)
            break
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)  # what it left behind


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """Hold DIRECTORY while the block runs. WendError when another run holds it.

    The lock is on the directory itself, so nothing is left behind. Where there is no such lock, none is held.
    """
    with ExitStack() as stack:
        if not WINDOWS:
            import fcntl  # noqa: PLC0415

            with suppress(OSError):
                fd = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
                stack.callback(os.close, fd)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    what = f"another wend create or wend sync works in {visible(directory)}"
                    raise WendError(f"{what} and has not ended", again=Again()) from None
        yield


@contextmanager
def making(steps: Steps, places: tuple[str, ...], replaced: str, made: Callable[[], tuple[str, ...]]) -> Iterator[None]:
    """While the commands run: set REPLACED aside, and afterwards remove it, or put it back if they fail.

    REPLACED is the environment that `--force` gives up, empty for none. PLACES are paths in the project that tools
    make; MADE returns the environments that the project has by now. What is new among these is removed on failure.
    WendError when something already stands where the environment is to be.
    """
    before = {path for path in (*places, steps.makes) if path and os.path.lexists(path)}
    before.update(made())
    before.discard(replaced)
    with signals.taken():
        aside = _set_aside(replaced) if replaced else ""
        try:
            if steps.claim:
                _claim(steps.makes, empty=steps.makes in before)
        except WendError:
            if aside:
                os.rename(aside, replaced)
            raise
        try:
            yield
        except BaseException:
            for path in dict.fromkeys((steps.makes, *places, *made())):
                if path and path not in before:
                    _remove(path)
            if aside:
                _put_back(aside, replaced)
            raise
        if aside:
            _remove(aside)


def _set_aside(path: str) -> str:
    """Move PATH to a name beside it that no tool looks for; return that."""
    directory, name = os.path.split(path)
    aside = os.path.join(directory, f".wend-{name.lstrip('.')}-{os.urandom(4).hex()}")
    try:
        os.rename(path, aside)
    except OSError as error:
        raise fixes.unwritable(visible(path), error) from error
    return aside


def _put_back(aside: str, path: str) -> None:
    """Move ASIDE to PATH again, in the place of what a tool has left there. WendError if that stays."""
    _remove(path)
    try:
        os.rename(aside, path)
    except OSError as error:
        what = f"{visible(path)} cannot be removed ({error.strerror}), and what was there before is {visible(aside)}"
        raise WendError(what, f"rm -r {fixes.word(path)} && mv {fixes.word(aside)} {fixes.word(path)}") from error


def _claim(path: str, *, empty: bool) -> None:
    """Make the directory PATH, so that a second run at the same time sees it. EMPTY: an empty one is accepted."""
    try:
        os.mkdir(path)
    except FileExistsError:
        if not empty or not os.path.isdir(path) or os.path.islink(path) or os.listdir(path):
            raise WendError(f"{visible(path)} exists", "wend create --force") from None
    except OSError as error:
        raise fixes.unwritable(path, error) from error


def _remove(path: str) -> None:
    """Remove the file or directory PATH, without following a link."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        os.unlink(path)
