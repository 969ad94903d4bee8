"""Names, versions, ranges and markers as the library packaging defines them; it is imported on first use."""

from __future__ import annotations

from wend.patterns import pattern
from wend.typed import Mapping, NamedTuple, Optional

_SEPARATORS = pattern(r"[-_.]+")
# PEP 508 and the core metadata specification.
_NAME = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_MAX_RANGE = 1000  # characters; a project's text may be of any length
# Whatever the library says of text that is none of its own is a ValueError, and so is a number that Python does not
# convert because it is too long.


class Requirement(NamedTuple):
    """One requirement that applies here: a distribution and the versions that satisfy it."""

    name: str  # canonical
    specifier: str
    url: str = ""


def valid_name(name: str) -> bool:
    """Return whether NAME can be a distribution's name."""
    return bool(_NAME.fullmatch(name))


def canonical(name: str) -> str:
    """Return the one spelling of a distribution's NAME (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def is_range(text: str) -> bool:
    """Return whether TEXT is a version specifier such as `>=3.9,<4`."""
    from packaging.specifiers import SpecifierSet

    if len(text) > _MAX_RANGE:
        return False
    try:
        SpecifierSet(text)
    except ValueError:
        return False
    return bool(text.strip())


def contains(specifier: str, version: str) -> Optional[bool]:
    """Return whether VERSION satisfies SPECIFIER, pre-releases too; None when either cannot be read."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    if len(specifier) > _MAX_RANGE:
        return None
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except ValueError:
        return None


def fits(version: str, specifier: str) -> bool:
    """Return whether VERSION satisfies SPECIFIER; False when either cannot be read."""
    return contains(specifier, version) is True


def requirement(text: str, environment: Mapping[str, str]) -> Optional[Requirement]:
    """Return the requirement TEXT (PEP 508), None when its marker does not hold in ENVIRONMENT or it is not one."""
    from packaging import requirements

    try:
        parsed = requirements.Requirement(text)
    except (ValueError, RecursionError):
        return None
    if not _holds(parsed.marker, environment):
        return None
    return Requirement(canonical(parsed.name), str(parsed.specifier), parsed.url or "")


def is_requirement(text: str) -> bool:
    """Return whether TEXT is a requirement (PEP 508)."""
    from packaging import requirements

    try:
        requirements.Requirement(text)
    except (ValueError, RecursionError):
        return False
    return True


def applies(marker: str, environment: Mapping[str, str]) -> bool:
    """Return whether the MARKER of a lock file's entry holds in ENVIRONMENT; an empty or unreadable one does."""
    from packaging.markers import Marker

    if not marker:
        return True
    try:
        return _holds(Marker(marker), environment)
    except (ValueError, RecursionError):
        return True


def _holds(marker: object, environment: Mapping[str, str]) -> bool:
    from packaging.markers import Marker, UndefinedEnvironmentName

    if not isinstance(marker, Marker):
        return True
    try:
        return marker.evaluate({"extra": "", **environment})
    except (ValueError, RecursionError, UndefinedEnvironmentName):
        return True
