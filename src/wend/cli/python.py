"""`wend python`: the interpreters of this machine, a project's version, and the interpreter that a directory gets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

import click

from wend import client, fixes
from wend.cli import context, directories, output, values
from wend.cli.examples import examples
from wend.context import Context
from wend.disk import files
from wend.disk.mounts import NEVER
from wend.engine import look, outcome
from wend.errors import UsageError, WendError
from wend.kinds import installing, pins, pyenv
from wend.kinds.interpreters import Wanted
from wend.model import RANK_PIN, Marker, Problem, Target
from wend.system import join, native
from wend.text import visible
from wend.workflow import pythons, tools
from wend.workflow.tools import Interpreter, order

if TYPE_CHECKING:
    from wend import documents

_PIN = ".python-version"


_EXAMPLES = examples(
    ("wend python", "every interpreter, newest first"),
    ("wend python pin 3.12", "what this project is to use"),
    ('"$(wend python find)" --version', "the one that this directory gets"),
)


@click.group(invoke_without_command=True, epilog=_EXAMPLES)
@click.pass_context
def command(ctx: click.Context) -> Optional[int]:
    """List the interpreters of this machine, pin one, or find the one of a directory."""
    return None if ctx.invoked_subcommand else _list(as_json=False)


@command.command("list", epilog=examples(("wend python list --json", "for a program")))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def list_(as_json: bool) -> int:
    """List the interpreters.

    A line has version, implementation, source, path, and the projects of living shells that pin it.
    """
    return _list(as_json=as_json)


def _list(*, as_json: bool) -> int:
    interpreters = _interpreters()
    found = sorted(interpreters, key=lambda each: (order(each.version), each.source), reverse=True)
    default = next((each for each in interpreters if each.source == "path"), None)
    pinned = _pinned()
    if as_json:
        document: documents.Interpreters = {"interpreters": [_document(each, default, pinned) for each in found]}
        output.print_json(document)
        return 0
    rows = []
    for each in found:
        mark = "*" if each == default else ""
        projects = ", ".join(pinned.get(os.path.realpath(each.path), ()))
        version = each.version + ("t" if each.threaded else "")
        rows.append((version or each.name, mark, each.implementation, tools.origin(each), native(each.path), projects))
    if not rows:
        raise WendError("no interpreter was found", _first_one())
    output.table(rows, ["green" if row[1] else "" for row in rows])
    return 0


def _first_one() -> str:
    found = installing.here(context.surroundings(outcome.nothing_at_all(context.without_wend())))
    return installing.command(Wanted(), found)


def _interpreters() -> tuple[Interpreter, ...]:
    env = outcome.nothing_at_all(context.without_wend())
    return tools.find(context.surroundings(env)).interpreters


def _document(each: Interpreter, default: Optional[Interpreter], pinned: dict[str, list[str]]) -> documents.Interpreter:
    return {
        "version": each.version + ("t" if each.threaded else ""),
        "implementation": each.implementation,
        "source": tools.origin(each),
        "path": native(each.path),
        "default": each == default,
        "pinned_by": pinned.get(os.path.realpath(each.path), []),
    }


def _pinned() -> dict[str, list[str]]:
    """Return the projects that living shells are in and that pin a version, by the real path of its interpreter."""
    try:
        shells = (client.ask(("shells",), os.environ) or {}).get("shells") or []
    except WendError:
        return {}
    found: dict[str, list[str]] = {}
    for directory in filter(os.path.isdir, dict.fromkeys(shell["dir"] for shell in shells)):
        for candidate in context.view(directory, everything=True).candidates:
            if candidate.target and candidate.target.pin:
                projects = found.setdefault(os.path.realpath(candidate.target.python), [])
                if candidate.marker.dir not in projects:
                    projects.append(candidate.marker.dir)
    return found


_OF_PIN = examples(
    ("wend python pin 3.12", "any 3.12"),
    ("wend python pin 3.12.4 api", "in the directory api"),
    ("wend python pin 3.12:3.11", "several, for pyenv: the first is python"),
    ("wend python pin myenv", "an environment of pyenv-virtualenv"),
    ("wend python pin system", "the one on PATH"),
)


@command.command(epilog=_OF_PIN)
@click.argument("version", shell_complete=values.pins)
@values.directory
def pin(version: str, directory: Optional[str]) -> int:
    """Write VERSION to .python-version. Says what to type when nothing installed matches.

    VERSION is what pyenv, uv or wend reads there: a version, a range, a pyenv name, or the path of a Python.
    """
    if directory and not os.path.lexists(directory) and pins.parse(directory):
        words = f"{version}:{directory}"
        raise UsageError("several versions are separated by colons", f"wend python pin {fixes.word(words)}")
    root = directories.directory(directory)
    if root in NEVER:
        raise WendError(f"wend uses no version in {root}", fixes.ANOTHER_DIRECTORY)
    path = os.path.join(root, _PIN)
    directories.check_inside(path, root)
    surroundings = context.surroundings(outcome.nothing_at_all(context.without_wend()))
    found = {word: _named(word, Marker("pyenv", path, root, RANK_PIN), surroundings) for word in _words(version)}
    try:
        files.replace(path, "".join(f"{word}\n" for word in found).encode())
    except OSError as error:
        raise fixes.unwritable(path, error) from error
    client.nudge(os.environ)
    click.echo(visible(f"{native(path)}: {', '.join(found)}"))
    for word, problem in found.items():
        if problem and pythons.find(word, _interpreters()) is None:
            click.echo(visible(WendError(problem.reason, problem.fix).line()), err=True)
    if surroundings.env.get("PYENV_VERSION"):
        click.echo(WendError("PYENV_VERSION is set, and counts instead", "unset PYENV_VERSION").line(), err=True)
    return 0


def _words(text: str) -> tuple[str, ...]:
    """Return the lines that TEXT of the command line stands for: a path counts from here, pyenv's lists have colons."""
    text = text.strip()
    if text.startswith(("/", "./", "../", "~/")) or text in (".", ".."):
        return (os.path.normpath(join(directories.here(), os.path.expanduser(text))),)
    return (text,) if pins.parse(text) else tuple(dict.fromkeys(text.replace(":", " ").split())) or (text,)


def _named(word: str, marker: Marker, surroundings: Context) -> Optional[Problem]:
    """Return the problem with WORD in the file of MARKER, None when it names something that is here.

    UsageError when it names nothing that could be installed as a version.
    """
    found = pyenv.said_by(word, marker, surroundings) if word.isprintable() and pyenv.read_words(word) else None
    if isinstance(found, Target):
        return None
    if found and (found.looked or pins.parse(word)):
        return found
    if found and (os.path.isabs(word) or installing.here(surroundings).pyenv is not None):
        raise UsageError(visible(found.reason), found.fix or "wend python pin 3")
    raise UsageError(f"{visible(word) or repr('')} is not a version of Python", "wend python pin 3.12")


@command.command(epilog=examples(("wend python find", "here"), ("wend python find ~/shop", "there")))
@values.directory
def find(directory: Optional[str]) -> int:
    """Print the interpreter that DIR gets."""
    path = directories.directory(directory)
    situation = context.situation(path, strip=outcome.nothing_active)
    view = look(situation)
    if view.target is None:
        raise directories.typed_from_here(outcome.refusal(view, path, situation.context), path)
    output.print_text(f"{native(view.target.python)}\n")
    return 0
