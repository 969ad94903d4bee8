from __future__ import annotations

import base64
import json
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from wend.model import Set, Source, Target, Unset
from wend.other_tools import direnv
from wend.plan import plan
from wend.record import Undo


def packed(data: Any) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode()


def target(root: str) -> Target:
    return Target(
        kind="venv",
        name="n",
        prefix=f"{root}/.venv",
        root=root,
        marker=f"{root}/.venv",
        python=f"{root}/.venv/bin/python",
        python_version=None,
        set=(("VIRTUAL_ENV", f"{root}/.venv"),),
        path=(f"{root}/.venv/bin",),
    )


class Shell:
    """What wend and direnv leave in a shell."""

    def __init__(self) -> None:
        self.env = {"PATH": "/usr/bin:/bin"}
        self.undo = Undo()

    def wend(self, root: str) -> None:
        steps = plan(self.env, self.undo, target(root) if root else None)
        self.undo = steps.undo
        for edit in steps.edits:
            if isinstance(edit, Set):
                self.env[edit.name] = edit.value
            elif isinstance(edit, Unset):
                del self.env[edit.name]

    def load(self, directory: str) -> None:
        before, after = {"PATH": self.env["PATH"]}, {"PATH": f"{directory}:{self.env['PATH']}", "FOO": "1"}
        self.env.update(after, DIRENV_DIFF=packed({"p": before, "n": after}))

    def unload(self) -> None:
        tree = json.loads(zlib.decompress(base64.urlsafe_b64decode(self.env.pop("DIRENV_DIFF"))))
        for name in tree["n"]:
            self.env.pop(name, None)
        self.env.update(tree["p"])


@pytest.mark.parametrize(("first", "then"), [("/a", ""), ("/a", "/b"), ("", "/b"), ("", "")])
def test_unloading_after_us_keeps_what_we_did(first: str, then: str) -> None:
    shell = Shell()
    shell.wend(first)
    shell.load("/x")
    shell.wend(then)
    shell.unload()
    wanted = Shell()
    wanted.wend(then)
    assert shell.env == wanted.env
    shell.wend("")
    assert shell.env == {"PATH": "/usr/bin:/bin"}


def test_untouched_where_nothing_changes() -> None:
    text = packed({"p": {}, "n": {"FOO": "1"}})
    steps = plan({"PATH": "/bin", "FOO": "1", "DIRENV_DIFF": text}, Undo(), target("/a"))
    assert "DIRENV_DIFF" not in [edit.name for edit in steps.edits if not isinstance(edit, Source)]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "é",
        "a" * 1001,
        packed(b"[" * 100000),
        packed([]),
        packed({"p": {}}),
        packed({"p": {"A": 1}, "n": {}}),
        packed({"p": {"A": "\0"}, "n": {}}),
        packed({"p": "ab", "n": {}}),
        packed(b" " * (1 << 24)),
        packed({"p": {}, "n": {}})[:-8],
    ],
)
def test_what_is_not_direnvs_is_left_alone(text: str) -> None:
    env = {"PATH": "/bin", "DIRENV_DIFF": text}
    assert direnv.unloaded(env) is None
    assert direnv.rewritten(text, env) == text
    assert plan(env, Undo(), None).edits == ()


def test_direnv_itself_takes_what_we_write(tmp_path: Path, need: Any) -> None:
    need("direnv")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / ".envrc").write_text("PATH_add bin\n")
    shell = Shell()
    shell.env.update(HOME=str(tmp_path))

    def export(directory: Path) -> None:
        command = ["direnv", "export", "json"]
        done = subprocess.run(command, cwd=directory, env=shell.env, capture_output=True, text=True, check=True)
        for name, value in json.loads(done.stdout or "{}").items():
            if value is None:
                shell.env.pop(name, None)
            else:
                shell.env[name] = value

    subprocess.run(["direnv", "allow", "p"], cwd=tmp_path, env=shell.env, capture_output=True, check=True)
    before = dict(shell.env)
    shell.wend("/a")
    export(tmp_path / "p")
    assert shell.env["PATH"] == f"{tmp_path}/p/bin:/a/.venv/bin:/usr/bin:/bin"
    shell.wend("/b")
    export(tmp_path)
    assert shell.env["PATH"] == "/b/.venv/bin:/usr/bin:/bin"
    shell.wend("")
    assert shell.env == before
