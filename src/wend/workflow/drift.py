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
from wend.formats import toml, versions, yaml
from wend.workflow import installed
from wend.workflow.project import MAX_LOCK, Project, strings

_MAX_FILES = 64  # requirements files that include each other
_INCLUDE = re.compile(r"(?:-r|--requirement)[ \t=]*(\S.*)")
# Of Pipfile.lock, what `pipenv sync --dev` installs.
_SECTIONS = ("default", "develop")
_SEEDS = frozenset(("pip", "setuptools", "wheel"))  # which pipenv leaves alone
# Of pixi.lock: a conda package by its file; an entry of a package from PyPI, and what is said below it.
_FILE = re.compile(r"/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)\Z")
_PYPI = re.compile(r"^- pypi: (\S+)\n((?:  .*\n?)*)", re.MULTILINE)
_PYPI_NAME = re.compile(r"^  name: (\S+)\n(?:  .*\n)*?  version: ['\"]?([^'\"\s]+)", re.MULTILINE)
_CONDA = re.compile(r"(?:[^:\s]+::)?([A-Za-z0-9_.-]+)\s*(.*)")


def python_environment(prefix: str, disk: Disk) -> dict[str, str]:
    """Return the values that markers are evaluated with for the environment PREFIX."""
    minor = installed.python_minor(prefix, disk)
    return {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"} if minor else {}


def of_pip(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from pylock.toml, requirements files or pyproject.toml, a line each."""
    found = installed.distributions(prefix, disk)
    environment = python_environment(prefix, disk)
    if "pylock.toml" in project.files:
        return _locked(_pylock(project, disk, environment), found)
    if project.requirements:
        texts = [text for name in project.requirements for text in requirements(project.dir, name, disk)]
    else:
        texts = list(project.dependencies)
    wanted = (versions.requirement(text, environment) for text in texts)
    return _differences((each for each in wanted if each), found)


def of_hatch(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from what hatch's environment `default` lists, a line each."""
    keys = ("dependencies", "extra-dependencies")
    texts = [text for key in keys for text in strings(project.hatch.get(key))]
    if project.hatch.get("skip-install") is not True:
        texts += strings(project.table("project").get("dependencies"))
    environment = python_environment(prefix, disk)
    wanted = (versions.requirement(text, environment) for text in texts)
    return _differences((each for each in wanted if each), installed.distributions(prefix, disk))


def of_pipenv(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from Pipfile.lock, what is there beside included, a line each."""
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
    return [*_locked(wanted, found), *beside]


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
    names = [_PYPI_NAME.search(pypi.get(url, "")) for url in _urls(entries, "pypi")]
    conda = [_FILE.search(url) for url in _urls(entries, "conda")]
    wanted = [(each[1], each[2]) for each in names if each]
    has = installed.packages(prefix, disk)
    differences = list(_differing(((each[1], each[2]) for each in conda if each), has))
    expected = {each[1] for each in conda if each}
    differences += [
        f"{name} is installed, and pixi.lock does not name it" for name in sorted(has) if name not in expected
    ]
    return [*differences, *_locked(wanted, installed.distributions(prefix, disk))]


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


def of_conda(project: Project, prefix: str, disk: Disk) -> list[str]:
    """Return how the environment PREFIX differs from environment.yml, a line each."""
    text = disk.text(os.path.join(project.dir, project.conda_file), yaml.MAX_SIZE)
    try:
        listed = yaml.mapping(text or "").get("dependencies")
    except ValueError as error:
        return [f"{project.conda_file}: {error}"]
    found = installed.packages(prefix, disk)
    differences: list[str] = []
    pip: list[str] = []
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, dict):
            inner = item.get("pip")
            pip += strings(inner)
        elif isinstance(item, str):
            differences += _conda_difference(item, found)
    wanted = (versions.requirement(each, python_environment(prefix, disk)) for each in pip)
    return [*differences, *_differences((each for each in wanted if each), installed.distributions(prefix, disk))]


def _conda_difference(item: str, found: Mapping[str, str]) -> Iterator[str]:
    match = _CONDA.fullmatch(item.strip())
    if not match:
        return
    name, wanted = match[1].lower(), match[2].strip()
    if name not in found:
        yield f"{name} is not installed"
    elif wanted and not _conda_fits(found[name], wanted):
        yield f"{name} is {found[name]}, not {wanted}"


def _conda_fits(version: str, wanted: str) -> bool:
    """Return whether VERSION fits WANTED (`=1.2`, `==1.2.3=build`, a range); True when it is not understood."""
    exact = re.fullmatch(r"(={1,2})\s*([^=,|<>!~*\s]+)(\.?\*)?(?:=\S*)?", wanted)
    if exact:
        fuzzy = exact[1] == "=" or exact[3]
        return version == exact[2] or bool(fuzzy and version.startswith(exact[2] + "."))
    return versions.fits(version, wanted) if versions.is_range(wanted) else True


def _pylock(project: Project, disk: Disk, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    data = disk.read(os.path.join(project.dir, "pylock.toml"), MAX_LOCK)
    try:
        listed: Any = toml.parse(data or b"").get("packages")
    except ValueError:
        return []
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


def requirements(directory: str, name: str, disk: Disk) -> list[str]:
    """Return the requirements in the file NAME of DIRECTORY and in those that it includes."""
    found: list[str] = []
    seen: set[str] = set()
    waiting = [os.path.join(directory, name)]
    while waiting and len(seen) < _MAX_FILES:
        path = os.path.normpath(waiting.pop(0))
        if path in seen:
            continue
        seen.add(path)
        for line in _logical(disk.text(path, MAX_LOCK) or ""):
            include = _INCLUDE.fullmatch(line)
            if include:
                waiting.append(os.path.join(os.path.dirname(path), include[1].strip()))
            elif not line.startswith("-"):
                found.append(_without_options(line))
    return found


def _logical(text: str) -> Iterator[str]:
    """Yield the lines of a requirements file, joined at a backslash, without comments."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        plain = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if plain:
            yield plain


def _without_options(line: str) -> str:
    """Return LINE without pip's options after a requirement (`--hash=...`)."""
    at: Optional[re.Match[str]] = re.search(r"\s--?[a-z]", line)
    return line[: at.start()] if at else line
