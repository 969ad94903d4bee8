"""Wrong input to every command: one line that says what to type, and never a traceback."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from wend.cli import directories
from wend.terminal import Terminal

from .conftest import MAIN, Cli

WITH_DIR = ("explain", "env", "allow", "deny", "create", "sync", "freeze", "doctor", "python find", "python pin 3.12")
WEND = shlex.join([sys.executable, "-I", "-X", "utf8", MAIN])


def _sh(cli: Cli, line: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], cwd=cli.home, env={**cli.env, **env}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("verb", WITH_DIR)
def test_an_argument_that_is_not_a_directory(cli: Cli, verb: str) -> None:
    (cli.home / "file").write_bytes(b"\xff")
    os.mkfifo(cli.home / "pipe")
    for name, what in (
        ("missing", "does not exist"),
        ("file", "is not a directory"),
        ("pipe", "is not a directory"),
        ("a\nb", "does not exist"),
        ("", "is not a directory"),
    ):
        done = cli(*verb.split(), name)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert what in done.stderr
        place = cli.home if name.isprintable() else ""
        again = shlex.join(["mkdir", "-p", f"{place}/{name}", "&&"]).replace("'&&'", f"&& wend {verb} {name}")
        fix = f"wend {verb}" if not name else again if verb == "create" and what == "does not exist" else f"ls {place}"
        assert done.stderr.endswith(f": {fix}\n") or not place, done.stderr


def test_a_directory_that_cannot_be_made_is_not_advised(cli: Cli) -> None:
    os.mkfifo(cli.home / "pipe")
    assert cli("create", "pipe/x").stderr == f"wend: {cli.home}/pipe/x does not exist: ls {cli.home}\n"


def test_what_is_to_be_typed_about_a_name_that_is_not_utf8(cli: Cli) -> None:
    os.mkdir(os.path.join(os.fsencode(cli.home), b"n\xff"))
    fix = cli("env", b"n\xff").stderr.rpartition(": ")[2]
    assert fix == f"wend create $'{cli.home}/n\\377'\n"
    assert _sh(cli, fix.replace("wend create", "cd")).returncode == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "no such command 'nonsense': wend --help"),
        ("stat", "no such command 'stat'. Did you mean 'status'?: wend --help"),
        ("creat --force", "no such command 'creat'. Did you mean 'create'?: wend --help"),
        ("explain --nonsense", "no such option '--nonsense': wend explain --help"),
        ("explain a b", "got unexpected extra argument (b): wend explain --help"),
        ("exec", "no command: wend exec [DIR] -- COMMAND..."),
        ("exec -- ", "no command: wend exec [DIR] -- COMMAND..."),
        ("exec pytest", "the command has no -- before it: wend exec -- pytest"),
        ("exec pytest -x", "the command has no -- before it: wend exec -- pytest -x"),
        ("exec . python -c 'print(1)'", "the command has no -- before it: wend exec . -- python -c 'print(1)'"),
        ("exec .", "no command: wend exec [DIR] -- COMMAND..."),
        ("exec --nonsense", "no such option '--nonsense': wend exec --help"),
        ("python pin 3.12 3.11.2", "several versions are separated by colons: wend python pin 3.12:3.11.2"),
        ("config set", "missing argument 'KEY': wend config set --help"),
        ("freeze --output", "option '--output' requires an argument: wend freeze --help"),
        ("daemon run --nonsense", "no such option '--nonsense': wend daemon run --help"),
        ("freeze --diff --output -", "--diff compares with a file, and - is standard output: wend freeze --diff"),
        ("freeze --check --output -", "--check compares with a file, and - is standard output: wend freeze --check"),
        ("trust --forget", "option '--forget' requires an argument: wend trust --help"),
        ("hook", "missing argument 'SHELL'. Choose from: bash, zsh, fish, pwsh, powershell: wend hook --help"),
        ("config set hints", "missing argument 'VALUE': wend config set --help"),
        ("config set hint true", "unknown setting hint: wend config set hints true"),
        ("config set prompts.mode 'a b'", "unknown setting prompts.mode: wend config set prompt.mode 'a b'"),
        ("config set x y", "unknown setting x: wend config"),
        ("create --name a/b --force", "a/b cannot be an environment's name: wend create --force"),
        ("create --prompt ' a'", "the prompt must be one short line of text: wend create"),
        ("config set hints -5", "hints must be true or false: wend config set hints true"),
        ("config set hints --no", "hints must be true or false: wend config set hints true"),
        ("config set --nonsense hints", "no such option '--nonsense': wend config set --help"),
        ("daemon", "missing command: wend daemon --help"),
        ("create --python '' --no-install x", "--python is empty: wend create --no-install x"),
        ("create --name ''", "--name is empty: wend create"),
        ("create --prompt ''", "--prompt is empty: wend create"),
        ("create --python ' '", "' ' is not a Python version: wend python list"),
        ("python pin ''", "'' is not a version of Python: wend python pin 3.12"),
    ],
)  # fmt: skip
def test_wrong_usage(cli: Cli, line: str, said: str) -> None:
    done = cli(*shlex.split(line))
    assert (done.returncode, done.stdout) == (2, "")
    # click for Python 3.9 says it with a colon.
    assert done.stderr.replace("no such option: --nonsense", "no such option '--nonsense'") == f"wend: {said}\n"


def test_a_value_that_begins_with_a_hyphen(cli: Cli) -> None:
    assert cli("config", "set", "prompt.format", "-{name} ").returncode == 0
    assert cli.json("config", "show")["settings"]["prompt.format"]["value"] == "-{name} "
    assert cli("config", "set", "detect.names", "-env").returncode == 0
    assert cli("config", "set", "--", "hints", "false").returncode == 0
    for words in (("hints", "--help"), ("-h",), ("--help", "hints")):
        assert "Usage: wend config set" in cli("config", "set", *words).stdout


@pytest.mark.parametrize("verb", ["explain", "env", "allow", "create", "sync", "freeze", "status", "doctor"])
def test_a_deleted_directory(cli: Cli, verb: str) -> None:
    done = _sh(cli, f"mkdir gone; cd gone; rmdir ../gone; {WEND} {verb}")
    assert (done.returncode, done.stderr.count("\n")) in ((1, 1), (0, 0)), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["config set hints false", "allow /", "deny /tmp", "setup", "python pin 3.12 /sys"])
def test_a_home_that_cannot_be_written(cli: Cli, verb: str) -> None:
    if not os.path.isdir("/sys"):
        pytest.skip("this machine has no file system that also refuses root")
    done = _sh(cli, f"{WEND} {verb}", HOME="/sys")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("wend: /")


@pytest.mark.parametrize(
    "verb", ["config set hints false", "config path", "setup", "allow", "deny", "trust --forget x"]
)
@pytest.mark.parametrize("home", ["", "relative", "/proc/nowhere/at/all"])
def test_no_home(cli: Cli, verb: str, home: str) -> None:
    done = cli(*verb.split(), HOME=home)
    assert done.returncode in (0, 1)
    assert done.stderr.count("\n") == done.returncode
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["status", "explain", "env", "env --shell bash", "config", "hook bash", "--help"])
def test_output_that_goes_nowhere(cli: Cli, verb: str) -> None:
    for end in ("| head -0", ">&-", ">/dev/full"):
        done = _sh(cli, f"{WEND} {verb} {end}")
        assert done.stderr.count("\n") <= 1, done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_the_daemons_own_error_shows_no_escapes(cli: Cli) -> None:
    """On a terminal, where it is printed."""
    command = [sys.executable, "-I", "-X", "utf8", MAIN, "daemon", "run", f"{cli.home}/\x1b[2J\n/box"]
    with closing(Terminal(command, cli.env, str(cli.home))) as terminal:
        while terminal.listen(30.0):
            pass
    assert b"export WEND_RUNTIME_DIR" in terminal.output
    assert b"\x1b" not in terminal.output
    assert terminal.output.count(b"\n") == 1


@pytest.mark.parametrize(
    ("file", "words", "fix"),
    [
        ("requirements.txt", ("exec", "it's", "--", "true"), "wend create {place}"),
        ("requirements.txt", ("env", "it's"), "wend create {place}"),
        ("requirements.txt", ("python", "find", "it's"), "wend create {place}"),
        ("requirements.txt", ("freeze", "it's"), "wend create {place}"),
        ("requirements.txt", ("doctor", "it's"), "wend create {place}"),
        ("requirements.txt", ("sync", "it's", "--check"), "wend sync {place}"),
        ("pixi.lock", ("create", "it's"), "cd {place} && pixi init"),
        ("pixi.lock", ("sync", "it's"), "cd {place} && pixi init"),
        ("Pipfile", ("exec", "it's", "--", "true"), "cd {place} && pipenv install"),
        ("Pipfile", ("env", "it's"), "cd {place} && pipenv install"),
        ("Pipfile", ("doctor", "it's"), "cd {place} && pipenv lock"),
        ("pixi.lock", ("doctor", "it's"), "cd {place} && pixi init"),
        ("requirements.in", ("doctor", "it's"), "cd {place} && uv pip compile requirements.in -o requirements.txt"),
        (".python-version", ("exec", "it's", "--", "true"), "uv python list"),
        ("mise.toml", ("exec", "it's", "--", "true"), "cd {place} && mise install"),
    ],
)
def test_what_is_to_be_typed_about_another_directory_works_here(
    cli: Cli, file: str, words: tuple[str, ...], fix: str
) -> None:
    """And inside that directory it has no more words than it needs."""
    root = cli.home / "it's"
    root.mkdir()
    texts = {".python-version": "3.99\n", "mise.toml": '[tools]\npython = "3.8.20"\n'}
    (root / file).write_text(texts.get(file, ""))
    for name in ("uv", "mise"):
        (cli.home / name).write_text("#!/bin/sh\n")
        (cli.home / name).chmod(0o755)
    cli.env["PATH"] = f"{cli.home}:/usr/bin:/bin"
    done = cli(*words)
    assert f": {fix.format(place=shlex.quote(str(root)))}\n" in done.stdout + done.stderr
    cli.cwd = root
    done = cli(*(each for each in words if each != "it's"))
    assert f": {fix.replace('cd {place} && ', '').replace(' {place}', '')}\n" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("fix", "there"),
    [
        ("wend create", "wend create {place}"),
        ("wend create --force", "wend create --force {place}"),
        ("wend create --force --python 3.12", "wend create --force --python 3.12 {place}"),
        ("wend create --python '>=3.11, <4'", "wend create --python '>=3.11, <4' {place}"),
        ("wend create --python=3.12", "wend create --python=3.12 {place}"),
        ("wend freeze --output 'a b'", "wend freeze --output 'a b' {place}"),
        ("wend sync --check", "wend sync --check {place}"),
        ("wend create --force /home/me/x", "wend create --force /home/me/x"),
        ("wend create --force --python 3.12 '/a b'", "wend create --force --python 3.12 '/a b'"),
        ("wend create --help", "wend create --help"),
        ("wend allow '/a b'", "wend allow '/a b'"),
        ("wend setup", "wend setup"),
        ("uv sync", "cd {place} && uv sync"),
        ("poetry env remove --all && poetry install", "cd {place} && poetry env remove --all && poetry install"),
        ("mise install", "cd {place} && mise install"),
        ("mise install python@3.12", "mise install python@3.12"),
        ("uv python install 3.12", "uv python install 3.12"),
        ("uv tool install poetry", "uv tool install poetry"),
        ("make it a file that isn't empty", "make it a file that isn't empty"),
        ("", ""),
    ],
)
def test_a_directory_is_added_to_what_takes_one_and_names_none(tmp_path: Path, fix: str, there: str) -> None:
    place = tmp_path / "it's"
    place.mkdir()
    assert directories.typed_here(fix, str(place)) == there.format(place=shlex.quote(str(place)))
    assert directories.typed_here(fix, directories.here()) == fix


def test_an_environment_in_the_way_in_another_directory(cli: Cli) -> None:
    cli.project("app")
    place = cli.home / "app"
    said = f"wend: {place}/.venv exists, and wend create --force replaces it: wend sync"
    assert cli("create", "app").stderr == f"{said} {place}\n"
    said_of_options = f"wend: {place}/.venv exists: wend create --force --prompt 'a b' app\n"
    assert cli("create", "--prompt", "a b", "app").stderr == said_of_options
    cli.cwd = place
    assert cli("create").stderr == f"{said}\n"


@pytest.mark.parametrize("line", ["env", "exec -- true", "python find", "freeze", "sync --check", "sync", "status"])
def test_no_environment_is_advised_where_none_would_be_used(cli: Cli, line: str) -> None:
    cli.cwd = Path("/")
    done = cli(*line.split())
    assert done.returncode in ((0,) if line == "status" else (1, 4))
    assert done.stderr.count("\n") == (line != "status")
    assert "wend create" not in done.stdout + done.stderr
    assert "wend sync" not in done.stdout + done.stderr
