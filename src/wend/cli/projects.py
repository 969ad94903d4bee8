"""What `wend create`, `wend sync` and `wend freeze` share: a project with everything that is known of it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Optional

import click

from wend import client, fixes, trust
from wend.cli import context, directories, progress
from wend.context import Context
from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.engine import View, outcome
from wend.errors import Again, NoEnvironmentError, UntrustedError, WendError
from wend.kinds.conda import installation
from wend.model import Candidate, Target
from wend.text import visible
from wend.trust import decisions
from wend.workflow import case, commands, ignoring, installed, own, planning, rules, running, tools
from wend.workflow import project as projects
from wend.workflow.commands import Steps

# Told to a tool, they would make it work in an environment that is active elsewhere, or in the system's Python.
_LEAKS = ("PIPENV_ACTIVE", "POETRY_ACTIVE", "HATCH_ENV_ACTIVE", "__PYVENV_LAUNCHER__", "PYTHONHOME")
_QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}


class Place(NamedTuple):
    """One project on this machine."""

    project: projects.Project
    tools: tools.Tools
    env: dict[str, str]  # for the tools: without wend, nothing active

    @property
    def directory(self) -> str:
        """The project's directory."""
        return self.project.dir

    def surroundings(self) -> Context:
        """Return what its kinds are asked with."""
        return context.surroundings(self.env)

    def view(self) -> View:
        """Return what is seen from the project now."""
        return context.view(self.directory, everything=True)

    def environments(self) -> list[Candidate]:
        """Return the environments that the project has now."""
        return own.environments(self.view(), self.project)

    def usable(self) -> Optional[Target]:
        """Return the environment that the project has; None for none. WendError when what is there cannot be used."""
        view = self.view()
        found = own.environments(view, self.project)
        if found and found[0].status == "untrusted":  # its own interpreter would run
            raise outcome.refusal(view, self.directory, self.surroundings())
        if found:
            return found[0].target
        bad = own.broken(view, self.project)
        if bad:
            raise NoEnvironmentError(f"{bad.marker.path}: {bad.reason}", bad.fix)
        return None

    def prefixes(self) -> tuple[str, ...]:
        """Return their directories."""
        return tuple(each.target.prefix for each in self.environments() if each.target)

    def made(self) -> tuple[str, ...]:
        """Return what a tool may have left that failed. What its files only point to was there before."""
        surroundings = self.surroundings()
        stored, chosen = own.stored(self.project, surroundings), own.chosen(self.project, surroundings)
        return (*filter(self.owns, self.prefixes()), *stored, *chosen)

    def owns(self, prefix: str) -> bool:
        """Return whether the environment PREFIX is the project's alone, so that what is in it may go."""
        return own.is_own(prefix, self.project, self.surroundings())


def place(argument: Optional[str], *, interpreters: bool = True, is_new: bool = False) -> Place:
    """Return the project that ARGUMENT, or the current directory, lies in. WendError when it cannot be read.

    INTERPRETERS: those on PATH are asked for their versions, which takes some 20 ms each. IS_NEW: as for `directory`.
    """
    directory = projects.root_of(directories.directory(argument, is_new=is_new), Disk())
    shell = outcome.nothing_active(context.without_wend())
    env = {name: value for name, value in shell.items() if name not in _LEAKS} | _QUIET
    surroundings = context.surroundings(shell)  # a `hatch shell` is for one of the project's environments
    project = projects.read(directory, surroundings)
    env.update({"HATCH_ENV": project.hatch_env} if project.hatch_env else {})
    if interpreters:
        project = own.with_pin(project, context.view(directory, everything=True), surroundings)
    return Place(project, tools.find(surroundings, interpreters=interpreters), env)


@contextmanager
def meant_for(here: Place) -> Iterator[None]:
    """Let what an error of the block says to type be about the project HERE, which need not be the current one."""
    try:
        yield
    except WendError as error:
        raise directories.typed_from_here(error, here.directory) from error.__cause__


def alone(here: Place) -> AbstractContextManager[None]:
    """Keep other runs out of the project HERE, or of the workspace whose environment it shares."""
    return running.alone(here.project.workspace or here.directory)


def create(here: Place, options: planning.Options, *, force: bool, dry_run: bool) -> Target | None:
    """Make the environment of the project HERE and say so; return it. None: DRY_RUN, or it is not seen by wend."""
    steps = _planned(here, options, force=force)
    replaced = _replaced(here, steps, options, force=force)
    _refuse_hopeless(here, steps)
    tell(steps)
    if dry_run:
        show(here, steps, replaced)
        return None
    _refuse_unwritable(here, steps)
    before = here.prefixes()
    inside = tuple(os.path.join(here.directory, name) for name in rules.MADE)
    named = _places_of_conda(here, steps) if steps.named else ()
    claimed = [each for each in named if each == replaced or not os.path.lexists(each)]
    with telling(), running.making(steps, (*inside, *named), replaced, here.made):
        running.run(steps, here.directory, here.env, progress.step)
    prefixes = [prefix for prefix in here.prefixes() if prefix == replaced or prefix not in before]
    if options.install:
        for prefix in prefixes:  # else a lock file that its tool wrote last counts as newer
            installed.confirm(prefix)
    for prefix in filter(os.path.isdir, claimed):
        own.claim(prefix, here.project)
    _ignore(here, steps.makes or next(iter(prefixes), ""))
    target = _trusted(here, prefixes)
    client.nudge(os.environ)
    return target


def _planned(here: Place, options: planning.Options, *, force: bool) -> Steps:
    """Return how the environment is made: with FORCE, where the present one is, if wend chooses the place."""

    def plan(options: planning.Options) -> Steps:
        return planning.plan_create(here.project, here.tools, options, here.env.get("UV_PROJECT_ENVIRONMENT", ""))

    steps = plan(options)
    directory, name = os.path.split(next(iter(here.prefixes()), ""))
    chosen = force and steps.claim and not options.name and directory == here.directory
    is_virtual = chosen and os.path.isfile(os.path.join(directory, name, "pyvenv.cfg"))
    return plan(options._replace(name=name)) if is_virtual else steps


def _refuse_hopeless(here: Place, steps: Steps) -> None:
    """Raise WendError where an environment could be made, and not be used."""
    if here.directory in NEVER:
        raise WendError(f"wend uses no environment in {here.directory}", fixes.ANOTHER_DIRECTORY)
    if os.pathsep in steps.makes:
        raise WendError(
            f"{visible(here.directory)}: PATH cannot hold a {os.pathsep!r}", fixes.without_separator(here.directory)
        )
    said = trust.denied(here.directory, here.surroundings())
    if said:
        raise UntrustedError(f"{visible(here.directory)}: {said.reason}", said.fix)


def _refuse_unwritable(here: Place, steps: Steps) -> None:
    """Raise WendError where the tool of the project could not write what it must, which not all of them say well."""
    lock = rules.WRITERS.get(steps.owner)
    if lock is not None and lock not in here.project.files and not os.access(here.directory, os.W_OK):
        file = os.path.join(here.directory, lock)
        raise WendError(f"{visible(here.directory)} cannot be written", fixes.made_writable(file, errno.EACCES))


def perform(here: Place, steps: Steps) -> None:
    """Run STEPS in the environment that is there. ToolError when one fails, after its output was shown."""
    tell(steps)
    try:
        with telling():
            running.run(steps, here.directory, here.env, progress.step)
    finally:
        client.nudge(os.environ)


def show(here: Place, steps: Steps, replaced: str = "") -> None:
    """Print the commands of STEPS, one per line, ready to paste; first the one that removes REPLACED."""
    if here.directory != directories.here():
        click.echo(commands.command("cd", here.directory).shown())
    if replaced:
        click.echo(commands.command("rm", "-r", case.spelled(replaced, here.project)).shown())
    for each in steps.commands:
        click.echo(each.shown())


def tell(steps: Steps) -> None:
    """Say what the user should know before it starts."""
    for note in steps.notes:
        click.echo(f"wend: {visible(note)}", err=True)


@contextmanager
def telling() -> Iterator[None]:
    """Show what a tool said that failed in the block; the ToolError goes on."""
    try:
        yield
    except running.ToolError as error:
        for line in error.output.rstrip().splitlines():
            click.echo(visible(line), err=True)
        raise


def _replaced(here: Place, steps: Steps, options: planning.Options, *, force: bool) -> str:
    """Return the environment that gives way to the new one, empty for none. WendError when one stands in the way."""
    prefix = _of_conda(here, steps) if steps.named else next(iter(here.prefixes()), "")
    place = os.path.join(here.directory, planning.VENV)
    if not prefix and steps.owner in rules.CLEARERS and os.path.isdir(place) and not _empty(place):
        prefix = place
    if steps.makes and os.path.lexists(steps.makes) and not _empty(steps.makes):
        prefix = steps.makes
    beside = steps.makes not in ("", prefix)  # what is there keeps its place
    if not prefix or (beside and options.name):
        return ""
    elsewhere = _is_elsewhere(here, steps, prefix)
    if beside and force and not elsewhere:
        return ""
    if elsewhere:  # a line of the project's may name any environment of the user's
        raise WendError(f"{visible(prefix)} is used here, and is not this project's alone", "wend sync")
    proofs = ("pyvenv.cfg", "conda-meta")
    if os.path.isdir(prefix) and not any(os.path.exists(os.path.join(prefix, proof)) for proof in proofs):
        raise WendError(f"{visible(prefix)} is not an environment", fixes.aside(prefix))
    if not force:
        if options != planning.Options():
            raise WendError(f"{visible(prefix)} exists", again=Again(adding="--force"))
        if prefix in here.prefixes():  # else it does not work
            raise WendError(f"{visible(prefix)} exists, and wend create --force replaces it", "wend sync")
        raise WendError(f"{visible(prefix)} exists", "wend create --force")
    return prefix


def _is_elsewhere(here: Place, steps: Steps, prefix: str) -> bool:
    """Return whether the environment PREFIX is neither the project's own nor what STEPS make."""
    inside = any(
        root and prefix.startswith(f"{root.rstrip('/')}/") for root in (here.directory, here.project.workspace)
    )
    if steps.named or inside or prefix == steps.makes:
        return False
    return not here.owns(prefix)


def _of_conda(here: Place, steps: Steps) -> str:
    """Return the environment that has the name of the new one, empty for none: conda would replace it unasked."""
    return next(filter(os.path.lexists, _places_of_conda(here, steps)), "")


def _places_of_conda(here: Place, steps: Steps) -> tuple[str, ...]:
    """Return where an environment with the name of the new one may be."""
    root = os.path.dirname(os.path.dirname(os.path.realpath(here.tools.programs[steps.owner])))
    stores = (*installation.find(here.surroundings()).envs_dirs, os.path.join(root, "envs"))
    return tuple(dict.fromkeys(os.path.join(store, steps.named) for store in stores))


def _empty(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)


def _trusted(here: Place, prefixes: list[str]) -> Target | None:
    """Return the environment that is chosen now. What was just made is trusted: that environment, not the project."""
    view = here.view()
    blocked = view.blocked.target if view.blocked else None
    if blocked and blocked.prefix in prefixes:
        decisions.allow(blocked.prefix, recursive=False, env=context.without_wend())
        view = here.view()
    if view.blocked:
        raise outcome.refusal(view, here.directory, here.surroundings())
    chosen = view.target
    return chosen if chosen and chosen.prefix in prefixes else None


def _ignore(here: Place, prefix: str) -> None:
    if not prefix.startswith(here.directory.rstrip("/") + "/"):
        return
    file = ignoring.ignore(prefix, here.tools.programs.get("git", ""), here.env)
    if file:
        click.echo(visible(f"added {os.path.basename(prefix)}/ to {file}"))


def has_terminal() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
