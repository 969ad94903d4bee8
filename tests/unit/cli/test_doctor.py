from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

import pytest

from .conftest import Cli


def findings(cli: Cli, directory: str, **env: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in cli.json("doctor", directory, **env)["findings"]}


@pytest.fixture
def project(cli: Cli) -> str:
    root = cli.project("app")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / ".venv" / ".gitignore").unlink(missing_ok=True)  # newer Pythons write one
    return str(root)


def test_a_shell_without_a_hook(cli: Cli, project: str) -> None:
    assert findings(cli, project)["shell"]["level"] == "warning"
    assert findings(cli, project, WEND_SHELL="1-1")["shell"]["level"] == "ok"


def test_an_environment_that_git_would_add_is_fixed(cli: Cli, project: str) -> None:
    assert findings(cli, project)["not-ignored"]["fix"] == "echo .venv/ >> .gitignore"
    done = cli("doctor", "--fix", "app")
    assert f"fixed: git does not ignore {project}/.venv" in done.stderr
    with open(os.path.join(project, ".gitignore"), encoding="utf-8") as file:
        assert file.read() == ".venv/\n"
    assert "not-ignored" not in findings(cli, project)


def test_a_committed_environment_is_an_error(cli: Cli, project: str) -> None:
    subprocess.run(["git", "-C", project, "add", "-f", ".venv/pyvenv.cfg"], check=True)
    assert findings(cli, project)["committed"]["level"] == "error"
    assert cli("doctor", "app").returncode == 1


def test_requirements_without_versions(cli: Cli, project: str) -> None:
    path = os.path.join(project, "requirements.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("requests\nflask==3.0\n")
    assert findings(cli, project)["unpinned"]["text"] == "requirements.txt has no version for requests"
    with open(path, "w", encoding="utf-8") as file:
        file.write("requests==2.32.0\n")
    assert "unpinned" not in findings(cli, project)


def test_an_environment_older_than_its_lock_file(cli: Cli, project: str) -> None:
    assert "health" not in findings(cli, project)
    path = os.path.join(project, "uv.lock")
    with open(path, "w", encoding="utf-8") as file:
        file.write("version = 1\n")
    later = time.time() + 100
    os.utime(path, (later, later))
    found = findings(cli, project)["health"]
    assert (found["level"], found["fix"]) == ("info", "wend sync")
    assert found["text"] == f"{project}/.venv: uv.lock is newer than it"


def test_an_environment_for_another_python_than_the_project_asks_for(cli: Cli, project: str) -> None:
    with open(os.path.join(project, "pyproject.toml"), "w", encoding="utf-8") as file:
        file.write('[project]\nname = "app"\nrequires-python = ">=3.99"\n')
    found = findings(cli, project)["health"]
    assert (found["level"], found["fix"]) == ("warning", f"wend create --force {project}")
    assert "the project requires >=3.99" in found["text"]


def test_a_mistake_in_the_settings(cli: Cli, project: str) -> None:
    path = cli.home / ".config" / "wend" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[detect]\nkinds = 3\n")
    assert "detect.kinds" in findings(cli, project)["settings"]["text"]


def test_mixed_channels(cli: Cli, project: str) -> None:
    with open(os.path.join(project, "environment.yml"), "w", encoding="utf-8") as file:
        file.write("name: app\nchannels:\n  - defaults\n  - conda-forge\n")
    assert findings(cli, project)["channels"]["level"] == "info"


@pytest.mark.parametrize(
    ("name", "env"),
    [
        ("conda-base", {"CONDA_DEFAULT_ENV": "base"}),
        ("pyenv-virtualenv", {"PYENV_VIRTUALENV_INIT": "1"}),
        ("direnv", {"DIRENV_DIFF": "eJw"}),
        ("vscode", {"TERM_PROGRAM": "vscode"}),
        ("jetbrains", {"TERMINAL_EMULATOR": "JetBrains-JediTerm"}),
        ("disabled", {"WEND_DISABLE": "1"}),
    ],
)
def test_a_neighbour_is_told(cli: Cli, project: str, name: str, env: dict[str, str]) -> None:
    assert name not in findings(cli, project)
    assert name in findings(cli, project, **env)


def test_the_document_has_the_fields_of_the_contract(cli: Cli, project: str) -> None:
    document = json.loads(cli("doctor", project, "--json").stdout)
    assert document["schema"] == 1
    assert all(set(each) == {"id", "level", "text", "fix"} for each in document["findings"])


@pytest.mark.parametrize(("tool", "fix"), [("poetry", "poetry lock"), ("pdm", "pdm lock")])
def test_a_project_without_a_lock_file(cli: Cli, project: str, tool: str, fix: str) -> None:
    with open(os.path.join(project, "pyproject.toml"), "w", encoding="utf-8") as file:
        file.write(f'[tool.{tool}]\nname = "app"\n')
    assert findings(cli, project)["no-lock"]["fix"] == fix
    with open(os.path.join(project, f"{tool}.lock"), "w", encoding="utf-8"):
        pass
    assert "no-lock" not in findings(cli, project)


def test_a_daemon_that_is_not_running(cli: Cli, project: str) -> None:
    assert findings(cli, project)["daemon"]["level"] == "info"
    cli("daemon", "start")
    assert findings(cli, project)["daemon"]["level"] == "ok"
