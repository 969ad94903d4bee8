"""What `wend exec` and `wend env` do, without click: scripts call them often, so they must start fast."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn, Optional

from wend import record as records
from wend.cli import context, output
from wend.disk import Disk
from wend.engine import Situation, View, entering, respond, summary, transition
from wend.engine.reply import shown_name
from wend.errors import WendError
from wend.model import Edit, Set, Source, Target, Unset
from wend.plan import apply
from wend.record import Record
from wend.shells import ALIASES, DEFAULT, SHELLS, Apply
from wend.system import WINDOWS, native
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_RUN = """\
command -v -- "$1" >/dev/null 2>&1 || { printf 'wend: %s: command not found\\n' "$1" >&2; exit 127; }
exec "$@\""""


def show(directory: Optional[str], shell: Optional[str], *, as_json: bool, dotenv: bool) -> int:
    """Print what entering DIRECTORY (None: the current one) changes; return the exit status.

    As code for SHELL, a document, or lines for a .env file (at most one of these, but a document may be for a
    SHELL); else as a table. WendError when there is no environment.
    """
    path = context.directory(directory)
    name = ALIASES.get(shell, shell) if shell else DEFAULT
    if as_json:
        return _print_document(path, SHELLS[name].script)
    if shell:
        text, refusal = code(path, name)
        output.print_text(text)
        if refusal:
            raise refusal
    elif dotenv:
        _print_dotenv(path)
    else:
        _print_table(path)
    return 0


def _print_document(path: str, script: str) -> int:
    from wend.shells.dotenv import changes

    situation, view, _ = context.ask(path, entering, strip=context.nothing_at_all)
    refusal = None if view.target else context.refusal(view, path)
    document: documents.Env = {
        "dir": native(path),
        "env": summary(view.target) if view.target else None,
        "changes": changes(view.target, script),
        "prompt": _prompt(view.target, situation),
        "notices": [visible(refusal.line())] if refusal and view.candidates else [],
    }
    output.print_json(document)
    return refusal.status if refusal else 0


def _prompt(target: Optional[Target], situation: Situation) -> str:
    settings = situation.context.settings
    if target is None or not target.name or settings.prompt_mode == "never" or target.prompt == "":
        return ""
    return visible(shown_name(target, settings))


def _print_dotenv(path: str) -> None:
    from wend.shells.dotenv import dotenv

    situation, view, _ = context.ask(path, entering, strip=context.nothing_active)
    after, undo = apply(situation.context.env, _target(view, path))
    names = dict.fromkeys(("PATH", *(name for name, _, _ in undo.scalars)))
    output.print_text(dotenv({name: after[name] for name in names if name in after}))


def _print_table(path: str) -> None:
    from wend.shells.dotenv import changes

    target = _target(context.ask(path, entering, strip=context.nothing_at_all).view, path)
    version = f" {target.python_version}" if target.python_version else ""
    rows = [("", target.name, f"{target.kind},{version and ' Python'}{version} from {target.marker}")]
    made = changes(target, SHELLS[DEFAULT].script)
    rows += [("set", name, value) for name, value in made["set"].items()]
    rows += [("unset", name, "") for name in made["unset"]]
    rows += [("prepend", name, os.pathsep.join(value)) for name, value in made["prepend"].items()]
    rows += [("source", name, "") for name in made["source"]]
    output.table(rows)


def _target(view: View, path: str) -> Target:
    if view.target is None:
        raise context.refusal(view, path)
    return view.target


def code(path: str, shell: str) -> tuple[str, WendError | None]:
    """Return code that takes the SHELL in which this runs to the environment of PATH, or to none, and why none."""
    situation, view, decision = context.ask(path, entering, shell=shell)
    change = transition(situation, decision)
    told = Apply(
        shell=shell,
        edits=change.edits,
        undo=records.dump(Record(change.record.undo)),
        env=decision.target.name if decision.target else "",
    )
    return SHELLS[shell].edits(told), None if decision.target else context.refusal(view, path)


def answer(shell: str) -> int:
    """Print what a hook of SHELL would be told in the current directory; return the exit status, always 0."""
    request = context.request(context.directory(None), shell=shell, first=True)
    told = respond(request, Disk(), everything_known=True).reply
    output.print_text(SHELLS[shell].render(told) + SHELLS[shell].END)
    return 0


def execute(directory: Optional[str], words: list[str]) -> NoReturn:
    """Replace this process by the command WORDS in the environment of DIRECTORY (None: the current one).

    WendError when there is none, or the command cannot be run.

    The new process gets no record: in a shell started this way the environment counts as activated manually, and
    stays.
    """
    path = context.directory(directory)
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


def _become(words: list[str], env: dict[str, str]) -> NoReturn:
    """Replace this process by WORDS."""
    found = _found(words[0], env.get("PATH", os.defpath))
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


def _found(name: str, path: str) -> Optional[str]:
    """Return the program NAME, found in the directories PATH as a shell does; None when there is none."""
    if os.path.dirname(name):
        return name  # the system says why, if it cannot be run
    if WINDOWS:  # endings count there
        import shutil

        return shutil.which(name, path=path)
    for directory in path.split(os.pathsep):  # as `shutil.which`, whose import takes as long as all else here
        file = os.path.join(directory, name)
        if os.access(file, os.X_OK) and os.path.isfile(file):
            return file
    return None
