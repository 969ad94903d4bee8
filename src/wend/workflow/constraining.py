"""What pip and uv are told of versions beside the project's files: constraints, overrides, what is to be left out.

Sources: pip 26.1 (_internal/configuration.py, cli/parser.py) for pip.conf and PIP_CONSTRAINT, uv 0.13 for uv.toml,
[tool.uv], UV_CONSTRAINT, UV_OVERRIDE and UV_EXCLUDE; each tried with the tool.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Optional

from wend.context import Context
from wend.formats import toml, versions
from wend.kinds import owners, userdirs
from wend.kinds.projectfiles import PYPROJECT
from wend.system import join
from wend.workflow import requirements
from wend.workflow.listing import strings
from wend.workflow.project import Project

_SECTIONS = ("install", "global")  # of pip.conf; the first counts
_OPTION = "constraint"
_MAX_SETTINGS = 1 << 20  # bytes
_UV_TOML = "uv.toml"
_NO = ("", "0", "f", "false", "n", "no", "off")


class Told(NamedTuple):
    """What one of them is told."""

    files: tuple[str, ...] = ()  # of constraints; a URL, too
    constraints: tuple[str, ...] = ()  # requirements that install nothing
    overrides: tuple[str, ...] = ()  # requirements that count in place of all others of the same name
    excluded: tuple[str, ...] = ()  # names that are not installed, as they are written


def applied(told: Told, listed: requirements.Listed) -> requirements.Listed:
    """Return LISTED, which was read with TOLD's files, as an installer that is TOLD this takes it."""
    excluded = {versions.canonical(name) for name in told.excluded}
    instead = [(text, _name(text)) for text in told.overrides]
    named = {_name(text) for text in listed.texts} - excluded
    replaced = {name for _, name in instead}
    texts = [text for text in listed.texts if _name(text) not in excluded | replaced]
    texts += [text for text, name in instead if name in named]
    return listed._replace(texts=tuple(texts), constraints=(*listed.constraints, *told.constraints))


def _name(text: str) -> str:
    """Return the canonical name in the requirement TEXT, whatever its marker says; empty when it cannot be read."""
    each = versions.requirement(text.partition(";")[0], {})
    return each.name if each else ""


def of_pip(prefix: str, context: Context) -> Told:
    """Return what the pip of the environment PREFIX, empty for none, is told."""
    named = context.env.get("PIP_CONSTRAINT") or _configured(prefix, context)
    return Told(tuple(named.split()))


def _configured(prefix: str, context: Context) -> str:
    """Return the constraints in pip's configuration: of its files the last one counts."""
    found: dict[str, str] = {}
    for file in _pip_files(prefix, context):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(context.disk.text(file, _MAX_SETTINGS) or "")
        except configparser.Error:
            continue
        for section in _SECTIONS:
            found[section] = parser.get(section, _OPTION, fallback="") or found.get(section, "")
    return next(filter(None, map(found.get, _SECTIONS)), "") or ""


def _pip_files(prefix: str, context: Context) -> Iterator[str]:
    """Yield pip's configuration files: the system's, the user's, the environment's, the one of PIP_CONFIG_FILE."""
    env, name = context.env, "pip.ini" if context.windows else "pip.conf"
    named = env.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    named = named if os.path.isabs(named) else ""
    if not context.windows:
        yield from (f"{place}/pip/{name}" for place in _shared(context))
        yield f"/etc/{name}"
    if context.home and not (named and context.disk.is_file(named)):
        yield f"{context.home}/{'pip' if context.windows else '.pip'}/{name}"
        places = (userdirs.xdg("pip", context), userdirs.config("pip", context))
        yield from (f"{place}/{name}" for place in dict.fromkeys(places))
    if prefix:
        yield f"{prefix}/{name}"
    if named:
        yield named


def of_uv(project: Project, context: Context) -> Told:
    """Return what `uv pip install` is told in PROJECT."""
    env, disk, directory = context.env, context.disk, project.dir
    trees = list(_uv_settings(project, context))

    def listed(variable: str, option: str) -> tuple[str, ...]:
        named = tuple(env.get(variable, "").split())
        return (*requirements.read(directory, named, disk).texts, *_strings(trees, option))

    return Told(
        files=tuple(env.get("UV_CONSTRAINT", "").split()),
        constraints=_strings(trees, "constraint-dependencies"),
        overrides=listed("UV_OVERRIDE", "override-dependencies"),
        excluded=listed("UV_EXCLUDE", "exclude-dependencies"),
    )


def _strings(trees: Iterable[dict[str, Any]], option: str) -> tuple[str, ...]:
    return tuple(text for tree in trees for text in strings(tree.get(option)))


def _uv_settings(project: Project, context: Context) -> Iterator[dict[str, Any]]:
    """Yield uv's settings: the project's, the user's, the system's. UV_CONFIG_FILE stands for all of them."""
    named = context.env.get("UV_CONFIG_FILE", "")
    if named:
        yield owners.tables(join(project.dir, named), context)
        return
    if context.env.get("UV_NO_CONFIG", "").lower() not in _NO:
        return
    for directory, _ in context.upwards(project.workspace or project.dir):
        found = _uv_settings_in(directory, context)
        if found is not None:
            yield found
            break
    yield owners.tables(f"{userdirs.xdg('uv', context)}/{_UV_TOML}", context)
    shared = () if context.windows else (*_shared(context), "/etc")
    files = (f"{place}/uv/{_UV_TOML}" for place in shared)
    yield from (owners.tables(file, context) for file in list(filter(context.disk.is_file, files))[:1])


def _uv_settings_in(directory: str, context: Context) -> Optional[dict[str, Any]]:
    """Return what a project's DIRECTORY says to uv, None where it says nothing. uv.toml goes before pyproject.toml."""
    own = join(directory, _UV_TOML)
    if context.disk.is_file(own):
        return owners.tables(own, context)
    tools = toml.table(owners.tables(join(directory, PYPROJECT), context, b"uv"), "tool")
    return toml.table(tools, "uv") if "uv" in tools else None


def _shared(context: Context) -> list[str]:
    """Return the directories of settings for all users."""
    listed = context.env.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [place.rstrip("/") for place in listed.split(os.pathsep) if os.path.isabs(place)]
