"""Where a command runs: the shell, the environment without wend. No click here: `exec` starts fast."""

from __future__ import annotations

import _thread
import os
import sys
import time

from wend import record as records
from wend.context import Context
from wend.disk import Disk
from wend.engine import Decision, Situation, View, decide, look, situate
from wend.errors import WendError
from wend.protocol import SHELL_ID, Request
from wend.shells import DEFAULT
from wend.text import visible
from wend.typed import Callable, NamedTuple

_SILENCE = 2.0  # seconds after which a person asks why nothing happens
_PATIENCE = 0.5  # seconds more, in which a mount that is in use answers

Strip = Callable[[dict[str, str]], dict[str, str]]


class Asked(NamedTuple):
    """What a command learned of a directory: the first three steps of an answer."""

    situation: Situation
    view: View
    decision: Decision


def without_wend() -> dict[str, str]:
    """Return this process's environment as it would be if wend had changed nothing."""
    env = records.revert(records.load(os.environ.get("WEND_UNDO", "")).undo, os.environ)
    return {name: value for name, value in env.items() if name not in ("WEND_UNDO", "WEND_ENV")}


def request(path: str, *, shell: str = DEFAULT, first: bool = False) -> Request:
    """Return the request of this process in the directory PATH, as if its shell asked, FIRST: for the first time."""
    ident = os.environ.get("WEND_SHELL", "")
    return Request(
        shell=shell,
        pid=os.getppid(),
        id=ident if ident and SHELL_ID.fullmatch(ident) else "",
        number=1,
        cwd=path,
        undo=os.environ.get("WEND_UNDO", ""),
        event="prompt",
        facts=(),
        first=first,
        names=(),
        env=dict(os.environ),
    )


def situation(path: str, *, shell: str = DEFAULT, strip: Strip = dict) -> Situation:
    """Return the situation of this process in the directory PATH. STRIP as in `situate`."""
    return situate(request(path, shell=shell), _watched(Disk()), everything_known=True, strip=strip)


def surroundings(env: dict[str, str]) -> Context:
    """Return what a question about no directory is asked with, from the complete environment ENV without a record."""
    asked = request(os.sep)._replace(undo="", env=env)
    return situate(asked, _watched(Disk()), everything_known=True).context._replace(cwd="")


def _watched(disk: Disk) -> Disk:
    """Return DISK. If one of its mounts does not answer, a line names it, because the command can only wait."""
    if disk.mounts.any_remote:
        _thread.start_new_thread(_watch, (disk,))  # without `threading`, which takes a while to load
    return disk


def _watch(disk: Disk) -> None:
    time.sleep(_SILENCE)
    mount = disk.evidence.mount_in_use()
    if not mount:
        return
    asking = _thread.allocate_lock()
    asking.acquire()

    def ask_it() -> None:
        os.path.exists(mount)
        asking.release()

    _thread.start_new_thread(ask_it, ())
    if not asking.acquire(timeout=_PATIENCE):
        sys.stderr.write(f"wend: {visible(mount)} does not answer: Ctrl-C, or wait until it does\n")


def ask(
    path: str,
    rule: Callable[[Situation, View], Decision] = decide,
    *,
    shell: str = DEFAULT,
    strip: Strip = dict,
    everything: bool = False,
    noting: bool = True,
) -> Asked:
    """Return what is known of the directory PATH and what RULE decides there; the rest as in `situation` and `look`.

    With WEND_TRACE=1 standard error tells what was decided, and what for.
    """
    began = time.perf_counter()
    found = situation(path, shell=shell, strip=strip)
    seen = look(found, everything=everything, noting=noting)
    asked = Asked(found, seen, rule(found, seen))
    if os.environ.get("WEND_TRACE") == "1":
        from wend.cli import trace

        trace.show(*asked, seconds=time.perf_counter() - began)
    return asked


def view(path: str, *, everything: bool = False) -> View:
    """Return what is seen from the directory PATH in this process's environment without wend."""
    return look(situation(path), everything=everything)


def tell_shell(verb: str) -> None:
    """Make the shell in which this was typed obey VERB at its next prompt. WendError if it cannot be reached."""
    from wend import client
    from wend.setup import missing_hook

    shell = os.environ.get("WEND_SHELL", "")
    if not SHELL_ID.fullmatch(shell):
        raise WendError("this shell has no hook", missing_hook.fix(os.environ))
    answer = client.ask((verb, shell), os.environ)
    if answer is None:
        raise WendError("the daemon is not running", "wend daemon start")
    if not answer.get("ok"):
        raise WendError("the daemon does not know this shell yet", "press Enter")
