"""Whether an environment is what the files ask for, where no tool is asked: read and compared.

Only what the files name is compared, as `pip install -r` does: what they need in turn, and what is there beside,
is not.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from wend import system
from wend.disk import Disk
from wend.formats import matchspec, toml, versions, yaml
from wend.workflow import constraining, installed, requirements
from wend.workflow.constraining import Told
from wend.workflow.listing import strings
from wend.workflow.project import MAX_LOCK, Project

# Of Pipfile.lock, what `pipenv sync --dev` installs.
_SECTIONS = ("default", "develop")
_SEEDS = frozenset(("pip", "setuptools", "wheel"))  # which pipenv leaves alone
# Of pixi.lock: a conda package by its file; an entry of a package from PyPI, and what is said below it.
_FILE = re.compile(r"/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)\Z")
_PYPI = re.compile(r"^- pypi: (\S+)\n((?:  .*\n?)*)", re.MULTILINE)
_NAME = re.compile(r"^  name: (\S+)\n", re.MULTILINE)
_VERSION = re.compile(r"^  version: ['\"]?([^'\"\s]+)", re.MULTILINE)
_CONDA = re.compile(r"(?:[^:\s]+::)?([A-Za-z0-9_.-]+)\s*(.*)")
_PYTHON = "python"


def python_environment(prefix: str, disk: Disk) -> dict[str, str]:
    """Return the values that markers are evaluated with for the environment PREFIX."""
    minor = installed.python_minor(prefix, disk)
    return {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"} if minor else {}


def of_pip(project: Project, prefix: str, disk: Disk, told: Told, *, exact: bool = False) -> list[str]:
    """Return how the environment PREFIX differs from pylock.toml, requirements files or pyproject.toml, a line each.

    TOLD: what the installer is told besides. EXACT: what pylock.toml does not name is to go.
    """
    found = installed.distributions(prefix, disk)
    environment = python_environment(prefix, disk)
    if "pylock.toml" in project.files:
        try:
            wanted = _pylock(project, disk, environment)
        except ValueError:
            return ["pylock.toml cannot be read"]
        return [*_locked(wanted, found), *(_beside(wanted, found, "pylock.toml") if exact else ())]
    listed = requirements.read(project.dir, project.requirements, disk, told.files)
    own = project.buildable if project.requirements else project.editable
    if not project.requirements:
        good, bad = _checked(project.dependencies)
        listed = listed._replace(texts=good, problems=(*bad, *listed.problems))
    listed = constraining.applied(told, listed)
    places = dict.fromkeys((*listed.places, *((project.dir,) if own else ())))
    differences = (
        *listed.problems,
        *_differences(_applying(listed.texts, environment), found),
        *_constrained(listed, environment, found),
        *_elsewhere(places, project, found),
    )
    return list(dict.fromkeys(differences))  # a name may stand in several files


def _constrained(
    listed: requirements.Listed, environment: Mapping[str, str], found: Mapping[str, installed.Distribution]
) -> list[str]:
    """Return how what LISTED names, and is installed, differs from its constraints: they install nothing."""
    named = {each.name for each in _applying(listed.texts, environment)} & found.keys()
    return _differences((each for each in _applying(listed.constraints, environment) if each.name in named), found)


def _checked(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the requirements in TEXTS of pyproject.toml, and a line for each text that is not a requirement."""
    good: list[str] = []
    bad: list[str] = []
    for text in texts:
        (good if versions.is_requirement(text) else bad).append(text)
    return tuple(good), tuple(f"pyproject.toml: {text} is not a requirement" for text in bad)


def _applying(texts: Iterable[str], environment: Mapping[str, str]) -> Iterator[versions.Requirement]:
    for text in texts:
        each = versions.requirement(text, environment)
        if each:
            yield each


def _elsewhere(places: Iterable[str], project: Project, found: Mapping[str, installed.Distribution]) -> Iterator[str]:
    """Yield what is not installed from PLACES, the paths that the files name."""
    sources = {os.path.realpath(source) for source in map(installed.source, found.values()) if source}
    for place in places:
        if os.path.realpath(place) not in sources:
            yield f"{'the project itself' if place == project.dir else place} is not installed"


def _beside(wanted: Iterable[tuple[str, str]], found: Mapping[str, installed.Distribution], file: str) -> Iterator[str]:
    known = {versions.canonical(name) for name, _ in wanted}
    return (f"{name} is installed, and {file} does not name it" for name in sorted(found) if name not in known)


def of_hatch(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from what hatch's environment `default` lists, a line each."""
    found = installed.distributions(prefix, disk)
    environment = python_environment(prefix, disk)
    places = [project.dir] if project.hatch_installs_it and project.buildable else []
    wanted = _applying(project.hatch_dependencies, environment)
    return [*_differences(wanted, found), *_elsewhere(places, project, found)]


def of_pipenv(project: Project, prefix: str, disk: Disk, *, exact: bool = True) -> list[str]:
    """Return how the environment PREFIX differs from Pipfile.lock, a line each.

    EXACT: what that does not name is to go.
    """
    data = disk.read(os.path.join(project.dir, "Pipfile.lock"), MAX_LOCK)
    try:
        tree = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return ["Pipfile.lock cannot be read"]
    found = installed.distributions(prefix, disk)
    environment = python_environment(prefix, disk)
    entries = [(name, each) for part in _SECTIONS for name, each in toml.table(tree, part).items()]
    wanted = []
    for name, entry in entries:
        version = entry.get("version") if isinstance(entry, dict) else None
        marker = entry.get("markers") if isinstance(entry, dict) else None
        if isinstance(version, str) and versions.applies(marker if isinstance(marker, str) else "", environment):
            wanted.append((name, version.removeprefix("==")))
    known = {versions.canonical(name) for name, _ in entries} | _SEEDS
    beside = [f"{name} is installed, and Pipfile.lock does not name it" for name in sorted(found) if name not in known]
    return [*_locked(wanted, found), *(beside if exact else ())]


def of_pixi(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from what pixi.lock lists for `default` and this platform."""
    text = disk.text(os.path.join(project.dir, "pixi.lock"), MAX_LOCK) or ""
    head, *rest = re.split(r"^packages:", text, maxsplit=1, flags=re.MULTILINE)  # the first part is small
    try:
        default = _table(_table(yaml.mapping(head).get("environments")).get("default"))
    except ValueError as error:
        return [f"pixi.lock: {error}"]
    platforms = _table(default.get("packages"))
    listed = platforms.get(conda_platform())
    if not isinstance(listed, list):
        return [f"pixi.lock has nothing for {conda_platform()}"]
    entries = [each for each in listed if isinstance(each, dict)]
    pypi = dict(_PYPI.findall("".join(rest)))
    locked = [_name_and_version(pypi.get(url, "")) for url in dict.fromkeys(_urls(entries, "pypi"))]
    conda = [_FILE.search(url) for url in _urls(entries, "conda")]
    wanted = [each for each in locked if each]
    has = installed.packages(prefix, disk)
    differences = list(_differing(((each[1], each[2]) for each in conda if each), has))
    expected = {each[1] for each in conda if each}
    differences += [
        f"{name} is installed, and pixi.lock does not name it" for name in sorted(has) if name not in expected
    ]
    return [*differences, *_locked(wanted, installed.distributions(prefix, disk))]


def _name_and_version(entry: str) -> Optional[tuple[str, str]]:
    """Return what ENTRY, of a package from PyPI in pixi.lock, is about. Each line is read once."""
    name = _NAME.search(entry)
    version = _VERSION.search(entry, name.end()) if name else None
    return (name[1], version[1]) if name and version else None


def conda_platform() -> str:
    """Return this machine as conda names it: linux-64, osx-arm64, ..."""
    machine = system.machine().lower()
    if system.WINDOWS:
        return "win-arm64" if machine == "arm64" else "win-64"
    if system.MACOS:
        return "osx-arm64" if machine == "arm64" else "osx-64"
    return f"linux-{ {'x86_64': '64', 'amd64': '64', 'arm64': 'aarch64'}.get(machine, machine) }"


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _urls(entries: list[dict[str, Any]], kind: str) -> list[str]:
    return strings([each.get(kind) for each in entries])


def _differing(wanted: Iterable[tuple[str, str]], has: Mapping[str, str]) -> Iterator[str]:
    for name, version in wanted:
        if name not in has:
            yield f"{name} is not installed"
        elif has[name] != version:
            yield f"{name} is {has[name]}, not {version}"


def of_conda(project: Project, prefix: str, disk: Disk, *, exact: bool = False) -> list[str]:
    """Return how the environment PREFIX differs from environment.yml, a line each.

    EXACT: what that neither names nor needs is to go, as by `conda env update --prune`. That leaves what pip installed.
    """
    text = disk.text(os.path.join(project.dir, project.conda_file), yaml.MAX_SIZE)
    try:
        listed = yaml.mapping(text or "").get("dependencies")
    except ValueError as error:
        return [f"{project.conda_file}: {error}"]
    found = installed.packages(prefix, disk)
    items = strings(listed)
    asked = [_conda_asked(item) for item in items]
    differences = [line for each in asked if each for line in _conda_difference(*each, found)]
    tables = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    pip = [each["pip"] for each in tables if "pip" in each]
    # Without an item, conda does not look at the packages at all; of an item that is not understood, no name is known.
    named = {each[0] for each in asked if each} if all(asked) else set()
    beside = _beside_conda(named | ({"pip"} if pip else set()), prefix, disk) if exact and named else ()
    differences += [f"{name} is installed, and {project.conda_file} does not ask for it" for name in beside]
    wanted = _applying((each for texts in pip for each in strings(texts)), python_environment(prefix, disk))
    return [*differences, *_differences(wanted, installed.distributions(prefix, disk))]


def _conda_asked(item: str) -> Optional[tuple[str, str]]:
    """Return the name and the version of ITEM, None when it has another form."""
    url = _FILE.search(item.strip())
    match = _CONDA.fullmatch(item.strip())
    return (url[1].lower(), "") if url else (match[1].lower(), match[2].strip()) if match else None


def _conda_difference(name: str, wanted: str, found: Mapping[str, str]) -> Iterator[str]:
    if name not in found:
        yield f"{name} is not installed"
    elif wanted and matchspec.fits(found[name], wanted) is False:
        yield f"{name} is {found[name]}, not {wanted}"


def _beside_conda(named: set[str], prefix: str, disk: Disk) -> list[str]:
    """Return conda's packages in PREFIX that none of NAMED needs, directly or not; none where that cannot be known."""
    needs = installed.needs(prefix, disk)
    if needs is None:
        return []
    kept: set[str] = set()
    waiting = set(named)
    while waiting:
        kept |= waiting
        more = {name for each in waiting for name in needs.get(each, ())}
        waiting = more | ({"pip"} if _PYTHON in waiting else set())  # conda's add_pip_as_python_dependency
        waiting -= kept
    return sorted(needs.keys() - kept)


def _pylock(project: Project, disk: Disk, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the name and the version of each package of pylock.toml. ValueError when it is not TOML."""
    data = disk.read(os.path.join(project.dir, "pylock.toml"), MAX_LOCK)
    if data is None:
        raise ValueError
    listed: Any = toml.parse(data).get("packages")
    wanted = []
    for each in listed if isinstance(listed, list) else []:
        name, version = (each.get("name"), each.get("version")) if isinstance(each, dict) else (None, None)
        if isinstance(name, str) and isinstance(version, str):
            marker = each.get("marker")
            if versions.applies(marker if isinstance(marker, str) else "", environment):
                wanted.append((name, version))
    return wanted


def _locked(wanted: Iterable[tuple[str, str]], found: Mapping[str, installed.Distribution]) -> list[str]:
    differences = []
    for name, version in wanted:
        has = found.get(versions.canonical(name))
        if has is None:
            differences.append(f"{name} is not installed")
        elif not versions.fits(has.version, f"=={version}"):
            differences.append(f"{name} is {has.version}, not {version}")
    return differences


def _differences(wanted: Iterable[versions.Requirement], found: Mapping[str, installed.Distribution]) -> list[str]:
    differences = []
    for each in wanted:
        has = found.get(each.name)
        if has is None:
            differences.append(f"{each.name} is not installed")
        elif each.specifier and not versions.fits(has.version, each.specifier):
            differences.append(f"{each.name} is {has.version}, not {each.specifier}")
    return differences
