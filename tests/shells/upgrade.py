"""A shell that was open while wend was upgraded: it runs the hook of version 0.1, and the daemon is the new one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.shells.driver import Shell, World, is_bash_before
from tests.shells.scenarios import Start, scenario
from tests.shells.table import Row

_HOOKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "hooks-0.1")

# What the daemon of 0.1 answered on entering an environment, beside the variables: its name stands in the prompt.
_ENTERED = {
    "bash": "__wend_y1=/ __wend_y2=/ __wend_n1='' __wend_n2='' __wend_n3='' __wend_more=''\n"
    "__wend_swap='' __wend_name='(.venv) '; __wend_show\n"
    'function deactivate {{ __wend_ask deactivate "$@"; }}; __wend_active=1\n: wend-end',
    "fish": "set -g __wend_y1 /\nset -g __wend_y2 /\nset -g __wend_n1 ''\nset -g __wend_more\n"
    "set -g __wend_name '(.venv) '; __wend_show\n"
    "function deactivate; __wend_ask deactivate $argv; end; set -g __wend_active 1\n: wend-end",
    "pwsh": "$global:__wend_name = '(.venv) '\n"
    """if ("${{function:global:deactivate}}" -notlike '*__wend_ask*') {{\n"""
    "  $global:__wend_theirs = ${{function:global:deactivate}}\n"
    "  function global:deactivate([switch]$NonDestructive) {{\n"
    """    __wend_ask "deactivate$(if ($NonDestructive) {{ ' nondestructive' }})"\n  }}\n}}\n"""
    "$global:__wend_more = ''\n$global:__wend_y1 = '/'; $global:__wend_y2 = '/'; $global:__wend_n1 = ''; "
    "$global:__wend_n2 = ''; $global:__wend_n3 = ''\n# wend-end",
}
_ENTERED["zsh"] = _ENTERED["bash"]


@scenario()
def upgraded_outside(w: World, start: Start) -> None:
    """Nothing is active; the first question to the new daemon brings the new hook."""
    p, q = w.project("p"), w.project("q")
    s = start(hook=_old_hook(w, start.row))
    before = s.snapshot()
    _use(s, p, q)
    s.same(before)
    _is_new(s)


@scenario()
def upgraded_by_cd(w: World, start: Start) -> None:
    """The old hook asks from inside cd: the command after it has the right environment."""
    p = w.project("p")
    with _first_answers(w, start.row, b"") as change_daemon:
        s = start(hook=_old_hook(w, start.row))
        before = s.snapshot()
        change_daemon()
        line = s.row.chain.format(f"cd {s.word(p)}", "python -c 'import sys; print(sys.prefix)'")
        seen = s.line(line)  # older bashes have no clock: their hook waits some 60 ms
        assert seen == f"{p}/.venv" or is_bash_before(s.row, 5)
        s.active(p)
        s.cd(w.home)
        s.same(before._replace(state=s.state()))  # whose functions are hooked in has changed
        _is_new(s)


@scenario()
def upgraded_inside(w: World, start: Start) -> None:
    """The old daemon has activated an environment: its name stays where it is, and everything comes back."""
    p, q = w.project("p"), w.project("q")
    outside = start(hook=_old_hook(w, start.row)).env()
    with _first_answers(w, start.row, _entered(w, start.row, p)) as change_daemon:
        s = start(hook=_old_hook(w, start.row), cwd=p)
        s.active(p)
        change_daemon()
        for _ in range(2):
            s.enter()
            s.active(p)
        _use(s, q, p)
        _is_new(s)
        now = s.env()
        changed = {name for name in {*now, *outside} if now.get(name) != outside.get(name)}
        assert changed <= {b"WEND_SHELL", b"WEND_RUNTIME_DIR", b"OLDPWD", b"DIRSTACK", b"_"}


@scenario()
def upgraded_then_deactivated(w: World, start: Start) -> None:
    """The first thing typed after the upgrade is the old `deactivate`."""
    p = w.project("p")
    with _first_answers(w, start.row, _entered(w, start.row, p)) as change_daemon:
        s = start(hook=_old_hook(w, start.row), cwd=p)
        s.active(p)
        change_daemon()
        s.line("deactivate")
        s.inactive()
        s.enter(2)
        s.inactive()
        s.cd(w.home)
        s.cd(p)
        s.active(p)
        _is_new(s)


def _use(s: Shell, p: str, q: str) -> None:
    """Enter, switch, deactivate, leave: twice, so that the second round is all the new hook's."""
    for _ in range(2):
        s.cd(p)
        s.active(p)
        s.enter(2)
        s.cd(q)
        s.active(q)
        s.line("deactivate")
        s.inactive()
        s.enter()
        s.cd(s.world.home)
        s.inactive()


def _is_new(s: Shell) -> None:
    """Expect the new hook in charge, and nothing left that the old one did at a prompt or a cd."""
    known = "\n".join(s.everything())
    assert "__wend_on_prompt" in known
    assert "__wend_saw" not in known


def _old_hook(w: World, row: Row) -> str:
    """Return the path of the hook as the setup of 0.1 installed it."""
    path = os.path.join(w.files, f"old-{row.hook}")
    with open(os.path.join(_HOOKS, row.hook), encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("@WEND@", row.quote(os.fsencode(w.wend))))
    return path


def _entered(w: World, row: Row, project: str) -> bytes:
    """Return the old daemon's answer to a shell in PROJECT. PowerShell puts its own directory on PATH at its start."""
    prefix = f"{project}/.venv"
    own = [os.path.dirname(os.path.realpath(shutil.which("pwsh") or ""))] if row.name == "pwsh" else []
    path = ":".join([f"{prefix}/bin", *own, w.env["PATH"]])
    record = {
        "v": 1,
        "active": ["venv", ".venv", prefix, project],
        "scalars": [["VIRTUAL_ENV", None, prefix], ["VIRTUAL_ENV_PROMPT", None, ".venv"]],
        "added": [f"{prefix}/bin"],
    }
    values = {
        "PATH": path,
        "VIRTUAL_ENV": prefix,
        "VIRTUAL_ENV_PROMPT": ".venv",
        "WEND_UNDO": json.dumps(record, separators=(",", ":")),
        "WEND_ENV": ".venv",
    }
    lines = []
    for name, value in values.items():
        words = [row.quote(os.fsencode(word)) for word in (path.split(":") if name == "PATH" else [value])]
        sets = {"fish": f"set -gx {name} {' '.join(words)}"}
        lines.append(sets.get(row.name) or row.set.format(name=name, value=row.quote(os.fsencode(value))))
    return "\n".join([*lines, _ENTERED[row.name].format()]).encode()


@contextmanager
def _first_answers(w: World, row: Row, text: bytes) -> Iterator[Start]:
    """Answer as the old daemon until the function that this yields is called; from then on the new one does."""
    runtime = w.directory(f"runtime-{row.name}")
    box = os.path.join(runtime, f"wend-{os.geteuid()}")
    os.mkdir(box, 0o700)
    os.symlink(f"/proc/{os.getpid()}/ns/mnt", f"{box}/ns")
    w.env["WEND_RUNTIME_DIR"] = runtime
    over = threading.Event()
    ending = b"# wend-end" if row.name == "pwsh" else b": wend-end"

    def answer() -> None:
        done = set()
        while not over.is_set():
            for name in os.listdir(box):
                if name.endswith(".req") and name not in done and _whole(f"{box}/{name}"):
                    done.add(name)
                    with open(f"{box}/new", "wb") as file:
                        file.write(ending if len(done) > 1 or not text else text)
                    os.rename(f"{box}/new", f"{box}/{name[:-4]}.rep")
                    os.unlink(f"{box}/{name}")
            time.sleep(0.001)

    thread = threading.Thread(target=answer)
    thread.start()
    daemons: list[subprocess.Popen[bytes]] = []

    def change_daemon() -> None:
        over.set()
        thread.join()
        os.unlink(f"{box}/ns")
        daemons.append(subprocess.Popen([w.wend, "daemon", "run", box], env=w.env, stdin=subprocess.DEVNULL))
        while not os.path.lexists(f"{box}/ns"):
            assert daemons[0].poll() is None, "the daemon ended at once"
            time.sleep(0.001)

    try:
        yield change_daemon  # type: ignore[misc]
    finally:
        over.set()
        thread.join()
        for daemon in daemons:
            daemon.kill()
            daemon.wait()


def _whole(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read().endswith(b"\0.\0")
