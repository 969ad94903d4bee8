"""The budgets: what wend may cost at most, against what it costs in this run."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import statistics
import string
import subprocess
import time
import venv
from typing import Any, Optional

import lab
import load
import starts
from lab import World
from load import Box, Constant, Crowd

MINUTE = 60.0
_PROJECTS = 50
_PYPROJECT = '[project]\nname = "shop"\nversion = "0.1"\n'
_PROMPT = {"bash": 0.03, "zsh": 0.03, "fish": 0.06, "pwsh": 0.06}  # forks
_START = {"bash": 1.5, "zsh": 1.5, "fish": 1.5, "pwsh": 20}  # forks; PowerShell compiles its way through .NET
_SWITCH = 1.25  # exchanges alone
_RIVALS = {"mise": 0.1, "direnv": 0.05}  # what a switch takes of theirs


class Idle:
    """Two daemons with ten living shells each, that are asked nothing: one under strace, one counted."""

    def __init__(self) -> None:
        self._worlds = [World(), World()]
        self._crowds = [Crowd(world) for world in self._worlds]
        self._pids = []
        for world, crowd in zip(self._worlds, self._crowds):
            self._pids.append(world.start_daemon())
            places = [world.project(f"p{i}") for i in range(5)]
            box = Box(world.box)
            for i, shell in enumerate(crowd.grow(10)):
                box.ask(*shell.request(places[i % 5]))
            box.close()
        time.sleep(1)  # until it has done what no shell waits for
        self._log = os.path.join(self._worlds[0].top, "strace")
        self._strace: Optional[subprocess.Popen[bytes]] = None
        if shutil.which("strace"):
            command = ["strace", "-f", "-ttt", "-o", self._log, "-p", str(self._pids[0])]
            self._strace = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            time.sleep(1)
        self._began = time.time()
        self._before = load.wakeups(self._pids[1])

    def result(self, seconds: float) -> dict[str, Any]:
        """Wait until SECONDS are over; return system calls and wake-ups."""
        while time.time() < self._began + seconds:
            time.sleep(0.2)
        now = time.time()
        wakeups = load.wakeups(self._pids[1]) - self._before
        calls: Optional[int] = None
        what: list[str] = []
        if self._strace:
            attached = self._strace.poll() is None
            with open(self._log, encoding="utf-8", errors="replace") as file:
                lines = [line for line in file if self._began < float(line.split()[1]) < now]
            calls = len(lines) if attached else None
            what = sorted(set(re.findall(r"^\S+ +\S+ (\w+)", "".join(lines), re.M)))
        return {"seconds": round(now - self._began), "calls": calls, "what": what, "wakeups": wakeups}

    def end(self) -> None:
        if self._strace:
            self._strace.terminate()
            self._strace.wait()
        for crowd, world in zip(self._crowds, self._worlds):
            crowd.end()
            world.close()


def cold_start(world: World, times: int) -> list[float]:
    """Return ms from starting the daemon as a hook does to the first answer."""
    place = world.project("cold")
    found = []
    crowd = Crowd(world)
    try:
        (shell,) = crowd.grow(1)
        for _ in range(times):
            world.stop_daemon()
            os.mkdir(world.box, 0o700)
            box = Box(world.box)
            base, request = shell.request(place)
            box.put(base, request)
            began = time.monotonic()
            process = subprocess.Popen(
                ["/bin/sh", "-c", '"$0" daemon run "$1" &', lab.wend(), world.box], env=world.env, cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            _, now = next(box.replies(10))
            found.append((now - began) * 1e3)
            process.wait()
            box.close()
            lab.until(world.daemon_pid, "the daemon's link")
    finally:
        crowd.end()
    return found


def memory_and_storm(world: World, quick: bool) -> dict[str, Any]:
    """Return memory with 1 and with 500 shells, and the latency of 500 shells that ask at once, beside the floor."""
    n = 100 if quick else 500
    world.stop_daemon()
    pid = world.start_daemon()
    places = [world.project(f"many/{i}") for i in range(_PROJECTS)]
    crowd, constant = Crowd(world), Constant(world)
    found: dict[str, Any] = {"shells": n}
    try:
        box = Box(world.box)
        (shell,) = crowd.grow(1)
        for i in range(6):
            box.ask(*shell.request(places[i % 2]))
        load.settle(pid)
        found["rss_1"] = round(load.resident(pid), 1)
        box.close()
        crowd.grow(n)
        first = [shell.request(places[i % _PROJECTS]) for i, shell in enumerate(crowd.shells)]
        values, lost = load.storm(world.box, first)
        found["first"] = {**lab.summary(values), "lost": lost}
        load.storm(constant.box, first)
        rounds: dict[str, list[dict[str, float]]] = {"wend": [], "constant": []}
        for turn in range(2 if quick else 7):
            everybody = [shell.request(places[(i + turn) % _PROJECTS]) for i, shell in enumerate(crowd.shells)]
            load.settle(pid)
            for name, path in (("wend", world.box), ("constant", constant.box)):
                values, missed = load.storm(path, everybody)
                lost += missed
                rounds[name].append(lab.summary(values))
        for name, got in rounds.items():
            found[name] = {
                key: round(statistics.median(one[key] for one in got), 3) for key in ("median", "p90", "p99")
            }
        found["lost"] = lost
        found["p99_ratio"] = round(found["wend"]["p99"] / found["constant"]["p99"], 2)
        load.settle(pid)
        found["rss_500"] = round(load.resident(pid), 1)
        found["descriptors"], found["threads"] = load.descriptors(pid), load.threads(pid)
    finally:
        crowd.end()
        constant.end()
    return found


def every_kind(world: World, quick: bool) -> dict[str, Any]:
    """Return how long a first question takes in projects of poetry's to those with a `.venv`, and the memory after.

    Every kind of environment has been met by then. The shell has sent what a kind asks for, as after its first time.
    """
    from wend.kinds import KINDS, declared

    if set(KINDS) != set(_KINDS):
        raise lab.Trouble(f"no project, or no kind any more: {set(KINDS) ^ set(_KINDS)}")
    world.stop_daemon()
    pid = world.start_daemon()
    crowd = Crowd(world)
    times: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    try:
        box = Box(world.box)
        (shell,) = crowd.grow(1)
        shell.names = tuple(sorted(declared()))
        n = 10 if quick else 40
        for i in range(n):
            for kind in _KINDS if i < 3 else ("venv", "poetry"):
                place, environment = _project(world, kind, f"kinds/{kind}-{i}")
                time.sleep(0.03)  # what is younger than a tick is not remembered
                base, request = shell.request(place, **_SET.get(kind, {}))
                times[kind].append(box.ask(base, request) * 1e3)
                with open(f"{box.path}/{base}.rep", encoding="utf-8") as file:
                    if environment not in file.read():
                        raise lab.Trouble(f"the project of {kind} does not get {environment}")
        load.settle(pid)
        medians = {kind: round(statistics.median(values), 3) for kind, values in times.items()}
        ratio = round(statistics.median(times["poetry"][3:]) / statistics.median(times["venv"][3:]), 2)
        return {"first_ms": medians, "poetry_ratio": ratio, "rss": round(load.resident(pid), 1)}
    finally:
        crowd.end()


_SET = {"uv": {"UV_PROJECT_ENVIRONMENT": "blue"}}  # variables of the shell in the project of a kind
# Kind -> the files of its project, and where its environment is. `$` stands for what the tool computes.
_KINDS: dict[str, tuple[dict[str, str], str]] = {
    "venv": ({"pyproject.toml": _PYPROJECT}, ".venv"),
    "poetry": (
        {"pyproject.toml": f"{_PYPROJECT}[tool.poetry]\npackage-mode = false\n", "poetry.lock": "#\n"},
        "~/.cache/pypoetry/virtualenvs/shop-$sha256-py3.12",
    ),
    "pipenv": ({"Pipfile": "[packages]\n"}, ".venv"),
    "pdm": ({"pyproject.toml": _PYPROJECT, "pdm.lock": "#\n"}, "~/.local/share/pdm/venvs/$name-$md5-3.12"),
    "hatch": (
        {"pyproject.toml": f"{_PYPROJECT}[tool.hatch.envs.default]\nskip-install = true\n"},
        "~/.local/share/hatch/env/virtual/shop/$sha256/shop",
    ),
    "pixi": (
        {"pixi.toml": "[workspace]\n", ".pixi/envs/default/conda-meta/pixi_env_prefix": "$root/.pixi/envs/default"},
        ".pixi/envs/default",
    ),
    "conda": (
        {"environment.yml": "prefix: ./env\n", "env/conda-meta/history": "# cmd: conda create -p $root/env\n"},
        "env",
    ),
    "setting": ({"pyproject.toml": f"{_PYPROJECT}[tool.wend]\nenv = 'blue'\n"}, "blue"),
    "pointer": ({".venv": "envs/blue\n"}, "envs/blue"),
    "mise": ({"mise.toml": '[env]\n_.python.venv = "blue"\n'}, "blue"),
    "uv": ({"pyproject.toml": _PYPROJECT}, "blue"),
    "mise-version": ({".tool-versions": "python 3.12.1\n"}, "~/.asdf/installs/python/3.12.1"),
    "pyenv": ({".python-version": ">=3.11,<3.13\n"}, "~/.pyenv/versions/3.12.1"),
    "virtualenvwrapper": ({"~/.virtualenvs/$name/.project": "$root\n"}, "~/.virtualenvs/$name"),
}


def _project(world: World, kind: str, name: str) -> tuple[str, str]:
    """Make the project NAME of KIND, return its directory and that of its environment."""
    root = world.directory(name)
    words = {"root": root, "name": os.path.basename(root)}
    for algorithm in ("sha256", "md5"):
        digest = hashlib.new(algorithm, root.encode(), usedforsecurity=False).digest()
        words[algorithm] = base64.urlsafe_b64encode(digest).decode()[:8]

    def path(text: str) -> str:
        text = string.Template(text).substitute(words)
        return os.path.join(world.home, text[2:]) if text.startswith("~/") else os.path.join(root, text)

    files, place = _KINDS[kind]
    if not os.path.exists(os.path.join(path(place), "bin")):
        venv.create(path(place), symlinks=True)
        if kind in ("conda", "pixi"):
            os.remove(os.path.join(path(place), "pyvenv.cfg"))
    for file, text in files.items():
        world.file(path(file), string.Template(text).substitute(words))
    return root, path(place)


def table(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows of {"what", "at_most", "measured", "unit", "ok"}; ok is None where nothing was measured."""
    rows: list[dict[str, Any]] = []

    def row(what: str, limit: float, value: Optional[float], unit: str) -> None:
        value = None if value is None else round(value, 4 if value < 0.1 else 2)
        rows.append(
            {
                "what": what,
                "at_most": limit,
                "measured": value,
                "unit": unit,
                "ok": None if value is None else value <= limit,
            }
        )

    results = run["field"]["results"]
    forks = run["field"]["forks"]

    def hook(shell: str, *ops: str) -> float:
        """Return what the hook adds to OPS, in forks: the shell's own cd and our clock are taken off."""
        wend, nothing = results[shell]["wend"], results[shell]["nothing"]
        added: float = sum(wend[op]["median"] - nothing[op]["median"] for op in ops) / forks[shell]
        return max(0.0, added)

    for shell, tools in results.items():
        wend, nothing = tools.get("wend"), tools.get("nothing")
        if not wend or not nothing:
            continue
        counts = [wend[op].get("processes") for op in ("prompt", "inside", "switch", "enter", "leave")]
        row(f"{shell}: processes at a prompt or a cd", 0, None if None in counts else max(counts), "processes")
        row(f"{shell}: prompt, nothing changed", _PROMPT[shell], hook(shell, "prompt"), "forks")
        for other, limit in (("exchange alone", _SWITCH), *_RIVALS.items()):
            if other in tools:
                ratio = wend["switch"]["median"] / tools[other]["switch"]["median"]
                row(f"{shell}: cd that switches, to that of {other}", limit, ratio, "times")
        row(f"{shell}: start with the hook, daemon running", _START[shell], hook(shell, "load", "first"), "forks")
        counts = [wend[op].get("processes") for op in ("load", "first")]
        row(f"{shell}: processes at start", 0, None if None in counts else sum(counts), "processes")
    daemon = run["daemon"]
    row("daemon: memory, 1 shell", 24, daemon["storm"]["rss_1"], "MiB")
    row(f"daemon: memory, {daemon['storm']['shells']} shells", 32, daemon["storm"]["rss_500"], "MiB")
    row("daemon: memory, every kind in use", 32, daemon["kinds"]["rss"], "MiB")
    row("poetry: first question to that in a .venv project", 2, daemon["kinds"]["poetry_ratio"], "times")
    row("daemon: system calls in an idle minute", 0, daemon["idle"]["calls"], "calls")
    row("daemon: wake-ups in an idle minute", 0, daemon["idle"]["wakeups"], "wake-ups")
    row("daemon: cold start to first answer", 150, daemon["cold"]["median"], "ms")
    row(f"{daemon['storm']['shells']} shells at once: requests lost", 0, daemon["storm"]["lost"], "requests")
    row(f"{daemon['storm']['shells']} shells at once: p99 to a constant's", 2, daemon["storm"]["p99_ratio"], "times")
    commands = run["commands"]["numbers"]
    row("wend status", 80, commands["status"]["median"] / 1e3, "ms")
    row("wend --help", 60, commands["help"]["median"] / 1e3, "ms")
    numbers = run["starts"]["numbers"] if "starts" in run else {}
    for name in (f"{command}{where}" for command in starts.AIMED for where in ("", starts.ALONE)):
        row(name, starts.AIM, numbers.get(name, {}).get("ratio"), f"starts of {starts.BARE}")
    for rival in ("direnv exec", "uv run"):
        if rival in numbers and "wend exec" in numbers:
            row(f"wend exec, to {rival}", 1, numbers["wend exec"]["ratio"] / numbers[rival]["ratio"], "times")
    return rows
