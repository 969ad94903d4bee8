"""Which directories are looked into on the way up."""

from __future__ import annotations

import pytest

from wend.context import Context
from wend.detect import levels
from wend.disk import Disk
from wend.disk.mounts import NEVER
from wend.settings import Settings


class _Everything(Disk):
    """A disk on which each directory has whatever is looked for in it, and is asked about at most once."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []

    def present(self, directory: str, names: tuple[str, ...]) -> list[str]:
        self.looked.append(directory)
        return list(names)


def _seen(cwd: str, home: str) -> tuple[list[str], list[str]]:
    disk = _Everything()
    return [level.dir for level in levels(cwd, Context(disk, {"HOME": home}, Settings()))], disk.looked


@pytest.mark.parametrize("home", ["/", "/root", ""])
@pytest.mark.parametrize("cwd", sorted(NEVER))
def test_the_root_of_the_disk_has_no_environment(cwd: str, home: str) -> None:
    """Nor the directories of all users: nothing is looked for there, also where HOME is one of them."""
    assert _seen(cwd, home) == ([], [])


def test_the_way_up_has_a_limit() -> None:
    deep = "/x" * 300
    seen, _ = _seen(deep, "")
    assert (len(seen), seen[0]) == (256, deep)


@pytest.mark.parametrize("home", ["/", "/root", ""])
def test_the_way_up_ends_before_the_root(home: str) -> None:
    assert _seen("/usr/lib", home)[0] == ["/usr/lib", "/usr"]
