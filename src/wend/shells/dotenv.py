"""For programs: the document of `wend env --json`, and lines for a .env file."""

from __future__ import annotations

from wend.model import Target
from wend.patterns import pattern
from wend.record import allowed_name
from wend.typed import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from wend.documents import Changes

_SPECIAL = pattern(r'([\\"$`])')
_PLAIN = pattern(r"[A-Za-z0-9_@%+=:,./~-]*")


def changes(target: Optional[Target], script: str) -> Changes:
    """Return what TARGET changes where nothing is active; SCRIPT is the ending of the scripts to source."""
    if target is None:
        return {"set": {}, "unset": [], "prepend": {}, "source": []}
    return {
        "set": {name: value for name, value in target.set if allowed_name(name)},
        "unset": [name for name in target.unset if allowed_name(name)],
        "prepend": {"PATH": list(target.path)} if target.path else {},
        "source": [path for path in target.scripts_on if path.endswith(script)],
    }


def dotenv(values: dict[str, str]) -> str:
    """Return VALUES as lines that a POSIX shell and the usual .env readers understand alike."""
    return "".join(f"{name}={_quote(value)}\n" for name, value in values.items())


def _quote(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value and "\\" not in value and "\n" not in value:
        return f"'{value}'"
    return '"' + _SPECIAL.sub(r"\\\1", value) + '"'
