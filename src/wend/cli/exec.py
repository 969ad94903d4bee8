"""`wend exec`: run a command in a directory's environment, in the caller's directory."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import sys
from typing import Any, Optional

import click

from wend import engine, undo
from wend.cli import common
from wend.errors import WendError
from wend.model import Set, Source, Unset
from wend.plan import apply

_USAGE = "wend exec [DIR] -- COMMAND..."
_DASHES = "wend.exec.words"


class _Exec(click.Command):
    """Only `--` tells DIR from COMMAND, so the line is divided there before click drops it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_DASHES] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "--", "COMMAND..."]


@click.command(cls=_Exec)
@click.argument("directory", required=False, metavar="[DIR]")
@click.pass_context
def command(ctx: click.Context, directory: Optional[str]) -> Any:
    """Run COMMAND in DIR's environment, in the directory where you are."""
    words: list[str] = ctx.meta[_DASHES]
    if not words:
        raise WendError("no command", _USAGE, status=2)
    path = common.directory(directory)
    env = common.nothing_active(base=False)
    where = common.surroundings(env)
    view = engine.look(path, where)
    target = view.chosen.target if view.chosen else None
    if target is None:
        raise common.refusal(view, path)
    # Without a record: in a shell started this way the environment counts as activated by hand, and stays.
    after, _ = apply(env, target)
    after["WEND_ENV"] = target.name
    record = undo.load(os.environ.get("WEND_UNDO", ""))
    off = [script for script in engine.scripts_off(record, target, where) if script.endswith(".sh")]
    on = (*target.scripts_on, *engine.scripts_back(record, target, where))
    on = tuple(script for script in on if script.endswith(".sh"))
    if off or on:
        changes = [_line(edit) for edit in _difference(dict(os.environ), after)]
        script = [*map(_source, off), *changes, *map(_source, on), _LAST]
        words = ["/bin/sh", "-c", "\n".join(script), "wend", *words]
        after = dict(os.environ)
    _become(words, after)


_LAST = """\
command -v -- "$1" >/dev/null 2>&1 || { printf 'wend: %s: command not found\\n' "$1" >&2; exit 127; }
exec "$@\""""


def _source(script: str) -> str:
    return f". {shlex.quote(script)}"


def _difference(before: dict[str, str], after: dict[str, str]) -> list[Set | Unset | Source]:
    edits: list[Set | Unset | Source] = [Unset(name) for name in before if name not in after]
    edits += [Set(name, value) for name, value in after.items() if before.get(name) != value]
    return edits


def _line(edit: Set | Unset | Source) -> str:
    return f"export {edit.name}={shlex.quote(edit.value)}" if isinstance(edit, Set) else f"unset {edit[0]}"


def _become(words: list[str], env: dict[str, str]) -> None:
    """Replace this process by WORDS."""
    found = shutil.which(words[0], path=env.get("PATH"))
    if found is None and os.path.dirname(words[0]):
        found = words[0]  # for the system to say why not
    if found is None:  # and never a file of this name in the current directory
        raise WendError(f"{words[0]}: command not found", status=127)
    sys.stdout.flush()
    try:
        if os.name == "nt":  # exec there starts a second process and returns to the prompt at once
            import subprocess

            sys.exit(subprocess.call([found, *words[1:]], env=env))
        os.execve(found, words, env)  # noqa: S606  running it is what was asked for
    except FileNotFoundError as error:
        raise WendError(f"{words[0]}: command not found", status=127) from error
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without #!: what every shell does with it
            os.execve("/bin/sh", ["sh", found, *words[1:]], env)  # noqa: S606
        raise WendError(f"{words[0]}: {error.strerror}", status=126) from error
