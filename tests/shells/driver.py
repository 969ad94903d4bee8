"""A live shell in a pty: type a line, wait for the prompt after it, read back what it did byte for byte.

Nothing here sleeps. Each line sets a number that the next prompt shows, so an old prompt in the buffer
is never taken for the new one. Values do not come through the terminal: a child copies its environment
to a file.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from typing import NamedTuple

from tests.shells.table import PROMPT_END, Row
from wend.shells import SHELLS, hooks
from wend.terminal import Terminal

WIDTH = 2000  # columns of the terminal
PATIENCE = 60  # seconds until a shell that shows no prompt counts as hung, on however busy a machine
_CONTROL = re.compile(
    rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]|[\r\x07\x0f]"
)
_OWN = ("OLDPWD",)  # what moving about changes by itself


class Snapshot(NamedTuple):
    """What a shell is: the environment of its children, and what it knows beside that."""

    env: dict[bytes, bytes]
    state: tuple[str, ...]


def is_bash_before(row: Row, *version: int) -> bool:
    """Return whether ROW is a bash that is older than VERSION."""
    if row.name != "bash":
        return False
    shown = subprocess.run(["bash", "-c", 'echo "${BASH_VERSINFO[@]:0:2}"'], capture_output=True, check=True).stdout
    return tuple(map(int, shown.split())) < version


class World:
    """What the shells of one scenario share: a HOME, a tree to build in, the session's mailbox."""

    def __init__(self, top: str, runtime: str) -> None:
        self.home = os.path.join(top, "home")
        self.tree = os.path.join(self.home, "src")
        self.files = os.path.join(top, "files")
        self.wend = os.path.join(os.path.dirname(sys.executable), "wend")
        prepared = (os.path.join(self.home, name) for shell in SHELLS.values() for name in shell.prepared)
        for directory in (self.tree, self.files, *prepared):
            os.makedirs(directory)
        self.env = {
            "HOME": self.home,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "USER": "somebody",
            "WEND_RUNTIME_DIR": runtime,
        }
        self.shells: list[Shell] = []

    def directory(self, name: str) -> str:
        """Make a directory under the tree."""
        path = os.path.join(self.tree, name)
        os.makedirs(path, exist_ok=True)
        return path

    def project(self, name: str, environment: str = ".venv", prompt: str | None = None) -> str:
        """Make a directory with a virtual environment in it, as `python -m venv --without-pip` does."""
        path = self.directory(name)
        prefix = os.path.join(path, environment)
        try:
            venv.create(prefix, symlinks=True, prompt=prompt)
        except UnicodeEncodeError:  # venv cannot make it where the name is not UTF-8: as virtualenv would have
            shutil.rmtree(prefix)
            plain = os.path.join(self.tree, "a place")  # quoted in the scripts, as the bytes must be
            venv.create(plain, symlinks=True, prompt=prompt)
            for file in (
                "pyvenv.cfg",
                *(f"bin/{name}" for name in os.listdir(f"{plain}/bin") if "ctivate" in name),
            ):
                with open(os.path.join(plain, file), "r+b") as text:
                    content = text.read().replace(os.fsencode(plain), os.fsencode(prefix))
                    text.seek(0)
                    text.write(content)
                    text.truncate()
            os.rename(plain, prefix)
        return path

    def shown(self, prefix: str) -> str:
        """Return the name that the environment's own activate script shows."""
        text = 'PS1=; . "$1/bin/activate"; printf %s "$PS1"'
        done = subprocess.run(["bash", "-c", text, "bash", prefix], env=self.env, capture_output=True, check=True)
        return done.stdout.decode().strip().strip("()")

    def file(self, path: str, text: str) -> str:
        """Write TEXT to PATH, which is relative to the tree."""
        path = os.path.join(self.tree, path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def conda(self, *names: str) -> str:
        """Make a conda with the environments NAMES, all listed in environments.txt; return its root."""
        root = os.path.join(self.home, "miniconda3")
        prefixes = [root, *(f"{root}/envs/{name}" for name in names)]
        for prefix in prefixes:
            os.makedirs(f"{prefix}/conda-meta")
            os.makedirs(f"{prefix}/bin")
            self.file(f"{prefix}/conda-meta/history", "")
            os.symlink(sys.executable, f"{prefix}/bin/python")
        os.makedirs(f"{self.home}/.conda")
        self.file(f"{self.home}/.conda/environments.txt", "".join(f"{prefix}\n" for prefix in prefixes))
        return root

    def hook(self, row: Row) -> str:
        """Return the path of ROW's hook as `wend setup` installs it."""
        path = os.path.join(self.files, "wend", "hooks", row.hook)
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(hooks.installed(row.name, self.wend))
        return path

    def close(self) -> None:
        """End all shells."""
        for shell in self.shells:
            shell.close()


class Shell:
    """One interactive shell with the hook."""

    prompt_end = PROMPT_END

    def __init__(
        self,
        row: Row,
        world: World,
        *,
        cwd: str = "",
        before: str = "",
        after: str = "",
        env: dict[str, str] | None = None,
        wrapper: tuple[str, ...] = (),
        hook: str = "",
    ) -> None:
        self.row, self.world = row, world
        self.waits = True  # for an answer that is late; False: it may never come
        self.late = 0  # prompts at which the answer had not come within the hook's 250 ms
        self.prompt = ""  # what stood before our own text in the last prompt
        self._k = 0
        self._files = 0
        rc = os.path.join(world.home, row.rc)
        os.makedirs(os.path.dirname(rc), exist_ok=True)
        load = row.load.format(file=row.quote(os.fsencode(hook or world.hook(row))))
        with open(rc, "w", encoding="utf-8") as file:
            file.write(row.rc_text.format(hook=load, before=before, after=after))
        self.program = shutil.which(row.name) or row.name
        command = [*wrapper, self.program, *row.arguments]
        world.shells.append(self)
        environment = {**world.env, **row.env, **(env or {})}
        self.child = self._open(command, environment, cwd or world.home)
        self.greeting = self._until(0)

    def _open(self, command: list[str], environment: dict[str, str], cwd: str) -> Terminal:
        """Return the terminal that COMMAND runs in."""
        return Terminal(command, environment, cwd, columns=WIDTH)

    @property
    def log(self) -> io.BytesIO:
        """All that was printed, with the escapes."""
        return io.BytesIO(self.child.output)

    def close(self) -> None:
        """End the shell as a closed terminal does, and at once."""
        self.child.close()

    # Typing

    def line(self, text: str = "", *, first: bool = False) -> str:
        """Type TEXT and Enter, wait for the next prompt; return what was printed in between.

        The prompt's number is set before TEXT, or after it when TEXT is to be the FIRST command of the line.
        """
        self._k += 1
        tick = self.row.tick.format(k=self._k)
        parts = [text, tick] if first else [tick, text]
        self.child.sendline(("; ".join(part for part in parts if part)).encode())
        return self._until(self._k)

    def _until(self, k: int) -> str:
        """Wait for prompt number K and, while the hook still waits for an answer, for one after it."""
        output, late = self._look(k)
        if late and self.waits:
            self._catch_up()
        return output

    def _look(self, k: int) -> tuple[str, bool]:
        """Wait for prompt number K and take it down; return what was printed before, and whether the answer is late."""
        before = b""
        while True:
            shown = self.child.expect(self.prompt_end, PATIENCE)
            if shown is None:
                assert self.child.alive(), f"the shell ended before prompt {k}"
                raise AssertionError(f"no prompt {k} within {PATIENCE} s")
            before += self.child.before
            if int(shown[1]) == k:
                break
            before += shown[0]
        self.prompt = _shown(before)
        printed = _CONTROL.sub(b"", before)
        _, newline, rest = printed.partition(b"\n")  # the first line is the echo
        return os.fsdecode(rest if newline and k else printed).rpartition("\n")[0], bool(shown[2])

    def _catch_up(self) -> None:
        """Press Enter until the answer is there: a hook that gave up has it at a later prompt."""
        self.late += 1
        deadline = time.monotonic() + PATIENCE
        late = True
        while late:
            assert time.monotonic() < deadline, "the daemon never answered"
            self.child.expect(self.prompt_end, 0.05)
            self._k += 1
            self.child.sendline(self.row.tick.format(k=self._k).encode())
            _, late = self._look(self._k)

    def word(self, value: str) -> str:
        """Return VALUE as one word of this shell."""
        return self.row.quote(os.fsencode(value))

    def cd(self, path: str, *, prints: str = "") -> None:
        """Change directory; nothing but PRINTS (a regular expression) may appear."""
        output = self.line(self.row.cd.format(path=self.word(path)))
        assert re.fullmatch(prints, output, re.DOTALL), f"cd {path!r} printed {output!r}"

    def enter(self, times: int = 1) -> None:
        """Press Enter; nothing may appear."""
        for _ in range(times):
            output = self.line()
            assert output == "", f"an empty line printed {output!r}"

    def until(self, prompt: str) -> None:
        """Press Enter until PROMPT is shown: for what the shell learns by an event from the file system."""
        deadline = time.monotonic() + PATIENCE
        while self.prompt != prompt:
            assert time.monotonic() < deadline, f"the prompt shows {self.prompt!r}, never {prompt!r}"
            self.enter()

    def set(self, name: str, value: str) -> None:
        """Export a variable."""
        self.line(self.row.set.format(name=name, value=self.word(value)))

    def unset(self, name: str) -> None:
        """Remove a variable."""
        self.line(self.row.unset.format(name=name))

    def nested(self, by: str = "", row: Row | None = None) -> None:
        """Start a shell in the shell, of another ROW if one is given, BY a command; `leave` ends it."""
        self._outer, self._outer_row = self._k + 1, self.row
        tick = self.row.tick.format(k=self._outer)
        self.row = row or self.row
        program = (shutil.which(row.name) or row.name) if row else self.program
        command = " ".join([f"{tick};", by, program, *self.row.arguments])
        self.child.sendline(command.encode())
        self._k = self._outer
        self._until(0)

    def leave(self) -> None:
        """End the nested shell."""
        self.child.sendline(b"exit")
        self.row = self._outer_row
        self._until(self._outer)

    # Looking

    def drawn(self) -> bytes:
        """Press Enter; return the prompt with all escapes, as it is drawn last (bash 3.2 draws it twice)."""
        begin = len(self.child.output)
        self.enter()
        lines = re.split(rb"\r(?!\n)|\n", bytes(self.child.output[begin:]))
        return next(line for line in reversed(lines) if PROMPT_END.search(line))

    def _file(self) -> str:
        self._files += 1
        return os.path.join(self.world.files, f"{self.child.pid}.{self._files}")

    def env(self) -> dict[bytes, bytes]:
        """Return the environment that a child of the shell gets, byte for byte."""
        path = self._file()
        self.line(f"/bin/cp /proc/self/environ {path}")
        with open(path, "rb") as file:
            pairs = [entry.partition(b"=") for entry in file.read().split(b"\0") if entry]
        return {name: value for name, _, value in pairs}

    def everything(self) -> tuple[str, ...]:
        """Return options, functions, aliases and variables of the shell, including those of the hook."""
        path = self._file()
        self.line(self.row.state.format(file=self.word(path)))
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return tuple(file.read().split("\n"))

    def state(self) -> tuple[str, ...]:
        """Return what of it does not change by itself."""
        return tuple(sorted(line for line in self.everything() if not re.match(self.row.volatile, line)))

    def snapshot(self) -> Snapshot:
        """Return what the shell is now."""
        return Snapshot(self.env(), self.state())

    def python(self) -> str:
        """Return the prefix of the `python` that is found first."""
        return self.line("python -c 'import sys; print(sys.prefix)'")

    # Expecting

    def same(self, before: Snapshot) -> None:
        """Expect the shell to be exactly as it was."""
        now = self.snapshot()
        names = sorted(set(now.env) | set(before.env))
        changed = [n for n in names if now.env.get(n) != before.env.get(n) and os.fsdecode(n) not in _OWN]
        assert not changed, [(n, before.env.get(n), now.env.get(n)) for n in changed]
        assert now.state == before.state, sorted(set(now.state) ^ set(before.state))

    def uses(self, directory: str, name: str, *, shown: bool = True) -> dict[bytes, bytes]:
        """Expect DIRECTORY once and first in PATH, and NAME once in the prompt; return the environment."""
        env = self.env()
        assert _text(env, "WEND_ENV") == name
        path = (_text(env, "PATH") or "").split(":")
        assert path.index(directory) == 0, path
        assert path.count(directory) == 1, path
        assert self.prompt == (f"({name}) " if shown else "")
        return env

    def active(self, project: str, environment: str = ".venv", *, name: str | None = None, shown: bool = True) -> None:
        """Expect PROJECT's virtual environment."""
        prefix = os.path.join(project, environment)
        name = environment if name is None else name
        env = self.uses(f"{prefix}/bin", name, shown=shown)
        assert _text(env, "VIRTUAL_ENV") == prefix
        assert _text(env, "VIRTUAL_ENV_PROMPT") == name

    def inactive(self) -> None:
        """Expect no environment."""
        env = self.env()
        assert [n for n in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "WEND_ENV") if _text(env, n) is not None] == []
        assert ".venv" not in (_text(env, "PATH") or "")
        assert self.prompt == ""


def _shown(printed: bytes) -> str:
    """Return what stands on the last line, as drawn last (fish draws it again with each key)."""
    return os.fsdecode(_CONTROL.sub(b"", re.split(rb"\r(?!\n)|\n", printed)[-1]))


def _text(env: dict[bytes, bytes], name: str) -> str | None:
    value = env.get(name.encode())
    return None if value is None else os.fsdecode(value)
