"""Which of several versions a word means to pyenv: itself, or the latest that it is a prefix of. Pure.

Source: pyenv 2.8 (libexec/pyenv-latest), which reads the names of what is installed and of what can be.
"""

from __future__ import annotations

from wend.patterns import pattern

_UNFINISHED = pattern(r"-(?:dev|src|latest)\Z|(?:a|b|rc)[0-9]+\Z")
_THREADED = pattern(r"(?s)(.*[0-9])t")
_TAIL = pattern("(?s)[^0-9].*")  # of a number
_IMPLEMENTATION = pattern(r"([A-Za-z0-9]+)-")


def latest(prefix: str, names: list[str]) -> list[str]:
    """Return those of NAMES that PREFIX may mean, best first: no pre-releases, `t` only if asked for."""
    threaded = _THREADED.fullmatch(prefix)
    stem = threaded[1] if threaded else prefix
    fitting = [
        name
        for name in names
        if name.startswith((stem + ".", stem + "-"))
        and (name.endswith("t") if threaded else not _THREADED.fullmatch(name))
        and not _UNFINISHED.search(name)
    ]
    return sorted(sorted(fitting, key=lambda name: name + "."), key=_order, reverse=True)


def _order(name: str) -> tuple[str, list[int]]:
    parts = _IMPLEMENTATION.sub(r"\1.", name, count=1).split(".") + [""] * 3
    return parts[0], [int(_TAIL.sub("", part) or 0) for part in parts[1:4]]
