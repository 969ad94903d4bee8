"""`wend create`, `wend sync` and `wend freeze` with the real tools. conda's command line is replaced by a recorder."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import venv
from contextlib import closing
from pathlib import Path
from typing import Callable

import pytest

from tests.conftest import absent
from tests.daemon.talk import WAIT, until
from tests.tools.install import TOOLS
from tests.unit.cli.conftest import MAIN, Cli
from wend.kinds import installing
from wend.terminal import Terminal
from wend.workflow import running

from .conftest import git

pytestmark = pytest.mark.tools
Use = Callable[..., None]

_PROJECT = '[project]\nname = "p"\nversion = "0"\nrequires-python = ">=3.9"\n'
_FILE = "{wheels}/tiny-{v}-py3-none-any.whl"
_TINY = {
    "uv": _PROJECT + 'dependencies = ["tiny=={v}"]\n[tool.uv]\npackage = false\n',
    "poetry": (
        f"{_PROJECT}dependencies = []\n[tool.poetry]\npackage-mode = false\n"
        f'[tool.poetry.dependencies]\ntiny = {{{{ path = "{_FILE}" }}}}\n'
    ),
    "pdm": f'{_PROJECT}dependencies = ["tiny @ file://{_FILE}"]\n[tool.pdm]\ndistribution = false\n',
    "hatch": f'{_PROJECT}[tool.hatch.envs.default]\nskip-install = true\ndependencies = ["tiny=={{v}}"]\n',
    "pipenv": f'[packages]\ntiny = {{{{ path = "{_FILE}" }}}}\n',
}


def write(root: Path, tool: str, version: str, wheels: Path) -> None:
    """Write the file by which TOOL wants `tiny` in VERSION."""
    root.mkdir(exist_ok=True)
    name = "Pipfile" if tool == "pipenv" else "pyproject.toml"
    (root / name).write_text(_TINY[tool].format(v=version, wheels=wheels))


def active(cli: Cli, root: Path) -> str:
    """Return the version of `tiny` in the environment that a shell would have in ROOT."""
    done = cli("exec", str(root), "--", "python", "-c", "import importlib.metadata as m; print(m.version('tiny'))")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ended(pid: int) -> bool:
    """Return whether the process PID has ended, also where nothing collects its status."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def ended_with(tty: Terminal) -> int:
    """Wait until the program in TTY has ended; return its exit status, negative for a signal."""
    while tty.listen(WAIT):
        pass
    found = os.waitid(os.P_PID, tty.pid, os.WEXITED | os.WNOWAIT)
    assert found
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


@pytest.mark.parametrize("tool", ["uv", "poetry", "pdm", "hatch", "pipenv"])
def test_a_tool_makes_what_it_owns(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    assert cli("sync", "p", "--check").returncode == 1
    shown = cli("create", "p", "--dry-run")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shlex.split(shown.stdout.splitlines()[-1])[0] == tool
    assert cli("env", "p").returncode == 4  # nothing was made by asking

    done = cli("create", "p")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "not active in this shell, which has no hook: wend setup" in done.stdout
    assert active(cli, root) == "1.0"
    assert cli("create", "p").returncode == 1
    assert cli("sync", "p", "--check").returncode == 0
    frozen = cli("freeze", "p", "--output", "-").stdout
    assert frozen.startswith("tiny")

    write(root, tool, "2.0", wheels)
    for lock in ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"):
        (root / lock).unlink(missing_ok=True)
    if tool in ("poetry", "pdm"):  # as a colleague's commit brings it
        words = [tool, "lock", *(["-n"] if tool == "poetry" else [])]
        subprocess.run(words, cwd=root, env=cli.env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    checked = cli("sync", "p", "--check")
    said = "Pipfile.lock is missing" if tool == "pipenv" else "tiny"
    assert (checked.returncode, said in checked.stdout) == (1, True), (checked.stdout, checked.stderr)
    done = cli("sync", "p")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.split() == ["~", "tiny", "1.0", "->", "2.0"]
    assert active(cli, root) == "2.0"


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_pylock(cli: Cli, use: Use, wheels: Path, tools: tuple[str, ...]) -> None:
    """A lock file that uv wrote, installed by uv and by pip."""
    use(*tools)
    root = cli.home / "p"
    root.mkdir()
    if not tools:  # the one that reads such a file comes from the index
        words = ["pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), "pip>=26.1"]
        done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
        absent({"pip": done.stderr} if done.returncode else {})

    def lock(text: str) -> None:
        (root / "wanted").write_text(text)
        words = ["pip", "compile", "--quiet", "--upgrade", "--output-file", "pylock.toml", "wanted"]
        subprocess.run([os.path.join(TOOLS, "uv", "bin", "uv"), *words], cwd=root, env=cli.env, check=True)

    lock("tiny<2\nother\n")
    done = cli("create", "p")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert active(cli, root) == "1.0"
    assert cli("sync", "p", "--check").returncode == 0
    lock("tiny\n")
    differs = ["tiny is 1.0, not 2.0", *(["other is installed, and pylock.toml does not name it"] if tools else [])]
    checked = cli("sync", "p", "--check")
    assert (checked.returncode, checked.stdout.splitlines()) == (1, differs)
    done = cli("sync", "p")
    gone = ["-", "other", "1.0"] if tools else []
    assert (done.returncode, done.stdout.split()) == (0, [*gone, "~", "tiny", "1.0", "->", "2.0"]), done.stderr
    assert cli("sync", "p", "--check").stdout == f"{root}/.venv is in line with the files\n"


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_requirements(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    root = cli.home / "it's a 'project'"
    root.mkdir()
    git(root, "init", "-q")
    (root / "requirements.txt").write_text("tiny<2\n")
    (root / "requirements-dev.txt").write_text("other\n")
    cli.cwd = root
    done = cli("sync", VIRTUAL_ENV="/nowhere", PIP_REQUIRE_VIRTUALENV="1")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert active(cli, root) == "1.0"
    assert git(root, "status", "--porcelain", "-uall").splitlines() == [
        *(["?? .gitignore"] if (root / ".gitignore").exists() else []),
        "?? requirements-dev.txt",
        "?? requirements.txt",
    ]
    document = cli.json("env")
    assert document["env"]["prefix"] == f"{root}/.venv"
    assert document["prompt"] == "(it's a 'project') "

    assert cli("sync", "--check").returncode == 0
    (root / "requirements.txt").write_text("tiny>=2\n")
    checked = cli("sync", "--check")
    assert (checked.returncode, checked.stdout) == (1, "tiny is 1.0, not >=2\n")
    assert cli("sync").stdout.split() == ["~", "tiny", "1.0", "->", "2.0"]
    assert cli("sync").stdout == f"{root}/.venv was in line with the files\n"

    assert cli("freeze").returncode == 0
    assert (root / "requirements.txt").read_text() == "other==1.0\ntiny==2.0\n"
    assert cli("freeze", "--check").returncode == 0


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_constraints(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    cli.cwd = cli.home / "p"
    (cli.cwd / "below").mkdir(parents=True)
    (cli.cwd / "requirements.txt").write_text("-c below/c.txt\nTiny\n")
    (cli.cwd / "below" / "c.txt").write_text("tiny==1.0\nother==9\n")
    assert cli("create").returncode == 0
    assert cli("sync", "--check").stdout == f"{cli.cwd}/.venv is in line with the files\n"
    assert not [each for each in cli.json("doctor")["findings"] if each["id"] in ("unpinned", "no-lock")]
    (cli.cwd / "below" / "c.txt").write_text("tiny==2.0\n")
    assert cli("sync", "--check").stdout == "tiny is 1.0, not ==2.0\n"
    assert cli("sync").stdout.split() == ["~", "tiny", "1.0", "->", "2.0"]
    assert cli("sync", "--check").returncode == 0


def test_no_module_of_the_project_runs(cli: Cli, use: Use) -> None:
    """Beginners like names such as random.py; and what a clone brings must not run where nothing is installed."""
    use()
    root = cli.home / "proj"
    root.mkdir()
    for name in ("logging", "subprocess", "types", "random", "tempfile", "ensurepip", "pip", "venv"):
        (root / f"{name}.py").write_text("raise SystemExit('it ran')\n")
    assert cli("create", "proj", "--no-install").returncode == 0
    (root / "requirements.txt").write_text("tiny\n")
    done = cli("sync", "proj")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert active(cli, root) == "2.0"


def _made_by_uv_that_is_gone(cli: Cli, use: Use, tmp_path: Path) -> None:
    """Make an environment, which has no pip, in the project `proj`."""
    use("uv")
    cli.cwd = cli.home / "proj"
    cli.cwd.mkdir()
    (cli.cwd / "requirements.txt").write_text("tiny\n")
    assert cli("create", "--no-install").returncode == 0
    os.unlink(tmp_path / "programs" / "uv")


def test_in_an_environment_that_uv_made_where_uv_is_gone(cli: Cli, use: Use, tmp_path: Path) -> None:
    _made_by_uv_that_is_gone(cli, use, tmp_path)
    done = cli("sync")
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"wend: {cli.cwd}/.venv has no pip, so it gets one\n"
    assert "tiny" in done.stdout
    assert cli("sync").stderr == ""


def test_a_python_without_ensurepip(cli: Cli, use: Use, tmp_path: Path) -> None:
    """As Debian's is, in part."""
    _made_by_uv_that_is_gone(cli, use, tmp_path)
    program = cli.cwd / ".venv/bin/python"
    program.unlink()
    program.write_text('#!/bin/sh\necho "No module named ensurepip" >&2\nexit 1\n')
    program.chmod(0o755)
    done = cli("sync")
    assert done.returncode == 1
    last = f"wend: .venv/bin/python -I -m ensurepip failed with exit status 1: {installing.GET_UV}"
    assert done.stderr.splitlines()[-2:] == ["No module named ensurepip", last]


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_a_plain_project_without_a_build_gets_its_dependencies(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    root = cli.home / "p"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "0"\ndependencies = ["tiny==1.0"]\n'
        '[dependency-groups]\ndev = [{include-group = "test"}]\ntest = ["other"]\n'
    )
    assert cli("create", "p", "--prompt", "-x").returncode == 0
    assert cli("freeze", "p", "--output", "-").stdout == "other==1.0\ntiny==1.0\n"
    assert cli.json("env", "p")["env"]["name"] == "-x"
    assert sorted(path.name for path in root.iterdir()) == [".venv", "pyproject.toml"]


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_a_failure_shows_why_and_leaves_nothing(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    root = cli.home / "p"
    root.mkdir()
    (root / "requirements.txt").write_text("no-such-thing\n")
    done = cli("create", "p")
    assert done.returncode == 1
    assert "no-such-thing" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert (last[:6], last.rpartition(": ")[2]) == ("wend: ", "wend create --dry-run p")
    assert [path.name for path in root.iterdir()] == ["requirements.txt"]

    (root / "requirements.txt").write_text("tiny==1.0\n")
    assert cli("create", "p").returncode == 0
    (root / "requirements.txt").write_text("no-such-thing\n")
    assert cli("create", "p", "--force").returncode == 1
    assert active(cli, root) == "1.0"  # the old one is back
    assert sorted(path.name for path in root.iterdir()) == [".venv", "requirements.txt"]
    (root / "requirements.txt").write_text("tiny==2.0\n")
    assert cli("create", "p", "--force").returncode == 0
    assert active(cli, root) == "2.0"
    assert sorted(path.name for path in root.iterdir()) == [".venv", "requirements.txt"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("old", [False, True], ids=["new", "force"])
def test_a_signal_leaves_nothing(cli: Cli, use: Use, number: signal.Signals, old: bool) -> None:
    use()
    root = cli.home / "p"
    root.mkdir()
    if old:
        assert cli("create", "p").returncode == 0
        (root / ".venv" / "mine").touch()
    (root / "setup.py").write_text(
        f"import os, time\nopen({str(cli.home / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    words = [sys.executable, "-I", "-X", "utf8", MAIN, "create", "p", *(["--force"] if old else [])]
    env = {**cli.env, "PIP_NO_BUILD_ISOLATION": "0"}
    before = signal.signal(number, signal.SIG_DFL)  # a test run in the background ignores some
    try:
        child = subprocess.Popen(words, cwd=cli.home, env=env, stderr=subprocess.PIPE)
    finally:
        signal.signal(number, before)
    pid = cli.home / "pid"
    until(lambda: (pid.exists() and pid.read_text()) or child.poll() is not None, "it builds")
    assert child.poll() is None, child.communicate()
    child.send_signal(number)
    assert child.wait(WAIT) == 128 + number
    assert child.stderr
    child.stderr.close()
    assert ended(int(pid.read_text()))
    assert (root / ".venv" / "mine").exists() is old
    left = {path.name for path in root.iterdir()} - {"setup.py", ".venv"}
    assert left <= {"build"}
    assert (root / ".venv").exists() is old


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_sync_started(cli: Cli, use: Use, number: signal.Signals) -> None:
    use()
    root, pid = cli.home / "p", cli.home / "pid"
    root.mkdir()
    assert cli("create", "p").returncode == 0
    text = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    (root / "setup.py").write_text(text)
    before = signal.signal(number, signal.SIG_DFL)  # a test run in the background ignores some
    try:
        words = [sys.executable, "-I", "-X", "utf8", MAIN, "sync", "p"]
        child = subprocess.Popen(
            words, cwd=cli.home, env={**cli.env, "PIP_NO_BUILD_ISOLATION": "0"}, stderr=subprocess.DEVNULL
        )
    finally:
        signal.signal(number, before)
    until(lambda: (pid.exists() and pid.read_text()) or child.poll() is not None, "it builds")
    child.send_signal(number)
    assert child.wait(WAIT) == 128 + number
    assert ended(int(pid.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_is_ignored_stays_so(number: signal.Signals) -> None:
    """As under `nohup`, and in the background of a script."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with running.signals.taken(), running.signals.awaited():
            signal.raise_signal(number)
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_leaves_alone_what_is_not_an_environment(cli: Cli, use: Use) -> None:
    use()
    (cli.home / "p" / ".venv").mkdir(parents=True)
    (cli.home / "p" / ".venv" / "thesis.txt").write_text("mine")
    for words in (("create", "p"), ("create", "p", "--force")):
        done = cli(*words)
        assert (done.returncode, done.stderr) == (
            1,
            f"wend: {cli.home}/p/.venv is not an environment: mv {cli.home}/p/.venv {cli.home}/p/.venv.old\n",
        )
    assert (cli.home / "p" / ".venv" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("what", ["a link to nothing", "a file", "broken"])
def test_sync_is_not_advised_where_it_cannot_help(cli: Cli, use: Use, what: str) -> None:
    use()
    place = cli.home / "p" / ".venv"
    place.parent.mkdir()
    if what == "a file":
        place.write_text("\n")
    elif what == "broken":
        assert cli("create", "p").returncode == 0
        for name in ("python", "python3"):
            (place / "bin" / name).unlink()
            (place / "bin" / name).symlink_to("/nowhere")
    else:
        place.symlink_to("/nowhere")
    told = f"wend: {place} exists: wend create --force {place.parent}\n"
    assert cli("create", "p").stderr == told
    assert cli("create", "p", "--force").returncode == 0
    told = f"wend: {place} exists, and wend create --force replaces it: wend sync {place.parent}\n"
    assert cli("create", "p").stderr == told


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_an_environment_of_another_name_leaves_the_present_one(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    use(*tools)
    root = cli.home / "p"
    root.mkdir()
    assert cli("create", "p").returncode == 0
    (root / ".venv" / "mine").touch()
    assert "rm " not in cli("create", "p", "--name", "other", "--force", "--dry-run").stdout
    for words in (("--name", "other"), ("--name", "other", "--force")):
        done = cli("create", "p", *words)
        line = 'in pyproject.toml, below [tool.wend], write: env = "other"'
        said = f"made other; {root}/.venv is there too, and stays the one that wend activates: {line}\n"
        assert (done.returncode, done.stdout) == (0, said)
        assert (root / ".venv" / "mine").exists()
    assert cli("create", "p", "--name", "other").stderr.startswith(f"wend: {root}/other exists: wend create --force ")
    (root / "pyproject.toml").write_text('[tool.wend]\nenv = "other"\n')
    assert cli.json("env", "p")["env"]["prefix"] == f"{root}/other"


def test_the_present_environment_is_replaced_where_it_is(cli: Cli, use: Use) -> None:
    use()
    root = cli.home / "p"
    root.mkdir()
    assert cli("create", "p", "--name", "venv").returncode == 0
    (root / "venv" / "old").touch()
    assert cli("create", "p").stderr.startswith(f"wend: {root}/venv exists, and wend create --force replaces it: ")
    assert cli("create", "p", "--force").returncode == 0
    assert [path.name for path in root.iterdir()] == ["venv"]
    assert not (root / "venv" / "old").exists()


def test_an_environment_of_condas_stays_where_a_virtual_one_is_made(cli: Cli, use: Use) -> None:
    use()
    root = cli.home / "p"
    prefix = root / ".condaenv"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to(sys.executable)
    (prefix / "conda-meta" / "history").write_text(f"# cmd: conda create --prefix {prefix}\n")
    assert cli("create", "p").stderr.startswith(f"wend: {prefix} exists")
    assert cli("create", "p", "--force").returncode == 0
    assert cli.json("env", "p")["env"]["prefix"] == f"{root}/.venv"
    assert (prefix / "conda-meta" / "history").exists()


@pytest.mark.parametrize("place", ["/", "/home"])
def test_makes_nothing_where_nothing_is_used(cli: Cli, use: Use, place: str) -> None:
    use()
    done = cli("create", place, "--dry-run")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"wend: wend uses no environment in {place}: mkdir -p ~/project && cd ~/project\n"


def test_makes_nothing_that_could_not_be_used(cli: Cli, use: Use) -> None:
    use("uv")
    for name in ("a:b", "no", "none"):
        (cli.home / name).mkdir()
    assert cli("deny", "no").returncode == 0
    for words, status, what in (
        (("create", "a:b"), 1, f"{cli.home}/a:b: PATH cannot hold a ':': mv {cli.home}/a:b {cli.home}/a-b"),
        (("create", "no"), 3, f"{cli.home}/no: denied by you in {cli.home}/no: wend allow ~/no"),
        (("sync", "no"), 3, f"{cli.home}/no: denied by you in {cli.home}/no: wend allow ~/no"),
        (
            ("create", "none", "--python", "./python"),
            1,
            f"{cli.home}/python is not a program: wend python list",
        ),
    ):
        done = cli(*words)
        assert (done.returncode, done.stderr) == (status, f"wend: {what}\n")
    assert not list(cli.home.glob("*/.venv"))


@pytest.mark.parametrize("command", ["create", "sync"])
def test_one_at_a_time(cli: Cli, use: Use, command: str) -> None:
    """The directory that a first run has just made is empty, and must not pass for one that nothing uses."""
    use()
    root = cli.home / "p"
    (root / ".venv").mkdir(parents=True)
    with running.alone(str(root)):
        done = cli(command, "p")
    what = f"wend: another wend create or wend sync works in {root} and has not ended: wend {command} p\n"
    assert (done.returncode, done.stderr) == (1, what)
    assert list((root / ".venv").iterdir()) == []


def test_the_environment_is_trusted_and_not_the_project(cli: Cli, use: Use) -> None:
    """Also where the policy asks for everything, and where the environment does not say where it was made."""
    use("uv")
    (cli.home / "p").mkdir()
    config = cli.home / "c.toml"
    config.write_text('[trust]\npolicy = "ask"\n')
    cli.env.update(WEND_CONFIG=str(config), UV_VENV_RELOCATABLE="1")
    done = cli("create", "p")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert cli("env", "p").returncode == 0
    decisions = cli.json("trust")["decisions"]
    assert [(each["dir"], each["recursive"]) for each in decisions] == [(f"{cli.home}/p/.venv", False)]
    # Another environment in the same place is asked about.
    (cli.home / "p" / ".venv").rename(cli.home / "p" / "gone")
    subprocess.run(["uv", "venv", "-q", str(cli.home / "p" / ".venv")], env=cli.env, check=True)
    assert cli("env", "p").returncode == 3
    assert cli("sync", "p").returncode == 3
    assert cli("freeze", "p").returncode == 3


def test_without_any_file_a_plain_environment_and_no_question(
    cli: Cli, use: Use, conda: Callable[[], list[str]]
) -> None:
    (cli.home / "p").mkdir()
    assert cli("create", "p", "--no-install").returncode == 0
    assert (cli.home / "p" / ".venv" / "pyvenv.cfg").is_file()
    assert conda() == []


def test_one_question_on_a_terminal(cli: Cli, use: Use, conda: Callable[[], list[str]]) -> None:
    (cli.home / "p").mkdir()
    words = [sys.executable, "-I", "-X", "utf8", MAIN, "create", "p"]
    with closing(Terminal(words, {**cli.env, "TERM": "dumb"}, str(cli.home))) as tty:
        assert tty.expect(re.compile(rb"venv suits most projects.*Which one[^\n]*: ", re.DOTALL), 60), tty.tail()
        tty.sendline(b"conda")
        assert ended_with(tty) == 0, tty.tail()
    assert conda() == ["conda create --yes --prefix ./.condaenv python"]
    assert cli.json("env", "p")["env"]["prefix"] == f"{cli.home}/p/.condaenv"


def test_a_directory_inside_a_project_is_the_project(cli: Cli, use: Use) -> None:
    use("uv")
    root = cli.home / "p"
    (root / "src" / "deep").mkdir(parents=True)
    git(root, "init", "-q")
    (root / "requirements.txt").touch()
    assert cli("create", "p/src/deep").returncode == 0
    assert (root / ".venv").is_dir()
    assert not (root / "src" / "deep" / ".venv").exists()


# -- conda, by a recorder ------------------------------------------------------------------------------------


def test_conda_by_name(cli: Cli, conda: Callable[[], list[str]]) -> None:
    root = cli.home / "p"
    root.mkdir()
    (root / "environment.yml").write_text("name: lab\ndependencies:\n  - zlib=1.3\n")
    done = cli("create", "p")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert conda() == ["conda env create --file environment.yml --name lab"]
    assert cli.json("env", "p")["env"]["prefix"] == f"{cli.home}/miniconda3/envs/lab"
    assert cli("sync", "p", "--check").returncode == 0
    (cli.home / "miniconda3" / "envs" / "lab" / "conda-meta" / "abc-1-0.json").write_text("{}")
    beside = "abc is installed, and environment.yml does not ask for it\n"
    assert cli("sync", "p", "--check").stdout == beside
    (root / "environment.yml").write_text("name: lab\ndependencies:\n  - zlib>=2\n  - python\n")
    checked = cli("sync", "p", "--check")
    assert (checked.returncode, checked.stdout) == (1, f"zlib is 1.3.1, not >=2\npython is not installed\n{beside}")
    assert cli("sync", "p").returncode == 0
    assert conda()[-1] == "conda env update --file environment.yml --prune --name lab"
    export = "name: lab\nchannels:\n  - b\n  - a\ndependencies:\n  - zlib=1.3.1=h1\n  - abc=1=0\nprefix: /home/me/lab\n"
    assert cli("freeze", "p", EXPORT=export).returncode == 0
    assert conda()[-1] == f"conda env export --prefix {cli.home}/miniconda3/envs/lab"
    text = (root / "environment.yml").read_text()
    assert text == "name: lab\nchannels:\n  - b\n  - a\ndependencies:\n  - abc=1=0\n  - zlib=1.3.1=h1\n"


@pytest.mark.parametrize("words", [(), ("--no-install",), ("--name", "other"), ("--name", "other", "--no-install")])
def test_conda_replaces_nothing_unasked(cli: Cli, conda: Callable[[], list[str]], words: tuple[str, ...]) -> None:
    """It would: `conda create --yes` and `micromamba create --yes` remove an environment of the same name first."""
    root, envs = cli.home / "p", cli.home / "miniconda3" / "envs"
    root.mkdir()
    (root / "environment.yml").write_text("name: lab\n")
    for name in ("lab", "other"):
        (envs / name / "conda-meta").mkdir(parents=True)
        (envs / name / "mine").touch()
    named = envs / ("other" if "other" in words else "lab")
    done = cli("create", "p", *words)
    assert (done.returncode, done.stderr.startswith(f"wend: {named} exists")) == (1, True), done.stderr
    assert conda() == []
    done = cli("create", "p", *words, "--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.parent.name for path in envs.glob("*/mine")} == {"lab", "other"} - {named.name}
    if "other" in words:
        assert done.stdout.endswith("made other, which is not activated: in environment.yml, write: name: other\n")
    assert cli("create", "p", "--name", "third").returncode == 0


def test_nothing_outside_the_project_is_replaced(cli: Cli, use: Use, conda: Callable[[], list[str]]) -> None:
    """A clone may name conda's base, or any environment of the user's; `--force` must not remove that."""
    root, base = cli.home / "p", cli.home / "miniconda3"
    root.mkdir()
    (base / "mine").touch()
    (base / "envs" / "other" / "conda-meta").mkdir(parents=True)
    (base / "envs" / "other" / "conda-meta" / "history").touch()
    (cli.home / "mine" / "conda-meta").mkdir(parents=True)
    outside = ("name: ../../mine\n", f"name: {cli.home}/mine\n", "name: '..'\n")
    for text in ("name: base\n", f"prefix: {base}\n", f"prefix: {base}/envs/other\n", *outside):
        (root / "environment.yml").write_text(text)
        for words in (("create", "p"), ("create", "p", "--force")):
            done = cli(*words)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
    assert conda() == []
    assert (base / "mine").exists()


def test_conda_in_the_project(cli: Cli, conda: Callable[[], list[str]]) -> None:
    root = cli.home / "p"
    root.mkdir()
    git(root, "init", "-q")
    (root / "environment.yml").write_text("dependencies: [zlib]\n")
    assert cli("create", "p").returncode == 0
    assert conda() == ["conda env create --file environment.yml --prefix ./.condaenv"]
    assert cli.json("env", "p")["env"]["prefix"] == f"{root}/.condaenv"
    assert (root / ".gitignore").read_text() == ".condaenv/\n"


def test_conda_fails(cli: Cli, conda: Callable[[], list[str]]) -> None:
    root = cli.home / "p"
    root.mkdir()
    (root / "environment.yml").write_text("dependencies: [zlib]\n")
    done = cli("create", "p", FAIL="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "the solver gave up"
    assert [path.name for path in root.iterdir()] == ["environment.yml"]


# -- freeze against pip ------------------------------------------------------------------------------------


def test_freeze_is_what_pip_freeze_says(cli: Cli, use: Use, wheels: Path, tmp_path: Path) -> None:
    use("uv")
    root = cli.home / "p"
    root.mkdir()
    names = ("plain", "local", "remote", "vcs", "direct")
    for name in names:
        source = tmp_path / name
        source.mkdir()
        (source / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "My_{name}"\nversion = "1"\n'
        )
        (source / "backend.py").write_text(_BACKEND.format(name=f"my_{name}", shown=f"My_{name}"))
    for name in ("local", "remote", "vcs"):
        git(tmp_path / name, "init", "-q")
        git(tmp_path / name, "add", "-A")
        git(tmp_path / name, "commit", "-qm", "x")
    git(tmp_path / "remote", "remote", "add", "origin", "git@example.org:me/remote.git")
    assert subprocess.run([sys.executable, "-m", "venv", root / ".venv"], check=True)
    python = str(root / ".venv" / "bin" / "python")
    pip = [python, "-m", "pip"]
    env = {**cli.env, "PATH": os.environ["PATH"]}
    wanted = [f"{wheels}/tiny-1.0-py3-none-any.whl", "other==1.0"]
    wanted += ["-e", str(tmp_path / "plain"), "-e", str(tmp_path / "local"), "-e", str(tmp_path / "remote")]
    wanted += [f"git+file://{tmp_path}/vcs", str(tmp_path / "direct")]
    subprocess.run([*pip, "install", "-q", *wanted], env=env, check=True)
    said = subprocess.run([*pip, "freeze"], env=env, capture_output=True, text=True, check=True).stdout
    assert cli("freeze", "p").returncode == 0
    assert (root / "requirements.txt").read_text() == said
    assert len(said.splitlines()) >= 7


_BACKEND = """
import zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(directory + "/" + name, "w") as file:
        file.writestr("{name}-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: {shown}\\nVersion: 1\\n")
        file.writestr("{name}-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        file.writestr("{name}-1.dist-info/RECORD", "")
    return name
build_editable = build_wheel
"""


def test_freeze_shows_and_checks_without_writing(cli: Cli, use: Use) -> None:
    use("uv")
    root = cli.home / "p"
    root.mkdir()
    (root / "requirements.txt").write_text("tiny\n")
    assert cli("create", "p").returncode == 0
    done = cli("freeze", "p", "--diff")
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, ["-tiny", "+tiny==2.0"])
    done = cli("freeze", "p", "--check")
    assert (done.returncode, done.stderr) == (
        1,
        f"wend: {root}/requirements.txt is not what is installed: wend freeze {root}\n",
    )
    done = cli("freeze", "p", "--check", "--output", "p/a b.txt")
    what = f"{root}/a b.txt is not what is installed: wend freeze --output 'p/a b.txt' {root}"
    assert (done.returncode, done.stderr) == (1, f"wend: {what}\n")
    assert cli("freeze", "p", "--diff", "--check").returncode == 1
    assert (root / "requirements.txt").read_text() == "tiny\n"
    assert cli("freeze", "p", "--output", "lock.txt").returncode == 0
    assert (cli.home / "lock.txt").read_text() == "tiny==2.0\n"
    done = cli("freeze", "p", "--output", "no/lock.txt")
    what = f"wend: {cli.home}/no is not a directory: mkdir -p {cli.home}/no\n"
    assert (done.returncode, done.stderr, (cli.home / "no").exists()) == (1, what, False)
    os.mkfifo(cli.home / "pipe")
    done = cli("freeze", "p", "--output", "pipe")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_what_is_in_line_is_not_older_than_its_files(cli: Cli, use: Use, tools: tuple[str, ...]) -> None:
    """Also where nothing had to be installed."""
    use(*tools)
    cli.cwd = cli.home / "p"
    cli.cwd.mkdir()
    file = cli.cwd / "requirements.txt"
    file.write_text("tiny\n")

    def older() -> bool:
        return "older-than-lock" in {each["id"] for each in json.loads(cli("doctor", "--json").stdout)["findings"]}

    def change() -> None:
        later = time.time() + 0.01
        time.sleep(0.02)
        os.utime(file, (later, later))

    assert cli("create").returncode == 0
    change()
    assert older()
    assert cli("sync").stdout == f"{cli.cwd}/.venv was in line with the files\n"
    assert not older()
    assert cli("freeze").returncode == 0
    assert not older()
    change()
    assert older()
    assert cli("freeze").stdout == f"{file} is up to date\n"
    assert not older()


def test_freeze_keeps_where_packages_come_from(cli: Cli, use: Use, wheels: Path) -> None:
    """Else the next clone could not install what was written down."""
    use()
    root = cli.home / "p"
    root.mkdir()
    (root / "more.txt").write_text("other\n")
    options = f"--no-index\n--find-links={wheels}\n-f {wheels}\n"
    (root / "requirements.txt").write_text(f"{options}-r more.txt\n# mine\ntiny\n")
    assert cli("create", "p").returncode == 0
    assert cli("freeze", "p").stdout == f"wrote {root}/requirements.txt, 5 lines\n"
    assert (root / "requirements.txt").read_text() == f"{options}other==1.0\ntiny==2.0\n"
    assert cli("freeze", "p", "--check").returncode == 0
    assert cli("freeze", "p", "--output", "-").stdout == "other==1.0\ntiny==2.0\n"


def test_freeze_does_not_overwrite_hashes(cli: Cli, use: Use) -> None:
    use()
    venv.create(cli.home / ".venv", symlinks=True)
    file = cli.home / "requirements.txt"
    file.write_text("# --hash=x\n")
    assert cli("freeze").returncode == 0
    for text in ("tiny==1.0 --hash=sha256:00\n", "tiny==1.0 \\\n    --hash sha256:00\n", "--require-hashes\n"):
        file.write_text(text)
        for words in (("freeze",), ("freeze", "--check")):
            done = cli(*words)
            assert (done.returncode, file.read_text()) == (1, text)
            line = f"wend: {file} pins hashes, which wend freeze cannot write: wend freeze --output -\n"
            assert done.stderr == line
        assert cli("freeze", "--diff").returncode == 0
    assert cli("freeze", "--output", "-").returncode == 0


def test_freeze_into_a_directory(cli: Cli, use: Use) -> None:
    use()
    venv.create(cli.home / ".venv", symlinks=True)
    assert cli("freeze", "--output", ".").stderr == f"wend: {cli.home} is a directory: wend freeze\n"


def test_nothing_to_freeze(cli: Cli, use: Use) -> None:
    use()
    done = cli("freeze")
    assert (done.returncode, done.stderr) == (4, f"wend: no environment for {cli.home}: wend create\n")
    (cli.home / ".venv").mkdir()
    (cli.home / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    what = f"wend: {cli.home}/.venv: it has no bin/python: wend create --force {cli.home}\n"
    for command in ("freeze", "sync"):
        done = cli(command)
        assert (done.returncode, done.stderr) == (4, what)
    (cli.home / ".venv" / "pyvenv.cfg").unlink()
    aside = f"mv {cli.home}/.venv {cli.home}/.venv.old"
    assert cli("sync").stderr == f"wend: {cli.home}/.venv: it has no pyvenv.cfg: {aside}\n"


def test_uv_installs_a_python_that_is_missing_and_says_so(cli: Cli, use: Use, tmp_path: Path) -> None:
    use()
    record = tmp_path / "record"
    fake = tmp_path / "programs" / "uv"
    fake.write_text(
        f'#!/bin/sh\necho "$*" >>{shlex.quote(str(record))}\ncase $2 in find) echo {sys.executable} ;; esac\n'
    )
    fake.chmod(0o755)
    (cli.home / "p").mkdir()
    (cli.home / "p" / ".python-version").write_text("3.15\n")
    done = cli("create", "p")
    assert done.stderr.startswith(
        "wend: .python-version asks for Python 3.15, which is not installed here: uv installs it\n"
    )
    assert json.dumps(record.read_text().splitlines()[0]) == '"venv --prompt . .venv"'
