"""What a check looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional

from wend.engine import Situation, View

OK, INFO, WARNING, ERROR = "ok", "info", "warning", "error"


class Finding(NamedTuple):
    """One finding, as `wend doctor --json` prints it."""

    id: str
    level: str  # ok, info, warning, error
    text: str
    fix: str = ""  # what to type, empty where nothing is to be done
    repair: Optional[Callable[[], object]] = None  # what `--fix` does; only what is safe


class Case(NamedTuple):
    """The surroundings of an examination."""

    env: Mapping[str, str]  # of this process
    situation: Situation
    view: View
    daemon: Optional[Mapping[str, Any]]  # what the daemon says of itself, None when it is not running
    trouble: str = ""  # why the daemon could not be asked
