"""Regular expressions that are compiled when they are first used: a command needs few of all that modules define."""

from __future__ import annotations

from wend.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import Match, Pattern
    from re import compile as pattern  # what it takes and has
else:
    Match = Pattern = Any

    class pattern:  # noqa: N801  stands for a function
        """A compiled expression to come; flags stand in its text, `(?m)`."""

        def __init__(self, text):
            self.pattern = text

        def __getattr__(self, name):
            """Compile it, as soon as a method is looked up that is not there yet."""
            import re  # noqa: PLC0415

            compiled = re.compile(self.pattern)
            for method in ("findall", "finditer", "fullmatch", "match", "search", "split", "sub"):
                setattr(self, method, getattr(compiled, method))
            return getattr(compiled, name)


__all__ = ["Match", "Pattern", "pattern"]
