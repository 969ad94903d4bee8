"""Where an environment's own files say that it was made: the places recorded in them, as paths.

Only read, never run. A file that is absent, or written in a form that is not understood here, says nothing.

Sources: CPython Lib/venv (`command` in pyvenv.cfg since 3.11; VIRTUAL_ENV in the activate scripts, in plain double
quotes up to 3.13.0, quoted as by shlex since), virtualenv 21.15 (activation/*/__init__.py: the quoting of each shell,
and `printf` for what is not ASCII), uv (shell words for every shell), distlib and pip (scripts' first line), conda's
history.py (`# cmd:` and the arguments joined by spaces), pixi (conda-meta/pixi and conda-meta/pixi_env_prefix).
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.disk import MAX_FILE, Disk
from wend.patterns import Match, Pattern, pattern
from wend.system import WINDOWS, slashed
from wend.typed import Callable, Iterator, Optional

_MAX_HISTORY = 4 << 20  # bytes; conda writes down every package of every change
_MOST_COMMANDS = 10_000  # of it, the last ones
_MOST_OPTIONS = 8  # behind what a command names

_ROOT = rb"[A-Za-z]:/" if WINDOWS else rb"/"
_ABSOLUTE = pattern(_ROOT)
_LAST_PLACE = pattern(rb"(?s).* (" + _ROOT + rb".*)")
_COMMAND_OF_CONDA = b"# cmd: "
_PREFIX = pattern(rb" (?:-p[ =]?|--prefix[ =])(" + _ROOT + rb".*)")
_NAME = pattern(rb" (?:-n[ =]?|--name[ =])([^\s/]+)")
_OPTION = pattern(rb" -[-A-Za-z]")
_RENAME = pattern(rb"conda rename ")
_OPTION_LAST = pattern(rb"--?[A-Za-z][A-Za-z-]{0,30}")
_EXEC = pattern(rb"#![^\n]*/sh\n'''exec' (\"[^\"\n]*\"|[^\s\"]+) ")

# What a word of a script is made of, and what each piece stands for.
_Beginnings = tuple[tuple[bytes, ...], ...]
_BLANKS = b" \t"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")
_Pieces = tuple[tuple[Pattern[bytes], Callable[[Match[bytes]], bytes]], ...]
_RAW = pattern(rb'(?m)"(.*)"[ \t]*\)?$')  # as venv wrote it up to Python 3.13.0, without any escapes
_ESCAPED = pattern(rb"\\(.)")
_DOUBLED = pattern(rb"('|\xe2\x80[\x98-\x9b])\1")  # in PowerShell each of four more signs is a quote, too


def _all(found: Match[bytes]) -> bytes:
    return found[0]


def _within(found: Match[bytes]) -> bytes:
    return found[1]


def _octal(found: Match[bytes]) -> bytes:
    return bytes(int(code, 8) & 0xFF for code in found[1].split(b"\\0")[1:])


_BARE = (pattern(rb"[\w@%+=:,./-]+"), _all)
_DOUBLE = (pattern(rb'"([^"$`\\!]*)"'), _within)
_SH: _Pieces = (
    _BARE,
    (pattern(rb"'([^']*)'"), _within),
    (pattern(rb"\"\$\(unset -f printf 2>/dev/null \|\| :; \\printf '%b' '((?:\\0[0-7]{3})+)'\)\""), _octal),
    (pattern(rb'"([^"$`\\]*)"'), _within),
)
_CSH: _Pieces = (
    _BARE,
    (pattern(rb"'([^'!\\]*)'"), _within),
    (pattern(rb"\\([\\!])"), _within),
    _DOUBLE,
)
_FISH: _Pieces = (
    _BARE,
    (pattern(rb"'((?:[^'\\]|\\['\\])*)'"), lambda found: _ESCAPED.sub(rb"\1", found[1])),
    (pattern(rb"\\(['\\])"), _within),
    _DOUBLE,
)
_NU: _Pieces = (
    (pattern(rb"(?s)r(#{1,16})'(.{0,4200}?)'\1"), lambda found: found[2]),
    (pattern(rb"'([^']*)'"), _within),
    _DOUBLE,
)
_PS1: _Pieces = (
    (
        pattern(rb"'((?:[^']|'')*)'"),
        lambda found: _DOUBLED.sub(rb"\1", found[1]),
    ),
)
# Each script: how the lines begin that set the variable, and the quoting of its shell.
_SCRIPTS = (
    ("activate", ((b"virtual_env=",), (b"export ", b"virtual_env=")), _SH),
    ("activate.csh", ((b"setenv ", b"virtual_env "), (b"set ", b"_virtualenv_dir", b"=")), _CSH),
    ("activate.fish", ((b"set ", b"-gx ", b"virtual_env "),), _FISH),
    ("activate.nu", ((b"let ", b"virtual_env", b"="), (b"const ", b"virtual_env", b"=")), _NU),
    ("activate.ps1", ((b"$env:virtual_env", b"="),), _PS1),
)
_COMMAND = ((b"command", b"="),)
_WITNESSES = (*(name for name, _, _ in _SCRIPTS), "pip", "pip3")


def recorded_places(prefix: str, spellings: tuple[bytes, ...], context: Context) -> Iterator[bytes]:
    """Yield the absolute path that each file of the environment PREFIX names as the place where it was made.

    SPELLINGS are those of PREFIX itself: where a line can be read in two ways, one that means PREFIX is taken.
    """
    disk = context.disk
    config = _read(f"{prefix}/pyvenv.cfg", disk)
    if config is not None:
        yield from _commands(config, spellings)
        scripts = f"{prefix}/{context.bin}"
        disk.present(scripts, _WITNESSES)  # one time of the directory says that the others are missing still
        for name, beginnings, pieces in _SCRIPTS:
            script = _read(f"{scripts}/{name}", disk)
            if script:
                yield from _assigned(script, beginnings, pieces, spellings)
        yield from _shebang(scripts, disk)
        return
    meta = f"{prefix}/conda-meta"
    yield from _history(_read(f"{meta}/history", disk, _MAX_HISTORY) or b"", spellings)
    yield from _pixi(meta, disk)


def _read(path: str, disk: Disk, limit: int = MAX_FILE) -> Optional[bytes]:
    """Return the content of PATH, at most LIMIT bytes, with the paths in it spelled as wend spells them."""
    data = disk.read(path, limit)
    return data.replace(b"\\", b"/") if data and WINDOWS else data


def _is_absolute(place: bytes) -> bool:
    return bool(_ABSOLUTE.match(place)) if WINDOWS else place.startswith(b"/")


def _ends(data: bytes, at: int) -> bool:
    return data[at : at + 1] in (b"", b"\n", b"\r")


def _values(text: bytes, beginnings: _Beginnings) -> Iterator[int]:
    """Yield where the value stands in each line of TEXT that begins with one of BEGINNINGS, in any case.

    Without an expression: every environment's scripts are read, and `re` is among what takes longest to load.
    """
    at = 0
    for line in text.split(b"\n"):
        for words in beginnings:
            rest = line.lower()
            for word in words:
                rest = rest.lstrip(_BLANKS)
                if not rest.startswith(word):
                    break
                rest = rest[len(word) :]
            else:
                yield at + len(line) - len(rest.lstrip(_BLANKS))
        at += len(line) + 1


def _commands(config: bytes, spellings: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield the path at the end of the command; it may contain spaces, and go on on the next line."""
    for at in _values(config, _COMMAND):
        line = config[at:].partition(b"\n")[0].rstrip(b"\r")
        for place in spellings:
            begin = at + len(line) - len(place.partition(b"\n")[0])
            apart = begin > at and config[begin - 1 : begin] == b" "
            if apart and config.startswith(place, begin) and _ends(config, begin + len(place)):
                yield place
                break
        else:
            other = _LAST_PLACE.match(line)
            if other:
                yield other[1]


def _assigned(script: bytes, beginnings: _Beginnings, pieces: _Pieces, spellings: tuple[bytes, ...]) -> Iterator[bytes]:
    for at in _values(script, beginnings):
        place = next((place for place in spellings if _spelled(script, at, place)), None)
        if place is None:
            by_sh = _word(script, at, _SH)  # uv quotes so for every shell
            place = by_sh if by_sh in spellings else _word(script, at, pieces)
        if place is not None and _is_absolute(place):
            yield place


def _spelled(script: bytes, at: int, place: bytes) -> bool:
    """Whether PLACE stands at AT as it is, between double quotes: the way of venv's older scripts, for any PLACE.

    Or, where every shell takes all of it for itself, bare or between single quotes.
    """
    quotes = (b'"', b"'", b"") if _PLAIN.issuperset(place) else (b'"',)
    forms = (quote + place + quote for quote in quotes)
    return any(script.startswith(form, at) and _ends(script, at + len(form)) for form in forms)


def _word(script: bytes, at: int, pieces: _Pieces) -> Optional[bytes]:
    """Return the word at AT, None when it is not made of literal PIECES alone."""
    begin, value = at, b""
    if script[at : at + 1] in (b"$", b"("):  # another variable, or what a command prints
        return None
    while not _ends(script, at) and script[at : at + 1] not in b" \t;":
        matches = ((form.match(script, at), decode) for form, decode in pieces)
        found, decode = next(((found, decode) for found, decode in matches if found), (None, _all))
        if found is None:
            raw = _RAW.match(script, begin) if pieces is _SH else None
            return raw[1] if raw and _is_absolute(raw[1]) else None
        value += decode(found)
        at = found.end()
    return value


def _shebang(scripts: str, disk: Disk) -> Iterator[bytes]:
    """Yield what the first line of pip names: the interpreter beside it."""
    name = next((name for name in ("pip", "pip3") if disk.is_file(f"{scripts}/{name}")), "")
    script = disk.read(f"{scripts}/{name}") if name else None
    if not script or not script.startswith(b"#!"):
        return
    line = script[2:].partition(b"\n")[0].strip()
    long = _EXEC.match(script) if line.endswith(b"/sh") else None  # a path with spaces, or too long for the kernel
    directory, _, program = (long[1].strip(b'"') if long else line).rpartition(b"/")
    prefix, _, last = directory.rpartition(b"/")
    version = program.removesuffix(b".exe").removeprefix(b"python")
    named = program.startswith(b"python") and not version.strip(b"0123456789.")
    if named and last in (b"bin", b"Scripts") and prefix.startswith(b"/"):
        yield prefix


def _history(history: bytes, spellings: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield what the last command names that names a place: an environment may have been renamed or cloned."""
    at = len(history)
    for _ in range(_MOST_COMMANDS):
        at = history.rfind(_COMMAND_OF_CONDA, 0, at)
        if at < 0:
            return
        if history[max(at - 1, 0) : at] not in (b"", b"\n"):
            continue
        end = history.find(b"\n", at)
        command = history[at + len(_COMMAND_OF_CONDA) : end if end >= 0 else len(history)]
        place = _conda_place(command.rstrip(b"\r"), spellings)
        if place is not None:
            yield place
            return


def _conda_place(command: bytes, spellings: tuple[bytes, ...]) -> Optional[bytes]:
    if _RENAME.search(command):  # the place that it gave stands last, behind the one that it had
        given = _without_options(command.rstrip()).rstrip(b"/")
        return next((place for place in spellings if given.endswith(b" " + place)), None)
    named = _PREFIX.search(command)
    if named:
        rest = named[1]
        here = (place for place in spellings if rest.startswith(place) and rest[len(place) :].lstrip(b"/")[:1] in b" ")
        option = _OPTION.search(rest)
        words = rest[: option.start() if option else len(rest)].split(b" ")
        while b"/" not in words[-1]:  # packages; a name with blanks counts where the place is spelled so
            words.pop()
        return next(here, None) or b" ".join(words)
    named = _NAME.search(command)
    if named:  # a name alone names no place: the conda that made it must lie above
        tail = b"/envs/" + named[1]
        above = (place[: -len(tail)] for place in spellings if place.endswith(tail))
        root = next((root for root in above if command.startswith((root + b"/bin/", root + b"/Scripts/"))), None)
        return None if root is None else root + tail
    return None


def _without_options(command: bytes) -> bytes:
    """Return COMMAND without the options that stand last in it."""
    for _ in range(_MOST_OPTIONS):
        before, blank, last = command.rpartition(b" ")
        if not blank or not _OPTION_LAST.fullmatch(last):
            break
        command = before
    return command


def _pixi(meta: str, disk: Disk) -> Iterator[bytes]:
    import json  # noqa: PLC0415

    place = _read(f"{meta}/pixi_env_prefix", disk)
    if place is not None:
        yield place.strip(b"\r\n")
    try:
        tree = json.loads(disk.read(f"{meta}/pixi") or b"null")
        manifest, name = (
            (tree.get("manifest_path"), tree.get("environment_name")) if isinstance(tree, dict) else ("", "")
        )
        if isinstance(manifest, str) and isinstance(name, str) and os.path.isabs(manifest) and "/" not in name:
            yield os.fsencode(f"{os.path.dirname(slashed(manifest))}/.pixi/envs/{name}")
    except (ValueError, RecursionError):  # JSON can spell surrogates that stand for no byte
        return
