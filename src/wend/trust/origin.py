"""Was it made here? An environment's own files say where it was made; a copy or a clone names another place.

Only read, never run. Every place that the files name must be this very place, so that one archive cannot try
many guesses; what computes its place when it is activated (uv's relocatable environments) names none.

Sources: CPython Lib/venv (`command` in pyvenv.cfg since 3.11; VIRTUAL_ENV in bin/activate, in plain double
quotes up to 3.13.0, quoted as by shlex since), virtualenv and uv (shlex and single quotes), conda's
history.py (`# cmd:` and the arguments joined by spaces).
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator
from typing import Optional

from wend.context import Context
from wend.model import Target
from wend.text import visible
from wend.trust import gitindex
from wend.trust.ownership import Way

_MAX_HISTORY = 4 << 20  # conda writes down every package of every change
_MAX_SHOWN = 120

_COMMAND = re.compile(rb"^[ \t]*command[ \t]*=[ \t]*", re.M | re.I)
_ASSIGNMENT = re.compile(rb"^[ \t]*(?:export[ \t]+)?VIRTUAL_ENV=", re.M)
_CONDA = re.compile(rb"^# cmd: (.*)$", re.M)
_PREFIX = re.compile(rb" (?:-p ?|--prefix[ =])(/.*)")
_NAME = re.compile(rb" (?:-n ?|--name[ =])([^\s/]+)")

Places = tuple[bytes, ...]


def doubt(target: Target, way: Way, context: Context) -> str:
    """Return why TARGET does not count as made here, empty when it does. WAY is the way to its prefix."""
    real, status = way[-1]
    if status is None or status.st_uid != os.geteuid():
        return "it is not your own"
    places = tuple(dict.fromkeys((os.fsencode(target.prefix), os.fsencode(real))))
    voices = list(_voices(target.prefix, places, context))
    other = next((voice for voice in voices if voice is not None), None)
    if other is not None:
        place = visible(os.fsdecode(other[:_MAX_SHOWN]))
        return f"it was not made here: it names another place, {place}"
    if not voices:
        return "it does not say that it was made here"
    # The links passed count too: one that git brought may lead to anything.
    links = [name for name, passed in way if passed is not None and stat.S_ISLNK(passed.st_mode)]
    if any(gitindex.tracked(name, context) for name in (*links, real)):
        return "it was not made here: git tracks it"
    return ""


def _voices(prefix: str, places: Places, context: Context) -> Iterator[Optional[bytes]]:
    """Yield, for each place named by the environment's files, None when it is this one, else that place."""
    disk = context.disk
    config = disk.read(os.path.join(prefix, "pyvenv.cfg"))
    if config is not None:
        yield from _commands(config, places)
        script = disk.read(os.path.join(prefix, context.bin, "activate"))
        yield from _assignments(script or b"", places)
    else:
        history = disk.read(os.path.join(prefix, "conda-meta", "history"), _MAX_HISTORY)
        yield from _conda(history or b"", places)


def _ends(data: bytes, at: int) -> bool:
    return data[at : at + 1] in (b"", b"\n", b"\r")


def _commands(config: bytes, places: Places) -> Iterator[Optional[bytes]]:
    for found in _COMMAND.finditer(config):
        line = config[found.end() :].partition(b"\n")[0].rstrip(b"\r")
        for place in places:
            # The command ends with the path, which may go on on the next line.
            begin = found.end() + len(line) - len(place.partition(b"\n")[0])
            apart = begin > found.end() and config[begin - 1 : begin] == b" "
            if apart and config.startswith(place, begin) and _ends(config, begin + len(place)):
                yield None
                break
        else:
            if b" /" in line:
                yield line[line.rfind(b" /") + 1 :]


def _assignments(script: bytes, places: Places) -> Iterator[Optional[bytes]]:
    spellings = []
    for place in places:
        quoted = os.fsencode(shlex.quote(os.fsdecode(place)))
        single = b"'" + place.replace(b"'", b"'\"'\"'") + b"'"
        spellings += [quoted, single, b'"' + place + b'"']
    for found in _ASSIGNMENT.finditer(script):
        at = found.end()
        if any(script.startswith(text, at) and _ends(script, at + len(text)) for text in spellings):
            yield None
        else:
            value = script[at:].partition(b"\n")[0].strip(b"\"'\r")
            if value.startswith(b"/"):
                yield value


def _conda(history: bytes, places: Places) -> Iterator[Optional[bytes]]:
    for found in _CONDA.finditer(history):
        command = found.group(1)
        named = _PREFIX.search(command)
        if named:
            rest = named.group(1)
            here = any(rest.startswith(p) and rest[len(p) :].lstrip(b"/")[:1] in (b"", b" ") for p in places)
            yield None if here else rest
            continue
        named = _NAME.search(command)
        if named:  # a name alone names no place: the conda that made it must lie above
            tail = b"/envs/" + named.group(1)
            if any(p.endswith(tail) and command.startswith(p[: -len(tail)] + b"/bin/") for p in places):
                yield None
