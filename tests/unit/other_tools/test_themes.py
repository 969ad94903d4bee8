"""Which themes show the active environment by themselves."""

from __future__ import annotations

import pytest

from wend.other_tools import themes


@pytest.mark.parametrize("variable", ["STARSHIP_SHELL", "POSH_SHELL"])
@pytest.mark.parametrize(
    ("shell", "value", "shows"),
    [
        ("bash", "bash", True),
        ("bash", "zsh", False),  # inherited from the shell that started this one
        ("pwsh", "pwsh", True),
        ("pwsh", "powershell", True),
        ("bash", "powershell", False),
        ("bash", "", False),
    ],
)
def test_a_theme_names_its_shell(variable, shell, value, shows):
    assert themes.shows_environment(shell, (), {variable: value}) is shows


def test_nothing_shows_it():
    assert not themes.shows_environment("pwsh", (), {})


def test_what_the_hook_saw():
    assert themes.shows_environment("fish", ("theme-shows-env",), {})
    assert themes.shows_environment("zsh", (), {"P9K_VERSION": "1"})
    assert not themes.shows_environment("bash", (), {"P9K_VERSION": "1"})


def test_the_setting_of_a_theme():
    assert themes.shows_environment("bash", (), {"OMB_PROMPT_SHOW_PYTHON_VENV": "true"})
    assert not themes.shows_environment("bash", (), {"OMB_PROMPT_SHOW_PYTHON_VENV": "false"})
