from __future__ import annotations

import os
import shutil
import signal
import time

from wend import record as records
from wend.record import Active, Intent, Record, Undo

from .conftest import Cli

SHELL = f"{os.getpid()}-0000"


def _active(cli: Cli) -> str:
    root = cli.project("proj")
    prefix = f"{root}/.venv"
    return records.dump(Record(Undo(active=Active("venv", ".venv", prefix, str(root)), added=(f"{prefix}/bin",))))


def test_outside_a_hooked_shell_and_without_daemon(cli: Cli) -> None:
    assert cli.json("status") == {"schema": 1, "shell": None, "daemon": None}
    done = cli("status")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["shell", "active", "daemon"]
    assert "wend setup" in done.stdout


def test_what_is_active_is_known_without_the_daemon(cli: Cli) -> None:
    record = _active(cli)
    shell = cli.json("status", WEND_SHELL=SHELL, WEND_UNDO=record)["shell"]
    assert list(shell) == ["pid", "kind", "dir", "env", "suspended", "decided_by", "reason"]
    assert (shell["pid"], shell["dir"], shell["suspended"]) == (os.getpid(), str(cli.home), False)
    prefix = f"{cli.home}/proj/.venv"
    assert shell["env"]["marker"] == shell["env"]["prefix"] == prefix
    assert shell["env"]["python"] == f"{prefix}/bin/python"
    assert shell["env"]["since"] is None
    text = cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout
    assert ".venv (venv)" in text
    assert prefix in text
    assert text.splitlines()[0].split() == ["shell", "pid", f"{os.getpid()},", "in", str(cli.home)]


def test_what_is_known_of_the_environment(cli: Cli) -> None:
    record, root = _active(cli), cli.home / "proj"
    cli.cwd = root
    assert "note" not in cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout
    (root / "uv.lock").write_text("version = 1\n")
    later = time.time() + 100
    os.utime(root / "uv.lock", (later, later))
    assert "uv.lock is newer than it: wend sync" in cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout


def test_a_note_without_a_fix_does_not_end_in_a_colon(cli: Cli) -> None:
    root, version = cli.project("proj"), "3.99.1"
    prefix = cli.home / ".pyenv" / "versions" / version
    (prefix / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", prefix / "bin" / "python")
    cli.cwd = root / "sub"
    cli.cwd.mkdir()
    (cli.cwd / ".python-version").write_text(version)
    active = Active("pyenv", version, str(prefix), str(cli.cwd))
    record = records.dump(Record(Undo(active=active, added=(f"{prefix}/bin",))))
    lines = cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout.splitlines()
    (note,) = [line for line in lines if line.startswith("note ")]
    assert "its version comes before" in note
    assert not note.endswith(":")


def test_why_nothing_is_active(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    assert f"{cli.cwd}/.venv is the nearest usable environment" in cli("status", WEND_SHELL=SHELL).stdout
    assert cli.json("status", WEND_SHELL=SHELL)["shell"]["decided_by"] == "project"
    off = records.dump(Record(intent=Intent(kept_off="*")))
    assert "wend on" in cli("status", WEND_SHELL=SHELL, WEND_UNDO=off).stdout
    assert cli.json("status", WEND_SHELL=SHELL, WEND_UNDO=off)["shell"]["suspended"] is True
    held = records.dump(Record(intent=Intent(kept_off=str(cli.cwd))))
    assert "deactivate was typed" in cli("status", WEND_SHELL=SHELL, WEND_UNDO=held).stdout
    assert "WEND_DISABLE" in cli("status", WEND_SHELL=SHELL, WEND_DISABLE="1").stdout
    manual = records.dump(Record(intent=Intent(manual=("/etc", ""))))
    assert "activated manually" in cli("status", WEND_SHELL=SHELL, WEND_UNDO=manual, VIRTUAL_ENV="/etc").stdout
    cli.cwd = cli.home
    assert "no environment is seen from here" in cli("status", WEND_SHELL=SHELL).stdout


def test_daemon(cli: Cli) -> None:
    started = cli("daemon", "start")
    daemon = cli.json("status")["daemon"]
    assert list(daemon) == ["pid", "version", "uptime_s", "rss_bytes", "shells", "notify"]
    assert started.stdout == f"started, pid {daemon['pid']}\n"
    assert f"pid {daemon['pid']}, wend {daemon['version']}" in cli("status").stdout
    box = os.path.join(cli.env["WEND_RUNTIME_DIR"], f"wend-{os.geteuid()}")
    assert not [name for name in os.listdir(box) if name.endswith((".req", ".rep"))]


def test_a_stopped_daemon_is_said_and_ended(cli: Cli) -> None:
    cli("daemon", "start")
    pid = cli.json("status")["daemon"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert cli.json("status")["daemon"] is None
    done = cli("status")
    assert done.returncode == 0
    assert f"pid {pid}) does not answer: wend daemon restart" in done.stdout
    assert cli("daemon", "restart").returncode == 0
    assert cli.json("status")["daemon"]["pid"] != pid


def test_the_daemon_commands(cli: Cli) -> None:
    done = cli("daemon", "status")
    assert (done.returncode, done.stdout) == (1, "not running\n")
    assert cli("daemon", "stop").stdout == "not running\n"
    assert cli("daemon", "logs").returncode == 1
    first = cli("daemon", "start").stdout
    assert cli("daemon", "start").stdout == first.replace("started", "already running")
    assert cli.json("daemon", "status")["shells"] == 0
    assert cli("daemon", "restart").stdout.startswith("started, pid")
    assert cli("daemon", "stop").stdout == "stopped\n"
    assert cli("daemon", "status").returncode == 1
    assert len(cli("daemon", "logs", "-n", "2").stdout.splitlines()) == 2


def test_what_is_no_log_is_not_waited_for(cli: Cli) -> None:
    log = cli.home / ".local" / "state" / "wend" / "daemon.log"
    log.parent.mkdir(parents=True)
    os.mkfifo(log)
    assert cli("daemon", "logs").stderr == f"wend: {log} cannot be read: mv {log} {log}.old\n"


def test_a_killed_daemon_does_not_count_as_running(cli: Cli) -> None:
    cli("daemon", "start")
    os.kill(cli.json("daemon", "status")["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while cli("daemon", "status").returncode == 0 and time.monotonic() < deadline:
        pass
    assert cli.json("status")["daemon"] is None


def test_off_and_on_say_why_they_cannot(cli: Cli) -> None:
    for verb in ("off", "on"):
        assert "has no hook" in cli(verb).stderr
        done = cli(verb, WEND_SHELL=SHELL)
        assert (done.returncode, done.stderr) == (1, "wend: the daemon is not running: wend daemon start\n")
    cli("daemon", "start")
    done = cli("off", WEND_SHELL=SHELL)
    assert done.returncode == 1
    assert "does not know this shell" in done.stderr


def test_what_is_to_come(cli: Cli) -> None:
    """What is decided and not active is promised under a condition, and not where the hook is gone."""
    record, root = _active(cli), cli.home / "proj"
    assert "next    nothing is active after Enter" in cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout
    cli.cwd = root
    assert "next    .venv is active after Enter" in cli("status", WEND_SHELL=SHELL).stdout
    assert "next " not in cli("status", WEND_SHELL=SHELL, WEND_UNDO=record).stdout
    assert "next " not in cli("status", WEND_SHELL=SHELL, WEND_DISABLE="1").stdout
