"""What is said in a shell without a hook: setup, or a new terminal alone where the start-up files load it already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wend import setup
from wend.fixes import NEW_SHELL, NEW_TERMINAL
from wend.setup import missing_hook
from wend.shells import SHELLS


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A fresh home, and a PATH without shells."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin")}


def _found(env: dict[str, str], shell: str) -> None:
    program = Path(env["PATH"], shell)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)


def _set_up(env: dict[str, str], shell: str) -> None:
    for change in setup.plan(env, (shell,)):
        setup.make(change)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_new_terminal_is_enough_after_setup(env: dict[str, str], shell: str) -> None:
    _found(env, shell)
    assert missing_hook.fix(env) == NEW_SHELL
    _set_up(env, shell)
    assert missing_hook.fix(env) == NEW_TERMINAL
    os.unlink(setup.hook_file(shell, env))
    assert missing_hook.fix(env) == NEW_SHELL


@pytest.mark.parametrize("shell", SHELLS)
def test_a_line_of_the_user_s_own_counts_unless_it_is_a_comment(env: dict[str, str], shell: str) -> None:
    _found(env, shell)
    file = Path(SHELLS[shell].own_file(env))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"  # wend hook {shell} is for later\n")
    assert missing_hook.fix(env) == NEW_SHELL
    file.write_text(f'eval "$(wend hook {shell})"\n')
    assert missing_hook.fix(env) == NEW_TERMINAL


def test_setup_is_named_while_one_of_the_shells_lacks_the_hook(env: dict[str, str]) -> None:
    """Which of them this is cannot be told."""
    _found(env, "bash")
    _found(env, "zsh")
    _set_up(env, "bash")
    assert missing_hook.fix(env) == NEW_SHELL
    _set_up(env, "zsh")
    assert missing_hook.fix(env) == NEW_TERMINAL


def test_setup_is_named_where_nothing_is_known(env: dict[str, str]) -> None:
    assert missing_hook.fix(env) == NEW_SHELL
    assert missing_hook.fix({**env, "HOME": "relative"}) == NEW_SHELL
