"""Where Python is started with -S, which saves a third of its start: libraries are found when one is first missed.

Most lie beside wend, where they are found anyway.
"""

from __future__ import annotations

import sys

from wend.typed import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class _Late:
    """The last that Python asks for a module."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Have `site` do what it does at other starts, once; return what Python finds then."""
        if path is not None or self not in sys.meta_path:  # a part of a package that is there
            return None
        sys.meta_path.remove(self)
        import site  # noqa: PLC0415

        site.main()
        return next((spec for each in sys.meta_path if (spec := each.find_spec(name, path, target))), None)


def find_late() -> None:
    """Look for libraries in all of Python's places as soon as one is missed, if that was left out at the start."""
    if sys.flags.no_site:
        sys.meta_path.append(_Late())
