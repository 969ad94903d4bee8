"""`wend create`: make the environment that the project's files ask for."""

from __future__ import annotations

import json
import os
from typing import Optional

import click

from wend import fixes
from wend.cli import context, directories, projects, this_shell, values
from wend.cli.examples import examples
from wend.disk import Disk
from wend.errors import Again, UsageError, WendError
from wend.kinds import projectfiles
from wend.kinds.conda.stack import LOCALS
from wend.model import Target
from wend.system import native
from wend.text import visible
from wend.workflow import installed, planning, tools
from wend.workflow.rules import conda

_EXAMPLES = examples(
    ("wend create", "what the files here ask for"),
    ("wend create --python 3.12", "with this Python"),
    ("wend create --dry-run", "only print the commands"),
    ("wend create api --prompt api", "in another directory, with a name for the prompt"),
    ("wend create --force", "replace the environment that is there"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option(
    "--python",
    metavar="V",
    shell_complete=values.versions,
    help="Version (3.12), range (>=3.11) or path of the interpreter.",
)
@click.option("--name", metavar="N", help="Name of the environment instead of .venv or conda's name.")
@click.option("--prompt", metavar="P", help="What the prompt shows instead of the project's name.")
@click.option("--no-install", is_flag=True, help="Make the environment, install nothing.")
@click.option("--force", is_flag=True, help="Replace an environment that is there.")
@click.option("--dry-run", is_flag=True, help="Print the commands, one per line, and run none of them.")
def command(  # noqa: PLR0917  click passes them by name
    directory: Optional[str],
    python: Optional[str],
    name: Optional[str],
    prompt: Optional[str],
    no_install: bool,
    force: bool,
    dry_run: bool,
) -> int:
    """Make the environment that the project's files ask for.

    Lock files are installed by the tool that they belong to (uv, poetry, pipenv, pdm, hatch, pixi), environment.yml
    by conda, the rest by uv or pip. Installing may run the project's own build code.
    """
    for flag, value in (("--python", python), ("--name", name), ("--prompt", prompt)):
        if value == "":  # a variable that is not set, in a script
            raise UsageError(f"{flag} is empty", again=Again(without=(flag,)))
    here = projects.place(directory, is_new=True)
    options = planning.Options(_interpreter(python or ""), name or "", prompt or "", not no_install)
    with projects.meant_for(here):
        if dry_run:
            projects.create(here, options, force=force, dry_run=True)
            return 0
        options = options._replace(conda=_asked_for_conda(here))
        with projects.alone(here):
            target = projects.create(here, options, force=force, dry_run=False)
    if target:
        click.echo(visible(said(target)))
    else:
        _not_seen(here, options.name)
    return 0


def said(target: Target) -> str:
    """Return the line about the environment TARGET that was made."""
    python = f" with Python {target.python_version}" if target.python_version else ""
    count = len(installed.everything(target.prefix, Disk()))
    made = f"made {target.prefix}{python}, {count} package{'' if count == 1 else 's'}"
    return f"{made}; {this_shell.outcome(target)}"


def _interpreter(python: str) -> str:
    """Return what `--python` means: a path to a program is meant from here. WendError when there is none."""
    if os.sep not in python:
        return python
    fix = "wend python list"
    path = os.path.normpath(os.path.join(directories.here(), python))
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        raise WendError(f"{path} is not a program", fix)
    if not tools.asked(path)[0]:
        raise WendError(f"{path} does not run as Python 3", fix)
    return path


def _asked_for_conda(here: projects.Place) -> bool:
    """Ask the one question: nothing in the project says whether venv or conda is wanted, and both are here."""
    project = here.project
    silent = not (project.files - set(projectfiles.PINS)) and not project.requirements
    if not silent or not conda.program_of(here.tools.programs) or not projects.has_terminal():
        return False
    if here.environments():
        return False
    click.echo("venv suits most projects; conda suits those that need packages other than Python's.", err=True)
    kinds = click.Choice(("venv", "conda"))
    return bool(click.prompt("Which one", type=kinds, default="venv", err=True) == "conda")


def _not_seen(here: projects.Place, name: str) -> None:
    names = context.situation(here.directory).context.settings.detect_names
    chosen = context.view(here.directory).target
    if chosen and chosen.prefix in here.prefixes() and name and os.path.isdir(os.path.join(here.directory, name)):
        line = fixes.written("pyproject.toml", f"env = {json.dumps(name)}", "[tool.wend]")
        told = f"made {name}; {native(chosen.prefix)} is there too, and stays the one that wend activates: {line}"
    elif name and not os.path.isdir(os.path.join(here.directory, name)):  # conda's, which keeps it by its name
        file = here.project.conda_file or "environment.yml"
        told = f"made {name}, which is not activated: {fixes.written(file, f'name: {name}')}"
    elif name and name not in (planning.VENV, *LOCALS, *names):
        setting = ", ".join((*names, name))
        told = f"made {name}, which is not activated: wend config set detect.names '{setting}'"
    else:
        told = "made, but not activated: wend explain"
    click.echo(visible(told))
