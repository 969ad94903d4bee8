"""What scripts, editors and agents wait for: `wend exec` and `wend env`, in starts of a Python that does nothing.

With a daemon, as beside a shell that has loaded the hook, and without one. The starts take turns, so a busy moment
costs all of them the same. A rival that is not here is named.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from typing import Any, Optional

import lab
import rivals
from lab import Trouble, World

AIM = 3  # starts of a bare Python, for AIMED
BARE = "python -I -S -c pass"
ALONE = ", no daemon"
COMMANDS = {
    "wend exec": ("exec", "--", "/bin/true"),
    "wend env --shell bash": ("env", "--shell", "bash"),
    "wend env --json": ("env", "--json"),
}
AIMED = ("wend exec", "wend env --shell bash")
_PYPROJECT = '[project]\nname = "started"\nversion = "1"\nrequires-python = ">=3.9"\n'
_LOUD = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)


class Start:
    """One command, started in DIRECTORY with the variables ENV."""

    def __init__(self, words: list[str], directory: str, env: dict[str, str]) -> None:
        self.words, self.directory, self.env = words, directory, env
        self.micros: list[float] = []

    def run(self) -> None:
        """Start it once, and wait."""
        os.chdir(self.directory)
        began = time.perf_counter()
        pid = os.posix_spawn(self.words[0], self.words, self.env, file_actions=[_LOUD])
        _, status = os.waitpid(pid, 0)
        self.micros.append((time.perf_counter() - began) * 1e6)
        if status:
            raise Trouble(f"{' '.join(self.words)} failed")


def measure(world: World, quick: bool) -> dict[str, Any]:
    """Return the median time of each command, and its ratio to the bare Python."""
    project = world.project("started")
    world.file("started/pyproject.toml", _PYPROJECT)
    # As the launcher starts it: outside of any activated environment.
    wend = [sys.executable, "-I", "-S", "-X", "utf8", os.path.join(os.path.dirname(_package()), "wend", "__main__.py")]
    commands = {name: [*wend, *words] for name, words in COMMANDS.items()}
    world.start_daemon()
    alone = {**world.env, "WEND_RUNTIME_DIR": world.directory("no daemon")}
    starts = {
        BARE: Start([sys.executable, "-I", "-S", "-c", "pass"], project, world.env),
        **{name: Start(words, project, world.env) for name, words in commands.items()},
        **{f"{name}{ALONE}": Start(words, project, alone) for name, words in commands.items()},
    }
    absent = []
    for name, start in (("direnv exec", _direnv(world)), ("mise x", _mise(world)), ("uv run", _uv(world))):
        if start is None:
            absent.append(f"{name}: it is not installed")
        else:
            starts[name] = start
    for _ in range(5 if quick else 40):
        for start in starts.values():
            start.run()
    os.chdir("/")
    bare = statistics.median(starts[BARE].micros)
    numbers = {
        name: {**lab.summary(start.micros), "ratio": statistics.median(start.micros) / bare}
        for name, start in starts.items()
    }
    return {"numbers": numbers, "absent": absent}


def _package() -> str:
    import wend

    return os.path.dirname(os.path.abspath(wend.__file__))


def _direnv(world: World) -> Optional[Start]:
    tool = rivals.Direnv()
    tool.have()
    if tool.missing:
        return None
    tool.prepare(world)
    program = shutil.which("direnv") or ""
    return Start([program, "exec", tool.alpha, "/bin/true"], tool.alpha, {**world.env, **tool.env})


def _mise(world: World) -> Optional[Start]:
    tool = rivals.Mise()
    tool.have()
    if tool.missing:
        return None
    tool.prepare(world)
    program = os.path.join(rivals.RIVALS, "node_modules", ".bin", "mise")
    return Start([os.path.realpath(program), "x", "--", "/bin/true"], tool.alpha, world.env)


def _uv(world: World) -> Optional[Start]:
    program = lab.uv()
    if not program:
        return None
    project = world.project("of uv")
    world.file("of uv/pyproject.toml", _PYPROJECT)
    return Start([program, "run", "--no-sync", "--offline", "/bin/true"], project, world.env)


if __name__ == "__main__":
    lab.inside(__file__)
    scratch = World()
    try:
        found = measure(scratch, "--quick" in sys.argv)
    finally:
        scratch.close()
    for each, values in found["numbers"].items():
        print(f"{each:34} {values['median'] / 1000:6.1f} ms  {values['ratio']:.2f}")
    print("\n".join(found["absent"]))
