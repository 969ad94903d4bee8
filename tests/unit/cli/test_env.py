from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Cli


def test_document(cli: Cli) -> None:
    root = cli.project("proj")
    (root / "sub").mkdir()
    done = cli("env", "proj/sub", "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert list(document) == ["schema", "dir", "env", "changes", "prompt", "notices"]
    assert document["schema"] == 1
    assert document["dir"] == f"{root}/sub"
    prefix = f"{root}/.venv"
    version = document["env"].pop("python_version")
    assert version.count(".") == 2
    assert document["env"] == {
        "kind": "venv",
        "name": ".venv",
        "prefix": prefix,
        "root": str(root),
        "marker": prefix,
        "python": f"{prefix}/bin/python",
    }
    assert document["changes"] == {
        "set": {"VIRTUAL_ENV": prefix, "VIRTUAL_ENV_PROMPT": ".venv"},
        "unset": ["PYTHONHOME"],
        "prepend": {"PATH": [f"{prefix}/bin"]},
        "source": [],
    }
    assert document["prompt"] == "(.venv) "
    assert document["notices"] == []


def test_document_does_not_depend_on_what_is_active(cli: Cli) -> None:
    root, other = cli.project("proj"), cli.project("other")
    before = cli("env", str(root), "--json").stdout
    path = f"{other}/.venv/bin:{cli.env['PATH']}"
    active = {"VIRTUAL_ENV": f"{other}/.venv", "PATH": path, "CONDA_PREFIX": "/opt/conda", "CONDA_SHLVL": "1"}
    assert cli("env", str(root), "--json", **active).stdout == before


def test_a_notice_is_the_line_that_a_shell_prints(cli: Cli) -> None:
    root = cli.project("proj")
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nrequires-python = ">=3.99"\n')
    document = cli.json("env", "proj")
    said = f"wend: {root}/.venv: it has Python {document['env']['python_version']}, and the project requires >=3.99"
    assert document["notices"] == [f"{said}: wend create --force {root}"]
    (root / "sub" / ".venv").mkdir(parents=True)
    (notice,) = cli.json("env", "proj/sub")["notices"]
    assert notice == f"wend: {root}/sub/.venv: it has no pyvenv.cfg: mv {root}/sub/.venv {root}/sub/.venv.old"


def test_no_environment(cli: Cli) -> None:
    done = cli("env", "--json")
    assert done.returncode == 4
    document = json.loads(done.stdout)
    assert document["env"] is None
    assert document["changes"] == {"set": {}, "unset": [], "prepend": {}, "source": []}
    done = cli("env")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"wend: no environment for {cli.home}: wend create\n"


def test_untrusted(cli: Cli) -> None:
    root = cli.project("proj")
    root.rename(cli.home / "moved")
    done = cli("env", "moved", "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["env"] is None
    (notice,) = document["notices"]
    assert "wend allow" in notice
    for words in (("env", "moved"), ("env", "moved", "--dotenv"), ("exec", "moved", "--", "true")):
        done = cli(*words)
        assert (done.returncode, done.stdout, done.stderr) == (3, "", f"{notice}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_code_enters_switches_and_leaves(cli: Cli, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    one, two = cli.project("one"), cli.project("it's $two")
    cli.env["PYTHONHOME"] = "/nowhere"
    env = cli.env
    start = dict(env)
    for directory, active in ((one, f"{one}/.venv"), (two, f"{two}/.venv"), (cli.home, "")):
        done = cli("env", str(directory), "--shell", shell)
        assert done.returncode == (0 if active else 4)
        # What the code does is what the next call starts from.
        shown = subprocess.run(
            [shell, "-f" if shell == "zsh" else "--norc", "-c", f"{done.stdout}\nenv -0"],
            env=env,
            capture_output=True,
            check=True,
        ).stdout
        env = cli.env = dict(item.split("=", 1) for item in os.fsdecode(shown).split("\0") if item)
        for name in ("_", "SHLVL", "PWD", "OLDPWD", "LOGNAME"):  # the shell itself sets these
            env.pop(name, None)
        assert env.get("VIRTUAL_ENV", "") == active
        assert ("PYTHONHOME" in env) is not bool(active)
        assert env["PATH"] == (f"{active}/bin:" if active else "") + start["PATH"]
    assert env == start


def test_dotenv_is_read_by_sh(cli: Cli, tmp_path: Path) -> None:
    root = cli.project('a "b" $HOME `x` \\ c')
    done = cli("env", str(root), "--dotenv")
    assert done.returncode == 0
    (tmp_path / "env").write_text(done.stdout)
    shown = subprocess.run(
        ["sh", "-c", '. ./env; printf "%s\\n" "$VIRTUAL_ENV" "$PATH"'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    prefix = f"{root}/.venv"
    assert shown.stdout == f"{prefix}\n{prefix}/bin:{cli.env['PATH']}\n"


def test_forms_exclude_each_other(cli: Cli) -> None:
    assert cli("env", "--dotenv", "--json").returncode == 2


def test_people_see_a_table_without_colour_off_a_terminal(cli: Cli) -> None:
    root = cli.project("proj")
    lines = [line.split() for line in cli("env", "proj").stdout.splitlines()]
    assert ["set", "VIRTUAL_ENV", f"{root}/.venv"] in lines
    assert ["prepend", "PATH", f"{root}/.venv/bin"] in lines
    assert ["unset", "PYTHONHOME"] in lines


def test_a_name_that_is_not_utf8(cli: Cli) -> None:
    name = os.fsdecode(b"caf\xe9")
    root = cli.project("plain").rename(cli.home / name)
    assert cli("allow", name).returncode == 0
    document = cli.json("env", name)
    assert document["dir"] == str(root)
    assert "\\udce9" in cli("env", name, "--json").stdout
    assert "caf\\xe9" in cli("env", name).stdout
