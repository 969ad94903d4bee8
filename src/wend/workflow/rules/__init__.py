"""One file for each tool: what it is asked to do for a project that is its own, and what it says of differences.

A new tool is a file here and its rows below. `plan` is the first rule that fits; `differences` is for `--check`.
"""

from __future__ import annotations

from typing import Callable

from wend.kinds.conda.stack import LOCALS
from wend.workflow.asking import Look
from wend.workflow.case import VENV, Rule
from wend.workflow.rules import conda, hatch, pdm, pipenv, pixi, poetry, uv, venv

# The first that fits decides. Who owns a directory: docs/environments.md.
RULES: tuple[Rule, ...] = (
    uv.lock,
    poetry.plan,
    pipenv.plan,
    pdm.plan,
    hatch.plan,
    pixi.plan,
    conda.plan,
    conda.lock,
    uv.table,
    venv.pylock,
    venv.requirements,
    venv.pyproject,
)
# By the owner of the steps.
DIFFERENCES: dict[str, Callable[[Look], list[str]]] = {
    "uv": uv.differences,
    "poetry": poetry.differences,
    "pipenv": pipenv.differences,
    "pdm": pdm.differences,
    "hatch": hatch.differences,
    "pixi": pixi.differences,
    **dict.fromkeys(conda.CONDAS, conda.differences),
    "pip": venv.differences,
}
# What the tools make in a project, beside what they are asked for.
MADE = (VENV, *LOCALS, ".pdm-python", ".pixi")
# Tools that write into the project's directory, unless the lock file named here is there already.
WRITERS = {"pdm": "", "pixi": "", "poetry": "poetry.lock", "pipenv": "Pipfile.lock"}
# Tools that clear a .venv that is broken or not an environment, or build in it, without a question.
CLEARERS = ("poetry", "pdm", "pipenv")
