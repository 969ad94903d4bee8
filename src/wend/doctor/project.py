"""The current project: good habits about its environment, and what its tools say."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Optional

from wend import fixes
from wend.context import Context
from wend.doctor.finding import ERROR, INFO, WARNING, Case, Finding
from wend.errors import WendError
from wend.formats import versions, yaml
from wend.kinds import health as healths
from wend.kinds import owners, projectfiles
from wend.model import RANK_PIN, Candidate, Note, Target
from wend.text import visible
from wend.trust import gitindex
from wend.workflow import ignoring, installed
from wend.workflow import project as projects
from wend.workflow.commands import command
from wend.workflow.listing import strings

_CONDA_SOURCES = (*projectfiles.RECIPES, *projectfiles.OTHER_LOCKS)
# Of what a note is about: the id of the finding.
NOTES = {
    "older": "older-than-lock",
    "pin": "pin-mismatch",
    "variable": "pin-variable",
    "interpreter": "interpreter-changed",
    "moved": "moved",
    "requires-python": "requires-python",
    "activation": "activation-not-followed",
}
_LEVELS = {"broken": ERROR, "untrusted": WARNING, "unavailable": WARNING}
_TRACKED = ("pyvenv.cfg", "conda-meta/history")  # a file of each environment
_AT_THE_TOP = ("bin", "include", "lib", "lib64", "pyvenv.cfg")  # of an environment that is the project's directory
_MOST_NAMES = 1000  # of the project's directory that are looked at
_PROOFS = ("pyvenv.cfg", "conda-meta", os.path.join("bin", "activate"))


def _inside(case: Case) -> list[str]:
    """Return the environments that lie in the project's directory, usable or not, and those that no kind looks for."""
    root = case.root
    places = dict.fromkeys(
        each.target.prefix if each.target else each.marker.path
        for each in case.view.candidates
        if each.marker.dir.rstrip("/") == root
    )
    inside = [path for path in places if path.startswith(f"{root}/")]
    inside = [path for path in inside if any(os.path.lexists(os.path.join(path, proof)) for proof in _PROOFS)]
    disk = case.situation.context.disk
    disk.guard(root)
    beside = [f"{root}/{name}" for name in disk.listdir(root or os.sep)[:_MOST_NAMES]]
    return list(dict.fromkeys((*inside, *(path for path in beside if disk.is_file(f"{path}/{_PROOFS[0]}")))))


# -- the environment -----------------------------------------------------------------------------------------


def unusable(case: Case) -> Iterator[Finding]:
    """Find environments of the project that cannot be used, and a project without one."""
    for each in case.view.candidates:
        if each.status in _LEVELS and _matters(each, case.view.chosen):
            yield _unusable(each, case)
    if not case.view.candidates:
        has, fix = owners.recognised(case.root or os.sep, case.situation.context)
        if has:
            yield Finding("no-environment", INFO, f"{visible(case.root)} has {has}", case.typed(fix))


def _matters(each: Candidate, chosen: Optional[Candidate]) -> bool:
    """Return whether EACH, which cannot be used, is missed where CHOSEN is used. Of a pin, `pin-mismatch` tells."""
    if chosen is None:
        return True
    return each.marker.dir == chosen.marker.dir and not chosen.marker.rank < each.marker.rank == RANK_PIN


def _unusable(each: Candidate, case: Case) -> Finding:
    owned = each.problem is not None and each.problem.ends_walk  # its tool has not made it yet
    level = INFO if owned else WARNING if each.quiet else _LEVELS[each.status]
    fix = fixes.typed_in(each.fix, each.marker.dir, case.situation.request.cwd)
    return Finding(each.status, level, f"{visible(each.marker.path)}: {each.reason}", fix)


def unreadable(case: Case) -> Iterator[Finding]:
    """Find a file of the project that cannot be read, where `wend create` would end."""
    try:
        projects.read(case.root or os.sep, case.situation.context)
    except WendError as error:
        yield Finding("unreadable", ERROR, error.what, error.fix)


def committed(case: Case) -> Iterator[Finding]:
    """Find environments that git tracks, under whatever name."""
    context, root = case.situation.context, case.root
    known = [os.path.relpath(prefix, root) for prefix in _inside(case) if _is_tracked(prefix, context)]
    found = gitindex.holding(_TRACKED, context.disk.realpath(root or os.sep), context)
    for place in dict.fromkeys((*known, *found)):
        text = f"{visible(os.path.join(root, place).rstrip('/'))} is committed: it holds paths of one machine"
        names = ("--", place) if place else ("--ignore-unmatch", "--", *_AT_THE_TOP)
        fix = command("git", "-C", root or os.sep, "rm", "-r", "--cached", *names).shown()
        yield Finding("committed", ERROR, text, fix)


def _is_tracked(prefix: str, context: Context) -> bool:
    real = os.path.join(context.disk.realpath(os.path.dirname(prefix)), os.path.basename(prefix))
    return gitindex.why_tracked(real, context).endswith("git tracks it")


def not_ignored(case: Case) -> Iterator[Finding]:
    """Find an environment that git would add."""
    git, env = shutil.which("git") or "", dict(os.environ)
    git = git if os.path.isabs(git) else ""  # never a program of the project's, by `.` in PATH
    for prefix in _inside(case):
        if not ignoring.is_ignored(prefix, git, env):
            name, file = f"{os.path.basename(prefix)}/", os.path.join(os.path.dirname(prefix), ".gitignore")
            fix = f"{command('echo', name).shown()} >> {command(file).shown()}"
            yield _not_ignored(prefix, fix, git, env)


def _not_ignored(prefix: str, fix: str, git: str, env: dict[str, str]) -> Finding:
    text = f"git does not ignore {visible(prefix)}"
    return Finding("not-ignored", WARNING, text, fix, lambda: ignoring.ignore(prefix, git, env))


def health(case: Case) -> Iterator[Finding]:
    """Tell what is known of the environment: its age, its version, and what the project asks for."""
    target, context = case.target, case.situation.context
    if target is None:
        return
    for note in dict.fromkeys((*target.notes, *healths.notes(target, context, made_here=True))):
        yield _note(note, target, case)
    newer = _newer_than_conda(case, target)
    if newer:
        yield _note(Note(f"{newer} is newer than it", "wend sync", told=False, about="older"), target, case)


def _note(note: Note, target: Target, case: Case) -> Finding:
    level = WARNING if note.told else INFO
    return Finding(NOTES[note.about], level, f"{visible(target.prefix)}: {note.text}", case.typed(note.fix))


def _newer_than_conda(case: Case, target: Target) -> str:
    """Return the file that conda's environment TARGET was made from, if it was changed since; else empty."""
    disk, root = case.situation.context.disk, case.root
    made = disk.stat(os.path.join(target.prefix, "conda-meta", "history"))
    for name in disk.present(root, _CONDA_SOURCES) if made else ():
        source = disk.stat(f"{root}/{name}")
        if source and made and source.st_mtime_ns > made.st_mtime_ns:
            return name
    return ""


# -- conda ---------------------------------------------------------------------------------------------------


def _conda_file(case: Case) -> tuple[str, dict[str, yaml.Value]]:
    """Return the name of environment.yml and what is in it; empty when there is none that can be read."""
    root, disk = case.root, case.situation.context.disk
    for name in disk.present(root, projectfiles.RECIPES):
        try:
            return name, yaml.mapping(disk.text(f"{root}/{name}", yaml.MAX_SIZE) or "")
        except ValueError:
            continue
    return "", {}


def conda_channels(case: Case) -> Iterator[Finding]:
    """Find an environment.yml that mixes conda's own channels with conda-forge."""
    name, tree = _conda_file(case)
    listed = tree.get("dependencies")
    named = [item for item in strings(listed) if "::" in item]
    channels = {
        channel.rstrip("/").rpartition("/")[2]: item
        for item in (*named, *strings(tree.get("channels")))
        for channel in (item.partition("::")[0],)
    }
    own = channels.keys() & {"defaults", "main", "anaconda", "r"}
    if own and "conda-forge" in channels:
        text = f"{name} mixes the channels {min(own)} and conda-forge, whose packages do not always fit together"
        fix = fixes.removed(name, f"- {channels[min(own)]}", case.typed("wend sync"))
        yield Finding("channels", INFO, text, fix)


def pip_on_conda(case: Case) -> Iterator[Finding]:
    """Find packages that pip put into a conda environment, and that its file does not name."""
    target, disk = case.target, case.situation.context.disk
    if target is None or not disk.is_dir(os.path.join(target.prefix, "conda-meta")):
        return
    _, tree = _conda_file(case)
    listed = tree.get("dependencies")
    inner = [item.get("pip") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    named = {each.name for texts in inner for each in map(_requirement, strings(texts)) if each}
    found = [name for name in _by_pip(target, case) if versions.canonical(name) not in named]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        text = f"pip installed {visible(found[0])}{more} into the conda environment {visible(target.name)}, unnamed"
        fix = case.typed("wend freeze")
        yield Finding("pip-on-conda", WARNING, f"{text} in its file: conda may break it", fix)


def _requirement(text: str) -> Optional[versions.Requirement]:
    return versions.requirement(text, {})


def _by_pip(target: Target, case: Case) -> list[str]:
    disk = case.situation.context.disk
    return [
        name.partition("-")[0]
        for site in installed.site_packages(target.prefix, disk)
        for name in disk.listdir(site)
        if name.endswith(".dist-info") and (disk.text(f"{site}/{name}/INSTALLER") or "").strip() in ("pip", "uv")
    ]
