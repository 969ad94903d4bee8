"""The command line. `run` is the door; every command is a file of its own, imported when it is asked for."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from typing import Any, Optional

import click

from wend import __version__
from wend.cli.examples import examples
from wend.errors import WendError

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
    ("daemon", "daemon", "Start, stop and look at the daemon."),
    ("completion", "completion", "Print a shell's completions."),
)
_CURES = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "make it writable") | {
    errno.ENOSPC: "make room on the disk"
}
_MODULES = {name: module for name, module, _ in COMMANDS}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        command = importlib.import_module(f"wend.cli.{_MODULES[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, _, text in COMMANDS])


_EXAMPLES = examples(
    ("wend status", "what is active here, and why"),
    ("wend create", "make this project's environment"),
    ("wend allow", "trust the project that you are in"),
    ("wend COMMAND --help", "options and examples of a command"),
)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLES)
@click.version_option(__version__, message="wend %(version)s")
def main() -> None:
    """Activate a project's Python environment on cd, and restore the shell exactly on leaving."""


def run(argv: list[str]) -> int:
    """Run the command in ARGV (without the program's name); return the exit status.

    Whatever goes wrong is one line on standard error, `wend: what is wrong: what to type`.
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
        except OSError:  # what was printed before reaches no one; the error does
            _forget_output()
        return _fail(error)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _forget_output()
        context = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        return _fail(WendError(f"{context}{error.strerror or error}", _CURES.get(error.errno or 0, "")))
    except Exception as error:
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        at = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        return _fail(WendError(f"{type(error).__name__}: {error}{at}", "please report this line"))
    return status


def _status(argv: list[str]) -> int:
    if "_WEND_COMPLETE" in os.environ and not argv:  # a shell's completions ask
        from wend.cli import completing, output

        output.print_text(completing.answer(main, os.environ["_WEND_COMPLETE"]))
        return 0
    try:
        result: Any = main.main(argv or ["--help"], prog_name="wend", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "wend"
        text = " ".join(error.format_message().split()).rstrip(".")
        return _fail(WendError(text[:1].lower() + text[1:], f"{path} --help", status=2))
    except click.Abort:
        return 130
    except click.exceptions.Exit as leave:
        return leave.exit_code
    status = result if isinstance(result, int) else 0
    return status if argv else 2


def _fail(error: WendError) -> int:
    from wend.text import visible

    print(visible(error.line()), file=sys.stderr)  # noqa: T201
    return error.status


def _forget_output() -> None:
    """Have Python find nothing to complain of when it flushes at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
