from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend import settings_file
from wend.formats.toml import changed, parse

from .conftest import Cli


def test_path(cli: Cli) -> None:
    assert cli("config", "path").stdout == f"{cli.home}/.config/wend/config.toml\n"
    assert cli("config", "path", WEND_CONFIG="/x/y.toml").stdout == "/x/y.toml\n"
    assert cli("config", "path", HOME="").returncode == 1


def test_show_says_where_each_comes_from_and_what_is_wrong(cli: Cli) -> None:
    file = cli.home / "c.toml"
    file.write_text('hints = false\n[trust]\npolicy = "sure"\n[detect]\nnames = ["e"]\nnonsense = 1\n')
    done = cli("config", WEND_CONFIG=str(file))
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert set(rows) == {option.key for option in settings_file.OPTIONS}
    assert rows["hints"] == ["false", str(file)]
    assert rows["detect.names"] == ['["e"]', str(file)]
    assert rows["trust.policy"] == ['"local"', "default"]
    assert f"{file}:3: trust.policy must be" in done.stderr
    assert f"{file}:6: unknown setting detect.nonsense" in done.stderr
    document = cli.json("config", "show", WEND_CONFIG=str(file))
    assert document["settings"]["hints"] == {"value": False, "origin": "file"}
    assert len(document["mistakes"]) == 2


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("trust.policy", "ask", 'policy = "ask"'),
        ("trust.policy", '"ask"', 'policy = "ask"'),
        ("trust.roots", "~/a, ~/b", 'roots = ["~/a", "~/b"]'),
        ("trust.roots", '["/x,y"]', 'roots = ["/x,y"]'),
        ("hints", "false", "hints = false"),
        ("daemon.idle_exit", "2.5", "idle_exit = 2.5"),
        ("prompt.format", "[{name}] ", 'format = "[{name}] "'),
    ],
)
def test_set(cli: Cli, key: str, value: str, line: str) -> None:
    done = cli("config", "set", key, value)
    assert (done.returncode, done.stderr) == (0, "")
    file = cli.home / ".config" / "wend" / "config.toml"
    assert line in file.read_text().splitlines()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("key", "value"),
    [("trust.policy", "never"), ("hints", "maybe"), ("nonsense", "1"), ("daemon.idle_exit", "0")],
)
def test_set_refuses(cli: Cli, key: str, value: str) -> None:
    done = cli("config", "set", key, value)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not (cli.home / ".config").exists()


def test_a_value_that_begins_with_a_dash_is_not_an_option(cli: Cli) -> None:
    done = cli("config", "set", "daemon.idle_exit", "-5")
    assert "daemon.idle_exit must be" in done.stderr
    assert done.returncode == 2
    assert cli("config", "set", "prompt.format", "-{name}-").returncode == 0


@pytest.mark.parametrize("kind", ["pipe", "directory", "huge"])
def test_what_is_not_a_regular_file_is_neither_waited_for_nor_replaced(cli: Cli, kind: str) -> None:
    file = cli.home / "c.toml"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "directory":
        file.mkdir()
    else:
        file.touch()
        os.truncate(file, 1 << 40)
    before = file.stat()
    done = cli("config", WEND_CONFIG=str(file))
    assert (done.returncode, done.stderr) == (0, f"wend: {file}: cannot be read: mv {file} {file}.old\n")
    done = cli("config", "set", "hints", "false", WEND_CONFIG=str(file))
    assert (done.returncode, done.stderr) == (1, f"wend: {file} cannot be read: mv {file} {file}.old\n")
    assert file.stat()[:7] == before[:7]


def test_set_keeps_the_rest_of_the_file(cli: Cli) -> None:
    file = cli.home / "c.toml"
    file.write_text(
        '# mine\n[trust]   # yes\nroots = [ # two\n  "/a", # one\n]\npolicy = "ask"  # quiet\n\n[prompt]\nmode="never"'
    )
    file.chmod(0o640)
    link = cli.home / "link.toml"
    link.symlink_to(file)
    for key, value in (
        ("trust.policy", "always"),
        ("trust.roots", "/b"),
        ("prompt.mode", "auto"),
        ("hints", "false"),
    ):
        done = cli("config", "set", key, value, WEND_CONFIG=str(link))
        assert (done.returncode, done.stderr) == (0, "")
    assert file.read_text() == (
        '# mine\nhints = false\n\n[trust]   # yes\nroots = ["/b"]\npolicy = "always"  # quiet\n\n[prompt]\nmode="auto"'
    )
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640


def test_set_leaves_a_broken_file_alone(cli: Cli) -> None:
    file = cli.home / "c.toml"
    file.write_text("[trust\n")
    assert cli("config", "set", "hints", "false", WEND_CONFIG=str(file)).returncode == 1
    assert file.read_text() == "[trust\n"


_CHANGEABLE = [
    "",
    "hints = true",
    "[trust]\n",
    "[trust]\r\npolicy = 'x'\r\n",
    'trust.policy = "ask"\n',
    'x = """\n[trust]\npolicy = "ask"\n"""\n',
    '[other]\npolicy = "no"\n[trust]\nroots = []\n',
    "[trust.more]\na = 1\n",
    '[trust]\npolicy = [ # one\n  "]", # two\n] # three\n[x]\n',
]
_OTHERS = ['trust = { policy = "ask" }\n', '["trust"]\npolicy = "ask"\n', "[[trust]]\n", "trust = 1\n"]


@pytest.mark.parametrize("text", _CHANGEABLE + _OTHERS)
@given(value=st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.text("a\"'\\#]\n"))))
def test_a_change_is_of_that_key_alone(text: str, value: object) -> None:
    try:
        after = changed(text, "trust.policy", value)
    except ValueError:
        assert text in _OTHERS
        return
    tree, before = parse(after), parse(text)
    assert tree["trust"].pop("policy") == value
    before.setdefault("trust", {}).pop("policy", None)
    assert tree == before
    assert ("# three" in after) is ("# three" in text)
