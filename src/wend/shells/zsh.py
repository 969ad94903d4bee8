"""zsh 5.8 and later: the words of `posix`, and how its hook spells the variables that it sends."""

from __future__ import annotations

import os

from wend import paths
from wend.protocol import CORE
from wend.shells.base import Place, Private
from wend.shells.posix import Posix, quote
from wend.typed import Mapping


class Zsh(Posix):
    """zsh."""

    name = "zsh"
    hook = "wend.zsh"
    scripts = "scripts.zsh"
    theme_variables = ("P9K_VERSION",)  # Powerlevel10k
    # Read, not mapped: the file may be replaced while shells run. Loads in less than half the time.
    compile = ("-f", "-c", """cd -q -- "$1" && zcompile -R -- "$2" && printf '\\0\\0'""", "zsh")
    compiled = ".zwc"
    # ~/.zshenv and /etc/zsh/zshenv, which zsh reads for this too, often set it.
    place = Place("ZDOTDIR", ("-c", """printf '\\0%s\\0' "${ZDOTDIR-}\""""))
    command = ("-f", "-c")
    entry = "__wend_on_prompt"
    called_from = "precmd_functions"
    replaces_hook = r"\b(?:precmd_functions=|(?:readonly|typeset\s+-r|unset)\b.*\bprecmd_functions\b)"
    reads_oh_my_zsh = True
    runs_at_prompt = """print -rl -- "${{functions[__wend_ask]:+hook}}" $precmd_functions . >| {file}"""

    def blanks(self) -> dict[str, str]:
        """Return what the hook's blanks stand for."""
        return {"@CORE_FIELDS@": " ".join(f'${{{name}+"{name}=${name}"}}' for name in CORE)}

    def own_file(self, env: Mapping[str, str]) -> str:
        """Return .zshrc in ZDOTDIR, else in the home directory."""
        chosen = env.get("ZDOTDIR", "")
        return os.path.join(chosen if os.path.isabs(chosen) else env["HOME"], ".zshrc")

    def own_places(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return .zshrc, and the files that a login shell reads beside it."""
        own = self.own_file(env)
        return (own, *(os.path.join(os.path.dirname(own), name) for name in (".zprofile", ".zlogin")))

    def called_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the files in which antigen, antidote and zimfw are told what to load."""
        directory = os.path.dirname(self.own_file(env))
        return tuple(os.path.join(directory, name) for name in (".antigenrc", ".zsh_plugins.txt", ".zimrc"))

    def source_line(self, hook: str) -> str:
        """Return the line."""
        word = quote(hook)
        return f"if [ -r {word} ]; then . {word}; fi"

    def completion_file(self, env: Mapping[str, str]) -> str:
        """Return a file with the name of its function, as fpath wants it."""
        data = paths.data_dir(env)
        return os.path.join(data, "completions", "_wend") if data else ""

    def completion_lines(self, file: str) -> tuple[str, ...]:
        """Return what makes the function known: to the completion system, or on fpath if that is yet to start."""
        word, directory = quote(file), quote(os.path.dirname(file))
        known = f"if (( $+functions[compdef] )); then autoload -Uz {word} && compdef _wend wend"
        return (f"if [ -r {word} ]; then {known}; else fpath+=({directory}); fi; fi",)

    def private(self, directory: str) -> Private:
        """Return how to start it with a file of its own; -d leaves out those of the machine."""
        return Private(("-d", "-i"), {"ZDOTDIR": directory}, os.path.join(directory, ".zshrc"))


SHELL = Zsh()
