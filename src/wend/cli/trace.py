"""What `WEND_TRACE=1` shows: which rule decided, what was looked at, and how long that took."""

from __future__ import annotations

import sys

from wend.engine import Decision, Situation, View
from wend.text import visible


def show(situation: Situation, view: View, decision: Decision, seconds: float) -> None:
    """Print on standard error how a command came to what it says, in lines that begin with `wend: trace: `.

    SECONDS: from the question to the decision.
    """
    paths = situation.context.disk.evidence.looked_at()
    lines = [
        f"{situation.request.cwd}: rule {decision.rule}: {decision.reason}",
        *(f"{each.status}: {each.kind} {each.marker.path}: {each.reason}".rstrip(": ") for each in view.candidates),
        *(f"looked at {path}" for path in paths),
        f"{len(paths)} paths in {seconds * 1000:.1f} ms",
    ]
    for line in lines:
        print(visible(f"wend: trace: {line}"), file=sys.stderr)  # noqa: T201
