from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend import launcher, setup
from wend.errors import WendError
from wend.setup import places
from wend.setup.startup_files import BEGIN, END, unwired, wired
from wend.shells import SHELLS, hooks

ALL = ("bash", "zsh", "fish")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "a home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


def _do(changes: list[setup.Change]) -> list[tuple[str, str]]:
    for change in changes:
        setup.make(change)
    return [(change.what, os.path.basename(change.path)) for change in changes]


def _snapshot(home: str) -> dict[str, tuple[int, bytes]]:
    found = {}
    for directory, _, files in os.walk(home):
        found[directory] = (0, b"")
        for name in files:
            path = os.path.join(directory, name)
            found[path] = (os.stat(path).st_mode, Path(path).read_bytes())
    return found


def test_in_an_empty_home_all_comes_and_all_goes(env: dict[str, str]) -> None:
    home = env["HOME"]
    before = _snapshot(home)
    assert _do(setup.plan(env, ALL)) == [
        ("written", "wend"),
        ("written", "wend.1"),
        ("written", "wend.bash"),
        ("written", "wend.zsh"),
        ("written", "wend.fish"),
        ("written", "wend.zsh.zwc"),
        ("written", "scripts.bash"),
        ("written", "scripts.zsh"),
        ("written", "wend.bash"),
        ("written", "_wend"),
        ("written", "wend.fish"),
        ("wired", ".bashrc"),
        ("wired", ".zshrc"),
        ("wired", "wend.fish"),
    ]
    assert setup.plan(env, ALL) == []
    assert os.access(f"{home}/.local/share/wend/bin/wend", os.X_OK)
    assert "@WEND@" not in Path(f"{home}/.local/share/wend/hooks/wend.bash").read_text()
    _do(setup.removal(env))
    setup.sweep(env | {"WEND_RUNTIME_DIR": home})
    assert setup.removal(env) == []
    after = _snapshot(home)
    for kept in (".local", ".local/share"):
        after.pop(f"{home}/{kept}")
    assert after == before


def test_man_finds_the_manual_page(env: dict[str, str], need: Callable[..., None]) -> None:
    need("man")
    _do(setup.plan(env, ("bash",)))
    page = Path(env["HOME"], ".local/share/man/man1/wend.1")
    programs = Path(env["HOME"], ".local/bin")
    programs.mkdir(parents=True)
    found = subprocess.run(
        ["man", "-w", "wend"],
        env=env | {"PATH": f"{programs}:{env['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == f"{page}\n", found.stderr


def test_a_manual_page_that_another_installer_linked_is_left_alone(env: dict[str, str], tmp_path: Path) -> None:
    page = Path(env["HOME"], ".local/share/man/man1/wend.1")
    page.parent.mkdir(parents=True)
    theirs = tmp_path / "theirs"
    theirs.write_text("as pipx has it")
    page.symlink_to(theirs)
    assert "wend.1" not in [name for _, name in _do(setup.plan(env, ("bash",)))]
    _do(setup.removal(env))
    assert page.is_symlink()
    assert theirs.read_text() == "as pipx has it"


SHAPES = {
    "plain": b"alias ll='ls -l'\n",
    "no newline at the end": b"alias ll='ls -l'",
    "empty": b"",
    "one newline": b"\n",
    "blank lines at the end": b"x=1\n\n\n",
    "CRLF": b"x=1\r\ny=2\r\n",
    "CRLF, no newline at the end": b"x=1\r\ny=2",
    "not UTF-8": b"# caf\xe9\n",
    "speaks of the marks": b"# the block # >>> wend is not here\n",
}


@pytest.mark.parametrize("before", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o444])
def test_every_byte_and_the_mode_come_back(env: dict[str, str], before: bytes, mode: int) -> None:
    rc = Path(env["HOME"], ".bashrc")
    rc.write_bytes(before)
    rc.chmod(mode)
    _do(setup.plan(env, ("bash",)))
    after = rc.read_bytes()
    assert after.startswith(before)
    assert after.count(BEGIN.encode()) == after.count(END.encode()) == 1
    assert after.endswith(END.encode() + b"\n")
    assert stat.S_IMODE(rc.stat().st_mode) == mode
    assert setup.plan(env, ("bash",)) == []
    _do(setup.removal(env))
    assert rc.read_bytes() == before
    assert stat.S_IMODE(rc.stat().st_mode) == mode


@given(before=st.binary(max_size=60).filter(lambda data: b"\0" not in data), rounds=st.integers(1, 3))
def test_wiring_and_unwiring_is_the_identity(before: bytes, rounds: int) -> None:
    after: bytes = before
    for number in range(rounds):
        after = wired(after, (f"line {number}", "and one more"), 0)
    assert unwired(after) == (before, 0)


def test_what_was_added_meanwhile_stays(env: dict[str, str]) -> None:
    rc = Path(env["HOME"], ".bashrc")
    for before in (b"a=1", b"a=1\n", None):
        if before is None:
            rc.unlink()
        else:
            rc.write_bytes(before)
        _do(setup.plan(env, ("bash",)))
        rc.write_bytes(b"first=1\n" + rc.read_bytes() + b"last=1\n")
        _do(setup.removal(env))
        middle = b"a=1\n" if before else b""
        assert rc.read_bytes() == b"first=1\n" + middle + b"last=1\n"


def test_a_block_of_an_older_version_moves_to_the_end(env: dict[str, str]) -> None:
    rc = Path(env["HOME"], ".bashrc")
    old = f"{BEGIN}\nsource /old/place\n{END}\n"
    rc.write_text(f"before\n{old}between\n{old}after\n")
    assert _do(setup.plan(env, ("bash",)))[-1] == ("wired", ".bashrc")
    text = rc.read_text()
    assert text.startswith(f"before\nbetween\nafter\n{BEGIN}\n")
    assert text.endswith(f"{END}\n")
    assert text.count(BEGIN) == 1
    assert "/old/place" not in text
    assert setup.plan(env, ("bash",)) == []


def test_setup_run_again_moves_its_block_behind_what_came_later(env: dict[str, str]) -> None:
    rc = Path(env["HOME"], ".bashrc")
    for before in (b"a=1", b"a=1\n", b"", None):
        rc.unlink(missing_ok=True)
        if before is not None:
            rc.write_bytes(before)
        _do(setup.plan(env, ("bash",)))
        rc.write_bytes(rc.read_bytes() + b"PROMPT_COMMAND=mine")
        assert [change.what for change in setup.plan(env, ("bash",))] == ["wired"]
        _do(setup.plan(env, ("bash",)))
        text = rc.read_bytes()
        assert text.endswith(END.encode() + b"\n")
        assert text.count(BEGIN.encode()) == 1
        _do(setup.removal(env))
        assert rc.read_bytes() == (b"a=1\n" if before else b"") + b"PROMPT_COMMAND=mine"


def test_a_block_that_an_editor_gave_crlf_is_found(env: dict[str, str]) -> None:
    rc = Path(env["HOME"], ".bashrc")
    rc.write_bytes(b"x\n")
    _do(setup.plan(env, ("bash",)))
    rc.write_bytes(rc.read_bytes().replace(b"\n", b"\r\n"))
    _do(setup.removal(env))
    assert rc.read_bytes() == b"x\r\n"


def test_a_link_stays_a_link(env: dict[str, str], tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    real.write_bytes(b"x=1")
    rc = Path(env["HOME"], ".zshrc")
    rc.symlink_to(real)
    _do(setup.plan(env, ("zsh",)))
    assert rc.is_symlink()
    assert BEGIN in real.read_text()
    _do(setup.removal(env))
    assert rc.is_symlink()
    assert real.read_bytes() == b"x=1"


@pytest.mark.parametrize("place", ["hooks", "bin", "completions"])
def test_what_a_link_in_the_place_of_an_installed_file_leads_to_stays(
    env: dict[str, str], tmp_path: Path, place: str
) -> None:
    """As of one who works on the hook in a checkout."""
    installed = {
        "hooks": setup.hook_file("bash", env),
        "bin": launcher.path(env),
        "completions": SHELLS["fish"].completion_file(env),
    }
    theirs, own = tmp_path / "checkout", Path(installed[place])
    theirs.write_text("mine\n")
    own.parent.mkdir(parents=True)
    own.symlink_to(theirs)
    for change in setup.plan(env, ("bash", "fish")):
        setup.make(change)
    assert own.is_file()
    assert not own.is_symlink()
    assert theirs.read_text() == "mine\n"
    own.unlink()
    own.symlink_to(theirs)
    for change in setup.removal(env, ("bash", "fish") if place != "bin" else ()):
        setup.make(change)
    assert not own.is_symlink()
    assert theirs.read_text() == "mine\n"


def test_a_dangling_link_is_filled_and_emptied(env: dict[str, str], tmp_path: Path) -> None:
    rc = Path(env["HOME"], ".bashrc")
    rc.symlink_to(tmp_path / "later")
    _do(setup.plan(env, ("bash",)))
    assert (tmp_path / "later").exists()
    _do(setup.removal(env))
    assert rc.is_symlink()
    assert not (tmp_path / "later").exists()


@pytest.mark.parametrize(
    ("files", "wired"),
    [
        ({}, [".bashrc"]),
        ({".bash_profile": "export A=1\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_profile": "[ -f ~/.bashrc ] && . ~/.bashrc\n"}, [".bashrc"]),
        ({".bash_profile": "# not .bashrc\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_profile": ". /etc/bash.bashrc; . /etc/bashrc\n"}, [".bashrc", ".bash_profile"]),
        ({".profile": "export A=1\n"}, [".bashrc", ".profile"]),
        ({".profile": "export A=1\n", ".bash_profile": ". ~/.bashrc\n"}, [".bashrc"]),
        ({".bash_login": "A=1\n", ".profile": ". ~/.bashrc\n"}, [".bashrc", ".bash_login"]),
    ],
)
def test_login_shells_of_bash(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch, files: dict[str, str], wired: list[str]
) -> None:
    monkeypatch.setattr(places, "MACOS", False)
    for name, text in files.items():
        Path(env["HOME"], name).write_text(text)
    done = _do(setup.plan(env, ("bash",)))
    assert [name for what, name in done if what == "wired"] == wired
    assert setup.plan(env, ("bash",)) == []
    _do(setup.removal(env))
    for name, text in files.items():
        assert Path(env["HOME"], name).read_text() == text


def test_macos_opens_login_shells(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MACOS", True)
    assert [os.path.basename(path) for path in places.files("bash", env)] == [".bashrc", ".bash_profile"]


def test_places_of_the_others(env: dict[str, str]) -> None:
    home = env["HOME"]
    assert places.files("zsh", env) == [f"{home}/.zshrc"]
    assert places.files("zsh", env | {"ZDOTDIR": "/z"}) == ["/z/.zshrc"]
    assert places.files("fish", env) == [f"{home}/.config/fish/conf.d/wend.fish"]
    assert places.files("fish", env | {"XDG_CONFIG_HOME": "/c"}) == ["/c/fish/conf.d/wend.fish"]
    assert places.files("fish", env | {"XDG_CONFIG_HOME": "c"}) == [f"{home}/.config/fish/conf.d/wend.fish"]
    assert places.files("pwsh", env) == [f"{home}/.config/powershell/profile.ps1"]


ZSHENV = {
    "unset": ("", "", [".zshrc"]),
    "set": ('ZDOTDIR="$HOME/.config/zsh"\n', "", [".config/zsh/.zshrc"]),
    "exported, and setup is run below it": ('export ZDOTDIR="$HOME/z"\n', "z", ["z/.zshrc"]),
    "by the session": ("", "z", ["z/.zshrc"]),
    "noisy": ("echo hello; printf '\\\\0no\\\\0\\\\n'; ZDOTDIR=$HOME/z\n", "", ["z/.zshrc"]),
    "leaves something behind": ("sleep 8 & ZDOTDIR=$HOME/z\n", "", ["z/.zshrc"]),
    "ends": ("exit 1\n", "", [".zshrc"]),
    "hangs": ("while :; do sleep 1; done\n", "", [".zshrc"]),
}


@pytest.mark.parametrize("case", ZSHENV)
def test_zsh_says_where_its_zshrc_is(
    env: dict[str, str], case: str, monkeypatch: pytest.MonkeyPatch, need: Callable[..., None]
) -> None:
    need("zsh")
    text, zdotdir, expected = ZSHENV[case]
    home = env["HOME"]
    monkeypatch.setattr(places, "_PATIENCE", 0.3 if case == "hangs" else 60.0)
    Path(home, ".zshenv").write_text(text)
    if zdotdir:
        env["ZDOTDIR"] = f"{home}/{zdotdir}"
    assert places.files("zsh", env) == [f"{home}/{file}" for file in expected]
    _do(setup.plan(env, ("zsh",)))
    if case not in ("ends", "hangs"):
        line = "print -r -- $WEND_SHELL >$HOME/shown"
        subprocess.run(
            ["zsh", "-d", "-i", "-c", line], env=env | {"WEND_DISABLE": "1"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=True,
        )  # fmt: skip
        assert re.match(r"[0-9]+-", Path(home, "shown").read_text())
    _do(setup.removal(env))
    assert setup.removal(env) == []
    assert not Path(home, expected[0]).exists()


def test_zsh_loads_the_compiled_hook_unless_the_hook_is_newer(env: dict[str, str], need: Callable[..., None]) -> None:
    need("zsh")
    _do(setup.plan(env, ("zsh",)))
    hook = Path(setup.hook_file("zsh", env))
    compiled = Path(f"{hook}.zwc")
    assert compiled.stat().st_mtime >= hook.stat().st_mtime

    def loaded() -> tuple[str, str]:
        line = f". '{hook}'; print $+functions[__wend_ask]$+functions[changed]"
        done = subprocess.run(
            ["zsh", "-f", "-i", "-c", line],
            env=env | {"WEND_DISABLE": "1"}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip(), done.stderr

    hook.write_text("changed() { :; }\n")
    os.utime(hook, (0, 0))
    assert loaded() == ("10", "")
    os.utime(hook)
    os.utime(compiled, (0, 0))
    assert loaded() == ("01", "")  # the source of another version
    for junk in (b"", b"junk", compiled.read_bytes()[:600]):
        compiled.chmod(0o644)
        compiled.write_bytes(junk)
        assert loaded()[0] == "01"
    assert [change.what for change in setup.plan(env, ("zsh",))] == ["written", "written"]


def test_a_variable_that_a_shell_exported_hides_no_file(env: dict[str, str]) -> None:
    home = env["HOME"]
    for name in (".zshrc", ".config/fish/config.fish"):
        Path(home, name).parent.mkdir(parents=True, exist_ok=True)
        Path(home, name).write_text("\n")
    below = env | {"ZDOTDIR": f"{home}/z", "XDG_CONFIG_HOME": f"{home}/x"}
    assert places.files("zsh", below) == [f"{home}/z/.zshrc", f"{home}/.zshrc"]
    conf = "fish/conf.d/wend.fish"
    assert places.files("fish", below) == [f"{home}/x/{conf}", f"{home}/.config/{conf}"]
    _do(setup.plan(below, ALL))
    _do(setup.removal(env | {"ZDOTDIR": f"{home}/z", "XDG_CONFIG_HOME": f"{home}/x"}))
    assert setup.removal(below) == []


@pytest.mark.parametrize(
    ("shell", "file", "seen"),
    [
        ("fish", "fish/conf.d/mine.fish", True),
        ("fish", "fish/functions/fish_prompt.fish", True),
        ("fish", "fish/conf.d/wend.fish", False),  # ours, from another time
        ("fish", "fish/conf.d/.keep", False),  # fish itself makes the directory
        ("fish", "fish/fish_variables", False),  # and this
        ("zsh", "../.zprofile", True),
        ("zsh", "../.zshenv", False),  # zsh has been asked what it makes of it
        ("pwsh", "powershell/profile.ps1", True),
        ("pwsh", "powershell/Microsoft.PowerShell_profile.ps1", True),
    ],
)
def test_what_shows_that_a_shell_is_set_up_without_an_exported_variable(
    env: dict[str, str], shell: str, file: str, seen: bool
) -> None:
    home = env["HOME"]
    path = Path(home, ".config", file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    below = env | {"ZDOTDIR": f"{home}/z", "XDG_CONFIG_HOME": f"{home}/x"}
    assert len(places.files(shell, below)) == 1 + seen
    assert len(places.files(shell, env)) == 1


def test_the_block_is_for_bash_alone_where_sh_reads_it(env: dict[str, str]) -> None:
    hook = os.path.join(env["HOME"], "it's $a hook")
    Path(hook).write_text("echo read\n")
    line = SHELLS["bash"].source_line(hook)
    for shell, output in (("sh", ""), ("bash", "read\n")):
        done = subprocess.run([shell, "-euc", line], env=env, capture_output=True, text=True, check=True)
        if shell == "bash" or not os.path.realpath("/bin/sh").endswith("bash"):
            assert (done.stdout, done.stderr) == (output, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_hook_that_is_gone_is_silent(env: dict[str, str], shell: str, need: Callable[..., None]) -> None:
    need(shell)
    line = SHELLS[shell].source_line("/nowhere/it's")
    done = subprocess.run([shell, "-c", line], env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_what_is_not_a_text_file_is_refused_and_left_alone(env: dict[str, str]) -> None:
    rc = Path(env["HOME"], ".bashrc")
    for data in (b"a\0b", f"{BEGIN}\nno end\n".encode()):
        rc.write_bytes(data)
        with pytest.raises(WendError):
            setup.plan(env, ("bash",))
        assert rc.read_bytes() == data
    rc.unlink()
    os.mkfifo(rc)
    with pytest.raises(WendError, match="not a regular file"):
        setup.plan(env, ("bash",))


def test_no_home(env: dict[str, str]) -> None:
    for home in ("", "relative", "/proc/nowhere/at/all"):
        with pytest.raises(WendError):
            setup.plan(env | {"HOME": home}, ("bash",))


def test_only_the_shells_that_are_there(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "zsh").symlink_to("/bin/sh")
    assert places.found({"PATH": str(tmp_path)}) == ("zsh",)
    done = _do(setup.plan(env | {"PATH": str(tmp_path)}))
    assert [name for what, name in done if what == "wired"] == [".zshrc"]


def test_without_rc_only_the_data_directory_changes(env: dict[str, str]) -> None:
    _do(setup.plan(env, ALL, rc=False))
    assert os.listdir(env["HOME"]) == [".local"]


def test_one_shell_is_let_go_alone(env: dict[str, str]) -> None:
    _do(setup.plan(env, ("bash", "zsh")))
    assert _do(setup.removal(env, ("zsh",))) == [
        ("unwired", ".zshrc"),
        ("removed", "wend.zsh"),
        ("removed", "wend.zsh.zwc"),
        ("removed", "scripts.zsh"),
        ("removed", "_wend"),
    ]
    assert setup.plan(env, ("bash",)) == []


def test_a_launcher_that_is_no_file_is_not_waited_for(env: dict[str, str]) -> None:
    place = Path(launcher.path(env))
    place.parent.mkdir(parents=True)
    os.mkfifo(place)
    assert launcher._content(str(place)) is None


def test_the_launcher_imports_nothing_from_where_the_user_is(env: dict[str, str], tmp_path: Path) -> None:
    _do(setup.plan(env, ("bash",)))
    program = launcher.program(env)
    assert program == os.path.join(env["HOME"], ".local/share/wend/bin/wend")
    for name in ("json.py", "click.py", "wend.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    done = subprocess.run(
        [program, "config"],
        cwd=tmp_path,
        env=env | {"PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": str(tmp_path / "json.py"), "PYTHONHOME": "/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_launcher_says_nothing_of_a_current_directory_that_has_gone(env: dict[str, str], tmp_path: Path) -> None:
    """dash does when it starts; so Python is started without it."""
    _do(setup.plan(env, ("bash",)))
    (tmp_path / "gone").mkdir()
    code = 'cd "$1" && rmdir "$1" && exec "$0" --version'
    done = subprocess.run(
        ["bash", "-c", code, launcher.program(env), str(tmp_path / "gone")], env=env, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("name", "direct"),
    [("python", True), ("pythön", True), ("a python", False), ("a\tpython", False), ("python\udcff", False)],
)
def test_the_launcher_is_run_by_sh_where_the_kernel_or_python_cannot_read_its_first_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, direct: bool
) -> None:
    python = tmp_path / name
    os.symlink(sys.executable, python)  # nothing but the path tells where it is
    _runs(monkeypatch, tmp_path, python)
    assert launcher.text().startswith(b"#!/bin/sh\n") is not direct


def test_the_first_line_of_the_launcher_is_no_longer_than_linux_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    top = Path(tempfile.mkdtemp(prefix="wend-", dir="/tmp"))
    try:
        room = 127 - len(f"#!{top}/ -ISXutf8")
        for length, direct in ((room, True), (room + 1, False), (240, False)):
            os.symlink(sys.executable, python := top / ("p" * length))
            _runs(monkeypatch, tmp_path, python)
            assert launcher.text().startswith(b"#!/bin/sh\n") is not direct
    finally:
        shutil.rmtree(top)


def test_the_launcher_finds_its_code_whatever_the_name_of_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for index, name in enumerate(("it's", "{}", "a\nb", "漢", "x\udcff", "'\"\\")):
        os.symlink(os.path.dirname(os.path.dirname(launcher.__file__)), tmp_path / name)
        monkeypatch.setattr(launcher, "_MAIN", f"{tmp_path}/{name}/wend/__main__.py")
        _runs(monkeypatch, tmp_path, Path(sys.executable))
        assert index or b"/bin/sh" not in launcher.text()


def test_the_launcher_says_that_its_code_has_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in (tmp_path / "site", tmp_path / "other"):  # nothing is there; what an uninstallation may leave
        monkeypatch.setattr(launcher, "_MAIN", str(place / "wend" / "__main__.py"))
        done = _run(tmp_path, launcher.text())
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.startswith(b"wend: "), done.stderr
        assert done.stderr.count(b"\n") == 1
        (tmp_path / "other" / "wend").mkdir(parents=True, exist_ok=True)


def _runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, python: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(python))
    done = _run(tmp_path, launcher.text())
    assert (done.returncode, done.stderr) == (4, b"")
    assert json.loads(done.stdout)["env"] is None


def _run(tmp_path: Path, text: bytes) -> subprocess.CompletedProcess[bytes]:
    script = tmp_path / "wend"
    script.write_bytes(text)
    script.chmod(0o755)
    # A form that needs no library: the places of PYTHON may have none.
    command = [str(script), "env", "--json", "/"]
    return subprocess.run(command, env={"WEND_RUNTIME_DIR": str(tmp_path)}, capture_output=True, check=False)


def test_hooks_are_there_for_every_shell() -> None:
    for shell in SHELLS:
        assert "@WEND@" not in hooks.text(shell, "/it's/wend")


# What each shell makes of a file, without its comments; with the part that is read on demand.
_FUNCTIONS = {
    "bash": ["bash", "--norc", "-ic", '. "$0"; __wend_rarely __wend_swap a b; declare -f', "{file}"],
    "zsh": ["zsh", "-f", "-ic", '. "$0"; functions', "{file}"],
    "fish": [
        "fish", "--no-config", "-ic",
        "source $argv[1]; __wend_rarely __wend_count_down; functions (functions -a)", "{file}",
    ],
    "pwsh": [
        "pwsh", "-NoProfile", "-Command",
        "$t = $null; $null = [Management.Automation.Language.Parser]::ParseFile('{file}', [ref]$t, [ref]$null);"
        "$t | ? Kind -notin Comment, NewLine | % {{ \"$($_.Kind) $($_.Text)\" }}",
    ],
}  # fmt: skip


@pytest.mark.parametrize("shell", tuple(SHELLS))
def test_the_installed_hook_is_the_same_without_its_comments(
    env: dict[str, str], tmp_path: Path, shell: str, need: Callable[..., None]
) -> None:
    need(shell)
    shown = []
    for make in (hooks.text, hooks.installed):
        file = tmp_path / make.__name__ / "wend" / "hooks" / SHELLS[shell].hook
        file.parent.mkdir(parents=True)
        file.write_text(make(shell, "/wend"))
        command = [word.format(file=file) for word in _FUNCTIONS[shell]]
        done = subprocess.run(
            command, env=env | {"WEND_DISABLE": "1", "TERM": "dumb"}, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
        lines = [line.strip() for line in done.stdout.splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        shown.append([line.replace(str(file), "") for line in lines])
    assert len(shown[0]) > 50
    assert shown[0] == shown[1]


def test_the_installed_hook_has_a_title_and_no_other_comment(env: dict[str, str]) -> None:
    for shell in SHELLS:
        _do(setup.plan(env, (shell,)))
        lines = Path(env["HOME"], ".local/share/wend/hooks", SHELLS[shell].hook).read_text().splitlines()
        assert lines[0].startswith("# wend for ")
        code = [line for line in lines[1:] if not line.startswith("#:")]  # fish's second part
        assert [line for line in code if not line.strip() or line.lstrip().startswith("#")] == []
