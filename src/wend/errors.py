"""What can go wrong in a way that a user can fix: one class, one line each.

Conditions that are part of the work (an environment is broken, untrusted, not installed) are values of
`wend.model`, not errors.
"""

from __future__ import annotations


class WendError(Exception):
    """A failure told to the user as `wend: WHAT: FIX`.

    `what` says what is wrong, `fix` what to type (may be empty), `status` is the exit status.
    """

    def __init__(self, what: str, fix: str = "", *, status: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.status = status

    def line(self) -> str:
        """Return the one line for standard error, without a newline."""
        return f"wend: {self.what}: {self.fix}" if self.fix else f"wend: {self.what}"
