"""What the workflow commands cost: time as a ratio to a bare Python in the same run, peak memory, modules."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from typing import NamedTuple

import lab

from wend.terminal import Terminal

BEGIN, END = "<!-- workflow -->", "<!-- /workflow -->"
_BARE = "python -I -S -c pass"


class Row(NamedTuple):
    """One command. In `words` and `env`, {home} stands for the scratch home."""

    name: str  # as the table shows it
    words: tuple[str, ...]
    before: str = ""  # what is done first, and not counted: a row of _BEFORE
    env: Mapping[str, str] = {}
    shown: bool = False  # what counts is the first picture on a terminal, with the daemon's pid; then it is ended


_TAB = {"_WEND_COMPLETE": "bash"}
_COMMANDS = (
    Row(_BARE, (sys.executable, "-I", "-S", "-c", "pass")),
    Row("wend --version", ("wend", "--version")),
    Row("Tab after wend st", ("wend",), env={**_TAB, "_WEND_WORDS": "wend st"}),
    Row("Tab after wend create --python 3", ("wend",), env={**_TAB, "_WEND_WORDS": "wend create --python 3"}),
    Row("wend status --watch, first picture", ("wend", "status", "--watch"), shown=True),
    Row("wend python list", ("wend", "python", "list")),
    Row("wend python find", ("wend", "python", "find")),
    Row("wend python pin 3", ("wend", "python", "pin", "3", "{home}/pinned")),
    Row("wend create --dry-run", ("wend", "create", "--dry-run", "--force")),
    Row("wend create (uv, no packages)", ("wend", "create"), "clone"),
    Row("wend sync, of a fresh clone (uv, no packages)", ("wend", "sync"), "clone"),
    Row("uv venv --quiet, alone", ("uv", "venv", "--quiet"), "clone"),
    Row("wend sync, nothing to do", ("wend", "sync")),
    Row("wend sync --check", ("wend", "sync", "--check")),
    Row("wend freeze, which writes", ("wend", "freeze"), "edit"),
    Row("wend freeze --check", ("wend", "freeze", "--check")),
    Row("pip freeze, of the environment", ("{home}/shop/.venv/bin/python", "-m", "pip", "freeze")),
    Row("wend setup, first", ("wend", "setup"), "new", {"HOME": "{home}/new"}),
    Row("wend setup, nothing to do", ("wend", "setup"), env={"HOME": "{home}/new"}),
    Row("wend doctor, no hook installed", ("wend", "doctor")),
)


@contextmanager
def _clone(home: str) -> Iterator[None]:
    """Take the environment of the project away for a while."""
    os.rename(f"{home}/shop/.venv", f"{home}/shop/old")
    try:
        yield
    finally:
        shutil.rmtree(f"{home}/shop/.venv", ignore_errors=True)
        os.rename(f"{home}/shop/old", f"{home}/shop/.venv")


@contextmanager
def _edit(home: str) -> Iterator[None]:
    """Change the file that is written."""
    with open(f"{home}/shop/requirements.txt", "a", encoding="utf-8") as file:
        file.write("# edited\n")
    yield


@contextmanager
def _new(home: str) -> Iterator[None]:
    """Make a home in which nothing was set up yet."""
    shutil.rmtree(f"{home}/new", ignore_errors=True)
    os.mkdir(f"{home}/new")
    yield


_BEFORE: dict[str, Callable[[str], AbstractContextManager[None]]] = {
    "clone": _clone,
    "edit": _edit,
    "new": _new,
    "": lambda _: nullcontext(),
}


class Cost(NamedTuple):
    """What one command cost."""

    name: str
    ms: float  # median
    p90: float
    memory: float  # MiB, at most, of the command itself or a child
    modules: int  # imported by wend; 0 where it is another program


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/workflow", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="write the table into benchmarks/README.md")
    parser.add_argument("--samples", type=int, default=15)
    given = parser.parse_args()
    with _world() as env:
        rows = [row for row in _COMMANDS if shutil.which(_filled(row.words, env)[0], path=env["PATH"])]
        costs = _measure(rows, env, given.samples)
    text = _table(costs)
    print(text)
    if given.readme:
        _put(os.path.join(lab.HERE, "README.md"), text)


@contextmanager
def _world() -> Iterator[dict[str, str]]:
    """Yield the environment of a user with a project of a few requirements, none of which is installed."""
    home = tempfile.mkdtemp(prefix="wend-workflow-")
    path = os.pathsep.join((os.path.dirname(lab.wend()), os.environ.get("PATH", os.defpath), os.path.dirname(lab.uv())))
    path = path.rstrip(os.pathsep)  # without uv
    env = {"HOME": home, "PATH": path, "LC_ALL": "C.UTF-8", "WEND_RUNTIME_DIR": home, "PWD": f"{home}/shop"}
    try:
        os.mkdir(f"{home}/pinned")
        venv.create(f"{home}/shop/.venv", symlinks=True, with_pip=True)
        with open(f"{home}/shop/requirements.txt", "w", encoding="utf-8") as file:
            file.write("# nothing that needs the network\n")
        subprocess.run([lab.wend(), "daemon", "start"], env=env, check=True, capture_output=True)
        subprocess.run([lab.wend(), "freeze", f"{home}/shop"], env=env, check=True, capture_output=True)
        yield env
    finally:
        subprocess.run([lab.wend(), "daemon", "stop"], env=env, check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def _filled(words: tuple[str, ...], env: dict[str, str]) -> list[str]:
    return [word.format(home=env["HOME"]) for word in words]


def _measure(rows: list[Row], env: dict[str, str], samples: int) -> list[Cost]:
    """Return the costs of ROWS, each in turn SAMPLES times, so that a change of the machine's load meets all."""
    times: dict[str, list[float]] = {row.name: [] for row in rows}
    sizes = dict.fromkeys(times, 0.0)
    for number in range(samples + 1):
        for row in rows:
            with _BEFORE[row.before](env["HOME"]):
                ms, memory = _run(row, env)
            if number:  # the first fills caches
                times[row.name].append(ms)
                sizes[row.name] = max(sizes[row.name], memory)
    found = []
    for row in rows:
        ordered = sorted(times[row.name])
        p90 = ordered[int(len(ordered) * 0.9)]
        found.append(Cost(row.name, statistics.median(ordered), p90, sizes[row.name], _modules(row, env)))
    return found


def _run(row: Row, env: dict[str, str]) -> tuple[float, float]:
    """Return the milliseconds and the peak memory in MiB of one run."""
    program, own = _filled(row.words, env), dict(zip(row.env, _filled(tuple(row.env.values()), env)))
    shop, env = f"{env['HOME']}/shop", {**env, **own}
    if row.shown:
        return _first_picture(program, shop, env)
    began = time.perf_counter()
    child = subprocess.Popen(
        program, cwd=shop, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    ms = (time.perf_counter() - began) * 1000
    if child.returncode not in (0, 1):
        raise lab.Trouble(f"{' '.join(program)} failed with exit status {child.returncode}")
    return ms, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _first_picture(program: list[str], directory: str, env: dict[str, str]) -> tuple[float, float]:
    """Return the same of PROGRAM on a terminal, up to its first picture; the memory is 0 where it is not told."""
    began = time.perf_counter()
    with closing(Terminal([shutil.which(program[0], path=env["PATH"]) or "", *program[1:]],
                          {**env, "TERM": "xterm"}, directory)) as terminal:  # fmt: skip
        if not terminal.expect(re.compile(rb"pid \d+"), 20):
            raise lab.Trouble(f"{' '.join(program)} shows nothing: {terminal.tail()}")
        ms = (time.perf_counter() - began) * 1000
        told = None
        with suppress(OSError), open(f"/proc/{terminal.pid}/status", encoding="ascii") as file:
            told = re.search(r"VmHWM:\s+(\d+) kB", file.read())
    return ms, int(told[1]) / 1024 if told else 0.0


def _modules(row: Row, env: dict[str, str]) -> int:
    """Return how many modules the command imports, 0 where it is not wend's, makes something or does not end."""
    if row.words[0] != "wend" or row.before or row.shown:
        return 0
    program = [sys.executable, "-I", "-X", "importtime", "-m", "wend", *_filled(row.words[1:], env)]
    own = dict(zip(row.env, _filled(tuple(row.env.values()), env)))
    done = subprocess.run(
        program, cwd=f"{env['HOME']}/shop", env={**env, **own}, capture_output=True, text=True, check=False
    )
    return len(re.findall(r"^import time: +\d", done.stderr, re.MULTILINE))


def _installed() -> str:
    """Return the size of what `pip install wend-shell` brings, without pip itself."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    sizes = {}
    for name in os.listdir(site):
        if not name.startswith(("pip", "setuptools", "_distutils", "distutils")):
            sizes[name] = sum(
                os.path.getsize(os.path.join(folder, file))
                for folder, _, files in os.walk(os.path.join(site, name))
                if "__pycache__" not in folder
                for file in files
            )
    total, own = sum(sizes.values()), sizes.get("wend", 0)
    return f"wend itself is {own / 1024:.0f} KiB installed, with all libraries {total / (1 << 20):.1f} MiB."


def _table(costs: list[Cost]) -> str:
    bare = next(each.ms for each in costs if each.name == _BARE)
    made = lab.version()
    commit = f" ({made['commit']})" if made.get("commit") else ""
    lines = [
        f"wend {made['version']}{commit}, measured {time.strftime('%Y-%m-%d')} on {os.cpu_count()} cores,"
        f" Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}."
        f" Medians of one run, in units of `{_BARE}`. Made by `benchmarks/workflow --readme`. {_installed()}",
        "",
        "| command | ratio | median | p90 | peak memory | modules |",
        "|---|---|---|---|---|---|",
    ]
    for each in costs:
        modules = str(each.modules or "")
        row = (f"`{each.name}`", f"{each.ms / bare:.1f}", f"{each.ms:.0f} ms", f"{each.p90:.0f} ms")
        lines.append(f"| {' | '.join((*row, f'{each.memory:.0f} MiB', modules))} |")
    return "\n".join(lines)


def _put(path: str, text: str) -> None:
    """Replace what stands between the markers in the file PATH."""
    with open(path, encoding="utf-8") as file:
        before = file.read()
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    with open(path, "w", encoding="utf-8") as file:
        file.write(pattern.sub(lambda _: f"{BEGIN}\n{text}\n{END}", before, count=1))
