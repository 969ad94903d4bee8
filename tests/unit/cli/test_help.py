"""`--help` of every command: with examples that are right."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.conftest import TREE
from wend.cli import COMMANDS
from wend.cli.group import main


def _commands(context: click.Context) -> Iterator[click.Context]:
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command
            yield from _commands(click.Context(command, info_name=name, parent=context))


ALL = {each.command_path: each for each in _commands(click.Context(main, info_name="wend", **main.context_settings))}


@pytest.mark.parametrize("path", ALL)
def test_help_has_examples_that_can_be_typed(path: str) -> None:
    text = ALL[path].command.get_help(ALL[path])
    assert "\b" not in text
    assert "\\b" not in text
    shown = text.partition("Examples:\n")[2].splitlines()
    assert shown, "no examples"
    for line in shown:
        typed = line.strip().partition("   ")[0]
        called = re.search(r"wend( [^|>)]*)?", typed)
        assert called, typed
        if "COMMAND" in typed:
            continue
        words = shlex.split(called[0].rstrip('"')) if called[0].count('"') % 2 else shlex.split(called[0])
        done = words[1:]
        main.make_context("wend", list(done), resilient_parsing=False)
        command: click.Command = main
        context = click.Context(main)
        while isinstance(command, click.Group) and done:
            found = command.get_command(context, done[0])
            assert found, typed
            command, done = found, done[1:]
        assert command.make_context("x", list(done)), typed


def _mentioned(page: Path) -> Iterator[list[str]]:
    """Yield the words of each command of wend's that PAGE mentions in a line of prose."""
    for called in re.findall(r"`wend ([^`\n]+)`", page.read_text(encoding="utf-8")):
        words = shlex.split(re.split(r" [|>] |\[", called)[0].replace("SHELL", "bash"))
        if words and words[0] not in ("--help", "--version"):
            yield words


@pytest.mark.parametrize(
    "page", [*Path(TREE).glob("*.md"), *Path(TREE, "docs").glob("*.md")], ids=lambda page: page.name
)
def test_commands_in_prose_exist(page: Path) -> None:
    """By name, options and number of words; a value that a mention leaves out may be missing."""
    for words in _mentioned(page):
        command: click.Command = main
        context, rest = click.Context(main), list(words)
        while isinstance(command, click.Group) and rest:
            found = command.get_command(context, rest[0])
            assert found, words
            command, rest = found, rest[1:]
        if not isinstance(command, click.Group):
            try:
                command.make_context("x", rest)
            except (click.MissingParameter, click.BadOptionUsage, click.exceptions.Exit):
                continue


def test_the_list_of_commands_says_one_line_each() -> None:
    for name, _, text in COMMANDS:
        assert re.fullmatch(r"[A-Z][^.]*\.", text), name
        assert len(text) <= 80, name


@pytest.mark.parametrize("path", ALL)
def test_no_line_is_cut_off(path: str) -> None:
    assert "..." not in re.sub(r"\]\.\.\.|COMMAND\.\.\.", "", ALL[path].command.get_help(ALL[path]))
