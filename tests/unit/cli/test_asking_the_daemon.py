"""`wend exec` and `wend env` ask a running daemon; what they print, run and return does not tell."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import wend
from tests.conftest import TREE
from tests.daemon.talk import until

from .conftest import MAIN, Cli

FORMS = [
    ["exec", "{}", "--", "env"], ["exec", "{}", "--", "sh", "-c", 'echo "$VIRTUAL_ENV|$CONDA_PREFIX|$SEEN"; exit 7'],
    ["exec", "{}", "--", "no-such-command"], ["exec", "{}", "--", "/"], ["exec", "{}", "--", "sh", "-c", "kill -9 $$"],
    ["env", "{}", "--json"], ["env", "{}", "--json", "--shell", "fish"], ["env", "{}", "--dotenv"],
    ["env", "{}", "--shell", "bash"], ["env", "{}", "--shell", "powershell"], ["env", "{}", "--shell=tcsh"],
]  # fmt: skip
PLACES = ["proj", "proj/sub", "moved", "sci", "allowed", "broken", ".", "missing", "file"]


def _conda(root: Path) -> None:
    prefix = root / ".condaenv"
    for name in ("bin", "conda-meta", "etc/conda/activate.d"):
        (prefix / name).mkdir(parents=True)
    os.symlink("/bin/sh", prefix / "bin" / "python")
    (prefix / "conda-meta" / "history").write_text("")
    (prefix / "etc/conda/activate.d/x.sh").write_text('export SEEN="$CONDA_PREFIX"\n')


@pytest.fixture
def places(cli: Cli) -> Cli:
    """Directories with environments of all sorts, in a home."""
    (cli.project("proj") / "sub").mkdir()
    venv.create(cli.home / "unmoved/.venv", symlinks=True)
    (cli.home / "unmoved").rename(cli.home / "moved")
    _conda(cli.home / "sci")
    _conda(cli.home / "allowed")
    assert cli("allow", "allowed").returncode == 0
    (cli.home / "broken/.venv/bin").mkdir(parents=True)
    (cli.home / "file").write_text("")
    return cli


def _outcome(cli: Cli, words: list[str]) -> tuple[int, list[str], str]:
    done = cli(*words)
    return done.returncode, sorted(done.stdout.splitlines()), done.stderr


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_with_and_without_a_daemon_all_is_the_same(places: Cli, form: list[str]) -> None:
    lists = [[word.replace("{}", place) for word in form] for place in PLACES]
    alone = [_outcome(places, words) for words in lists]
    assert places("daemon", "start").returncode == 0
    asked = [_outcome(places, words) for words in lists]
    for words, one, other in zip(lists, alone, asked):
        assert one == other, words


# What a command that asks a daemon may load, beyond what Python has loaded when it starts.
LOADED = {
    "wend", "wend.cli", "wend.cli.directories", "wend.cli.entering", "wend.cli.quick", "wend.client", "wend.daemon",
    "wend.daemon.mailbox", "wend.errors", "wend.libraries", "wend.paths", "wend.patterns", "wend.protocol",
    "wend.system", "wend.typed",
}  # fmt: skip
SMALL = {"__future__", "_collections", "errno", "gc"}
_LOADED = """
import os, sys, time
before = set(sys.modules)
source, *words = sys.argv[1:]
sys.path.insert(0, source)
def told(*_):
    sys.stdout.flush()
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
    leave(0)
leave, os._exit, os.execve = os._exit, told, told
sys.argv = ["wend", *words]
from wend.__main__ import main
main()
"""


def _loaded(cli: Cli, *words: str) -> set[str]:
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _LOADED, os.path.join(TREE, "src"), *words]
    done = subprocess.run(command, cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def _asks(cli: Cli) -> bool:
    """Return whether a command got its outcome from a daemon."""
    return "wend.engine" not in _loaded(cli, "env", "--shell", "bash")


@pytest.mark.parametrize("words", [["exec", "--", "true"], ["env", "--shell", "bash"], ["env", "--json"]])
def test_asking_loads_next_to_nothing(words: list[str], cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    assert _loaded(cli, *words) - SMALL - {"wend.__main__"} == LOADED


def test_the_documentation_says_how_many_modules() -> None:
    with open(os.path.join(TREE, "docs", "architecture.md"), encoding="utf-8") as file:
        assert f"loads {len(LOADED) + 1} small modules of wend" in file.read()


def _box(cli: Cli) -> str:
    return os.path.join(cli.env["WEND_RUNTIME_DIR"], f"wend-{os.geteuid()}")


def _names(cli: Cli, ending: str) -> list[str]:
    return [name for name in os.listdir(_box(cli)) if name.endswith(ending)]


def test_asking_leaves_no_file(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    assert _asks(cli)
    assert sorted(os.listdir(_box(cli))) == ["lock", "new", "ns"]


def test_a_daemon_that_hangs_is_waited_for_once(cli: Cli) -> None:
    """Its unanswered request says so to every later command, until it goes on."""
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    pid = cli.json("daemon", "status")["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            assert cli("exec", "--", "sh", "-c", 'echo "$VIRTUAL_ENV"').stdout == f"{cli.cwd}/.venv\n"
            assert len(_names(cli, ".req")) == 1
        assert os.readlink(os.path.join(_box(cli), "late")) == _names(cli, ".req")[0]
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: not _names(cli, ".req"), "the daemon's look at what lies there")
    assert _names(cli, ".rep") == []
    assert _asks(cli)


def test_one_that_is_killed_while_it_hangs(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    pid = cli.json("daemon", "status")["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert not _asks(cli)
    os.kill(pid, signal.SIGKILL)
    assert not _asks(cli)
    until(lambda: cli("daemon", "start").returncode == 0, "another daemon")
    until(lambda: not _names(cli, ".req"), "its look at what lies there")
    assert _asks(cli)


def test_a_daemon_of_other_code_is_not_believed(cli: Cli, tmp_path: Path) -> None:
    """It runs from another copy of the package, or the package was replaced under it."""
    cli.cwd = cli.project("proj")
    copy = tmp_path / "site" / "wend"
    shutil.copytree(os.path.dirname(wend.__file__), copy, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-I", "-X", "utf8", str(copy / "__main__.py"), "daemon", "start"]
    subprocess.run(command, env=cli.env, check=True, capture_output=True)
    assert not _asks(cli)
    assert sorted(os.listdir(_box(cli))) == ["lock", "new", "ns"]
    init = copy / "__init__.py"
    init.write_text(init.read_text() + "\n")
    log = cli.home / ".local/state/wend/daemon.log"
    assert not _asks(cli)
    until(lambda: "ended: upgrade" in log.read_text(), "the upgrade")


def test_a_daemon_of_an_earlier_version_is_not_believed(cli: Cli) -> None:
    """It knows no such question, and answers with a document."""
    cli.cwd = cli.project("proj")
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "from wend.daemon import responder\n"
        "responder.ENTER = ''\n"
        "from wend.__main__ import main\n"
        "sys.exit(main())"
    )
    os.mkdir(_box(cli), 0o700)
    daemon = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", code, os.path.join(TREE, "src"), "daemon", "run", _box(cli)],
        env=cli.env,
    )
    until(lambda: os.path.lexists(os.path.join(_box(cli), "ns")), "the daemon's start")
    assert not _asks(cli)
    assert not _names(cli, "late")
    assert cli("daemon", "stop").returncode == 0
    daemon.wait()


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_mailbox_that_is_open_to_others_is_not_used(cli: Cli, mode: int) -> None:
    cli.cwd = cli.project("proj")
    os.mkdir(_box(cli), 0o700)
    os.symlink(f"/proc/{os.getpid()}/ns/mnt", os.path.join(_box(cli), "ns"))
    os.chmod(_box(cli), mode)
    assert not _asks(cli)
    assert os.listdir(_box(cli)) == ["ns"]


def test_a_directory_that_is_another_one_for_the_daemon(cli: Cli) -> None:
    """Each process has a /proc/self of its own."""
    cli.cwd = cli.project("proj")
    words = ["env", "/proc/self/cwd", "--json"]
    alone = cli(*words)
    cli("daemon", "start")
    done = cli(*words)
    assert (done.returncode, done.stdout, done.stderr) == (alone.returncode, alone.stdout, alone.stderr)
    assert "wend.engine" in _loaded(cli, *words)


def test_a_trace_tells_of_our_own_look(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    assert "wend: trace: " in cli("env", "--shell", "bash", WEND_TRACE="1").stderr


def test_where_no_file_can_be_written(cli: Cli) -> None:
    cli.cwd = cli.project("proj")
    cli("daemon", "start")
    script = f'ulimit -f 0; exec "{sys.executable}" -I -S -X utf8 "{MAIN}" env --shell bash | cat'
    done = subprocess.run(["sh", "-c", script], cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=True)
    assert "VIRTUAL_ENV=" in done.stdout
    assert _names(cli, ".req") == []
