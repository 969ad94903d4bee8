"""`wend exec` and `wend env` are read without click where they are plain; there must be no difference."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from uv import find_uv_bin

from tests.conftest import TREE
from wend.cli import quick, run

from .conftest import Cli

ENV = [
    [], ["."], [".", "--json"], ["--json"], ["--json", "--shell", "zsh", "."], ["--shell", "bash"],
    ["--shell=fish", "."], ["--shell", "powershell"], [".", "--shell", "zsh"], ["--shell", "zsh", "--shell", "fish"],
    ["--dotenv"], ["--script", "bash"], ["--script", "zsh"], ["--script", "fish"], ["--script", "tcsh"], ["--script"],
    ["--json", "--json"], [""], ["missing"], ["file"], ["out"], ["out", "--json"], ["out", "--shell", "bash"],
    ["out", "--dotenv"], ["--shell", "tcsh"], ["--shell="], ["--shell=", "bash"], ["--shell"], ["--shell", "--json"],
    ["--shell", "tcsh", "--shell", "bash"], ["--dotenv", "--json"], ["--dotenv", "--shell", "bash"], [".", "."], ["-"],
    ["--", "."], [".", "--"], ["--jso"], ["--js", "--json"], ["-h"], ["--help"], [".", "--help"], ["--json=1"],
]  # fmt: skip
EXEC = [
    ["--", "true"], [".", "--", "true"], ["--", "sh", "-c", "exit 7"], [".", "--", "printf", "%s", "--", "--help"],
    ["--", ""], ["--", "no-such-command"], ["--", "./file"], ["out", "--", "true"], ["missing", "--", "true"],
    ["", "--", "true"], [], ["--"], ["."], [".", "--"], [".", "true"], [".", ".", "--", "true"], ["-x", "--", "true"],
    ["-", "--", "true"], ["--help"], ["--help", "--", "true"], ["-h", "--", "true"], [".", "--help"],
    ["--json", "--", "x"],
]  # fmt: skip
HOOK = [
    ["bash"], ["zsh"], ["fish"], ["pwsh"], ["powershell"], ["bash", "--scripts"], ["--scripts", "zsh"],
    ["fish", "--scripts"], ["tcsh"], [""], [], ["bash", "zsh"], ["-x"], ["--", "bash"], ["--help"], ["bash", "-h"],
]  # fmt: skip
LISTS = [[name, *words] for name, lists in (("env", ENV), ("exec", EXEC), ("hook", HOOK)) for words in lists]
PLAIN = [
    ["hook", "zsh"],
    ["env"],
    ["env", "--json"],
    ["env", "--shell", "bash"],
    ["env", ".", "--dotenv"],
    ["exec", "--", "true"],
]


def _outcome(command: list[str], cli: Cli) -> tuple[int, str, str]:
    done = subprocess.run(
        command, cwd=cli.cwd, env=cli.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_both_ways_do_the_same(cli: Cli) -> None:
    """Every list of arguments, by `run` as it is and by click alone."""
    cli.cwd = cli.project("proj")
    (cli.cwd / "file").write_text("echo hello\n")
    os.symlink(cli.home, cli.cwd / "out")
    cli.env["PWD"] = str(cli.cwd)
    by_click = (
        "import sys; from wend.cli import quick, run; quick.parse = lambda argv: None; sys.exit(run(sys.argv[1:]))"
    )
    as_it_is = "import sys; from wend.cli import run; sys.exit(run(sys.argv[1:]))"
    for words in LISTS:
        here, there = (
            _outcome([sys.executable, "-I", "-X", "utf8", "-c", code, *words], cli) for code in (as_it_is, by_click)
        )
        assert here == there, words


@pytest.mark.parametrize("words", PLAIN)
def test_plain_forms_are_read_without_click(words: list[str]) -> None:
    assert quick.parse(words) is not None


def test_completion_is_left_to_click(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {"_WEND_COMPLETE": "bash_complete", "COMP_WORDS": "wend env --sh", "COMP_CWORD": "2"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        run(["env", "--shell", "bash"])
    assert capsys.readouterr().out == "plain,--shell\n"


# What takes long to load, and what brings that along.
NEEDLESS = (
    "ast", "base64", "click", "contextlib", "dataclasses", "fnmatch", "hashlib", "importlib", "inspect", "logging",
    "packaging", "platform", "platformdirs", "psutil", "rich", "shutil", "site", "socket", "struct", "subprocess",
    "tempfile", "threading", "tomli", "tomlkit", "tomllib", "typing", "unicodedata", "uuid", "watchdog", "yaml",
    "wend.cli.group", "wend.daemon.answers", "wend.daemon.loop", "wend.setup", "wend.workflow",
)  # fmt: skip
# What takes a third of the time of these where they are loaded; a plain environment needs none of them.
SLOW = ("collections", "enum", "functools", "grp", "json", "re", "shlex")
# Of wend, what serves kinds that are not met there, and versions that nothing asks for.
OTHER = tuple(
    f"wend.{name}" for name in (
        "disk.files", "formats.constraints", "formats.digest", "formats.dotenv", "formats.versions", "formats.yaml",
        "kinds.conda.asked", "kinds.conda.condarc", "kinds.conda.environment", "kinds.conda.installation",
        "kinds.hatchenvs", "kinds.hatchsettings", "kinds.installing", "kinds.interpreters", "kinds.miseversions",
        "kinds.pins", "kinds.userdirs", "system.users",
    )
)  # fmt: skip
_SHELLS = (["env", "--shell", shell] for shell in ("bash", "zsh", "fish", "pwsh"))
WITHOUT_SLOW = [*_SHELLS, ["exec", "--", "true"]]
_LOOK = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
def told(*_): print([name for name in sys.argv[0].split() if name in sys.modules], file=sys.stderr); os._exit(0)
names, *words = sys.argv[1:]
sys.argv[0] = names
os.execve = told
from wend.cli import run
run(words)
told()
"""


def _loaded(names: tuple[str, ...], words: list[str], cli: Cli) -> str:
    """Return which of NAMES the command WORDS loads, as it says itself."""
    source = os.path.join(TREE, "src")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", _LOOK, source, " ".join(names), *words],
        cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr


@pytest.mark.parametrize("words", [words for words in PLAIN if words != ["env"]])
def test_plain_forms_load_nothing_needless(words: list[str], cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    assert _loaded(NEEDLESS, words, cli) == "[]\n"


@pytest.mark.parametrize("made_by", ["venv", "uv"])
def test_a_plain_environment_is_entered_without_what_loads_slowly(made_by: str, cli: Cli) -> None:
    cli.cwd = cli.home / "proj"
    cli.cwd.mkdir()
    make = [find_uv_bin(), "venv", "--quiet"] if made_by == "uv" else [sys.executable, "-m", "venv"]  # with pip
    subprocess.run([*make, ".venv"], cwd=cli.cwd, env=cli.env, check=True)
    assert _loaded((*SLOW, *OTHER), ["env", "--json"], cli) == "[]\n"
    (cli.cwd / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.9"\n')
    for words in WITHOUT_SLOW:  # `env --json` would compare
        assert _loaded((*SLOW, *OTHER), words, cli) == "[]\n", words
