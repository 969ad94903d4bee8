"""The recipes of docs/recipes.md as rows: what a person copies from there, loaded as it stands.

Those of powerlevel10k and tide stand on rows of `upstream.py`: no package index has these.
"""

from __future__ import annotations

import os
import re

from tests.conftest import TREE
from tests.matrix.table import TOOLS_OF_THE_FIELD, Tool
from tests.matrix.upstream import UPSTREAM

_TABLE = {tool.name: tool for tool in (*TOOLS_OF_THE_FIELD, *UPSTREAM)}
_BLOCK = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(title: str) -> list[str]:
    """Return the blocks of code below the heading TITLE."""
    with open(os.path.join(TREE, "docs", "recipes.md"), encoding="utf-8") as file:
        section = re.search(rf"^## {title}\n(.*?)(?=^## )", file.read(), re.MULTILINE | re.DOTALL)
    assert section, title
    return _BLOCK.findall(section[1])


def _starship() -> Tool:
    (recipe,) = blocks("starship")
    # bash alone exports T, the driver's mark, which must stand at the end of what starship draws.
    (variable,) = re.findall(r"^\[(env_var\.\w+)\]$", recipe, re.MULTILINE)
    marked = recipe.replace("$env_var", f"${{{variable}}}").replace('$character"', '$character${env_var.T}"')
    tool = _TABLE["starship"]
    patient = "add_newline = false\nscan_timeout = 9999\ncommand_timeout = 9999\n"
    text = f'{patient}{marked}\n[env_var.T]\nformat = "@$env_value@ "\n'
    return tool._replace(name="recipe-starship", files={"starship.toml": text})


def _powerlevel10k() -> Tool:
    (recipe,) = blocks("powerlevel10k")
    tool = _TABLE["upstream-powerlevel10k"]
    load = tool.load["zsh"].replace("POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(virtualenv prompt_char)\n", recipe)
    assert load != tool.load["zsh"]
    return tool._replace(name="upstream-recipe-powerlevel10k", load={"zsh": load})


def _tide() -> Tool:
    item, variables = blocks("tide")
    tool = _TABLE["upstream-tide"]
    load = tool.load["fish"].replace("set -U tide_left_prompt_items python character; ", variables)
    assert load != tool.load["fish"]
    return tool._replace(name="upstream-recipe-tide", load={"fish": item + load}, shows=_TABLE["nothing"].shows)


RECIPES = (_starship(),)
UPSTREAM_RECIPES = (_powerlevel10k(), _tide())
