"""`wend sync`: bring the environment in line with the project's files."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Optional

import click

from wend.cli import create, directories, output, projects, values
from wend.cli.examples import examples
from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.engine import outcome
from wend.errors import UsageError, WendError
from wend.text import visible
from wend.workflow import checking, installed, own, planning

_EXAMPLES = examples(
    ("wend sync", "install what the files ask for; in a fresh clone, make the environment first"),
    ("wend sync --check", "only say what differs, exit 1 if something does"),
    ("wend sync --dry-run", "only print the commands"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if something differs.")
@click.option("--dry-run", is_flag=True, help="Print the commands, one a line, and run none.")
def command(directory: Optional[str], check: bool, dry_run: bool) -> int:
    """Bring the environment in line with the project's files, and show what changed."""
    if check and dry_run:
        raise UsageError("--check and --dry-run exclude each other", "wend sync --help")
    here = projects.place(directory)
    with projects.meant_for(here), nullcontext() if check or dry_run else projects.alone(here):
        return _sync(here, check=check, dry_run=dry_run)


def _sync(here: projects.Place, *, check: bool, dry_run: bool) -> int:
    view = here.view()
    found = own.environments(view, here.project)
    if found and found[0].status == "untrusted":  # its own interpreter would run
        raise outcome.refusal(view, here.directory)
    target = found[0].target if found else None
    if target is None:
        bad = own.broken(view, here.project)
        if bad:
            raise WendError(f"{bad.marker.path}: {bad.reason}", "wend create --force")
        return _fresh(here, check=check, dry_run=dry_run)
    prefix = target.prefix
    steps = planning.plan_sync(
        here.project,
        here.tools,
        prefix,
        conda=target.kind == "conda",
        has_pip=installed.has_pip(prefix, Disk()),
    )
    if not steps.commands:
        click.echo(visible(f"{prefix}: no file says what belongs in it"))
        return 0
    if dry_run:
        projects.show(here, steps)
        return 0
    if check:
        with projects.telling():
            differing = checking.differences(here.project, steps.owner, prefix, here.env)
        return _report(prefix, differing)
    before = installed.everything(prefix, Disk())
    projects.perform(here, steps)
    installed.confirm(prefix)
    _show(prefix, installed.changes(before, installed.everything(prefix, Disk())))
    return 0


def _fresh(here: projects.Place, *, check: bool, dry_run: bool) -> int:
    """Make the environment of a project that has none."""
    if check and here.directory in NEVER:
        raise outcome.refusal(here.view(), here.directory)
    if check:
        fix = directories.typed_here("wend sync", here.directory)
        click.echo(visible(f"{here.directory} has no environment: {fix} makes it"))
        return 1
    target = projects.create(here, planning.Options(), force=False, dry_run=dry_run)
    if target:
        click.echo(visible(create.said(target)))
    return 0


def _report(prefix: str, differences: list[str]) -> int:
    for line in differences:
        click.echo(visible(line))
    if not differences:
        click.echo(visible(f"{prefix} is in line with the files"))
    return 1 if differences else 0


def _show(prefix: str, changes: list[installed.Change]) -> None:
    if not changes:
        click.echo(visible(f"{prefix} was in line with the files"))
        return
    rows, colours = [], []
    for each in changes:
        sign, colour = ("~", "yellow") if each.before and each.after else ("+", "green") if each.after else ("-", "red")
        rows.append((sign, each.name, f"{each.before} -> {each.after}" if sign == "~" else each.before or each.after))
        colours.append(colour)
    output.table(rows, colours)
