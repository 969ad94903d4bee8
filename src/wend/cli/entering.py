"""What `wend exec` and `wend env` do, without click: scripts call them often, so they must start fast.

A running daemon is asked first; it takes the same steps from the same variables. What is needed to take them here is
imported when there is none.
"""

from __future__ import annotations

import errno
import os
import sys

from wend import client
from wend.cli import directories
from wend.errors import UsageError, WendError
from wend.protocol import Outcome
from wend.system import WINDOWS, native, which
from wend.typed import NoReturn, Optional


def show(directory: Optional[str], shell: Optional[str], *, as_json: bool, dotenv: bool) -> int:
    """Print what entering DIRECTORY (None: the current one) changes; return the exit status.

    As code for SHELL, a document, or lines for a .env file (at most one of these, but a document may be for a
    SHELL); else as a table. WendError when there is no environment.
    """
    form = "json" if as_json else "shell" if shell else "dotenv" if dotenv else ""
    if not form:
        _print_table(directories.directory(directory))
        return 0
    told = _outcome(form, shell or "", directory)
    sys.stdout.flush()
    sys.stdout.buffer.write(told.text.encode("utf-8", "surrogateescape"))
    if told.what:
        raise _error(told, directory)
    return told.status


def execute(directory: Optional[str], words: list[str]) -> NoReturn:
    """Replace this process by the command WORDS in the environment of DIRECTORY (None: the current one).

    WendError when there is none, or the command cannot be run.
    """
    told = _outcome("exec", "", directory)
    if told.what:
        raise _error(told, directory)
    env = dict(os.environ)
    for change in told.changes:
        name, equals, value = change.partition("=")
        if equals:
            env[name] = value
        else:
            env.pop(name, None)
    if told.text and os.path.dirname(words[0]):
        _check(words[0], env)
    _become(["/bin/sh", "-c", told.text, "wend", *words] if told.text else words, env)


def answer(shell: str) -> int:
    """Print what a hook of SHELL would be told in the current directory; return the exit status, always 0."""
    from wend.cli import context, output
    from wend.disk import Disk
    from wend.engine.respond import respond
    from wend.shells import SHELLS

    request = context.request(directories.directory(None), shell=shell, first=True)
    told = respond(request, Disk(), everything_known=True).reply
    output.print_text(SHELLS[shell].render(told) + SHELLS[shell].END)
    return 0


def _outcome(form: str, shell: str, directory: Optional[str]) -> Outcome:
    """Return the outcome of FORM for SHELL in DIRECTORY: the daemon's, or else our own."""
    path = directories.directory(directory)
    traced = os.environ.get("WEND_TRACE") == "1"  # tells what is looked at here
    told = None if traced else client.enter(form, shell, path, os.environ)
    if told is not None:
        return told
    from wend.cli import context
    from wend.engine import decide_for_command, outcome

    if not outcome.known(form, shell):
        raise UsageError(f"no such shell: {shell}", "wend env --help")
    name = outcome.named(shell)
    noting = outcome.notes(form)
    asked = context.ask(path, decide_for_command, shell=name, strip=outcome.strip(form), noting=noting)
    return outcome.outcome(form, name, *asked)


def _error(told: Outcome, directory: Optional[str]) -> WendError:
    fix = directories.typed_here(told.fix, directories.directory(directory))
    return WendError(told.what, fix, status=told.status)


def _print_table(path: str) -> None:
    from wend.cli import context, output
    from wend.engine import decide_for_command, outcome
    from wend.shells import DEFAULT, SHELLS
    from wend.shells.dotenv import changes

    asked = context.ask(path, decide_for_command, strip=outcome.nothing_at_all, noting=False)
    target = asked.view.target
    if target is None:
        error = outcome.refusal(asked.view, path, asked.situation.context)
        raise directories.typed_from_here(error, path)
    version = f" {target.python_version}" if target.python_version else ""
    rows = [("", target.name, f"{target.kind},{version and ' Python'}{version} from {native(target.marker)}")]
    made = changes(target, SHELLS[DEFAULT].script)
    rows += [("set", name, value) for name, value in made["set"].items()]
    rows += [("unset", name, "") for name in made["unset"]]
    rows += [("prepend", name, os.pathsep.join(value)) for name, value in made["prepend"].items()]
    rows += [("source", name, "") for name in made["source"]]
    output.table(rows)


def _become(words: list[str], env: dict[str, str]) -> NoReturn:
    """Replace this process by WORDS."""
    name = words[0]  # of one with a slash, the system says why it cannot be run
    found = name if os.path.dirname(name) else which(name, env.get("PATH", os.defpath))
    if found is None:  # and never a file of this name in the current directory
        raise _not_found(name, env)
    sys.stdout.flush()
    try:
        if WINDOWS:  # exec there starts a second process and returns to the prompt at once
            import subprocess

            sys.exit(subprocess.call([found, *words[1:]], env=env))
        os.execve(found, words, env)  # noqa: S606  running it is what was asked for
    except FileNotFoundError as error:
        raise _not_found(name, env) from error
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without #!: what every shell does with it
            os.execve("/bin/sh", ["sh", found, *words[1:]], env)  # noqa: S606
        raise _not_run(name, str(error.strerror)) from error


def _check(path: str, env: dict[str, str]) -> None:
    """Raise WendError where the shell that runs PATH after an environment's scripts would say that it cannot."""
    if not os.path.exists(path):
        raise _not_found(path, env)
    if os.path.isdir(path) or not os.access(path, os.X_OK):
        raise _not_run(path, os.strerror(errno.EACCES))


def _not_run(path: str, why: str) -> WendError:
    from wend import fixes

    return WendError(f"{path}: {why}", fixes.made_executable(path), status=126)


def _not_found(name: str, env: dict[str, str]) -> WendError:
    """Return that there is no command NAME; what shows the commands of the environment, which are first in PATH."""
    from wend import fixes

    first = next(filter(os.path.isdir, env.get("PATH", "").split(os.pathsep)), os.curdir)
    near = os.path.abspath(name) if os.path.dirname(name) else os.path.join(first, name)
    return WendError(f"{name}: command not found", fixes.shown_near(near), status=127)
