"""The whole run, in order, and what is written at its end."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from typing import Any

import budgets
import draw
import field
import lab
import report
import scale
import starts
from lab import World

import shells

_PARTS = ("field", "daemon", "scale")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md and results.md")
    parser.add_argument(
        "--again", action="store_true", help="write tables and pictures from results.json, measure nothing"
    )
    parser.add_argument("--quick", action="store_true", help="fewer samples; nothing is written")
    parser.add_argument("--only", choices=_PARTS, action="append", help="one part of it; nothing is written")
    parser.add_argument("--shell", action="append", default=[], help="only this shell; nothing is written")
    parser.add_argument("--tool", action="append", default=[], help="only this tool; nothing is written")
    parser.add_argument("--against", metavar="REVISION", help="wend of that commit in the same run; nothing is written")
    given = parser.parse_args()
    path = os.path.join(lab.HERE, "results.json")
    if given.again:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or the scratch world would stay
        results = measure(given)
    partial = given.quick or given.only or given.shell or given.tool or given.against
    if not partial:
        _write(path, json.dumps(results, indent=1) + "\n")
        _write(os.path.join(lab.HERE, "results.svg"), draw.field(results["field"]))
        _write(os.path.join(lab.HERE, "scale.svg"), draw.scale(results["scale"]["points"]))
        if given.readme:
            report.put(os.path.join(lab.HERE, "README.md"), report.main_table(results))
            report.put(os.path.join(lab.HERE, "results.md"), report.other_tables(results))
    print(report.main_table(results), report.other_tables(results), sep="\n\n")
    if given.against and "field" in results:
        print("\n" + report.against(results["field"], f"wend {given.against}"))
    failed = [row for row in results.get("budgets", []) if row["ok"] is False]
    sys.exit(1 if failed else 0)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    parts = given.only or _PARTS
    began = time.monotonic()
    results: dict[str, Any] = {"machine": lab.machine(), "wend": lab.version()}
    absent: list[str] = []
    every = [shell for shell in shells.shells() if not given.shell or shell.name in given.shell]
    idle = budgets.Idle() if "daemon" in parts else None
    world = World()
    try:
        if "field" in parts:
            results["field"] = field.measure(world, every, given.quick, given.tool, given.against or "")
            absent += results["field"].pop("absent")
            lab.say("first prompt with no daemon")
            results["cold"] = field.cold(world, every, given.quick)
            lab.say("commands")
            bash = next((shell for shell in every if shell.name == "bash" and not shell.why_not()), None)
            if bash:
                results["commands"] = field.shims(world, bash, given.quick)
                absent += results["commands"].pop("absent")
            lab.say("commands for scripts")
            results["starts"] = starts.measure(world, given.quick)
            absent += results["starts"].pop("absent")
        if "scale" in parts:
            results["scale"] = scale.measure(world, given.quick)
            absent += results["scale"].pop("absent")
        if idle:
            lab.say("the daemon's budgets")
            results["daemon"] = {
                "cold": lab.summary(budgets.cold_start(world, 3 if given.quick else 11)),
                "storm": budgets.memory_and_storm(world, given.quick),
                "kinds": budgets.every_kind(world, given.quick),
            }
            lab.say("the idle minute")
            results["daemon"]["idle"] = idle.result(5 if given.quick else budgets.MINUTE)
    finally:
        if idle:
            idle.end()
        world.close()
    results["absent"] = absent
    results["seconds"] = round(time.monotonic() - began)
    if {"field", "daemon", "commands"} <= results.keys():
        results["budgets"] = budgets.table(results)
    return results


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
