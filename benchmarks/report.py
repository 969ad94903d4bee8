"""The tables, as Markdown."""
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import Any, Optional

BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
OPS = {
    "prompt": "prompt, nothing changed",
    "inside": "`cd` inside a project",
    "switch": "`cd` from project to project",
    "enter": "`cd` into a project",
    "leave": "`cd` out of it",
    "start": "what a shell's start pays",
}


def put(path: str, text: str) -> None:
    """Replace what stands between the markers in the file PATH; without markers nothing is done."""
    with open(path, encoding="utf-8") as file:
        before = file.read()
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    after = pattern.sub(lambda _: f"{BEGIN}\n{text}\n{END}", before, count=1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(after)


def main_table(run: dict[str, Any]) -> str:
    """Return where it was measured, and the table of wend beside other tools: what README.md shows."""
    lines = [f"{_where(run)} Made by `benchmarks/run --readme`.", ""]
    if "field" in run:
        lines += [
            "Each figure is a median in units of one fork+exec of /bin/true from the same shell in the same run (and the time; processes started).",
            "",
            *_field(run, tuple(OPS), "exchange alone"),
        ]
    return "\n".join(lines).rstrip()


def other_tables(run: dict[str, Any]) -> str:
    """Return everything else that was measured."""
    lines = []
    if "field" in run:
        lines += ["## Spread", "", *_spread(run), ""]
    if "cold" in run:
        lines += ["## First prompt with no daemon", "", "| shell | median | p90 | late answers |", "|---|---|---|---|"]
        for shell, numbers in run["cold"].items():
            lines.append(f"| {shell} | {numbers['median']:.0f} ms | {numbers['p90']:.0f} ms | {numbers['late']} |")
        lines.append("")
    if "commands" in run:
        lines += ["## Commands", "", *_commands(run["commands"]), ""]
    if "starts" in run:
        lines += ["## Commands for scripts", "", *_starts(run["starts"]["numbers"]), ""]
    if "budgets" in run:
        lines += ["## Budgets", "", "| what | at most | measured | |", "|---|---|---|---|"]
        for row in run["budgets"]:
            verdict = {True: "reached", False: "**missed**", None: "not measured"}[row["ok"]]
            measured = "" if row["measured"] is None else f"{row['measured']:g}"
            lines.append(f"| {row['what']} | {row['at_most']:g} {row['unit']} | {measured} | {verdict} |")
        lines.append("")
    if "scale" in run:
        lines += _scale(run["scale"]["points"])
    if run["absent"]:
        lines += ["## Not measured", "", *[f"- {text}" for text in run["absent"]], ""]
    return "\n".join(lines).rstrip()


def against(field: dict[str, Any], earlier: str) -> str:
    """Return what wend costs beside what EARLIER cost in the same run."""
    lines = [f"## Against {earlier}", "", f"| | shell | {earlier} | now | ratio |", "|---|---|---|---|---|"]
    for op, title in OPS.items():
        for shell, found in field["results"].items():
            before, now = (total(found.get(tool), op) for tool in (earlier, "wend"))
            if before and now:
                lines.append(f"| {title} | {shell} | {_time(before[1])} | {_time(now[1])} | {now[1] / before[1]:.2f} |")
    return "\n".join(lines)


def _where(run: dict[str, Any]) -> str:
    machine = run["machine"]
    names = {**run.get("field", {}).get("shells", {})}
    tools = {name: number for name, number in run.get("field", {}).get("tools", {}).items() if number[:1].isdigit()}
    tools["wend"] = run["wend"]["version"] + (f" ({run['wend']['commit']})" if run["wend"].get("commit") else "")
    listed = ", ".join(f"{name} {number}" for name, number in {**names, **tools}.items())
    return (
        f"Measured {machine['date']} on {machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, {machine['system']}, "
        f"Linux {machine['kernel']}, load {machine['load_before']} before: {listed}."
    )


def _field(run: dict[str, Any], ops: tuple[str, ...], *more: str) -> list[str]:
    results = run["field"]["results"]
    tools = [tool for tool in ("wend", "manual", "mise", "direnv", "pyenv-virtualenv", *more, "nothing")
             if any(tool in results[shell] for shell in results)]  # fmt: skip
    titles = ["no tool" if tool == "nothing" else tool for tool in tools]
    lines = [f"| | shell | {' | '.join(titles)} | fork+exec |", "|---" * (len(tools) + 3) + "|"]
    for op in ops:
        for i, (shell, found) in enumerate(results.items()):
            cells = [_cell(found.get(tool), op) for tool in tools]
            one = run["field"]["forks"].get(shell, 0)
            lines.append(f"| {OPS[op] if not i else ''} | {shell} | {' | '.join(cells)} | {_time(one)} |")
    return lines


def _cell(found: Optional[dict[str, Any]], op: str) -> str:
    numbers = total(found, op)
    if numbers is None:
        return ""
    ratio, micros, processes = numbers
    count = "" if processes is None else f"; {processes:g}"
    return f"{_two(ratio)} ({_time(micros)}{count})"


def total(found: Optional[dict[str, Any]], op: str) -> Optional[tuple[float, float, Optional[float]]]:
    """Return ratio, microseconds and processes of OP; a start is loading and the first prompt."""
    parts = [found.get(part) for part in (("load", "first") if op == "start" else (op,))] if found else [None]
    if not found or not all(parts):
        return None
    sums = [sum(part[key] for part in parts if part) for key in ("ratio", "median")]
    counts = [part.get("processes") for part in parts if part]
    return sums[0], sums[1], None if None in counts else sum(counts)


def _spread(run: dict[str, Any]) -> list[str]:
    lines = [
        "Spread of wend's own times, in microseconds:",
        "",
        "| | shell | n | p10 | median | p90 | p99 |",
        "|---" * 7 + "|",
    ]
    for op in ("true", "prompt", "inside", "switch", "enter", "leave", "load", "first"):
        for shell, found in run["field"]["results"].items():
            numbers = found.get("wend", {}).get(op)
            if numbers:
                values = " | ".join(f"{numbers[key]:.0f}" for key in ("p10", "median", "p90", "p99"))
                lines.append(f"| {op} | {shell} | {numbers['n']} | {values} |")
    return lines


def _commands(run: dict[str, Any]) -> list[str]:
    names = {
        "shim": f"`python -c 1` ({run['python']}) through a pyenv shim",
        "wend": "the same on the PATH that wend made",
        "direct": "the same by its own path",
        "status": "`wend status`",
        "help": "`wend --help`",
    }
    lines = ["| | median | p90 | fork+exec |", "|---|---|---|---|"]
    for op, text in names.items():
        numbers = run["numbers"].get(op)
        if numbers:
            lines.append(
                f"| {text} | {_time(numbers['median'])} | {_time(numbers['p90'])} | {_two(numbers['ratio'])} |"
            )
    return lines


def _starts(numbers: dict[str, Any]) -> list[str]:
    lines = ["| | median | p90 | in starts of a bare Python |", "|---|---|---|---|"]
    for name, found in numbers.items():
        times = f"{_time(found['median'])} | {_time(found['p90'])}"
        lines.append(f"| `{name}` | {times} | {_two(found['ratio'])} |")
    return lines


def _scale(points: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = [
        "## Scale",
        "",
        "| shells asking at once | p50 | p99 | a constant's p50 | a constant's p99 | lost |",
        "|---" * 6 + "|",
    ]
    for point in points.get("asking", []):
        keys = ("p50_ms", "p99_ms", "constant_p50_ms", "constant_p99_ms")
        lines.append(f"| {point['n']} | {' | '.join(f'{point[key]:.2f} ms' for key in keys)} | {point['lost']} |")
    titles = {
        "living": "shells living",
        "decisions": "projects decided about",
        "depth": "directories below the project's root",
        "files": "files in the project's root",
        "path": "entries on PATH",
    }
    for name, title in titles.items():
        if not points.get(name):
            continue
        lines += [
            "",
            f"| {title} | asked before: p50 | p99 | CPU | never asked: p50 | p99 | CPU | memory | descriptors | threads |",
        ]
        lines.append("|---" * 10 + "|")
        for point in points[name]:
            cells = [
                f"{point[f'{kind}_{key}_ms']:.2f} ms" for kind in ("again", "new") for key in ("p50", "p99", "cpu")
            ]
            cells += [f"{point['rss_mib']:.1f} MiB", str(point["descriptors"]), str(point["threads"])]
            lines.append(f"| {point['n']:,} | {' | '.join(cells)} |")
    return [*lines, ""]


def _time(micros: float) -> str:
    if micros < 1000:
        return f"{micros:.0f} µs"
    return f"{micros / 1000:.1f} ms" if micros < 100_000 else f"{micros / 1000:.0f} ms"


def _two(value: float) -> str:
    """Return VALUE with two digits that count."""
    return (
        f"{value:.3f}"
        if value < 0.0995
        else f"{value:.2f}"
        if value < 0.995
        else f"{value:.1f}"
        if value < 9.95
        else f"{value:.0f}"
    )
