"""Version pins: what uv, mise, asdf and people write for a version of Python, and which interpreter satisfies it.

Sources: uv 0.13 (PythonRequest: versions, ranges, keys, implementations, paths), mise 2026.9, PEP 440 for ranges.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.formats import versions
from wend.kinds import installing, interpreters, venv
from wend.kinds.base import Resolved, asleep, name_of
from wend.kinds.interpreters import Entry, Installed, Wanted
from wend.model import Marker, Problem, Target
from wend.patterns import Match, pattern
from wend.system import join, native
from wend.text import visible
from wend.typed import Optional, Union

VARIABLES = interpreters.VARIABLES
SYSTEM = "system"  # what pyenv, mise and asdf call the Python of PATH
_MAX_WORD = 200  # characters
_MICROS = (*range(32), 999)  # Z of the releases 3.12.Z that a program python3.12 may be

# 3, 3.12, v3.12.1, 312, cp312, cpython@3.12, python3.12, pypy@3.10, 3.13t, 3.13+freethreaded, 3.13+gil,
# cpython-3.12-linux-x86_64-gnu, cpython-3.12-linux, cpython-any-linux
_VARIANT = r"(?P<variant>\+?(?:freethreaded\+debug|freethreaded|gil\+debug|gil|debug|td|t|d))"
_REQUEST = pattern(
    r"(?P<name>cpython|cp|python|pypy|pp|graalpy|gp|pyodide|v|any(?=-))?(?P<sign>[@-]?)(?:any|(?P<major>[23])(?:\.?(?P<minor>[0-9]{1,3}))?"
    r"(?:\.(?P<micro>[0-9]{1,3}))?(?P<pre>(?:a|b|rc)[0-9]{1,3})?" + _VARIANT + r"?)"
    r"(?:-(?P<system>linux|macos|windows|any)(?:-(?P<machine>[a-z0-9_]+)(?:-(?P<libc>[a-z0-9]+))?)?)?"
)
_RANGE_OF = pattern(r"(?P<name>cpython|cp|python|pypy|pp|graalpy|gp|pyodide)?@?(?P<range>[<>=!~].*?)")
_OF_RANGE = pattern(r"(?P<range>.*[0-9])" + _VARIANT)
_ALONE = ("cpython", "cp", "pypy", "pp", "graalpy", "gp", "pyodide")
_MINOR = pattern(r"(?<=python)3\.[0-9]{1,2}\Z")
_RELEASE = pattern(r"[0-9]+\.[0-9]+\.[0-9]+")
# A name of pyenv's and mise's: pypy3.10-7.3.15, miniconda3-24.1.2-0, 3.15-dev.
_NAME = pattern(r"(?:[a-z]+[0-9.]*-)?[0-9]+\.[0-9]+(?:\.[0-9]+)?[-+.a-z0-9]{0,32}")
_THREADED = pattern(r"[0-9]t(?:\.exe)?\Z")  # python3.13t
_EXACTLY = pattern(r"={2,3}\s*([0-9]+(?:\.[0-9]+)*" + _VARIANT + r"?)")
_IMPLEMENTATIONS = {"cpython": "cpython", "cp": "cpython", "python": "cpython", "v": "cpython", "pypy": "pypy"}
_IMPLEMENTATIONS.update(any="cpython", pp="pypy", graalpy="graalpy", gp="graalpy", pyodide="pyodide")


def parse(word: str) -> Optional[Wanted]:
    """Return what WORD asks for, None when it is not a version as uv reads it."""
    word = word.strip(" \t\r\n").lower()
    if len(word) > _MAX_WORD:
        return None
    if word in ("any", "default"):
        return Wanted()
    if word in _ALONE:
        return Wanted(_IMPLEMENTATIONS[word])
    exactly = _EXACTLY.fullmatch(word)
    if exactly:  # uv takes `==3.12` for `3.12`
        return parse(exactly[1])
    named = _RANGE_OF.fullmatch(word)
    if named:
        varied = _OF_RANGE.fullmatch(named["range"])
        specifiers, variant = (varied["range"], varied["variant"]) if varied else (named["range"], "")
        wanted = Wanted(
            _IMPLEMENTATIONS[named["name"] or "cpython"],
            threaded=_is_threaded(variant),
            range=specifiers,
            debug=_is_debug(variant),
        )
        return wanted if versions.is_range(specifiers) else None
    request = _REQUEST.fullmatch(word)
    return _requested(request) if request and _is_spelled(request) else None


def _is_spelled(request: Match[str]) -> bool:
    """Return whether uv reads REQUEST: each of its forms has a sign of its own between the name and the version.

    `@` stands before a version alone, `-` in a key, whose name nothing else ends. pyenv reads `python-3.12`, too.
    """
    name, sign, is_key = request["name"] or "v", request["sign"], bool(request["system"])
    if sign == "@":
        return name not in ("v", "any") and not is_key and bool(request["major"])
    if sign:
        return name != "v" and not (is_key and name == "python")
    return name == "v" or not is_key


def _requested(request: Match[str]) -> Wanted:
    numbers = (request["major"], request["minor"], request["micro"])
    release = tuple(int(number) for number in numbers if number)
    if request["pre"]:
        release = (*release, 0)[:3]  # uv takes 3.14rc2 for 3.14.0rc2
    parts = (request["system"], request["machine"], request["libc"])
    key = tuple("" if part == "any" else part for part in parts if part)
    return Wanted(
        _IMPLEMENTATIONS[request["name"] or "cpython"],
        release,
        _is_threaded(request["variant"] or ""),
        request["pre"] or "",
        platform=key,
        debug=_is_debug(request["variant"] or ""),
    )


def _is_threaded(variant: str) -> bool:
    return variant.lstrip("+").startswith(("t", "freethreaded"))


def _is_debug(variant: str) -> bool:
    return variant.endswith(("d", "debug")) and not variant.endswith("freethreaded")


def satisfied_by(wanted: Wanted, made: Target, context: Context) -> bool:
    """Return whether the environment MADE has what is WANTED; False when its version is unknown."""
    program = os.path.basename(context.disk.realpath(made.python))
    other = next((name for name in ("pypy", "graalpy") if program.startswith(name)), "cpython")
    if wanted.implementation not in ("cpython", other) or (wanted.threaded and not _THREADED.search(program)):
        return False
    return satisfied(wanted, made.python_version)


def satisfied(wanted: Wanted, version: Optional[str]) -> bool:
    """Return whether VERSION, `X.Y.Z`, is what is WANTED; False when it is unknown."""
    if not version:
        return False
    if wanted.range:
        return fits(version, wanted.range)
    parts = version.split(".")
    return tuple(parts[: len(wanted.release)]) == tuple(map(str, wanted.release))


def fits(version: Optional[str], specifiers: str) -> bool:
    """Return whether VERSION is in the range SPECIFIERS (PEP 440); an unknown version or an odd range counts as yes."""
    if not version or not specifiers:
        return True
    return versions.contains(specifiers, version) is not False


def may_fit(word: str, specifiers: str) -> bool:
    """Return whether a version that WORD asks for can be in the range SPECIFIERS; what is unknown counts as yes."""
    wanted = parse(word)
    if wanted is None or not specifiers or wanted.pre or len(wanted.release) < 2:
        return True
    micros = wanted.release[2:] or range(installing.NEWEST.get(wanted.release[1], 0) + 1)
    minor = ".".join(map(str, wanted.release[:2]))
    return any(fits(f"{minor}.{micro}", specifiers) for micro in micros)


# -- the interpreter -----------------------------------------------------------------------------------------


def find(
    wanted: Wanted, context: Context, *, skip: tuple[str, ...] = (), first: tuple[str, ...] = ()
) -> Optional[Installed]:
    """Return the newest interpreter of the first store that has what is WANTED, else the one on PATH or of Homebrew.

    The stores SKIP are passed over, the stores FIRST come before the others. None: it is nowhere.
    """
    stored = [found for found in interpreters.in_stores(context, skip=skip) if _is(found, wanted)]
    released = [found for found in stored if wanted.pre or not found.pre_release]
    found = _newest(released, first, context) or _elsewhere(wanted, context)
    # As uv: a pre-release where there is nothing else.
    return found or _newest([each for each in stored if each not in released], first, context)


def _newest(stored: list[Entry], first: tuple[str, ...], context: Context) -> Optional[Installed]:
    """Return the newest of STORED that is usable, of the first store; the stores FIRST come before the others."""
    by_source: dict[str, list[Entry]] = {source: [] for source in first}
    for each in stored:
        by_source.setdefault(each.source, []).append(each)
    for group in by_source.values():
        for each in sorted(group, key=lambda one: (one.release, one.pre), reverse=True):
            version = interpreters.at(each, context)
            if isinstance(version, Installed):
                return version
    return None


def _elsewhere(wanted: Wanted, context: Context) -> Optional[Installed]:
    """Return what PATH or Homebrew has of what is WANTED."""
    if wanted.pre or wanted.debug or wanted.implementation != "cpython" or not _runs_here(wanted):
        return None
    found = _in_range(wanted.range, context) if wanted.range else _on_path(wanted, context)
    if found or wanted.threaded:
        return found
    minor = wanted.release[:2] if len(wanted.release) > 1 else ()
    return next((each for each in interpreters.in_homebrew(context, minor) if _is_known(each.name, wanted)), None)


def _is(found: Entry, wanted: Wanted) -> bool:
    if found.implementation != wanted.implementation or found.threaded != wanted.threaded:
        return False
    if found.debug != wanted.debug:
        return False
    known = found.platform or interpreters.this_machine()
    if any(other not in ("", one) for one, other in zip(known, wanted.platform)):
        return False
    if wanted.pre:
        return (found.release, found.pre) == (wanted.release, wanted.pre)
    if wanted.range:
        release = ".".join(map(str, found.release))  # uv compares a pre-release as its release, too
        return len(found.release) == 3 and (fits(release + found.pre, wanted.range) or fits(release, wanted.range))
    if found.pre_release and len(wanted.release) > 2:
        return False  # a whole version means the release
    return found.release[: len(wanted.release)] == wanted.release


def _runs_here(wanted: Wanted) -> bool:
    """Return whether what is WANTED is for this system and this architecture."""
    return all(one in ("", other) for one, other in zip(wanted.platform, interpreters.this_machine()))


def _is_known(name: str, wanted: Wanted) -> bool:
    """Return whether every version that NAME, 3.12 or 3.12.1, can stand for is what is WANTED."""
    if wanted.range:
        return all(fits(version, wanted.range) for version in _versions(name))
    return satisfied(wanted, name)


def _versions(name: str) -> list[str]:
    """Return the versions that NAME, 3.12 or 3.12.1, can stand for."""
    return [name] if name.count(".") > 1 else [f"{name}.{micro}" for micro in _MICROS]


def _in_range(specifiers: str, context: Context) -> Optional[Installed]:
    """Return the first interpreter on PATH whose minor version, all that its name tells, is in the range SPECIFIERS."""
    for python, minor in interpreters.all_on_path(context):
        if _is_known(minor, Wanted(range=specifiers)):
            return interpreters.found_at(python, minor, context)
    return None


def _on_path(wanted: Wanted, context: Context) -> Optional[Installed]:
    """Return `python3.12`, else `python3`, of PATH if its name says that it is what is WANTED."""
    if len(wanted.release) > 2:
        return None
    for python, minor in interpreters.all_on_path(context, threaded=wanted.threaded, release=wanted.release):
        name = ".".join(map(str, wanted.release)) or minor
        return interpreters.found_at(python, name + ("t" if wanted.threaded else ""), context)
    return None


def resolve(
    word: str,
    marker: Marker,
    context: Context,
    *,
    skip: tuple[str, ...] = (),
    first: tuple[str, ...] = (),
) -> Resolved:
    """Return the interpreter, or the environment, that WORD in the file of MARKER names.

    The stores SKIP are passed over. FIRST are the tools whose file it is: their stores come before the others.
    """
    if os.path.isabs(word):
        return at_path(word, marker, context)
    wanted = parse(word)
    if wanted is None:
        named = _by_name(word, context, skip, first)
        if named is not None:
            return target("python", [named], marker, word)
        beside = join(marker.dir, word) if "/" in word and "\0" not in word else ""
        there = beside and (asleep(beside, context) or context.disk.stat(beside))
        return at_path(beside, marker, context, beside=True) if there else missing(word, context, owners=first)
    found = find(wanted, context, skip=skip, first=first)
    if found:
        return target("python", [found], marker, word)
    for each in interpreters.in_stores(context, skip=skip):
        broken = interpreters.at(each, context) if _is(each, wanted) else None
        if isinstance(broken, Problem):
            return again(broken, each, context, owners=first)
    return missing(word, context, owners=first)


def again(broken: Problem, found: Entry, context: Context, *, owners: tuple[str, ...] = ()) -> Problem:
    """Return the problem BROKEN with the interpreter FOUND, and what installs that once more."""
    return broken if broken.fix else broken._replace(fix=installing.again(found, installing.here(context), owners))


def _by_name(word: str, context: Context, skip: tuple[str, ...], first: tuple[str, ...]) -> Optional[Installed]:
    """Return what a store has under the name WORD: pyenv, mise and asdf share such names (pypy3.10-7.3.15)."""
    places = [each for each in interpreters.stores(context) if each[0] not in skip and _NAME.fullmatch(word)]
    for _, store in sorted(places, key=lambda each: each[0] not in first):
        found = interpreters.entered(word, word, store, context) if context.disk.is_dir(f"{store}/{word}") else None
        if isinstance(found, Installed):
            return found
    return None


def _is_stored(path: str, context: Context) -> bool:
    """Return whether PATH lies in a store of the user's."""
    return any(path.startswith(f"{store}/") for _, store in interpreters.stores(context))


def at_path(word: str, marker: Marker, context: Context, *, beside: bool = False) -> Union[Target, Problem]:
    """Return the environment or interpreter at the path WORD, as `uv python pin --resolved` writes it.

    BESIDE: the file has a relative path, which may be meant as a name: it is none of a directory.
    """
    word = os.path.normpath(word)  # a `..` would lead out of the store that the path begins with
    unseen = asleep(word, context)
    if unseen and not _is_stored(word, context):
        return unseen
    prefix = word if context.disk.is_dir(word) else interpreters.above(word, context)
    made = venv.at(prefix, marker, context)
    if made is not None:
        made = made._replace(said=f"{name_of(marker)} names {word}")
        return made._replace(spelled=True) if isinstance(made, Target) else made
    if prefix == word and not beside:  # uv takes a directory with an interpreter in it, too
        programs = (f"{prefix}/{context.bin}/{name}" for name in ("python", "python3"))
        word = next(filter(context.disk.is_file, programs), word)
    if not context.disk.is_file(word):
        minor = _MINOR.search(os.path.basename(word))
        fix = f"wend python pin {minor[0] if minor else 3}"
        return Problem("unavailable", f"there is no Python at {visible(word[:_MAX_WORD])}", fix)
    for _, store in interpreters.stores(context):
        if prefix.startswith(f"{store}/"):
            found = interpreters.entered(os.path.basename(prefix), prefix[len(store) + 1 :], store, context)
            if isinstance(found, Installed):
                release = _RELEASE.search(found.name)
                name = release[0] if release else found.name
                return target("python", [found._replace(name=name, release=name)], marker, word)
    name = os.path.basename(word).removeprefix("python") or os.path.basename(word)
    return target("python", [Installed(name, prefix, word)], marker, word)


def missing(word: str, context: Context, *, owners: tuple[str, ...] = ()) -> Problem:
    """Return the problem of a version that is not installed, with a command that exists.

    OWNERS are the tools whose file asks for it.
    """
    wanted = parse(word)
    if wanted is None:
        if not _NAME.fullmatch(word):
            return Problem("broken", f"{visible(word[:40])} is not a version of Python", "")
        fix = installing.named(word, installing.here(context), owners)
        return Problem("unavailable", f"{word} is not installed", fix, looked=places(context, owners))
    if not _runs_here(wanted):
        fix = f"wend python pin {'.'.join(map(str, wanted.release)) or 3}"
        return Problem("unavailable", f"{visible(word)} is for another kind of machine", fix)
    tools = installing.here(context)
    uncertain = _may_be(word, wanted, context)
    if wanted.range:
        fix, reason = installing.for_range(wanted, tools), f"nothing installed satisfies {visible(word)}"
    else:
        fix, reason = installing.command(wanted, tools, owners), f"{visible(word)} is not installed"
    if uncertain:
        return Problem("unavailable", uncertain, fix)
    on_path = wanted.implementation == "cpython" and len(wanted.release) < 3
    looked = places(context, () if wanted.range else owners, on_path=on_path)
    return Problem("unavailable", reason, fix, looked=looked)


def _may_be(word: str, wanted: Wanted, context: Context) -> str:
    """Return that a program of PATH or of Homebrew may be what is WANTED, if its name does not say enough; else empty.

    What may be installed is never told to be missing.
    """
    if wanted.implementation != "cpython" or wanted.debug or not (wanted.range or len(wanted.release) > 2):
        return ""
    minor = wanted.release[:2]
    found = [*interpreters.all_on_path(context, threaded=wanted.threaded, release=minor)]
    if not wanted.threaded:
        found += [(each.python, each.name) for each in interpreters.in_homebrew(context, minor) if not each.release]
    for python, name in found:
        if any(satisfied(wanted, version) for version in _versions(name)):
            verb = "satisfy" if wanted.range else "be"
            return f"{visible(python)} may {verb} {visible(word)}: all that is known of it is {name}"
    return ""


def places(context: Context, first: tuple[str, ...] = (), *, on_path: bool = False) -> tuple[str, ...]:
    """Return where a version is looked for: the stores, those of the tools FIRST before the others; then PATH."""
    stores = sorted(interpreters.stores(context), key=lambda each: each[0] not in first)
    return (*(store for _, store in stores), *(("PATH",) if on_path else ()))


def system(marker: Marker, context: Context) -> Union[Target, Problem]:
    """Return the interpreter that PATH has without shims; PATH stays as it is."""
    python = interpreters.on_path("python3", context) or interpreters.on_path("python", context)
    if not python:
        return Problem("unavailable", "it asks for the system's Python, and PATH has none", "")
    return target("python", [interpreters.found_at(python, SYSTEM, context)], marker)


def said(source: str, word: str, python: str) -> str:
    """Return that SOURCE, a file or a variable, asks for WORD, and that the interpreter PYTHON is that."""
    return f"{source} asks for {word or SYSTEM}, which is {python}"


def target(kind: str, found: list[Installed], marker: Marker, word: str = "") -> Target:
    """Return the target for what was FOUND. Of several, as in pyenv, only the first can be VIRTUAL_ENV."""
    first = found[0]
    path = tuple(dict.fromkeys(version.bin for version in found if version.bin))
    is_env = first.is_env and not any(version.is_env for version in found[1:])
    name = ":".join(version.name for version in found)
    return Target(
        kind=kind,
        name=name,
        prefix=first.prefix,
        root=marker.dir,
        marker=marker.path,
        python=first.python,
        python_version=first.release,
        path=tuple(map(native, path)),
        set=(("VIRTUAL_ENV", native(first.prefix)), ("VIRTUAL_ENV_PROMPT", name)) if is_env else (),
        unset=("PYTHONHOME",) if path else (),
        store=True,  # a link in it is the user's too, as `mise link` and Homebrew make them
        vanishes=(first.python,),
        pin="" if is_env else word,
        said=said(name_of(marker), word, first.python),
    )
