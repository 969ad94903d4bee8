from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import TREE
from wend import selftest, setup
from wend.shells import SHELLS


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}


def _install(env: dict[str, str], shell: str) -> Path:
    for change in setup.plan(env, (shell,), rc=False):
        setup.make(change)
    return Path(env["HOME"], ".local/share/wend/hooks", SHELLS[shell].hook)


@pytest.mark.parametrize("shell", tuple(SHELLS))
def test_every_shell_passes(env: dict[str, str], shell: str, need: Callable[..., None]) -> None:
    need(shell)
    _install(env, shell)
    (result,) = selftest.run(env, (shell,), rc=False)
    assert (result.status, result.reason) == ("ok", "")
    assert [step.name for step in result.steps] == ["start", "enter", "switch", "leave"]
    assert all(step.ok and step.ms > 0 for step in result.steps)


def test_a_shell_that_is_not_there_is_skipped(env: dict[str, str]) -> None:
    (result,) = selftest.run(env | {"PATH": "/nowhere"}, ("zsh",))
    assert (result.status, result.reason, result.steps) == ("skipped", "not on PATH", ())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "starts no daemon"),
        ("exit 1\n", "does not come up"),
        ("cd() { :; }\n. {hook}\n", "enter: VIRTUAL_ENV=''"),
    ],
)
def test_a_hook_that_does_not_work_is_found(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    monkeypatch.setattr(selftest, "_PATIENCE", 1.0)
    hook = _install(env, "bash")
    good = hook.rename(hook.with_name("good"))
    hook.write_text(code.replace("{hook}", f"'{good}'"))
    (result,) = selftest.run(env, ("bash",), rc=False)
    assert result.status == "failed"
    assert reason in result.reason


def test_nothing_is_left_behind(env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    selftest.run(env, ("bash",))
    assert list(scratch.iterdir()) == []
    assert sorted(os.listdir(env["HOME"])) == ["scratch"]
    running = [name for name in os.listdir("/proc") if name.isdigit() and _serves(name, str(scratch))]
    assert running == [], TREE


def _serves(pid: str, scratch: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsencode(scratch) in file.read()
    except OSError:
        return False
