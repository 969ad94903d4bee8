"""powerline-shell: whether its prompt shows the environment."""

from __future__ import annotations

import os
import venv

import pytest

from tests.unit.test_engine import Person
from wend.other_tools import powerline


@pytest.mark.parametrize(
    ("config", "shows"),
    [
        ('{"segments": ["virtual_env", "root"]}', True),
        ('{"segments": [{"type": "virtual_env"}]}', True),
        ('{"segments": ["cwd", {"type": "root"}]}', False),
        ('{"segments": []}', False),
        ("{}", True),  # it fails, and draws nothing
        ('{"segments": "virtual_env"}', True),
        ("[1]", True),
        ("", True),
        ("[" * 100_000, True),
        ('{"segments": [["virtual_env"], {"type": ["x"]}, null]}', False),
    ],
)
def test_segments(config, shows):
    assert powerline.shows_environment(config.encode()) is shows
    assert powerline.shows_environment(b"\xff" + config.encode())


def test_the_first_configuration_counts(tmp_path):
    home, p = tmp_path / "home", tmp_path / "home" / "p"
    p.mkdir(parents=True)
    venv.create(p / ".venv", with_pip=False)

    def prompt(facts, **env):
        person = Person(home, **env)
        person.ask(cwd=p, facts=facts)
        return person.prompt

    assert prompt(()) == "(.venv) "
    assert prompt(("powerline-shell",)) == ""
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    config = home / ".config"
    for file, env, shows in (
        (config / "powerline-shell" / "config.json", {}, False),
        (tmp_path / "xdg" / "powerline-shell" / "config.json", xdg, True),
        (home / ".powerline-shell.json", xdg, False),
        (p / "powerline-shell.json", xdg, True),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('{"segments": ["virtual_env"]}' if shows else '{"segments": ["cwd"]}')
        assert prompt(("powerline-shell",), **env) == ("" if shows else "(.venv) "), file
    (p / "powerline-shell.json").unlink()
    os.mkfifo(p / "powerline-shell.json")  # not a file to read
    assert prompt(("powerline-shell",)) == "(.venv) "
