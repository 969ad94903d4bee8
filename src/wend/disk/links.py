"""The way to a path, name by name, links followed as the kernel follows them."""

from __future__ import annotations

import errno
import os

from wend.typed import Callable, Iterator, Optional

_MAX_LINKS = 40  # as Linux


class Way:
    """The names on the way to PATH, from START on: a real directory, empty for the root.

    A name comes before it is looked at. Only after that, LINK is asked where it leads: None if it is not a link.
    OSError when there is no end to the links.
    """

    def __init__(self, path: str, link: Callable[[str], Optional[str]], start: str = "") -> None:
        self.at = start.rstrip("/")  # the real directory that has been reached, empty for the root
        self._left = path.split("/")[::-1]
        self._link = link

    def __iter__(self) -> Iterator[str]:
        links = 0
        while self._left:
            part = self._left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                self.at = os.path.dirname(self.at).rstrip("/")
                continue
            name = f"{self.at}/{part}"
            yield name
            to = self._link(name)
            if to is None:
                self.at = name
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
            self.at = "" if to.startswith("/") else self.at
            self._left += to.split("/")[::-1]
