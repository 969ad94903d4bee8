"""`WEND_TRACE=1`: how a command came to what it says, on standard error."""

from __future__ import annotations

import os
import re

import pytest

from .conftest import Cli


@pytest.mark.parametrize(
    "words", [("explain",), ("env",), ("env", "--json"), ("env", "--shell", "bash"), ("env", "--dotenv"), ("status",)]
)
def test_tells_rule_paths_and_time(cli: Cli, words: tuple[str, ...]) -> None:
    cli.cwd = cli.project("proj")
    shell = f"{os.getpid()}-1"
    plain, traced = cli(*words, WEND_SHELL=shell), cli(*words, WEND_SHELL=shell, WEND_TRACE="1")
    assert plain.stderr == ""
    assert (traced.returncode, traced.stdout) == (plain.returncode, plain.stdout)
    lines = traced.stderr.splitlines()
    venv = f"{cli.cwd}/.venv"
    assert lines[0] == f"wend: trace: {cli.cwd}: rule project: {venv} is the nearest usable environment"
    assert lines[1] == f"wend: trace: chosen: venv {venv}: made here"
    looked_at = [line.partition("looked at ")[2] for line in lines[2:-1]]
    assert f"{venv}/pyvenv.cfg" in looked_at
    # What only the notes on an environment rest on is looked at where they are told.
    assert (f"{cli.cwd}/.python-version" in looked_at) == (words in (("explain",), ("env", "--json"), ("status",)))
    counted = re.fullmatch(r"wend: trace: (\d+) paths in \d+\.\d ms", lines[-1])
    assert counted
    assert int(counted[1]) == len(looked_at)


def test_is_told_before_a_command_runs_and_where_there_is_no_environment(cli: Cli) -> None:
    cli.project("proj")
    done = cli("exec", "proj", "--", "sh", "-c", "echo done >&2", WEND_TRACE="1")
    assert done.stderr.splitlines()[-1] == "done"
    assert "rule project" in done.stderr
    done = cli("exec", "--", "true", WEND_TRACE="1")
    assert done.returncode == 4
    assert "rule project: no environment is seen from here" in done.stderr


def test_only_1_turns_it_on(cli: Cli) -> None:
    assert cli("explain", WEND_TRACE="0").stderr == cli("explain", WEND_TRACE="").stderr == ""


def test_names_of_files_cannot_write_to_the_terminal(cli: Cli) -> None:
    cli.cwd = cli.project("a\x1b[31m\nb")
    assert cli("explain", WEND_TRACE="1").stderr.count("\x1b") == 0
