"""What several commands share: where the user is, what the environment was without wend, how output looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, Optional

import click

from wend import config
from wend import undo as undo_record
from wend.disk import Disk
from wend.engine import View
from wend.errors import WendError
from wend.protocol import INPUTS, SHELL_ID
from wend.text import visible
from wend.where import Where

SHELL_NAMES = ("bash", "zsh", "fish", "pwsh", "powershell")
_CONDA = ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL")


def here() -> str:
    """Return the current directory as the shell spells it. WendError when it is gone."""
    try:
        real = os.getcwd()
    except OSError as error:
        raise WendError("the current directory is gone", "cd") from error
    spelled = os.environ.get("PWD", "")
    try:
        same = os.path.isabs(spelled) and os.path.samefile(spelled, real)
    except (OSError, ValueError):
        same = False
    return spelled if same else real


def directory(argument: Optional[str]) -> str:
    """Return the directory that ARGUMENT names, spelled as by `cd ARGUMENT`. WendError when it is none."""
    if argument is None:
        return here()
    if not argument:
        raise WendError("'' is no directory", "give a directory")
    path = argument if os.path.isabs(argument) else os.path.join(here(), argument)
    path = os.path.normpath(path)
    if not os.path.isdir(path):
        what = "is no directory" if os.path.lexists(path) else "does not exist"
        raise WendError(f"{path} {what}", "give a directory")
    return path


def without_wend() -> dict[str, str]:
    """Return this process's environment as it would be had wend changed nothing."""
    return undo_record.revert(undo_record.load(os.environ.get("WEND_UNDO", "")), dict(os.environ))


def nothing_active(*, base: bool) -> dict[str, str]:
    """Return this process's environment with nothing active: not by wend, not by hand.

    With BASE, conda's base goes too; else it stays beneath, as it does at a cd.
    """
    env = without_wend()
    for name in ("WEND_UNDO", "WEND_ENV"):
        env.pop(name, None)
    prefix = env.pop("VIRTUAL_ENV", "")
    env.pop("VIRTUAL_ENV_PROMPT", None)
    if prefix:
        _take_out(env, prefix)
    by_hand = env.get("CONDA_PREFIX", "") if env.get("CONDA_DEFAULT_ENV") != "base" else ""
    if by_hand or (base and env.get("CONDA_PREFIX")):
        _take_out(env, env["CONDA_PREFIX"])
        for name in (*_CONDA, *(name for name in env if name.startswith("CONDA_PREFIX_"))):
            env.pop(name, None)
    return env


def _take_out(env: dict[str, str], prefix: str) -> None:
    """Take the programs of PREFIX out of PATH."""
    programs = {os.path.join(prefix, name) for name in ("bin", "Scripts")}
    env["PATH"] = os.pathsep.join(entry for entry in undo_record.split(env.get("PATH")) if entry not in programs)


def surroundings(env: dict[str, str]) -> Where:
    """Return what a question is asked with, from the environment ENV."""
    disk = Disk()
    settings, _ = config.load(env, disk)
    return Where(disk, {name: env[name] for name in INPUTS if name in env}, settings)


def refusal(view: View, path: str) -> WendError:
    """Return why there is no environment for the directory PATH, with the exit status that says so."""
    told = view.blocked or next((c for c in view.candidates if c.status in ("broken", "unavailable")), None)
    status = 3 if view.blocked else 4
    if told is not None:
        return WendError(f"{told.marker.path}: {told.reason}", told.fix, status=status)
    return WendError(f"no environment for {path}", f"python3 -m venv {os.path.join(path, '.venv')}", status=status)


def print_json(document: dict[str, Any]) -> None:
    """Print DOCUMENT in ASCII: bytes that are not UTF-8 appear as lone surrogates."""
    click.echo(json.dumps({"schema": 1, **document}, indent=2))


def paint(text: str, colour: str) -> str:
    """Return TEXT in COLOUR where a person looks at a terminal and has not asked for none."""
    if not colour or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty():
        return text
    return click.style(text, fg=colour)


def table(rows: Iterable[Sequence[str]], colours: Sequence[str] = ()) -> None:
    """Print ROWS in aligned columns, the first cell of each row in the colour of the same index."""
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
    for index, row in enumerate(cells):
        padded = [cell.ljust(width) for cell, width in zip(row, widths)]
        line = "  ".join([paint(padded[0], colours[index] if colours else ""), *padded[1:]])
        click.echo(line.rstrip())


def print_text(text: str) -> None:
    """Print TEXT byte for byte, whatever the terminal's encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def tell_shell(verb: str) -> None:
    """Have the shell in which this was typed obey VERB at its next prompt. WendError if out of reach."""
    from wend import client

    shell = os.environ.get("WEND_SHELL", "")
    if not SHELL_ID.fullmatch(shell):
        raise WendError("this shell has no hook", "wend setup, then open a new terminal")
    answer = client.ask((verb, shell), os.environ)
    if answer is None:
        raise WendError("no daemon runs", "wend daemon start")
    if not answer.get("ok"):
        raise WendError("the daemon has not heard of this shell", "press Enter and try again")
