"""Which versions of Python a project asks for in the words of poetry and pipenv. Pure.

Each function says whether a version is one of them; None where the words are not understood.
Sources: poetry-core 2.2 (poetry/core/constraints/version/parser.py), pipenv 2026.10 (pipenv/utils/project.py).
"""

from __future__ import annotations

from wend.formats import versions
from wend.patterns import pattern
from wend.typed import Optional

_MAX = 200  # characters
_VERSION = r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}"
_CARET = pattern(rf"\^\s*({_VERSION})")
_TILDE = pattern(rf"~\s*({_VERSION})")
_BARE = pattern(rf"=?\s*({_VERSION}(?:\.\*)?)")
_OPERATOR = pattern(r"([\^~=<>!]+)\s+")
_WHOLE = pattern(_VERSION)


def poetry(text: str, version: str) -> Optional[bool]:
    """Return whether VERSION is one that poetry's constraint TEXT allows: ^3.11, ~3.11, 3.11.*, >=3.9 <3.13, a || b."""
    if len(text) > _MAX:
        return None
    found = [_all(each, version) for each in text.replace("||", "|").split("|")]
    return True if True in found else None if None in found else False


def _all(text: str, version: str) -> Optional[bool]:
    parts = _OPERATOR.sub(r"\1", text.strip().rstrip(",")).replace(",", " ").split()
    specifier = ",".join(filter(None, (_plain(part) for part in parts)))
    return versions.contains(specifier, version) if parts else None


def _plain(part: str) -> str:
    """Return PART of poetry's as PEP 440 writes it, empty for any version."""
    if part == "*":
        return ""
    caret, tilde, bare = _CARET.fullmatch(part), _TILDE.fullmatch(part), _BARE.fullmatch(part)
    if caret:
        return f">={caret[1]},<{int(caret[1].split('.')[0]) + 1}"
    if tilde:
        numbers = [int(number) for number in tilde[1].split(".")][:2]
        return f">={tilde[1]},<{'.'.join(map(str, (*numbers[:-1], numbers[-1] + 1)))}"
    return f"=={bare[1]}" if bare else part


def pipenv(text: str, version: str) -> Optional[bool]:
    """Return whether VERSION is what a Pipfile's `python_version` or `python_full_version` TEXT requires."""
    if len(text) > _MAX or not text.strip():
        return None
    if text == "*":
        return True
    if _WHOLE.fullmatch(text):
        wanted = text.split(".")
        return version.split(".")[: len(wanted)] == wanted
    return versions.contains(text, version)
