"""What stands behind the hooks: the daemon and its reach, the settings, and the order of PATH."""

from __future__ import annotations

import os
from collections.abc import Iterator

from wend import __version__, client, fixes, paths, settings_file
from wend import record as records
from wend.daemon.mailbox import obstacle
from wend.doctor.finding import ERROR, INFO, OK, WARNING, Case, Finding
from wend.text import quoted, visible

_ENTERED_AGAIN = "cd / && cd -"
_PROGRAMS = ("python", "python3", "pip")


def daemon(case: Case) -> Iterator[Finding]:
    """Find a daemon that does not answer, or is of another version."""
    if case.trouble and not obstacle(paths.mailbox_dir(case.env)):  # else that is told
        yield Finding("daemon-silent", ERROR, case.trouble, "wend daemon restart")
    elif case.daemon is None:
        if not case.elsewhere and not case.trouble:
            yield Finding("daemon", INFO, "the daemon is not running; the next question of a shell starts it")
    elif case.daemon.get("version") != __version__:
        text = f"the daemon is of version {visible(str(case.daemon.get('version')))}, and this is {__version__}"
        yield Finding("daemon-version", WARNING, text, "wend daemon restart", lambda: restart(case))
    else:
        shells = case.daemon.get("shells")
        served = f"{shells} shell{'' if shells == 1 else 's'}"
        text = f"the daemon answers: pid {case.daemon.get('pid')}, version {__version__}, {served}"
        yield Finding("daemon", OK, text)


def restart(case: Case) -> None:
    """End the daemon and start one of this version: it holds nothing that the shells need."""
    client.stop(case.env)
    client.start(case.env)


def reach(case: Case) -> Iterator[Finding]:
    """Find what keeps a shell's question from the daemon, or the daemon from hearing of it at once."""
    mailbox = paths.mailbox_dir(case.env)
    unsafe = paths.unsafe_runtime_dir(mailbox)
    if unsafe:
        text = f"others can change {visible(unsafe)}, where shells and daemon meet: the hooks ask nothing"
        yield Finding("runtime-dir", ERROR, text, fixes.ANOTHER_RUNTIME_DIR)
    hindrance = None if unsafe else obstacle(mailbox)
    if hindrance:
        yield Finding("mailbox", ERROR, f"{visible(hindrance.what)}: the hooks ask nothing", hindrance.fix)
    if case.elsewhere:
        text = f"{visible(mailbox)} is in use by a daemon in another container: the shells here ask nothing"
        yield Finding("container", WARNING, text, fixes.ANOTHER_RUNTIME_DIR)
    if case.file_limit:
        text = "the size of files is limited here (ulimit -f): writing a question could kill the shell, so it asks none"
        yield Finding("file-limit", WARNING, text, "ulimit -f unlimited")
    if case.daemon is not None and case.daemon.get("notify") == "poll":
        text = "the kernel has no inotify instance left for the daemon: it looks for questions every 20 ms"
        yield Finding("inotify", WARNING, text, "sudo sysctl fs.inotify.max_user_instances=1024")


def settings(case: Case) -> Iterator[Finding]:
    """Find mistakes in the settings file."""
    for mistake in case.situation.mistakes:
        file = paths.config_file(case.env) or ""
        yield Finding("settings", WARNING, visible(mistake), settings_file.fix(file, mistake))


def path_order(case: Case) -> Iterator[Finding]:
    """Find directories in PATH before those of the active environment, which hide programs of it."""
    directory, name = _active(case)
    if not directory:
        return
    path = records.split(case.env.get("PATH"))
    if directory not in path:
        text = f"{visible(directory)} is not in PATH, although {visible(name)} is active"
        yield Finding("path-missing", WARNING, text, _ENTERED_AGAIN)
        return
    for entry in path[: path.index(directory)]:
        hidden = [each for each in _PROGRAMS if os.path.exists(os.path.join(entry, each))]
        hidden = [each for each in hidden if os.path.exists(os.path.join(directory, each))]
        if hidden:
            text = f"{visible(entry)} comes before the environment in PATH and hides its {', '.join(hidden)}"
            activate = visible(quoted(os.path.join(directory, "activate")))
            fix = _ENTERED_AGAIN if case.situation.remembered.undo.active else f". {activate}"
            yield Finding("path-order", WARNING, text, fix)
            return


def _active(case: Case) -> tuple[str, str]:
    """Return the directory of programs and the name of what is active, by wend or not; empty for nothing."""
    undo = case.situation.remembered.undo
    if undo.active and undo.added:
        return undo.added[0], undo.active.name
    prefix = case.env.get("VIRTUAL_ENV", "")
    return (os.path.join(prefix, "bin"), os.path.basename(prefix)) if os.path.isabs(prefix) else ("", "")
