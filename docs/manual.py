#!/usr/bin/env python3
"""Makes docs/wend.1 from the commands and docs/settings.md.

`docs/manual.py` writes it, `docs/manual.py --check` compares.

Needs wend installed (./tests/run.sh does that).
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterator

import click

from wend import __version__
from wend.cli.group import main as wend

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "wend.1")

_DESCRIPTION = """
wend activates a project's Python environment when you change into its directory, and restores the shell exactly when
you leave. A hook in bash, zsh, fish or PowerShell asks a daemon of yours, which reads files and runs nothing. An
environment that was not made on this machine is used only after `wend allow`.

`wend setup` installs the hooks. `wend status` shows what is active and why, `wend explain` every environment seen from
a directory.
"""
_STATUSES = (
    ("0", "done"),
    ("1", "failed"),
    ("2", "wrong usage"),
    ("3", "refused, because the environment is not trusted"),
    ("4", "no environment here"),
)
_VARIABLES = (
    ("WEND_DISABLE", "Set and not 0: wend does nothing in this shell and its children."),
    ("WEND_QUIET", "1: no messages in a shell."),
    ("WEND_CONFIG", "Path of the settings file."),
    ("WEND_RUNTIME_DIR", "Directory in which shells and the daemon meet."),
    ("WEND_TRACE", "1: commands say which rule decided, what was looked at, and how long it took."),
    ("WEND_ENV", "Set by wend: name of the active environment, for prompts."),
    ("NO_COLOR", "Set and not empty: no colour."),
)
_FILES = (
    ("~/.config/wend/config.toml", "The settings."),
    ("~/.local/state/wend/trust", "What you trusted and refused."),
    ("~/.local/state/wend/daemon.log", "The daemon's log."),
    ("~/.local/share/wend", "Hooks, completions, and with install.sh wend itself."),
)


def page() -> str:
    """Return the page in the language man(7)."""
    with open(os.path.join(HERE, "..", "CHANGELOG.md"), encoding="utf-8") as file:
        released = re.search(rf"^## \[{re.escape(__version__)}\] - (\S+)", file.read(), re.MULTILINE)
    context = click.Context(wend, info_name="wend", **wend.context_settings)
    lines = [
        '.\\" Made by docs/manual.py from the commands. Do not edit.',
        f'.TH WEND 1 "{released[1] if released else ""}" "wend {__version__}" "User Commands"',
        ".SH NAME",
        r"wend \- activate Python environments on cd",
        ".SH SYNOPSIS",
        *_synopsis(context),
        ".SH DESCRIPTION",
        *_paragraphs(_DESCRIPTION),
        ".SH OPTIONS",
        *_options(context),
        ".SH COMMANDS",
        *(line for each in _commands(context) for line in _section(each)),
        ".SH SETTINGS",
        *_paragraphs("With their defaults; `wend config set KEY VALUE` changes one."),
        *_settings(),
        ".SH EXIT STATUS",
        *(line for status, meaning in _STATUSES for line in _item(_bold(status), meaning)),
        ".SH ENVIRONMENT",
        *(line for name, meaning in _VARIABLES for line in _item(_bold(name), meaning)),
        ".SH FILES",
        *(line for path, meaning in _FILES for line in _item(f"\\fI{_escaped(path)}\\fR", meaning)),
        ".SH SEE ALSO",
        ".BR bash (1),",
        ".BR zsh (1),",
        ".BR fish (1)",
    ]
    return "\n".join(lines) + "\n"


def _commands(context: click.Context) -> Iterator[click.Context]:
    """Yield the commands below CONTEXT, each with those below it."""
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        below = click.Context(command, info_name=name, parent=context)
        yield below
        if isinstance(command, click.Group):
            yield from _commands(below)


def _section(context: click.Context) -> list[str]:
    command = context.command
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    return [
        f".SS {_escaped(usage.replace('[OPTIONS] ', '').replace(' [OPTIONS]', ''))}",
        *_paragraphs(command.help or ""),
        *_options(context),
        *_examples(command.epilog or ""),
    ]


def _synopsis(context: click.Context) -> list[str]:
    pieces = " ".join(f"\\fI{_escaped(piece)}\\fR" for piece in context.command.collect_usage_pieces(context))
    return [f".B wend\n{pieces}"]


def _options(context: click.Context) -> list[str]:
    lines = []
    for param in context.command.get_params(context):
        record = param.get_help_record(context) if isinstance(param, click.Option) else None
        if record and not (context.parent and "--help" in param.opts):
            lines += _item(_bold(record[0]), record[1])
    return lines


def _settings() -> list[str]:
    """Return the settings, with the words of docs/settings.md."""
    with open(os.path.join(HERE, "settings.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| `([a-z_.]+)` \| `(.*?)` \| (.*) \|$", file.read(), re.MULTILINE)
    return [line for key, default, meaning in rows for line in _item(f"{_bold(key)} ({_escaped(default)})", meaning)]


def _examples(epilog: str) -> list[str]:
    rows = [line[2:] for line in epilog.splitlines() if line.startswith("  ")]
    return [".PP", "Examples:", ".PP", ".nf", ".RS", *map(_escaped, rows), ".RE", ".fi"] if rows else []


def _paragraphs(text: str) -> list[str]:
    lines = []
    for paragraph in re.split(r"\n\s*\n", text.strip().replace("\b", "")):
        words = " ".join(paragraph.split())
        sentences = re.split(r"(?<=[.:]) (?=[A-Z`])", words)  # each begins a line, as in every man page
        lines += [".PP", *(_marked(line) for sentence in sentences for line in textwrap.wrap(sentence, 72))]
    return lines[1:]


def _item(term: str, text: str) -> list[str]:
    return [".TP", term, *_paragraphs(text)]


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _marked(text: str) -> str:
    """Return TEXT with its `code` in bold."""
    parts = text.split("`")
    return "".join(_bold(part) if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti").replace("^", "\\(ha")
    )
    return f"\\&{text}" if text.startswith(".") else text


def main() -> int:
    """Write the page, or compare it."""
    made = page()
    if "--check" not in sys.argv:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(made)
        return 0
    with open(PAGE, encoding="utf-8") as file:
        same = file.read() == made
    if not same:
        print("docs/wend.1 is not what the commands say now: run docs/manual.py")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
