from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .conftest import Cli

SHOW = 'printf "%s\\n" "${VIRTUAL_ENV-}" "$PATH" "${PYTHONHOME-none}" "${WEND_UNDO-none}" "$PWD"'


def test_runs_in_the_environment_and_keeps_the_directory(cli: Cli) -> None:
    root = cli.project("proj")
    done = cli("exec", "proj", "--", "sh", "-c", SHOW, PYTHONHOME="/nowhere")
    prefix = f"{root}/.venv"
    assert done.stdout.splitlines() == [
        prefix,
        f"{prefix}/bin:{cli.env['PATH']}",
        "none",
        "none",
        str(cli.home),
    ]
    done = cli("exec", "proj", "--", "python", "-c", "import sys; print(sys.prefix)")
    assert (done.returncode, done.stdout) == (0, f"{prefix}\n")


@pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="no procfs")
@pytest.mark.parametrize("place", ["/proc/self/cwd", "/proc/1/cwd", "/proc/thread-self/cwd", "/dev/fd/../cwd"])
def test_an_archive_cannot_name_the_directory_of_the_command(cli: Cli, place: str) -> None:
    """The command itself is the process whose directory that is."""
    root, ran = cli.home / "proj", cli.home / "ran"
    for name, text in {
        "environment.yml": f"prefix: {place}/env\n",
        "env/conda-meta/history": f"# cmd: conda create -p {place}/env\n",
        "env/bin/python": f"#!/bin/sh\ntouch {ran}\n",
        "env/bin/ls": f"#!/bin/sh\ntouch {ran}\n",
        "env/etc/conda/activate.d/a.sh": f"touch {ran}\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
        (root / name).chmod(0o755)
    cli.cwd = root
    assert cli("exec", "--", "ls").returncode != 0
    assert cli("env", "--shell", "bash").returncode != 0
    assert "chosen" not in {each["status"] for each in cli.json("explain")["candidates"]}
    assert not ran.exists()


def test_without_directory_it_is_the_current_one(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    assert cli("exec", "--", "sh", "-c", 'echo "$VIRTUAL_ENV"').stdout == f"{cli.cwd}/.venv\n"


def test_leaves_what_is_active(cli: Cli) -> None:
    root, other = cli.project("proj"), cli.project("other")
    path = f"{other}/.venv/bin:{cli.env['PATH']}"
    done = cli("exec", "proj", "--", "sh", "-c", SHOW, VIRTUAL_ENV=f"{other}/.venv", PATH=path)
    assert done.stdout.splitlines()[:2] == [f"{root}/.venv", f"{root}/.venv/bin:{cli.env['PATH']}"]


def test_conda_base_stays_beneath(cli: Cli) -> None:
    cli.project("proj")
    base = {"CONDA_PREFIX": "/opt/c", "CONDA_DEFAULT_ENV": "base", "PATH": f"/opt/c/bin:{cli.env['PATH']}"}
    done = cli("exec", "proj", "--", "sh", "-c", 'echo "$CONDA_PREFIX ${PATH#*:}"', **base)
    assert done.stdout == f"/opt/c {base['PATH']}\n"


@pytest.mark.parametrize("status", [0, 1, 3, 4, 77])
def test_status_is_that_of_the_command(cli: Cli, status: int) -> None:
    cli.project("proj")
    assert cli("exec", "proj", "--", "sh", "-c", f"exit {status}").returncode == status


def test_killed_by_a_signal(cli: Cli) -> None:
    cli.project("proj")
    assert cli("exec", "proj", "--", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM


def test_arguments_arrive_as_they_are(cli: Cli) -> None:
    cli.project("proj")
    words = ["--help", "", "a b", "--", "$HOME", "\n"]
    done = cli("exec", "proj", "--", "printf", "<%s>", *words)
    assert done.stdout == "".join(f"<{word}>" for word in words)


def test_not_found_and_not_executable(cli: Cli) -> None:
    cli.project("proj")
    done = cli("exec", "proj", "--", "no-such-command")
    assert (done.returncode, done.stderr) == (
        127,
        f"wend: no-such-command: command not found: ls {cli.home}/proj/.venv/bin\n",
    )
    plain = cli.home / "plain"
    plain.write_text("echo hello\n")
    done = cli("exec", "proj", "--", str(plain))
    assert (done.returncode, done.stderr) == (126, f"wend: {plain}: Permission denied: chmod +x {plain}\n")
    plain.chmod(0o755)
    assert cli("exec", "proj", "--", str(plain)).stdout == "hello\n"


def test_a_bare_word_is_never_a_file_of_the_current_directory(cli: Cli) -> None:
    planted = cli.project("proj") / "deploy"
    planted.write_text("#!/bin/sh\necho planted\n")
    planted.chmod(0o755)
    cli.cwd = planted.parent
    done = cli("exec", "--", "deploy")
    assert (done.returncode, done.stdout, done.stderr) == (
        127,
        "",
        f"wend: deploy: command not found: ls {cli.cwd}/.venv/bin\n",
    )
    assert cli("exec", "--", "./deploy").stdout == "planted\n"


def test_no_environment_runs_nothing(cli: Cli) -> None:
    done = cli("exec", "--", "touch", "ran")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert not (cli.home / "ran").exists()


def test_without_dashes_it_is_wrong_usage(cli: Cli) -> None:
    cli.project("proj")
    for words in (("proj",), ("proj", "ls"), ("proj", "--")):
        assert cli("exec", *words).returncode == 2


def _conda(root: Path) -> Path:
    prefix = root / ".condaenv"
    for name in ("bin", "conda-meta", "etc/conda/activate.d", "etc/conda/deactivate.d"):
        (prefix / name).mkdir(parents=True)
    os.symlink("/bin/sh", prefix / "bin" / "python")
    (prefix / "conda-meta" / "history").write_text("")
    (prefix / "etc/conda/activate.d/x.sh").write_text('export SEEN="$CONDA_PREFIX"\n')
    return prefix


def test_conda_scripts_run_only_when_trusted(cli: Cli) -> None:
    prefix = _conda(cli.home / "sci")
    show = ("exec", "sci", "--", "sh", "-c", 'echo "$SEEN|$CONDA_PREFIX|$1"', "sh", "it's")
    done = cli(*show)
    assert (done.returncode, done.stdout) == (3, "")
    assert cli("allow", "sci").returncode == 0
    done = cli(*show)
    assert (done.returncode, done.stdout) == (0, f"{prefix}|{prefix}|it's\n")
    done = cli("exec", "sci", "--", "no-such-command")
    assert (done.returncode, done.stderr) == (127, f"wend: no-such-command: command not found: ls {prefix}/bin\n")
    for name, status, said in (
        ("/", 126, "Permission denied: ls -l /"),
        ("./no", 127, f"command not found: ls {cli.home}"),
    ):
        done = cli("exec", "sci", "--", name)
        assert (done.returncode, done.stderr) == (status, f"wend: {name}: {said}\n")
