"""The environment that a project has already, as the engine sees it, and whether it is the project's alone."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import Optional

from wend.context import Context
from wend.engine import View
from wend.kinds import KINDS, pins
from wend.kinds.projectfiles import PINS
from wend.kinds.pyenv import read_words
from wend.model import RANK_PIN, Candidate
from wend.workflow.project import Project

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)
_OF_PYENV = "PYENV_VERSION"  # which stands in the place of what is in its file
# In an environment outside of its project, the project's directory: pipenv's and virtualenvwrapper's custom.
_LINK = ".project"


def environments(view: View, project: Project) -> list[Candidate]:
    """Return the candidates of VIEW that are environments of PROJECT, best first, trusted or not."""
    places = (project.dir, project.workspace)
    return [
        each
        for each in view.candidates
        # What a pin names, an interpreter or an environment of pyenv's, is not the project's own.
        if each.target and each.marker.dir in places and each.marker.rank != RANK_PIN
    ]


def broken(view: View, project: Project) -> Optional[Candidate]:
    """Return the first candidate of PROJECT whose environment is there but cannot be used; None when there is none."""
    places = (project.dir, project.workspace)
    return next(
        (
            each
            for each in view.candidates
            if each.status == "broken" and each.marker.dir in places and os.path.isdir(each.marker.path)
        ),
        None,
    )


def with_pin(project: Project, view: View, context: Context) -> Project:
    """Return PROJECT with the Python that a shell gets there by a pin, of the project or of a directory above.

    As for pyenv, a pin is for all that lies below it. Not across the root of a project that a tool owns: uv does not
    look above it, and the others have their own rules. What requires-python rules out does not count.
    """
    if "uv" in project.tools or project.names_uv:  # it reads the pin itself, and chooses the interpreter
        return project
    seen = [each for each in view.candidates if each.marker.rank == RANK_PIN]
    seen = [each for each in seen if each.marker.dir == project.dir or not project.tools]
    nearest = [each for each in seen if each.marker.dir == seen[0].marker.dir]
    if not nearest:
        return project
    pin = next((each for each in nearest if each.target), nearest[0])
    is_above = pin.marker.dir != project.dir
    file = pin.marker.path if is_above else os.path.basename(pin.marker.path)
    file = _OF_PYENV if os.path.basename(file) in PINS and context.env.get(_OF_PYENV) else file
    if pin.target is None:
        return _missing(project, pin, file, context)
    target = pin.target
    if pin.status == "untrusted":
        return project
    if not target.pin and target.name == pins.SYSTEM:
        return project._replace(pin="")
    word = target.pin or target.name
    version = target.python_version or ""
    if not pins.fits(version, project.requires):
        return _without(project, file, word)
    version = version if _NUMBER.fullmatch(version) else ""
    return project._replace(pin=word, pin_file=file, pin_python=target.python, pin_version=version)


def _without(project: Project, file: str, word: str) -> Project:
    """Return PROJECT without the pin WORD in FILE, which requires-python rules out."""
    note = f"{file} asks for Python {word}, which requires-python rules out ({project.requires}): it does not count"
    return project._replace(pin="", pin_note=note)


def _missing(project: Project, pin: Candidate, file: str, context: Context) -> Project:
    """Return PROJECT with what PIN in FILE asks for, which is not here."""
    if os.path.basename(pin.marker.path) not in PINS:
        return project._replace(pin_problem=(f"{file}: {pin.reason}", pin.fix)) if pin.problem else project
    words = read_words(context.env[file] if file == _OF_PYENV else context.disk.text(pin.marker.path) or "")
    if words and not pins.may_fit(words[0], project.requires):
        return _without(project, file, words[0])
    return project._replace(pin=words[0], pin_file=file) if words and words[0] != pins.SYSTEM else project


def stored(project: Project, context: Context) -> tuple[str, ...]:
    """Return what the tools of PROJECT keep for it outside of it, under names that only this project has there."""
    return tuple(place for name in project.tools if name in KINDS for place in KINDS[name].stored(project.dir, context))


def chosen(project: Project, context: Context) -> tuple[str, ...]:
    """Return what is where the tools of PROJECT make its environment, as the user's own variables choose it."""
    return tuple(place for name in project.tools if name in KINDS for place in KINDS[name].chosen(project.dir, context))


def is_own(prefix: str, project: Project, context: Context) -> bool:
    """Return whether the environment PREFIX is PROJECT's alone. Another one its files only name: others may use it."""
    disk = context.disk
    real = disk.realpath(prefix)
    tops = (disk.realpath(top) for top in (project.dir, project.workspace) if top)
    if any(real.startswith(f"{top.rstrip('/')}/") for top in tops):
        return True
    if real in map(disk.realpath, stored(project, context)):
        return True
    told = (disk.text(os.path.join(real, _LINK)) or "").strip()
    return os.path.isabs(told) and disk.realpath(told) == disk.realpath(project.dir)


def claim(prefix: str, project: Project) -> None:
    """Note in the environment PREFIX, which was made for PROJECT and lies outside of it, whose it is."""
    path = os.path.join(prefix, _LINK)
    with suppress(OSError), open(path, "x", encoding="utf-8", errors="surrogateescape") as file:
        file.write(f"{os.path.realpath(project.dir)}\n")
