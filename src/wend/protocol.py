"""What a shell writes and what it gets back: field order, names, limits. Pure; docs/architecture.md has the why."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

VERSION = "1"
END = "."  # last field of a request: no NAME=value field can be it
MAX_REQUEST = 1 << 20  # bytes; a longer request is dropped unread

# Every variable that an answer may depend on, and nothing else is sent. The hooks spell these out (a test
# compares them with this table): the daemon never reads its own environment for an answer.
INPUTS = (
    "PATH",
    "HOME",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "VIRTUAL_ENV_DISABLE_PROMPT",
    "_OLD_VIRTUAL_PATH",  # what the `deactivate` of an activate script puts back
    "PYTHONHOME",
    "DIRENV_DIFF",  # what direnv puts back when it unloads
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "CONDA_PROMPT_MODIFIER",
    "CONDA_SHLVL",
    "CONDA_EXE",
    "_CONDA_EXE",
    "_CONDA_ROOT",
    "CONDA_PYTHON_EXE",
    "_CE_M",
    "_CE_CONDA",
    "CONDA_ENVS_DIRS",
    "CONDA_ENVS_PATH",
    "CONDARC",
    "MAMBA_ROOT_PREFIX",
    "PYENV_VERSION",
    "PYENV_ROOT",
    "PYENV_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "STARSHIP_SHELL",
    "POSH_SHELL",
    "P9K_VERSION",
    "WEND_ENV",
    "WEND_DISABLE",
    "WEND_QUIET",
    "WEND_CONFIG",
)

SHELL_ID = re.compile(r"[1-9][0-9]{0,9}-[0-9A-Za-z-]{1,64}")
COMMAND = "cli"  # begins the random part of a command's id; a shell's has hexadecimal digits only
REQUEST_FILE = re.compile(rb"([1-9][0-9]{0,9}-[0-9A-Za-z-]{1,64})\.([0-9]{1,9})\.req")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Head(NamedTuple):
    """Who asks. `body` is everything that the answer depends on, still as bytes."""

    shell: str
    pid: int
    id: str
    number: int
    body: bytes


class Request(NamedTuple):
    """One question, as read. `words` are the hook's remarks: deactivate, nondestructive, locked, ..."""

    shell: str
    pid: int
    id: str
    number: int
    cwd: str
    undo: str
    words: tuple[str, ...]
    asked: tuple[str, ...]  # names beyond INPUTS that were looked at, set or not
    env: dict[str, str]


_TAIL = b"\0" + END.encode() + b"\0"


def parse_head(data: bytes) -> Optional[Head]:
    """Return who asks in DATA, or None when it is torn, of another version or no request at all."""
    parts = data.split(b"\0", 5)
    if len(parts) < 6 or parts[0] != VERSION.encode() or not data.endswith(_TAIL):
        return None
    _, shell, pid, ident, number, body = parts
    if not (pid.isdigit() and number.isdigit()) or len(pid) > 10 or len(number) > 9:
        return None
    name = ident.decode("ascii", "replace")
    if not SHELL_ID.fullmatch(name):
        return None
    return Head(shell.decode("ascii", "replace"), int(pid), name, int(number), body)


def parse_request(head: Head) -> Optional[Request]:
    """Return the whole request that HEAD begins, or None when fields are missing."""
    fields = head.body.decode("utf-8", "surrogateescape").split("\0")
    if len(fields) < 6:
        return None
    env = {}
    for field in fields[4:-2]:
        key, equals, value = field.partition("=")
        if equals:
            env[key] = value
    cwd, undo, words, asked = fields[:4]
    return Request(
        head.shell, head.pid, head.id, head.number, cwd, undo, tuple(words.split()), tuple(asked.split()), env
    )


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
        " ".join(request.words),
        " ".join(request.asked),
        *(f"{name}={value}" for name, value in request.env.items()),
        END,
    ]
    return b"".join(field.encode("utf-8", "surrogateescape") + b"\0" for field in fields)
