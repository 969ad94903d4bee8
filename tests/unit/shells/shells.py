"""Real shells for the tests of what is written for them: a script goes in, bytes come out."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple, Optional


class Way(NamedTuple):
    """One way in which a shell may be set when it reads what a renderer wrote."""

    shell: str
    arguments: tuple[str, ...]
    locale: str = "C.UTF-8"

    def __str__(self) -> str:
        return "-".join([self.shell, *(a for a in self.arguments if not a.startswith("-")), self.locale])


_ZSH = (
    (),
    ("rcquotes", "cshjunkiequotes", "magicequalsubst"),
    ("globsubst", "shwordsplit", "ksharrays", "extendedglob", "nounset", "errexit"),
    ("shglob", "nullglob", "braceccl", "posixbuiltins", "posixidentifiers", "cshnullcmd"),
)
WAYS = (
    Way("bash", ("--norc",)),
    Way("bash", ("--norc", "-o", "posix", "-O", "failglob", "-O", "nocasematch", "-eu"), "C"),
    *(Way("zsh", ("-f", *(word for option in options for word in ("-o", option)))) for options in _ZSH),
    Way("zsh", ("-f",), "C"),
    Way("fish", ("--no-config",)),
    Way("fish", ("--no-config",), "C"),
)


def run(
    way: Way,
    script: str,
    home: str,
    env: Optional[dict[bytes, bytes]] = None,
    arguments: tuple[str, ...] = (),
) -> bytes:
    """Return what SCRIPT prints, read from a file; whatever it says on standard error is a failure."""
    file = os.path.join(home, "script")
    with open(file, "wb") as out:
        out.write(os.fsencode(script))
    base = {
        b"HOME": os.fsencode(home),
        b"PATH": b"/usr/bin:/bin",
        b"LC_ALL": way.locale.encode(),
        b"TERM": b"dumb",
    }
    done = subprocess.run(
        [way.shell, *way.arguments, *arguments, file],
        env={**base, **(env or {})},
        cwd=home,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode(errors="backslashreplace")[:2000]
    return done.stdout
