"""What documents and `status` say of an environment."""

from __future__ import annotations

from wend.model import Target
from wend.system import native
from wend.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from wend.documents import Environment


def summary(target: Target) -> Environment:
    """Return what documents and `status` say of an environment: the `env` object."""
    return {
        "kind": target.kind,
        "name": target.name,
        "prefix": native(target.prefix),
        "root": native(target.root),
        "marker": native(target.marker),
        "python": native(target.python),
        "python_version": target.python_version,
    }
