from __future__ import annotations

import os
import shutil
import sys
import venv
from pathlib import Path
from typing import Callable

import pytest

from tests.daemon.talk import Shell
from wend.kinds.installing import GET_PYENV, GET_UV

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


def _store(cli: Cli, *versions: str) -> Path:
    """Give pyenv these versions."""
    root = cli.home / ".pyenv" / "versions"
    for version in versions:
        (root / version / "bin").mkdir(parents=True)
        shutil.copy("/bin/true", root / version / "bin" / "python")
    return root


def test_list_names_the_projects_of_living_shells_that_pin_a_version(cli: Cli) -> None:
    """Also from a directory below, by any file that pins, and beside an environment that is active instead."""
    _store(cli, "3.12.1", "3.11.7")
    below = cli.home / "one" / "src"
    below.mkdir(parents=True)
    (cli.home / "one" / ".python-version").write_text("3.12.1\n")
    (cli.home / "two").mkdir()
    (cli.home / "two" / ".tool-versions").write_text("python 3.12.1\n")
    cli.project("three")
    (cli.home / "three" / ".python-version").write_text("3.11.7\n")
    rows = {each["version"]: each for each in cli.json("python", "list")["interpreters"] if each["source"] == "pyenv"}
    assert [rows[version]["pinned_by"] for version in ("3.12.1", "3.11.7")] == [[], []]
    cli("daemon", "start")
    box = os.path.join(cli.env["WEND_RUNTIME_DIR"], f"wend-{os.geteuid()}")
    shells = [Shell(box, cli.env) for _ in range(3)]
    for shell, place in zip(shells, (below, cli.home / "two", cli.home / "three")):
        shell.ask(place)
    rows = {each["version"]: each for each in cli.json("python", "list")["interpreters"] if each["source"] == "pyenv"}
    assert sorted(rows["3.12.1"]["pinned_by"]) == [f"{cli.home}/one", f"{cli.home}/two"]
    assert rows["3.11.7"]["pinned_by"] == [f"{cli.home}/three"]
    lines = cli("python").stdout.splitlines()
    (line,) = (each for each in lines if each.startswith("3.11.7") and f"{cli.home}/" in each)
    assert line.endswith(f"{cli.home}/three")


def test_list_names_where_each_came_from(cli: Cli, tmp_path: Path) -> None:
    _store(cli, "3.12.1", "pypy3.10-7.3.15")
    uv = cli.home / ".local" / "share" / "uv" / "python" / "cpython-3.13.0+freethreaded-linux-x86_64-gnu" / "bin"
    conda, brew = cli.home / "conda", tmp_path / "homebrew" / "bin"
    for directory in (uv, conda / "bin", conda / "conda-meta", brew):
        directory.mkdir(parents=True)
    for place in (uv, conda / "bin"):
        shutil.copy("/bin/true", place / "python")
    (conda / "conda-meta" / "python-3.11.9-h1_0_cpython.json").write_text("{}")
    (cli.home / ".conda").mkdir()
    (cli.home / ".conda" / "environments.txt").write_text(f"{conda}\n/nowhere\n\x1b[2J\n")
    (brew / "python3").write_text("#!/bin/sh\necho 3.10.1 cpython\n")
    (brew / "python3").chmod(0o755)
    rows = cli.json("python", "list", PATH=f"{brew}:/usr/bin:/bin")["interpreters"]
    found = {(each["version"], each["implementation"], each["source"], each["default"]) for each in rows}
    assert found >= {
        ("3.12.1", "cpython", "pyenv", False),
        ("3.10", "pypy", "pyenv", False),
        ("3.13.0t", "cpython", "uv", False),
        ("3.11.9", "cpython", "conda", False),
        ("3.10.1", "cpython", "homebrew", True),
    }
    assert {each["source"] for each in rows if each["path"].startswith("/usr/bin/")} <= {"system"}


def test_pin_tells_every_shell_and_says_nothing_where_it_is_installed(cli: Cli) -> None:
    _store(cli, "3.12.1")
    (cli.home / "app").mkdir()
    done = cli("python", "pin", "3.12", "app")
    assert (done.stdout, done.stderr) == (f"{cli.home}/app/.python-version: 3.12\n", "")
    assert cli("python", "find", "app").stdout == f"{cli.home}/.pyenv/versions/3.12.1/bin/python\n"
    path = _programs(cli, "pyenv")
    definitions = cli.home / ".pyenv" / "plugins" / "python-build" / "share" / "python-build"
    definitions.mkdir(parents=True)
    (definitions / "3.99.1").touch()
    done = cli("python", "pin", "3.99", "app", PATH=path)
    assert done.stderr == "wend: 3.99 is not installed: pyenv install 3.99\n"
    assert cli("python", "find", "app").returncode == 4
    shutil.rmtree(cli.home / ".pyenv")
    path = _programs(cli, "uv")
    assert cli("python", "pin", "3.99", "app", PATH=path).stderr == "wend: 3.99 is not installed: uv python list\n"
    assert cli("python", "pin", "3.14", "app", PATH=path).stderr.endswith(": uv python install 3.14\n")
    assert cli("python", "pin", "3.99", "app", PATH="/nowhere").stderr == f"wend: 3.99 is not installed: {GET_UV}\n"


@pytest.mark.parametrize(
    ("word", "fix"), [("3.99", GET_UV), ("3.6", GET_PYENV), (">=3.97", GET_UV), ("pypy3.10-7.3.15", GET_PYENV)]
)
def test_where_nothing_installs_python_each_command_says_the_same(cli: Cli, word: str, fix: str) -> None:
    root = cli.home / "app"
    root.mkdir()
    (root / ".python-version").write_text(f"{word}\n")
    path = _programs(cli, "nothing")
    assert [each["fix"] for each in cli.json("explain", "app", PATH=path)["candidates"]] == [fix]
    for words, status in ((("python", "find"), 4), (("create",), 1)):
        done = cli(*words, "app", PATH=path)
        assert (done.returncode, done.stderr.endswith(f": {fix}\n")) == (status, True), done.stderr
    if word[0].isdigit():
        assert cli("python", "pin", word, "app", PATH=path).stderr == f"wend: {word} is not installed: {fix}\n"


def test_no_interpreter_at_all(cli: Cli) -> None:
    for path, fix in ((_programs(cli, "uv"), "uv python install 3"), ("/nowhere", GET_UV)):
        done = cli("python", PATH=path)
        assert (done.returncode, done.stderr) == (1, f"wend: no interpreter was found: {fix}\n")


def _programs(cli: Cli, *names: str) -> str:
    """Return a PATH with the programs NAMES alone, which do nothing."""
    directory = cli.home / "-".join(names)
    directory.mkdir()
    for name in names:
        (directory / name).write_text("#!/bin/sh\n")
        (directory / name).chmod(0o755)
    return str(directory)


@pytest.mark.parametrize(
    ("version", "fix"),
    [("pypy3.12", "uv python install pypy3.12"), ("3.12t", "uv python list"), ("cpython-3.12", "")],
)
def test_pin_of_another_implementation_than_the_one_installed(cli: Cli, version: str, fix: str) -> None:
    _store(cli, "3.12.1")
    said = f"wend: {version} is not installed: {fix}\n" if fix else ""
    assert cli("python", "pin", version, PATH=_programs(cli, "uv")).stderr == said


def test_pin_of_another_machines_version_is_told_with_one_for_any_machine(cli: Cli) -> None:
    version = "cpython-3.12-windows-x86_64-none"
    line = f"wend: {version} is for another kind of machine: wend python pin 3.12\n"
    assert cli("python", "pin", version).stderr == line


@pytest.mark.parametrize(
    ("typed", "lines", "told"),
    [
        ("system", ["system"], ""),
        ("blue", ["blue"], ""),
        ("3.12.1/envs/red", ["3.12.1/envs/red"], ""),
        ("python-3.12.1", ["python-3.12.1"], ""),
        ("3.12:system", ["3.12", "system"], ""),
        (" 3.12 blue\t3.12 ", ["3.12", "blue"], ""),
        (">=3.12, <3.13", [">=3.12, <3.13"], ""),
        ("3.12:3.99", ["3.12", "3.99"], "wend: 3.99 is not installed: uv python list\n"),
        ("pypy3.10-7.3.16", ["pypy3.10-7.3.16"], "wend: pypy3.10-7.3.16 is not installed: pyenv install --list\n"),
        ("3.15-dev", ["3.15-dev"], "wend: 3.15-dev is not installed: pyenv install 3.15-dev\n"),
        ("{home}/.pyenv/versions/3.12.1/bin/python", ["{home}/.pyenv/versions/3.12.1/bin/python"], ""),
        ("~/.pyenv/versions/3.12.1/bin/python", ["{home}/.pyenv/versions/3.12.1/bin/python"], ""),
        ("./app/../a b/python", ["{home}/a b/python"], ""),
    ],
)
def test_pin_writes_what_can_be_read_there(cli: Cli, typed: str, lines: list[str], told: str) -> None:
    path = _pyenv(cli)
    typed, lines = typed.format(home=cli.home), [line.format(home=cli.home) for line in lines]
    done = cli("python", "pin", typed, "app", PATH=path)
    assert (done.returncode, done.stderr) == (0, told)
    assert done.stdout == f"{cli.home}/app/.python-version: {', '.join(lines)}\n"
    assert (cli.home / "app" / ".python-version").read_text() == "".join(f"{line}\n" for line in lines)
    assert cli("python", "find", "app", PATH=path).returncode == (4 if told and len(lines) == 1 else 0)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("never", "never is not a version, and there is no environment {home}/.pyenv/versions/never: python3 -m venv "),
        ("latest", "latest is not a version that pyenv or uv reads: wend python pin 3"),
        ("3.x", "3.x is not a version that pyenv or uv reads: wend python pin 3"),
        ("3.12:never", "never is not a version, and "),
        ("3.12.1/../../x", "it leads out of pyenv's versions: wend python pin 3"),
        ("#3.12", "#3.12 is not a version of Python: wend python pin 3.12"),
        ("3.12 # mine", "# is not a version of Python: wend python pin 3.12"),
        ("/nowhere/python", "there is no Python at /nowhere/python: wend python pin 3"),
        ("~/a\nb", "{home}/a\\x0ab is not a version of Python: wend python pin 3.12"),
        (":", ": is not a version of Python: wend python pin 3.12"),
        ("\x1b[2J", "\\x1b[2J is not a version of Python: wend python pin 3.12"),
    ],
)
def test_pin_refuses_what_cannot_be_a_version(cli: Cli, typed: str, told: str) -> None:
    path = _pyenv(cli)
    done = cli("python", "pin", typed, "app", PATH=path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"wend: {told.format(home=cli.home)}"), done.stderr
    assert not (cli.home / "app" / ".python-version").exists()


def test_pin_of_a_name_where_no_pyenv_is(cli: Cli) -> None:
    done = cli("python", "pin", "never", PATH="/nowhere")
    assert (done.returncode, done.stderr) == (2, "wend: never is not a version of Python: wend python pin 3.12\n")


def test_pin_where_a_variable_counts_instead(cli: Cli) -> None:
    done = cli("python", "pin", "3.12", "app", PATH=_pyenv(cli), PYENV_VERSION="3.11")
    assert done.stderr == "wend: PYENV_VERSION is set, and counts instead: unset PYENV_VERSION\n"


def _pyenv(cli: Cli) -> str:
    """Make a pyenv with 3.12.1 and two environments, and a project; return the PATH with pyenv, uv and a Python."""
    _store(cli, "3.12.1")
    store = cli.home / ".pyenv" / "versions"
    for prefix in (store / "3.12.1" / "envs" / "red", store / "blue"):
        venv.create(prefix, symlinks=True)
    definitions = cli.home / ".pyenv" / "plugins" / "python-build" / "share" / "python-build"
    definitions.mkdir(parents=True)
    (definitions / "3.15-dev").touch()
    for name in ("app", "a b"):
        (cli.home / name).mkdir()
    path = _programs(cli, "pyenv", "uv")
    for program in (Path(path) / "python3", cli.home / "a b" / "python"):
        program.symlink_to(os.path.realpath(sys.executable))
    return path


def test_pin_follows_no_link_out_of_the_project(cli: Cli) -> None:
    """A clone may bring one to any file of the user's."""
    precious, root = cli.home / "precious", cli.home / "app"
    precious.write_text("mine\n")
    root.mkdir()
    (root / ".python-version").symlink_to("../precious")
    done = cli("python", "pin", "3.12", "app")
    link = f"{root}/.python-version"
    told = f"wend: {link} leads to {precious}, outside the project: mv {link} {link}.old\n"
    assert (done.returncode, done.stderr) == (1, told)
    assert precious.read_text() == "mine\n"
    (root / ".python-version").unlink()
    (root / ".python-version").symlink_to("versions")
    assert cli("python", "pin", " 3.12 ", "app").stdout == f"{root}/.python-version: 3.12\n"
    assert (root / "versions").read_text() == "3.12\n"


@pytest.mark.parametrize("target", [".git/config", ".GIT/hooks/new"])
def test_no_link_into_gits_own_files_is_followed(cli: Cli, target: str) -> None:
    """git checks such a link out, like any other."""
    root = cli.project("proj")
    config = root / os.path.dirname(target) / "config"
    config.parent.mkdir(parents=True)
    config.write_text("mine\n")
    assert cli("allow", "proj").returncode == 0
    for name, words in (
        (".python-version", ("python", "pin", "3.12", "proj")),
        ("requirements.txt", ("freeze", "proj")),
    ):
        (root / name).symlink_to(target)
        done = cli(*words)
        assert done.returncode == 1
        assert (
            f"{root}/{name} leads to {root}/{target}, which is git's: mv {root}/{name} {root}/{name}.old\n"
            in done.stderr
        )
    assert config.read_text() == "mine\n"
    assert not os.path.lexists(root / ".GIT/hooks/new")


def test_freeze_follows_no_link_out_of_the_project(cli: Cli) -> None:
    precious, root = cli.home / "precious", cli.project("proj")
    precious.write_text("mine\n")
    (root / "requirements.txt").symlink_to("../precious")
    (root / "reqs").symlink_to("..")
    for words in ((), ("--output", "proj/requirements.txt"), ("--output", "proj/reqs/precious"), ("--check",)):
        done = cli("freeze", "proj", *words)
        link = f"{root}/reqs" if "proj/reqs/precious" in words else f"{root}/requirements.txt"
        assert done.returncode == 1
        assert done.stderr.endswith(f" leads to {precious}, outside the project: mv {link} {link}.old\n")
        assert precious.read_text() == "mine\n"
    assert cli("freeze", "proj", "--output", "precious").returncode == 0
    assert precious.read_text() != "mine\n"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_pin_where_something_else_stands(cli: Cli, make: Callable[[str], None]) -> None:
    make(str(cli.home / ".python-version"))
    done = cli("python", "pin", "3.12")
    file = f"{cli.home}/.python-version"
    assert (done.returncode, done.stderr) == (1, f"wend: {file}: not a regular file: mv {file} {file}.old\n")


def test_pin_where_it_cannot_be_written(cli: Cli) -> None:
    done = cli("python", "pin", "3.12", "nowhere")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    (cli.home / "app" / ".python-version").mkdir(parents=True)
    done = cli("python", "pin", "3.12", "app")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_find_says_what_to_type_where_there_is_none(cli: Cli) -> None:
    (cli.home / "app").mkdir()
    done = cli("python", "find", "app")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"wend: no environment for {cli.home}/app: wend create {cli.home}/app\n"
    cli.project("app")
    config = cli.home / "c.toml"
    config.write_text('[trust]\npolicy = "ask"\n')
    assert cli("python", "find", "app", WEND_CONFIG=str(config)).returncode == 3


def test_a_version_is_pinned_as_it_is_meant(cli: Cli) -> None:
    (cli.home / "app").mkdir()
    done = cli("python", "pin", " 3.99 ", "app", PATH="/nowhere")
    assert done.stderr == f"wend: 3.99 is not installed: {GET_UV}\n"
    assert (cli.home / "app" / ".python-version").read_text() == "3.99\n"


@pytest.mark.parametrize("place", ["/", "/home"])
def test_nothing_is_pinned_where_nothing_is_used(cli: Cli, place: str) -> None:
    done = cli("python", "pin", "3.99", place)
    assert done.stderr == f"wend: wend uses no version in {place}: mkdir -p ~/project && cd ~/project\n"
    assert (done.returncode, os.path.exists(f"{place}/.python-version")) == (1, False)
