"""What a rule looks at, and the words that the rules share."""

from __future__ import annotations

import os
from typing import Callable, NamedTuple, Optional

from wend.errors import Again, UsageError, WendError
from wend.kinds import installing, projectfiles
from wend.text import quoted, visible
from wend.workflow.commands import Steps
from wend.workflow.project import Project
from wend.workflow.pythons import Choice, choose
from wend.workflow.tools import Tools

VENV = ".venv"


class Options(NamedTuple):
    """What the user asked for on the command line."""

    python: str = ""
    name: str = ""
    prompt: str = ""
    install: bool = True
    conda: bool = False  # without any file: an environment of conda's


class Case(NamedTuple):
    """What a rule looks at."""

    project: Project
    tools: Tools
    options: Options
    existing: str = ""  # the prefix of the environment to bring in line; empty: one is to be made
    conda_existing: bool = False  # whether that one is conda's
    has_pip: bool = True  # whether pip is in it: uv and pdm make environments without
    prune: bool = True  # whether packages that no file names may be removed from it
    uv_environment: str = ""  # UV_PROJECT_ENVIRONMENT

    def has(self, program: str) -> bool:
        """Return whether PROGRAM can be run."""
        return program in self.tools.programs

    def python(self) -> Choice:
        """Return the interpreter that the project gets."""
        return choose(self.project, self.tools, self.options.python)

    def need(self, program: str, because: str) -> None:
        """Raise WendError when PROGRAM cannot be run."""
        if not self.has(program):
            raise WendError(f"{because} needs {program}, which is not on PATH", self.fix(program))

    def no_lock_alone(self) -> None:
        """Raise WendError when the project has a lock file without the file from which its tool makes it."""
        for lock, (source, fix) in projectfiles.SOURCES.items():
            if lock in self.project.files and source not in self.project.files:
                raise WendError(f"{lock} has no {source} beside it", fix)

    def fix(self, program: str) -> str:
        """Return what to type to get PROGRAM."""
        if program == "pixi":
            return installing.GET_PIXI
        if program == "uv":
            return installing.get_uv(self.tools.installers)
        if self.has("uv") or self.has("pipx"):
            return f"{'uv tool' if self.has('uv') else 'pipx'} install {program}"
        return f"{installing.get_uv(self.tools.installers)} && uv tool install {program}"

    def refuse(self, owner: str, *flags: str) -> None:
        """Raise WendError when one of FLAGS was given, which OWNER decides by itself."""
        options = self.options
        given = {
            "--python": options.python,
            "--name": options.name not in ("", VENV),
            "--prompt": options.prompt,
            "--no-install": not options.install,
        }
        for flag in flags:
            if given[flag]:
                raise UsageError(f"{owner} makes this environment and has no {flag}", again=Again(without=(flag,)))


Rule = Callable[[Case], Optional[Steps]]


def check(options: Options) -> None:
    """Raise WendError for option values that would not stay what they are."""
    name, prompt, python = options.name, options.prompt, options.python
    if name and (
        name in (".", "..") or "/" in name or name != name.strip() or name[0] == "-" or not name.isprintable()
    ):
        raise UsageError(f"{visible(name)} cannot be an environment's name", again=Again(without=("--name",)))
    if os.pathsep in name:
        raise UsageError(f"a name with {os.pathsep!r} cannot stand in PATH", again=Again(without=("--name",)))
    if prompt and (not prompt.isprintable() or prompt != prompt.strip() or len(prompt) > 255):
        raise UsageError("the prompt must be one short line of text", again=Again(without=("--prompt",)))
    if python and (python[0] == "-" or not python.isprintable() or not python.strip()):
        raise UsageError(f"{visible(quoted(python))} is not a Python version", "wend python list")


def spelled(path: str, project: Project) -> str:
    """Return PATH as the commands spell it, which run in the project's directory."""
    inside = path.startswith(project.dir.rstrip(os.sep) + os.sep)
    relative = os.path.relpath(path, project.dir) if inside else path
    return f"./{relative}" if relative.startswith("-") else relative


def equals(*option: str) -> tuple[str, ...]:
    """Return OPTION and its value as one word, if the value could pass for an option."""
    return (f"{option[0]}={option[1]}",) if option and option[1].startswith("-") else option
