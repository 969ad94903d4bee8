"""Index files, those that git wrote and malformed ones."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import time
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trust import context, environment, git, repository, verdict
from wend.trust import gitindex
from wend.trust.gitindex import why_tracked

REGULAR, LINK, GITLINK, FOLDED = 0o100644, 0o120000, 0o160000, 0o040000


@pytest.fixture()
def repo(home: Path, need: Callable[..., None]) -> Path:
    """Return a repository with some files, and an environment at `.venv` that git does not know."""
    need("git")
    at = repository(home / "main")
    for name in ("a.venv", "link.py", "src/.venvx", "src/x.venv/f", "z"):
        (at / name).parent.mkdir(exist_ok=True, parents=True)
        (at / name).write_text("")
    git(at, "add", "-A")
    environment(at / ".venv")
    return at


def lists(data: bytes, path: bytes) -> bool:
    """Return whether the index DATA may list PATH: true also where it cannot be understood."""
    return gitindex._listed(data, path) is not False


def untracked(repo: Path, home: Path, name: str = ".venv") -> bool:
    return not why_tracked(str(repo / name), context(home))


def convert(repo: Path, version: int) -> None:
    """Let the index be of VERSION: 3 comes with the flags that need it."""
    if version == 3:
        (repo / "intent").write_text("")
        git(repo, "add", "-N", "intent")
        git(repo, "update-index", "--skip-worktree", "z")
    else:
        git(repo, "update-index", "--index-version", str(version))
    assert (repo / ".git" / "index").read_bytes()[4:8] == struct.pack(">I", version)


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("add", [["add", "-f", ".venv/bin/ls"], ["add", "-f", "-N", ".venv/bin/ls"]])
def test_versions(repo: Path, home: Path, version: int, add: list[str]) -> None:
    convert(repo, version)
    assert untracked(repo, home)
    assert verdict(repo / ".venv", home).allowed
    git(repo, *add)
    assert not untracked(repo, home)
    assert not verdict(repo / ".venv", home).allowed


@pytest.mark.parametrize("version", [2, 3, 4])
def test_flags_hide_nothing(repo: Path, home: Path, version: int) -> None:
    git(repo, "add", "-f", ".venv/bin/ls")
    git(repo, "update-index", "--skip-worktree", "--assume-unchanged", ".venv/bin/ls")
    if version == 4:
        convert(repo, version)
    assert not untracked(repo, home)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_what_holds_an_environment(repo: Path, home: Path, version: int) -> None:
    for name in ("env-3.12/pyvenv.cfg", "src/old/pyvenv.cfg", "src/lab/conda-meta/history", "src/my_pyvenv.cfg/x"):
        (repo / name).parent.mkdir(parents=True)
        (repo / name).write_text("")
        git(repo, "add", "-f", name)
    convert(repo, version)

    def holding(directory: Path) -> list[str]:
        return gitindex.holding(("pyvenv.cfg", "conda-meta/history"), str(directory), context(home))

    assert holding(repo) == ["env-3.12", "src/lab", "src/old"]
    assert holding(repo / "src") == ["lab", "old"]
    assert holding(repo / "src" / "old") == [""]
    assert holding(home) == []
    (repo / ".git" / "index").write_bytes((repo / ".git" / "index").read_bytes()[:-1])
    assert holding(repo) == []


def test_as_many_as_a_person_reads(repo: Path, home: Path) -> None:
    for number in range(gitindex.MOST_HOLDING + 2):
        (repo / f"e{number}").mkdir()
        (repo / f"e{number}" / "pyvenv.cfg").write_text("")
    git(repo, "add", "-f", ".")
    assert len(gitindex.holding(("pyvenv.cfg",), str(repo), context(home))) == gitindex.MOST_HOLDING


def test_names_are_compared_whole_and_without_case(repo: Path, home: Path) -> None:
    assert untracked(repo, home, "src/.venv")
    assert untracked(repo, home, "venv")
    (repo / ".VENV").mkdir()
    (repo / ".VENV" / "f").write_text("")
    git(repo, "-c", "core.ignoreCase=false", "add", ".VENV/f")
    assert not untracked(repo, home)


def test_a_link_in_the_index(repo: Path, home: Path) -> None:
    (repo / "linked").symlink_to("/elsewhere")
    assert untracked(repo, home, "linked")
    git(repo, "add", "linked")
    assert not untracked(repo, home, "linked")
    assert not untracked(repo, home, "linked/deep/.venv")
    assert untracked(repo, home, "z/.venv")  # a plain file stands for nothing below it


def test_submodules(repo: Path, home: Path) -> None:
    library = repository(home / "library")
    environment(library / ".venv")
    git(library, "add", "-f", ".venv/bin/ls")
    git(library, "commit", "-m", "bad")
    git(repo, "submodule", "add", str(library), "sub")
    assert not untracked(repo, home, "sub")
    assert not untracked(repo, home, "sub/.venv")
    git(repo, "rm", "-q", "--cached", "sub")  # the outer one knows nothing of it any more
    assert not untracked(repo, home, "sub/.venv")
    assert untracked(repo, home, "sub/other")


def test_an_environment_that_is_a_repository(repo: Path, home: Path) -> None:
    git(repo / ".venv", "init")
    assert untracked(repo, home)
    git(repo / ".venv", "add", "pyvenv.cfg")
    assert not untracked(repo, home)


def test_every_enclosing_repository_up_to_home(repo: Path, home: Path) -> None:
    git(home, "init")
    assert untracked(repo, home)
    blob = git(home, "hash-object", "-w", "main/.venv/bin/ls").strip()
    git(home, "update-index", "--add", "--cacheinfo", f"100644,{blob},main/.venv/bin/ls")
    assert not untracked(repo, home)


def test_nothing_above_home_is_looked_at(repo: Path, home: Path) -> None:
    (home.parent / ".git").mkdir()  # would count as unreadable
    assert untracked(repo, home)
    assert not untracked(repo, home / "elsewhere")


def test_worktrees_have_their_own_index(repo: Path, home: Path) -> None:
    git(repo, "worktree", "add", str(home / "tree"))
    environment(home / "tree" / ".venv")
    assert untracked(home / "tree", home)
    git(home / "tree", "add", "-f", ".venv/bin/ls")
    assert not untracked(home / "tree", home)
    assert untracked(repo, home)


def test_split_index(repo: Path, home: Path) -> None:
    git(repo, "update-index", "--split-index")
    assert not untracked(repo, home)
    git(repo, "update-index", "--no-split-index")
    assert untracked(repo, home)


def test_folded_directories(repo: Path, home: Path) -> None:
    environment(repo / "far" / "p" / ".venv")
    git(repo, "add", "-f", "-A")
    git(repo, "commit", "-m", "all")
    git(repo, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(repo, "sparse-checkout", "set", "src")
    assert "far/" in git(repo, "ls-files", "--sparse").split("\n")
    assert not untracked(repo, home, "far/p/.venv")
    assert not untracked(repo, home, "far")
    assert untracked(repo, home, "farther/.venv")


def test_sha256(home: Path, need: Callable[..., None]) -> None:
    need("git")
    repo = repository(home / "main", "--object-format=sha256")
    environment(repo / ".venv")
    for version in ("2", "4"):
        git(repo, "update-index", "--index-version", version)
        assert untracked(repo, home)
    git(repo, "add", "-f", ".venv/bin/ls")
    assert not untracked(repo, home)


def test_no_index_yet(home: Path, need: Callable[..., None]) -> None:
    need("git")
    environment(home / "main" / ".venv")
    git(home / "main", "init")
    assert untracked(home / "main", home)
    index = home / "main" / ".git" / "index"
    index.symlink_to("nowhere")  # what it leads to may come later
    assert not untracked(home / "main", home)
    index.unlink()
    (home / "main" / ".git" / "HEAD").unlink()
    assert not untracked(home / "main", home)


@pytest.mark.parametrize("what", ["empty", "fifo", "directory", "dangling", "garbage", "unreadable", "long"])
def test_an_index_that_cannot_be_read(repo: Path, home: Path, what: str) -> None:
    index = repo / ".git" / "index"
    data = index.read_bytes()
    index.unlink()
    if what == "fifo":
        os.mkfifo(index)
    elif what == "directory":
        index.mkdir()
    elif what == "dangling":
        index.symlink_to("absent")
    elif what == "long":
        with index.open("wb") as file:
            file.write(data)
            file.truncate((64 << 20) + 1)
    else:
        index.write_bytes({"empty": b"", "garbage": b"DIRT" + data[4:], "unreadable": data[:-1]}[what])
    assert not untracked(repo, home)


@pytest.mark.parametrize("damage", ["garbage", "split", "absent", "directory"])
def test_an_unreadable_index_is_told_apart_from_a_tracked_environment(repo: Path, home: Path, damage: str) -> None:
    index = repo / ".git" / "index"
    if damage == "split":
        git(repo, "update-index", "--split-index")
    elif damage == "garbage":
        index.write_bytes(b"DIRT" + index.read_bytes()[4:])
    else:
        index.unlink()
        if damage == "directory":
            index.mkdir()
    assert verdict(repo / ".venv", home).reason == f"git may track it: {index} cannot be read"


@pytest.mark.parametrize("text", ["", "gitdir\n", "worktree: /x\n"])
def test_a_git_file_that_names_no_directory(repo: Path, home: Path, text: str) -> None:
    shutil.rmtree(repo / ".git")
    (repo / ".git").write_text(text)
    assert verdict(repo / ".venv", home).reason == f"git may track it: {repo}/.git cannot be read"


@pytest.mark.parametrize(
    "left", ["everything", "objects", "objects/info/alternates", "objects/pack", "packed-refs", "logs/HEAD"]
)
def test_an_index_that_was_removed(repo: Path, home: Path, left: str) -> None:
    """As `git clone --no-checkout` or an archive brings it: each trace of a commit says that there was one."""
    git(repo, "repack", "-a", "-d") if left in ("objects/pack", "packed-refs") else None
    git(repo, "pack-refs", "--all")
    inside = repo / ".git"
    (inside / "index").unlink()
    if left == "objects/info/alternates":
        (inside / left).write_text("/elsewhere\n")
    if left != "everything":
        for name in ("packed-refs", "logs", "refs", "objects"):
            if name != left.split("/", maxsplit=1)[0]:
                shutil.rmtree(inside / name, ignore_errors=True)
                (inside / name).unlink(missing_ok=True)
        for name in os.listdir(inside / "objects") if "/" in left and left.startswith("objects") else ():
            if name != left.split("/")[1]:
                shutil.rmtree(inside / "objects" / name)
    assert verdict(repo / ".venv", home).reason == f"git may track it: {inside}/index cannot be read"


@pytest.mark.parametrize("text", ["", "gitdir: ", "gitdir: /nowhere\n", "gitdir: /dev/zero\n", "\0\xff", "x" * 99_999])
def test_a_git_file_that_leads_nowhere(home: Path, text: str) -> None:
    (home / "main").mkdir()
    (home / "main" / ".git").write_text(text)
    assert not untracked(home / "main", home)


def test_a_git_that_is_a_fifo(home: Path) -> None:
    (home / "main").mkdir()
    os.mkfifo(home / "main" / ".git")
    assert not untracked(home / "main", home)


def test_every_truncation_of_a_real_index_counts_as_tracked(repo: Path) -> None:
    git(repo, "add", "-f", ".venv/bin/ls")
    git(repo, "commit", "-m", "for the tree extension")
    git(repo, "update-index", "--untracked-cache")
    index = repo / ".git" / "index"
    for prepare in (["--index-version", "2"], ["--index-version", "4"], ["--split-index"]):
        git(repo, "update-index", *prepare)
        data = index.read_bytes()
        for length in range(len(data)):
            assert lists(data[:length], b".venv"), (prepare, length)


# -- index files made here ---------------------------------------------------------------------------------

Entry = tuple[bytes, int, bool]  # name, mode, whether it has the flags of version 3


def varint(number: int) -> bytes:
    found = [number & 0x7F]
    while number > 0x7F:
        number = (number >> 7) - 1
        found.append(number & 0x7F | 0x80)
    return bytes(reversed(found))


def build(entries: list[Entry], version: int, extensions: bytes = b"", digest: int = 20) -> bytes:
    data = struct.pack(">4sII", b"DIRC", version, len(entries))
    before = b""
    for name, mode, flagged in entries:
        extended = flagged and version > 2
        flags = min(len(name), 0xFFF) | (0x4000 if extended else 0)
        entry = os.urandom(24) + struct.pack(">I", mode) + os.urandom(12) + os.urandom(digest)
        entry += struct.pack(">H", flags) + (struct.pack(">H", 0x4000) if extended else b"")
        if version == 4:
            common = len(os.path.commonprefix([before, name]))  # noqa: RUF071  of bytes
            entry += varint(len(before) - common) + name[common:] + b"\0"
        else:
            entry += name
            entry += b"\0" * (8 - len(entry) % 8)
        data, before = data + entry, name
    data += extensions
    return data + (hashlib.sha1(data).digest() + bytes(12))[:digest]


names = st.lists(st.text("ab.é", min_size=1, max_size=3), min_size=1, max_size=4).map(lambda p: "/".join(p).encode())
folded = st.tuples(names.map(lambda name: name + b"/"), st.just(FOLDED), st.booleans())
plain = st.tuples(names, st.sampled_from((REGULAR, LINK, GITLINK)), st.booleans())
many = st.lists(plain | folded, max_size=8)


def expected(entries: list[Entry], path: bytes) -> bool:
    parts = path.lower().split(b"/")
    for name, mode, _ in entries:
        other = name.lower().rstrip(b"/").split(b"/")
        if other[: len(parts)] == parts or (mode != REGULAR and parts[: len(other)] == other):
            return True
    return False


@settings(max_examples=600, deadline=None)
@given(many, names, st.sampled_from((2, 3, 4)), st.sampled_from((20, 32)))
def test_what_counts_as_tracked(entries: list[Entry], path: bytes, version: int, digest: int) -> None:
    entries = sorted(set(entries))
    assert lists(build(entries, version, digest=digest), path) is expected(entries, path)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_long_names(version: int) -> None:
    for length in (0xFFE, 0xFFF, 0x1000, 0x2000):
        long = b"a/" * (length // 2) + b"a" * (length % 2)
        entries = [(long, REGULAR, True), (b"b/f", REGULAR, False)]
        assert lists(build(entries, version), b"b")
        assert not lists(build(entries, version), b"c")
        assert lists(build(entries, version), long[:-2].rstrip(b"/"))


def test_case_does_not_matter() -> None:
    data = build([(b"A/.venV/f", REGULAR, False)], 2)
    assert lists(data, b"a/.venv")
    assert lists(data, b"A/.VENV")
    assert not lists(data, b"a/.venv2")


@pytest.mark.parametrize("version", [2, 3, 4])
def test_entries_that_make_no_sense(version: int) -> None:
    assert not lists(build([(b"f", REGULAR, False)], version), b".venv")
    assert lists(build([(b"", REGULAR, False)], version), b".venv")
    data = bytearray(build([(b"f" * 40, REGULAR, False)], version))
    assert data[72:74] == b"\0\x28"
    data[73] = 39  # the name is said to be shorter
    assert lists(bytes(data), b".venv")


def test_more_is_taken_from_the_name_before_than_there_is() -> None:
    data = bytearray(build([(b"f" * 40, REGULAR, False)], 4))
    data[74] = 5
    assert lists(bytes(data), b".venv")


def test_extensions() -> None:
    entries = [(b"f", REGULAR, False)]
    for extensions, answer in (
        (b"TREE" + struct.pack(">I", 3) + b"abc", False),
        (b"TREE" + struct.pack(">I", 0) + b"FSMN" + struct.pack(">I", 1) + b"x", False),
        (b"sdir" + struct.pack(">I", 0), False),
        (b"link" + struct.pack(">I", 20) + bytes(20), True),
        (b"TREE" + struct.pack(">I", 0) + b"link" + struct.pack(">I", 0), True),
        (b"what" + struct.pack(">I", 0), True),
        (b"TREE" + struct.pack(">I", 4) + b"abc", True),
        (b"TREE" + struct.pack(">I", 2) + b"abc", True),
        (b"TREE", True),
    ):
        assert lists(build(entries, 2, extensions), b".venv") is answer, extensions


@pytest.mark.parametrize("version", [0, 1, 5, 0xFFFFFFFF])
def test_unknown_versions(version: int) -> None:
    assert lists(build([], 2)[:4] + struct.pack(">I", version) + build([], 2)[8:], b".venv")


@settings(max_examples=150, deadline=None)
@given(many, st.sampled_from((2, 3, 4)), st.booleans())
def test_no_truncation_hides_an_entry(entries: list[Entry], version: int, split: bool) -> None:
    extensions = b"link" + struct.pack(">I", 20) + bytes(20) if split else b"TREE" + struct.pack(">I", 2) + b"ab"
    entries = sorted({*entries, (b"venv/f", REGULAR, False)})
    data = build(entries, version, extensions)
    for length in range(len(data)):
        assert lists(data[:length], b"venv")
        assert lists(data[:length], b"zz") or not split  # it may be in the other half


@settings(max_examples=400, deadline=None)
@given(many, st.sampled_from((2, 3, 4)), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=6))
def test_damage_does_not_crash(entries: list[Entry], version: int, damage: list[tuple[int, int]]) -> None:
    data = bytearray(build(sorted(set(entries)), version))
    for at, value in damage:
        data[at % len(data)] = value
    assert lists(bytes(data), b"a") in (True, False)


@given(st.binary(max_size=300))
def test_noise_counts_as_tracked(data: bytes) -> None:
    assert lists(data, b".venv")
    header = b"DIRC" + struct.pack(">II", 4, 3)
    assert lists(header + data[:40], b".venv")


def test_names_that_only_grow_are_not_followed_for_long() -> None:
    count = 100_000
    entries = (bytes(60) + struct.pack(">H", min(size, 0xFFF)) + b"\0a\0" for size in range(1, count + 1))
    data = struct.pack(">4sII", b"DIRC", 4, count) + b"".join(entries) + bytes(20)
    began = time.process_time()
    assert lists(data, b".venv")
    assert time.process_time() - began < 5
