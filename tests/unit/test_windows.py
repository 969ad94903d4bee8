"""`wend explain` and its like with Windows' paths, modules and modes, in a stand-in for Windows (windows.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_STAND_IN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "windows.py")
# What Python 3.12's venv writes there.
_CONFIG = "home = C:\\Python\r\nversion = 3.12.1\r\ncommand = C:\\Python\\python.exe -m venv {}\r\n"
_ACTIVATE = """\
if [ "${OSTYPE:-}" = "cygwin" ] || [ "${OSTYPE:-}" = "msys" ] ; then
    export VIRTUAL_ENV=$(cygpath '%s')
else
    export VIRTUAL_ENV='%s'
fi
"""

_OF_CONDA = ("", "\\Library\\mingw-w64\\bin", "\\Library\\usr\\bin", "\\Library\\bin", "\\Scripts", "\\bin")


class Windows:
    """A disk C: with a home, C:\\Users\\me."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = "C:\\Windows"
        self.more: dict[str, str] = {}
        self.home = {"USERPROFILE": "C:\\Users\\me"}
        self.cwd = self.mkdir("C:\\Users\\me\\p\\sub")

    def mkdir(self, path: str) -> Path:
        there = self.root / path.replace(":", "").replace("\\", "/")
        there.mkdir(parents=True, exist_ok=True)
        return there

    def venv(self, place: str, made_at: str = "") -> str:
        """Make what venv makes at PLACE; its files name MADE_AT."""
        made_at = made_at or place
        (self.mkdir(place) / "pyvenv.cfg").write_bytes(_CONFIG.format(made_at).encode())
        scripts = self.mkdir(f"{place}\\Scripts")
        (scripts / "python.exe").write_bytes(b"MZ")
        (scripts / "activate").write_text(_ACTIVATE % (made_at, made_at))
        return place

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {
            **self.home,
            "APPDATA": "C:\\Users\\me\\AppData\\Roaming",
            "LOCALAPPDATA": "C:\\Users\\me\\AppData\\Local",
            "PATH": self.path,
            **self.more,
        }
        return subprocess.run(
            [sys.executable, _STAND_IN, str(self.root), *words],
            cwd=self.cwd, env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def json(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    return Windows(tmp_path)


def test_explain_finds_what_was_made_here(windows: Windows) -> None:
    venv = windows.venv("C:\\Users\\me\\p\\.venv")
    document = windows.json("explain")
    assert document["dir"] == "C:\\Users\\me\\p\\sub"
    assert document["chosen"] == {
        "kind": "venv",
        "name": ".venv",
        "prefix": venv,
        "root": "C:\\Users\\me\\p",
        "marker": venv,
        "python": f"{venv}\\Scripts\\python.exe",
        "python_version": "3.12.1",
    }
    assert [(each["status"], each["reason"]) for each in document["candidates"]] == [
        ("chosen", "it has a pyvenv.cfg; made here")
    ]
    words = ["it", "has", "a", "pyvenv.cfg;", "made", "here"]
    assert windows("explain").stdout.split() == ["chosen", "venv", venv, *words]
    assert windows("explain", "C:\\Users\\me\\p\\sub\\..").stdout.split()[:3] == ["chosen", "venv", venv]
    assert windows("explain", "..\\..").stdout == "no environment is seen from C:\\Users\\me\n"


def test_env_speaks_of_windows_paths(windows: Windows) -> None:
    venv = windows.venv("C:\\Users\\me\\p\\.venv")
    changes = windows.json("env")["changes"]
    assert changes["set"] == {"VIRTUAL_ENV": venv, "VIRTUAL_ENV_PROMPT": ".venv"}
    assert changes["prepend"] == {"PATH": [f"{venv}\\Scripts"]}
    assert f"'PATH', '{venv}\\Scripts;C:\\Windows'" in windows("env", "--shell", "pwsh").stdout


def test_a_copy_from_another_place_is_not_trusted(windows: Windows) -> None:
    windows.venv("C:\\Users\\me\\p\\.venv", "D:\\build\\p\\.venv")
    (candidate,) = windows.json("explain")["candidates"]
    assert candidate["status"] == "untrusted"
    assert candidate["reason"] == "it has a pyvenv.cfg; it was not made here: it names another place, D:/build/p/.venv"


def test_outside_the_profile_directory_it_takes_an_allow(windows: Windows) -> None:
    windows.venv("C:\\work\\.venv")
    windows.cwd = windows.mkdir("C:\\work")
    (candidate,) = windows.json("explain")["candidates"]
    assert (candidate["status"], candidate["fix"]) == ("untrusted", "wend allow C:/work")
    assert "profile directory" in candidate["reason"]
    assert windows("allow").returncode == 0
    assert windows.json("explain")["chosen"]["prefix"] == "C:\\work\\.venv"
    assert windows("deny").returncode == 0
    assert windows.json("explain")["chosen"] is None


def test_without_a_profile_directory_it_takes_an_allow(windows: Windows) -> None:
    windows.venv("C:\\Users\\me\\p\\.venv")
    windows.home, windows.cwd = {}, windows.mkdir("C:\\Users\\me\\p")
    (candidate,) = windows.json("explain")["candidates"]
    assert (candidate["status"], candidate["fix"]) == ("untrusted", "wend allow C:/Users/me/p")


def test_the_profile_directory_and_all_below_is_too_much_to_trust(windows: Windows) -> None:
    for place in ("C:\\Users\\me", "C:\\Users", "C:\\"):
        done = windows("allow", "--recursive", place)
        assert (done.returncode, "too much to trust" in done.stderr) == (1, True), done
    assert windows("allow", "--recursive", "C:\\Users\\me\\p").returncode == 0


def test_the_root_of_a_disk_and_the_directory_of_all_users_are_not_projects(windows: Windows) -> None:
    windows.venv("C:\\.venv")
    windows.venv("C:\\Users\\.venv")
    for place in ("C:\\", "C:\\Users", "C:\\other"):
        windows.cwd = windows.mkdir(place)
        assert windows.json("explain")["candidates"] == []


def pythons(windows: Windows, *minors: str) -> list[str]:
    """Make what the installer of python.org makes for each of MINORS; return the directories."""
    made = []
    for minor in minors:
        place = f"C:\\Users\\me\\AppData\\Local\\Programs\\Python\\Python{minor}"
        directory = windows.mkdir(place)
        for name in ("python.exe", f"python{minor}.dll", "python3.dll"):
            (directory / name).write_bytes(b"MZ")
        made.append(place)
    return made


def test_a_version_is_found_on_path_by_the_library_beside_the_program(windows: Windows) -> None:
    newest, wanted, threaded = pythons(windows, "313", "312", "314t")
    windows.path = ";".join((newest, wanted, threaded))
    for pin, place in (("3.12", wanted), ("3", newest), (">=3.9,<3.13", wanted), ("3.14t", threaded)):
        (windows.cwd / ".python-version").write_text(pin)
        chosen = windows.json("explain")["chosen"]
        assert chosen and (chosen["prefix"], chosen["python"]) == (place, f"{place}\\python.exe"), pin
    (windows.cwd / ".python-version").write_text("3.12")
    # Here the directory is Python's own, and every program in it has the same name as the other's.
    assert windows.json("env")["changes"]["prepend"] == {"PATH": [wanted]}
    (windows.cwd / ".python-version").write_text("3.11")
    (candidate,) = windows.json("explain")["candidates"]
    assert candidate["reason"].startswith("3.11 is not installed")
    (windows.cwd / ".python-version").write_text("3.12.4")
    (candidate,) = windows.json("explain")["candidates"]
    assert "python.exe may be 3.12.4: all that is known of it is 3.12" in candidate["reason"]


def test_versions_of_pyenv_win_are_found(windows: Windows) -> None:
    place = "C:\\Users\\me\\.pyenv\\pyenv-win\\versions\\3.12.4"
    (windows.mkdir(place) / "python.exe").write_bytes(b"MZ")
    (windows.cwd / ".python-version").write_text("3.12.4")
    assert windows.json("explain")["chosen"]["prefix"] == place
    assert windows.json("env")["changes"]["prepend"] == {"PATH": [place]}


def conda(windows: Windows, root: str) -> str:
    """Make what the installer of Miniconda makes at ROOT, with an environment alpha; return its prefix."""
    prefix = f"{root}\\envs\\alpha"
    for place in (root, prefix):
        (windows.mkdir(f"{place}\\conda-meta") / "history").write_text("")
        (windows.mkdir(place) / "python.exe").write_bytes(b"MZ")
    (windows.mkdir(f"{root}\\Scripts") / "conda.exe").write_bytes(b"MZ")
    (windows.mkdir(f"{prefix}\\conda-meta") / "python-3.12.4-h1.json").write_text("{}")
    listed = windows.mkdir("C:\\Users\\me\\.conda") / "environments.txt"
    listed.write_text(f"{root}\n{prefix}\n")
    return prefix


@pytest.mark.parametrize("root", ["C:\\Users\\me\\miniconda3", "C:\\Users\\me\\AppData\\Local\\miniconda3"])
def test_an_environment_of_condas_is_found_by_its_name(windows: Windows, root: str) -> None:
    prefix = conda(windows, root)
    (windows.cwd / "environment.yml").write_text("name: alpha\n")
    document = windows.json("explain")
    chosen = document["chosen"]
    assert chosen, document
    assert (chosen["name"], chosen["prefix"], chosen["python_version"]) == ("alpha", prefix, "3.12.4")
    assert chosen["python"] == f"{prefix}\\python.exe"
    changes = windows.json("env")["changes"]
    assert changes["prepend"] == {"PATH": [prefix + each for each in _OF_CONDA]}
    wanted = {
        "CONDA_PREFIX": prefix,
        "CONDA_DEFAULT_ENV": "alpha",
        "CONDA_PROMPT_MODIFIER": "(alpha) ",
        "CONDA_SHLVL": "1",
        "CONDA_EXE": f"{root}\\Scripts\\conda.exe",
        "CONDA_PYTHON_EXE": f"{root}\\python.exe",
    }
    assert {name: changes["set"].get(name) for name in wanted} == wanted


def test_condas_history_says_where_an_environment_was_made(windows: Windows) -> None:
    made = "C:\\Users\\me\\p\\.condaenv"
    history = windows.mkdir(f"{made}\\conda-meta") / "history"
    (windows.root / "C/Users/me/p/.condaenv/python.exe").write_bytes(b"MZ")
    command = "# cmd: C:\\Users\\me\\miniconda3\\Scripts\\conda-script.py create -y -p {} python\n"
    history.write_text(command.format(made))
    assert windows.json("explain")["chosen"]["prefix"] == made
    history.write_text(command.format("C:\\Users\\other\\p\\.condaenv"))
    (candidate,) = windows.json("explain")["candidates"]
    assert candidate["status"] == "untrusted"
    assert "it names another place, C:/Users/other/p/.condaenv" in candidate["reason"]


def test_an_environment_of_condas_takes_the_place_of_base_on_path(windows: Windows) -> None:
    root = "C:\\Users\\me\\miniconda3"
    prefix = conda(windows, root)
    (windows.cwd / "environment.yml").write_text("name: alpha\n")
    windows.path = f"{root};{root}\\Library\\bin;{root}\\Scripts;{root}\\condabin;C:\\Windows"
    windows.more = {"CONDA_PREFIX": root, "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "base"}
    path = windows("env", "--dotenv").stdout.partition("PATH=")[2].partition("\n")[0].strip("\"'")
    others = [f"{root}\\condabin", "C:\\Windows"]
    assert path.replace("\\\\", "\\").split(";") == [*(prefix + each for each in _OF_CONDA), *others]


def test_what_is_printed_for_a_person_has_backslashes(windows: Windows) -> None:
    venv = windows.venv("C:\\Users\\me\\p\\.venv")
    settings = "C:\\Users\\me\\AppData\\Local\\wend\\config.toml"
    assert windows("config", "path").stdout == f"{settings}\n"
    assert windows("config", "set", "hints", "false").returncode == 0
    assert windows.json("config", "show")["path"] == settings
    assert windows("python", "find").stdout == f"{venv}\\Scripts\\python.exe\n"
    assert windows("explain", "C:\\no").stderr == "wend: C:\\no does not exist: ls 'C:\\'\n"
    assert windows("deny").returncode == 0
    assert windows("trust").stdout.split()[:2] == ["deny", "C:\\Users\\me\\p\\**"]
    assert windows.json("trust")["decisions"][0]["dir"] == "C:\\Users\\me\\p"
    assert windows("trust", "--forget", "C:\\Users\\me\\p").stdout == "no decisions yet\n"
