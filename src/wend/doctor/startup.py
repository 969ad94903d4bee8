"""The user's start-up files as text: which lines load the hook, and what comes after them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from wend.disk import Disk
from wend.errors import WendError
from wend.setup import places, startup_files
from wend.shells import SHELLS

_SIBLINGS = "conf.d"  # a directory of which every file is read
_VARIABLES = "fish_variables"  # what `set -U` keeps, read at each start


class Startup(NamedTuple):
    """One start-up file. Comments and blank lines are left out."""

    shell: str
    path: str
    lines: tuple[tuple[int, str], ...] = ()  # outside wend's blocks: (number, text)
    blocks: tuple[int, ...] = ()  # the numbers of the lines that wend's blocks end on

    def loads(self) -> list[int]:
        """Return the lines outside a block that load the hook."""
        return [number for number, line in self.lines if startup_files.LOADS.search(line)]

    def after_block(self) -> list[tuple[int, str]]:
        """Return the lines behind wend's last block; none where there is no block."""
        return [(number, line) for number, line in self.lines if self.blocks and number > self.blocks[-1]]

    @property
    def text(self) -> str:
        """The lines, joined."""
        return "\n".join(line for _, line in self.lines)


def read(env: Mapping[str, str]) -> tuple[Startup, ...]:
    """Return the start-up files of the shells on PATH that can be read; in the order in which a shell reads them."""
    found = []
    for shell in places.found(env):
        with suppress(WendError):  # `hooks` says what is wrong with such a file
            found += [parse(shell, path, text) for path, text in _texts(shell, env)]
    return tuple(found)


def _texts(shell: str, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    disk, row = Disk(), SHELLS[shell]
    environments = places.environments(shell, env)
    paths: list[str] = []
    for path in (path for each in environments for path in row.startup_files(each)):
        directory = os.path.dirname(path)
        if os.path.basename(directory) == _SIBLINGS:
            ending = os.path.splitext(path)[1]
            paths += sorted(f"{directory}/{name}" for name in disk.listdir(directory) if name.endswith(ending))
        paths.append(path)
    for each in environments:
        own = row.own_file(each)
        variables = os.path.join(os.path.dirname(own), _VARIABLES)
        paths += (own, *row.login_files(each), *row.called_files(each), variables)
    for path in dict.fromkeys(paths):
        text = disk.text(path, startup_files.MAX_SIZE)
        if text is not None:
            yield path, text


def parse(shell: str, path: str, text: str) -> Startup:
    """Return the start-up file PATH of SHELL, which holds TEXT."""
    lines, blocks, inside = [], [], False
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if plain == startup_files.BEGIN:
            inside = True
        elif plain == startup_files.END:
            inside = False
            blocks.append(number)
        elif not inside and plain and plain[0] != "#":
            lines.append((number, plain))
    return Startup(shell, path, tuple(lines), tuple(blocks))
