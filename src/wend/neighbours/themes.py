"""Prompt themes that show the active environment by themselves, so that its name is not shown twice."""

from __future__ import annotations

from collections.abc import Mapping

from wend.protocol import THEME_SHOWS_ENV
from wend.shells import SHELLS

# Set by starship, oh-my-posh and powerlevel10k in the shells whose prompt they draw.
VARIABLES = ("STARSHIP_SHELL", "POSH_SHELL", "P9K_VERSION")


def shows_environment(shell: str, facts: tuple[str, ...], env: Mapping[str, str]) -> bool:
    """Return whether a theme in SHELL shows VIRTUAL_ENV: by what the hook saw (FACTS) or by the variables ENV."""
    return (
        THEME_SHOWS_ENV in facts
        or env.get("STARSHIP_SHELL") == shell
        or env.get("POSH_SHELL") == shell
        or (shell in SHELLS and any(name in env for name in SHELLS[shell].theme_variables))
    )
