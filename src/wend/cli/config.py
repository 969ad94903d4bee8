"""`wend config`: the settings, where each comes from; a change of one leaves the rest of the file alone."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional

import click

from wend import client, fixes, paths
from wend import settings_file as table
from wend.cli import output, values
from wend.cli.examples import examples
from wend.disk import Disk, files
from wend.errors import UsageError, WendError
from wend.formats import toml
from wend.settings import Settings
from wend.system import native
from wend.text import visible

if TYPE_CHECKING:
    from wend import documents

_KEYS = {option.key: option for option in table.OPTIONS}

_EXAMPLES = examples(
    ("wend config", "every setting, and where it comes from"),
    ("wend config set prompt.mode never", "change one"),
    ("wend config set detect.names venv,.env", "a list"),
    ("wend config path", "which file they are in"),
)


class _Set(click.Command):
    """VALUE may begin with a hyphen: `wend config set daemon.idle_exit -5` is a wrong value, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        plain = len(args) == 2 and args[0][:1] != "-" and args[1] not in ctx.help_option_names
        return super().parse_args(ctx, ["--", *args] if plain else args)


@click.group(
    invoke_without_command=True,
    epilog=_EXAMPLES,
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show or change the settings."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@command.command(epilog=examples(('"$EDITOR" "$(wend config path)"', "edit it")))
def path() -> None:
    """Print the path of the settings file."""
    output.print_text(f"{native(_path())}\n")


@command.command(epilog=examples(("wend config show", "a table"), ("wend config show --json", "for a program")))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def show(as_json: bool = False) -> None:
    """Show every setting with its origin, and the mistakes in the file."""
    file = paths.config_file(os.environ)
    disk = Disk()
    settings, mistakes = table.load(os.environ, disk)
    given = table.flat(_tree((file and disk.text(file)) or "") or {})
    rows = []
    for key, option in _KEYS.items():
        value = getattr(settings, option.field)
        value = list(value) if isinstance(value, tuple) else value
        rows.append((key, value, "file" if key in given and option.check(given[key]) else "default"))
    if as_json:
        document: documents.Config = {
            "path": native(file) or None,
            "settings": {key: {"value": value, "origin": origin} for key, value, origin in rows},
            "mistakes": list(mistakes),
        }
        output.print_json(document)
        return
    output.table(
        [
            (key, json.dumps(value, ensure_ascii=False), native(file) if origin == "file" else origin)
            for key, value, origin in rows
        ]
    )
    for mistake in mistakes:
        click.echo(visible(f"wend: {mistake}: {table.fix(file, mistake)}"), err=True)


_SET_EXAMPLES = examples(
    ("wend config set trust.policy ask", "text"),
    ("wend config set prompt.format '[{name}] '", "text with a space at its end"),
    ("wend config set detect.names venv,.env", "a list"),
    ("wend config set hints false", "a switch"),
)


@command.command("set", cls=_Set, epilog=_SET_EXAMPLES)
@click.argument("key", shell_complete=values.keys)
@click.argument("value", shell_complete=values.setting)
def set_(key: str, value: str) -> None:
    """Set KEY to VALUE in the settings file.

    The rest of the file stays as it is. VALUE is written as in TOML, or plainly: text without quotation marks, a
    list with commas.
    """
    option = _KEYS.get(key)
    if option is None:
        close = difflib.get_close_matches(key, _KEYS, 1)
        fix = f"wend config set {close[0]} {fixes.word(value)}" if close else "wend config"
        raise UsageError(f"unknown setting {key}", fix)
    meant = next((guess for guess in _guesses(value) if option.check(guess)), None)
    if meant is None:
        raise UsageError(f"{key} must be {option.expects}", f"wend config set {key} {fixes.word(_sample(option))}")
    file = _path()
    disk = Disk()
    text = disk.text(file)
    if text is None:
        if disk.stat(file) is not None:
            raise WendError(f"{file} cannot be read", table.fix(file, f"{file}: cannot be read"))
        text = ""
    try:
        after = toml.changed(text, key, meant)
    except ValueError as error:
        raise WendError(f"{file}: {error}", table.fix(file, f"{file}: {error}")) from error
    try:
        files.replace(file, after.encode("utf-8", "surrogateescape"), 0o600)
    except OSError as error:
        raise fixes.unwritable(file, error) from error
    client.nudge(os.environ)


def _sample(option: table.Option) -> str:
    """Return what OPTION may be, as it is typed."""
    value = getattr(Settings(), option.field)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _path() -> str:
    file = paths.config_file(os.environ)
    if not file:
        raise WendError("HOME is not set, so the settings have no place", fixes.home())
    return file


def _tree(text: str) -> Optional[dict[str, Any]]:
    try:
        return toml.parse(text)
    except ValueError:
        return None


def _guesses(value: str) -> Iterator[Any]:
    """Yield what a typed VALUE may mean, likeliest first."""
    tree = _tree(f"x = {value}")
    if tree and list(tree) == ["x"]:
        yield tree["x"]
    yield value
    yield [part.strip() for part in value.split(",") if part.strip()]
