"""One row for each finding: what provokes it, how bad it is, and what is to be typed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

from tests.conftest import TREE
from tests.unit.fixes import is_typed
from wend import __version__, doctor, setup
from wend.cli import COMMANDS
from wend.disk import Disk
from wend.doctor import Finding, Fresh, startup
from wend.engine import look, situate
from wend.protocol import Request
from wend.record import Active, Record, Undo, dump
from wend.shells import SHELLS, hooks
from wend.trust import decisions

PACKAGE = os.path.dirname(os.path.abspath(doctor.__file__))
MINE = "4711-mine"


class World:
    """A home, a project in a git work tree with an environment that git ignores, and a bash."""

    def __init__(self, top: Path) -> None:
        self.home, self.root, self.bin = top / "home", top / "home" / "app", top / "bin"
        self.root.mkdir(parents=True)
        self.cwd = self.root
        self.bin.mkdir()
        self.link("git", "bash")
        self.env = {"HOME": str(self.home), "PATH": str(self.bin), "WEND_RUNTIME_DIR": str(self.home)}
        self.env["WEND_SHELL"] = MINE
        self.case: dict[str, Any] = {"daemon": {"version": __version__, "pid": 1, "shells": 1}}
        self.case["shell"] = {"dir": str(self.root), "kind": "bash"}
        self.startup: list[startup.Startup] = []
        venv.create(self.root / ".venv", symlinks=True)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.write(".gitignore", ".venv/\n")
        for change in setup.plan(self.env):
            setup.make(change)

    def link(self, *names: str) -> None:
        """Put programs of the machine on PATH."""
        for name in names:
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project's, or of the home's where NAME begins with a tilde."""
        path = self.home / name[2:] if name.startswith("~/") else self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def append(self, name: str, text: str) -> None:
        """Add to a file."""
        path = self.home / name[2:]
        path.write_text((path.read_text() if path.exists() else "") + text)

    def rc(self, text: str, shell: str = "zsh") -> None:
        """Give a start-up file to a shell."""
        self.startup.append(startup.parse(shell, f"/h/.{shell}rc", text))

    def git(self, *words: str) -> None:
        """Run git in the project."""
        subprocess.run(["git", "-C", str(self.root), *words], check=True, capture_output=True)

    def conda(self) -> Path:
        """Put a conda environment in the place of the virtual one; return its site-packages."""
        prefix = self.root / ".condaenv"
        shutil.rmtree(self.root / ".venv")
        version = ".".join(map(str, sys.version_info[:3]))
        site = prefix / "lib" / f"python{version.rpartition('.')[0]}" / "site-packages"
        for directory in (prefix / "conda-meta", prefix / "bin", site):
            directory.mkdir(parents=True)
        (prefix / "bin" / "python").symlink_to(sys.executable)
        (prefix / "conda-meta" / "history").write_text(f"# cmd: conda create --prefix {prefix}\n")
        (prefix / "conda-meta" / f"python-{version}-h1_0.json").write_text("{}")
        self.write(".gitignore", ".condaenv/\n")
        return site

    def age(self, name: str, seconds: int) -> None:
        """Set when a file of the project's was written, counted from the environment."""
        made = max(path.stat().st_mtime for path in (self.root / ".venv").rglob("*") if not path.is_symlink())
        os.utime(self.root / name, (made + seconds, made + seconds))

    def findings(self) -> list[Finding]:
        """Return what is found now."""
        undo = self.env.get("WEND_UNDO", "")
        request = Request("bash", 1, "", 1, str(self.cwd), undo, "prompt", (), False, (), self.env)
        situation = situate(request, Disk(), everything_known=True)
        files = (*startup.read(self.env), *self.startup)
        case = doctor.Case(self.env, situation, look(situation, everything=True), startup=files, **self.case)
        return doctor.examine(case)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setattr(os, "environ", {**os.environ, "HOME": str(made.home)})
    monkeypatch.delenv("GIT_DIR", raising=False)
    return made


class Row(NamedTuple):
    """One finding: ID, LEVEL, how its fix begins, and what is in its text; PROVOKE brings it about."""

    id: str
    level: str
    fix: str
    text: str
    provoke: Callable[[World], object]


def _set(**env: str) -> Callable[[World], None]:
    return lambda world: world.env.update(env)


def _in_its_place(world: World) -> None:
    runtime = world.root.parent / "runtime"
    runtime.mkdir()
    (runtime / f"wend-{os.geteuid()}").write_text("")
    world.env["WEND_RUNTIME_DIR"] = str(runtime)


def _case(**fields: Any) -> Callable[[World], None]:
    return lambda world: world.case.update(fields)


def _rc(text: str, shell: str = "zsh") -> Callable[[World], None]:
    return lambda world: world.rc(text, shell)


def _file(name: str, text: str) -> Callable[[World], object]:
    return lambda world: world.write(name, text)


def _fresh(*runs: str, answered: bool = True, loaded: bool = True) -> Callable[[World], None]:
    return _case(fresh=(Fresh("bash", answered, loaded, runs),))


def _lost(world: World) -> None:
    _fresh("mine")(world)
    world.rc("PS1=x\nPROMPT_COMMAND=mine", "bash")


def _moved(world: World) -> None:
    world.case.update(shell={"dir": "/", "kind": "bash"}, lost=True)
    world.append("~/.bashrc", "PROMPT_COMMAND='mine'\n")


def _login(world: World) -> None:
    world.write("~/.bash_profile", '. ~/.bashrc\neval "$(wend hook bash)"\n')


def _active(world: World, *path: str) -> None:
    directory = f"{world.root}/.venv/bin"
    undo = Undo(Active("venv", "app", str(world.root / ".venv"), str(world.root)), added=(directory,))
    world.env.update(WEND_UNDO=dump(Record(undo)), PATH=os.pathsep.join((*path, world.env["PATH"])))


def _hiding(world: World) -> None:
    front = world.home / "front"
    front.mkdir()
    (front / "python").touch()
    _active(world, str(front), f"{world.root}/.venv/bin")


def _broken(world: World) -> None:
    for path in (world.root / ".venv" / "bin").glob("python*"):
        path.unlink()
        path.symlink_to("/nowhere/python")


def _untrusted(world: World) -> None:
    world.write("~/.config/wend/config.toml", '[trust]\npolicy = "ask"\n')


def _unversioned(world: World) -> None:
    config = world.root / ".venv" / "pyvenv.cfg"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if "version" not in line))


def _without(files: dict[str, str]) -> Callable[[World], None]:
    def provoke(world: World) -> None:
        shutil.rmtree(world.root / ".venv")
        for name, text in files.items():
            world.write(name, text)

    return provoke


def _old(world: World) -> None:
    world.write("requirements.txt", "tiny==1\n")
    world.age("requirements.txt", 60)


def _installed(world: World) -> None:
    (lib,) = (world.root / ".venv" / "lib").glob("python*")
    info = lib / "site-packages" / "requests-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: requests\nVersion: 2.0\n")
    world.write("requirements.txt", "Requests\n")
    world.age("requirements.txt", -60)


def _project(dependencies: str, *, uv: bool = False) -> Callable[[World], None]:
    """A plain pyproject.toml that lists DEPENDENCIES."""

    def provoke(world: World) -> None:
        world.write("pyproject.toml", f"[project]\nname='a'\nversion='1'\ndependencies=[{dependencies}]\n")
        if uv:
            world.write("~/../bin/uv", "").chmod(0o755)

    return provoke


def _listed_in(world: World, line: str) -> None:
    """A requirements file with LINE, and a file below that gives its packages exact versions."""
    world.write("requirements.txt", f"Tiny[x]>=1\n{line}\nb\n")
    world.write("below/d.txt", "tiny==1.0 --hash=sha256:00\nb @ https://example.org/b.whl\n")


def _hatch(world: World) -> None:
    shutil.rmtree(world.root / ".venv")
    world.write("hatch.toml", "[envs.default]\ndependencies=['tiny']\n")


def _uv_member(world: World) -> None:
    world.write("~/pyproject.toml", "[tool.uv.workspace]\nmembers=['app']\n")
    _project("'tiny'")(world)


def _tracked(name: str) -> Callable[[World], None]:
    """An environment that git tracks, and wend does not know as one of the project's."""

    def provoke(world: World) -> None:
        world.write(f"{name}/pyvenv.cfg", "home = /usr/bin\n")
        world.git("add", "-f", f"{name}/pyvenv.cfg")

    return provoke


def _vscode(text: str, **env: str) -> Callable[[World], object]:
    """A settings.json of VS Code's in the project, which holds TEXT."""
    return lambda world: (world.write(".vscode/settings.json", text), world.env.update(env))


def _idea(path: str, *, module: bool = False) -> Callable[[World], None]:
    """A project of JetBrains' with an interpreter at PATH, by the project's own settings or by a module's."""

    def provoke(world: World) -> None:
        name = "Python 3.12 (app) &amp; more"
        component = f'<component name="ProjectRootManager" version="2" project-jdk-name="{name}" />'
        entry = f'<orderEntry type="jdk" jdkName="{name}" jdkType="Python SDK" />'
        world.write(*((".idea/app.iml", entry) if module else (".idea/misc.xml", component)))
        sdk = f'<name value="{name}" />\n<type value="Python SDK" />\n<homePath value="{path}" />'
        table = f'<jdk><name value="Other" /><homePath value="/x/y" /></jdk><jdk version="2">{sdk}</jdk>'
        world.write("~/.config/JetBrains/PyCharm2024.3/options/jdk.table.xml", table)

    return provoke


def _conda_loose(world: World) -> None:
    world.conda()
    world.write(
        "environment.yml",
        "dependencies:\n  - python=3.12\n  - x::numpy >=1\n  - scipy 1.2\n  - pip\n  - pip: [tiny, other==1]\n",
    )
    os.utime(world.root / "environment.yml", (1, 1))


def _changed(world: World) -> None:
    config = world.root / ".venv" / "pyvenv.cfg"
    config.write_text(re.sub(r"version = .*", "version = 3.6.1", config.read_text()))


def _made_elsewhere(world: World) -> None:
    venv = world.root / ".venv"
    for file in (venv / "pyvenv.cfg", *(venv / "bin").glob("activate*")):
        file.write_text(file.read_text().replace(str(venv), "/elsewhere/.venv"))
    decisions.allow(str(world.root), recursive=False, env={"HOME": str(world.home)})


def _by_pip(world: World) -> None:
    site = world.conda()
    for name, installer in (("six", "conda"), ("tiny", "pip"), ("named", "pip")):
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "INSTALLER").write_text(f"{installer}\n")
    world.write("environment.yml", "dependencies:\n  - six\n  - pip:\n    - Named==1.0\n")
    os.utime(world.root / "environment.yml", (1, 1))


def _conda_file(world: World) -> None:
    world.conda()
    world.write("environment.yml", "dependencies: [python=3.99]\n")


def _pixi(world: World) -> None:
    shutil.rmtree(world.root / ".venv")
    prefix = world.root / ".pixi" / "envs" / "default"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "pixi_env_prefix").write_text(str(prefix))
    world.write("pixi.toml", "[workspace]\n[activation.env]\nX = '1'\n")


# How bash before 5.1 calls the hook.
_BEFORE_5_1 = hooks.text("bash", "/wend").partition("__wend_entry='")[2].partition("'")[0]
ROWS = (
    # the hooks
    Row("hooks", "warning", "wend setup", "not as setup makes", lambda world: (world.home / ".bashrc").unlink()),
    Row("hook-order", "warning", "wend setup", "from line 9, PS1=x", lambda w: w.append("~/.bashrc", "\n# x\nPS1=x\n")),
    Row("hook-own-line", "info", "in /h/.zshrc, remove: eval", ".zshrc, line 2, loads",
        _rc('x=1\neval "$(wend hook zsh)"\n')),
    Row("hook-twice", "info", "in /", "bash loads the hook 2 times: ", _login),
    Row("new-shell", "ok", "", "loads the hook, and calls it first", _fresh("__wend_on_prompt", "mine")),
    Row("new-shell-silent", "info", "wend selftest --shell bash", "says nothing", _fresh(answered=False)),
    Row("new-shell-without", "warning", "wend setup --shell bash", "ends before it", _fresh("mine", loaded=False)),
    Row("new-shell-lost", "warning", "in /h/.bashrc, remove: PROMPT_COMMAND=mine", "never calls it", _lost),
    Row("new-shell-order", "info", "wend setup --shell bash", "runs mine before", _fresh("mine", "__wend_on_prompt")),
    Row("disabled", "warning", "unset WEND_DISABLE", "WEND_DISABLE", _set(WEND_DISABLE="1")),
    Row("shell", "warning", "open a new terminal", "this shell has no hook", _set(WEND_SHELL="")),
    Row("shell-unknown", "info", "press Enter", "does not know this shell", _case(shell=None)),
    Row("shell-lost", "warning", "in /", ".bashrc, line 7 replaces it", _moved),
    Row("shell-behind", "warning", "exec bash", "lags behind: x is active after Enter,",
        _case(due="x is active after Enter; if not")),
    # the daemon
    Row("daemon", "info", "", "is not running", _case(daemon=None, shell=None)),
    Row("daemon-silent", "error", "wend daemon restart", "does not answer", _case(trouble="it does not answer")),
    Row("daemon-version", "warning", "wend daemon restart", "0.0.1", _case(daemon={"version": "0.0.1"})),
    Row("runtime-dir", "error", "mkdir -p ~/.local", "others can change", _set(WEND_RUNTIME_DIR="/nowhere/x")),
    Row("mailbox", "error", "mv /", "is not a directory of yours", _in_its_place),
    Row("container", "warning", "mkdir -p ~/.local", "another container", _case(elsewhere=True, daemon=None)),
    Row("file-limit", "warning", "ulimit -f unlimited", "ulimit -f", _case(file_limit=True)),
    Row("inotify", "warning", "sudo sysctl fs.inotify", "20 ms", _case(daemon={"version": "", "notify": "poll"})),
    Row("settings", "warning", "in /", "detect.kinds",
        _file("~/.config/wend/config.toml", "[detect]\nkinds=3\n")),
    # PATH
    Row("path-missing", "warning", "cd / && cd -", "is not in PATH", _active),
    Row("path-order", "warning", "cd / && cd -", "hides its python", _hiding),
    # other tools
    Row("conda-base", "info", "conda config --set", "base", _set(CONDA_DEFAULT_ENV="base")),
    Row("pyenv-shims", "info", "", "shims", _set(PATH="/h/.pyenv/shims")),
    Row("pyenv-virtualenv", "warning", "in your start-up file, remove: eval", "each prompt",
        _set(PYENV_VIRTUALENV_INIT="1")),
    Row("direnv", "info", "", "direnv is loaded", _set(DIRENV_DIFF="eJw")),
    Row("mise", "info", "mise current python", "first in PATH", _set(MISE_SHELL="bash")),
    Row("vscode-startup", "info", "in VS Code, choose: ", "start-up file", _rc('eval "$VSCODE_PYTHON_ZSH_ACTIVATE"')),
    Row("virtualfish", "warning", "vf rmplugins auto_activation", "y/n",
        _rc("source /x/virtualfish/auto_activation.fish", "fish")),
    Row("autoswitch", "warning", "in /h/.zshrc, remove: antigen", "each cd",
        _rc("antigen bundle 'x/zsh-autoswitch-virtualenv'")),
    Row("omz-virtualenvwrapper", "warning", "omz plugin disable virtualenvwrapper", "git repository",
        _rc("plugins=(git\n  virtualenvwrapper  # mine\n)")),
    Row("omz-virtualenv", "warning", "omz plugin disable virtualenv", "DISABLE_PROMPT",
        _rc("plugins=(git virtualenv)")),
    Row("omz-pipenv", "warning", "in /h/.zshrc, remove: zinit snippet OMZP::pipenv", "pipenv shell",
        _rc("zinit snippet OMZP::pipenv")),
    Row("omz-poetry-env", "warning", "omz plugin disable poetry-env", "poetry", _rc("plugins+=(poetry-env)")),
    Row("omz-python", "warning", "omz plugin disable python", "AUTO_VRUN",
        _rc("PYTHON_AUTO_VRUN=true\nplugins=(python)")),
    Row("envrc", "info", "in .envrc, remove: layout python3; then: direnv allow /", ".envrc, line 2",
        _file(".envrc", "# x\nlayout python3\n")),
    Row("vscode", "info", "in settings.json", "VS Code", _set(TERM_PROGRAM="vscode")),
    Row("jetbrains", "info", "in JetBrains, turn off: ", "JetBrains", _set(TERMINAL_EMULATOR="JetBrains-JediTerm")),
    Row("vscode-interpreter", "info",
        'in .vscode/settings.json, write: "python.defaultInterpreterPath": "${workspaceFolder}/.venv"',
        "run /opt/env/bin",
        _vscode('{"python.defaultInterpreterPath": "/opt/env/bin/python"}')),
    Row("vscode-env", "info", 'in .vscode/settings.json, remove: PATH, VIRTUAL_ENV of "terminal.integrated.env.linux"',
        "sets PATH, VIRTUAL_ENV in each terminal",
        _vscode('{"terminal.integrated.env.linux": {"VIRTUAL_ENV": "x", "PATH": "${env:PATH}", "X": "1"}}')),
    Row("jetbrains-interpreter", "info", "in JetBrains, choose: Settings, Python Interpreter",
        "has JetBrains run /opt/env/bin/python",
        _idea("/opt/env/bin/python")),
    Row("prompt", "info", "wend config set prompt.mode always", "starship draws", _rc('eval "$(starship init zsh)"')),
    # the project
    Row("broken", "error", "wend create --force", ".venv", _broken),
    Row("untrusted", "warning", "wend allow", ".venv", _untrusted),
    Row("unavailable", "warning", "curl -LsSf https://", ".python-version", _without({".python-version": "3.99\n"})),
    Row("no-environment", "info", "wend create", "has pyproject.toml",
        _without({"pyproject.toml": "[project]\nname='a'\n"})),
    Row("unreadable", "error", "in /", "app/pyproject.toml: ", _file("pyproject.toml", "x = [")),
    Row("committed", "error", "git -C", ".venv is committed", lambda w: w.git("add", "-f", ".venv/pyvenv.cfg")),
    Row("not-ignored", "warning", "echo .venv/ >> /", "does not ignore", _file(".gitignore", "x\n")),
    Row("older-than-lock", "info", "wend sync", "requirements.txt is newer", _old),
    Row("pin-mismatch", "warning", "wend create --force", ".python-version asks for 3.99",
        _file(".python-version", "3.99\n")),
    Row("pin-variable", "info", "unset PYENV_VERSION", "PYENV_VERSION asks for 3.99, which pyenv gives only where",
        _set(PYENV_VERSION="3.99:3.98")),
    Row("requires-python", "warning", "wend create --force", "requires >=3.99",
        _file("pyproject.toml", "[project]\nname='a'\nrequires-python='>=3.99'\n")),
    Row("interpreter-changed", "warning", "wend create --force", "made for Python 3.6.1", _changed),
    Row("moved", "warning", "wend create --force", "still name /elsewhere/.venv", _made_elsewhere),
    Row("activation-not-followed", "info", "pixi shell", "[activation] in pixi.toml", _pixi),
    Row("unpinned", "info", "wend sync", "for requests and 1 more",
        _file("requirements.txt", "requests\na>=1\nb==1\n")),
    Row("no-lock", "info", "pdm lock", "this pdm project", _file("pyproject.toml", "[tool.pdm]\nx=1\n")),
    Row("channels", "info", "in environment.yml, remove: - defaults; then: wend sync", "conda-forge",
        _file("environment.yml", "channels: [defaults]\ndependencies: ['conda-forge::x']\n")),
    Row("pip-on-conda", "warning", "wend freeze", "installed tiny into", _by_pip),
)  # fmt: skip


# Findings of a row above that something else provokes.
MORE = (
    Row("committed", "error", "git -C", "app/tools/my-env is committed", _tracked("tools/my-env")),
    Row("committed", "error", "git -C", "app is committed", _tracked(".")),
    Row("vscode", "info", 'in .vscode/settings.json, write: "python.terminal.activateEnvironment": false',
        "settings.json has",
        _vscode('{\n  // mine\n  "python.terminal.activateEnvironment": true, /* too */\n}\n')),
    Row("vscode", "info", 'in .vscode/settings.json, write: "python.terminal.activateEnvInCurrentTerminal": false',
        "already",
        _vscode('{"python.terminal.activateEnvInCurrentTerminal": true}')),
    Row("vscode", "info", "in settings.json, write: ", "extensions",
        _vscode('{"python.terminal.activateEnvironment": "no"', TERM_PROGRAM="vscode")),
    Row("vscode-interpreter", "info", "in .vscode/settings.json, write: ",
        "app/old/bin/python, and the environment is /",
        _vscode('{"python.defaultInterpreterPath": "${workspaceFolder:app}/old/bin/python"}')),
    Row("vscode-interpreter", "info", "in .vscode/settings.json, write: ", "home/x/bin/python",
        _vscode('{"python.defaultInterpreterPath": "~/x/bin/python"}')),
    Row("jetbrains-interpreter", "info", "in JetBrains, choose: Settings, Python Interpreter", "home/old/bin/python",
        _idea("$USER_HOME$/old/bin/python", module=True)),
    Row("unpinned", "info", "wend freeze", "for requests", _installed),
    Row("unpinned", "info", "in requirements-dev.txt, write: requests==2.0", "for requests",
        lambda w: (_installed(w), (w.root / "requirements.txt").rename(w.root / "requirements-dev.txt"))),
    Row("unpinned", "info", "wend sync", "requirements-dev.txt has no exact version for black",
        _file("requirements-dev.txt", "black\n")),
    Row("unpinned", "info", "wend sync", "requirements/dev.txt has no exact version for ruff and 1 more",
        _file("requirements/dev.txt", "ruff\nblack>=24\n")),
    Row("unpinned", "info", "wend sync", "environment.yml has no exact version for numpy and 1 more", _conda_loose),
    Row("no-lock", "info", "uv lock", "for tiny and 1 more, and there is no", _project("'tiny','b>1','c==1'", uv=True)),
    Row("no-lock", "info", "wend sync", "no exact version for tiny, and", _project("'tiny'")),
    Row("no-lock", "info", "curl -LsSf https://astral.sh/uv/install.sh | sh && uv lock", "for tiny, and there",
        _file("pyproject.toml", "[project]\nname='a'\ndependencies=['tiny']\n[build-system]\nrequires=[]\n")),
    Row("not-ignored", "warning", "echo env-3.12/ >> /", "does not ignore", _file("env-3.12/pyvenv.cfg", "")),
    Row("no-lock", "info", "wend freeze", "pyproject.toml has no exact version for requests",
        lambda w: (_installed(w), (w.root / "requirements.txt").unlink(), _project("'requests'")(w))),
    Row("no-lock", "info", "wend sync", "setup.cfg has no exact version for tiny",
        _file("setup.cfg", "[options]\ninstall_requires =\n  tiny>1\n  other==1\n")),
    Row("no-lock", "info", "wend sync", "setup.py has no exact version for tiny and 1 more",
        _file("setup.py", "setup(install_requires = [  # what\n 'tiny[x]>1', \"b\", 'c==1',\n])\n")),
    Row("no-lock", "info", "wend sync", "setup.py has no exact version for tiny",
        _file("setup.py", "needed = ['tiny']\nsetup(install_requires=needed)\n")),
    Row("no-lock", "info", "wend sync", "setup.cfg has no exact version for tiny",
        lambda w: (w.write("setup.cfg", "[options]\ninstall_requires = file: a.in, b.in\n"),
                   w.write("a.in", "c==1\n"), w.write("b.in", "tiny\n"))),
    Row("unpinned", "info", "in requirements.txt, write: -c constraints.txt", "for tiny",
        lambda w: (w.write("requirements.txt", "Tiny\n"), w.write("constraints.txt", "tiny==1\n"))),
    Row("unpinned", "info", "in requirements/dev.txt, write: -c ../constraints.txt", "for tiny",
        lambda w: (w.write("requirements/dev.txt", "tiny\n"), w.write("constraints.txt", "tiny==1\n"))),
    Row("unpinned", "info", "wend sync", "for tiny",
        lambda w: (w.write("requirements.txt", "tiny\n-c ../c.txt\n"), w.write("~/c.txt", "tiny>1\nother==1\n"))),
    Row("no-lock", "info", "pip install pip-tools && pip-compile /",
        "requirements.in has no requirements.txt", _file("requirements.in", "tiny\n")),
    Row("no-lock", "info", "uv pip compile requirements/dev.in -o requirements/dev.txt", "requirements/dev.in has no ",
        lambda w: (w.write("requirements/dev.in", ""), w.write("requirements/base.in", ""), _project("", uv=True)(w))),
    Row("no-lock", "info", "uv lock", "this uv project", _uv_member),
    Row("no-lock", "info", 'in hatch.toml, below [envs.default], write: locked = true',
        "this hatch project", _hatch),
    Row("pyenv-shims", "info", "", "shims", _set(PATH="/opt/py/shims", PYENV_ROOT="/opt/py/")),
    Row("prompt", "info", "wend config set prompt.mode always", "oh-my-posh draws", _set(POSH_SHELL="bash")),
    Row("prompt", "info", "wend config set prompt.mode always", "Liquid Prompt draws", _set(LP_ENABLE_VIRTUALENV="1")),
    Row("requires-python", "warning", "wend create --force", "requires ^3.99",
        _file("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.99'\n")),
    Row("requires-python", "warning", "wend create --force", "Pipfile requires 3.99",
        _file("Pipfile", "[requires]\npython_version = '3.99'\n")),
    Row("pin-variable", "info", "unset UV_PYTHON", "UV_PYTHON asks for >=3.99, <4, which uv uses in its place",
        _set(UV_PYTHON=">=3.99, <4")),
    Row("unavailable", "warning", "curl -LsSf https://micro.mamba.pm/", "no conda is installed",
        _without({"environment.yml": "name: lab\n"})),
    Row("unavailable", "warning", "in environment.yml, write: name: app", "neither a name nor a prefix",
        _without({"environment.yml": "x: 1\n"})),
    Row("broken", "warning", "mv /", "no pyvenv.cfg", lambda w: (w.root / ".venv" / "pyvenv.cfg").unlink()),
    Row("broken", "error", "rm /", "cannot be read", _without({".venv": "x" * 5000})),
    Row("broken", "error", "wend python pin 3", "names no version", _without({".python-version": "%\n"})),
    Row("new-shell-order", "info", "", "can only call the hook last", _fresh("mine", _BEFORE_5_1)),
    Row("requires-python", "warning", "wend sync /", "environment.yml asks for python=3.99", _conda_file),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("starship", 'eval "$(starship init zsh)"'),
        ("oh-my-posh", 'eval "$(oh-my-posh init zsh --config ~/x.json)"'),
        ("Powerlevel10k", "source ~/powerlevel10k/powerlevel10k.zsh-theme"),
        ("Powerlevel10k", "[[ ! -f ~/.p10k.zsh ]] || source ~/.p10k.zsh"),
        ("tide", "_tide_init_prompt"),
        ("pure", "prompt pure"),
        ("Liquid Prompt", "source ~/liquidprompt/liquidprompt"),
        ("powerline-shell", "function _update_ps1() { PS1=$(powerline-shell $?); }"),
        ("powerline-shell", 'precmd() { eval "$($GOPATH/bin/powerline-go -eval)"; }'),
        ("spaceship", "source ~/.zsh/spaceship-prompt/spaceship.zsh"),
    ],
)
def test_each_prompt_framework_is_found(world: World, name: str, line: str) -> None:
    _rc(line)(world)
    (found,) = [each.text for each in world.findings() if each.id == "prompt"]
    assert found.startswith(f"{name} draws the prompt")


@pytest.mark.parametrize("row", (*ROWS, *MORE), ids=lambda row: row.id)
def test_a_finding_is_provoked(world: World, row: Row) -> None:
    before = {(each.id, each.level) for each in world.findings()}
    assert (row.id, row.level) not in before, "it is there without a reason"
    assert {level for _, level in before} == {"ok"}, before
    row.provoke(world)
    found = [each for each in world.findings() if each.id == row.id]
    assert len(found) == 1, world.findings()
    assert (found[0].level, row.text in found[0].text) == (row.level, True), found
    assert found[0].fix.startswith(row.fix) and bool(found[0].fix) == bool(row.fix), found
    assert all(each.fix for each in world.findings() if each.level in ("error", "warning"))
    assert not [each for each in world.findings() if each.fix and not is_typed(each.fix)]
    assert (found[0].text + found[0].fix).isprintable()


@pytest.mark.parametrize(
    ("row", "fix"),
    [
        (Row("no-lock", "", "", "", _file("pyproject.toml", "[tool.pdm]\nx=1\n")), "cd {root} && pdm lock"),
        (Row("unavailable", "", "", "", _without({"pyproject.toml": "[tool.pdm]\nx=1\n"})), "cd {root} && pdm install"),
        (Row("older-than-lock", "", "", "", _old), "wend sync {root}"),
        (Row("broken", "", "", "", _without({".python-version": "%\n"})), "wend python pin 3 {root}"),
    ],
    ids=lambda each: each.id if isinstance(each, Row) else "",
)
def test_from_a_directory_below_what_is_to_be_typed_is_for_the_project(world: World, row: Row, fix: str) -> None:
    row.provoke(world)
    world.cwd = world.root / "below"
    world.cwd.mkdir()
    (found,) = [each for each in world.findings() if each.id == row.id]
    assert found.fix == fix.format(root=world.root)


def test_every_finding_has_a_row() -> None:
    ids = []
    for name in os.listdir(PACKAGE):
        if name.endswith(".py"):
            tree = ast.parse(Path(PACKAGE, name).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Finding", "OtherTool", "Plugin"):
                    ids += [
                        word.value
                        for word in node.args[:1]
                        if isinstance(word, ast.Constant) and isinstance(word.value, str)
                    ]
    ids += [*doctor.project._LEVELS, *doctor.project.NOTES.values()]
    assert sorted(row.id for row in ROWS) == sorted(set(ids))


def test_the_documentation_lists_every_finding() -> None:
    text = (
        Path(TREE, "docs", "troubleshooting.md").read_text(encoding="utf-8").partition("## What wend doctor finds")[2]
    )
    listed = re.findall(r"^\| `([a-z-]+)` \| (\w+)", text, re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(row.id for row in ROWS)
    assert [(name, level) for name, level in listed if (name, level) not in {(row.id, row.level) for row in ROWS}] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_fix_of_wends_is_a_command(world: World, row: Row) -> None:
    row.provoke(world)
    for each in world.findings():
        for words in re.findall(r"\bwend ([a-z]+)", each.fix):
            assert words in {row[0] for row in COMMANDS}, each
        shell = re.search(r"--shell (\w+)", each.fix)
        assert shell is None or shell[1] in SHELLS


@pytest.mark.parametrize(
    ("provoke", "name"),
    [
        (_rc("plugins=(virtualenvwrapper)\nDISABLE_VENV_CD=1"), "omz-virtualenvwrapper"),
        (_rc("plugins=(virtualenv)\nPROMPT='$(virtualenv_prompt_info)'"), "omz-virtualenv"),
        (_rc("plugins=(python)"), "omz-python"),
        (_rc("# plugins=(pipenv)\nplugins=(git) # pipenv"), "omz-pipenv"),
        (_rc('#eval "$(starship init zsh)"'), "prompt"),
        (_rc("source virtualfish/virtual.fish", "fish"), "virtualfish"),
        (_set(CONDA_DEFAULT_ENV="lab"), "conda-base"),
        (_rc('eval "$(pyenv virtualenv-init -)"'), "pyenv-shims"),
        (_set(WEND_DISABLE="0"), "disabled"),
        (_case(daemon=None, shell=None), "shell-unknown"),
        (_case(shell={"dir": "/", "kind": "bash"}), "shell-lost"),
        (_case(elsewhere=True, daemon=None), "daemon"),
        (_vscode('{"python.terminal.activateEnvironment": false}', TERM_PROGRAM="vscode"), "vscode"),
        (
            lambda w: (
                w.env.update(TERM_PROGRAM="vscode"),
                w.write("~/.config/Code/User/settings.json", '{"python.terminal.activateEnvironment": false,\n}'),
            ),
            "vscode",
        ),
        (_vscode('{"python.defaultInterpreterPath": "${workspaceFolder}/.venv/bin/python"}'), "vscode-interpreter"),
        (_vscode('{"python.defaultInterpreterPath": "${env:HOME}/app/.venv"}'), "vscode-interpreter"),
        (_vscode('{"python.defaultInterpreterPath": ".venv/bin"}'), "vscode-interpreter"),
        (_vscode('{"python.defaultInterpreterPath": "python3"}'), "vscode-interpreter"),
        (_vscode('{"python.defaultInterpreterPath": "${env:NO}/bin/python"}'), "vscode-interpreter"),
        (_vscode('{"python.defaultInterpreterPath": ["/x/y/z"]}'), "vscode-interpreter"),
        (
            _vscode('{"terminal.integrated.env.linux": {"X": "1"}, "terminal.integrated.env.osx": {"PATH": "x"}}'),
            "vscode-env",
        ),
        (_idea("$USER_HOME$/app/.venv/bin/python"), "jetbrains-interpreter"),
        (
            lambda w: (
                w.env.update(TERMINAL_EMULATOR="JetBrains-JediTerm"),
                w.write(".idea/python-terminal.xml", '<option name="virtualEnvActivate" value="false" />'),
            ),
            "jetbrains",
        ),
        (_file(".envrc", "export X=1\n# layout python\n"), "envrc"),
        (_file("requirements.txt", "a==1 ; python_version>'3'\nb @ https://x/b.whl\n-e .\n--hash\n"), "unpinned"),
        (lambda w: (_listed_in(w, "--constraint=below/c.txt"), w.write("below/c.txt", "-c d.txt\n")), "unpinned"),
        (lambda w: (_listed_in(w, "-c below/c.txt"), w.write("below/c.txt", "-cd.txt # x\nb==1")), "unpinned"),
        (lambda w: (_listed_in(w, ""), w.env.update(PIP_CONSTRAINT="none.txt below/d.txt")), "unpinned"),
        (lambda w: (_listed_in(w, ""), w.env.update(PIP_CONSTRAINT=f"file://{w.root}/below/d.txt")), "unpinned"),
        (lambda w: (_listed_in(w, ""), w.env.update(UV_CONSTRAINT="below/d.txt")), "unpinned"),
        (lambda w: _listed_in(w, "-c https://example.org/constraints.txt"), "unpinned"),
        (lambda w: _listed_in(w, "-c ${HOME}/constraints.txt"), "unpinned"),
        (lambda w: (_project("'tiny'")(w), w.write("c", "tiny==1"), w.env.update(PIP_CONSTRAINT="c")), "no-lock"),
        (lambda w: (_project("'tiny'")(w), w.env.update(UV_CONSTRAINT="https://example.org/c")), "no-lock"),
        (_file("setup.py", "setup(install_requires=['tiny==1'])\n"), "no-lock"),
        (_file("setup.py", "setup(install_requires=read('x'))\n"), "no-lock"),
        (_file("setup.py", "setup(install_requires=[*more, 'tiny'])\n"), "no-lock"),
        (_file("setup.py", "setup(install_requires=['#' * 9])\n" + "install_requires=[" * 9999), "no-lock"),
        (_file("pyproject.toml", "[tool.pdm.build]\nx=1\n"), "no-lock"),
        (_file("environment.yml", "channels: [conda-forge, bioconda]\n"), "channels"),
        (_file("requirements.txt", "a==1\n"), "no-lock"),
        (_project("'tiny==1', 'b @ https://x/b.whl'"), "no-lock"),
        (lambda w: (_project("'tiny'")(w), w.write("requirements.txt", "Tiny==1\n")), "no-lock"),
        (lambda w: (_project("'tiny'")(w), w.write("pylock.dev.toml", "")), "no-lock"),
        (lambda w: (_uv_member(w), w.write("~/uv.lock", "")), "no-lock"),
        (
            lambda w: (
                w.write("requirements/base.in", ""),
                w.write("requirements/dev.in", ""),
                w.write("requirements/dev.txt", ""),
            ),
            "no-lock",
        ),
        (_file("hatch.toml", "[envs.default]\nskip-install=true\n"), "no-lock"),
        (_file("setup.cfg", "["), "no-lock"),
        (lambda w: (_project("'tiny'")(w), w.write("environment.yml", "name: x\n")), "no-lock"),
        (lambda w: (_conda_loose(w), w.write("conda-lock.yml", "")), "unpinned"),
        (_file(".gitignore", "/.venv\n"), "not-ignored"),
        (_file(".python-version", "3.99\n"), "unavailable"),
        (_file(".python-version", "blue\n"), "unavailable"),
        (_set(PYENV_VERSION=f"3.99:{sys.version_info[0]}.{sys.version_info[1]}"), "pin-variable"),
        (_set(PYENV_VERSION="blue:3.99"), "pin-variable"),
        (lambda w: (_set(PYENV_VERSION="3.99")(w), _unversioned(w)), "pin-variable"),
        (lambda w: (w.write(".python-version", "3.99\n"), _unversioned(w)), "pin-mismatch"),
        (_set(UV_PYTHON="/opt/python3.99/bin/python"), "pin-variable"),
    ],
)
def test_what_is_harmless_is_not_told(world: World, provoke: Callable[[World], object], name: str) -> None:
    provoke(world)
    assert name not in {each.id for each in world.findings()}


@pytest.mark.parametrize(
    ("file", "text"),
    [("pyproject.toml", "\0"), ("Pipfile", "x"), ("hatch.toml", "x"), ("environment.yml", "a: [\n")],
)
def test_a_file_that_cannot_be_read(world: World, file: str, text: str) -> None:
    world.write(file, text)
    (found,) = [each for each in world.findings() if each.id == "unreadable"]
    assert found.text.startswith(f"{world.root}/{file}: ")


def test_a_home_without_any_hook(world: World) -> None:
    for change in setup.removal(world.env):
        setup.make(change)
    world.startup = []
    (found,) = [each for each in world.findings() if each.id == "hooks"]
    assert (found.text, found.fix) == ("no shell loads the hook yet", "wend setup")


@pytest.mark.parametrize(
    ("text", "told"), [("", True), ("auto_activate_base: false\n", False), ("auto_activate: no\n", False), ("[", True)]
)
def test_conda_that_a_start_up_file_loads(world: World, text: str, told: bool) -> None:
    world.rc("__conda_setup=\"$('/opt/conda/bin/conda' 'shell.zsh' 'hook' 2> /dev/null)\"")
    world.write("~/.condarc", text)
    assert ("conda-base" in {each.id for each in world.findings()}) is told


@pytest.mark.parametrize(
    ("files", "variables", "told"),
    [
        ({"~/.config/conda/.condarc": "auto_activate_base: false\n"}, {}, False),
        ({"~/.conda/condarc": "auto_activate: false\n", "~/.condarc": "auto_activate_base: true\n"}, {}, True),
        ({}, {"CONDA_AUTO_ACTIVATE_BASE": "false"}, False),
        ({"~/.condarc": "auto_activate: false\n"}, {"CONDA_AUTO_ACTIVATE": "1"}, True),
    ],
)
def test_conda_whose_base_is_decided_elsewhere(
    world: World, files: dict[str, str], variables: dict[str, str], told: bool
) -> None:
    world.rc("__conda_setup=\"$('/opt/conda/bin/conda' 'shell.zsh' 'hook' 2> /dev/null)\"")
    for name, text in files.items():
        world.write(name, text)
    world.env.update(variables)
    assert ("conda-base" in {each.id for each in world.findings()}) is told


@pytest.mark.parametrize(
    ("shell", "text", "name"),
    [
        ("zsh", 'eval "$(pyenv init - zsh)"', "pyenv-shims"),
        ("bash", 'eval "$("$PYENV_ROOT/bin/pyenv" init --path)"', "pyenv-shims"),
        ("fish", "pyenv init - fish | source", "pyenv-shims"),
        ("zsh", 'eval "$(direnv hook zsh)"', "direnv"),
        ("fish", "direnv hook fish | source", "direnv"),
        ("pwsh", 'Invoke-Expression "$(direnv hook pwsh)"', "direnv"),
    ],
)
def test_another_tool_that_a_start_up_file_loads(world: World, shell: str, text: str, name: str) -> None:
    """Also before it has set a variable: direnv sets none outside of its directories."""
    world.rc(text, shell)
    assert name in {each.id for each in world.findings()}


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("config.fish", "direnv hook fish | source", "direnv"),
        ("conf.d/mine.fish", "direnv hook fish | source", "direnv"),
        ("functions/fish_prompt.fish", "function fish_prompt; _tide_init_prompt; end", "prompt"),
        (
            "functions/cd.fish",
            "function cd; builtin cd $argv; source virtualfish/auto_activation.fish; end",
            "virtualfish",
        ),
        ("functions/never.fish", "function never; direnv hook fish | source; end", ""),  # only when it is typed
    ],
)
@pytest.mark.parametrize("below", [False, True])
def test_what_fish_reads_beside_config_fish(world: World, file: str, text: str, name: str, below: bool) -> None:
    """Also where a shell has exported another XDG_CONFIG_HOME, which a new terminal need not have."""
    world.write("~/bin/fish", "#!/bin/sh\n").chmod(0o755)
    world.write("~/.config/fish/conf.d/own.fish", "")
    world.env["PATH"] += f":{world.home}/bin"
    world.write(f"~/.config/fish/{file}", f"{text}\n")
    if below:
        world.env["XDG_CONFIG_HOME"] = f"{world.home}/other"
    found = {each.id for each in world.findings()} & {"direnv", "prompt", "virtualfish"}
    assert found == ({name} if name else set())


@pytest.mark.parametrize(
    "text",
    [
        "if (( $+commands[poetry] )); then plugins+=(poetry-env); fi",
        "[[ -n $x ]] && plugins+=( poetry-env )",
        "ZSH_THEME=x; plugins=(git poetry-env); . $ZSH/oh-my-zsh.sh",
    ],
)
def test_a_plugin_of_a_list_that_is_not_first_on_its_line(world: World, text: str) -> None:
    world.rc(text)
    assert "omz-poetry-env" in {each.id for each in world.findings()}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("antigen use oh-my-zsh\nantigen bundle poetry-env", 2),
        ("antigen bundle ohmyzsh/ohmyzsh plugins/poetry-env", 1),
        ("antigen bundles <<EOBUNDLES\n  git\n  poetry-env\nEOBUNDLES", 3),
        ('zplug "plugins/poetry-env", from:oh-my-zsh', 1),
        ("zinit snippet OMZP::poetry-env", 1),
        ("zinit snippet OMZ::plugins/poetry-env/poetry-env.plugin.zsh", 1),
        ("zinit snippet https://github.com/ohmyzsh/ohmyzsh/blob/master/plugins/poetry-env/poetry-env.plugin.zsh", 1),
        ("zgen oh-my-zsh plugins/poetry-env", 1),
        ("znap source ohmyzsh/ohmyzsh plugins/{git,poetry-env}", 1),
        ("zmodule ohmyzsh/ohmyzsh --root plugins/poetry-env", 1),
        ("ohmyzsh/ohmyzsh path:plugins/poetry-env", 1),
        ("x=1\nsource $ZSH/plugins/poetry-env/poetry-env.plugin.zsh", 2),
        ('[[ -r x ]] && . "$HOME/.oh-my-zsh/plugins/poetry-env/poetry-env.plugin.zsh"', 1),
        ("ls ~/.oh-my-zsh/plugins/poetry-env", 0),
        ("antigen bundle someone/poetry-env", 0),
        ("antigen bundles <<E\n git\nE\npoetry-env", 0),
    ],
)
def test_a_plugin_that_another_manager_loads(world: World, text: str, line: int) -> None:
    world.rc(text)
    found = [each.fix for each in world.findings() if each.id == "omz-poetry-env"]
    assert found == ([f"in /h/.zshrc, remove: {text.splitlines()[line - 1].strip()}"] if line else [])


@pytest.mark.parametrize("name", [".antigenrc", ".zsh_plugins.txt", ".zimrc"])
def test_a_plugin_in_a_list_beside_zshrc(world: World, name: str) -> None:
    world.write("~/bin/zsh", "#!/bin/sh\n").chmod(0o755)
    world.env["PATH"] += f":{world.home}/bin"
    world.write(f"~/{name}", "ohmyzsh/ohmyzsh path:plugins/poetry-env\n")
    assert [each.fix for each in world.findings() if each.id == "omz-poetry-env"] == [
        f"in {world.home}/{name}, remove: ohmyzsh/ohmyzsh path:plugins/poetry-env"
    ]


def test_a_list_of_plugins_of_another_shell_is_not_oh_my_zsh(world: World) -> None:
    world.rc("plugins=(poetry-env)", "bash")
    assert "omz-poetry-env" not in {each.id for each in world.findings()}


def test_a_shell_that_setup_was_not_for_is_not_told(world: World) -> None:
    """`wend setup --shell bash` where there are other shells: neither told nor wired by --fix."""
    for name in ("zsh", "fish"):
        world.write(f"~/bin/{name}", "#!/bin/sh\n").chmod(0o755)
    world.env["PATH"] += f":{world.home}/bin"
    assert {each.level for each in world.findings() if each.id == "hooks"} == {"ok"}
    (world.home / ".bashrc").unlink()
    (found,) = (each for each in world.findings() if each.id == "hooks")
    assert (found.level, found.fix) == ("warning", "wend setup --shell bash")
    assert found.repair is not None
    found.repair()
    assert (world.home / ".bashrc").exists()
    assert not (world.home / ".zshrc").exists()


def test_a_prompt_that_shows_the_name_by_a_setting_is_not_told(world: World) -> None:
    world.env["STARSHIP_SHELL"] = "bash"
    assert "prompt" in {each.id for each in world.findings()}
    world.write("~/.config/wend/config.toml", '[prompt]\nmode = "always"\n')
    assert "prompt" not in {each.id for each in world.findings()}


def test_a_committed_environment_that_is_broken_here_is_told(world: World) -> None:
    """It came with a clone, from another machine."""
    world.git("add", "-f", ".venv/pyvenv.cfg")
    _broken(world)
    assert {"committed", "broken"} <= {each.id for each in world.findings()}


@pytest.mark.parametrize("name", [".venv", "tools/my env", "."])
def test_what_is_typed_takes_an_environment_out_of_the_index(world: World, name: str) -> None:
    _tracked(name)(world)
    (found,) = [each for each in world.findings() if each.id == "committed"]
    subprocess.run(["sh", "-c", found.fix], check=True, capture_output=True)
    assert "committed" not in {each.id for each in world.findings()}
    assert (world.root / name / "pyvenv.cfg").exists()


def test_below_the_projects_directory_too(world: World) -> None:
    """As `wend create` works on the project from there."""
    shutil.rmtree(world.root / ".venv")
    world.write("pyproject.toml", "[project]\nname='a'\ndependencies=['tiny']\n")
    above = {(each.id, each.text) for each in world.findings()}
    world.root = world.root / "src" / "app"
    world.root.mkdir(parents=True)
    assert {(each.id, each.text) for each in world.findings()} == above
    assert {"no-environment", "no-lock"} <= {name for name, _ in above}


def test_an_environment_of_condas_that_is_older_than_its_file(world: World) -> None:
    world.conda()
    world.write("environment.yml", "dependencies: []\n")
    history = world.root / ".condaenv" / "conda-meta" / "history"
    for age, told in ((1, True), (2_000_000_000, False)):
        os.utime(history, (age, age))
        assert ("older-than-lock" in {each.id for each in world.findings()}) is told


@pytest.mark.parametrize("tool", ["poetry", "pipenv", "uv"])
def test_a_lock_file_for_each_tool_that_has_one(world: World, tool: str) -> None:
    files = {"pipenv": ("Pipfile", ""), "uv": ("pyproject.toml", "[project]\nname='a'\n[tool.uv]\nx=1\n")}
    world.write(*files.get(tool, ("pyproject.toml", f"[tool.{tool}]\nx=1\n")))
    assert [each.fix for each in world.findings() if each.id == "no-lock"] == [f"{tool} lock"]
    world.write({"pipenv": "Pipfile.lock"}.get(tool, f"{tool}.lock"), "")
    assert [each.fix for each in world.findings() if each.id == "no-lock"] == []


@pytest.mark.parametrize("kind", ["pipe", "directory", "endless", "bytes", "long"])
@pytest.mark.parametrize("name", [".vscode/settings.json", ".idea/misc.xml", ".idea/app.iml", "setup.cfg"])
def test_files_of_the_project_that_may_hold_anything(world: World, name: str, kind: str) -> None:
    path = world.root / name
    path.parent.mkdir(exist_ok=True)
    long = '{"python.defaultInterpreterPath": "' + "${a:" * 50_000 + '/"}'
    {
        "pipe": lambda: os.mkfifo(path),
        "directory": path.mkdir,
        "endless": lambda: path.symlink_to("/dev/zero"),
        "bytes": lambda: path.write_bytes(b"\xff\x00\x1b[2J [options]\ninstall_requires"),
        "long": lambda: path.write_text(long),
    }[kind]()
    assert {each.level for each in world.findings()} == {"ok"}


@pytest.mark.parametrize("kind", ["pipe", "directory", "endless", "bytes"])
def test_start_up_files_that_cannot_be_edited(world: World, kind: str) -> None:
    path = world.home / ".bash_profile"
    {
        "pipe": lambda: os.mkfifo(path),
        "directory": path.mkdir,
        "endless": lambda: path.symlink_to("/dev/zero"),
        "bytes": lambda: path.write_bytes(b"\xff\x00\x1b[2J plugins=("),
    }[kind]()
    assert all((each.text + each.fix).isprintable() for each in world.findings())


def test_no_git_of_the_project_is_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a person has it who puts the current directory into PATH."""
    world.write("git", f"#!/bin/sh\n: >{world.home}/ran\n").chmod(0o755)
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    world.findings()
    assert not (world.home / "ran").exists()
