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
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import lab

BEGIN, END = "<!-- workflow -->", "<!-- /workflow -->"
_BARE = "python -I -S -c pass"
# Name for the table, what stands before it, words; {home} is the scratch home.
_COMMANDS = (
    (_BARE, "", [sys.executable, "-I", "-S", "-c", "pass"]),
    ("wend --version", "", ["wend", "--version"]),
    ("wend python list", "", ["wend", "python", "list"]),
    ("wend python find", "", ["wend", "python", "find"]),
    ("wend create --dry-run", "", ["wend", "create", "--dry-run", "--force"]),
    ("wend create (uv, no packages)", "remove", ["wend", "create"]),
    ("uv venv --quiet, alone", "remove", ["uv", "venv", "--quiet"]),
    ("wend sync, nothing to do", "", ["wend", "sync"]),
    ("wend sync --check", "", ["wend", "sync", "--check"]),
    ("wend freeze --check", "", ["wend", "freeze", "--check"]),
    ("pip freeze, of the environment", "", ["{home}/shop/.venv/bin/python", "-m", "pip", "freeze"]),
    ("wend doctor, no hook installed", "", ["wend", "doctor"]),
)


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
        rows = [row for row in _COMMANDS if shutil.which(_program(row[2], env), path=env["PATH"])]
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
        venv.create(f"{home}/shop/.venv", symlinks=True, with_pip=True)
        with open(f"{home}/shop/requirements.txt", "w", encoding="utf-8") as file:
            file.write("# nothing that needs the network\n")
        subprocess.run([lab.wend(), "daemon", "start"], env=env, check=True, capture_output=True)
        subprocess.run([lab.wend(), "freeze", f"{home}/shop"], env=env, check=True, capture_output=True)
        yield env
    finally:
        subprocess.run([lab.wend(), "daemon", "stop"], env=env, check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def _program(words: list[str], env: dict[str, str]) -> str:
    return words[0].format(home=env["HOME"])


def _measure(rows: list[tuple[str, str, list[str]]], env: dict[str, str], samples: int) -> list[Cost]:
    """Return the costs of ROWS, each in turn SAMPLES times, so that a change of the machine's load meets all."""
    times: dict[str, list[float]] = {name: [] for name, _, _ in rows}
    sizes = dict.fromkeys(times, 0.0)
    for number in range(samples + 1):
        for name, before, words in rows:
            ms, memory = _run(before, words, env)
            if number:  # the first fills caches
                times[name].append(ms)
                sizes[name] = max(sizes[name], memory)
    found = []
    for name, _, words in rows:
        ordered = sorted(times[name])
        p90 = ordered[int(len(ordered) * 0.9)]
        found.append(Cost(name, statistics.median(ordered), p90, sizes[name], _modules(words, env)))
    return found


def _run(before: str, words: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Return the milliseconds and the peak memory in MiB of one run."""
    shop = f"{env['HOME']}/shop"
    if before == "remove":
        os.rename(f"{shop}/.venv", f"{shop}/old")
    began = time.perf_counter()
    program = [word.format(home=env["HOME"]) for word in words]
    child = subprocess.Popen(
        program, cwd=shop, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    ms = (time.perf_counter() - began) * 1000
    if child.returncode not in (0, 1):
        raise lab.Trouble(f"{' '.join(program)} failed with exit status {child.returncode}")
    if before == "remove":
        shutil.rmtree(f"{shop}/.venv")
        os.rename(f"{shop}/old", f"{shop}/.venv")
    return ms, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _modules(words: list[str], env: dict[str, str]) -> int:
    """Return how many modules the command imports, 0 where it is not wend's."""
    if words[0] != "wend" or ("create" in words[1:2] and "--dry-run" not in words):
        return 0
    program = [sys.executable, "-I", "-X", "importtime", "-m", "wend", *words[1:]]
    done = subprocess.run(program, cwd=f"{env['HOME']}/shop", env=env, capture_output=True, text=True, check=False)
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
    lines = [
        f"Measured {time.strftime('%Y-%m-%d')} on {os.cpu_count()} cores, Python {sys.version.split()[0]}, load"
        f" {os.getloadavg()[0]:.1f}. Medians of one run, in units of `{_BARE}`. Made by `benchmarks/workflow --readme`."
        f" {_installed()}",
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
