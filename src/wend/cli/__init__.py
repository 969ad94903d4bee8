"""The command line. `run` is the entry point; each command is a file, imported when it is used.

No click here: `wend.cli.quick` answers the plain forms of `wend env` and `wend exec` without it.
"""

from __future__ import annotations

import errno
import os
import sys

from wend.errors import WendError
from wend.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from wend import documents

# Name, module under wend.cli, what `wend --help` says: so that help imports none of them.
COMMANDS = (
    ("status", "status", "Show what is active in this shell, and why; --watch: in every shell."),
    ("explain", "explain", "Show every environment seen from a directory, and why each was chosen or not."),
    ("env", "env", "Show the changes that entering a directory makes."),
    ("exec", "exec", "Run a command in a directory's environment."),
    ("allow", "allow", "Trust a project."),
    ("deny", "deny", "Refuse a project."),
    ("trust", "trust", "List what you trusted and refused."),
    ("create", "create", "Make the environment that the project's files ask for."),
    ("sync", "sync", "Bring the environment in line with the files."),
    ("freeze", "freeze", "Write down what is installed."),
    ("python", "python", "List the interpreters of this machine, pin one, find a directory's."),
    ("doctor", "doctor", "Look for what is wrong, and say what to type."),
    ("off", "off", "Stop wend in this shell."),
    ("on", "on", "Resume wend in this shell."),
    ("setup", "setup", "Install the hooks into the shells, or remove them."),
    ("hook", "hook", "Print a shell's hook, for eval."),
    ("selftest", "selftest", "Test every shell on this machine: enter, switch, leave."),
    ("config", "config", "Show or change the settings."),
    ("daemon", "daemon", "Start, stop or inspect the daemon."),
    ("completion", "completion", "Print a shell's completions."),
)


def run(argv: list[str]) -> int:
    """Run the command in ARGV (without the program's name); return the exit status.

    Every failure is one line on standard error, `wend: what is wrong: what to type`. With --json, what failed before
    it had a document prints one that says the same.
    """
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # `wend status >&-`; the next file opened would stand in its place
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(fd, "w" if fd else "r", closefd=False))
    try:
        status = _status(argv)
        sys.stdout.flush()
    except BrokenPipeError:  # `wend explain | head -1`: as click has it
        _forget_output()
        return 1
    except WendError as error:
        try:
            sys.stdout.flush()
        except OSError:  # what was printed before is lost; the error is not
            _forget_output()
        return _fail(error, argv)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _forget_output()
        return _fail(_unexpected(error), [])
    except Exception as error:
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        at = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        what = f"{type(error).__name__}: {error}{at}, which is a mistake in wend; please report it with what this says"
        return _fail(WendError(what, "wend doctor"), argv)
    return status


def _status(argv: list[str]) -> int:
    if "_WEND_COMPLETE" not in os.environ:
        from wend.cli import quick

        command = quick.parse(argv)
        status = command() if command else None
        if status is not None:
            return status
    from wend.cli import group

    return group.run(argv)


def _unexpected(error: OSError) -> WendError:
    """Return what is told of ERROR, which a command did not expect."""
    from wend import fixes

    named = isinstance(error.filename, (str, bytes))
    path = os.fsdecode(error.filename) if named else os.curdir
    fix = (
        fixes.room(os.path.dirname(path) or os.curdir) if error.errno == errno.ENOSPC else f"ls -ld {fixes.word(path)}"
    )
    return WendError(f"{path + ': ' if named else ''}{error.strerror or error}", fix)


def _fail(error: WendError, argv: list[str]) -> int:
    """Tell ERROR, also as a document if ARGV asks for one; return the exit status."""
    from wend.text import visible

    if error.again:
        from wend import fixes

        error.fix = fixes.again(argv, error.again)
    options = argv[: argv.index("--")] if "--" in argv else argv
    has_document = error.status in (3, 4) and argv[:1] == ["env"]
    if error.status != 2 and "--json" in options and not has_document:  # 2: no command ran
        _print_failure(error)
    print(visible(error.line()), file=sys.stderr)  # noqa: T201
    return error.status


def _print_failure(error: WendError) -> None:
    from wend.cli import output

    document: documents.Failure = {"error": error.what, "fix": error.fix}
    try:
        output.print_json(document)
        sys.stdout.flush()
    except OSError:  # standard error has it
        _forget_output()


def _forget_output() -> None:
    """Discard unwritten output, so that Python's flush at exit does not fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
