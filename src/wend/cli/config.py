"""`wend config`: the settings, where each comes from; a change of one leaves the rest of the file alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any, Optional

import click

from wend import client, paths, setup
from wend import settings as table
from wend.cli import output
from wend.disk import Disk
from wend.errors import WendError
from wend.text import visible

_KEYS = {option.key: option for option in table.OPTIONS}


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show or change the settings."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@command.command()
def path() -> None:
    """Print the path of the settings file."""
    output.print_text(f"{_path()}\n")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="A document for programs.")
def show(as_json: bool = False) -> None:
    """Show every setting with its origin, and the mistakes in the file."""
    file = paths.config_file(os.environ)
    settings, mistakes = table.load(os.environ, Disk())
    given = _flat(_tree((file and Disk().text(file)) or "") or {})
    rows = []
    for key, option in _KEYS.items():
        value = getattr(settings, option.field)
        value = list(value) if isinstance(value, tuple) else value
        rows.append((key, value, "file" if key in given and option.check(given[key]) else "default"))
    if as_json:
        known = {key: {"value": value, "origin": origin} for key, value, origin in rows}
        output.print_json({"path": file or None, "settings": known, "mistakes": list(mistakes)})
        return
    output.table(
        [(key, _toml(value), file if origin == "file" else origin) for key, value, origin in rows],
        [""] * len(rows),
    )
    for mistake in mistakes:
        click.echo(visible(f"wend: {mistake}: mend the file"), err=True)


@command.command("set")
@click.argument("key")
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Set KEY to VALUE in the settings file, and leave the rest of it as it is.

    VALUE is written as in TOML, or plainly: text without quotation marks, a list with commas.
    """
    option = _KEYS.get(key)
    if option is None:
        raise WendError(f"unknown setting {key}", f"one of {', '.join(_KEYS)}", status=2)
    meant = next((guess for guess in _guesses(value) if option.check(guess)), None)
    if meant is None:
        raise WendError(f"{key} must be {option.expects}", f"wend config set {key} VALUE", status=2)
    file = _path()
    disk = Disk()
    text = disk.text(file)
    if text is None:
        if disk.stat(file) is not None:
            raise WendError(f"{file} cannot be read", "move it away")
        text = ""
    if _tree(text) is None:
        raise WendError(f"{file} is no TOML", "mend it first: wend config show")
    after = changed(text, key, meant)
    if after is None:
        raise WendError(f"{file}: {key} is written in a way that cannot be changed safely", "change it by hand")
    setup.write(file, after.encode("utf-8", "surrogateescape"), 0o600)
    client.nudge(os.environ)


def changed(text: str, key: str, value: Any) -> Optional[str]:
    """Return the TOML TEXT with KEY set to VALUE and nothing else changed; None when that cannot be done."""
    wanted = _tree(text)
    inner: Any = wanted
    *section, name = key.split(".")
    for part in section:
        inner = inner.setdefault(part, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        return None
    inner[name] = value
    return next((after for after in _edits(text, key, _toml(value)) if _tree(after) == wanted), None)


def _path() -> str:
    file = paths.config_file(os.environ)
    if not file:
        raise WendError("no home for the settings", "set HOME, or WEND_CONFIG to an absolute path")
    return file


def _tree(text: str) -> Optional[dict[str, Any]]:
    try:
        return table.toml_tree(text)
    except ValueError:
        return None


def _flat(tree: dict[str, Any]) -> dict[str, Any]:
    flat = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            flat[key] = value
    return flat


def _guesses(value: str) -> Iterator[Any]:
    """Yield what a typed VALUE may mean, likeliest first."""
    tree = _tree(f"x = {value}")
    if tree and list(tree) == ["x"]:
        yield tree["x"]
    yield value
    yield [part.strip() for part in value.split(",") if part.strip()]


def _toml(value: Any) -> str:
    """Return VALUE as TOML: for what settings are made of, JSON is, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _edits(text: str, key: str, value: str) -> Iterator[str]:
    """Yield TEXT with KEY set to VALUE in the ways that may be right; the caller looks which one is.

    In place where it stands; else below its table's head; else as a new table; else dotted at the top.
    """
    section, _, name = key.rpartition(".")
    lines = text.splitlines(keepends=True)
    for index, line in enumerate(lines):
        match = re.match(rf"\s*(?:{re.escape(key)}|{re.escape(name)})\s*=\s*", line)
        if match:
            after, comment = _old_value(lines, index, match.end())
            yield "".join([*lines[:index], match.group(), value, comment, *lines[after:]])
    for index, line in enumerate(lines):
        if section and re.match(rf"\s*\[\s*{re.escape(section)}\s*\]", line):
            whole = line if line.endswith("\n") else line + "\n"
            yield "".join([*lines[:index], whole, f"{name} = {value}\n", *lines[index + 1 :]])
    if section:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        yield f"{text}{gap}[{section}]\n{name} = {value}\n"
    at = next((index for index, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    gap = "\n" if at and not lines[at - 1].endswith("\n") else ""
    yield "".join([*lines[:at], gap, f"{key} = {value}\n", "\n" if lines[at:] else "", *lines[at:]])


def _old_value(lines: list[str], index: int, start: int) -> tuple[int, str]:
    """Return the line after the value that begins at START of line INDEX, and what follows it on its last."""
    old = lines[index][start:]
    for end in range(index + 1, len(lines) + 1):
        tree = _tree(f"x = {old}")
        if tree is not None:
            for place in (place for place, char in enumerate(old) if char == "#"):
                if _tree(f"x = {old[:place]}") == tree:
                    space = old[:place][len(old[:place].rstrip()) :]
                    return end, space + old[place:]
            return end, "\n" if old.endswith("\n") else ""
        if end < len(lines):
            old += lines[end]
    return index + 1, "\n"
