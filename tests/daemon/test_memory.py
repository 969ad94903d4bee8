"""The daemon's resident memory with every kind of environment in use."""

from __future__ import annotations

import sys

import psutil
import pytest

from tests.unit.test_cost import PROJECTS
from tests.unit.test_explain_table import Machine
from wend.disk import Disk
from wend.engine.look import look
from wend.engine.situation import situate
from wend.kinds import KINDS
from wend.protocol import Request

from .talk import Daemon, Shell

_BUDGET = 32 << 20  # bytes
_MORE = {
    "venv": ".venv: venv 3.12.1",
    "setting": 'pyproject.toml = [tool.wend]\\nenv = "blue"\\n\nblue: venv 3.12.1',
    "uv": "pyproject.toml = {project}\nblue: venv 3.12.1",
    "pixi": 'pixi.toml = [workspace]\\nname = "shop"\\n\n.pixi/envs/default: pixi',
    "conda": "environment.yml = name: data\\n\n~/conda/envs/data: conda\n~/conda/bin/conda = x",
    "pyenv": ".python-version = 3.12\\n\n~/.pyenv/versions/3.12.1: python 3.12.1",
    "range": ".python-version = >=3.11,<3.13\\n\n~/.pyenv/versions/3.12.1: python 3.12.1",
    "asdf": ".tool-versions = python 3.12.1\\n\n~/.asdf/installs/python/3.12.1: python 3.12.1",
    "virtualenvwrapper": "~/.virtualenvs/blue: venv 3.12.1\n~/.virtualenvs/blue/.project = ~/p/shop",
}


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is counted as Linux counts it")
def test_resident_memory_with_every_kind_in_use(tmp_path):
    daemon = Daemon(tmp_path)
    met = set()
    try:
        process = psutil.Process(daemon.start().pid)
        before = process.memory_info().rss
        for name, tree in {**PROJECTS, **_MORE}.items():
            machine = Machine(str(tmp_path / name.replace(" ", "-")))
            machine.build(tree)
            env = {"HOME": machine.home, "PATH": "/usr/bin:/bin", "CONDA_EXE": f"{machine.home}/conda/bin/conda"}
            if name == "uv":
                env["UV_PROJECT_ENVIRONMENT"] = "blue"
            request = Request("bash", 1, "1-x", 1, machine.project, "", "prompt", (), True, (), env)
            chosen = look(situate(request, Disk(), everything_known=True)).chosen
            assert chosen, name
            assert chosen.target, name
            met.add(chosen.marker.kind)
            for _ in range(3):
                reply = Shell(daemon.box, env).ask(machine.project)
                assert f"{chosen.target.prefix}/bin:" in reply, name
        assert met == set(KINDS)
        after = process.memory_info().rss
        assert after <= _BUDGET, f"{after >> 10} KiB, {before >> 10} at the start"
    finally:
        daemon.end()
