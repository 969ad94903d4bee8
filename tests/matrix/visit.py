"""What a person does with other tools in the shell, and what must be seen then."""

from __future__ import annotations

import os
import re
import shutil
import venv
from typing import Callable, NamedTuple

from tests.matrix.driver import MatrixShell
from tests.matrix.table import POSIX, Tool
from tests.shells.driver import Snapshot, World
from tests.tools.install import TOOLS

PLACES = ("before", "behind")
_BROKEN = re.compile(r"not found|error|no such|unknown|cannot|couldn't", re.I)
_VARIABLE = re.compile(r"(?:declare|typeset|export|integer|float|array)(?: -\S+)*(?: \d+)? (\w+)|(?:\$?(\w+))(?:=| )")


class Plain(NamedTuple):
    """What the same lines do in a shell without wend."""

    greeting: str
    home: str  # the prompt in the home directory
    forks: int
    volatile: frozenset[str]  # names of variables that change by themselves from one visit to the next


class Case:
    """One set of tools in one shell, with wend's block before or behind them."""

    shells: Callable[..., MatrixShell] = MatrixShell

    def __init__(self, world: World, shell: str, before: tuple[Tool, ...], behind: tuple[Tool, ...]) -> None:
        self.world, self.shell = world, shell
        self.tools = (*before, *behind)
        self.p, self.q = (self._project(name) for name in "pq")
        self.how = {
            "before": self._text(before),
            "after": self._text(behind),
            "env": {name: self._fill(value) for tool in self.tools for name, value in tool.env.items()},
        }
        for tool in self.tools:
            for name, text in tool.files.items():
                path = os.path.join(world.home, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(self._fill(text))
        self.key = (shell, *sorted(tool.name for tool in self.tools))
        self.hides_late = "export T" in self._text(before) + self._text(behind)  # its mark cannot tell
        self.shows = re.compile("|".join(tool.shows for tool in self.tools))
        self.own = re.compile("|".join(tool.own for tool in self.tools))

    def _project(self, name: str) -> str:
        path = self.world.directory(name)
        venv.create(f"{path}/.venv", symlinks=True, prompt=f"{name}-env")
        os.mkdir(f"{path}/tools")
        return path

    def _fill(self, text: str) -> str:
        return text.replace("{tools}", TOOLS).replace("{home}", self.world.home)

    def _text(self, tools: tuple[Tool, ...]) -> str:
        return "\n".join(self._fill(tool.load[self.shell]) for tool in tools)

    def start(self, *, wend: bool = True, cwd: str = "") -> MatrixShell:
        hook = "" if wend else self.world.file("nothing.ps1", "")
        return self.shells(self.shell, self.world, cwd=cwd, hook=hook, **self.how)

    # What is done

    def walk(self, s: MatrixShell) -> tuple[list[str], int]:
        """Go to p, q and home, with prompts between; return what stood at home each time, and the processes."""
        s.line("true")
        begin = s.forks()
        home = [s.line() for _ in range(3)]
        for place in (self.p, self.q):
            self.go(s, place)
            s.line()
        self.go(s, self.world.home)
        home += [s.line() for _ in range(2)]
        return home, s.forks() - begin

    def go(self, s: MatrixShell, place: str) -> str:
        """Change directory; return what was printed, with the prompt."""
        return s.line(s.row.cd.format(path=s.word(place)))

    def plain(self) -> Plain:
        """See what happens without wend."""
        self.start(wend=False).close()  # some tools have something to say when they run first
        s = self.start(wend=False)
        greeting = s.greeting
        assert not _BROKEN.search(greeting), greeting
        self.walk(s)
        before = s.snapshot()
        home, forks = self.walk(s)
        after = s.snapshot()
        s.close()
        assert len(set(home)) == 1, home
        return Plain(greeting, home[0], forks, frozenset(_changed(before, after)))

    def visit(self, plain: Plain) -> None:
        """Do and check all."""
        self.start().close()  # the same, where the plain shell was another one's
        s = self.start()
        assert s.greeting == plain.greeting
        self.walk(s)
        before = s.snapshot()
        late = s.late
        home, forks = self.walk(s)
        assert set(home) == {plain.home}, (home, plain.home)
        if not any(tool.reacts for tool in self.tools) and s.late == late:  # then a daemon is started
            assert forks <= plain.forks, f"{forks} processes instead of {plain.forks}"
        shown = self.rounds(s)
        self.typed(s)
        self.one_line(s)
        self.nested(s)
        assert self.go(s, self.world.home) == plain.home
        changed = {name for name in _changed(before, s.snapshot()) - plain.volatile if not self.own.match(name)}
        assert not changed, changed
        self.sourced_again(s)
        s.close()
        self.started_inside(plain, shown)

    def rounds(self, s: MatrixShell) -> str:
        """Three times: the prompts are those of the first, and nothing is printed; return that of p."""
        seen = []
        for _ in range(3):
            for place in (self.p, self.q):
                seen.append(self.go(s, place))
                assert self.active(s, place) == seen[-1]
                assert {s.line() for _ in range(3)} == {seen[-1]}
            self.go(s, self.world.home)
            self.inactive(s)
        assert len(set(seen)) == 2, seen
        return seen[0]

    def typed(self, s: MatrixShell) -> None:
        """The status of the last command, and `deactivate`."""
        self.go(s, self.p)
        s.line("sh -c 'exit 7'", first=False)
        status = "[Console]::WriteLine($LASTEXITCODE)" if self.shell == "pwsh" else s.row.status
        assert s.line(status, first=True).startswith("7 ")
        s.line("deactivate")
        self.inactive(s)
        self.go(s, self.world.home)
        self.inactive(s)
        self.go(s, self.p)
        self.active(s, self.p)

    def one_line(self, s: MatrixShell) -> None:
        for place in (self.q, self.p):
            line = s.row.chain.format(s.row.cd.format(path=s.word(place)), s.found)
            assert f"{place}/.venv/bin/python " in s.line(line)

    def nested(self, s: MatrixShell) -> None:
        s.nested()
        self.active(s, self.p)
        self.go(s, self.q)
        self.active(s, self.q)
        if self.shell != "pwsh":
            s.line("wait")  # fish does not end while a tool's job runs
        s.leave()
        self.active(s, self.p)

    def sourced_again(self, s: MatrixShell) -> None:
        """The start-up file is sourced again, as after an edit: in a project one name, and outside none."""
        if self.shell not in POSIX:
            return  # the driver's own lines there stand around a function, and would stand around themselves
        load = s.row.load.format(file=s.word(os.path.join(self.world.home, s.row.rc)))
        for place in (self.p, self.world.home):
            self.go(s, place)
            s.line(load, first=True)
            s.line()
            if place == self.p:
                self.active(s, place)
            else:
                self.inactive(s)

    def started_inside(self, plain: Plain, shown: str) -> None:
        s = self.start(cwd=self.p)
        assert s.greeting.endswith(shown), s.greeting
        assert len(self.shows.findall(s.greeting)) == 1, s.greeting
        assert self.active(s, self.p) == shown
        assert s.line() == shown
        assert self.go(s, self.world.home) == plain.home
        self.inactive(s)
        s.close()

    # What is seen

    def active(self, s: MatrixShell, project: str) -> str:
        """Expect the environment of PROJECT, its name once in the prompt; return the prompt."""
        env, text = s.look()
        directory = f"{project}/.venv/bin"
        assert env.get("VIRTUAL_ENV") == f"{project}/.venv"
        assert env["PATH"].split(":").count(directory) == 1, env["PATH"]
        found, _, shown = text.partition(f"{directory}/python ")
        assert not found, text
        assert len(self.shows.findall(shown)) == 1, shown
        return shown

    def inactive(self, s: MatrixShell) -> None:
        env, text = s.look()
        assert "VIRTUAL_ENV" not in env
        assert ".venv" not in env["PATH"]
        assert not self.shows.findall(text), text


def _changed(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the names of what differs: of variables, else the line."""
    names = {os.fsdecode(name) for name in {*before.env, *after.env} if before.env.get(name) != after.env.get(name)}
    for line in set(before.state) ^ set(after.state):
        found = _VARIABLE.match(line)
        names.add((found[1] or found[2]) if found else line)
    return names - {"OLDPWD", "T", "_"}


def missing(tools: tuple[Tool, ...], shell: str, problems: dict[str, str]) -> dict[str, str]:
    """Return {what is not installed: why}; PROBLEMS are those of the pinned tools."""
    absent = {name: "" for name in (shell, "strace") if not shutil.which(name)}
    for tool in tools:
        for file in tool.needs:
            path = file.replace("{tools}", TOOLS)
            if not os.path.exists(path):
                pinned = path[len(TOOLS) + 1 :].partition("/")[0] if path.startswith(TOOLS) else ""
                absent[pinned or tool.name] = problems.get(pinned, path)
    return absent
