"""shell/wend-scripts.sh: shells that are not interactive, by BASH_ENV and by .zshenv."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.talk import until
from wend.shells import DeactivateFunction, hooks, posix

WEND = os.path.join(os.path.dirname(sys.executable), "wend")
SHELLS = ("bash", "zsh")
SAY = 'echo "${VIRTUAL_ENV-none} $?"'


class Scripts:
    """A home with the projects `one` and `two` and the opt-in of SHELL; its `wend` notes each call."""

    def __init__(self, top: Path, shell: str, runtime: str) -> None:
        self.top, self.shell = Path(os.path.realpath(top)), shell
        self.home, self.calls = self.top / "home", self.top / "calls"
        for name in ("one", "two"):
            venv.create(self.home / name / ".venv", symlinks=True)
        (self.home / "one" / "sub").mkdir()
        self.calls.touch()
        program = self.top / "wend"
        program.write_text(f'#!/bin/sh\necho "$*" >>{shlex.quote(str(self.calls))}\nexec {shlex.quote(WEND)} "$@"\n')
        program.chmod(0o755)
        self.file = self.top / (".zshenv" if shell == "zsh" else "scripts")
        self.file.write_text(hooks.script_text(shell, str(program)))
        self.env = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin", "WEND_RUNTIME_DIR": runtime}
        self.env.update({"ZDOTDIR": str(self.top)} if shell == "zsh" else {"BASH_ENV": str(self.file)})

    def __call__(self, script: str, *, cwd: str = "", words: tuple[str, ...] = (), **env: str) -> str:
        """Return what SCRIPT prints; fail if it says anything beside that, or fails."""
        done = subprocess.run(
            [*(words or (self.shell,)), "-c", script], cwd=self.home / cwd, env={**self.env, **env},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="surrogateescape", timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def prefix(self, name: str) -> str:
        return str(self.home / name / ".venv")

    def called(self) -> int:
        return len(self.calls.read_text().splitlines())


@pytest.fixture
def nowhere() -> Iterator[str]:
    """Yield a runtime directory without a daemon; there must be none afterwards."""
    with tempfile.TemporaryDirectory(prefix="wend-test-") as runtime:
        yield runtime
        assert os.listdir(runtime) == []


@pytest.fixture(params=["daemon", "none"])
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("mailbox" if request.param == "daemon" else "nowhere"))


@pytest.fixture(params=SHELLS)
def scripts(request: pytest.FixtureRequest, tmp_path: Path, runtime: str, need: Any) -> Scripts:
    need(request.param)
    return Scripts(tmp_path, request.param, runtime)


def test_enters_switches_and_leaves(scripts: Scripts) -> None:
    shown = scripts(f"{SAY}; cd one && {SAY}; cd ../two && {SAY}; cd .. && {SAY}; echo $PATH")
    path = scripts.env["PATH"]
    assert shown == f"none 0\n{scripts.prefix('one')} 0\n{scripts.prefix('two')} 0\nnone 0\n{path}\n"


def test_the_first_command_has_the_environment(scripts: Scripts) -> None:
    assert scripts(f"python -c 'import sys; print(sys.prefix)'; {SAY}", cwd="one/sub").split()[0] == scripts.prefix(
        "one"
    )


def test_subshells_have_environments_of_their_own(scripts: Scripts) -> None:
    inside, outside = scripts(
        f'(cd one && {SAY}); x=$(cd two; {SAY}); {SAY}; [ "$x" = "{scripts.prefix("two")} 0" ]'
    ).split("\n")[:2]
    assert (inside, outside) == (f"{scripts.prefix('one')} 0", "none 0")


STRICT = {
    "bash": (
        "set -euo pipefail", "set -Eeuo pipefail; trap 'echo failed' ERR; IFS=$'\\n\\t'", "set -o posix -eu",
        "set -fuC", "set -a", "shopt -s nullglob failglob nocasematch extglob; set -e",
        "alias local=false eval=false cd=true; set -e",
    ),
    "zsh": (
        "set -euo pipefail", "setopt no_unset err_return err_exit", "setopt ksh_arrays sh_word_split no_nomatch",
        "setopt warn_create_global no_clobber glob_subst", "setopt no_function_argzero posix_builtins; set -e",
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", range(7))
def test_strict_modes(scripts: Scripts, number: int) -> None:
    if number >= len(STRICT[scripts.shell]):
        return
    mode = STRICT[scripts.shell][number]
    shown = scripts(f"{mode}\ncd one\n{SAY}\ncd {scripts.home}/one/sub\ncd /\n{SAY}\necho end")
    assert shown == f"{scripts.prefix('one')} 0\nnone 0\nend\n"


def test_status_of_a_failed_cd(scripts: Scripts) -> None:
    assert scripts("cd missing 2>/dev/null || echo $?; if ! cd missing 2>/dev/null; then echo no; fi") == "1\nno\n"
    done = subprocess.run(
        [scripts.shell, "-ec", "cd missing; echo on"], env=scripts.env, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")


def test_an_inherited_environment_costs_nothing(scripts: Scripts, need: Any) -> None:
    log = scripts.top / "log"
    need("strace")
    shown = scripts(f"strace -qq -f -e trace=execve,openat -o {log} {scripts.shell} -c '{SAY}'", cwd="one")
    assert shown == f"{scripts.prefix('one')} 0\n"
    assert ".req" not in log.read_text()
    assert sum("execve(" in line and line.endswith("= 0") for line in log.read_text().splitlines()) == 1


def test_untrusted_stays_off(scripts: Scripts) -> None:
    (scripts.home / "one").rename(scripts.home / "moved")
    assert scripts(f"cd moved; {SAY}") == "none 0\n"
    subprocess.run([WEND, "allow", scripts.home / "moved"], env=scripts.env, check=True, capture_output=True)
    assert scripts(f"cd moved; {SAY}") == f"{scripts.prefix('moved')} 0\n"


def test_an_environment_activated_by_others_stays(scripts: Scripts) -> None:
    """As tox, nox or a person would, in the project itself."""
    prefix = scripts.home / "one" / ".tox"
    venv.create(prefix, symlinks=True)
    active: dict[str, Any] = {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix}/bin:{scripts.env['PATH']}"}
    assert scripts(f"{SAY}; cd sub; {SAY}; cd ../../two; {SAY}", cwd="one", **active).split("\n")[:3] == [
        f"{prefix} 0", f"{prefix} 0", f"{scripts.prefix('two')} 0",
    ]  # fmt: skip


def test_exec_stays(scripts: Scripts) -> None:
    words = (WEND, "exec", "two", "--", scripts.shell)
    assert scripts(f"cd one; {SAY}", words=words) == f"{scripts.prefix('two')} 0\n"


@pytest.mark.parametrize("name", ["it's $x `y`", "bücher", os.fsdecode(b"caf\xe9"), "new\nline"])
def test_odd_names(scripts: Scripts, name: str) -> None:
    (scripts.home / "one").rename(scripts.home / name)
    subprocess.run([WEND, "allow", scripts.home / name], env=scripts.env, check=True, capture_output=True)
    assert scripts(f'cd -- "$NAME" && {SAY}', NAME=name) == f"{scripts.prefix(name)} 0\n"


def test_readonly_and_disabled(scripts: Scripts) -> None:
    assert scripts(f"readonly PATH; cd one; {SAY}") == "none 0\n"
    assert scripts(f"cd one; {SAY}", WEND_DISABLE="1") == "none 0\n"
    if scripts.shell == "zsh" or _bash_version() >= 5:
        shown = scripts(f"f() {{ local PATH=$PATH:/x; cd one; {SAY}; }}; f; cd ../two; {SAY}")
        assert shown == f"none 0\n{scripts.prefix('two')} 0\n"


def _bash_version() -> int:
    return int(subprocess.check_output(["bash", "-c", "echo ${BASH_VERSINFO[0]}"]))


def test_a_venv_that_was_just_made(scripts: Scripts) -> None:
    (scripts.home / "new").mkdir()
    script = f"cd new; {SAY}; {sys.executable} -m venv --without-pip .venv; cd .; {SAY}; {scripts.shell} -c '{SAY}'"
    assert scripts(script) == f"none 0\n{scripts.home}/new/.venv 0\n{scripts.home}/new/.venv 0\n"


def test_without_a_program_nothing_happens(scripts: Scripts, nowhere: str) -> None:
    (scripts.top / "wend").unlink()
    assert scripts(f"cd one; {SAY}", WEND_RUNTIME_DIR=nowhere) == "none 0\n"


def test_interactive_shells_do_without(scripts: Scripts) -> None:
    done = subprocess.run(
        [scripts.shell, *(("--norc",) if scripts.shell == "bash" else ("-d",)), "-ic", f"cd one; {SAY}"],
        cwd=scripts.home, env=scripts.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "none 0\n"


@pytest.mark.parametrize("mode", [":", "set -euo pipefail"])
def test_scripts_of_conda(scripts: Scripts, mode: str) -> None:
    """They were not written for strict modes, and may do what they like in their own frame."""
    prefix = scripts.home / "sci" / ".condaenv"
    for name in ("bin", "conda-meta", "etc/conda/activate.d"):
        (prefix / name).mkdir(parents=True)
    os.symlink("/bin/sh", prefix / "bin" / "python")
    (prefix / "conda-meta" / "history").write_text("")
    (prefix / "etc/conda/activate.d/a.sh").write_text(
        'export SEEN="$CONDA_PREFIX$UNKNOWN"\ncd /; cd "$OLDPWD"\nfalse\nreturn 3\n'
    )
    subprocess.run([WEND, "allow", scripts.home / "sci"], env=scripts.env, check=True, capture_output=True)
    line = 'echo "$SEEN $CONDA_PREFIX $PWD ${-//[^u]/}"'
    after = "u" if mode != ":" else ""
    assert scripts(f"{mode}\ncd sci\n{line}") == f"{prefix} {prefix} {scripts.home}/sci {after}\n"


def test_everything_that_a_reply_calls_is_there() -> None:
    with open(posix.__file__, encoding="utf-8") as file:
        called = set(re.findall(r"(?<!\{)__wend_([a-z_]+)", file.read())) - {"again", "names", "ask"}
    called |= {f"{each}_deactivate" for each in (DeactivateFunction.DEFINE, DeactivateFunction.REMOVE)}
    text = hooks.script_text("bash", "wend")
    assert [name for name in sorted(called) if f"__wend_{name}() {{" not in text] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_no_process_when_a_daemon_answers(shell: str, tmp_path: Path, mailbox: str, need: Any) -> None:
    need(shell, "strace")
    scripts = Scripts(tmp_path, shell, mailbox)
    log = scripts.top / "log"
    words = ("strace", "-f", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve", "-o", str(log), shell)

    def answered() -> bool:
        before = scripts.called()
        scripts(f"cd one; cd ../two; cd /; {SAY}", words=words)
        return scripts.called() == before

    until(answered, "each answer is there within 250 ms")  # a busy machine does not always manage that
    assert len(log.read_text().splitlines()) == 1  # the shell itself


@pytest.mark.parametrize("shell", SHELLS)
def test_once_for_each_directory_without_a_daemon(shell: str, tmp_path: Path, nowhere: str, need: Any) -> None:
    need(shell)
    scripts = Scripts(tmp_path, shell, nowhere)
    scripts("cd one; cd .; cd ../one; cd sub; cd /")
    assert scripts.called() == 4  # home, one, sub, /
    assert set(scripts.calls.read_text().splitlines()) == {f"env --script {shell}"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_daemon_that_does_not_answer_is_waited_for_once(shell: str, tmp_path: Path, nowhere: str, need: Any) -> None:
    need(shell)
    scripts = Scripts(tmp_path, shell, nowhere)
    box = Path(nowhere) / f"wend-{os.geteuid()}"
    box.mkdir(0o700)
    os.symlink("/proc/self/ns/mnt", box / "ns")
    assert scripts(f"cd one; {SAY}; cd ../two; {SAY}").split()[::2] == [scripts.prefix("one"), scripts.prefix("two")]
    assert len(list(box.glob("*.req"))) == 1
    shutil.rmtree(box)


@pytest.mark.parametrize("shell", SHELLS)
def test_an_answer_that_is_not_complete_is_asked_for_again(shell: str, tmp_path: Path, mailbox: str, need: Any) -> None:
    need(shell)
    scripts = Scripts(tmp_path, shell, mailbox)
    again = "__wend_ask() { __wend_text='__wend_again=1; : wend-end'; }"
    script = (
        f"cd /; eval \"$(typeset -f __wend_ask | sed '1s/__wend_ask/__their_ask/')\"; {again}; cd ~/one/sub; {SAY}; "
        f"__wend_ask() {{ __their_ask; }}; cd .; {SAY}"
    )
    assert scripts(script) == f"none 0\n{scripts.prefix('one')} 0\n"


def test_an_earlier_bash_env_is_kept(tmp_path: Path, mailbox: str, need: Any) -> None:
    need("bash")
    scripts = Scripts(tmp_path, "bash", mailbox)
    earlier = scripts.top / "earlier"
    earlier.write_text('SETTING=kept\ncd() { builtin cd "$@" && echo "to $1"; }\n')
    expected = f"to one\nkept {scripts.prefix('one')}\n"
    script = 'cd one; echo "$SETTING $VIRTUAL_ENV"'
    assert scripts(script, WEND_BASH_ENV=str(earlier)) == expected
    with open(earlier, "a") as file:  # the other way round
        file.write(f". {scripts.file}\n")
    assert scripts(script, BASH_ENV=str(earlier)) == expected
    assert scripts(script, WEND_BASH_ENV=str(scripts.file)) == f" {scripts.prefix('one')}\n"
    assert scripts(script, WEND_BASH_ENV="/missing") == f" {scripts.prefix('one')}\n"


def test_sh_is_left_alone(tmp_path: Path, mailbox: str, need: Any) -> None:
    """A bash called `sh` reads no file; one that is told to be POSIX's does."""
    need("bash")
    scripts = Scripts(tmp_path, "bash", mailbox)
    os.symlink(shutil.which("bash") or "", scripts.top / "sh")
    assert scripts(f"cd one; {SAY}", words=(str(scripts.top / "sh"),)) == "none 0\n"
    assert (
        scripts(f". {scripts.file}; cd one; {SAY}", words=(str(scripts.top / "sh"),)) == f"{scripts.prefix('one')} 0\n"
    )
