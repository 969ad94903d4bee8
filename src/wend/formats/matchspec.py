"""Versions as a dependency of conda's asks for them: `=3.12`, `==3.12.1=h1_0`, `>=3.9,<3.12|3.14.*`.

Source: conda 26.7 (conda/models/match_spec.py, conda/models/version.py).
"""

from __future__ import annotations

from wend.formats import versions
from wend.patterns import pattern
from wend.typed import Optional

_MAX = 200  # characters
# One version, and what is built of it: with one `=` it stands for all that begin with it.
_ONE = pattern(r"(={1,2})\s*([^=,|<>!~*\s]*[^=,|<>!~*\s.])(\.?\*)?(?:=.*)?")


def fits(version: str, wanted: str) -> Optional[bool]:
    """Return whether VERSION is one that WANTED allows; None when that is not understood."""
    if len(wanted) > _MAX:
        return None
    found = [_fits(version, each.strip()) for each in wanted.split("|")]
    return True if True in found else None if None in found else False


def _fits(version: str, wanted: str) -> Optional[bool]:
    one = _ONE.fullmatch(wanted)
    if not one:
        return versions.contains(wanted, version)
    some = one[1] == "=" or bool(one[3])
    if version == one[2] or (some and version.startswith(f"{one[2]}.")):
        return True
    # conda fills up with zeros, as PEP 440 does; its versions may have other forms.
    return versions.contains(f"=={one[2]}{'.*' if some else ''}", version) is True
