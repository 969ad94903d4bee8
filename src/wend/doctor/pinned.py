"""What a project asks for: exact versions, and a lock file.

A project needs one of both, or a later `wend create` installs something else. What nothing pins is told once: where a
file lists what is to be installed, as `unpinned`; where that file is made by a tool, as `no-lock`. A constraint pins,
too; of one that only pip could read (a URL), nothing is told.

Sources: pip (`-c`), setuptools (`install_requires`, `file:`).
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Container, Iterable, Iterator
from typing import Optional

from wend import fixes
from wend.context import Context
from wend.disk import Disk
from wend.doctor.finding import INFO, Case, Finding
from wend.errors import WendError
from wend.formats import versions, yaml
from wend.kinds import installing, interpreters, owners, projectfiles
from wend.text import visible
from wend.workflow import constraining, installed, requirements
from wend.workflow import project as projects
from wend.workflow.commands import command
from wend.workflow.listing import strings
from wend.workflow.project import Project

_LOCKS = tuple(projectfiles.LOCKS)
_NAMED_LOCK = re.compile(r"pylock\.[^.]+\.toml")  # PEP 751
_HATCH = "hatch.toml"
_MAX_SETUP = 1 << 20  # bytes
_SETUP_PY, _SETUP_CFG = projectfiles.SETUP
_CONSTRAINTS = "constraints.txt"  # the usual name
# A list of plain words in setup.py, which is only looked at: what it computes, its own run alone would tell.
_INSTALL_REQUIRES = re.compile(r"\binstall_requires\s*=\s*([A-Za-z_]\w*|(?=\[))")
_LIST = r"""\[((?:[\s,]|\#[^\n]*\n|"[^"\n\\]*"|'[^'\n\\]*')*)\]"""
_WORD = re.compile(r"""\#[^\n]*|"([^"\n]*)"|'([^'\n]*)'""")
_INSTALLED = (*projectfiles.REQUIREMENTS, *(f"requirements/{name}" for name in projectfiles.IN_REQUIREMENTS))
# A dependency of conda's with a version: `numpy=1.26`, `numpy==1.26.4=py_0`, `conda-forge::numpy 1.26.4`.
_PINNED = re.compile(r"(?:[^\s:]+::)?[A-Za-z0-9_.-]+(?:\s*={1,2}\s*|\s+)[0-9][^\s*<>|,!~]*(?:\s+\S+)?")
_NAME = re.compile(r"(?:[^\s:]+::)?([A-Za-z0-9_.-]+)")


def unpinned(case: Case) -> Iterator[Finding]:
    """Find requirements without an exact version, where no lock file has one."""
    project = _project(case)
    if project is None:
        return
    disk = case.situation.context.disk
    listed = _listed(project, case)
    pinned = _pinned(listed)
    for file in project.requirements if listed.all_known else ():
        loose = _loose(requirements.read(project.dir, (file,), disk).texts, pinned)
        yield from _unpinned(file, loose, case.typed(_pinning(file, loose, case)))
    if project.conda_file and (case.target is None or case.target.kind == "conda"):
        loose = _loose_of_conda(project, case.situation.context)
        yield from _unpinned(project.conda_file, loose, case.typed(_recorded(loose, case)))


def _unpinned(file: str, loose: list[str], fix: str) -> Iterator[Finding]:
    if loose:
        yield Finding("unpinned", INFO, f"{visible(file)} has no exact version for {_some(loose)}", fix)


def no_lock(case: Case) -> Iterator[Finding]:
    """Find a project whose tool makes a lock file, or which lists its dependencies, and has no such file."""
    project = _project(case)
    if project is None:
        return
    context = case.situation.context
    tool, fix = next(((tool, fix) for tool, owns, fix in _LOCKING if owns(project.dir, context)), ("", ""))
    if tool == "hatch" and not _loose(project.hatch_dependencies):
        return  # it makes no lock file where there is nothing to lock
    if tool:
        fix = fix or _lock_of_hatch(project.dir, context)
        yield Finding("no-lock", INFO, f"this {tool} project has no lock file", case.typed(fix))
        return
    source = _not_compiled(project.dir, context)
    if source:
        text = f"{visible(source)} has no {visible(_made_from(source))}, which would hold exact versions"
        yield Finding("no-lock", INFO, text, case.typed(_compile(project.dir, source, context)))
    elif not project.conda_file:
        yield from _no_list(project, case)


def _no_list(project: Project, case: Case) -> Iterator[Finding]:
    """Find dependencies that no requirements file names either."""
    disk = case.situation.context.disk
    listed = _listed(project, case)
    known = {each.name for each in map(_requirement, listed.texts) if each} | _pinned(listed)
    for file, texts in (
        (projectfiles.PYPROJECT, project.dependencies),
        (_SETUP_CFG, _of_setup_cfg(project, disk)),
        (_SETUP_PY, _of_setup_py(project, disk)),
    ):
        loose = _loose(texts, known)
        if loose and listed.all_known:
            text = f"{file} has no exact version for {_some(loose)}, and there is no lock file"
            yield Finding("no-lock", INFO, text, case.typed(_locking(file, loose, project, case)))
            return


def _locking(file: str, loose: list[str], project: Project, case: Case) -> str:
    """Return what gives the LOOSE dependencies that FILE of PROJECT lists exact versions."""
    context = case.situation.context
    if file != projectfiles.PYPROJECT or project.requirements:
        return _recorded(loose, case)
    if interpreters.on_path("uv", context):
        return "uv lock"
    # What is installed holds the project itself, by its path on this machine.
    return f"{installing.get_uv(installing.here(context))} && uv lock" if project.editable else _recorded(loose, case)


def _of_uv(directory: str, context: Context) -> bool:
    return owners.names_uv(directory, context) or owners.is_uv(directory, context)


def _lock_of_hatch(directory: str, context: Context) -> str:
    """Return what makes hatch 1.18 lock the project in DIRECTORY: it installs from a lock file only by uv."""
    own = context.disk.is_file(f"{directory.rstrip('/')}/{_HATCH}")
    file, table = (_HATCH, "[envs.default]") if own else (projectfiles.PYPROJECT, "[tool.hatch.envs.default]")
    return fixes.written(file, 'locked = true, installer = "uv"', table, "hatch env lock")


# A tool, whether it owns a directory, and what makes its lock file.
_LOCKING = (
    ("poetry", owners.poetry, "poetry lock"),
    ("pipenv", owners.pipenv, "pipenv lock"),
    ("pdm", owners.pdm, "pdm lock"),
    ("hatch", owners.hatch, ""),
    ("pixi", owners.pixi, "pixi lock"),
    ("uv", _of_uv, "uv lock"),
)


def _project(case: Case) -> Optional[Project]:
    """Return the project, None when it has a lock file or cannot be read, which another finding says."""
    context, root = case.situation.context, case.root or os.sep
    try:
        project = projects.read(root, context)
    except WendError:
        return None
    locked = any(context.disk.present(place, _LOCKS) for place in filter(None, (root, project.workspace)))
    return None if locked or any(map(_NAMED_LOCK.fullmatch, context.disk.listdir(root))) else project


# -- what is not exact ---------------------------------------------------------------------------------------


def _loose(texts: Iterable[str], pinned: Container[str] = ()) -> list[str]:
    """Return the names in the requirements TEXTS that have no exact version and are not PINNED, each once."""
    found = (each for each in map(_requirement, texts) if each and not _exact(each))
    return list(dict.fromkeys(each.name for each in found if each.name not in pinned))


def _listed(project: Project, case: Case) -> requirements.Listed:
    """Return what the requirements files of PROJECT ask for, with what pip and uv are told besides."""
    context = case.situation.context
    pip = constraining.of_pip(case.target.prefix if case.target else "", context)
    uv = constraining.of_uv(project, context)
    listed = requirements.read(project.dir, project.requirements, context.disk, (*pip.files, *uv.files))
    return listed._replace(constraints=(*listed.constraints, *uv.constraints, *uv.overrides))


def _pinned(listed: requirements.Listed) -> set[str]:
    """Return the names to which the constraints in LISTED give an exact version."""
    return {each.name for each in map(_requirement, listed.constraints) if each and _exact(each)}


def _requirement(text: str) -> Optional[versions.Requirement]:
    return versions.requirement(text, {})


def _exact(each: versions.Requirement) -> bool:
    return bool(each.url) or bool(re.fullmatch(r"={2,3}[^*,]+", each.specifier))


def _loose_of_conda(project: Project, context: Context) -> list[str]:
    """Return the names in environment.yml that have no version. pip only stands for what it installs."""
    text = context.disk.text(f"{project.dir.rstrip('/')}/{project.conda_file}", yaml.MAX_SIZE) or ""
    try:
        listed = yaml.mapping(text).get("dependencies")
    except ValueError:
        return []
    items = [item.strip() for item in strings(listed)]
    named = (_NAME.match(item) for item in items if not _PINNED.fullmatch(item))
    names = [match[1].lower() for match in named if match]
    tables = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [*(name for name in names if name != "pip"), *_loose(t for each in tables for t in strings(each.get("pip")))]


def _of_setup_cfg(project: Project, disk: Disk) -> tuple[str, ...]:
    """Return what setup.cfg lists as `install_requires`, itself or in files."""
    text = disk.text(f"{project.dir.rstrip('/')}/{_SETUP_CFG}", _MAX_SETUP)
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return ()
    wanted = parser.get("options", "install_requires", fallback="")
    if not wanted.startswith("file:"):
        return tuple(wanted.splitlines())
    names = tuple(name.strip() for name in wanted.removeprefix("file:").split(","))
    return requirements.read(project.dir, names, disk).texts


def _of_setup_py(project: Project, disk: Disk) -> tuple[str, ...]:
    """Return what setup.py lists as `install_requires`, there or in a list that it names."""
    text = disk.text(f"{project.dir.rstrip('/')}/{_SETUP_PY}", _MAX_SETUP) or ""
    found = _INSTALL_REQUIRES.search(text)
    if not found:
        return ()
    if found[1]:
        words = re.search(rf"^{found[1]}\s*=\s*{_LIST}", text, re.MULTILINE)
    else:
        words = re.compile(_LIST).match(text, found.end())
    return tuple(word for pair in _WORD.findall(words[1]) for word in pair if word) if words else ()


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{visible(names[0])}{more}"


# -- what is to be typed -------------------------------------------------------------------------------------


def _pinning(file: str, loose: list[str], case: Case) -> str:
    """Return what gives the LOOSE requirements in FILE an exact version."""
    root, disk = case.root or os.sep, case.situation.context.disk
    if set(loose) <= _pinned(requirements.read(root, (), disk, (_CONSTRAINTS,))):  # it is there, and nothing names it
        return fixes.written(file, f"-c {os.path.relpath(_CONSTRAINTS, os.path.dirname(file))}")
    if file == projectfiles.REQUIREMENTS[0]:
        return _recorded(loose, case)
    here = _installed(case)
    known = next(((name, here[name]) for name in loose if name in here), None)
    return fixes.written(file, "==".join(known)) if known else "wend sync"


def _recorded(loose: list[str], case: Case) -> str:
    """Return what records the versions of the LOOSE requirements that are installed."""
    # `wend freeze` writes down what is installed: a line whose package is not would be lost.
    return "wend freeze" if all(map(_installed(case).__contains__, map(versions.canonical, loose))) else "wend sync"


def _installed(case: Case) -> dict[str, str]:
    """Return the version of each distribution in the project's environment, by its canonical name."""
    found = installed.everything(case.target.prefix, case.situation.context.disk) if case.target else {}
    return {versions.canonical(name): version for name, version in found.items()}


def _not_compiled(directory: str, context: Context) -> str:
    """Return the source of pip-compile in DIRECTORY that is installed from, where nothing was made from any of them.

    Where something was, it may include the others.
    """
    top, disk = directory.rstrip("/"), context.disk
    found = projects.sources_of_requirements(directory, disk)
    if any(disk.is_file(f"{top}/{_made_from(name)}") for name in found):
        return ""
    return min(found, key=_rank, default="")


def _rank(source: str) -> tuple[int, str]:
    made = _made_from(source)
    return (_INSTALLED.index(made) if made in _INSTALLED else len(_INSTALLED)), source


def _made_from(source: str) -> str:
    return f"{source.removesuffix('.in')}.txt"


def _compile(directory: str, source: str, context: Context) -> str:
    if interpreters.on_path("uv", context):
        return command("uv", "pip", "compile", source, "-o", _made_from(source)).shown()
    compiling = command("pip-compile", f"{directory.rstrip('/')}/{source}").shown()
    return compiling if interpreters.on_path("pip-compile", context) else f"pip install pip-tools && {compiling}"
