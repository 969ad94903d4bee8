"""`wend exec`, `wend env` and `wend hook` without click: scripts, editors, agents and new shells wait for them.

Only plain forms are read here. `--help`, mistakes and completion are click's, so there is one wording of each.
"""

from __future__ import annotations

import gc
import os

from wend.errors import WendError
from wend.typed import Callable, Optional

Command = Callable[[], Optional[int]]  # the exit status; None when click must read the words after all


def parse(argv: list[str]) -> Optional[Command]:
    """Return what runs ARGV (without the program's name); None when click must read it."""
    readers = {"exec": _exec, "env": _env, "hook": _hook}
    if not argv or argv[0] not in readers:
        return None
    gc.disable()  # so short a process leaves little to collect, and looking for it takes 5 % of the time
    command = readers[argv[0]](argv[1:])
    if command is None:
        gc.enable()
    return command


def _exec(words: list[str]) -> Optional[Command]:
    at = words.index("--") if "--" in words else len(words)
    before, command = words[:at], words[at + 1 :]
    if len(before) > 1 or any(word.startswith("-") for word in before) or not command:
        return None
    from wend.cli import entering

    return lambda: entering.execute(before[0] if before else None, command)


def _env(words: list[str]) -> Optional[Command]:
    if len(words) == 2 and words[0] == "--script":
        return _script(words[1])
    directory: Optional[str] = None
    shell: Optional[str] = None
    as_json = dotenv = False
    rest = iter(words)
    for word in rest:
        if word == "--json":
            as_json = True
        elif word == "--dotenv":
            dotenv = True
        elif word == "--shell" or word.startswith("--shell="):
            if shell is not None:
                return None
            shell = next(rest, "") if word == "--shell" else word.partition("=")[2]
        elif word.startswith("-") or directory is not None:
            return None
        else:
            directory = word
    if (dotenv and (shell or as_json)) or shell == "":
        return None
    return lambda: _show(directory, shell, as_json=as_json, dotenv=dotenv)


def _show(directory: Optional[str], shell: Optional[str], *, as_json: bool, dotenv: bool) -> Optional[int]:
    """Print what is asked for. The daemon knows the shells; only after a mistake is the table looked at here."""
    from wend.cli import entering

    try:
        return entering.show(directory, shell, as_json=as_json, dotenv=dotenv)
    except WendError:
        from wend.shells import SHELL_NAMES

        if shell and shell not in SHELL_NAMES:
            return None
        raise


def _hook(words: list[str]) -> Optional[Command]:
    from wend.shells import ALIASES, SHELL_NAMES

    if len(words) != 1 or words[0] not in SHELL_NAMES:
        return None
    return lambda: show_hook(ALIASES.get(words[0], words[0]))


def show_hook(shell: str) -> int:
    """Print the hook for SHELL, without what is for people: a shell reads all of it when it starts."""
    from wend import launcher
    from wend.cli import output
    from wend.shells import hooks

    output.print_text(hooks.text(shell, launcher.program(os.environ), comments=False))
    return 0


def _script(shell: str) -> Optional[Command]:
    from wend.cli import entering
    from wend.shells import SHELLS

    return (lambda: entering.answer(shell)) if shell in SHELLS else None
