"""The documents that commands print with `--json`, less the `"schema": 1` that each begins with.

Programs rely on them: keys are only ever added. Null stands for what is not known, never a missing key. Nothing is
computed here, and commands need this module for type checking alone.
"""

from __future__ import annotations

from typing import Optional, TypedDict, Union


class Environment(TypedDict):
    """An environment; paths are absolute and spelled as PWD spells them."""

    kind: str
    name: str  # what the prompt shows
    prefix: str
    root: str  # holds the marker
    marker: Optional[str]
    python: Optional[str]
    python_version: Optional[str]  # X.Y.Z


class Changes(TypedDict):
    """What entering changes where nothing is active."""

    set: dict[str, str]
    unset: list[str]
    prepend: dict[str, list[str]]
    source: list[str]


class Env(TypedDict):
    """`wend env`."""

    dir: str
    env: Optional[Environment]
    changes: Changes
    prompt: str
    notices: list[str]


class Candidate(TypedDict):
    """A marker, and the verdict on it."""

    kind: str
    marker: str
    dir: str
    status: str  # chosen, shadowed, unavailable, broken, untrusted
    reason: str  # which file or variable names it by which rule, then why it has that status
    fix: str  # what to type, or empty


class Explain(TypedDict):
    """`wend explain`; the candidates in order of precedence."""

    dir: str
    chosen: Optional[Environment]
    candidates: list[Candidate]
    decided_by: str  # the rule that decides for this shell, and its sentence
    reason: str


class Active(Environment):
    """An environment that is active in a shell."""

    since: Optional[float]  # seconds since the epoch


class Shell(TypedDict):
    """The shell in which a command was typed."""

    pid: int
    kind: Optional[str]
    dir: str
    env: Optional[Active]
    suspended: bool
    decided_by: str
    reason: str


class Daemon(TypedDict):
    """`wend daemon status`."""

    pid: int
    version: str
    uptime_s: float
    rss_bytes: int
    shells: int
    notify: str  # how it learns of questions


class ShellStatus(TypedDict):
    """`wend status`."""

    shell: Optional[Shell]
    daemon: Optional[Daemon]


class Interpreter(TypedDict):
    """One Python."""

    version: str
    implementation: str
    source: str
    path: str
    default: bool
    pinned_by: list[str]


class Interpreters(TypedDict):
    """`wend python list`."""

    interpreters: list[Interpreter]


class Change(TypedDict):
    """What became of one package."""

    name: str
    before: Optional[str]  # version; null when it was not installed
    after: Optional[str]  # version; null when it is gone


class Sync(TypedDict):
    """`wend sync`."""

    dir: str  # the project
    prefix: Optional[str]  # of its environment; null when it has none
    made: bool  # whether the environment was made now
    changes: list[Change]
    differences: list[str]  # with `--check`: a sentence each


class Finding(TypedDict):
    """One finding of the doctor."""

    id: str
    level: str  # ok, info, warning, error
    text: str
    fix: str


class Doctor(TypedDict):
    """`wend doctor`."""

    findings: list[Finding]


class Decision(TypedDict):
    """One decision on trust."""

    dir: str
    decision: str  # allow, deny
    recursive: bool
    since: int  # seconds since the epoch
    identity: str  # of the directory that was allowed; empty where the path alone counts


class Trust(TypedDict):
    """`wend trust`."""

    decisions: list[Decision]


class Step(TypedDict):
    """One step of the self-test."""

    name: str
    ok: bool
    ms: float


class Tested(TypedDict):
    """The result for one shell."""

    shell: str
    status: str  # ok, failed, skipped
    reason: str
    steps: list[Step]
    startup_file: Optional[str]  # that loads the hook in a new terminal


class Selftest(TypedDict):
    """`wend selftest`."""

    shells: list[Tested]


class Setting(TypedDict):
    """One setting."""

    value: Union[str, bool, float, list[str]]
    origin: str  # file, default


class Config(TypedDict):
    """`wend config show`."""

    path: Optional[str]
    settings: dict[str, Setting]
    mistakes: list[str]


class Failure(TypedDict):
    """What a command prints instead, when it fails before it has a document (exit status 1)."""

    error: str
    fix: str  # what to type, or empty
