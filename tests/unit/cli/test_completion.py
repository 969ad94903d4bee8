from __future__ import annotations

import shutil
import subprocess

import pytest

from .conftest import Cli


def test_words_are_completed(cli: Cli) -> None:
    done = cli(_WEND_COMPLETE="bash_complete", COMP_WORDS="wend do", COMP_CWORD="1")
    assert done.stdout == "plain,doctor\n"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_script_is_of_the_shells_own_grammar(cli: Cli, shell: str) -> None:
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell}")
    script = cli("completion", shell).stdout
    assert "wend" in script
    assert subprocess.run([program, "-n"], input=script, text=True, check=False).returncode == 0
    assert subprocess.run([program, "-n"], input=script + "\nif", text=True, check=False).returncode != 0


def test_bash_completes_a_command(cli: Cli) -> None:
    script = cli("completion", "bash").stdout
    stand_in = (
        "wend() { echo plain,doctor; }; COMP_WORDS=(wend do); COMP_CWORD=1; _wend_completion; echo ${COMPREPLY[0]}"
    )
    done = subprocess.run(["bash", "-c", f"{script}\n{stand_in}"], capture_output=True, text=True, check=False)
    assert done.stdout == "doctor\n"


def test_fish_completes_a_command(cli: Cli) -> None:
    if not shutil.which("fish"):
        pytest.skip("no fish")
    script = cli("completion", "fish").stdout
    words = "function env; printf 'plain,doctor\\tLook\\n'; end\ncomplete --do-complete 'wend do'\n"
    env = {**cli.env, "HOME": str(cli.home)}
    done = subprocess.run(["fish", "-c", script + words], env=env, capture_output=True, text=True, check=False)
    assert "doctor\tLook" in done.stdout, done
