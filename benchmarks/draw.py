"""The pictures, as SVG text: light, for bright and dark pages."""
# ruff: noqa: E501

from __future__ import annotations

import math
from typing import Any

import report

_STYLE = """<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 } .one { fill: #1f2328; font-size: 11px } .small { font-size: 11px }
.grid { stroke: #d0d7de; stroke-width: 1 } .axis { stroke: #6e7781; stroke-width: 1; stroke-dasharray: 3 3 }
.t0 { fill: #2f6fde; stroke: #2f6fde } .t1 { fill: #b7791f; stroke: #b7791f } .t2 { fill: #d1542c; stroke: #d1542c }
.t3 { fill: #1a9a6c; stroke: #1a9a6c } .t4 { fill: #8250df; stroke: #8250df } .t5 { fill: none; stroke: #8c959f }
.line { fill: none; stroke-width: 1.8 } .dash { stroke-dasharray: 4 3; opacity: .75 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title, .one { fill: #f0f6fc } .grid { stroke: #30363d } .axis { stroke: #9198a1 }
.t0 { fill: #5b9bff; stroke: #5b9bff } .t1 { fill: #d9a13b; stroke: #d9a13b } .t2 { fill: #ff8b62; stroke: #ff8b62 }
.t3 { fill: #3fc795; stroke: #3fc795 } .t4 { fill: #b392f0; stroke: #b392f0 } .t5 { fill: none; stroke: #7d8590 }
}
.line { fill: none }
</style>"""
# The shape says it too, for those who see colours otherwise. Larger than the rest: the one that is asked about.
_TOOLS = {
    "nothing": ("t5", "no tool", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"),
    "manual": ("t1", "activate manually", "M0 -5L5 0L0 5L-5 0z"),
    "mise": ("t2", "mise", "M-4 -4h8v8h-8z"),
    "direnv": ("t3", "direnv", "M0 -5L5 4h-10z"),
    "pyenv-virtualenv": ("t4", "pyenv-virtualenv", "M-5 -4h10L0 5z"),
    "wend": ("t0", "wend", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"),
}


def field(found: dict[str, Any]) -> str:
    """Return the picture of all tools in all shells: one panel for each operation, forks on a log scale."""
    results = found["results"]
    shells = list(results)
    row, width, left, top = 24, 250, 44, 62
    height = 34 + row * len(shells) + 34
    low, high = -3.0, 3.0
    parts = []
    x = 8.0
    for tool in ("wend", "nothing", "manual", "mise", "direnv", "pyenv-virtualenv"):
        if any(tool in results[shell] for shell in shells):
            style, text, shape = _TOOLS[tool]
            parts.append(f'<path class="{style}" d="{shape}" transform="translate({x + 6:.0f} 16)"/>')
            parts.append(f'<text x="{x + 17:.0f}" y="20">{text}</text>')
            x += 30 + 7 * len(text)
    parts.append(
        '<text class="small" x="8" y="42">Median cost in processes: 1 is one fork+exec of /bin/true from the same shell. Log scale; left is better.</text>'
    )
    for i, (op, title) in enumerate(report.OPS.items()):
        px, py = (i % 3) * (width + left + 6), top + (i // 3) * height
        parts.append(f'<text class="title" x="{px + left}" y="{py + 14}">{title.replace("`", "")}</text>')

        def at(value: float, start: float = px + left) -> float:
            return start + (max(low, min(high, math.log10(max(value, 1e-9)))) - low) / (high - low) * (width - 12)

        bottom = py + 28 + row * len(shells)
        for power in range(int(low), int(high) + 1):
            gx = at(10.0**power)
            parts.append(
                f'<line class="{"axis" if power == 0 else "grid"}" x1="{gx:.1f}" x2="{gx:.1f}" y1="{py + 24}" y2="{bottom}"/>'
            )
            label = f"{10.0**power:g}"
            parts.append(
                f'<text class="{"one" if power == 0 else "small"}" text-anchor="middle" x="{gx:.1f}" y="{bottom + 15}">{label}</text>'
            )
        for k, shell in enumerate(shells):
            y = py + 28 + row * k + row / 2
            parts.append(f'<text text-anchor="end" x="{px + left - 10}" y="{y + 4:.0f}">{shell}</text>')
            for tool, (style, name, shape) in _TOOLS.items():
                numbers = report.total(results[shell].get(tool), op)
                if numbers:
                    place = f"translate({at(numbers[0]):.1f} {y:.0f})"
                    parts.append(
                        f'<path class="{style}" d="{shape}" transform="{place}"><title>{name}: {numbers[0]:.3g}</title></path>'
                    )
    return _svg(3 * (width + left) + 16, top + 2 * height, "wend beside other tools", parts)


def scale(points: dict[str, list[dict[str, Any]]]) -> str:
    """Return the picture of growth: latency on a log scale, and the daemon's memory below it."""
    titles = {
        "asking": "shells asking at once",
        "living": "shells living",
        "decisions": "projects decided about",
        "depth": "directories deep",
        "files": "files in the root",
        "path": "entries on PATH",
    }
    width, left, top, tall, memory = 230, 52, 44, 120, 46
    height = tall + memory + 84
    parts = []
    x = 8
    for style, text in (
        ("t0", "asked before"),
        ("t2", "never asked before"),
        ("t5", "a daemon that answers a constant"),
        ("t4", "memory"),
    ):
        parts.append(
            f'<line class="{style} line" x1="{x}" x2="{x + 22}" y1="14" y2="14"/><text x="{x + 28}" y="18">{text}</text>'
        )
        x += 44 + 7 * len(text)
    parts.append(f'<text class="small" x="{x}" y="18">full: p50, dashed: p99</text>')
    for i, (name, title) in enumerate((key, text) for key, text in titles.items() if points.get(key)):
        data = points[name]
        px, py = left + (i % 3) * (width + left), top + (i // 3) * height
        parts.append(f'<text class="title" x="{px}" y="{py}">{title}</text>')
        first, last = math.log10(data[0]["n"]), math.log10(data[-1]["n"])
        keys = {"p50_ms": "t0", "p99_ms": "t0 dash", "constant_p50_ms": "t5", "constant_p99_ms": "t5 dash"} if name == "asking" else {
            "again_p50_ms": "t0", "again_p99_ms": "t0 dash", "new_p50_ms": "t2", "new_p99_ms": "t2 dash"}  # fmt: skip

        def across(n: float, start: float = px, first: float = first, last: float = last) -> float:
            return start + (math.log10(n) - first) / (last - first or 1) * (width - 20)

        def down(ms: float, start: float = py) -> float:
            return start + 10 + tall - (max(-1.0, min(2.5, math.log10(max(ms, 0.01)))) + 1) / 3.5 * tall

        for power in (-1, 0, 1, 2):
            gy = down(10.0**power)
            parts.append(f'<line class="grid" x1="{px}" x2="{px + width - 20}" y1="{gy:.1f}" y2="{gy:.1f}"/>')
            parts.append(
                f'<text class="small" text-anchor="end" x="{px - 6}" y="{gy + 4:.1f}">{10.0**power:g} ms</text>'
            )
        for key, style in keys.items():
            parts.append(_polyline(style, [(across(point["n"]), down(point[key])) for point in data]))
        base = py + 10 + tall + 20 + memory
        if name != "asking":
            top_mib = max(32.0, *(point["rss_mib"] for point in data))
            for mib in (0.0, 32.0):
                gy = base - mib / top_mib * memory
                parts.append(f'<line class="grid" x1="{px}" x2="{px + width - 20}" y1="{gy:.1f}" y2="{gy:.1f}"/>')
                parts.append(f'<text class="small" text-anchor="end" x="{px - 6}" y="{gy + 4:.1f}">{mib:g} MiB</text>')
            parts.append(
                _polyline("t4", [(across(point["n"]), base - point["rss_mib"] / top_mib * memory) for point in data])
            )
        for point in data:
            n = point["n"]
            label = f"{n // 1_000_000}M" if n >= 1_000_000 else f"{n // 1000}k" if n >= 1000 else str(n)
            y = base + 16 if name != "asking" else py + 10 + tall + 16
            parts.append(f'<text class="small" text-anchor="middle" x="{across(n):.1f}" y="{y}">{label}</text>')
    return _svg(3 * (width + left) + 8, top + 2 * height - 20, "wend's daemon as things grow", parts)


def _polyline(style: str, points: list[tuple[float, float]]) -> str:
    return f'<polyline class="{style} line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _svg(width: int, height: int, title: str, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    return "\n".join([head, f"<title>{title}</title>", _STYLE, *parts, "</svg>", ""])
