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


def test_without_a_home_no_hook_in_the_current_directory_is_run(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / SHELLS["bash"].hook).write_text(f"touch {tmp_path}/run\n")
    monkeypatch.chdir(tmp_path)
    del env["HOME"]
    (result,) = selftest.run(env, ("bash",), rc=False)
    assert (result.status, result.reason) == ("ok", "")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "starts no daemon"),
        ("exit 1\n", "it shows no prompt"),
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


@pytest.mark.parametrize("shell", tuple(SHELLS))
def test_the_start_up_file_that_the_user_has_is_read(
    env: dict[str, str], shell: str, need: Callable[..., None]
) -> None:
    need(shell)
    for change in setup.plan(env, (shell,)):
        setup.make(change)
    (result,) = selftest.run(env, (shell,))
    assert (result.status, result.reason) == ("ok", "")
    assert [step.name for step in result.steps][-1] == "startup"
    (file,) = SHELLS[shell].startup_files(env)
    assert result.startup_file == file


NOT_LOADED = {
    "no line": ("a=1\n", "failed", "do not load the hook: wend setup --shell zsh"),
    "ends early": ("return\n{block}", "failed", "which is not read, or ends before it: wend setup --shell zsh"),
    "another program": ("exec sleep 60\n{block}", "ok", "it is unknown whether they load the hook"),
}


@pytest.mark.parametrize("case", NOT_LOADED)
def test_start_up_files_that_do_not_load_the_hook_are_found(
    env: dict[str, str], case: str, monkeypatch: pytest.MonkeyPatch, need: Callable[..., None]
) -> None:
    need("zsh")
    text, status, reason = NOT_LOADED[case]
    monkeypatch.setattr(selftest, "_OWN_PATIENCE", 2.0)
    for change in setup.plan(env, ("zsh",)):
        setup.make(change)
    rc = Path(env["HOME"], ".zshrc")
    rc.write_text(text.format(block=rc.read_text()))
    (result,) = selftest.run(env, ("zsh",))
    assert result.status == status
    assert reason in result.reason
    assert result.startup_file is None


def test_a_zdotdir_that_came_after_setup_is_noticed(env: dict[str, str], need: Callable[..., None]) -> None:
    need("zsh")
    for change in setup.plan(env, ("zsh",)):
        setup.make(change)
    Path(env["HOME"], ".zshenv").write_text("ZDOTDIR=$HOME/z\n")
    Path(env["HOME"], "z").mkdir()
    Path(env["HOME"], "z", ".zshrc").write_text("a=1\n")
    (result,) = selftest.run(env, ("zsh",))
    assert (result.status, result.startup_file) == ("failed", None)
    for change in setup.plan(env, ("zsh",)):
        setup.make(change)
    (result,) = selftest.run(env, ("zsh",))
    assert (result.status, result.startup_file) == ("ok", f"{env['HOME']}/z/.zshrc")


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
