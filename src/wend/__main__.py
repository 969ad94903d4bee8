"""The entry point: `wend daemon run` goes straight to the daemon, everything else to the command line."""

from __future__ import annotations

import os
import sys

if not __package__:  # run by path, isolated: the code beside this file is the code that is meant
    _site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if _site not in sys.path:
        sys.path.insert(0, _site)


def main() -> int:
    """Run the command in sys.argv; return its exit status."""
    if sys.getfilesystemencoding() != "utf-8":  # paths are bytes that we spell as UTF-8 under any LANG
        command = [sys.executable, "-I", "-S", "-X", "utf8", os.path.abspath(__file__), *sys.argv[1:]]
        os.execv(sys.executable, command)  # noqa: S606
    from wend import libraries

    libraries.find_late()
    arguments = sys.argv[1:]
    if arguments[:2] == ["daemon", "run"] and not arguments[3:] and arguments[-1][:1] != "-":
        return _daemon(arguments[2:])
    from wend.cli import run

    status = run(arguments)
    if "click" not in sys.modules:  # a quick command, after which taking the modules down takes half a start of Python
        sys.stderr.flush()
        os._exit(status)
    return status


def _daemon(arguments: list[str]) -> int:
    """Run the daemon. A shell's first prompt may wait for it, so nothing of the command line is imported."""
    from wend import paths
    from wend.daemon.lifecycle import run
    from wend.errors import WendError
    from wend.text import visible

    env = dict(os.environ)
    try:
        return run(arguments[0] if arguments else paths.mailbox_dir(env), paths.state_dir(env))
    except (OSError, WendError) as failure:
        error = failure
        if not isinstance(error, WendError):
            from wend import fixes  # here, where it costs a daemon nothing

            error = fixes.unwritable(os.fsdecode(error.filename or ""), error)
        print(visible(error.line()), file=sys.stderr)  # noqa: T201
        return error.status


if __name__ == "__main__":
    sys.exit(main())
