"""A reply is short, whatever a project's files spell: a shell evaluates it, and looks at its paths at each prompt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_engine import Person
from tests.unit.test_explain_table import Machine
from wend.shells import SHELLS, Apply

_MOST = 32 * 1024  # characters, of which the line for a person may be 8192, twice
_NAME = "x" * 60_000
_PATH = "/".join(["y" * 200] * 300)
_TREES = {
    "mise": f'mise.toml = [env]\\n_.python.venv = "{_PATH}"\\n',
    "setting": f'pyproject.toml = [tool.wend]\\nenv = "{_PATH}"\\n',
    "hatch": f'hatch.toml = [envs.default]\\npath = "{_PATH}"\\n',
    "hatch's name": f'pyproject.toml = [project]\\nname = "{_NAME}"\\n[tool.hatch.envs.default]\\n',
    "poetry": "pyproject.toml = {project}{poetry}\n" + f'poetry.toml = [virtualenvs]\\npath = "{_PATH}"\\n',
    "conda": f"environment.yml = prefix: /{_PATH}\\n\n~/conda/bin/conda = x",
    ".python-version": f".python-version = /{_PATH}\\n",
    ".tool-versions": f".tool-versions = python path:/{_PATH}\\n",
    "prompt": f".venv: venv 3.12.1\n.venv/pyvenv.cfg = version = 3.12.1\\nuv = 1\\nprompt = {'é' * 30_000}\\n",
}


@pytest.mark.parametrize("name", _TREES)
def test_a_reply_is_short(name: str, tmp_path: Any) -> None:
    machine = Machine(str(tmp_path))
    machine.build(_TREES[name])
    person = Person(machine.home, CONDA_EXE=f"{machine.home}/conda/bin/conda")
    person.ask(cwd=machine.project)
    reply = person.answer.reply
    assert isinstance(reply, Apply)
    assert len(SHELLS["bash"].render(reply)) < _MOST
    assert all(len(path) <= 4096 for path in (*reply.freshness.absent, *reply.freshness.present))
