"""`wend env`: the changes that entering a directory makes, for people, shells, programs and .env files."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend.cli import context, entering, output, values
from wend.cli.examples import examples
from wend.engine import Situation, summary
from wend.engine import entering as entering_directory
from wend.engine.reply import shown_name
from wend.model import Target
from wend.plan import apply
from wend.shells import ALIASES, DEFAULT, SHELL_NAMES, SHELLS
from wend.shells import dotenv as documents
from wend.system import native
from wend.text import visible

_EXAMPLES = examples(
    ("wend env", "the changes as a table"),
    ('eval "$(wend env --shell bash)"', "make them in a script"),
    ("wend env ~/shop --dotenv > .env", "give them to another program"),
)


@click.command(epilog=_EXAMPLES)
@values.directory
@click.option("--shell", type=click.Choice(SHELL_NAMES), help="Code for this shell, to eval.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("--dotenv", is_flag=True, help="Lines for a .env file.")
def command(directory: Optional[str], shell: Optional[str], as_json: bool, dotenv: bool) -> int:
    """Show the changes that entering DIR makes, without daemon and without hook."""
    if dotenv and (shell or as_json):
        raise click.UsageError("--dotenv goes with nothing else", click.get_current_context())
    path = context.directory(directory)
    row = SHELLS[ALIASES.get(shell, shell) if shell else DEFAULT]
    if shell and not as_json:
        code, refusal = entering.code(path, row.name)
        output.print_text(code)
        if refusal:
            raise refusal
        return 0
    if dotenv:
        return _dotenv(path)
    situation, view, _ = context.ask(path, entering_directory, strip=context.nothing_at_all)
    refusal = None if view.target else context.refusal(view, path)
    if as_json:
        output.print_json(
            {
                "dir": native(path),
                "env": summary(view.target) if view.target else None,
                "changes": documents.changes(view.target, row.script),
                "prompt": _prompt(view.target, situation),
                "notices": [visible(refusal.line())] if refusal and view.candidates else [],
            }
        )
        return refusal.status if refusal else 0
    if view.target is None:
        assert refusal is not None
        raise refusal
    _table(view.target)
    return 0


def _dotenv(path: str) -> int:
    situation, view, _ = context.ask(path, entering_directory, strip=context.nothing_active)
    if view.target is None:
        raise context.refusal(view, path)
    after, undo = apply(situation.context.env, view.target)
    names = dict.fromkeys(("PATH", *(name for name, _, _ in undo.scalars)))
    output.print_text(documents.dotenv({name: after[name] for name in names if name in after}))
    return 0


def _prompt(target: Optional[Target], situation: Situation) -> str:
    settings = situation.context.settings
    if target is None or not target.name or settings.prompt_mode == "never" or target.prompt == "":
        return ""
    return visible(shown_name(target, settings))


def _table(target: Target) -> None:
    version = f" {target.python_version}" if target.python_version else ""
    rows = [("", target.name, f"{target.kind},{version and ' Python'}{version} from {target.marker}")]
    changes = documents.changes(target, SHELLS[DEFAULT].script)
    rows += [("set", name, value) for name, value in changes["set"].items()]
    rows += [("unset", name, "") for name in changes["unset"]]
    rows += [("prepend", name, os.pathsep.join(value)) for name, value in changes["prepend"].items()]
    rows += [("source", path, "") for path in changes["source"]]
    output.table(rows)
