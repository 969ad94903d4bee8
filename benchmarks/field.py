"""Against the field: each tool in each shell, in a real terminal, by the shell's own clock."""

from __future__ import annotations

import os
import shutil
import statistics
from collections import defaultdict
from typing import Any

import lab
import rivals
from lab import Trouble, World
from rivals import Tool, Wend

from shells import DONE, READY, Shell, Step, Terminal

OPS = ("prompt", "inside", "switch", "enter", "leave", "load", "first")
STRACE = ["strace", "-f", "-qq", "-s", "256", "-e", "signal=none"]
PROCESSES = "trace=%process,%%stat,?access,faccessat,?faccessat2"
_QUICK = 0.25  # part of the rounds that a quick run makes


class Bench:
    """One tool in one shell of one world."""

    def __init__(self, world: World, shell: Shell, tool: Tool) -> None:
        self.world, self.shell, self.tool = world, shell, tool
        self.place = world.directory(f".rc/{tool.slug}-{shell.name}")
        self.env = {**world.env, **tool.env}
        self.load = tool.load(shell, world)

    def terminal(self, timed: str, cwd: str, wrapper: tuple[str, ...] = ()) -> Terminal:
        """Start the shell; TIMED as in Shell.rc."""
        rc = os.path.join(self.place, f"rc.{self.shell.ending}")
        with open(rc, "w", encoding="utf-8") as file:
            file.write(self.shell.rc(self.load, self.out, timed))
        command, env = self.shell.command(rc)
        return Terminal([*wrapper, *command], {**self.env, **env}, cwd)

    @property
    def out(self) -> str:
        return os.path.join(self.place, "out")

    def run(self, steps: list[Step], rounds: int, how: str, wrapper: tuple[str, ...] = ()) -> list[tuple[str, float]]:
        """Do STEPS for ROUNDS times in a shell that stands in alpha; return the samples if HOW is "time"."""
        script = os.path.join(self.place, f"script.{self.shell.ending}")
        settle = [
            Step("", cd=path) for path in (self.tool.beta, self.world.out, self.tool.alpha, f"{self.tool.alpha}/sub")
        ]
        settle = [*self.tool.steps(self.world), *settle, Step("", cd=self.tool.alpha)] if not wrapper else settle
        quiet = [step._replace(op="", wanted=None) for step in settle]
        with open(script, "w", encoding="utf-8") as file:
            file.write(self.shell.script(steps, rounds, self.out, how))
        warm = os.path.join(self.place, f"warm.{self.shell.ending}")
        with open(warm, "w", encoding="utf-8") as file:
            file.write(self.shell.script([*quiet, Step("", cd=self.tool.alpha)], 2, self.out, "time"))
        terminal = self.terminal("", self.tool.alpha, wrapper)
        try:
            terminal.wait(READY.encode())
            terminal.type(f". {warm}")
            terminal.wait(DONE.encode(), 120)
            terminal.wait(READY.encode())
            before = len(terminal.output)
            terminal.type(f". {script}")
            terminal.wait(DONE.encode(), 240)
            return self.shell.samples(self.out, terminal.output[before:]) if how == "time" else []
        finally:
            terminal.close()

    def start(self, cwd: str) -> tuple[list[tuple[str, float]], float]:
        """Start the shell in CWD; return the samples of loading and of the first prompt, and ms to that prompt."""
        terminal = self.terminal("time", cwd)
        try:
            whole = terminal.wait(DONE.encode()) * 1e3
            return self.shell.samples(self.out, terminal.output), whole
        finally:
            terminal.close()

    def count(self) -> dict[str, float]:
        """Return processes started for each operation, the median of three rounds (of one where all are slow)."""
        found: dict[str, list[int]] = defaultdict(list)
        log = os.path.join(self.place, "strace")
        wrapper = (*STRACE, "--seccomp-bpf", "-e", PROCESSES, "-o", log)
        self.run(self.tool.steps(self.world), 3 if self.tool.rounds > 1 else 1, "mark", wrapper)
        for op, lines in lab.between_marks(log):
            found[op].append(sum(map(lab.new_process, lines)))
        terminal = self.terminal("mark", self.world.out, wrapper)
        try:
            terminal.wait(DONE.encode(), 120)
        finally:
            terminal.close()
        for op, lines in lab.between_marks(log):
            if op != "true":
                found[op].append(sum(map(lab.new_process, lines)))
        return {op: statistics.median(values) for op, values in found.items() if op.strip("-")}


def measure(world: World, shells: list[Shell], quick: bool, names: list[str], earlier: str = "") -> dict[str, Any]:
    """Return {"tools", "shells", "forks", "results": {shell: {tool: {op: numbers}}}, "absent"}."""
    tools = [tool for tool in rivals.tools(earlier) if not names or tool.name in (*names, f"wend {earlier}")]
    for tool in tools:
        _prepare(tool, world)
    chosen = [tool for tool in tools if not tool.missing]
    absent = [f"{tool.name}: {tool.missing}" for tool in tools if tool.missing]
    if not shutil.which("strace"):
        absent.append("counts of processes: strace is not installed")
    results: dict[str, Any] = {}
    forks: dict[str, float] = {}
    for shell in shells:
        if shell.why_not():
            absent.append(f"{shell.name}: {shell.why_not()}")
            continue
        shell.version = shell.measure_version()
        here = [tool for tool in chosen if not tool.why_not(shell)]
        absent += [f"{tool.name}: {tool.why_not(shell)}" for tool in chosen if tool not in here and tool.name == "wend"]
        samples, troubles = _samples(world, shell, here, quick)
        absent += troubles
        every = [value for values in samples.values() for op, value in values if op == "true"]
        if not every:
            continue
        forks[shell.name] = round(statistics.median(every), 1)
        results[shell.name] = {}
        for tool in here:
            if samples[tool.name]:
                bench = Bench(world, shell, tool)
                results[shell.name][tool.name], troubles = _result(bench, samples[tool.name], forks[shell.name])
                absent += troubles
    return {
        "shells": {shell.name: shell.version for shell in shells if shell.version},
        "tools": {tool.name: tool.version for tool in chosen},
        "forks": forks,
        "results": results,
        "absent": absent,
    }


def _prepare(tool: Tool, world: World) -> None:
    """Find or install TOOL and make its projects; `missing` says why not."""
    tool.have()
    if not tool.missing:
        try:
            tool.prepare(world)
        except Trouble as trouble:
            tool.missing = str(trouble)


def _samples(
    world: World, shell: Shell, tools: list[Tool], quick: bool
) -> tuple[dict[str, list[tuple[str, float]]], list[str]]:
    """Return the samples of each of TOOLS in SHELL, and what went wrong."""
    samples: dict[str, list[tuple[str, float]]] = {tool.name: [] for tool in tools}
    troubles = []
    for part in (0, 1):  # twice, so that no tool has a quiet moment for itself
        for tool in tools if part == 0 else reversed(tools):
            lab.say(f"{shell.name}, {tool.name}, {part + 1} of 2")
            try:
                samples[tool.name] += _pass(Bench(world, shell, tool), quick)
            except Trouble as trouble:
                troubles.append(f"{tool.name} in {shell.name}: {trouble}")
    return samples, troubles


def _result(bench: Bench, samples: list[tuple[str, float]], fork: float) -> tuple[dict[str, Any], list[str]]:
    """Return the numbers of BENCH's tool, with processes where they can be counted, and what went wrong."""
    where = f"{bench.tool.name} in {bench.shell.name}"
    numbers, wrong = _numbers(samples, fork)
    troubles = [f"{where}: {op} ended in the wrong environment {n} times" for op, n in wrong]
    if shutil.which("strace"):
        try:
            for op, count in bench.count().items():
                if op in numbers:
                    numbers[op]["processes"] = count
        except Trouble as trouble:
            troubles.append(f"counts for {where}: {trouble}")
    return numbers, troubles


def _pass(bench: Bench, quick: bool) -> list[tuple[str, float]]:
    rounds = max(1, int(bench.tool.rounds * (_QUICK if quick else 1)))
    samples = bench.run(bench.tool.steps(bench.world), rounds, "time")
    starts = 2 if quick or bench.tool.rounds < 8 else 5
    if bench.tool.rounds >= 40 and not quick and bench.shell.name != "pwsh":
        starts = 15  # quick ones, of which small differences are asked
    for _ in range(starts):
        more, whole = bench.start(bench.world.out)
        samples += [*more, ("start", whole * 1e3)]
    return samples


def _numbers(samples: list[tuple[str, float]], one: float) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    by_op: dict[str, list[float]] = defaultdict(list)
    wrong: dict[str, int] = defaultdict(int)
    for op, value in samples:
        if op.startswith("wrong-"):
            wrong[op[6:]] += 1
        else:
            by_op[op].append(value)
    found = {
        op: {**lab.summary(values), "ratio": round(statistics.median(values) / one, 4)} for op, values in by_op.items()
    }
    return found, list(wrong.items())


# -- wend alone --------------------------------------------------------------------------------------------


def cold(world: World, shells: list[Shell], quick: bool) -> dict[str, Any]:
    """Return, for each shell, the time of a first prompt with no daemon, with an environment to be entered."""
    tool = Wend()
    tool.have()
    tool.prepare(world)
    found: dict[str, Any] = {}
    for shell in shells:
        if shell.why_not() or tool.why_not(shell):
            continue
        bench = Bench(world, shell, tool)
        # Loading is not what is asked about: the hook is there, no daemon is, then a prompt comes.
        steps = [Step("true", code="/bin/true", prompt=False), Step("cold", wanted=tool.alpha_env)]
        script = os.path.join(bench.place, f"cold.{shell.ending}")
        with open(script, "w", encoding="utf-8") as file:
            file.write(shell.script(steps, 1, bench.out, "time"))
        bench.load = [*bench.load, f". {script}"]
        values, late = [], 0
        for _ in range(2 if quick else 7):
            world.stop_daemon()
            terminal = bench.terminal("", tool.alpha)
            try:
                terminal.wait(DONE.encode())
                for op, value in shell.samples(bench.out, terminal.output):
                    if op == "cold":
                        values.append(value / 1e3)
                    late += op == "wrong-cold"
            finally:
                terminal.close()
        found[shell.name] = {**lab.summary(values), "late": late}
    return found


def shims(world: World, shell: Shell, quick: bool) -> dict[str, Any]:
    """Return the time of `python -c 1` through a pyenv shim, on wend's PATH and by its own path; and of `wend`."""
    tool = Wend()
    tool.have()
    tool.prepare(world)
    root = rivals.pyenv_root()
    version = rivals.pyenv_version(root) if root else None
    steps = [Step("true", code="/bin/true", prompt=False)]
    missing = ""
    if version and os.path.exists(f"{root}/shims/python"):
        world.file("pinned/.python-version", f"{version}\n")
        tool.env = {"PYENV_ROOT": root, "PATH": f"{root}/bin:{world.env['PATH']}"}
        python = f"{root}/versions/{version}/bin/python"
        found = "if [[ $(command -v python) == {} ]]; then __good=1; else __good=0; fi"
        steps += [
            Step("", cd=f"{world.home}/pinned", code="__was=$PATH"),
            Step("", code="__path=$PATH; hash -r; " + found.format(python), prompt=False),
            Step("wend", code="python -c 1", prompt=False, variable="__good", wanted="1"),
            Step("direct", code=f"{python} -c 1", prompt=False),
            Step("", code=f"PATH={root}/shims:$__path; hash -r", prompt=False),
            Step("shim", code="python -c 1", prompt=False),
            Step("", code="PATH=$__path", cd=world.out),
        ]
    else:
        missing = "python through a shim: pyenv has no Python 3 and shims here"
    program = lab.wend()
    steps += [
        Step("help", code=f"{program} --help >/dev/null", prompt=False),
        Step("status", code=f"{program} status >/dev/null", prompt=False),
    ]
    tool.name = "commands"
    tool.alpha = tool.beta = world.out
    bench = Bench(world, shell, tool)
    samples = bench.run(steps, 3 if quick else 15, "time")
    numbers, wrong = _numbers(samples, statistics.median(value for op, value in samples if op == "true"))
    if wrong:
        missing = "python by wend: the pinned Python was not first on PATH"
        numbers.pop("wend", None)
    return {"numbers": numbers, "python": version, "absent": [missing] if missing else []}
