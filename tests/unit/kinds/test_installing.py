"""What to type for a version of Python: by a tool that is there and that has it."""

from __future__ import annotations

import pytest

from wend.kinds import installing, pins
from wend.kinds.installing import Installers

UV, MISE = Installers(uv=True), Installers(mise=True)
PYENV = Installers(pyenv=("2.7.18", "3.7.9", "3.12.4", "3.13.2t", "3.15-dev", "pypy3.10-7.3.15"))
ASDF = Installers(asdf=("3.12.4", "3.12.9", "3.13.0"))
ALL = Installers(True, True, PYENV.pyenv, ASDF.asdf)


def _command(word: str, tools: Installers, *owners: str) -> str:
    wanted = pins.parse(word)
    assert wanted is not None
    return installing.command(wanted, tools, owners)


@pytest.mark.parametrize(
    ("word", "tools", "fix"),
    [
        ("3.12", UV, "uv python install 3.12"),
        ("3", UV, "uv python install 3"),
        ("any", UV, "uv python install 3"),
        ("3.12.4", UV, "uv python install 3.12.4"),
        ("3.13t", UV, "uv python install 3.13t"),
        ("3.13.1t", UV, "uv python install 3.13.1t"),
        ("pypy", UV, "uv python install pypy"),
        ("pypy@3.10", UV, "uv python install pypy3.10"),
        ("graalpy", UV, "uv python install graalpy"),
        ("3.11.2", UV, "uv python list --all-versions 3.11"),
        ("3.12.99", UV, "uv python list --all-versions 3.12"),
        ("pypy3.10.99", UV, "uv python list"),
        ("3.12.4t", UV, "uv python list"),
        ("3.13.99t", UV, "uv python list"),
        ("3.99", UV, "uv python list"),
        ("3.7", UV, installing.GET_PYENV),
        ("2", UV, installing.GET_PYENV),
        ("pypy2", UV, installing.GET_PYENV),
        ("3.12", PYENV, "pyenv install 3.12"),
        ("2", PYENV, "pyenv install 2"),
        ("3.7", PYENV, "pyenv install 3.7"),
        ("3.13t", PYENV, "pyenv install 3.13t"),
        ("pypy", PYENV, "pyenv install pypy3.10"),
        ("any", PYENV, "pyenv install --list"),
        ("3.15", PYENV, "pyenv install --list"),
        ("3.12.99", PYENV, "pyenv install --list"),
        ("3.12", MISE, "mise install python@3.12"),
        ("3.7", MISE, "mise install python@3.7"),
        ("3.11.2", MISE, "mise install python@3.11.2"),
        ("any", MISE, "mise install python@latest"),
        ("3.12.99", MISE, "mise ls-remote python"),
        ("3.7.99", MISE, "mise ls-remote python"),
        ("3.13t", MISE, "mise ls-remote python"),
        ("pypy", MISE, "mise ls-remote python"),
        ("3.12.4", ASDF, "asdf install python 3.12.4"),
        ("3.12", ASDF, "asdf install python latest:3.12"),
        ("3.12.99", ASDF, "asdf list all python"),
        ("3.12.4", ALL, "pyenv install 3.12.4"),
        ("3.12.5", ALL, "uv python install 3.12.5"),
        ("3.11.2", ALL, "mise install python@3.11.2"),
        ("3.12.99", ALL, "uv python list --all-versions 3.12"),
        ("3.12", Installers(), installing.GET_UV),
        ("3.12.99", Installers(), installing.GET_UV),
        ("any", Installers(), installing.GET_UV),
        ("pypy", Installers(), installing.GET_UV),
        ("3.7", Installers(), installing.GET_PYENV),
        ("2.7", Installers(gets=("pipx",)), installing.GET_PYENV),
        ("3.12", Installers(gets=("pipx", "brew")), "pipx install uv"),
        ("3.12", Installers(gets=("brew",)), "brew install uv"),
        ("3.7", Installers(gets=("brew",)), "brew install pyenv"),
        ("3.12", Installers(gets=("winget",)), "winget install astral-sh.uv"),
        ("3.7", Installers(mise=True, gets=("brew",)), "mise install python@3.7"),
        ("3.12", Installers(pyenv=(), asdf=()), "pyenv install --list"),
    ],
)
def test_what_to_type(word: str, tools: Installers, fix: str) -> None:
    assert _command(word, tools) == fix


@pytest.mark.parametrize(
    ("word", "tools", "owners", "fix"),
    [
        ("3.12.4", ALL, ("mise", "asdf"), "mise install"),
        ("3.12.99", ALL, ("mise", "asdf"), "mise ls-remote python"),
        ("3.13t", ALL, ("mise", "asdf"), "pyenv install 3.13t"),
        ("3.12.4", ALL._replace(mise=False), ("mise", "asdf"), "asdf install python 3.12.4"),
        ("3.12.4", UV, ("mise", "asdf"), "uv python install 3.12.4"),
    ],
)
def test_the_tool_whose_file_it_is_comes_first(word: str, tools: Installers, owners: tuple[str, ...], fix: str) -> None:
    assert _command(word, tools, *owners) == fix


@pytest.mark.parametrize(
    ("word", "tools", "fix"),
    [
        (">=3.12,<3.14", UV, "uv venv"),
        (">=3.12,<3.14", PYENV, "pyenv install --list"),  # which is not known to have the newest of 3.13
        ("~=3.12.0", PYENV, "pyenv install 3.12"),
        ("~=3.12.0", MISE, "mise install python@3.12"),
        ("~=3.12.0", ASDF, "asdf install python latest:3.12"),
        (">=3.97", MISE, "mise install python@latest"),
        (">=3.12", Installers(), installing.GET_UV),
        (">=3.12", Installers(gets=("pipx",)), "pipx install uv"),
    ],
)
def test_for_a_range(word: str, tools: Installers, fix: str) -> None:
    wanted = pins.parse(word)
    assert wanted is not None
    assert installing.for_range(wanted, tools) == fix


@pytest.mark.parametrize(
    ("word", "tools", "fix"),
    [
        ("pypy3.10-7.3.15", PYENV, "pyenv install pypy3.10-7.3.15"),
        ("pypy3.10-7.3.99", PYENV, "pyenv install --list"),
        ("pypy3.10-7.3.15", UV, installing.GET_PYENV),
        ("pypy3.10-7.3.15", Installers(gets=("brew",)), "brew install pyenv"),
        ("blog", PYENV, "wend python list"),
        ("3.12.1/envs/blog", Installers(), "wend python list"),
    ],
)
def test_for_a_name(word: str, tools: Installers, fix: str) -> None:
    assert installing.named(word, tools) == fix
