"""What `wend exec` and `wend env --shell` do, without click: scripts call them often, so they must start fast."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import sys

from wend import record as records
from wend.cli import context
from wend.engine import entering, transition
from wend.errors import WendError
from wend.model import Edit, Set, Source, Unset
from wend.record import Record
from wend.shells import DEFAULT, SHELLS, Apply
from wend.system import WINDOWS

_RUN = """\
command -v -- "$1" >/dev/null 2>&1 || { printf 'wend: %s: command not found\\n' "$1" >&2; exit 127; }
exec "$@\""""


def code(path: str, shell: str) -> tuple[str, WendError | None]:
    """Return code that takes the SHELL in which this runs to the environment of PATH, or to none, and why none."""
    situation, view, decision = context.ask(path, entering, shell=shell)
    change = transition(situation, decision)
    reply = Apply(
        shell=shell,
        edits=change.edits,
        undo=records.dump(Record(change.record.undo)),
        env=decision.target.name if decision.target else "",
    )
    return SHELLS[shell].edits(reply), None if decision.target else context.refusal(view, path)


def execute(path: str, words: list[str]) -> None:
    """Replace this process by the command WORDS in the environment of PATH. WendError when there is none.

    The new process gets no record: in a shell started this way the environment counts as activated manually, and
    stays.
    """
    situation, view, decision = context.ask(path, entering, strip=context.nothing_active)
    if decision.target is None:
        raise context.refusal(view, path)
    edits = transition(situation, decision).edits
    after = dict(os.environ)
    after.pop("WEND_UNDO", None)
    after["WEND_ENV"] = decision.target.name
    posix = SHELLS[DEFAULT].script
    edits = tuple(edit for edit in edits if not isinstance(edit, Source) or edit.path.endswith(posix))
    if any(isinstance(edit, Source) for edit in edits):
        _become(["/bin/sh", "-c", "\n".join((*map(_line, edits), _RUN)), "wend", *words], after)
    for edit in edits:
        if isinstance(edit, Set):
            after[edit.name] = edit.value
        else:
            after.pop(edit[0], None)
    _become(words, after)


def _line(edit: Edit) -> str:
    if isinstance(edit, Source):
        return f". {shlex.quote(edit.path)}"
    if isinstance(edit, Unset):
        return f"unset {edit.name}"
    return f"export {edit.name}={shlex.quote(edit.value)}"


def _become(words: list[str], env: dict[str, str]) -> None:
    """Replace this process by WORDS."""
    found = shutil.which(words[0], path=env.get("PATH"))
    if found is None and os.path.dirname(words[0]):
        found = words[0]  # for the system to say why not
    if found is None:  # and never a file of this name in the current directory
        raise WendError(f"{words[0]}: command not found", status=127)
    sys.stdout.flush()
    try:
        if WINDOWS:  # exec there starts a second process and returns to the prompt at once
            import subprocess

            sys.exit(subprocess.call([found, *words[1:]], env=env))
        os.execve(found, words, env)  # noqa: S606  running it is what was asked for
    except FileNotFoundError as error:
        raise WendError(f"{words[0]}: command not found", status=127) from error
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without #!: what every shell does with it
            os.execve("/bin/sh", ["sh", found, *words[1:]], env)  # noqa: S606
        raise WendError(f"{words[0]}: {error.strerror}", status=126) from error
