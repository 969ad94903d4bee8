"""Commands that fail, and what git is told to ignore."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from wend.errors import WendError
from wend.workflow import ignoring, running
from wend.workflow.commands import Command, Find, Steps, command

ENV = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}


def run(root: Path, *commands: Command, makes: str = "", replaced: str = "") -> None:
    steps = Steps("pip", commands, str(root / makes) if makes else "", claim=bool(makes))
    with running.making(steps, (str(root / "extra"),), str(root / replaced) if replaced else "", tuple):
        running.run(steps, str(root), ENV, lambda label: nullcontext())


def test_what_a_tool_says_is_kept(tmp_path: Path) -> None:
    with pytest.raises(running.ToolError) as caught:
        run(tmp_path, command("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert (caught.value.output, caught.value.status) == ("out\nerr\n", 1)
    with pytest.raises(running.ToolError, match="killed by signal 9"):
        run(tmp_path, command("sh", "-c", "kill -9 $$"))
    with pytest.raises(WendError, match="no-such-program: command not found"):
        run(tmp_path, command("no-such-program"))
    program = tmp_path / "tool"  # as pipx leaves it after an upgrade of Python
    program.write_text("#!/nowhere/python\n")
    program.chmod(0o755)
    with pytest.raises(WendError) as gone:
        run(tmp_path, command(str(program)))
    assert gone.value.line() == f"wend: the Python of {program} is gone: uv tool install --reinstall {program}"


@pytest.mark.parametrize(("free", "files"), [(0, 10), (1000, 10), (1 << 30, 0)])
def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, files: int) -> None:
    """Not each tool says so: venv's ensurepip does not."""
    disk = os.statvfs(tmp_path)
    full = os.statvfs_result((disk.f_bsize, 1, 1 << 31, free, free, 100, files, files, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda path: full if path == str(tmp_path) else disk)
    with pytest.raises(WendError) as caught:
        run(tmp_path, command("false"))
    assert caught.value.fix == f"df -h {tmp_path}"


def test_a_flood_of_output_is_cut_and_no_input_is_waited_for(tmp_path: Path) -> None:
    status, output = running.execute(command("sh", "-c", "cat; yes | head -c 3000000"), str(tmp_path), ENV)
    assert (status, len(output)) == (0, 256 * 1024)


def test_failure_removes_what_is_new_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "file").touch()
    script = "echo x >.venv/half; ln -s elsewhere extra; exit 1"
    with pytest.raises(running.ToolError):
        run(tmp_path, command("sh", "-c", script), makes=".venv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "mine"]
    assert (target / "file").exists()


def test_failure_leaves_what_was_there_in_the_tools_places(tmp_path: Path) -> None:
    (tmp_path / "extra").write_text("mine")
    with pytest.raises(running.ToolError):
        run(tmp_path, command("false"))
    assert (tmp_path / "extra").read_text() == "mine"


def test_failure_puts_the_old_one_back_success_removes_it(tmp_path: Path) -> None:
    old = tmp_path / ".venv"
    old.mkdir()
    (old / "old").touch()
    with pytest.raises(running.ToolError):
        run(tmp_path, command("sh", "-c", "touch .venv/new; exit 1"), makes=".venv", replaced=".venv")
    assert os.listdir(old) == ["old"]
    run(tmp_path, command("touch", ".venv/new"), makes=".venv", replaced=".venv")
    assert os.listdir(old) == ["new"]
    assert os.listdir(tmp_path) == [".venv"]


def test_a_command_ends_where_there_are_no_groups_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.setattr(running, "WINDOWS", True)
    monkeypatch.setattr(running, "_PATIENCE", 0.01)
    monkeypatch.delattr(os, "killpg")
    with subprocess.Popen(["sleep", "60"]) as child:
        running._end(child)
        assert child.returncode == -signal.SIGKILL


def test_another_run_in_the_same_place_is_seen(tmp_path: Path) -> None:
    """What the other one made is not removed."""

    def made() -> tuple[str, ...]:
        (tmp_path / ".venv").mkdir(exist_ok=True)  # between the look and the claim
        return ()

    steps = Steps("pip", (), str(tmp_path / ".venv"), claim=True)
    with pytest.raises(WendError, match="exists"), running.making(steps, (), "", made):
        pytest.fail("it was let in")
    assert (tmp_path / ".venv").is_dir()


# A project's environment is replaced, and a real signal comes at one point of it.
_REPLACE = """
import os, signal, subprocess, sys
from contextlib import nullcontext
from wend.workflow import running
from wend.workflow.commands import Steps, command
root, point, number, script = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
def comes():
    os.kill(os.getpid(), number)
def after(holder, name, times=1):
    real, left = getattr(holder, name), [times]
    def function(*words, **options):
        done = real(*words, **options)
        left[0] -= 1
        if left[0] == 0:
            comes()
        return done
    setattr(holder, name, function)
def before(holder, name):
    real = getattr(holder, name)
    def function(*words, **options):
        comes()
        return real(*words, **options)
    setattr(holder, name, function)
if point == "set aside": after(os, "rename")
if point == "claimed": after(os, "mkdir")
if point == "started": after(subprocess, "Popen")
if point == "ended": after(subprocess.Popen, "wait")
if point == "second started": after(subprocess, "Popen", 2)
if point == "removing": before(running, "_remove")
if point == "put back": after(os, "rename", 2)
steps = Steps("pip", (command("sh", "-c", "echo half >.venv/new"), command("sh", "-c", script)), root + "/.venv", True)
status = 0
try:
    with running.making(steps, (), root + "/.venv", tuple):
        running.run(steps, root, dict(os.environ), lambda label: nullcontext())
except running.ToolError:
    status = 1
except KeyboardInterrupt:
    status = 130
sys.exit(status)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("point", "script", "stays", "status"),
    [
        ("set aside", "sleep 60", "old", 0),
        ("claimed", "sleep 60", "old", 0),
        ("started", "sleep 60", "old", 0),
        ("ended", "sleep 60", "old", 0),
        ("second started", "sleep 60", "old", 0),
        ("removing", "exit 0", "new", 0),  # too late: the new one is whole
        ("removing", "exit 1", "old", 1),
        ("put back", "exit 1", "old", 1),
    ],
)
def test_a_signal_at_any_point_leaves_one_whole_environment(
    tmp_path: Path, *, number: int, point: str, script: str, stays: str, status: int
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "old").touch()
    words = [sys.executable, "-c", _REPLACE, str(tmp_path), point, str(int(number)), script]
    before = signal.signal(number, signal.SIG_DFL)  # a test run in the background ignores some
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=50, check=False)
    finally:
        signal.signal(number, before)
    assert os.listdir(tmp_path) == [".venv"], done.stderr
    assert os.listdir(tmp_path / ".venv") == [stays], done.stderr
    assert done.returncode == (status if script != "sleep 60" else 128 + number), done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "sub" / ".venv").mkdir(parents=True)
    (tmp_path / "sub" / ".venv" / "pyvenv.cfg").touch()
    return tmp_path


@pytest.mark.parametrize("with_git", [True, False])
@pytest.mark.parametrize(
    ("file", "text", "wanted"),
    [
        (None, "", (".gitignore", ".venv/\n")),
        (".gitignore", "x", (".gitignore", "x\n.venv/\n")),
        ("sub/.gitignore", "", ("sub/.gitignore", ".venv/\n")),
        (".gitignore", ".venv/\n", None),
        ("sub/.gitignore", "/.venv\n", None),
        ("sub/.venv/.gitignore", "*\n", None),
    ],
)
def test_ignore(tree: Path, with_git: bool, file: str | None, text: str, wanted: tuple[str, str] | None) -> None:
    if file:
        (tree / file).write_text(text)
    git = shutil.which("git") if with_git else ""
    changed = ignoring.ignore(str(tree / "sub" / ".venv"), git or "", ENV)
    assert changed == (str(tree / wanted[0]) if wanted else "")
    if wanted:
        assert (tree / wanted[0]).read_text() == wanted[1]
        assert ignoring.ignore(str(tree / "sub" / ".venv"), git or "", ENV) == ""


def test_ignore_needs_nothing_that_windows_lacks(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("O_CLOEXEC", "O_NONBLOCK", "pread"):
        monkeypatch.delattr(os, name)
    (tree / "sub" / ".gitignore").write_text("old")
    assert ignoring.ignore(str(tree / "sub" / ".venv"), "", ENV)
    assert (tree / "sub" / ".gitignore").read_text() == "old\n.venv/\n"


def test_ignore_follows_no_link_and_waits_for_no_pipe(tree: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine\n")
    (tree / "sub" / ".gitignore").symlink_to(precious)
    assert ignoring.ignore(str(tree / "sub" / ".venv"), "", ENV) == ""
    assert precious.read_text() == "mine\n"
    (tree / "sub" / ".gitignore").unlink()
    os.mkfifo(tree / "sub" / ".gitignore")
    assert ignoring.ignore(str(tree / "sub" / ".venv"), "", ENV) == ""


def test_outside_a_work_tree_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    assert ignoring.ignore(str(tmp_path / ".venv"), shutil.which("git") or "", ENV) == ""
    assert os.listdir(tmp_path) == [".venv"]


def test_git_runs_nothing_of_the_repository(tree: Path) -> None:
    marker = tree / "ran"
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {marker}; false"], cwd=tree, check=True)
    (tree / ".gitignore").write_text("other\n")
    git = shutil.which("git") or ""
    ignoring.ignore(str(tree / "sub" / ".venv"), git, ENV)
    ignoring.checkout(str(tree / "sub"), git, ENV)
    assert not marker.exists()


def test_git_knows_more_than_the_plain_line(tree: Path) -> None:
    """A pattern, and a line that is taken back; where git fails, the plain line counts."""
    prefix, git = str(tree / "sub" / ".venv"), shutil.which("git") or ""
    (tree / ".gitignore").write_text(".ve*/\n")
    assert ignoring.is_ignored(prefix, git, ENV)
    assert not ignoring.is_ignored(prefix, "", ENV)
    (tree / ".gitignore").write_text(".venv/\n!.venv/\n")
    assert not ignoring.is_ignored(prefix, git, ENV)
    assert ignoring.is_ignored(prefix, "", ENV)
    assert ignoring.is_ignored(prefix, "/bin/false/git", ENV)
    (tree / ".git" / "HEAD").write_text("damaged")
    assert ignoring.is_ignored(prefix, git, ENV)


@pytest.mark.parametrize("script", ["echo /usr/bin/python3; exit 1", "echo python3", "true", "exit 2"])
def test_an_interpreter_that_uv_does_not_find(tmp_path: Path, script: str) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\n{script}\n")
    uv.chmod(0o755)
    env = {**ENV, "PATH": f"{tmp_path}:{ENV['PATH']}"}
    with pytest.raises(running.ToolError, match=r"uv finds no Python 3\.99"):
        running.execute(command("echo", Find("3.99")), str(tmp_path), env)
    uv.write_text("#!/bin/sh\necho warning >&2; echo /usr/bin/python3\n")
    assert running.execute(command("echo", Find("3.99")), str(tmp_path), env) == (0, "/usr/bin/python3\n")


@pytest.mark.parametrize(("remote", "wanted"), [("https://h/x.git", "https://h/x.git"), ("https://h/x --bad", "")])
def test_the_remote_of_a_work_tree_is_one_word(tree: Path, remote: str, wanted: str) -> None:
    git = shutil.which("git") or ""
    identity = ("-c", "user.name=n", "-c", "user.email=e@e.e")
    subprocess.run([git, *identity, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tree, check=True)
    subprocess.run([git, "remote", "add", "origin", remote], cwd=tree, check=True)
    found = ignoring.checkout(str(tree / "sub"), git, ENV)
    assert found is not None
    assert (found.remote, found.subdirectory) == (wanted, "sub")


def test_where_the_old_environment_is_when_what_a_tool_left_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with directories that a tool has made read-only."""
    old = tmp_path / ".venv"
    old.mkdir()
    (old / "mine").touch()
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(WendError) as raised:  # noqa: SIM117
        with running.making(Steps("pip", (), str(old)), (), str(old), lambda: ()):
            old.mkdir()
            (old / "left").touch()
            raise running.ToolError("it failed", "")
    (aside,) = tmp_path.glob(".wend-venv-*")
    assert (aside / "mine").exists()
    assert f"what was there before is {aside}" in raised.value.what
    assert raised.value.fix == f"rm -r {old} && mv {aside} {old}"
