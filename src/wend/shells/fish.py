r"""fish (3.6 and later). Replies are printable ASCII; the variables that they set are global, never universal.

Nothing inside `'...'` is an escape: quotes, backslashes and every byte that is not printable ASCII stand
outside as `\Xhh`. So no locale reads a backslash as the second half of a character, and none of the code points
that fish reserves for itself (U+FDD0.., U+F600..) takes effect. fish joins such bytes to characters again.
"""

from __future__ import annotations

import os

from wend import __version__, paths
from wend.model import Freshness, Set, Source, Unset
from wend.patterns import Match, pattern
from wend.protocol import CORE, SAVED_PATH
from wend.shells import SHELLS, Apply, AskAgain, Reply, noted, remembered, shown
from wend.shells.base import Place, Private, Shell
from wend.typed import Mapping

END = ": wend-end"

_ODD = pattern(r"[^ -&(-\[\]-~]+")  # all but printable ASCII without ' and \


# That PATH is exported, and that of no variable it was noted that it is not.
_TESTS = ("set -qgx PATH; or ", "set -q __wend_unexported[1]; or set -q __wend_universal[1]; and ")


def quote(value: str) -> str:
    """Return VALUE as one word of fish, byte for byte."""
    if value.isascii() and value.isprintable() and "'" not in value and "\\" not in value:
        return f"'{value}'"
    text = value.encode("utf-8", "surrogateescape").decode("latin-1")
    return "'" + _ODD.sub(_outside, text) + "'"


def _outside(odd: Match[str]) -> str:
    return "'" + "".join(f"\\X{ord(byte):02x}" for byte in odd[0]) + "'"


# A `return` in a script would end everything that reads it, but for the function that sources it.
_FRAME = "function wend_source; builtin source $argv[1]; end"


def edits(reply: Apply) -> str:
    """Return the environment's changes alone, in order."""
    lines = _edits(reply, "wend_source")
    if any(isinstance(edit, Source) for edit in reply.edits):
        lines = [_FRAME, *lines, "functions -e wend_source"]
    return "".join(f"{line}\n" for line in lines)


def _edits(reply: Apply, source: str) -> list[str]:
    """Return the changes; SOURCE is a function that sources a script."""
    ending = SHELLS[reply.shell].script
    lines: list[str] = []
    for edit in reply.edits:
        if isinstance(edit, Set):
            lines.append(f"set -gx {edit.name} {_words(edit)}")
        elif isinstance(edit, Unset):
            lines.append(f"set -eg {edit.name}")
        elif isinstance(edit, Source) and edit.path.endswith(ending):
            lines.append(f"{source} {quote(edit.path)}")
    for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
        if value is not None:
            lines.append(f"set -gx {name} {quote(value)}" if value else f"set -eg {name}")
    return lines


def _words(edit: Set) -> str:
    """PATH is a list in fish."""
    return " ".join(map(quote, edit.value.split(":"))) if edit.name == "PATH" else quote(edit.value)


def render(reply: Reply) -> str:
    """Return the reply as shell code, without the end mark."""
    if isinstance(reply, AskAgain):
        return f"set -g __wend_names {' '.join(map(quote, reply.names))}\nset -g __wend_again 1\n"
    lines = ["__wend_adopt"] if reply.adopt else []
    lines += noted(reply, _edits(reply, "__wend_source"), "__wend_rarely ", _TESTS)
    lines.append(f"set -g __wend_paths {' '.join(_paths(reply.freshness))}".rstrip())
    for name, value in remembered(reply):
        if name.startswith("__wend_watch_"):
            lines.append(f"set -g {name} {quote(value)}")
    lines.append(f"set -g __wend_names {' '.join(map(quote, reply.names))}".rstrip())
    lines += shown(reply, quote)
    return "\n".join(lines) + "\n"


def _paths(freshness: Freshness) -> list[str]:
    """Return the paths that the next prompt looks at, as words for the `test` of __wend_changed.

    In fish that is quicker than slots of a fixed number, and one statement instead of five.
    """
    words = [f"-a -e {quote(path)}" for path in freshness.present]
    return words + [f"-a ! -e {quote(path)}" for path in freshness.absent]


# Functions that fish calls by itself.
_CALLED = (
    "fish_prompt", "fish_right_prompt", "fish_mode_prompt", "fish_greeting", "fish_title", "fish_user_key_bindings",
    "cd", "pushd", "popd",
)  # fmt: skip
# Lists in fish: as one word they need colons between their items, and quotes around them.
_LISTS = ("PATH", SAVED_PATH)


class Fish(Shell):
    """fish."""

    name = "fish"
    hook = "wend.fish"
    aside = "#:"
    END = END
    script = ".fish"
    place = Place("XDG_CONFIG_HOME")
    command = ("--no-config", "-c")
    entry = "__wend_changed"
    called_from = "the event fish_prompt"
    replaces_hook = r"\bfunctions\s+(?:-e|--erase)\b.*\b__wend_"
    runs_at_prompt = (
        r"""begin; functions -q __wend_ask; and echo hook; or echo; """
        r"""functions --handlers-type=generic | string replace -rf '^fish_prompt (?=__wend_)' ''; echo .; end >{file}"""
    )
    activate = "activate.fish"
    # Else it reads every manual page; a newer fish looks in the second.
    prepared = (".local/share/fish/generated_completions", ".cache/fish/generated_completions")
    load = "source {file}"
    set = "set -gx {name} {value}"
    unset = "set -e {name}"
    prompt = "function fish_prompt; echo -n {value}; end"
    report = (
        r"""printf '%s\n' "$VIRTUAL_ENV" (string join : $PATH) "$(functions -q __wend_ask; and echo hook)" . >{file}"""
    )

    quote = staticmethod(quote)
    render = staticmethod(render)
    edits = staticmethod(edits)

    def blanks(self) -> dict[str, str]:
        """Return what the hook's blanks stand for.

        `NAME=$NAME` is not a word at all where NAME is not set, so a field costs no test; a list would become several.
        """
        plain = (name for name in CORE if name not in _LISTS)
        return {
            "@CORE_FIELDS@": " ".join(f"{name}=${name}" for name in plain),
            "@CORE_LISTS@": " ".join(_LISTS),
            "@VERSION@": quote(__version__),
        }

    def startup_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return a file of wend's own, which fish reads before config.fish."""
        return (os.path.join(paths.config_home(env), "fish", "conf.d", "wend.fish"),)

    def own_file(self, env: Mapping[str, str]) -> str:
        """Return config.fish."""
        return os.path.join(paths.config_home(env), "fish", "config.fish")

    def own_places(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return config.fish, and the directories beside it: one who has these needs no config.fish."""
        own = self.own_file(env)
        return (own, *(os.path.join(os.path.dirname(own), name) for name in ("conf.d", "functions")))

    def called_files(self, env: Mapping[str, str]) -> tuple[str, ...]:
        """Return the files from which fish loads what it draws with, and a `cd` of the user's."""
        directory = os.path.join(os.path.dirname(self.own_file(env)), "functions")
        return tuple(os.path.join(directory, f"{name}.fish") for name in _CALLED)

    def source_line(self, hook: str) -> str:
        """Return the line; scripts read conf.d, too."""
        word = quote(hook)
        return f"if status is-interactive; and test -r {word}; source {word}; end"

    def completion_file(self, env: Mapping[str, str]) -> str:
        """Return a file in the directory where fish looks for the completions of programs, beside the user's own."""
        data = paths.data_home(env)
        return os.path.join(data, "fish", "vendor_completions.d", self.hook) if data else ""

    def private(self, directory: str) -> Private:
        """Return how to start it with a file of its own."""
        file = os.path.join(directory, "fish", "config.fish")
        return Private(("-i",), {"XDG_CONFIG_HOME": directory}, file)


SHELL = Fish()
