"""bash 3.2 and later: the words of `posix`, and how its hook spells the variables that it sends."""

from __future__ import annotations

import os

from wend import __version__
from wend.protocol import COMMON, RARE
from wend.shells.base import Private
from wend.shells.posix import Posix, quote
from wend.text import quoted
from wend.typed import Mapping


class Bash(Posix):
    """bash."""

    name = "bash"
    hook = "wend.bash"
    scripts = "scripts.bash"
    wraps_cd = True
    command = ("--noprofile", "--norc", "-c")
    entry = "__wend_on_prompt"
    last = "${__wend_pid:+"  # before 5.1
    called_from = "PROMPT_COMMAND"
    replaces_hook = r"(?:^|[\s;])(?:readonly\s+PROMPT_COMMAND\b|PROMPT_COMMAND=|unset\s+(?:-v\s+)?PROMPT_COMMAND\b)"
    runs_at_prompt = (
        """printf '%s\\n' "$(declare -F __wend_ask >/dev/null && echo hook)" "${{PROMPT_COMMAND[@]-}}" . >| {file}"""
    )

    def blanks(self) -> dict[str, str]:
        """Return what the hook's blanks stand for."""
        return {
            "@COMMON_FIELDS@": " ".join(f'${{{name}+"{name}=${name}"}}' for name in COMMON),
            "@RARE_TESTS@": "".join(f"${{{name}+x}}" for name in RARE),
            "@RARE_NAMES@": " ".join(RARE),
            "@VERSION@": quote(__version__),
        }

    def own_file(self, env: Mapping[str, str]) -> str:
        """Return ~/.bashrc."""
        return os.path.join(env["HOME"], ".bashrc")

    def login_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the three of the manual, in its order."""
        return tuple(os.path.join(env["HOME"], name) for name in (".bash_profile", ".bash_login", ".profile"))

    def source_line(self, hook: str) -> str:
        """Return the line; sh reads .profile too, and knows neither our hook nor `$'...'`."""
        word = quoted(hook)
        return f'if [ -n "${{BASH_VERSION-}}" ] && [ -r {word} ]; then . {word}; fi'

    def completion_lines(self, file: str) -> tuple[str, ...]:
        """Return a function that makes room for the real one; bash-completion need not be there."""
        word = quoted(file)
        stub = f"__wend_complete() {{ . {word} && __wend_complete; }} && complete -F __wend_complete wend"
        return (f'if [ -n "${{BASH_VERSION-}}" ] && [ -r {word} ]; then {stub}; fi',)

    def private(self, directory: str) -> Private:
        """Return how to start it with a file of its own."""
        file = os.path.join(directory, "bashrc")
        return Private(("--noprofile", "--rcfile", file, "-i"), {}, file)


SHELL = Bash()
