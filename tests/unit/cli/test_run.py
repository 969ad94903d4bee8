from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from wend.cli import COMMANDS

from .conftest import MAIN, Cli


def test_help_names_every_command_without_importing_one(cli: Cli) -> None:
    code = (
        "import sys; from wend.cli import run; run(['--help']); "
        "names = ('wend.', 'psutil', 'watchdog', 'platformdirs'); "
        "print(sorted(m for m in sys.modules if m.startswith(names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=cli.env, capture_output=True, text=True, check=True)
    *text, modules = done.stdout.splitlines()
    for name, _, _ in COMMANDS:
        assert any(line.split()[:1] == [name] for line in text), name
    assert (
        modules == "['wend.cli', 'wend.cli.examples', 'wend.cli.group', 'wend.cli.quick', 'wend.errors', 'wend.typed']"
    )


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_has_help(cli: Cli, name: str) -> None:
    done = cli(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: wend {name}")


def test_version(cli: Cli) -> None:
    assert cli("--version").stdout.startswith("wend 0.")


@pytest.mark.parametrize("words", [("nonsense",), ("status", "--nonsense"), ("hook", "tcsh"), ("hook",), ("exec",)])
def test_wrong_usage_is_one_line_and_2(cli: Cli, words: tuple[str, ...]) -> None:
    done = cli(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("wend: ")
    assert done.stderr.count("\n") == 1


def test_no_command_prints_help_and_is_wrong_usage(cli: Cli) -> None:
    done = cli()
    assert done.returncode == 2
    assert "Commands:" in done.stdout


def test_missing_subcommand(cli: Cli) -> None:
    done = cli("daemon")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "wend: missing command: wend daemon --help\n")


@pytest.mark.parametrize("command", ["explain", "env", "allow", "deny"])
def test_what_is_not_a_directory(cli: Cli, command: str) -> None:
    (cli.home / "file").touch()
    for name in ("missing", "file"):
        done = cli(command, name)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert str(cli.home / name) in done.stderr
    done = cli(command, "")  # what an unset variable leaves, never the current directory: cd refuses it too
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"wend: '' is not a directory: wend {command}\n")


def test_current_directory_is_gone(cli: Cli) -> None:
    gone = cli.home / "gone"
    gone.mkdir()
    script = f'cd "$1" && rmdir "$1" && exec "{sys.executable}" -I -X utf8 "{MAIN}" explain'
    done = subprocess.run(["sh", "-c", script, "sh", gone], env=cli.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "wend: the current directory is gone: cd\n")


@pytest.mark.parametrize("command", ["config", "explain", "env --shell bash"])
def test_closed_pipe_is_silent(cli: Cli, command: str) -> None:
    cli.cwd = cli.project("proj")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", MAIN, *command.split()],
        cwd=cli.cwd,
        env=cli.env,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("command", ["config", "env --shell bash", "explain --json", "trust", "nonsense"])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors_cause_no_error(cli: Cli, command: str, closed: str) -> None:
    script = f'exec "{sys.executable}" -I -X utf8 "{MAIN}" {command} {closed}'
    done = subprocess.run(["sh", "-c", script], cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=False)
    assert "report" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == {"nonsense": 2, "env --shell bash": 4}.get(command, 0)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_full_disk_is_one_line(cli: Cli) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", MAIN, "config"],
            env=cli.env,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"wend: No space left on device: df -h .\n")


def test_control_characters_of_a_name_do_not_reach_the_terminal(cli: Cli) -> None:
    cli.project("a\x1b[31m\u202eb")
    done = cli("explain", "a\x1b[31m\u202eb")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\\x1b[31m\\u202eb" in done.stdout


def test_paths_are_utf8_in_every_locale(cli: Cli) -> None:
    (cli.home / "caf\u00e9").mkdir()
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, MAIN, "explain", "caf\u00e9", "--json"],
        cwd=cli.cwd,
        env={**cli.env, **locale},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["dir"] == str(cli.home / "caf\u00e9")
