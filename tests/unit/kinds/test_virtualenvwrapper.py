"""The index of the store, which a daemon keeps."""

from __future__ import annotations

import os
from pathlib import Path

from wend.context import Context
from wend.disk import Disk
from wend.kinds import virtualenvwrapper
from wend.settings import Settings


def test_a_file_that_is_written_in_two_steps(tmp_path: Path) -> None:
    """A shell makes it first and fills it then, both within one tick of the file's clock."""
    store, project = tmp_path / "store", tmp_path / "shop"
    file = store / "blue" / ".project"
    file.parent.mkdir(parents=True)
    file.write_text("")
    before = os.stat(file)

    def index() -> dict[str, tuple[str, ...]]:
        return virtualenvwrapper.index(str(store), Context(Disk(), {"HOME": str(tmp_path)}, Settings()))

    assert index() == {}
    file.write_text(f"{project}\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert index() == {str(project): (f"{store}/blue",)}
