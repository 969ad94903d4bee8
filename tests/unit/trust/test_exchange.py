"""Directories that are exchanged at full speed while wend looks: what is used is what was judged, or nothing is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.trust import context, environment, markers_seen, verdict
from wend.kinds import KINDS
from wend.model import Target
from wend.trust import judge

# Let the name $1 be a link to each of the others in turn, or what they are called itself, until it is told to end.
_EXCHANGE = """
import os, sys
name, *others = sys.argv[1:]
print("begun", flush=True)
while True:
    for other in others:
        if os.path.isabs(other):
            os.symlink(other, name + ".new")
            os.rename(name + ".new", name)
        else:
            os.rename(name, name + ".kept")
            os.rename(other, name)
            os.rename(name, other)
            os.rename(name + ".kept", name)
"""
_TIMES = 1000


@contextmanager
def exchanged(name: Path, *others: str) -> Iterator[None]:
    """Exchange what NAME is."""
    command = [sys.executable, "-c", _EXCHANGE, str(name), *others]
    with subprocess.Popen(command, cwd=name.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.parametrize("what", ["p", "p/.venv", "p/.venv/bin"])
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_what_others_can_exchange_is_never_used(home: Path, what: str, mode: int) -> None:
    """In a directory that others can write to, whatever stands there at the moment; else it is used."""
    top = home / "w"
    prefix = environment(top / "p" / ".venv")
    name = top / what
    shutil.copytree(name, name.parent / "theirs", symlinks=True)  # an archive may say the same of itself
    name.parent.chmod(mode)
    with exchanged(name, "theirs"):
        allowed = sum(verdict(prefix, home).allowed for _ in range(_TIMES))
    if mode == 0o777:
        assert allowed == 0
    else:
        assert allowed > 0


def test_a_link_that_leads_elsewhere_at_every_moment(home: Path) -> None:
    """Never is the one environment used because the other was judged."""
    for place, prompt, says in (("a/e", "good", None), ("b/e", "evil", "/elsewhere")):
        prefix = environment(home / place, says=says)
        with open(prefix / "pyvenv.cfg", "a", encoding="utf-8") as file:
            file.write(f"prompt = {prompt}\n")
    (home / "p").mkdir()
    link = home / "p" / ".venv"
    link.symlink_to(home / "a" / "e")
    used: dict[str, int] = {"good": 0, "evil": 0}
    with exchanged(link, str(home / "a" / "e"), str(home / "b" / "e")):
        for _ in range(_TIMES):
            surroundings = context(home)
            for marker in markers_seen(str(home / "p"), surroundings):
                found = KINDS[marker.kind].resolve(marker, surroundings)
                if isinstance(found, Target) and judge(found, surroundings).allowed:
                    used[found.name] += 1
    assert used["good"] > 0
    assert used["evil"] == 0, used
