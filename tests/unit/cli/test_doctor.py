from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import MAIN, Cli


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
    assert findings(cli, project)["not-ignored"]["fix"] == f"echo .venv/ >> {project}/.gitignore"
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
    assert findings(cli, project)["unpinned"]["text"] == "requirements.txt has no exact version for requests"
    with open(path, "w", encoding="utf-8") as file:
        file.write("requests==2.32.0\n")
    assert "unpinned" not in findings(cli, project)


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
def test_another_tool_is_told(cli: Cli, project: str, name: str, env: dict[str, str]) -> None:
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
    assert findings(cli, project)["no-lock"]["fix"] == f"cd {project} && {fix}"
    with open(os.path.join(project, f"{tool}.lock"), "w", encoding="utf-8"):
        pass
    assert "no-lock" not in findings(cli, project)


def test_a_daemon_that_is_not_running(cli: Cli, project: str) -> None:
    assert findings(cli, project)["daemon"]["level"] == "info"
    cli("daemon", "start")
    assert findings(cli, project)["daemon"]["level"] == "ok"


def _bash_alone(cli: Cli, tmp_path: Path) -> None:
    """Have no shell but bash on PATH."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "git", "sh", "mkdir", "mkfifo"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    cli.env["PATH"] = str(programs)


def test_fix_wires_the_shells_and_moves_the_block_to_the_end_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    _bash_alone(cli, tmp_path)
    (cli.home / ".bashrc").write_text("x=1\n")
    (cli.home / ".inputrc").write_text("mine\n")
    assert findings(cli, str(cli.home))["hooks"]["level"] == "warning"
    done = cli("doctor", "--fix")
    assert (done.returncode, done.stderr.splitlines()[0].partition(":")[0]) == (0, "fixed")
    wired = (cli.home / ".bashrc").read_text()
    assert wired.startswith("x=1\n# >>> wend >>>\n")
    assert sorted(path.name for path in cli.home.iterdir()) == [".bashrc", ".inputrc", ".local"]
    found = findings(cli, str(cli.home))
    assert found["hooks"]["level"] == found["new-shell"]["level"] == "ok"
    assert cli("doctor", "--fix").stderr == ""  # it is done
    assert (cli.home / ".bashrc").read_text() == wired

    (cli.home / ".bashrc").write_text(wired + "PS1=mine\n")
    assert findings(cli, str(cli.home))["hook-order"]["level"] == "warning"
    assert cli("doctor", "--fix").stderr.startswith("fixed: ")
    assert (cli.home / ".bashrc").read_text() == wired.replace("# >>> wend", "PS1=mine\n# >>> wend", 1)
    assert "hook-order" not in findings(cli, str(cli.home))


def test_a_line_of_the_users_own_is_told_and_left_alone(cli: Cli, tmp_path: Path) -> None:
    _bash_alone(cli, tmp_path)
    (cli.home / ".bashrc").write_text('eval "$(wend hook bash)"\n')
    assert findings(cli, str(cli.home))["hook-own-line"]["level"] == "info"
    cli("doctor", "--fix")
    assert (cli.home / ".bashrc").read_text() == 'eval "$(wend hook bash)"\n'


def test_a_fix_that_fails_does_not_keep_the_others(cli: Cli, project: str, tmp_path: Path) -> None:
    _bash_alone(cli, tmp_path)
    (cli.home / ".local").symlink_to("/proc/nowhere")
    done = cli("doctor", "--fix", project)
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[0].startswith(f"wend: {cli.home}/.local/")
    assert f"fixed: git does not ignore {project}/.venv" in done.stderr


_OLD_DAEMON = """
import sys, wend
wend.__version__ = "0.0.1"
from wend import paths
from wend.daemon.lifecycle import run
import os
run(paths.mailbox_dir(os.environ), paths.state_dir(os.environ))
"""


def test_a_daemon_of_another_version_is_replaced(cli: Cli, project: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", _OLD_DAEMON], env=cli.env)
    try:
        for _ in range(500):
            if "daemon-version" in (found := findings(cli, project)):
                break
            time.sleep(0.01)
        assert found["daemon-version"]["fix"] == "wend daemon restart"
        assert "fixed: the daemon is of version 0.0.1" in cli("doctor", "--fix", "app").stderr
        assert child.wait(60) == 0
        assert findings(cli, project)["daemon"]["level"] == "ok"
        assert "daemon" not in cli("doctor", "--fix", "app").stderr
    finally:
        child.kill()
        child.wait()


def test_the_worst_comes_first_and_is_counted(cli: Cli, project: str) -> None:
    subprocess.run(["git", "-C", project, "add", "-f", ".venv/pyvenv.cfg"], check=True)
    lines = cli("doctor", "app").stdout.splitlines()
    levels = [line.split()[0] for line in lines[:-1]]
    assert levels == sorted(levels, key=["error", "warning", "info"].index)
    assert lines[-1].startswith("1 error, ")
    assert lines[-1].endswith(" of them")


def test_a_limit_on_files_is_told(cli: Cli, project: str) -> None:
    words = [sys.executable, "-I", MAIN, "doctor", "--json", project]
    code = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20,) * 2)"
    code += "; os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=cli.env, capture_output=True, text=True, check=False
    )
    assert "file-limit" in {each["id"] for each in json.loads(done.stdout)["findings"]}


def test_a_daemon_in_another_container_is_told(cli: Cli, project: str, tmp_path: Path) -> None:
    """Its link leads to another mount namespace."""
    box = Path(cli.env["WEND_RUNTIME_DIR"]) / f"wend-{os.geteuid()}"
    box.mkdir(mode=0o700)
    (tmp_path / "mnt").touch()
    (box / "ns").symlink_to(tmp_path / "mnt")
    if not os.path.exists("/proc/self/ns/mnt"):
        pytest.skip("this system has no mount namespaces")
    assert findings(cli, project)["container"]["level"] == "warning"
    (box / "ns").unlink()
    assert "container" not in findings(cli, project)
