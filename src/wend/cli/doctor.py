"""`wend doctor`: what may be wrong, and what to type."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Optional

import click

from wend import client, doctor, paths
from wend.cli import context, directories, output, this_shell, values
from wend.cli.examples import examples
from wend.disk import Disk
from wend.doctor import fresh, startup
from wend.doctor.finding import ERROR, INFO, LEVELS, OK, WARNING, Finding
from wend.engine import look
from wend.errors import WendError
from wend.protocol import SHELL_ID
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_COLOURS = {OK: "green", INFO: "", WARNING: "yellow", ERROR: "red"}

_EXAMPLES = examples(
    ("wend doctor", "what is wrong, and what to type"),
    ("wend doctor --fix", "do what is safe"),
    ("wend doctor ~/shop", "another project"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--fix", "fix", is_flag=True, help="Do what is safe: start-up files, hooks, .gitignore, an old daemon.")
def command(directory: Optional[str], as_json: bool, fix: bool) -> int:
    """Look for what is wrong with wend, this shell and the project in DIR. Exit status 1 if a finding is an error.

    Each shell that has a hook is started once, as a new terminal starts it.
    """
    path = directories.directory(directory)
    findings = doctor.examine(_case(path))
    if fix and _repaired(findings):
        findings = doctor.examine(_case(path))
    findings = [each._replace(fix=directories.typed_here(each.fix, path)) for each in findings]
    if as_json:
        document: documents.Doctor = {
            "findings": [{"id": each.id, "level": each.level, "text": each.text, "fix": each.fix} for each in findings]
        }
        output.print_json(document)
    else:
        _show(findings)
    return 1 if any(each.level == ERROR for each in findings) else 0


def _repaired(findings: Iterable[Finding]) -> bool:
    """Do what is safe, and say so; return whether anything was done."""
    done = False
    for finding in findings:
        if finding.repair is None:
            continue
        try:
            finding.repair()
        except WendError as error:
            click.echo(visible(error.line()), err=True)
            continue
        done = True
        click.echo(visible(f"fixed: {finding.text}"), err=True)
    return done


def _show(findings: list[Finding]) -> None:
    """Print what is worth knowing, the worst first, and how many there are."""
    told = [each for level in LEVELS if level != OK for each in findings if each.level == level]
    shown = told or findings
    output.table(
        [(each.level, each.id, ": ".join(filter(None, (each.text, each.fix)))) for each in shown],
        [_COLOURS[each.level] for each in shown],
    )
    counts = [(level, sum(each.level == level for each in told)) for level in (ERROR, WARNING)]
    said = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts if count]
    safe = sum(each.repair is not None for each in told)
    if said or safe:
        hint = f"; wend doctor --fix does {safe} of them" if safe else ""
        click.echo(f"{', '.join(said) or 'no errors'}{hint}")


def _case(path: str) -> doctor.Case:
    env = dict(os.environ)
    situation = context.situation(path)
    ident = env.get("WEND_SHELL", "")
    ident = ident if SHELL_ID.fullmatch(ident) else ""
    answer, trouble = None, ""
    try:
        answer = client.ask(("status", ident) if ident else ("status",), env)
    except WendError as error:
        trouble = error.what
    said = answer or {}
    asked = context.ask((said.get("shell") or {}).get("dir") or directories.here()) if ident else None
    return doctor.Case(
        env=env,
        situation=situation,
        view=look(situation, everything=True),
        daemon=said.get("daemon"),
        trouble=trouble,
        shell=said.get("shell"),
        lost=this_shell.is_lost(ident, said, situation.context.settings),
        due=this_shell.due(ident, said, asked) if asked and said and this_shell.directly(ident) else "",
        startup=startup.read(env),
        fresh=fresh.look(env),
        file_limit=_file_limit(),
        elsewhere=not trouble and answer is None and _elsewhere(env),
    )


def _file_limit() -> bool:
    """Return whether the size of files is limited (`ulimit -f`)."""
    try:
        import resource
    except ImportError:
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def _elsewhere(env: Mapping[str, str]) -> bool:
    """Return whether a daemon of another mount namespace holds the mailbox."""
    disk, link = Disk(), os.path.join(paths.mailbox_dir(env), "ns")
    own, other = disk.stat("/proc/self/ns/mnt"), disk.stat(link)
    return own is not None and other is not None and (own.st_dev, own.st_ino) != (other.st_dev, other.st_ino)
