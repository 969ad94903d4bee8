"""From a project's files to a list of commands. Pure: nothing is run, read or written here.

One table of rules, first that fits. A rule serves `wend create` and `wend sync` alike: with an environment that is
there already it returns what brings that one in line. Who owns a directory: docs/environments.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Callable, NamedTuple, Optional

from wend.errors import UsageError, WendError
from wend.kinds import installing
from wend.kinds.conda import installation
from wend.kinds.conda.environment import is_name
from wend.kinds.conda.stack import LOCALS
from wend.system import WINDOWS
from wend.text import visible
from wend.workflow.commands import Command, Steps, Word, command
from wend.workflow.project import Project, strings
from wend.workflow.pythons import RANGE, Choice, choose, find
from wend.workflow.tools import Tools

VENV = ".venv"
CONDAS = ("conda", "mamba", "micromamba")

# The first that reads pylock.toml.
_PIP = "pip>=26.1"
# How Python runs a module of its own. Without -I it would take one of that name from the project's directory first.
_RUN = ("-I", "-m")


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
            raise WendError(f"{because} needs {program}, which is not on PATH", self.remedy(program))

    def not_alone(self, lock: str, source: str, fix: str) -> None:
        """Raise WendError when the project has the file LOCK without SOURCE, from which its tool makes it."""
        if lock in self.project.files and source not in self.project.files:
            raise WendError(f"{lock} has no {source} beside it", fix)

    def remedy(self, program: str) -> str:
        """Return what to type to get PROGRAM."""
        if program == "pixi":
            return "install pixi, see https://pixi.sh"
        if program == "uv":
            return installing.get_uv(self.tools.installers)
        if self.has("uv") or self.has("pipx"):
            return f"{'uv tool' if self.has('uv') else 'pipx'} install {program}"
        return f"install uv, then type uv tool install {program}"

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
                raise UsageError(f"{owner} makes this environment and has no {flag}", f"leave out {flag}")


Rule = Callable[[Case], Optional[Steps]]


def plan_create(project: Project, tools: Tools, options: Options, uv_environment: str = "") -> Steps:
    """Return how the environment that PROJECT asks for is made. WendError when that cannot be done here."""
    check(options)
    return _first(Case(project, tools, options, uv_environment=uv_environment))


def plan_sync(
    project: Project, tools: Tools, existing: str, *, conda: bool = False, has_pip: bool = True, prune: bool = True
) -> Steps:
    """Return how the environment at the prefix EXISTING, which may be CONDA's, is brought in line with PROJECT's files.

    HAS_PIP: pip is in it. PRUNE: packages that no file names are removed, where the tool does that. WendError when it
    cannot be done here. Without commands there is nothing to do.
    """
    return _first(Case(project, tools, Options(), existing, conda, has_pip, prune))


def _first(case: Case) -> Steps:
    for _, rule in RULES:
        steps = rule(case)
        if steps is not None:
            return steps
    return _plain(case)


def check(options: Options) -> None:
    """Raise WendError for option values that would not stay what they are."""
    name, prompt, python = options.name, options.prompt, options.python
    if name and (
        name in (".", "..") or "/" in name or name != name.strip() or name[0] == "-" or not name.isprintable()
    ):
        raise UsageError(f"{visible(name)} cannot be an environment's name", "give a plain name, as .venv")
    if os.pathsep in name:
        raise UsageError(f"a name with {os.pathsep!r} cannot stand in PATH", "give a plain name, as .venv")
    if prompt and (not prompt.isprintable() or prompt != prompt.strip() or len(prompt) > 255):
        raise UsageError("the prompt must be one short line of text", "wend create --help")
    if python and (python[0] == "-" or not python.isprintable()):
        raise UsageError(f"{visible(python)} is not a Python version", "give a version, as 3.12")


# -- the owners --------------------------------------------------------------------------------------------


def _uv_lock(case: Case) -> Optional[Steps]:
    """uv.lock, or a member of a uv workspace."""
    project = case.project
    if "uv" not in project.tools or not ("uv.lock" in project.files or case.has("uv")):
        return None
    case.need("uv", "uv.lock")
    return _uv(case)


def _uv_table(case: Case) -> Optional[Steps]:
    """[tool.uv] beside [project], without a lock file yet."""
    return _uv(case) if case.project.names_uv and case.has("uv") else None


def _uv(case: Case) -> Steps:
    case.refuse("uv", "--name")
    project, options, python = case.project, case.options, case.python()
    root = project.workspace or project.dir
    makes = os.path.join(root, case.uv_environment or VENV)
    if case.existing:
        keep = () if case.prune else ("--inexact",)
        return Steps("uv", (command("uv", "sync", *keep),), notes=python.notes(), prunes=case.prune)
    make: tuple[Command, ...] = ()
    if options.prompt or not options.install:
        shown = os.path.relpath(makes, project.dir)
        prompt = ("--prompt", options.prompt) if options.prompt else ()
        make = (command("uv", "venv", *python.for_uv(), *_equals(*prompt), shown, says=f"making {shown}"),)
    sync = (command("uv", "sync", *(() if make else python.for_uv()), says="installing from uv.lock"),)
    return Steps("uv", (*make, *(sync if options.install else ())), makes, notes=python.notes())


def _poetry(case: Case) -> Optional[Steps]:
    """poetry.lock or [tool.poetry]."""
    project, options = case.project, case.options
    locked = "poetry.lock" in project.files
    if not project.poetry_makes:
        return None
    if "poetry" not in project.tools:
        case.not_alone("poetry.lock", "pyproject.toml", "poetry init")
        return None
    case.need("poetry", "poetry.lock" if locked else "[tool.poetry]")
    case.refuse("poetry", "--name", "--prompt")
    if case.existing:
        prunes = locked and case.prune
        word = "sync" if prunes else "install"
        return Steps("poetry", (command("poetry", word, "--no-interaction"),), prunes=prunes)
    python = case.python()
    use: tuple[Command, ...] = ()
    if python.asked or not options.install:
        use = (*python.install(), command("poetry", "env", "use", python.word(), says="making the environment"))
    install = (command("poetry", "install", "--no-interaction"),) if options.install else ()
    return Steps("poetry", (*use, *install), notes=python.notes() if use else ())


def _pipenv(case: Case) -> Optional[Steps]:
    """Pipfile."""
    project, options = case.project, case.options
    if "pipenv" not in project.tools:
        case.not_alone("Pipfile.lock", "Pipfile", "pipenv install")
        return None
    case.need("pipenv", "Pipfile")
    case.refuse("pipenv", "--name", "--prompt")
    locked = "Pipfile.lock" in project.files
    # `pipenv sync` installs what a lock file says that does not fit Pipfile any more, and says nothing of it.
    check = (command("pipenv", "verify"),) if locked else ()
    fill = ("sync", "--dev") if locked else ("install", "--dev")
    if case.existing:
        clean = ("--clean",) if locked and case.prune else ()
        return Steps("pipenv", (*check, command("pipenv", *fill, *clean)), prunes=bool(clean))
    # The Pipfile's own word on Python counts before a pin. What pipenv finds for it is on PATH, or pyenv's or asdf's.
    own = None if options.python else find(project.pipfile_python, case.tools.interpreters)
    python = Choice(RANGE, project.pipfile_python, own) if own else case.python()
    told = python.asked and bool(options.python or own or not project.pipfile_python)
    words: tuple[Word, ...] = ("--python", python.word()) if told or not options.install else ()
    first = python.install() if words else ()
    make = command("pipenv", *(fill if options.install else ()), *words)
    return Steps("pipenv", (*first, *(check if options.install else ()), make), notes=python.notes() if words else ())


def _pdm(case: Case) -> Optional[Steps]:
    """pdm.lock, or [tool.pdm] with more than settings of its build backend."""
    project, options = case.project, case.options
    locked = "pdm.lock" in project.files
    if "pdm" not in project.tools:
        case.not_alone("pdm.lock", "pyproject.toml", "pdm init")
        return None
    case.need("pdm", "pdm.lock" if locked else "this project")
    case.refuse("pdm", "--name", "--prompt")
    # `pdm sync` installs what a lock file says that does not fit pyproject.toml any more, with a warning.
    check = (command("pdm", "lock", "--check"),) if locked else ()
    if case.existing:
        clean = ("--clean",) if locked and case.prune else ()
        return Steps("pdm", (*check, command("pdm", "sync" if locked else "install", *clean)), prunes=bool(clean))
    python = case.python()
    make: tuple[Command, ...] = ()
    if python.asked or not options.install:
        make = (*python.install(), command("pdm", "venv", "create", python.word(), says="making the environment"))
    install = (*check, command("pdm", "sync" if locked else "install")) if options.install else ()
    return Steps("pdm", (*make, *install), notes=python.notes() if make else ())


def _hatch(case: Case) -> Optional[Steps]:
    """[tool.hatch.envs] or hatch.toml."""
    if "hatch" not in case.project.tools:
        return None
    case.need("hatch", "this project")
    case.refuse("hatch", "--python", "--name", "--prompt", "--no-install")
    if case.existing:  # `env create` leaves an environment as it is; `run` brings it in line first
        return Steps("hatch", (command("hatch", "run", "python", "--version", says="hatch run"),))
    create = ("hatch", "env", "create", *filter(None, (case.project.hatch_env,)))  # does not look at HATCH_ENV
    return Steps("hatch", (command(*_hatch_python(case), *create, says="hatch env create"),))


def _hatch_python(case: Case) -> tuple[str, ...]:
    """Return what tells hatch of the interpreter: it makes an environment without a look at requires-python."""
    if WINDOWS or not case.project.requires or "python" in case.project.hatch:
        return ()
    found = case.python().found
    first = case.tools.interpreters[:1]  # on PATH, which hatch takes by itself
    return ("/usr/bin/env", f"HATCH_PYTHON={found.path}") if found and (found,) != first else ()


def _pixi(case: Case) -> Optional[Steps]:
    """pixi.toml, mojoproject.toml or [tool.pixi]."""
    if "pixi" not in case.project.tools:
        case.not_alone("pixi.lock", "pixi.toml", "pixi init")
        return None
    case.need("pixi", "this project")
    case.refuse("pixi", "--python", "--name", "--prompt", "--no-install")
    return Steps("pixi", (command("pixi", "install"),), prunes=True)


# -- conda -------------------------------------------------------------------------------------------------


def _conda(case: Case) -> Optional[Steps]:
    """environment.yml, if conda is here or there is nothing else to go by."""
    project = case.project
    if not project.conda_file or (case.existing and not case.conda_existing):
        return None
    program = conda_program(case.tools.programs)
    if not program:
        if any(rule(case) for rule in (_uv_table, _pylock, _requirements, _pyproject)):
            return None
        raise WendError(
            f"{project.conda_file} needs conda, mamba or micromamba, and none is here",
            installation.get(case.tools.installers.gets),
        )
    case.refuse("conda", "--prompt")
    if project.conda_name and not is_name(project.conda_name):  # it would lead out of conda's directory
        raise WendError(f"{visible(project.conda_name)} cannot be the name of a conda environment", _another(project))
    if (case.options.name or project.conda_name) in ("base", "root"):  # conda itself, and beneath it the others
        raise WendError("conda's base is no project's environment", _another(project))
    if case.existing:
        where = (*(("--prune",) if case.prune else ()), *_conda_place(case.existing, project))
        update = command(program, "env", "update", "--file", project.conda_file, *where)
        return Steps(program, (update,), prunes=case.prune)
    if case.options.python:
        raise UsageError(f"{project.conda_file} decides on the Python", "leave out --python")
    if not case.options.install:
        return _conda_empty(case, program)
    name, where, makes = _conda_new(project, case.options.name or project.conda_name)
    make = ("create", "--yes") if program == "micromamba" else ("env", "create")
    return Steps(program, (command(program, *make, "--file", project.conda_file, *where),), makes, named=name)


def _another(project: Project) -> str:
    return f"another name: in {project.conda_file}"


def _conda_lock(case: Case) -> Optional[Steps]:
    """conda-lock.yml, where no environment.yml stands beside it."""
    if "conda-lock.yml" not in case.project.files or case.existing:
        return None
    program = next((name for name in ("conda-lock", "micromamba") if case.has(name)), "")
    if not program:
        if any(rule(case) for rule in (_uv_table, _pylock, _requirements, _pyproject)):
            return None
        raise WendError("conda-lock.yml needs conda-lock or micromamba, and neither is here", case.remedy("conda-lock"))
    case.refuse(program, "--python", "--prompt", "--no-install")
    name, where, makes = _conda_new(case.project, case.options.name)
    install = command("conda-lock", "install", *where, "conda-lock.yml")
    create = command("micromamba", "create", "--yes", "--file", "conda-lock.yml", *where)
    return Steps(program, (install if program == "conda-lock" else create,), makes, named=name)


def _conda_empty(case: Case, program: str) -> Steps:
    """Return how an environment of conda's with nothing but Python is made."""
    project, options = case.project, case.options
    name, where, makes = _conda_new(project, options.name or project.conda_name)
    asked = options.python or (project.pin if project.pin[:1].isdigit() else "")
    python = f"python={asked}" if asked else "python"
    return Steps(program, (command(program, "create", "--yes", *where, python),), makes, named=name)


def _conda_new(project: Project, name: str) -> tuple[str, tuple[str, str], str]:
    """Return (name, words that say it, path) of a new environment NAME: one in PROJECT has a path and no name."""
    prefix = name if name in LOCALS else "" if name else project.conda_prefix
    if not prefix:
        return name, ("--name", name), ""
    return "", ("--prefix", f"./{prefix}"), os.path.join(project.dir, prefix)


def _conda_place(prefix: str, project: Project) -> tuple[str, str]:
    """Return the words that name the existing environment PREFIX."""
    inside = prefix.startswith(f"{project.dir.rstrip('/')}/")  # by a name, conda looks in its store
    named = project.conda_name and os.path.basename(prefix) == project.conda_name and not inside
    return ("--name", project.conda_name) if named else ("--prefix", _shown(prefix, project))


def conda_program(programs: Mapping[str, str]) -> str:
    """Return the first of conda's programs that is among PROGRAMS, empty for none."""
    return next((name for name in CONDAS if name in programs), "")


# -- venv and pip, or uv in their place ----------------------------------------------------------------------


def _pylock(case: Case) -> Optional[Steps]:
    """pylock.toml (PEP 751)."""
    if "pylock.toml" not in case.project.files:
        return None
    exact = case.has("uv") and case.prune  # pip installs what it lists and leaves the rest
    return _venv(case, ("pylock.toml",) if exact else ("-r", "pylock.toml"), "pylock.toml", exact=exact)


def _requirements(case: Case) -> Optional[Steps]:
    """requirements.txt and its kin; the project itself, if it can be built."""
    project = case.project
    if not project.requirements:
        return None
    words = [word for name in project.requirements for word in ("-r", name)]
    if project.buildable and not project.installs_itself:
        words += ["-e", "."]
    return _venv(case, tuple(words), ", ".join(project.requirements), note=_left_out(project))


def _left_out(project: Project) -> str:
    return f"not installed: {visible(', '.join(project.left_out))}" if project.left_out else ""


def _pyproject(case: Case) -> Optional[Steps]:
    """[project] or the dependency group `dev` alone, or setup.py."""
    project = case.project
    table = project.table("project")
    if not table and not project.buildable and not project.dependencies:
        return None
    # After `--`, because a dependency is the project's text and must not be an option.
    listed = project.dependencies if not project.editable else project.dependencies[_own_count(project) :]
    words = (*(("-e", ".") if project.editable else ()), *(("--", *listed) if listed else ()))
    return _venv(case, words, "pyproject.toml" if "pyproject.toml" in project.files else "setup.py")


def _own_count(project: Project) -> int:
    """Return how many of the dependencies are [project]'s own, which installing it brings."""
    return len(dict.fromkeys(strings(project.table("project").get("dependencies"))))


def _plain(case: Case) -> Steps:
    """No file says anything."""
    if case.options.conda and not case.existing:
        program = conda_program(case.tools.programs)
        case.refuse("conda", "--prompt")
        name = case.options.name or case.project.conda_prefix
        return _conda_empty(case._replace(options=case.options._replace(name=name)), program)
    return _venv(case, (), "", note=_left_out(case.project))


def _venv(case: Case, words: tuple[str, ...], source: str, *, exact: bool = False, note: str = "") -> Steps:
    """Return how a virtual environment is made and how `pip install WORDS` fills it; EXACT: uv's `pip sync`."""
    project, options = case.project, case.options
    if case.existing:
        fill = _fill(case, case.existing, words, source, exact=exact)
        adds_pip = "" if case.has("uv") or case.has_pip or not fill else f"{case.existing} has no pip, so it gets one"
        notes = tuple(filter(None, (adds_pip, note)))
        return Steps("uv" if case.has("uv") else "pip", fill, notes=notes, prunes=exact)
    name = options.name or VENV
    python = case.python()
    if case.has("uv"):
        prompt = ("--prompt", options.prompt or ".")
        make = command("uv", "venv", *python.for_uv(), *_equals(*prompt), name, says=f"making {name}")
    else:
        told = ("--prompt", options.prompt or ".") if options.prompt or _knows_dot(python) else ()
        make = command(python.word(), *_RUN, "venv", *_equals(*told), name, says=f"making {name}")
    makes = os.path.join(project.dir, name)
    fill = _fill(case, makes, words, source, exact=exact) if options.install else ()
    notes = (*python.notes(), *((note,) if note and options.install else ()))
    return Steps("uv" if case.has("uv") else "pip", (make, *fill), makes, claim=True, notes=notes)


def _fill(case: Case, prefix: str, words: tuple[str, ...], source: str, *, exact: bool) -> tuple[Command, ...]:
    if not words:
        return ()
    shown = _shown(prefix, case.project)
    says = f"installing from {source}"
    if case.has("uv"):
        return (command("uv", "pip", "sync" if exact else "install", "--python", shown, *words, says=says),)
    python = os.path.join(shown, "Scripts" if WINDOWS else "bin", "python")
    pip = (python, *_RUN, "pip", "install")
    own = command(python, *_RUN, "ensurepip", says="installing pip", cure=case.remedy("uv"))
    newer = (command(*pip, _PIP, says="bringing pip up to date"),) if source == "pylock.toml" else ()
    return (*(() if case.has_pip else (own,)), *newer, command(*pip, *words, says=says))


def _shown(path: str, project: Project) -> str:
    """Return PATH as the commands spell it, which run in the project's directory."""
    inside = path.startswith(project.dir.rstrip(os.sep) + os.sep)
    relative = os.path.relpath(path, project.dir) if inside else path
    return f"./{relative}" if relative.startswith("-") else relative


def _equals(*option: str) -> tuple[str, ...]:
    """Return OPTION and its value as one word, if the value could pass for an option."""
    return (f"{option[0]}={option[1]}",) if option and option[1].startswith("-") else option


def _knows_dot(python: Choice) -> bool:
    """Return whether the venv of PYTHON takes `--prompt .` for the directory's name (3.9)."""
    version = python.found.version if python.found else ""
    return not version or tuple(map(int, version.split(".")[:2])) >= (3, 9)


RULES: tuple[tuple[str, Rule], ...] = (
    ("uv.lock", _uv_lock),
    ("poetry", _poetry),
    ("pipenv", _pipenv),
    ("pdm", _pdm),
    ("hatch", _hatch),
    ("pixi", _pixi),
    ("conda", _conda),
    ("conda-lock", _conda_lock),
    ("uv", _uv_table),
    ("pylock", _pylock),
    ("requirements", _requirements),
    ("pyproject", _pyproject),
)
