"""pyenv (to be written)."""

from __future__ import annotations

from typing import Optional, Union

from wend.config import Settings
from wend.model import RANK_PIN, Marker, Problem, Target
from wend.where import Where


def markers(settings: Settings) -> tuple[tuple[str, int], ...]:
    del settings
    return ((".python-version", RANK_PIN),)


def resolve(marker: Marker, where: Where) -> Optional[Union[Target, Problem]]:
    return Problem("unavailable", "not yet")
