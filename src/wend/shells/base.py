"""What wend knows of a shell: one subclass in one file for each, one row in `shells.SHELLS`.

Everything that differs from shell to shell is here, for the daemon, `setup`, the self-test, the tests and the
benchmarks alike. Nothing here reads the disk or starts a process.

Templates are for `str.format`; {file}, {path} and {value} are quoted words.
"""

from __future__ import annotations

import os

from wend import paths
from wend.typed import TYPE_CHECKING, ClassVar, Mapping, NamedTuple, Optional

if TYPE_CHECKING:
    from wend.shells import Apply, Reply


class Place(NamedTuple):
    """What decides where a shell's start-up files are."""

    variable: str
    question: tuple[str, ...] = ()  # arguments that print its value between two NULs, where the shell may set it


class Private(NamedTuple):
    """How to start a shell that reads one start-up file and none of the user's."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]
    file: str


class Shell:
    """One shell. Its name is also its program's."""

    name: ClassVar[str]

    # -- the hook and its replies ------------------------------------------------------------------------------

    hook: ClassVar[str]  # file under shell/
    aside: ClassVar[str] = ""  # makes a line a comment: so the installed hook has its second part, to read on demand
    END: ClassVar[str]  # last line of every reply; one without it is ignored by the hook
    script: ClassVar[str]  # ending of the activate.d scripts that it sources
    bell: ClassVar[bool] = False  # waits on a FIFO
    moves: ClassVar[bool] = True  # its `cd` is that of the process
    wraps_cd: ClassVar[bool] = False  # only a wrapper tells its hook of a `cd`, and a setting takes it away
    # Arguments that compile the file named by the last two, a directory and a name, and the ending of what it makes.
    # The shell reads that instead when it is newer.
    compile: ClassVar[Optional[tuple[str, ...]]] = None
    compiled: ClassVar[str] = ""
    scripts: ClassVar[str] = ""  # file for shells that are not interactive, where it is installed; empty for none
    theme_variables: ClassVar[tuple[str, ...]] = ()  # set where a prompt theme of this shell shows VIRTUAL_ENV

    def blanks(self) -> dict[str, str]:
        """Return the blanks of the hook's source (`@NAME@`) and what this shell writes there."""
        raise NotImplementedError

    def quote(self, value: str) -> str:
        """Return VALUE as one word of the shell, byte for byte. Nothing else quotes data."""
        raise NotImplementedError

    def render(self, reply: Reply) -> str:
        """Return the reply as shell code, ending in a newline, without the end mark."""
        raise NotImplementedError

    def edits(self, reply: Apply) -> str:
        """Return the environment's changes alone, for `wend env --shell`."""
        raise NotImplementedError

    # -- start-up files ----------------------------------------------------------------------------------------

    place: ClassVar[Optional[Place]] = None

    def startup_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the files that get the line which loads the hook; HOME of ENV is an absolute path."""
        return (self.own_file(env),)

    def login_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the files of which a login shell reads the first that exists instead, if it ignores the others."""
        del env
        return ()

    def own_file(self, env: Mapping[str, str]) -> str:
        """Return the start-up file that people edit."""
        raise NotImplementedError

    def own_places(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return files, and directories of scripts, any of which says that the user has set this shell up."""
        return (self.own_file(env),)

    def called_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return files of functions that it calls by itself at its start, a prompt or a `cd`, and lists of plugins."""
        del env
        return ()

    def source_line(self, hook: str) -> str:
        """Return the line that loads the installed HOOK without a process, and does nothing when it is gone."""
        raise NotImplementedError

    # -- completions -------------------------------------------------------------------------------------------

    def completion_file(self, env: Mapping[str, str]) -> str:
        """Return where the completions are installed; empty when no home is known."""
        data = paths.data_dir(env)
        return os.path.join(data, "completions", self.hook) if data else ""

    def completion_lines(self, file: str) -> tuple[str, ...]:
        """Return the lines that have a start-up file find FILE, if the shell does not look there itself.

        They start no process, read nothing of FILE before Tab is pressed, and do nothing when it is gone.
        """
        del file
        return ()

    # -- starting and telling it -------------------------------------------------------------------------------

    interactive: ClassVar[tuple[str, ...]] = ()  # arguments on a terminal; it reads its start-up files
    command: ClassVar[tuple[str, ...]]  # arguments before a command's text; it reads no start-up file
    activate: ClassVar[str] = "activate"  # the script in an environment's bin

    prepared: ClassVar[tuple[str, ...]] = ()  # directories in a fresh HOME without which its first start works long

    load: ClassVar[str] = ". {file}"
    cd: ClassVar[str] = "cd {path}"
    restart: ClassVar[str] = "exec {name}"  # begins it once more
    chain: ClassVar[str] = "{0} && {1}"  # on one line; where the shell can, the second only if the first worked
    set: ClassVar[str] = "export {name}={value}"
    unset: ClassVar[str] = "unset {name}"
    value: ClassVar[str] = "${name}"  # inside double quotes
    prompt: ClassVar[str] = "PS1={value}"  # a text without anything that a prompt expands
    # Write "hook" if it is loaded, what runs at a prompt, and a dot to {file}, a line each.
    runs_at_prompt: ClassVar[str]
    entry: ClassVar[str]  # the name of wend's among them
    last: ClassVar[str] = ""  # a part of what calls ours in a version that can call it behind all others only
    called_from: ClassVar[str]  # the list or slot that calls ours at a prompt, as people name it
    reads_oh_my_zsh: ClassVar[bool] = False  # whether a list `plugins` in its start-up files is Oh My Zsh's
    replaces_hook: ClassVar[str]  # a pattern for lines of a start-up file that take the hook out of it
    report: ClassVar[str]  # write VIRTUAL_ENV, PATH, "hook" if it is loaded, and a dot to {file}, a line each

    def private(self, directory: str) -> Private:
        """Return how to start the shell interactively with a start-up file of its own in DIRECTORY."""
        raise NotImplementedError
