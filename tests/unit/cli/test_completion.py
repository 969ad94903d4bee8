from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from wend.cli import values
from wend.disk import mounts
from wend.shells import completion
from wend.shells.completion import Item, Typed

from .conftest import MAIN, Cli

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


def test_a_command_is_explained_whole_and_one_that_is_none_is_not_completed(cli: Cli) -> None:
    done = cli(_WEND_COMPLETE="zsh", _WEND_WORDS="sta")
    assert done.stdout == "plain\tstatus\tstatus\tShow what is active in this shell, and why; --watch: in every shell\n"
    assert _complete(cli, "zsh", "nonsense\n") == []
    assert "--help" in _complete(cli, "zsh", "-")


def test_a_disk_that_does_not_answer_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(values, "_decided", lambda: {"/net/x": "allow", f"{tmp_path}/gone": "allow"})
    monkeypatch.setattr(values, "_in_use", lambda: [str(tmp_path)])
    monkeypatch.setattr(mounts, "read", lambda: mounts.Mounts((("/", b"ext4"), ("/net", b"nfs4"))))
    looked_at: list[str] = []
    monkeypatch.setattr(os.path, "isdir", lambda path: looked_at.append(path) or path == str(tmp_path))
    command = click.Command("x", params=[click.Argument(["d"])])
    found = values.projects(click.Context(command), command.params[0], "/")
    assert [each.value for each in found] == ["/net/x", str(tmp_path), "/"]
    assert looked_at == [str(tmp_path), f"{tmp_path}/gone"]


def test_names_that_are_odd(cli: Cli) -> None:
    odd = [cli.home / "a b", cli.home / "it's", cli.home / 'q"x', cli.home / "ü$(x)", cli.home / "-n"]
    for path in odd:
        path.mkdir()
        assert cli("allow", str(path)).returncode == 0
    for shell, start in (("zsh", ""), ("fish", "."), ("pwsh", "")):
        assert set(_complete(cli, shell, f"explain\n{start}{cli.home}/")) >= {
            completion.lines(shell, Typed((str(cli.home),)), [Item("plain", str(path))]).split("\t")[1] for path in odd
        }


def test_a_daemon_that_is_stopped_and_a_directory_that_is_gone(cli: Cli) -> None:
    assert cli("daemon", "start").returncode == 0
    pid = cli.json("daemon", "status")["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert _complete(cli, "zsh", "explain\n") == [""]
    finally:
        os.kill(pid, signal.SIGCONT)
    script = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -I -S -X utf8 "{MAIN}"'
    for words in ("explain\n", "create\n--python\n", "python\npin\n", "config\nset\n"):
        env = {**cli.env, "_WEND_COMPLETE": "bash", "_WEND_WORDS": words, "_WEND_LINE": "wend "}
        done = subprocess.run(["sh", "-c", script], cwd=cli.home, env=env, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


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
