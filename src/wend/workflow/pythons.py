"""Which interpreter an environment is made with: `--python`, else the pin, else requires-python, else the default."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

from wend.errors import WendError
from wend.kinds import installing, pins
from wend.kinds.interpreters import Wanted
from wend.text import visible
from wend.workflow.commands import Command, Find, Word, command
from wend.workflow.project import Project
from wend.workflow.tools import Interpreter, Tools, order

OPTION, PIN, RANGE = "--python", ".python-version", "requires-python"

# uv looks there itself, and takes what it finds before it downloads anything.
_SEEN_BY_UV = ("path", "uv")
# What uv is asked for where nothing asks for a version: it takes no empty request.
_ANY = "3"


class Choice(NamedTuple):
    """The interpreter that was chosen, or what must be installed first."""

    origin: str  # OPTION, PIN, RANGE; empty: nothing asks for one
    request: str
    found: Optional[Interpreter]
    asks: str = ""  # what asks for it, as a person is told
    note: str = ""  # why another does not count
    doubtful: bool = False  # it is to be installed, and uv is not known to have it

    @property
    def asked(self) -> bool:
        """Whether a tool must be told of it: requires-python the tools read themselves, and look on PATH for it."""
        on_path = self.found is not None and self.found.source == "path"
        return self.origin in (OPTION, PIN) or (self.origin == RANGE and not on_path)

    def for_uv(self) -> tuple[str, ...]:
        """Return uv's arguments: nothing where uv finds the same by itself. It reads also a pin that does not count."""
        if self.found and (self.note or self.found.source not in _SEEN_BY_UV):
            return "--python", self.found.path
        return ("--python", self.request) if self.note or self.origin == OPTION else ()

    def word(self) -> Word:
        """Return the interpreter as a word of a command."""
        return self.found.path if self.found else Find(self.request or _ANY)

    def install(self) -> tuple[Command, ...]:
        """Return what brings the interpreter to this machine first, for tools other than uv."""
        if self.found:
            return ()
        request = self.request or _ANY
        fix = "uv python list" if self.doubtful else ""
        return (command("uv", "python", "install", request, says=f"installing Python {request}", fix=fix),)

    def install_for_uv(self) -> tuple[Command, ...]:
        """Return what tells at once that uv does not have the interpreter: it installs the others by itself."""
        return self.install() if self.doubtful else ()

    def notes(self) -> tuple[str, ...]:
        """Return what the user should know before it starts."""
        other = (self.note,) if self.note else ()
        if self.found:
            return other
        if not self.request:
            return (*other, "no Python is installed here: uv installs one")
        does = "is asked for it" if self.doubtful else "installs it"
        return (*other, f"{self.asks}, which is not installed here: uv {does}")


def choose(project: Project, tools: Tools, option: str) -> Choice:
    """Return the interpreter for PROJECT; OPTION is what `--python` says, empty for nothing.

    WendError when it is not here and nothing here can install it, and when it is Python 2.
    """
    origin, request = next(
        ((origin, text) for origin, text in ((OPTION, option), (PIN, project.pin), (RANGE, project.requires)) if text),
        ("", ""),
    )
    if origin != OPTION and project.pin_problem[0]:
        raise WendError(*map(visible, project.pin_problem))
    note = project.pin_note if origin != OPTION else ""
    file = visible(project.pin_file) if origin == PIN else origin
    asks = f"{file} asks for {'' if origin == RANGE else 'Python '}{visible(request[:80])}"
    found = find(request, tools.interpreters)
    if origin == PIN and project.pin_python:
        found = Interpreter(project.pin_version, project.pin_python, "pin")
    refuse_python_2(found, request, asks)
    if found or not request:
        if not found and not tools.interpreters and "uv" not in tools.programs:
            raise WendError("there is no Python on PATH", installing.command(Wanted(), tools.installers))
        return Choice(origin, request, found or _default(tools), asks, note)
    wanted = pins.parse(request)
    if wanted is None:
        if origin == PIN and any(character.isdigit() for character in request):  # a name of pyenv's
            raise WendError(f"{asks}, which is not installed", installing.named(request, tools.installers))
        fix = "wend create --python 3" if origin == PIN else "wend python list"
        raise WendError(f"{asks}, which names no Python here", fix)
    if "uv" not in tools.programs or installing.never_of_uv(wanted):
        raise WendError(f"{asks}, which is not installed", _fix(wanted, tools))
    return Choice(origin, request, None, asks, note, doubtful=not installing.has_uv(wanted))


def refuse_python_2(found: Optional[Interpreter], request: str, asks: str) -> None:
    """Raise WendError when what ASKS, with REQUEST, would get is Python 2, which uv and venv do not support."""
    wanted = pins.parse(request)
    if (found and found.version.startswith("2.")) or (wanted and wanted.release[:1] == (2,)):
        raise WendError(f"{asks}, and environments are made for Python 3 only", "wend create --python 3")


def _fix(wanted: Wanted, tools: Tools) -> str:
    ask = installing.for_range if wanted.range else installing.command
    return ask(wanted, tools.installers)


def _default(tools: Tools) -> Optional[Interpreter]:
    """Return the first interpreter on PATH, else the newest; CPython where there is one."""
    known = [each for each in tools.interpreters if _fits(each, Wanted())] or list(tools.interpreters)
    known = [each for each in known if each.source != "conda"] or known
    return next((each for each in known if each.source == "path"), None) or _newest(known)


def find(request: str, interpreters: tuple[Interpreter, ...]) -> Optional[Interpreter]:
    """Return the best of INTERPRETERS for REQUEST: the newest that fits; of a range, the first on PATH if it fits."""
    if not request:
        return None
    if os.sep in request:
        return Interpreter("", request, "given")
    named = next((each for each in interpreters if each.name == request and each.source != "conda"), None)
    wanted = pins.parse(request)
    if named or wanted is None:
        return named
    fitting = [each for each in interpreters if _fits(each, wanted)]
    fitting = [each for each in fitting if each.source != "conda"] or fitting  # conda may change its own at any time
    first = next((each for each in interpreters if each.source == "path"), None)
    return first if wanted.range and first in fitting else _newest(fitting)


def _fits(each: Interpreter, wanted: Wanted) -> bool:
    if (
        not each.version
        or wanted.debug
        or (each.implementation, each.threaded) != (wanted.implementation, wanted.threaded)
    ):
        return False
    return pins.satisfied(wanted, each.version)


def _newest(found: list[Interpreter]) -> Optional[Interpreter]:
    return max(found, key=lambda each: order(each.version), default=None)
