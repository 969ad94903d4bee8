"""Every error that the code can raise has a fix: one of the forms of tests/unit/fixes.py."""

from __future__ import annotations

import ast
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TREE
from tests.unit.fixes import is_typed
from wend import errors, fixes
from wend.errors import Again

PACKAGE = Path(TREE, "src", "wend")
CLASSES = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
# Made where what it holds is checked: what another module found, or what a tool failed with.
MADE_OF_PARTS = {"src/wend/engine/outcome.py": "kind"}


def _errors() -> Iterator[tuple[str, ast.Call]]:
    """Yield where each error is made."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(TREE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and (name in CLASSES or MADE_OF_PARTS.get(relative) == name):
                yield f"{relative}:{node.lineno}", node


def _fix(call: ast.Call) -> ast.expr | None:
    """Return what CALL gives as the fix, None for nothing. All arguments at once hold one, too."""
    if any(isinstance(each, ast.Starred) for each in call.args):
        return call.args[0]
    named = [each.value for each in call.keywords if each.arg in ("fix", "again")]
    return call.args[1] if len(call.args) > 1 else next(iter(named), None)


def _sample(node: ast.expr) -> str | None:
    """Return the text that NODE stands for, with a word in place of what it holds; None: it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "wend" for each in node.values)
    return None


def test_every_error_has_a_fix() -> None:
    found = list(_errors())
    assert len(found) > 70
    bare = [where for where, call in found if _fix(call) is None]
    assert bare == []
    said = {where: text for where, call in found if (text := _sample(_fix(call) or call)) is not None}
    assert len(said) > 25
    assert {where: text for where, text in said.items() if not is_typed(text)} == {}


@pytest.mark.parametrize(
    ("line", "change", "typed"),
    [
        ("create --python 3.12 --prompt x api", Again(without=("--prompt",)), "wend create --python 3.12 api"),
        ("create --prompt=x api", Again(without=("--prompt",)), "wend create api"),
        ("create --prompt", Again(without=("--prompt",)), "wend create"),
        ("create --no-install", Again(without=("--no-install",)), "wend create"),
        ("create --name b", Again(adding="--force"), "wend create --force --name b"),
        ("create --force", Again(adding="--force"), "wend create --force"),
        ("create", Again(before="mkdir x && "), "mkdir x && wend create"),
        ("sync", Again(), "wend sync"),
    ],
)
def test_a_command_is_typed_again(line: str, change: Again, typed: str) -> None:
    assert fixes.again(line.split(), change) == typed
    assert is_typed(typed)


def test_a_command_is_typed_again_with_its_quotes() -> None:
    assert fixes.again(["exec", "", "--", "", "a b"], Again(without=("",))) == "wend exec -- '' 'a b'"


def test_a_word_of_a_command_stays_what_it_is() -> None:
    assert fixes.word("a b") == "'a b'"
    assert fixes.word("/n\udcff\n'") == "$'/n\\377\\012\\047'"
    assert fixes.word("\ud800") == "'\\ud800'"
    assert subprocess.run(
        ["bash", "-c", f"printf %s {fixes.word(chr(0x202E))}"], capture_output=True, check=True
    ).stdout == (chr(0x202E).encode())


@pytest.mark.parametrize(
    ("name", "number", "fix"),
    [
        ("file/x", "ENOTDIR", "mv {top}/file {top}/file.old"),
        ("file", "EISDIR", "mv {top}/file {top}/file.old"),
        ("a b/c", "EACCES", "chmod u+rwx {top}"),
        ("x", "EROFS", "ls -ld {top}"),
        ("x", "ENOSPC", "df -h {top}"),
        ("x", "ELOOP", "ls -ld {top}"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, number: str, fix: str) -> None:
    (tmp_path / "file").touch()
    error = fixes.unwritable(str(tmp_path / name), OSError(getattr(errno, number), "no"))
    assert error.fix == fix.format(top=tmp_path)
    assert is_typed(error.fix)


def test_what_is_another_users_is_only_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes, "user", lambda: os.geteuid() + 1)
    (tmp_path / "run").touch()
    assert fixes.made_writable(f"{tmp_path}/x", errno.EACCES) == f"ls -ld {tmp_path}"
    assert fixes.made_executable(f"{tmp_path}/run") == f"ls -l {tmp_path}/run"
