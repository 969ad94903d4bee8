"""What a shell writes and what it gets back: fields, names, limits. Pure; docs/architecture.md says why."""

from __future__ import annotations

from wend.patterns import pattern
from wend.system import WINDOWS, slashed
from wend.typed import NamedTuple, Optional

VERSION = "2"
END = "."  # last field of a request: no NAME=value field can be it
MAX_REQUEST = 1 << 20  # bytes; of a longer request, only who asks is read

# Where an activate script keeps what its own `deactivate` puts back, PATH in the shell alone. For virtual environments
# and for the hooks, which send the first, and for replies, which must not export it.
SAVED_PATH, SAVED_HOME = "_OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PYTHONHOME"

# The variables that every request carries when they are set. The installer writes this table into the hooks.
# Everything else that a kind of environment reads is asked for when its marker is first met (`Kind.variables`).
# The daemon never reads its own environment for an answer.
COMMON = (  # set in most shells, or while an environment is active
    "PATH",
    "HOME",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "PYTHONHOME",
    SAVED_PATH,
    "DIRENV_DIFF",  # what direnv puts back when it unloads
    "STARSHIP_SHELL",  # every answer that shows a name needs what prompt themes set (other_tools/themes.py)
    "WEND_ENV",
)
RARE = (  # a hook may test these together first; those of a tool choose where no file of its usual names is
    "VIRTUAL_ENV_DISABLE_PROMPT",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "CONDA_PROMPT_MODIFIER",
    "CONDA_SHLVL",
    "LP_ENABLE_VIRTUALENV",
    "MISE_DEFAULT_CONFIG_FILENAME",
    "MISE_DEFAULT_TOOL_VERSIONS_FILENAME",
    "MISE_ENV",
    "MISE_OVERRIDE_CONFIG_FILENAMES",
    "MISE_OVERRIDE_TOOL_VERSIONS_FILENAMES",
    "OMB_PROMPT_SHOW_PYTHON_VENV",
    "P9K_VERSION",
    "PIPENV_PIPFILE",
    "POSH_SHELL",
    "UV_PROJECT_ENVIRONMENT",
    "WORKON_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "WEND_CONFIG",
    "WEND_DISABLE",
    "WEND_QUIET",
)
CORE = (*COMMON, *RARE, *(("USERPROFILE",) if WINDOWS else ()))  # the last: the home there

# Facts: what a hook knows of its shell and the daemon cannot see.
READONLY = "readonly"  # PATH or another variable that a reply changes cannot be changed
THEME_SHOWS_ENV = "theme-shows-env"  # the prompt's theme shows VIRTUAL_ENV by itself
POWERLINE_SHELL = "powerline-shell"  # the prompt is drawn by it, or by powerline-go, which is called the same way
TOOL_SHOWS_ENV = "conda-prompt"  # conda's own hook draws the name

SHELL_ID = pattern(r"[1-9][0-9]{0,9}-[0-9A-Za-z-]{1,64}")
COMMAND = "cli"  # the shell's name in a command's request; also begins the random part of its id
ENTER = "enter"  # the event of a command that wants an `Outcome`; its facts are code, place, form, and shell if any
REQUEST_FILE = pattern(rb"([1-9][0-9]{0,9}-[0-9A-Za-z-]{1,64})\.([0-9]{1,9})\.req")


class Head(NamedTuple):
    """Who asks. `body` is everything that the answer depends on, still as bytes; the directory where it is too long."""

    version: str
    shell: str
    pid: int
    id: str
    number: int
    body: bytes
    longest: str = ""  # not empty, if the request is too long: the variable that takes most of what was read


class Request(NamedTuple):
    """One question, as read."""

    shell: str
    pid: int
    id: str
    number: int
    cwd: str
    undo: str  # the record, as text
    # Why the shell asks: prompt, cd, deactivate, off, on, or activate: an activate script makes room for itself by
    # `deactivate nondestructive`. Of a command: its verb, and the facts are its arguments.
    event: str
    facts: tuple[str, ...]
    first: bool  # the first question of this shell
    names: tuple[str, ...]  # beyond CORE, that were looked at, set or not
    env: dict[str, str]


class Outcome(NamedTuple):
    """What entering a directory comes to, for a command."""

    text: str = ""  # what it prints; for `exec` the script by which sh runs the command, empty where none is needed
    changes: tuple[str, ...] = ()  # for `exec`: NAME=value, or the NAME of a variable to unset
    status: int = 0
    what: str = ""  # of the error, empty for none
    fix: str = ""
    names: tuple[str, ...] = ()  # nothing is known yet: ask again, and send these variables


_TAIL = b"\0" + END.encode() + b"\0"
_FIELDS = 6  # of the body, before the variables
_FIRST = 4  # which of them
_OUTCOME = 6  # fields before the changes


def parse_head(data: bytes) -> Optional[Head]:
    """Return who asks in DATA, or None when it is incomplete, of an unknown version, or not a request.

    Version 1 is recognised because a shell that was open during an upgrade still writes it; only its head is read.
    """
    parts = data.split(b"\0", 5)
    too_long = len(data) > MAX_REQUEST
    if len(parts) < 6 or parts[0] not in (b"1", b"2") or not (too_long or data.endswith(_TAIL)):
        return None
    version, shell, pid, ident, number, body = parts
    if not (pid.isdigit() and number.isdigit()) or len(pid) > 10 or len(number) > 9:
        return None
    name = ident.decode("ascii", "replace")
    if not SHELL_ID.fullmatch(name):
        return None
    head = Head(version.decode(), shell.decode("ascii", "replace"), int(pid), name, int(number), body)
    if not too_long:
        return head
    return head._replace(body=body.partition(b"\0")[0] + b"\0", longest=_longest(body))


def _longest(body: bytes) -> str:
    """Return the name of the longest variable in BODY, which need not be whole."""
    fields = body.split(b"\0")
    fields[1:_FIELDS] = [b"WEND_UNDO=" + b"".join(fields[1:2])]
    return max(fields[1:], key=len).partition(b"=")[0][:128].decode("ascii", "replace") or "WEND_UNDO"


def earlier_id(head: Head) -> str:
    """Return the id that the process of HEAD's shell had before another shell took its place with `exec`, or empty."""
    first = head.body.split(b"\0", _FIRST + 1)[_FIRST : _FIRST + 1]
    name = b"".join(first).decode("ascii", "replace")
    return name if name.startswith(f"{head.pid}-") and name != head.id and SHELL_ID.fullmatch(name) else ""


def parse_request(head: Head) -> Optional[Request]:
    """Return the whole request that HEAD begins, or None when fields are missing."""
    fields = head.body.decode("utf-8", "surrogateescape").split("\0")
    if head.version != VERSION or len(fields) < _FIELDS + 2:
        return None
    env = {}
    for field in fields[_FIELDS:-2]:
        key, equals, value = field.partition("=")
        if equals:
            env[key] = value
    cwd, undo, event, facts, first, names = fields[:_FIELDS]
    return Request(
        shell=head.shell,
        pid=head.pid,
        id=head.id,
        number=head.number,
        cwd=slashed(cwd),
        undo=undo,
        event=event,
        facts=tuple(facts.split()),
        first=bool(first),
        names=tuple(names.split()),
        env=env,
    )


def earlier_environment(head: Head) -> dict[str, str]:
    """Return the variables in a request of version 1. Four fields stand before them."""
    fields = head.body.decode("utf-8", "surrogateescape").split("\0")[4:-2]
    return dict(field.split("=", 1) for field in fields if "=" in field)


def format_request(request: Request) -> bytes:
    """Return the bytes of REQUEST, as a hook writes them."""
    fields = [
        VERSION,
        request.shell,
        str(request.pid),
        request.id,
        str(request.number),
        request.cwd,
        request.undo,
        request.event,
        " ".join(request.facts),
        "first" if request.first else "",
        " ".join(request.names),
        *(f"{name}={value}" for name, value in request.env.items()),
        END,
    ]
    return b"".join(field.encode("utf-8", "surrogateescape") + b"\0" for field in fields)


def format_outcome(outcome: Outcome) -> bytes:
    """Return the bytes of OUTCOME, empty when it cannot be sent."""
    text, changes, status, what, fix, names = outcome
    fields = (ENTER, text, str(status), what, fix, " ".join(names), *changes, END)
    if any("\0" in field for field in fields):
        return b""
    return "\0".join((*fields, "")).encode("utf-8", "surrogateescape")


def parse_outcome(data: bytes) -> Optional[Outcome]:
    """Return the outcome in DATA; None when it is something else, as from a daemon that knows of none."""
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    if fields[0] != ENTER or fields[-2:] != [END, ""] or len(fields) < _OUTCOME + 2 or not fields[2].isdigit():
        return None
    _, text, status, what, fix, names = fields[:_OUTCOME]
    return Outcome(text, tuple(fields[_OUTCOME:-2]), int(status), what, fix, tuple(names.split()))
