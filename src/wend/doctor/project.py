"""The current project: good habits about its environment, and what its tools say."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from typing import Optional

from wend.doctor.finding import ERROR, INFO, WARNING, Case, Finding
from wend.formats import yaml
from wend.kinds import owners
from wend.model import Target
from wend.text import visible
from wend.trust import gitindex
from wend.workflow import ignoring

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pixi.lock", "conda-lock.yml")
_LOOSE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?\s*(?:;.*|#.*)?$")


def _target(case: Case) -> Optional[Target]:
    candidate = case.view.chosen or case.view.blocked
    return candidate.target if candidate else None


def _inside(target: Target) -> bool:
    return target.prefix.startswith(target.root.rstrip("/") + "/")


def committed(case: Case) -> Iterator[Finding]:
    """Find an environment that git tracks."""
    target = _target(case)
    if target is None or not _inside(target):
        return
    context = case.situation.context
    if gitindex.why_tracked(context.disk.realpath(target.prefix), context).endswith("git tracks it"):
        name = os.path.relpath(target.prefix, target.root)
        text = f"{visible(target.prefix)} is committed: it holds paths of one machine"
        yield Finding("committed", ERROR, text, f"git rm -r --cached {visible(name)}")


def not_ignored(case: Case) -> Iterator[Finding]:
    """Find an environment that git would add."""
    target = _target(case)
    if target is None or not _inside(target):
        return
    prefix, git, env = target.prefix, shutil.which("git") or "", dict(os.environ)
    if not ignoring.is_ignored(prefix, git, env):
        name = visible(os.path.basename(prefix))
        yield Finding(
            "not-ignored",
            WARNING,
            f"git does not ignore {visible(prefix)}",
            f"echo {name}/ >> .gitignore",
            lambda: ignoring.ignore(prefix, git, env),
        )


def unpinned(case: Case) -> Iterator[Finding]:
    """Find requirements without a version, where no lock file has one."""
    root, disk = case.view.root or case.situation.request.cwd, case.situation.context.disk
    text = disk.text(f"{root.rstrip('/')}/requirements.txt") or ""
    loose = [line.strip() for line in text.split("\n") if _LOOSE.match(line.strip())]
    if loose and not disk.present(root, _LOCKS):
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        yield Finding("unpinned", INFO, f"requirements.txt has no version for {visible(loose[0])}{more}", "wend freeze")


def no_lock(case: Case) -> Iterator[Finding]:
    """Find a project of a locking tool that has no lock file."""
    root, context = case.view.root or case.situation.request.cwd, case.situation.context
    if context.disk.present(root, _LOCKS):
        return
    for tool, owns, fix in (
        ("poetry", owners.poetry, "poetry lock"),
        ("pdm", owners.pdm, "pdm lock"),
        ("pixi", owners.pixi, "pixi install"),
    ):
        if owns(root, context):
            yield Finding("no-lock", INFO, f"this {tool} project has no lock file", fix)


def health(case: Case) -> Iterator[Finding]:
    """Tell what is known of the environment: its age, its version, and what the project asks for."""
    target = _target(case)
    for note in target.notes if target else ():
        yield Finding("health", WARNING if note.told else INFO, f"{visible(target.prefix)}: {note.text}", note.fix)  # type: ignore[union-attr]


def conda_channels(case: Case) -> Iterator[Finding]:
    """Find an environment.yml that mixes defaults with conda-forge."""
    root, disk = case.view.root or case.situation.request.cwd, case.situation.context.disk
    for name in disk.present(root, ("environment.yml", "environment.yaml")):
        try:
            channels = yaml.items(
                yaml.mapping(disk.text(f"{root.rstrip('/')}/{name}", yaml.MAX_SIZE) or ""), "channels"
            )
        except ValueError:
            continue
        if "defaults" in channels and "conda-forge" in channels:
            yield Finding("channels", INFO, f"{name} mixes the channels defaults and conda-forge", "name one of them")


def pip_on_conda(case: Case) -> Iterator[Finding]:
    """Find packages that pip put into a conda environment."""
    target = _target(case)
    if target is None or target.kind not in ("conda", "pixi") or not target.python_version:
        return
    minor = ".".join(target.python_version.split(".")[:2])
    disk, site = case.situation.context.disk, f"{target.prefix}/lib/python{minor}/site-packages"
    for name in disk.listdir(site):
        if name.endswith(".dist-info") and (disk.text(f"{site}/{name}/INSTALLER") or "").strip() == "pip":
            text = f"pip installed {visible(name.partition('-')[0])} into the conda environment {visible(target.name)}"
            yield Finding("pip-on-conda", INFO, text, "name it under pip: in environment.yml")
            return
