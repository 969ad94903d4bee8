"""The guard: processes and system calls for each prompt, each switch and each answer, against recorded limits.

Counts do not flicker as times do. What does flicker is left out: a shell's looks for a reply that is not there yet
(fish has no other way to wait), its looks at the clock between them, what an interpreter does for its own memory and
signals (zsh masks one around each allocation), and all of PowerShell's calls (.NET collects garbage and compiles when
it likes): of PowerShell only processes are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import Any, Optional

import field
import lab
import load
import rivals
from lab import Trouble, World

import shells
from shells import Shell, Step

LIMITS = os.path.join(lab.HERE, "limits.json")
SLACK = 10  # system calls that a count may be above its limit
_ROUNDS = 10
_NOISE = re.compile(
    r'\.rep".*ENOENT|/proc/uptime|^\d+ +(?:sched_yield|clock_nanosleep|restart_syscall'
    r"|rt_sigprocmask|rt_sigreturn|mmap|munmap|mprotect|madvise|brk|futex)\b"
)
_NO_CALL = re.compile(r"^\d+ +(?:\+\+\+|---|<\.\.\. )")
# For --prove: what is added to each prompt.
_PROCESS = {"bash": "/bin/true", "zsh": "/bin/true", "fish": "/bin/true", "pwsh": "/bin/true"}
_CALLS = {
    "bash": "for __x in {1..20}; do [[ -e /proc/self/none ]]; done",
    "zsh": "repeat 20; do [[ -e /proc/self/none ]]; done",
    "fish": "for x in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; test -e /proc/self/none; end",
}
_HOOK = {
    "bash": "__wend_extra() {{ {}; }}; PROMPT_COMMAND+=(__wend_extra)",
    "zsh": "__wend_extra() {{ {}; }}; precmd_functions+=(__wend_extra)",
    "fish": "function __wend_extra --on-event fish_prompt; {}; end",
    "pwsh": "$global:__wend_was = $function:prompt; function global:prompt {{ {}; & $global:__wend_was }}",
}

Counts = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/guard", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write what is counted now into limits.json")
    parser.add_argument(
        "--prove", action="store_true", help="see it fail: one process, then 20 calls, in a copy of each hook"
    )
    parser.add_argument("--shell", action="append", default=[], help="only this shell, and not the daemon")
    given = parser.parse_args()
    if not shutil.which("strace"):
        sys.exit("guard: strace is not installed: apt-get install strace")
    every = [shell for shell in shells.shells() if not given.shell or shell.name in given.shell]
    world = World()
    try:
        counts = _shells(world, every, None)
        if not given.shell:
            counts["daemon"] = _daemon(world)
        known = _read()
        if given.record:
            _record({**known, **counts})
            return
        grown = compare(known, counts, show=True)
        if os.environ.get("CI"):
            grown += [f"{shell.name}: missing, and this is CI" for shell in every if shell.name not in counts]
        if given.prove:
            grown += _prove(world, every, known)
    finally:
        world.close()
    for line in grown:
        print(line)
    if grown:
        sys.exit("guard: if that is meant: benchmarks/guard --record, and say in the commit what it is for")
    print("nothing has grown")


def compare(known: Counts, counts: Counts, *, show: bool = False) -> list[str]:
    """Return a line for each count that is above its limit, or has none."""
    found = []
    for who, ops in counts.items():
        limits = known.get(who)
        if limits is None:
            found.append(f"{who}: no limits are recorded")
            continue
        other = limits.get("version") != ops.get("version")
        versions = f" (recorded with {limits.get('version')}, this is {ops.get('version')})" if other else ""
        for op, numbers in ops.items():
            if op == "version":
                continue
            for what, slack in (("processes", 0), ("calls", SLACK)):
                if what not in numbers or what not in limits.get(op, {}):
                    continue
                now, limit = numbers[what], limits[op][what]
                if show:
                    print(f"{who:7} {op:7} {now:4g} {what}, recorded {limit:g}{versions}")
                if now > limit + slack:
                    found.append(f"{who}: {op}: {now:g} {what}, {limit:g} are recorded{versions}")
    return found


def _prove(world: World, every: list[Shell], known: Counts) -> list[str]:
    """Return a line for each thing added that was not noticed."""
    found = []
    for what, extra in (("processes", _PROCESS), ("calls", _CALLS)):
        for shell in every:
            if shell.name not in extra or shell.why_not():
                continue
            line = _HOOK[shell.name].format(extra[shell.name])
            grown = compare(known, _shells(world, [shell], line))
            for op in ("prompt", "switch"):
                noticed = [text for text in grown if f" {op}: " in text and f" {what}, " in text]
                verdict = f"noticed: {noticed[0]}" if noticed else f"NOT NOTICED, {what}"
                print(f"added to {shell.name}: {verdict}")
                if not noticed:
                    found.append(f"{shell.name}: {op}: more {what} were not noticed")
    return found


def _shells(world: World, every: list[Shell], extra: Optional[str]) -> Counts:
    """Return the counts of each shell, with EXTRA in a copy of its hook."""
    tool = rivals.Wend()
    tool.have()
    tool.prepare(world)
    steps = [Step("prompt"), Step("switch", cd=tool.beta), Step("prompt"), Step("switch", cd=tool.alpha)]
    found: Counts = {}
    for shell in every:
        why = shell.why_not() or tool.why_not(shell)
        if why:
            print(f"{shell.name}: not counted: {why}")
            continue
        bench = field.Bench(world, shell, tool)
        if extra:
            bench.load = [*bench.load, extra]
        log = os.path.join(bench.place, "strace")
        traced = field.PROCESSES if shell.name == "pwsh" else "trace=all"
        bench.run(steps, _ROUNDS, "mark", (*field.STRACE, "-y", "-e", traced, "-o", log))
        calls: dict[str, list[int]] = defaultdict(list)
        processes: dict[str, list[int]] = defaultdict(list)
        for op, lines in lab.between_marks(log):
            calls[op].append(sum(not _NOISE.search(line) and not _NO_CALL.match(line) for line in lines))
            processes[op].append(sum(map(lab.new_process, lines)))
        found[shell.name] = {"version": shell.measure_version()}
        for op in ("prompt", "switch"):
            if len(calls[op]) != 2 * _ROUNDS:
                raise Trouble(f"{shell.name}: {len(calls[op])} of {2 * _ROUNDS} marks seen at {op}")
            numbers = {"processes": max(processes[op]), "calls": statistics.median(calls[op])}
            if shell.name == "pwsh":
                del numbers["calls"]
            found[shell.name][op] = numbers
    return found


def _daemon(world: World) -> dict[str, Any]:
    """Return the daemon's calls for an answer that it gave before, and for one that it never gave."""
    world.stop_daemon()
    places = [world.project(f"counted/{name}") for name in ("alpha", "beta")]
    log = os.path.join(world.top, "daemon.strace")
    command = [*field.STRACE, "-o", log, lab.wend(), "daemon", "run", world.box]
    strace = subprocess.Popen(command, env=world.env, cwd="/", stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    crowd = load.Crowd(world)
    try:
        pid = lab.until(world.daemon_pid, "the daemon's start")
        (shell,) = crowd.grow(1)
        box = load.Box(world.box)
        kinds: dict[str, str] = {}
        for i in range(30):
            fresh = {"P9K_VERSION": str(i)} if i >= 18 else {}
            base, request = shell.request(places[i % 2], **fresh)
            kinds[base] = "new" if i >= 18 else "again" if i >= 6 else ""
            box.ask(base, request)
            load.settle(pid)  # what no shell waits for is part of the answer's price
        box.close()
    finally:
        crowd.end()
        world.stop_daemon()
        strace.wait()
    counts: dict[str, list[int]] = defaultdict(list)
    kind, count = "", 0
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            if _NO_CALL.match(line):
                continue
            opened = re.search(r'open.*"[^"]*/([^/"]+)\.req"', line)
            if opened:
                counts[kind].append(count)
                kind, count = kinds.get(opened.group(1), ""), 0
            count += 1
    return {op: {"calls": statistics.median(counts[op])} for op in ("again", "new")}


def _read() -> Counts:
    if not os.path.exists(LIMITS):
        return {}
    with open(LIMITS, encoding="utf-8") as file:
        found: Counts = json.load(file)
    return found


def _record(counts: Counts) -> None:
    with open(LIMITS, "w", encoding="utf-8") as file:
        file.write(json.dumps(counts, indent=1) + "\n")
    print(f"recorded in {LIMITS}")
