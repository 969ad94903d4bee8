"""`wend freeze`: write down what is installed."""

from __future__ import annotations

import difflib
import os
from typing import Optional

import click

from wend import fixes
from wend.cli import directories, output, projects, values
from wend.cli.examples import examples
from wend.disk import Disk, files
from wend.engine import outcome
from wend.errors import Again, UsageError, WendError
from wend.kinds import installing
from wend.kinds.conda import installation
from wend.model import Target
from wend.system import native
from wend.text import visible
from wend.workflow import commands, freezing, ignoring, installed, running
from wend.workflow.rules import conda

_MAX_FILE = 16 << 20  # bytes

_EXAMPLES = examples(
    ("wend freeze", "write requirements.txt, or environment.yml for a conda environment"),
    ("wend freeze --diff", "show what would change in it"),
    ("wend freeze --check", "exit 1 if it is not what is installed"),
    ("wend freeze --output lock.txt", "write another file; - is standard output"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--output", "file", metavar="FILE", type=click.Path(), help="Write FILE instead; - is standard output.")
@click.option("--diff", is_flag=True, help="Show the difference to the file, and write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file differs.")
def command(directory: Optional[str], file: Optional[str], diff: bool, check: bool) -> int:
    """Write down what is installed: requirements.txt as pip freeze would, environment.yml as conda env export would."""
    if file == "-" and (diff or check):
        what = f"{'--diff' if diff else '--check'} compares with a file, and - is standard output"
        raise UsageError(what, again=Again(without=("--output",)))
    here = projects.place(directory, interpreters=False)
    with projects.meant_for(here):
        return _freeze(here, file, diff=diff, check=check)


def _freeze(here: projects.Place, file: Optional[str], *, diff: bool, check: bool) -> int:
    target = _environment(here)
    text = _text(here, target)
    if file == "-":
        output.print_text(text)
        return 0
    path = _path(here, target, file)
    directories.check_inside(path, here.directory)
    before = _present(path, file)
    if target.kind != "conda":
        text = freezing.options(before or "") + text
    if diff:
        _diff(path, before, text)
    hashes = target.kind != "conda" and freezing.has_hashes(before or "")
    if hashes and (check or not diff):  # made by a tool, and lost if overwritten
        raise WendError(f"{path} pins hashes, which wend freeze cannot write", "wend freeze --output -")
    if diff or check:
        if check and text != before:
            other = f" {commands.command('--output', file).shown()}" if file else ""
            raise WendError(f"{path} is not what is installed", visible(f"wend freeze{other}"))
        return 0
    if text == before:
        installed.confirm(target.prefix)
        click.echo(visible(f"{native(path)} is up to date"))
        return 0
    try:
        files.replace(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise fixes.unwritable(path, error) from error
    installed.confirm(target.prefix)
    count = sum(1 for line in text.splitlines() if line and line[0] != "#")
    click.echo(visible(f"wrote {native(path)}, {count} line{'' if count == 1 else 's'}"))
    return 0


def _environment(here: projects.Place) -> Target:
    target = here.usable()
    if target is None:
        raise outcome.refusal(here.view(), here.directory, here.surroundings())
    return target


def _text(here: projects.Place, target: Target) -> str:
    if target.kind == "pixi":
        raise WendError("pixi.lock says what is installed", "pixi lock")
    if target.kind == "conda":
        return _exported(here, target.prefix)
    disk = Disk()
    git = here.tools.programs.get("git", "")
    return freezing.requirements(
        installed.distributions(target.prefix, disk).values(),
        installed.python_minor(target.prefix, disk),
        lambda path: ignoring.checkout(path, git, here.env),
    )


def _exported(here: projects.Place, prefix: str) -> str:
    program = conda.program_of(here.tools.programs)
    if not program:
        fix = installation.get(installing.here(here.surroundings()).gets)
        raise WendError("a conda environment needs conda, mamba or micromamba, and none is here", fix)
    words = commands.command(program, "env", "export", "--prefix", prefix)
    status, said = running.execute(words, here.directory, here.env, errors=False)
    if status:
        raise WendError(f"{program} env export failed with exit status {status}", words.shown())
    return freezing.environment(said)


def _path(here: projects.Place, target: Target, file: Optional[str]) -> str:
    if file is not None:
        if not file:
            raise UsageError("'' is not a file", again=Again(without=("--output",)))
        path = os.path.normpath(os.path.join(directories.here(), file))
        above = os.path.dirname(path)
        if not os.path.isdir(above):  # probably mistyped
            fix = f"mkdir -p {fixes.word(above)}" if fixes.may_be_made(above) else fixes.shown_near(above)
            raise WendError(f"{above} is not a directory", fix)
        return path
    name = here.project.conda_file or "environment.yml" if target.kind == "conda" else "requirements.txt"
    return os.path.join(here.directory, name)


def _present(path: str, file: Optional[str]) -> Optional[str]:
    """Return the content of the file PATH, None when there is none. WendError when it is something else.

    FILE: as it was asked for, None for the usual one.
    """
    disk = Disk()
    if not os.path.lexists(path):
        return None
    text = None if os.path.isdir(path) else disk.text(path, _MAX_FILE)
    if text is None:
        what = f"{path} {'is a directory' if os.path.isdir(path) else 'cannot be read as a file'}"
        if file is not None:
            raise WendError(what, again=Again(without=("--output",)))
        private = os.path.isfile(path) and not os.access(path, os.R_OK)
        raise WendError(what, fixes.made_readable(path) if private else fixes.aside(path))
    return text


def _diff(path: str, before: Optional[str], after: str) -> None:
    name = os.path.basename(path)
    old, new = (before or "").splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, name, name):
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        click.echo(output.paint(visible(line.rstrip("\n")), colour))
