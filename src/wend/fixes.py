"""What to type, where no tool has a command of its own for it.

Every fix has one of these forms, and a test says so: a command that a POSIX shell takes (fish and PowerShell, too,
where it is one of these), or `in FILE, write: LINE`, `remove: LINE`, `correct ...` or `keep ...`. `; then: COMMAND`
may follow. FILE is a name where the line that the fix ends begins with its path. Where no command helps, it is a key
to press, an entry of a menu, or a new terminal.
"""

from __future__ import annotations

import errno
import os

from wend.errors import Again, WendError
from wend.patterns import pattern
from wend.system import native, user
from wend.text import ansi_c, quoted, visible
from wend.typed import TYPE_CHECKING, late

if TYPE_CHECKING:
    from wend.system import users
else:
    users = late("wend.system.users")

# A shell without a hook cannot be told from others, and SHELL names the one of the login: no command begins it again.
NEW_TERMINAL = "open a new terminal"
NEW_SHELL = f"wend setup, then {NEW_TERMINAL}"
REINSTALLED = "pip install --force-reinstall wend-shell"
ANOTHER_DIRECTORY = "mkdir -p ~/project && cd ~/project"
ANOTHER_RUNTIME_DIR = 'mkdir -p ~/.local/state/wend && export WEND_RUNTIME_DIR="$HOME/.local/state/wend"'

_NUMBER = pattern(r"line ([0-9]{1,7})")

# What works on the current directory: wend's commands that take another one, and those of other programs.
_TAKE_ONE = ("create", "sync", "freeze")
_WITH_VALUE = ("--python", "--name", "--prompt", "--output")  # their options whose value is a word of its own
_WORK_HERE = ("uv", "poetry", "pipenv", "pdm", "hatch", "pixi", "mise")
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_ANYWHERE = (["uv", "python"], ["uv", "tool"], ["mise", "ls-remote"])


def word(path: str) -> str:
    """Return PATH as one word of a command, on one line: what is not printable as bash and zsh have it."""
    return quoted(path) if path.isprintable() else ansi_c(path)


def written(file: str, line: str, table: str = "", then: str = "") -> str:
    """Return that LINE is to be written in FILE, below the heading TABLE, and what is to be typed THEN."""
    below = f", below {table}" if table else ""
    return visible(f"in {file}{below}, write: {line}") + (f"; then: {then}" if then else "")


def removed(file: str, line: str, then: str = "") -> str:
    """Return that LINE is to be removed from FILE, and what is to be typed THEN."""
    return visible(f"in {file}, remove: {line}") + (f"; then: {then}" if then else "")


def corrected(file: str, error: str) -> str:
    """Return that FILE is to be corrected, where ERROR says."""
    found = _NUMBER.search(error)
    return visible(f"in {file}, correct {f'line {found[1]}' if found else f'what follows: {error}'}")


def kept_short(file: str, size: int) -> str:
    """Return that FILE is to have at most SIZE bytes."""
    return visible(f"in {file}, keep at most {size >> 10} KiB")


def made_readable(path: str) -> str:
    """Return what lets the user read PATH."""
    return f"chmod u+r {word(path)}"


def home() -> str:
    """Return what sets HOME."""
    return f"export HOME={word(users.home(user()) or '/home/me')}"


def made_writable(path: str, number: int) -> str:
    """Return what lets the user write PATH, where the system said the error NUMBER."""
    if number in (errno.EINVAL, errno.EISDIR):  # it is not a file
        return aside(path)
    place = _nearest(path)
    if number in _FULL:
        return room(place)
    if not os.path.isdir(place):
        return aside(place)
    denied = number in (errno.EACCES, errno.EPERM)
    return f"chmod u+rwx {word(place)}" if denied and _is_ours(place) else f"ls -ld {word(place)}"


def unwritable(path: str, error: OSError) -> WendError:
    """Return what is told when PATH cannot be written because of ERROR."""
    return WendError(f"{path}: {error.strerror}", made_writable(path, error.errno or 0))


def made_executable(path: str) -> str:
    """Return what lets the user run PATH, or shows why not."""
    mine = os.path.isfile(path) and _is_ours(path) and not os.access(path, os.X_OK)
    return f"chmod +x {word(path)}" if mine else f"ls -l {word(path)}"


def room(place: str) -> str:
    """Return what shows how full the disk of PLACE is."""
    return f"df -h {word(place)}"


def shown_near(path: str) -> str:
    """Return what shows what there is where PATH, which is missing, was meant to be."""
    place = _nearest(path)
    return f"ls {word(native(place if os.path.isdir(place) else os.path.dirname(place)))}"


def may_be_made(path: str) -> bool:
    """Return whether PATH is missing and what exists of the way to it is a directory."""
    return not os.path.lexists(path) and os.path.isdir(_nearest(path))


def _nearest(path: str) -> str:
    """Return the longest part of the way to PATH that exists; it may be a file."""
    place = os.path.dirname(path) or os.sep
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    return place


def _is_ours(path: str) -> bool:
    try:
        return os.stat(path).st_uid == user()
    except OSError:
        return False


def aside(path: str) -> str:
    """Return what moves PATH out of the way and keeps it."""
    return f"mv {word(path)} {word(f'{path}.old')}"


def without_separator(path: str) -> str:
    """Return what renames the topmost directory on the way to PATH whose name cannot stand in PATH."""
    parts = path.split("/")
    at = next((index for index, part in enumerate(parts) if os.pathsep in part), len(parts) - 1)
    above = "/".join(parts[:at])
    return f"mv {word(f'{above}/{parts[at]}')} {word(f'{above}/{parts[at].replace(os.pathsep, chr(45))}')}"


def again(argv: list[str], change: Again) -> str:
    """Return the command `wend ARGV` with the CHANGE."""
    end = argv.index("--") if "--" in argv else len(argv)
    words, rest = ["wend"], iter(argv[:end])
    for each in rest:
        name, equals, _ = each.partition("=")
        if (name if equals else each) not in change.without and each not in change.without:
            words.append(each)
        elif each in _WITH_VALUE:
            next(rest, "")
    words[2:2] = [change.adding] if change.adding and change.adding not in words else []
    return change.before + " ".join(map(word, (*words, *argv[end:])))


def typed_in(fix: str, directory: str, here: str) -> str:
    """Return FIX, which is meant for DIRECTORY, as it is to be typed in the directory HERE."""
    if directory == here:
        return fix
    import shlex  # noqa: PLC0415

    try:
        words = shlex.split(fix)
    except ValueError:  # a line of a file
        return fix
    named = words[:2] == ["mise", "install"] and len(words) > 2  # what is installed wherever it is typed
    if words and words[0] in _WORK_HERE and words[:2] not in _ANYWHERE and not named:
        return f"cd {word(directory)} && {fix}"
    pins = words[:3] == ["wend", "python", "pin"] and len(words) == 4
    takes_one = words[:1] == ["wend"] and _lacks_directory(words[1:])
    return f"{fix} {word(directory)}" if pins or takes_one else fix


def _lacks_directory(words: list[str]) -> bool:
    """Return whether WORDS are one of wend's commands that take a directory, and name none."""
    if not words or words[0] not in _TAKE_ONE or "--help" in words:
        return False
    rest = iter(words[1:])
    for each in rest:
        if each in _WITH_VALUE:
            next(rest, "")
        elif not each.startswith("-") or each == "-":
            return False
    return True
