"""Who is compared: how each is had, what its users write into their start-up files, and two projects for each."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from typing import Optional

import lab
import load
from lab import World

from shells import Shell, Step
from wend.shells import SHELLS

RIVALS = os.path.join(lab.HERE, ".rivals")
EARLIER = os.path.join(lab.HERE, ".earlier")


class Tool:
    """One way of having a project's environment active. ALPHA and BETA are its projects."""

    name = ""
    rounds = 40  # timed rounds for each of two passes
    prompts = 5  # in each round
    shells: tuple[str, ...] = ("bash", "zsh", "fish")

    def __init__(self) -> None:
        self.missing = ""  # why it cannot be measured
        self.version = ""
        self.env: dict[str, str] = {}
        self.alpha = self.beta = ""
        self.alpha_env = self.beta_env = ""

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")

    def have(self) -> None:
        """Find or install it; set `version`, or `missing`."""

    def prepare(self, world: World) -> None:
        """Make the projects."""
        self.alpha, self.beta = (world.project(f"{self.slug}/{name}") for name in ("alpha", "beta"))
        self.alpha_env, self.beta_env = f"{self.alpha}/.venv", f"{self.beta}/.venv"

    def load(self, shell: Shell, world: World) -> list[str]:
        """Return the lines for SHELL's start-up file."""
        return []

    def why_not(self, shell: Shell) -> str:
        """Return why it is not measured in SHELL, empty when it is."""
        return self.missing or ("" if shell.name in self.shells else f"not measured in {shell.name}")

    def steps(self, world: World) -> list[Step]:
        """Return one round; it begins and ends in alpha."""
        return [
            Step("true", code="/bin/true", prompt=False),
            *[Step("prompt", wanted=self.alpha_env)] * self.prompts,
            Step("inside", cd=f"{self.alpha}/sub", wanted=self.alpha_env),
            Step("inside", cd=self.alpha, wanted=self.alpha_env),
            Step("switch", cd=self.beta, wanted=self.beta_env),
            Step("true", code="/bin/true", prompt=False),
            Step("leave", cd=world.out, wanted=""),
            Step("enter", cd=self.alpha, wanted=self.alpha_env),
        ]

    def _env(self, world: World) -> dict[str, str]:
        return {**world.env, **self.env}


class Nothing(Tool):
    """The shell alone: what a cd and an empty prompt cost without any tool."""

    name, shells = "nothing", ("bash", "zsh", "fish", "pwsh")

    def prepare(self, world: World) -> None:
        super().prepare(world)
        self.alpha_env = self.beta_env = ""


class Wend(Tool):
    name, shells = "wend", ("bash", "zsh", "fish", "pwsh")

    def __init__(self) -> None:
        super().__init__()
        self.program = lab.wend()

    def have(self) -> None:
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False)
        self.version = _number(done.stdout)

    def prepare(self, world: World) -> None:
        super().prepare(world)
        world.start_daemon()

    def load(self, shell: Shell, world: World) -> list[str]:
        """Return the line for the hook that `setup` installs, which most users have."""
        row = SHELLS[shell.name]
        home = os.path.join(world.top, f"{self.slug}-setup")
        path = os.path.join(home, "data", "wend", "hooks", row.hook)
        if not os.path.exists(path):
            os.makedirs(home, exist_ok=True)
            env = {**self.env, "HOME": home, "XDG_DATA_HOME": os.path.join(home, "data")}
            world.call(self.program, "setup", "--shell", shell.name, env=env)
        return [row.load.format(file=path)]

    def why_not(self, shell: Shell) -> str:
        if not os.path.exists(os.path.join(lab.TREE, "shell", SHELLS[shell.name].hook)):
            return f"there is no hook for {shell.name} yet"
        return super().why_not(shell)


class Earlier(Wend):
    """wend as it was at a commit, with its own hooks and its own daemon, in the same run."""

    def __init__(self, revision: str) -> None:
        super().__init__()
        self.name = f"wend {revision}"
        self._revision = revision
        self._venv = os.path.join(EARLIER, re.sub(r"[^\w.-]", "_", revision))
        self.program = os.path.join(self._venv, "bin", "wend")

    def have(self) -> None:
        if not os.path.exists(self.program):
            lab.say(f"installing wend of {self._revision}")
            with tempfile.TemporaryDirectory() as tree:
                archive = ["git", "-C", lab.TREE, "archive", "--format=tar", self._revision]
                done = subprocess.run(archive, capture_output=True, check=False)
                if done.returncode:
                    self.missing = done.stderr.decode("utf-8", "replace").strip()
                    return
                subprocess.run(["tar", "-x", "-C", tree], input=done.stdout, check=True)
                venv.create(self._venv, with_pip=True, symlinks=True)
                pip = [os.path.join(self._venv, "bin", "python"), "-m", "pip", "install", "--quiet"]
                subprocess.run([*pip, "--disable-pip-version-check", tree], check=True, stdout=sys.stderr)
        super().have()

    def prepare(self, world: World) -> None:
        Tool.prepare(self, world)
        runtime = tempfile.mkdtemp(prefix="wend-bench-", dir=os.path.dirname(world.runtime))
        self.env = {"WEND_RUNTIME_DIR": runtime}

        def end() -> None:
            subprocess.run([self.program, "daemon", "stop"], env=self._env(world), capture_output=True, check=False)
            shutil.rmtree(runtime, ignore_errors=True)

        world.ends.append(end)


class Exchange(Wend):
    """wend's hooks with a daemon that answers nothing: what asking alone costs, and no answer can cost less."""

    name = "exchange alone"

    def prepare(self, world: World) -> None:
        super().prepare(world)
        self.version = ""
        constant = load.Constant(world, "exchange")
        world.ends.append(constant.end)
        self.env = {"WEND_RUNTIME_DIR": constant.runtime}
        self.alpha_env = self.beta_env = ""


class Manual(Tool):
    """What people type without any tool: `deactivate`, `cd`, `source .venv/bin/activate`."""

    name = "manual"

    def prepare(self, world: World) -> None:
        super().prepare(world)
        self.version = "activate of venv"

    def steps(self, world: World) -> list[Step]:
        on = {path: f"source {path}/bin/{self._script}" for path in (self.alpha_env, self.beta_env)}
        by_op = {"switch": f"deactivate; {on[self.beta_env]}", "leave": "deactivate", "enter": on[self.alpha_env]}
        return [step._replace(code=by_op.get(step.op, step.code)) for step in super().steps(world)]

    _script = ""

    def load(self, shell: Shell, world: World) -> list[str]:
        self._script = SHELLS[shell.name].activate
        return []


class Direnv(Tool):
    """With the .envrc that costs least: it sources the environment's activate script."""

    name, rounds = "direnv", 8

    def have(self) -> None:
        if not shutil.which("direnv") and shutil.which("apt-get") and os.geteuid() == 0:
            lab.say("installing direnv with apt")
            subprocess.run(["apt-get", "install", "-y", "-qq", "direnv"], capture_output=True, check=False)
        program = shutil.which("direnv")
        if not program:
            self.missing = "direnv is not installed (apt-get install direnv needs root)"
            return
        self._program = program
        self.version = _number(subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout)
        self.env = {"DIRENV_LOG_FORMAT": ""}

    def prepare(self, world: World) -> None:
        super().prepare(world)
        for path in (self.alpha, self.beta):
            world.file(f"{path}/.envrc", "source .venv/bin/activate\nunset PS1\n")
            world.call(self._program, "allow", path)

    def load(self, shell: Shell, world: World) -> list[str]:
        return _eval(shell, f"{self._program} hook {shell.name}")


class Mise(Tool):
    name, rounds = "mise", 15

    def have(self) -> None:
        npm = shutil.which("npm")
        self._program = os.path.join(RIVALS, "node_modules", ".bin", "mise")
        if not os.path.exists(self._program):
            if not npm:
                self.missing = "mise comes from npm, which is not installed"
                return
            lab.say("installing mise with npm")
            command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", RIVALS, "@jdxcode/mise"]
            subprocess.run(command, capture_output=True, check=False)
        done = None
        with contextlib.suppress(OSError):
            done = subprocess.run([self._program, "--version"], capture_output=True, text=True, check=False)
        if done is None or done.returncode:
            self.missing = "npm could not install mise"
            return
        self.version = _number(done.stdout)

    def prepare(self, world: World) -> None:
        super().prepare(world)
        for path in (self.alpha, self.beta):
            world.file(f"{path}/mise.toml", '[env]\n_.python.venv = ".venv"\n')
            world.call(self._program, "trust", path)

    def load(self, shell: Shell, world: World) -> list[str]:
        return _eval(shell, f"{self._program} activate {shell.name}")


class PyenvVirtualenv(Tool):
    """`pyenv virtualenv-init`, with environments of its own kind named by .python-version."""

    name, rounds, prompts = "pyenv-virtualenv", 1, 3

    def have(self) -> None:
        self._root = pyenv_root()
        plugin = os.path.join(self._root, "plugins", "pyenv-virtualenv") if self._root else ""
        if not os.path.isdir(plugin):
            self.missing = "pyenv with pyenv-virtualenv is not installed"
            return
        program = os.path.join(plugin, "bin", "pyenv-virtualenv")
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        self.version = _number(done.stdout)

    def prepare(self, world: World) -> None:
        root = world.directory("pyenv")
        os.symlink(os.path.join(self._root, "plugins"), os.path.join(root, "plugins"))
        for name in ("alpha", "beta"):
            venv.create(os.path.join(root, "versions", name), symlinks=True)
            world.directory(f"{self.slug}/{name}/sub")
            world.file(f"{self.slug}/{name}/.python-version", f"{name}\n")
        self.alpha, self.beta = (os.path.join(world.home, self.slug, name) for name in ("alpha", "beta"))
        self.alpha_env, self.beta_env = (os.path.join(root, "versions", name) for name in ("alpha", "beta"))
        self.env = {
            "PYENV_ROOT": root,
            "PYENV_VIRTUALENV_DISABLE_PROMPT": "1",
            "PATH": f"{self._root}/bin:{world.env['PATH']}",
        }

    def load(self, shell: Shell, world: World) -> list[str]:
        return [*_eval(shell, f"pyenv init - {shell.name}"), *_eval(shell, f"pyenv virtualenv-init - {shell.name}")]


def tools(earlier: str = "") -> list[Tool]:
    """Return who is compared; EARLIER: wend of that commit, too."""
    found = [Nothing(), Wend(), Exchange(), Manual(), Mise(), Direnv(), PyenvVirtualenv()]
    return [*found, Earlier(earlier)] if earlier else found


def pyenv_root() -> str:
    """Return pyenv's root, empty when there is none."""
    for path in (os.environ.get("PYENV_ROOT", ""), os.path.expanduser("~/.pyenv")):
        if path and os.path.exists(os.path.join(path, "bin", "pyenv")):
            return path
    return ""


def pyenv_version(root: str) -> Optional[str]:
    """Return the newest CPython 3 that pyenv has at ROOT."""
    names = os.listdir(os.path.join(root, "versions")) if os.path.isdir(os.path.join(root, "versions")) else []
    found = [name for name in names if re.fullmatch(r"3\.\d+\.\d+", name)]
    return max(found, key=lambda name: [int(part) for part in name.split(".")], default=None)


def _eval(shell: Shell, command: str) -> list[str]:
    return [f"{command} | source"] if shell.name == "fish" else [f'eval "$({command})"']


def _number(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group() if found else "?"
