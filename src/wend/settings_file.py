"""The file of the settings: one table of names and checks; how it is read and its mistakes are reported."""

from __future__ import annotations

import os

from wend import paths
from wend.disk import Disk
from wend.formats import toml
from wend.kinds import NAMES
from wend.settings import Settings
from wend.typed import TYPE_CHECKING, Any, Callable, Mapping, NamedTuple, late

if TYPE_CHECKING:
    from wend import fixes
else:
    fixes = late("wend.fixes")


class Option(NamedTuple):
    """One row of the table of settings."""

    key: str  # dotted, as in the file
    field: str
    check: Callable[[Any], bool]
    expects: str  # for the message
    convert: Callable[[Any], Any] = lambda value: value
    words: tuple[str, ...] = ()  # what it may be, where these can be listed
    several: bool = False  # a list of them


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _names(value: Any) -> bool:
    return _strings(value) and all(item and "/" not in item and item not in (".", "..") for item in value)


def _kinds(value: Any) -> bool:
    return _strings(value) and set(value) <= set(NAMES)


def _minutes(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1e6


def _choice(key: str, field: str, *words: str) -> Option:
    quoted = [f'"{word}"' for word in words]
    expects = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return Option(key, field, lambda value: isinstance(value, str) and value in words, expects, words=words)


def _switch(key: str, field: str) -> Option:
    return Option(key, field, lambda value: isinstance(value, bool), "true or false", words=("true", "false"))


OPTIONS = (
    _choice("trust.policy", "trust_policy", "local", "ask", "always"),
    Option("trust.roots", "trust_roots", _strings, "a list of directories", tuple),
    _choice("prompt.mode", "prompt_mode", "auto", "always", "never"),
    Option(
        "prompt.format",
        "prompt_format",
        lambda value: isinstance(value, str) and ("{name}" in value or "{project}" in value),
        'text that holds "{name}" or "{project}"',
    ),
    Option("detect.names", "detect_names", _names, "a list of directory names", tuple),
    Option("detect.kinds", "detect_kinds", _kinds, f"a list of kinds: {', '.join(NAMES)}", tuple, NAMES, several=True),
    _switch("hints", "hints"),
    _switch("bash.wrap_cd", "bash_wrap_cd"),
    Option("daemon.idle_exit", "daemon_idle_exit", _minutes, "minutes, a number above 0"),
)


def load(env: Mapping[str, str], disk: Disk) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings of the user whose environment is ENV, and what is wrong with the file, a line each."""
    path = paths.config_file(env)
    if not path:
        return Settings(), ()
    text = disk.text(path)
    if text is None:
        return Settings(), () if disk.stat(path) is None else (f"{path}: cannot be read",)
    return parse(text, path)


def parse(text: str, path: str) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in TEXT and the mistakes in it. A mistake affects only its own setting."""
    try:
        tree = toml.parse(text)
    except ValueError as error:
        return Settings(), (f"{path}: {error}",)
    options = {option.key: option for option in OPTIONS}
    chosen: dict[str, Any] = {}
    mistakes = []
    for key, value in flat(tree).items():
        option = options.get(key)
        if option is None:
            mistakes.append(f"{path}:{_line(text, key)}: unknown setting {key}")
        elif not option.check(value):
            mistakes.append(f"{path}:{_line(text, key)}: {key} must be {option.expects}")
        else:
            chosen[option.field] = option.convert(value)
    return Settings(**chosen), tuple(mistakes)


def fix(path: str, mistake: str) -> str:
    """Return what to type for MISTAKE, one of those that `load` found in the file PATH."""
    said = mistake[len(path) + 1 :].strip()
    if said == "cannot be read":
        private = os.path.isfile(path) and not os.access(path, os.R_OK)
        return fixes.made_readable(path) if private else fixes.aside(path)
    number = said.partition(": ")[0]
    return fixes.corrected(path, f"line {number}" if number.isdigit() else said)


def flat(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the settings in TREE by their dotted keys."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            found.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            found[key] = value
    return found


def _line(text: str, key: str) -> int:
    """Return the number of the line that sets KEY in TEXT, 1 if it is not found. TOML libraries do not say."""
    section, _, name = key.rpartition(".")
    inside = not section
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip().replace(" ", "")
        if bare.startswith("["):
            inside = bare.startswith(f"[{section}]") if section else False
        elif bare.startswith((f"{key}=", f"{key}.")) or (inside and bare.startswith(f"{name}=")):
            return number
    return 1
