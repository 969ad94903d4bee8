"""What `wend sync --check` looks at, and how a tool is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wend.context import Context
from wend.disk import Disk
from wend.settings import Settings
from wend.workflow.commands import Command, command
from wend.workflow.project import Project
from wend.workflow.running import ToolError, execute


class Look(NamedTuple):
    """An environment that is compared with the files of its project."""

    project: Project
    prefix: str
    env: Mapping[str, str]  # for the tools
    exact: bool  # what no file names is a difference, too

    def context(self) -> Context:
        """Return what the user's settings of the tools are looked up with."""
        return Context(Disk(), self.env, Settings())


def execute_for(look: Look, words: Command) -> tuple[int, str]:
    """Return the exit status and the output of WORDS. WendError when it cannot be started."""
    return execute(words, look.project.dir, look.env)


def asked(look: Look, *words: str) -> list[str]:
    """Return the lines that a tool says. ToolError when it fails."""
    status, output = execute_for(look, command(*words))
    if status:
        raise ToolError(f"{command(*words).shown()} failed with exit status {status}", output)
    return output.splitlines()


def stale(look: Look, lock: str, source: str, *words: str) -> list[str]:
    """Return what is to be said if the tool, asked by WORDS, says that LOCK does not fit SOURCE."""
    status, _ = execute_for(look, command(*words))
    return [f"{lock} does not fit {source}: {words[0]} lock"] if status else []
