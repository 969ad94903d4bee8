"""The forms that a fix may have (wend.fixes): something to paste, or a file and what to write in it."""

from __future__ import annotations

import re
import shlex

# What a fix may begin with: programs and words of a shell.
_PROGRAMS = frozenset(
    (
        ".", "asdf", "brew", "cd", "chmod", "conda", "curl", "df", "direnv", "echo", "exec", "export", "git", "hatch",
        "iconv", "kill",
        "ls", "micromamba", "mise", "mkdir", "mv",
        "omz", "pdm", "pip", "pip-compile", "pipenv", "pipx", "pixi", "poetry", "pwsh", "pyenv",
        "python3", "rm", "setfacl", "sh", "bash", "sudo", "ulimit", "unset", "uv", "vf", "wend", "winget",
    )
)  # fmt: skip
_EDIT = re.compile(
    r"in \S[^,]*(?:, below \[[\w.-]+\])?, (?:(?:write|remove): \S.*|correct (?:line \d+|what follows: \S.*)|"
    r"keep at most \d+ KiB)"
)
_ELSEWHERE = re.compile(
    r"press Enter|(?:wend setup, then )?open a new terminal|"
    r"in VS Code, choose: \S.*|in JetBrains, (?:choose|turn off): \S.*"
)


def is_typed(fix: str) -> bool:
    """Return whether FIX is one or more commands, or an edit of a named file, or a key or an entry of a menu."""
    edit, separator, then = fix.partition("; then: ")
    if _EDIT.fullmatch(edit):
        return not separator or _is_command(then)
    return bool(_ELSEWHERE.fullmatch(fix)) or _is_command(fix)


def told(line: str) -> str:
    """Return the fix at the end of LINE (`wend: what is wrong: what to type`), empty when there is none."""
    parts = line.split(": ")
    ends = (": ".join(parts[at:]) for at in range(2, len(parts)))
    return next(filter(is_typed, ends), "")


def _is_command(text: str) -> bool:
    """Return whether each command in TEXT begins with a program that is known, and has its words in quotes."""
    for part in re.split(r" && | \| ", text):
        try:
            words = shlex.split(part)
        except ValueError:
            return False
        program = words[0].rpartition("/")[2] if words else ""  # an interpreter is named by its path
        if program not in _PROGRAMS and not re.fullmatch(r"python[\d.]*", program):
            return False
    return True
