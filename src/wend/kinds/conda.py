"""conda (to be written)."""

from __future__ import annotations

from typing import Optional, Union

from wend.config import Settings
from wend.model import RANK_CONDA, RANK_DIRECTORY, Marker, Problem, Target
from wend.where import Where


def markers(settings: Settings) -> tuple[tuple[str, int], ...]:
    del settings
    return ((".condaenv", RANK_DIRECTORY), ("environment.yml", RANK_CONDA), ("environment.yaml", RANK_CONDA))


def resolve(marker: Marker, where: Where) -> Optional[Union[Target, Problem]]:
    return Problem("unavailable", "not yet")
