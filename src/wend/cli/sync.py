"""`wend sync`: bring the environment in line with the project's files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple, Optional

import click

from wend.cli import create, directories, output, projects, values
from wend.cli.examples import examples
from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.engine import outcome
from wend.errors import Again, UsageError
from wend.kinds import owners
from wend.model import Target
from wend.system import join, native
from wend.text import visible
from wend.workflow import checking, installed, own, planning
from wend.workflow.commands import Steps

if TYPE_CHECKING:
    from wend import documents

_OF_PYTHON = ("pin", "requires-python", "interpreter")  # notes on an environment
_MOST = 20  # changes that a person is shown

_EXAMPLES = examples(
    ("wend sync", "install what the files ask for; in a fresh clone, make the environment first"),
    ("wend sync --check", "only say what differs, exit 1 if something does"),
    ("wend sync --dry-run", "only print the commands"),
)


class _Told(NamedTuple):
    """What came of it."""

    prefix: str = ""  # of the environment; empty when there is none
    made: bool = False
    changes: Sequence[installed.Change] = ()
    differences: Sequence[str] = ()
    line: str = ""  # for a person, where there is more to say than these


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if something differs.")
@click.option("--dry-run", is_flag=True, help="Print the commands, one per line, and run none of them.")
@click.option("--prune", is_flag=True, help="Also remove packages from an environment that others may use.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def command(directory: Optional[str], check: bool, dry_run: bool, prune: bool, as_json: bool) -> int:
    """Bring the environment in line with the project's files, and show what changed."""
    if dry_run and (check or as_json):
        other = "--check" if check else "--json"
        raise UsageError(f"{other} and --dry-run exclude each other", "wend sync --help")
    here = projects.place(directory)
    with projects.meant_for(here), nullcontext() if check or dry_run else projects.alone(here), ExitStack() as stack:
        if as_json:  # standard output is the document's alone
            stack.enter_context(redirect_stdout(sys.stderr))
        told = _sync(here, check=check, dry_run=dry_run, prune=prune)
    if told is None:
        return 0
    if as_json:
        output.print_json(_document(here, told))
    else:
        _show(told, check=check)
    return 1 if told.differences else 0


def _sync(here: projects.Place, *, check: bool, dry_run: bool, prune: bool) -> Optional[_Told]:
    """Return what came of it; None: the commands were printed."""
    target = here.usable()
    if target is None:
        return _fresh(here, check=check, dry_run=dry_run)
    steps = _plan(here, target, prune=prune)
    python = _another_python(here, target)
    if not steps.commands:
        if check and python:
            return _Told(target.prefix, differences=python)
        _tell(python)
        return _Told(target.prefix, line=f"{target.prefix}: no file says what belongs in it")
    if dry_run:
        projects.show(here, steps)
        return None
    if check:
        with projects.telling():
            differing = checking.differences(here.project, steps, target.prefix, here.env)
        return _Told(target.prefix, differences=(*python, *differing))
    before = installed.everything(target.prefix, Disk())
    projects.perform(here, steps)
    installed.confirm(target.prefix)
    for now in own.environments(here.view(), here.project)[:1]:  # a tool may have made another one
        _tell(_another_python(here, now.target) if now.target else ())
    return _Told(target.prefix, changes=installed.changes(before, installed.everything(target.prefix, Disk())))


def _another_python(here: projects.Place, target: Target) -> tuple[str, ...]:
    """Return what asks for another Python than TARGET has, and what to type, a line each."""
    if "uv" in here.project.tools or here.project.names_uv:  # it makes the environment again by itself, and says so
        return ()
    found = (each for each in target.notes if each.about in _OF_PYTHON)
    told = ((each.text, directories.typed_here(each.fix, here.directory)) for each in found)
    return tuple(f"{native(target.prefix)}: {text}: {fix}" for text, fix in told)


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(visible(f"wend: {line}"), err=True)


def _plan(here: projects.Place, target: Target, *, prune: bool) -> Steps:
    """Return how the environment TARGET is brought in line; what others may use in it stays, unless PRUNE."""

    def plan(*, prune: bool) -> Steps:
        has_pip = installed.has_pip(target.prefix, Disk())
        conda = target.kind == "conda"
        return planning.plan_sync(here.project, here.tools, target.prefix, conda=conda, has_pip=has_pip, prune=prune)

    steps = plan(prune=True)
    if prune and not steps.prunes:
        raise UsageError("nothing is removed here, whatever the files say", again=Again(without=("--prune",)))
    if prune or not steps.prunes or here.owns(target.prefix) or _is_for_uv(here, target.prefix):
        return steps
    fix = directories.typed_here("wend sync --prune", here.directory)
    note = f"{target.prefix} is not this project's alone, so what the files do not name stays: {fix}"
    kept = plan(prune=False)
    return kept._replace(notes=(*kept.notes, note))


def _is_for_uv(here: projects.Place, prefix: str) -> bool:
    """Return whether the user gave PREFIX to uv, whose project this is: `uv sync` would remove from it as well."""
    chosen = here.env.get("UV_PROJECT_ENVIRONMENT", "")
    is_uv = "uv" in here.project.tools or (here.project.names_uv and not here.project.tools)
    return bool(chosen) and is_uv and join(here.project.workspace or here.directory, chosen) == prefix


def _fresh(here: projects.Place, *, check: bool, dry_run: bool) -> Optional[_Told]:
    """Make the environment of a project that has none."""
    if check and here.directory in NEVER:
        raise outcome.refusal(here.view(), here.directory, here.surroundings())
    if check:
        fix = owners.recognised(here.directory, here.surroundings())[1]
        fix = directories.typed_here("wend sync" if fix in ("", "wend create") else fix, here.directory)
        return _Told(differences=(f"{here.directory} has no environment: {fix}",))
    target = projects.create(here, planning.Options(), force=False, dry_run=dry_run)
    if target is None:
        return None if dry_run else _Told(line="made, but not activated: wend explain")
    changes = installed.changes({}, installed.everything(target.prefix, Disk()))
    return _Told(target.prefix, made=True, changes=changes, line=create.said(target))


def _document(here: projects.Place, told: _Told) -> documents.Sync:
    return {
        "dir": here.directory,
        "prefix": told.prefix or None,
        "made": told.made,
        "changes": [
            {"name": each.name, "before": each.before or None, "after": each.after or None} for each in told.changes
        ],
        "differences": list(told.differences),
    }


def _show(told: _Told, *, check: bool) -> None:
    for line in told.differences:
        click.echo(visible(line))
    if told.changes:
        _table(told.changes)
    if told.line:
        click.echo(visible(told.line))
    elif not told.differences and not told.changes:
        click.echo(visible(f"{native(told.prefix)} {'is' if check else 'was'} in line with the files"))


def _table(changes: Sequence[installed.Change]) -> None:
    """Print CHANGES; on a terminal the first of them, what is gone and what changed before what came."""
    most = len(changes) if not output.on_terminal() or len(changes) <= _MOST else _MOST
    rows, colours = [], []
    for each in changes[:most]:
        sign, colour = ("~", "yellow") if each.before and each.after else ("+", "green") if each.after else ("-", "red")
        rows.append((sign, each.name, f"{each.before} -> {each.after}" if sign == "~" else each.before or each.after))
        colours.append(colour)
    output.table(rows, colours)
    if most < len(changes):
        click.echo(f"and {len(changes) - most} more")
