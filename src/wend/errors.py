"""What can go wrong in a way that a user can fix: one line each, and a class for each exit status.

    WendError                1, unless another status is given
      UsageError             2: the words of a command are wrong
      UntrustedError         3: refused, because it is not trusted
      NoEnvironmentError     4: there is no environment here
      ToolError              1: another tool failed (wend.workflow.running)

Conditions that are part of the work (an environment is broken, untrusted, not installed) are values of
`wend.model`, not errors.
"""

from __future__ import annotations

from wend.typed import NamedTuple, Optional


class Again(NamedTuple):
    """What to type where that is the same command with other words: only the command line knows those."""

    without: tuple[str, ...] = ()  # words of it; an option goes with its value
    adding: str = ""  # an option
    before: str = ""  # what is typed in front of it


class WendError(Exception):
    """A failure told to the user as `wend: WHAT: FIX`.

    `what` says what is wrong, `fix` what to type (one of the forms of wend.fixes), `status` is the exit status.
    AGAIN stands for `fix` where the command is to be typed again.
    """

    def __init__(self, what: str, fix: str = "", *, again: Optional[Again] = None, status: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.again = again
        self.status = status

    def line(self) -> str:
        """Return the one line for standard error, without a newline."""
        return f"wend: {self.what}: {self.fix}" if self.fix else f"wend: {self.what}"


class UsageError(WendError):
    """The words of a command are wrong."""

    def __init__(self, what: str, fix: str = "", *, again: Optional[Again] = None) -> None:
        super().__init__(what, fix, again=again, status=2)


class UntrustedError(WendError):
    """The environment of a directory is not trusted."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what, fix, status=3)


class NoEnvironmentError(WendError):
    """A directory has no environment that can be used."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what, fix, status=4)
