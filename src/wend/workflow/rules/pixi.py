"""pixi: pixi.toml, mojoproject.toml or [tool.pixi]."""

from __future__ import annotations

from typing import Optional

from wend.disk import Disk
from wend.workflow import drift
from wend.workflow.asking import Look
from wend.workflow.case import Case
from wend.workflow.commands import Steps, command


def plan(case: Case) -> Optional[Steps]:
    """pixi.toml, mojoproject.toml or [tool.pixi]."""
    if "pixi" not in case.project.tools:
        return None
    case.need("pixi", "this project")
    case.refuse("pixi", "--python", "--name", "--prompt", "--no-install")
    return Steps("pixi", (command("pixi", "install"),), prunes=True)


def differences(look: Look) -> list[str]:
    """Return how the environment `default` differs from pixi.lock."""
    return drift.of_pixi(look.project, look.prefix, Disk())
