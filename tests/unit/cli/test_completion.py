from __future__ import annotations

import shutil
import subprocess

import pytest

from wend.shells import completion
from wend.shells.completion import Item, Typed

from .conftest import Cli

BREAKS = " \t\n\"'@><=;|&(:"  # bash's own


def _complete(cli: Cli, shell: str, words: str, **env: str) -> list[str]:
    done = cli(_WEND_COMPLETE=shell, _WEND_WORDS=words, **env)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split("\t")[1] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "words", "quote", "kept"),
    [
        ("wend st", ("wend", "st"), "", ""),
        ("wend  config ", ("wend", "config", ""), "", ""),
        ("wend '' a", ("wend", "", "a"), "", ""),
        ("wend a\\ b:c", ("wend", "a b:c"), "", "a b:"),
        ("wend --x=y", ("wend", "--x=y"), "", "--x="),
        ("wend 'a:b", ("wend", "a:b"), "'", ""),
        ('wend x"a:b', ("wend", "xa:b"), '"', "x"),
        ('wend "a:b"c', ("wend", "a:bc"), "", ""),
        ('wend "a\\"b\\c', ("wend", 'a"b\\c'), '"', ""),
        ("wend 'a\\", ("wend", "a\\"), "'", ""),
        ("wend a\\", ("wend", "a"), "", ""),
        ("", ("",), "", ""),
    ],
)
def test_split(line: str, words: tuple[str, ...], quote: str, kept: str) -> None:
    assert completion.split(line, BREAKS) == Typed(words, quote, kept)


def test_what_would_break_the_line_is_left_out() -> None:
    items = [Item("plain", "a\tb"), Item("plain", "a\nb"), Item("plain", "a b", "two\nlines\tand a tab")]
    assert completion.lines("zsh", Typed(("",)), items) == "plain\ta b\ta b\ttwo lines and a tab\n"


def test_a_colon_is_not_the_end_of_a_value() -> None:
    assert completion.lines("zsh", Typed(("",)), [Item("plain", "a:b\\")]) == "plain\ta\\:b\\\\\ta:b\\\t\n"
    typed = Typed(("a:b",), kept="a:")
    assert completion.lines("bash", typed, [Item("plain", "a:b c")]) == "plain\tb\\ c\ta:b c\t\n"


def test_commands_settings_and_their_values(cli: Cli) -> None:
    assert _complete(cli, "zsh", "do") == ["doctor"]
    assert _complete(cli, "zsh", "config\nset\nbash") == ["bash.wrap_cd"]
    assert _complete(cli, "zsh", "config\nset\nhints\n") == ["true", "false"]
    assert _complete(cli, "zsh", "config\nset\ndetect.kinds\nvenv,p") == [
        "venv,poetry", "venv,pipenv", "venv,pdm", "venv,pixi", "venv,pyenv",
    ]  # fmt: skip
    assert _complete(cli, "zsh", "config\nset\nprompt.format\n") == ["({name}) "]
    assert _complete(cli, "zsh", "config\nset\nno.such\n") == []
    cli("config", "set", "daemon.idle_exit", "7")
    assert _complete(cli, "zsh", "config\nset\ndaemon.idle_exit\n") == ["7"]


def test_projects_are_those_decided_on_and_those_in_use(cli: Cli) -> None:
    for name in ("one", "two"):
        (cli.home / name).mkdir()
    cli("allow", "one")
    cli("deny", "two")
    for verb in ("allow", "exec", "explain"):
        assert _complete(cli, "fish", f"{verb}\n.{cli.home}/") == [f"{cli.home}/one", f"{cli.home}/two", f"{cli.home}/"]
    (cli.home / "two").rmdir()
    assert _complete(cli, "fish", f"deny\n.{cli.home}/t") == [f"{cli.home}/t"]  # the directories, by the shell
    assert _complete(cli, "fish", "trust\n--forget\n./") == [f"{cli.home}/one", f"{cli.home}/two"]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "\n",
        "nonsense\n",
        "config\nset\ntrust.policy\na\nb",
        "exec\n--\n",
        "env\n--shell\n",
        "\udcff\n\udcff",
        "-",
        "--",
    ],
)
def test_nothing_typed_makes_it_fail(cli: Cli, words: str) -> None:
    for shell in ("bash", "zsh", "fish", "pwsh", "nonsense"):
        _complete(cli, shell, words)


def test_broken_settings_and_a_missing_home_do_not_make_it_fail(cli: Cli) -> None:
    file = cli.home / "c.toml"
    file.write_bytes(b"\xff[")
    assert _complete(cli, "zsh", "config\nset\nhints\nt", WEND_CONFIG=str(file)) == ["true"]
    assert _complete(cli, "zsh", "config\nset\nhints\nt", HOME="") == ["true"]
    assert _complete(cli, "zsh", "allow\n", HOME="") == [""]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "pwsh"])
def test_the_script_is_of_the_shells_own_grammar(cli: Cli, shell: str) -> None:
    cli("setup", "--no-rc", "--shell", shell)
    script = cli("completion", shell).stdout
    assert f"{cli.home}/.local/share/wend/bin/wend" in script
    assert "@WEND@" not in script
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell}")
    if shell != "pwsh":
        for text, good in ((script, True), (f"{script}\nif true", False)):
            (cli.home / "script").write_text(text)
            done = subprocess.run([program, "-n", str(cli.home / "script")], capture_output=True, check=False)
            assert (done.returncode == 0) is good
