"""What a check looks at, and what it finds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional

from wend import fixes
from wend.doctor.startup import Startup
from wend.engine import Situation, View
from wend.model import Target
from wend.workflow import project as projects

OK, INFO, WARNING, ERROR = "ok", "info", "warning", "error"
LEVELS = (ERROR, WARNING, INFO, OK)


class Finding(NamedTuple):
    """One finding, as `wend doctor --json` prints it."""

    id: str
    level: str  # one of LEVELS
    text: str
    fix: str = ""  # what to type, empty where nothing is to be done
    repair: Optional[Callable[[], object]] = None  # what `--fix` does; only what is safe


class Fresh(NamedTuple):
    """What a shell says of itself at the first prompt after it has read the user's own start-up files."""

    shell: str
    answered: bool = False
    loaded: bool = False  # it knows the hook
    runs: tuple[str, ...] = ()  # what it runs at a prompt, in order


class Case(NamedTuple):
    """The surroundings of an examination."""

    env: Mapping[str, str]  # of this process
    situation: Situation
    view: View  # with every candidate
    daemon: Optional[Mapping[str, Any]] = None  # what the daemon says of itself, None when it is not running
    trouble: str = ""  # why the daemon could not be asked
    shell: Optional[Mapping[str, Any]] = None  # what the daemon knows of this shell
    lost: bool = False  # its hook is not called any more
    due: str = ""  # what it should have had at its last prompt, as a line
    startup: tuple[Startup, ...] = ()
    fresh: tuple[Fresh, ...] = ()
    file_limit: bool = False  # `ulimit -f` is set
    elsewhere: bool = False  # the daemon at the mailbox lives in another container

    @property
    def root(self) -> str:
        """The project's directory: of its environment, else the one that `wend create` works on; empty for `/`."""
        cwd = self.situation.request.cwd
        return (self.view.root or projects.root_of(cwd, self.situation.context.disk)).rstrip("/")

    @property
    def target(self) -> Optional[Target]:
        """The environment that is seen from there, trusted or not."""
        candidate = self.view.chosen or self.view.blocked
        return candidate.target if candidate else None

    def typed(self, fix: str) -> str:
        """Return FIX, which is meant for the project, as it is to be typed in the directory that this is about."""
        return fixes.typed_in(fix, self.root or os.sep, self.situation.request.cwd)
