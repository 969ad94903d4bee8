"""What a project's files say, read once. Everything here is untrusted text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from wend import fixes
from wend.context import Context
from wend.disk import Disk
from wend.errors import WendError
from wend.formats import toml, yaml
from wend.kinds import hatch, hatchenvs, owners, pdm, poetry
from wend.kinds.base import MAX_PROJECT_FILE
from wend.kinds.conda.environment import is_one
from wend.kinds.conda.stack import LOCALS
from wend.kinds.projectfiles import IN_REQUIREMENTS, PINS, PIXI, RECIPES, RECOGNISED, REQUIREMENTS
from wend.kinds.pyenv import read_words
from wend.text import visible
from wend.workflow import listing, requirements
from wend.workflow.listing import strings

FILES = tuple(dict.fromkeys((*PIXI, *RECOGNISED, *PINS, ".pdm-python", "hatch.toml")))
# Of REQUIREMENTS every one that is there is installed; any other only if it is the only one.
_OTHER_REQUIREMENTS = re.compile(r"requirements[A-Za-z0-9_.-]*\.txt")
_SOURCE = re.compile(r"(?:requirements/[A-Za-z0-9_.-]+|requirements[A-Za-z0-9_.-]*)\.in")
_EDITABLE_SELF = re.compile(r"^[ \t]*(?:-e|--editable)[ \t=]+\.(?:\[[^\]\n]*\])?[ \t]*(?:#.*)?$", re.MULTILINE)

# What decides, and what uv reads wherever it works: a tool may wait for ever for what is not a regular file.
READ = (*FILES, *REQUIREMENTS, "uv.toml")
MAX_LOCK = 32 << 20  # bytes of a lock file or of pyproject.toml
_MAX_DEPTH = 64


class Project(NamedTuple):
    """One project directory, as its files describe it."""

    dir: str
    files: frozenset[str] = frozenset()  # of FILES, those that are regular files here
    pyproject: Mapping[str, Any] = {}
    pin: str = ""  # the first word of .python-version, here or above (own.with_pin)
    pin_file: str = PINS[0]  # that says so, as a person is told
    pin_python: str = ""  # the interpreter that a shell gets by it; empty: none is known
    pin_version: str = ""  # of that one, X.Y.Z
    pin_problem: tuple[str, str] = ("", "")  # what is wrong with another tool's file, and what to type
    pin_note: str = ""  # why a pin above does not count
    requires: str = ""  # requires-python
    conda_name: str = ""
    conda_prefix: str = LOCALS[0]  # where the project has conda's environment, or would have it
    requirements: tuple[str, ...] = ()  # files to install
    left_out: tuple[str, ...] = ()  # requirements files that are not
    installs_itself: bool = False  # a requirements file holds `-e .`
    pipfile_python: str = ""  # the version of Python that Pipfile asks for
    hatch: Mapping[str, Any] = {}  # what hatch's tables say of the environment that it works in
    hatch_env: str = ""  # its name; empty: the usual one
    poetry_makes: bool = True  # no: `virtualenvs.create` is off, and poetry uses what is active
    pdm_makes: bool = True  # no: `python.use_venv` is off
    pypackages: bool = False  # pdm keeps the packages in the project
    workspace: str = ""  # the uv workspace that lists this directory as a member
    tools: tuple[str, ...] = ()  # whose project it is (owners.tools)
    names_uv: bool = False  # `[tool.uv]` makes uv the tool, if it is installed and none of `tools` is

    def table(self, *path: str) -> dict[str, Any]:
        """Return the table at PATH of pyproject.toml, empty when there is none."""
        return toml.table(self.pyproject, *path)

    @property
    def buildable(self) -> bool:
        """Whether the directory can be installed as a distribution."""
        return "build-system" in self.pyproject or "setup.py" in self.files

    @property
    def editable(self) -> bool:
        """Whether the directory is installed where only pyproject.toml or setup.py says what is wanted."""
        dynamic = self.table("project").get("dynamic")
        return self.buildable or (isinstance(dynamic, list) and "dependencies" in dynamic)

    @property
    def conda_file(self) -> str:
        """The name of conda's file, empty for none."""
        return next((name for name in RECIPES if name in self.files), "")

    @property
    def dependencies(self) -> tuple[str, ...]:
        """What [project] and the dependency group `dev` list (PEP 621, PEP 735)."""
        return listing.dependencies(self.pyproject)

    @property
    def hatch_installs_it(self) -> bool:
        """Whether hatch's environment holds the project, and so what it depends on."""
        return self.hatch.get("skip-install") is not True and self.hatch.get("detached") is not True

    @property
    def hatch_dependencies(self) -> tuple[str, ...]:
        """What hatch's environment is to hold."""
        listed = [text for key in ("dependencies", "extra-dependencies") for text in strings(self.hatch.get(key))]
        return (*listed, *(strings(self.table("project").get("dependencies")) if self.hatch_installs_it else ()))


def root_of(path: str, disk: Disk) -> str:
    """Return the project that PATH lies in: itself, or the nearest directory above with project files.

    The search stays inside the git work tree: what lies above it is another project's business. A directory with an
    environment of its own, be it a broken one, is meant itself: the one above is not to be replaced for it.
    """
    if _has_files(path, disk) or _has_environment(path, disk):
        return path
    directory, nearest = path, ""
    for _ in range(_MAX_DEPTH):
        nearest = nearest or (directory if _has_files(directory, disk) else "")
        if disk.lstat(os.path.join(directory, ".git")):
            return nearest or path
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return path


def _has_environment(directory: str, disk: Disk) -> bool:
    if disk.lstat(os.path.join(directory, ".venv")) is not None:
        return True
    proofs = [os.path.join(name, "pyvenv.cfg") for name in ("venv", "env")]
    proofs += [os.path.join(name, "conda-meta") for name in LOCALS]
    return any(disk.lstat(os.path.join(directory, proof)) is not None for proof in proofs)


def _has_files(directory: str, disk: Disk) -> bool:
    names = (*FILES, *REQUIREMENTS)
    return any(disk.is_file(os.path.join(directory, name)) for name in disk.present(directory, names))


def read(directory: str, context: Context) -> Project:
    """Return what the files in DIRECTORY say. WendError when one that decides cannot be read."""
    disk = context.disk
    files = frozenset(name for name in FILES if disk.is_file(os.path.join(directory, name)))
    for name in disk.present(directory, READ):
        path = os.path.join(directory, name)
        if name not in files and disk.stat(path) and not disk.is_file(path):  # a link may lead to what is still to come
            raise _unread(path)
    pyproject = _toml(directory, "pyproject.toml", disk) if "pyproject.toml" in files else {}
    if "hatch.toml" in files:
        _toml(directory, "hatch.toml", disk)
    files_to_install, left_out = _requirements(directory, disk)
    texts = (requirements.text(os.path.join(directory, name), disk) or "" for name in files_to_install)
    project = Project(
        dir=directory,
        files=files,
        pyproject=pyproject,
        pin=_pin(directory, files, disk),
        requires=_text(toml.table(pyproject, "project").get("requires-python")),
        requirements=files_to_install,
        left_out=left_out,
        installs_itself=any(_EDITABLE_SELF.search(text) for text in texts),
        pipfile_python=_pipfile_python(directory, files, disk),
        workspace=owners.workspace(directory, context) if "pyproject.toml" in files else "",
        tools=owners.tools(directory, context),
        names_uv=owners.names_uv(directory, context),
        poetry_makes=poetry.makes_environments(directory, context),
        pdm_makes=pdm.uses_environments(directory, context),
        pypackages=pdm.has_packages(directory, context),
        conda_prefix=next((each for each in LOCALS if is_one(os.path.join(directory, each), context)), LOCALS[0]),
    )
    project = _with_hatch(project, context) if "hatch" in project.tools else project
    return project._replace(conda_name=_conda_name(project, disk)) if project.conda_file else project


def _with_hatch(project: Project, context: Context) -> Project:
    """Return PROJECT with the environment of hatch's that is worked in; a matrix has no single one."""
    name, found = hatch.chosen(project.dir, context)
    options = found[0].options if len(found) == 1 else {}
    return project._replace(hatch=options, hatch_env="" if name == hatchenvs.DEFAULT else name)


def _toml(directory: str, name: str, disk: Disk) -> dict[str, Any]:
    path = os.path.join(directory, name)
    data = disk.read(path, MAX_LOCK)
    if data is None:
        raise _unread(path)
    try:
        return toml.parse(data)
    except ValueError as error:
        raise WendError(f"{visible(path)}: {visible(str(error))}", fixes.corrected(path, str(error))) from error


def _unread(path: str) -> WendError:
    if not os.path.isfile(path):
        return WendError(f"{visible(path)} is not a file", fixes.aside(path))
    if os.path.getsize(path) > MAX_LOCK:
        fix = fixes.kept_short(path, MAX_PROJECT_FILE)
        return WendError(f"{visible(path)} is longer than {MAX_LOCK >> 20} MiB, and wend does not read it", fix)
    return WendError(f"{visible(path)} cannot be read", fixes.made_readable(path))


def _requirements(directory: str, disk: Disk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the requirements files that are installed, and those that are not."""
    names = [name for name in disk.listdir(directory) if _OTHER_REQUIREMENTS.fullmatch(name)]
    names = [name for name in names if disk.is_file(os.path.join(directory, name))]
    chosen = [name for name in REQUIREMENTS if name in names]
    if not names:
        inside = os.path.join(directory, "requirements")
        names = [f"requirements/{name}" for name in disk.listdir(inside) if name.endswith(".txt")]
        names = [name for name in names if disk.is_file(os.path.join(directory, name))]
        chosen = [name for name in (f"requirements/{each}" for each in IN_REQUIREMENTS) if name in names][:1]
    if not chosen and len(names) == 1:
        chosen = names
    if not names:  # nothing was made of them yet
        names = sources_of_requirements(directory, disk)
    return tuple(chosen), tuple(name for name in names if name not in chosen)


def sources_of_requirements(directory: str, disk: Disk) -> list[str]:
    """Return the files in DIRECTORY that pip-compile makes requirements files of."""
    inside = [f"requirements/{name}" for name in disk.listdir(os.path.join(directory, "requirements"))]
    found = [name for name in (*disk.listdir(directory), *inside) if _SOURCE.fullmatch(name)]
    return [name for name in found if disk.is_file(os.path.join(directory, name))]


def _pin(directory: str, files: frozenset[str], disk: Disk) -> str:
    for name in PINS:
        if name in files:
            words = read_words(disk.text(os.path.join(directory, name)) or "")
            return words[0] if words and words[0] != "system" else ""
    return ""


def _pipfile_python(directory: str, files: frozenset[str], disk: Disk) -> str:
    if "Pipfile" not in files:
        return ""
    asked = toml.table(_toml(directory, "Pipfile", disk), "requires")
    return _text(asked.get("python_full_version")) or _text(asked.get("python_version"))


def _conda_name(project: Project, disk: Disk) -> str:
    """Return the name in environment.yml, empty when it has none. WendError when conda could not read it either."""
    path = os.path.join(project.dir, project.conda_file)
    text = disk.text(path, yaml.MAX_SIZE)
    if text is None:
        raise _unread(path)
    try:
        return yaml.scalar(yaml.mapping(text), "name") or ""
    except ValueError as error:
        raise WendError(f"{visible(path)}: {visible(str(error))}", fixes.corrected(path, str(error))) from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
