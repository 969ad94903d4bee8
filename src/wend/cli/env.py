"""`wend env`: the changes that entering a directory makes, for people, shells, programs and .env files."""

from __future__ import annotations

import os
from typing import Optional

import click

from wend import engine, undo
from wend.cli import common
from wend.model import Target, Tests
from wend.plan import apply, plan
from wend.render import ALIASES, SHELLS, Reply, data, renderer
from wend.text import visible
from wend.where import Where


@click.command()
@click.argument("directory", required=False, metavar="[DIR]")
@click.option("--shell", type=click.Choice(common.SHELL_NAMES), help="Code for this shell, to eval.")
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
@click.option("--dotenv", is_flag=True, help="Lines for a .env file.")
def command(directory: Optional[str], shell: Optional[str], as_json: bool, dotenv: bool) -> int:
    """Show the changes that entering DIR makes, without daemon and without hook."""
    if dotenv and (shell or as_json):
        raise click.UsageError("--dotenv goes with nothing else", click.get_current_context())
    path = common.directory(directory)
    row = SHELLS[ALIASES.get(shell, shell) if shell else "bash"]
    if shell and not as_json:
        return _code(path, row.name)
    env = common.nothing_active(base=True)
    where = common.surroundings(env)
    view = engine.look(path, where)
    target = view.chosen.target if view.chosen else None
    refusal = None if target else common.refusal(view, path)
    if as_json:
        common.print_json(
            {
                "dir": path,
                "env": engine.summary(target) if target else None,
                "changes": data.changes(target, row.script),
                "prompt": _prompt(target, where),
                "notices": [visible(refusal.line())] if refusal and view.candidates else [],
            }
        )
        return refusal.status if refusal else 0
    if target is None:
        assert refusal is not None
        raise refusal
    if dotenv:
        start = common.nothing_active(base=False)
        after, record = apply(start, target)
        names = dict.fromkeys(("PATH", *(name for name, _, _ in record.scalars)))
        common.print_text(data.dotenv({name: after[name] for name in names if name in after}))
        return 0
    _table(target)
    return 0


def _code(path: str, shell: str) -> int:
    """Print code that takes the shell in which this runs to the environment of PATH, or to none."""
    env = dict(os.environ)
    record = undo.load(env.get("WEND_UNDO", ""))
    where = common.surroundings(common.without_wend())
    view = engine.look(path, where)
    target = view.chosen.target if view.chosen else None
    steps = plan(
        env,
        record._replace(hold="", hand=(), note=""),
        target,
        scripts_off=engine.scripts_off(record, target, where),
        scripts_back=engine.scripts_back(record, target, where),
    )
    name = target.name if target else ""
    reply = Reply(
        shell=shell,
        edits=steps.edits,
        undo=undo.dump(steps.undo),
        env=name,
        prompt=None,
        swap="",
        active=target is not None,
        tests=Tests(),
        more=(),
        again=False,
        notice="",
    )
    common.print_text(renderer(shell).edits(reply))
    if target is None:
        raise common.refusal(view, path)
    return 0


def _prompt(target: Optional[Target], where: Where) -> str:
    if target is None or not target.name or where.settings.prompt_mode == "never":
        return ""
    return visible(where.settings.prompt_format.replace("{name}", target.name))


def _table(target: Target) -> None:
    version = f" {target.python_version}" if target.python_version else ""
    rows = [("", target.name, f"{target.kind},{version and ' Python'}{version} from {target.marker}")]
    changes = data.changes(target, SHELLS["bash"].script)
    rows += [("set", name, value) for name, value in changes["set"].items()]
    rows += [("unset", name, "") for name in changes["unset"]]
    rows += [("prepend", name, os.pathsep.join(value)) for name, value in changes["prepend"].items()]
    rows += [("source", path, "") for path in changes["source"]]
    common.table(rows)
