"""Prompt themes that show the active environment by themselves, so that its name is not shown twice."""

from __future__ import annotations

from wend.protocol import THEME_SHOWS_ENV
from wend.shells import ALIASES, SHELLS
from wend.typed import Mapping

# Set by starship and oh-my-posh to the shell whose prompt they draw.
_DRAWN_SHELL = ("STARSHIP_SHELL", "POSH_SHELL")
# The settings of Liquid Prompt and Oh My Bash, and their values where they show the environment. Others (Pure,
# Spaceship, Powerline, Prezto) set VIRTUAL_ENV_DISABLE_PROMPT.
_SETTINGS = (("LP_ENABLE_VIRTUALENV", "1"), ("OMB_PROMPT_SHOW_PYTHON_VENV", "true"))


def shows_environment(shell: str, facts: tuple[str, ...], env: Mapping[str, str]) -> bool:
    """Return whether a theme in SHELL shows VIRTUAL_ENV: by what the hook saw (FACTS) or by the variables ENV."""
    named = (env.get(name, "") for name in _DRAWN_SHELL)
    return (
        THEME_SHOWS_ENV in facts
        or shell in (ALIASES.get(name, name) for name in named)  # starship calls PowerShell `powershell`
        or any(env.get(name) == value for name, value in _SETTINGS)
        or (shell in SHELLS and any(name in env for name in SHELLS[shell].theme_variables))
    )
