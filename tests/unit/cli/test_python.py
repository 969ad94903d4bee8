from __future__ import annotations

import os
import sys

import pytest

from .conftest import Cli


def test_list_names_the_interpreters_of_path(cli: Cli) -> None:
    directory = os.path.dirname(os.path.realpath(sys.executable))
    rows = cli.json("python", "list", PATH=f"{directory}:{os.environ['PATH']}")["interpreters"]
    assert any(os.path.dirname(os.path.realpath(each["path"])) == directory for each in rows)
    assert set(rows[0]) >= {"version", "implementation", "source", "path", "default"}


def test_list_knows_homebrew_by_its_place(cli: Cli) -> None:
    program = cli.home / "brew" / "Cellar" / "python@3.99" / "3.99.1" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    (cli.home / "brew" / "bin").mkdir()
    (cli.home / "brew" / "bin" / "python3").symlink_to(program)
    rows = cli.json("python", "list", PATH=f"{cli.home}/brew/bin:/usr/bin:/bin")["interpreters"]
    assert [each["source"] for each in rows if each["path"].startswith(str(cli.home))] == ["homebrew"]


def test_pin_writes_the_version(cli: Cli) -> None:
    (cli.home / "app").mkdir()
    done = cli("python", "pin", f"{sys.version_info[0]}.{sys.version_info[1]}", "app")
    assert done.returncode == 0
    assert (cli.home / "app" / ".python-version").read_text() == f"{sys.version_info[0]}.{sys.version_info[1]}\n"


def test_pin_of_a_version_that_is_missing_says_what_to_type(cli: Cli) -> None:
    done = cli("python", "pin", "3.99")
    assert done.returncode == 0
    assert "3.99" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("version", ["", "../x", "$(id)"])
def test_pin_refuses_what_is_not_a_version(cli: Cli, version: str) -> None:
    done = cli("python", "pin", version)
    assert done.returncode == 2
    assert not (cli.home / ".python-version").exists()


def test_find_prints_the_interpreter_of_the_environment(cli: Cli) -> None:
    root = cli.project("app")
    assert cli("python", "find", "app").stdout == f"{root}/.venv/bin/python\n"
