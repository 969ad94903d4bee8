"""What must hold with each of the real tools: nothing half-made, nothing lost, no stale lock file taken for true."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Callable

import pytest

from tests.daemon.talk import WAIT, until
from tests.unit.cli.conftest import MAIN, Cli
from tests.unit.cli.test_colour import COLOUR
from wend.terminal import Terminal

from .test_create import active, ended, ended_with, write

pytestmark = pytest.mark.tools
Use = Callable[..., None]

TOOLS = ["uv", "poetry", "pdm", "hatch", "pipenv"]
_PROJECT = '[project]\nname = "p"\nversion = "0"\nrequires-python = ">=3.9"\n'
# A project that wants `slow`, whose build says that it runs and does not come to an end.
_SLOW = {
    "uv": _PROJECT + 'dependencies = ["slow @ file://{slow}"]\n[tool.uv]\npackage = false\n',
    "poetry": f"{_PROJECT}dependencies = []\n[tool.poetry]\npackage-mode = false\n"
    '[tool.poetry.dependencies]\nslow = {{ path = "{slow}" }}\n',
    "pdm": f'{_PROJECT}dependencies = ["slow @ file://{{slow}}"]\n[tool.pdm]\ndistribution = false\n',
    "hatch": f'{_PROJECT}[tool.hatch.envs.default]\nskip-install = true\ndependencies = ["slow @ file://{{slow}}"]\n',
    "pipenv": '[packages]\nslow = {{ path = "{slow}" }}\n',
}
_BACKEND = """
import os, time
def build_wheel(*_, **__):
    with open({pid!r} + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename({pid!r} + ".new", {pid!r})
    time.sleep(600)
build_editable = prepare_metadata_for_build_wheel = build_wheel
"""


def slow(cli: Cli, root: Path, tool: str) -> Path:
    """Have the project ROOT of TOOL want a package that is never built; return the file with the builder's pid."""
    source, pid = cli.home / "slow", cli.home / "pid"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "slow"\ndynamic = ["version"]\n'
    )
    (source / "backend.py").write_text(_BACKEND.format(pid=str(pid)))
    root.mkdir(exist_ok=True)
    name = "Pipfile" if tool == "pipenv" else "pyproject.toml"
    (root / name).write_text(_SLOW[tool].format(slow=source))
    for lock in ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"):
        (root / lock).unlink(missing_ok=True)
    return pid


def environments(cli: Cli) -> set[str]:
    """Return the environments in the home, wherever a tool keeps them; not those that builds are made in."""
    found = {str(path.parent) for path in cli.home.rglob("pyvenv.cfg")}
    return {path for path in found if "/uv-cache/" not in path}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_of_a_tool(cli: Cli, use: Use, tool: str, number: signal.Signals) -> None:
    use(tool)
    root = cli.home / "p"
    pid = slow(cli, root, tool)
    before = signal.signal(number, signal.SIG_DFL)  # a test run in the background ignores some
    try:
        words = [sys.executable, "-I", "-X", "utf8", MAIN, "create", "p"]
        child = subprocess.Popen(words, cwd=cli.home, env=cli.env, stderr=subprocess.DEVNULL)
    finally:
        signal.signal(number, before)
    until(lambda: pid.exists() or child.poll() is not None, "it builds")
    child.send_signal(number)
    assert child.wait(WAIT) == 128 + number
    assert ended(int(pid.read_text()))
    assert environments(cli) == set()
    assert {path.name for path in root.iterdir()} <= {"pyproject.toml", "Pipfile", ".gitignore"}


@pytest.mark.parametrize("tool", TOOLS)
def test_an_old_environment_stays_until_the_new_one_works(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    assert cli("create", "p").returncode == 0
    made = environments(cli)
    names = {path.name for path in root.iterdir()}
    pid = slow(cli, root, tool)
    (cli.home / "slow" / "backend.py").write_text("def build_wheel(*_, **__): raise SystemExit('it cannot be built')\n")
    done = cli("create", "p", "--force")
    assert done.returncode == 1
    *said, last = done.stderr.splitlines()
    assert said, "the tool's own words are missing"
    assert last.startswith("wend: ") and last.endswith(" failed with exit status 1: wend create --dry-run p --force"), (
        last
    )
    assert active(cli, root) == "1.0"
    assert environments(cli) == made
    assert {path.name for path in root.iterdir()} <= names
    assert not pid.exists()
    write(root, tool, "2.0", wheels)
    for lock in ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"):
        (root / lock).unlink(missing_ok=True)
    assert cli("create", "p", "--force").returncode == 0
    assert active(cli, root) == "2.0"
    assert len(environments(cli)) == 1


@pytest.mark.parametrize("tool", ["uv", "poetry", "pdm", "pipenv"])
def test_a_tool_clears_nothing_unasked(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    """poetry and pdm remove a .venv that they cannot use, whatever is in it."""
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    venv = root / ".venv"
    venv.mkdir()
    (venv / "thesis.txt").write_text("mine")
    for words in (("create", "p"), ("create", "p", "--force")):
        assert cli(*words).stderr == f"wend: {venv} is not an environment: mv {venv} {venv}.old\n"
    (venv / "pyvenv.cfg").write_text("home = /nowhere\n")  # now it is one, and broken
    assert cli("create", "p").stderr == f"wend: {venv} exists: wend create --force {root}\n"
    assert (venv / "thesis.txt").read_text() == "mine"
    assert cli("create", "p", "--force").returncode == 0
    assert active(cli, root) == "1.0"
    assert not (venv / "thesis.txt").exists()


@pytest.mark.parametrize("tool", ["poetry", "pdm", "pipenv"])
def test_a_lock_file_that_does_not_fit_is_not_in_line(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    """The tools' own `sync` installs what an old lock file says, and only warns."""
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    assert cli("create", "p").returncode == 0
    assert "older-than-lock" not in cli("doctor", "p", "--json").stdout
    write(root, tool, "2.0", wheels)
    checked = cli("sync", "p", "--check")
    lock, source = ("Pipfile.lock", "Pipfile") if tool == "pipenv" else (f"{tool}.lock", "pyproject.toml")
    assert (checked.returncode, checked.stdout) == (1, f"{lock} does not fit {source}: {tool} lock\n"), checked
    done = cli("sync", "p")
    assert (done.returncode, done.stderr.splitlines()[-1][:6]) == (1, "wend: "), done.stderr
    assert tool == "poetry" or done.stderr.endswith(f" failed with exit status 1: cd {root} && {tool} lock\n")
    assert f"{tool} lock" in done.stderr  # poetry itself says so
    assert active(cli, root) == "1.0"
    (root / lock).unlink()
    checked = cli("sync", "p", "--check")
    assert (checked.returncode, checked.stdout) == (1, f"{lock} is missing\n")
    assert not (root / lock).exists()
    assert cli("sync", "p").returncode == 0
    assert active(cli, root) == "2.0"
    assert cli("sync", "p", "--check").returncode == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_what_came_beside_the_lock_file_goes(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    use(tool, *(["uv"] if tool == "hatch" else []))
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    assert cli("create", "p").returncode == 0
    prefix = cli.json("env", "p")["env"]["prefix"]
    words = [sys.executable, "-m", "pip", "--python", prefix, "install", "-q", "other"]
    subprocess.run(words, env=cli.env, check=True)
    checked, done = cli("sync", "p", "--check"), cli("sync", "p")
    if tool == "hatch":  # adds what is missing, and leaves the rest
        assert (checked.returncode, done.stdout) == (0, f"{prefix} was in line with the files\n")
    else:
        assert (checked.returncode, checked.stdout.count("\n"), "other" in checked.stdout) == (1, 1, True)
        assert done.stdout.split() == ["-", "other", "1.0"]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_dry_run_prints_what_a_shell_can_run(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    shown = cli("create", "p", "--dry-run").stdout
    assert shown.splitlines()[0] == f"cd {shlex.quote(str(root))}"
    assert environments(cli) == set()
    subprocess.run(["/bin/sh", "-ec", shown], env=cli.env, cwd="/", capture_output=True, check=True)
    assert active(cli, root) == "1.0"
    (prefix,) = environments(cli)
    mine = cli.home / prefix / "mine"
    mine.touch()
    shown = cli("create", "p", "--dry-run", "--force").stdout
    assert mine.exists()
    env = {**cli.env, "PATH": f"{cli.env['PATH']}:/bin"}  # has rm
    subprocess.run(["/bin/sh", "-ec", shown], env=env, cwd="/", capture_output=True, check=True)
    assert active(cli, root) == "1.0"
    assert not mine.exists()


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_any_python_of_the_machine(cli: Cli, use: Use, tools: tuple[str, ...], tmp_path: Path) -> None:
    """Of a store, by a path, and by a pin; what is not here is an error that says what to type."""
    use(*tools)
    versions = Path(os.path.expanduser("~/.pyenv/versions"))
    other = next((each for each in ("3.12", "3.13", "3.10") if list(versions.glob(f"{each}.*/bin/python"))), "")
    if not other or sys.version.startswith(other):
        pytest.skip("pyenv has no other Python")
    cli.env["PYENV_ROOT"] = str(versions.parent)
    (cli.home / "p").mkdir()
    made = cli("create", "p", "--python", other)
    assert (made.returncode, made.stderr) == (0, "")
    assert cli.json("env", "p")["env"]["python_version"].startswith(f"{other}.")
    path = next(versions.glob(f"{other}.*/bin/python"))
    assert cli("create", "p", "--force", "--python", str(path)).returncode == 0
    assert cli.json("env", "p")["env"]["python_version"].startswith(f"{other}.")
    (cli.home / "q").mkdir()
    (cli.home / "q" / ".python-version").write_text(f"{other}\n")
    assert cli("create", "q").returncode == 0
    assert cli.json("env", "q")["env"]["python_version"].startswith(f"{other}.")
    done = cli("create", "p", "--force", "--python", "3.99")
    assert done.returncode == 1
    assert "3.99" in done.stderr
    assert cli.json("env", "p")["env"]["python_version"].startswith(f"{other}.")  # the old one is back


# A test run in the background ignores some signals, and so would what it starts.
_HEARS = (
    "import os, signal, sys\n"
    "for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(each, signal.SIG_DFL)\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def on_a_terminal(cli: Cli, *words: str, keys: Callable[[Terminal], None] = lambda tty: None) -> tuple[int, bytes]:
    """Run `wend WORDS` on a terminal, in which KEYS presses some; return the status and what it showed."""
    wend = [sys.executable, "-I", "-X", "utf8", MAIN, *words]
    env = {**cli.env, "TERM": "xterm", "PWD": str(cli.home)}
    with closing(Terminal([sys.executable, "-c", _HEARS, *wend], env, str(cli.home), rows=24, columns=80)) as tty:
        keys(tty)
        return ended_with(tty), tty.output


def plain(shown: bytes) -> str:
    """Return what was SHOWN without what colours it and moves the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_what_came_is_coloured_unless_that_is_not_wanted(cli: Cli, use: Use) -> None:
    """The steps on standard error, and the table."""
    use("uv")
    root = cli.home / "p"
    root.mkdir()
    (root / "requirements.txt").write_text("tiny\n")
    for no_color in ("", "1"):
        cli.env["NO_COLOR"] = no_color
        status, shown = on_a_terminal(cli, "sync", "p")
        assert (status, "tiny  2.0" in plain(shown)) == (0, True)
        assert bool(COLOUR.search(shown.decode())) is not bool(no_color)
        shutil.rmtree(root / ".venv")
    done = cli("sync", "p", FORCE_COLOR="1", NO_COLOR="")
    assert "tiny  2.0" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_progress_is_for_terminals(cli: Cli, use: Use) -> None:
    use()
    (cli.home / "p").mkdir()
    (cli.home / "p" / "requirements.txt").write_text("tiny\n")
    status, shown = on_a_terminal(cli, "create", "p")
    assert status == 0
    assert "making .venv" in shown.decode()
    assert "✓ installing from requirements.txt" in shown.decode().replace("\x1b[32m", "").replace("\x1b[0m", "")
    done = cli("create", "p", "--force")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert "making" not in done.stdout


def test_a_step_that_failed_is_not_ticked(cli: Cli, use: Use) -> None:
    use()
    (cli.home / "p").mkdir()
    (cli.home / "p" / "requirements.txt").write_text("no-such-thing\n")
    status, shown = on_a_terminal(cli, "create", "p")
    assert status == 1
    text = plain(shown)
    assert "✓ making .venv" in text
    assert "✗ installing from requirements.txt" in text
    assert "✓ installing" not in text


def test_ctrl_c_on_a_terminal_leaves_nothing(cli: Cli, use: Use) -> None:
    use("uv")
    root = cli.home / "p"
    pid = slow(cli, root, "uv")

    def keys(tty: Terminal) -> None:
        until(pid.exists, "it builds")
        tty.send(b"\x03")

    status, _ = on_a_terminal(cli, "create", "p", keys=keys)
    assert status in (130, -signal.SIGINT)
    assert ended(int(pid.read_text()))
    assert [path.name for path in root.iterdir()] == ["pyproject.toml"]


# -- by recorders ------------------------------------------------------------------------------------------

_PIXI = """#!/bin/sh
# Stands in for pixi: writes down its words, and makes what pixi.lock lists.
printf '%s\\n' "$*" >>"$RECORD"
mkdir -p .pixi/envs/default/conda-meta .pixi/envs/default/bin
ln -sf {python} .pixi/envs/default/bin/python
echo '{{"manifest_path": "'"$PWD"'/pixi.toml", "environment_name": "default"}}' >.pixi/envs/default/conda-meta/pixi
echo "$PWD/.pixi/envs/default" >.pixi/envs/default/conda-meta/pixi_env_prefix
echo >.pixi/envs/default/conda-meta/history
rm -f .pixi/envs/default/conda-meta/*.json
echo '{{}}' >".pixi/envs/default/conda-meta/zlib-$VERSION-h1.json"
"""


def test_pixi(cli: Cli, use: Use, tmp_path: Path) -> None:
    from wend.workflow.drift import conda_platform

    use()
    (tmp_path / "programs" / "rm").symlink_to("/bin/rm")
    program = tmp_path / "programs" / "pixi"
    program.write_text(_PIXI.format(python=os.path.realpath(sys.executable)))
    program.chmod(0o755)
    record = tmp_path / "record"
    cli.env.update(RECORD=str(record), VERSION="1.3.1")
    root = cli.home / "p"
    root.mkdir()
    (root / "pixi.toml").write_text("[workspace]\nname = 'p'\n")
    assert cli("create", "p").returncode == 0
    assert cli("sync", "p", "--check").stdout == "pixi.lock is missing\n"
    lock = f"version: 6\nenvironments:\n  default:\n    packages:\n      {conda_platform()}:\n"
    (root / "pixi.lock").write_text(f"{lock}      - conda: https://x/y/zlib-1.3.1-h1.conda\npackages:\n")
    assert cli("sync", "p", "--check").returncode == 0
    (root / "pixi.lock").write_text(f"{lock}      - conda: https://x/y/zlib-1.4-h1.conda\npackages:\n")
    checked = cli("sync", "p", "--check")
    assert (checked.returncode, checked.stdout) == (1, "zlib is 1.3.1, not 1.4\n")
    assert cli("sync", "p", VERSION="1.4").stdout.split() == ["~", "zlib", "1.3.1", "->", "1.4"]
    assert record.read_text() == "install\ninstall\n"


@pytest.mark.parametrize(
    "words",
    ["mamba env create --file environment.yml", "micromamba create --yes --file environment.yml"],
    ids=["mamba", "micromamba"],
)
def test_mamba_and_micromamba(cli: Cli, use: Use, conda: Callable[[], list[str]], tmp_path: Path, words: str) -> None:
    (tmp_path / "programs" / "conda").rename(tmp_path / "programs" / words.split(maxsplit=1)[0])
    for name, where in (("named", "--name lab"), ("here", "--prefix ./.condaenv")):
        root = cli.home / name
        root.mkdir()
        (root / "environment.yml").write_text("name: lab\n" if name == "named" else "dependencies: [zlib]\n")
        assert cli("create", name).returncode == 0
        assert conda()[-1] == f"{words} {where}"
        assert cli.json("env", name)["env"]["kind"] == "conda"
        assert cli("create", name).returncode == 1
    assert len(conda()) == 2


# -- which Python ------------------------------------------------------------------------------------------


def _other_python(cli: Cli) -> str:
    """Return an X.Y that pyenv has here, and that is not the one that runs this."""
    versions = Path(os.path.expanduser("~/.pyenv/versions"))
    other = next((each for each in ("3.12", "3.13", "3.10") if list(versions.glob(f"{each}.*/bin/python"))), "")
    if not other or sys.version.startswith(other):
        pytest.skip("pyenv has no other Python")
    cli.env["PYENV_ROOT"] = str(versions.parent)
    return other


def _real_python(cli: Cli, name: str) -> str:
    words = ("exec", name, "--", "python", "-c", "import sys; print(sys._base_executable)")
    return os.path.realpath(cli(*words).stdout.strip())


@pytest.mark.parametrize("file", [".python-version", ".tool-versions", "mise.toml"])
@pytest.mark.parametrize("where", ["here", "above"])
@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_create_takes_the_python_that_find_prints(
    cli: Cli, use: Use, tools: tuple[str, ...], where: str, file: str
) -> None:
    use(*tools)
    other = _other_python(cli)
    root = cli.home / "src" / "p"
    root.mkdir(parents=True)
    (root / "requirements.txt").write_text("tiny\n")
    texts = {".tool-versions": f"python {other}\n", "mise.toml": f'[tools]\npython = "{other}"\n'}
    place = root if where == "here" else root.parent
    (place / file).write_text(texts.get(file, f"{other}\n"))
    found = cli("python", "find", "src/p")
    assert (found.returncode, f"/{other}." in found.stdout) == (0, True), found
    done = cli("create", "src/p")
    assert (done.returncode, done.stderr) == (0, "")
    assert _real_python(cli, "src/p") == os.path.realpath(found.stdout.strip())


def test_create_takes_what_pyenv_version_asks_for_in_the_place_of_the_file(cli: Cli, use: Use) -> None:
    use()
    other = _other_python(cli)
    root = cli.home / "p"
    root.mkdir()
    (root / ".python-version").write_text("3.98\n")
    cli.env["PYENV_VERSION"] = "3.99:3.97"
    done = cli("create", "p")
    assert (done.returncode, "PYENV_VERSION asks for Python 3.99, which is not" in done.stderr) == (1, True), (
        done.stderr
    )
    cli.env["PYENV_VERSION"] = "system"
    assert cli("create", "p").returncode == 0
    assert _real_python(cli, "p") == os.path.realpath(sys.executable)
    cli.env["PYENV_VERSION"] = other
    assert cli("create", "p", "--force").returncode == 0
    assert cli.json("env", "p")["env"]["python_version"].startswith(f"{other}.")
    assert cli.json("env", "p")["notices"] == []


@pytest.mark.parametrize("where", ["here", "above"])
@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_a_pin_gives_way_to_requires_python(cli: Cli, use: Use, tools: tuple[str, ...], where: str) -> None:
    use(*tools)
    other = _other_python(cli)
    root = cli.home / "p"
    root.mkdir()
    file = (root if where == "here" else cli.home) / ".python-version"
    file.write_text(f"{other}\n")
    wanted = f"=={sys.version_info[0]}.{sys.version_info[1]}.*"
    (root / "pyproject.toml").write_text(f'[project]\nname = "p"\nversion = "0"\nrequires-python = "{wanted}"\n')
    done = cli("create", "p")
    named = file.name if where == "here" else str(file)
    said = f"{named} asks for Python {other}, which requires-python rules out ({wanted})"
    assert (done.returncode, done.stderr) == (0, f"wend: {said}: it does not count\n")
    assert _real_python(cli, "p") == os.path.realpath(sys.executable)


def test_a_pin_above_does_not_reach_into_a_project_that_a_tool_owns(cli: Cli, use: Use, wheels: Path) -> None:
    use("poetry")
    other = _other_python(cli)
    (cli.home / ".python-version").write_text(f"{other}\n")
    write(cli.home / "p", "poetry", "1.0", wheels)
    assert cli("python", "find", "p").returncode == 4
    assert "env use" not in cli("create", "p", "--dry-run").stdout


@pytest.mark.parametrize(("file", "text"), [(".python-version", "3.99\n"), (".tool-versions", "python 3.99\n")])
def test_a_pin_above_that_is_not_installed(cli: Cli, use: Use, file: str, text: str) -> None:
    use()
    (cli.home / "src" / "p").mkdir(parents=True)
    (cli.home / "src" / file).write_text(text)
    (explained,) = cli.json("explain", "src/p")["candidates"]
    done = cli("create", "src/p")
    assert (done.returncode, done.stderr.startswith(f"wend: {cli.home}/src/{file}")) == (1, True), done.stderr
    assert done.stderr.endswith(f"not installed: {explained['fix']}\n")
    assert not list(cli.home.rglob(".venv"))
    (cli.home / "src" / "p" / ".python-version").write_text(f"{sys.version_info[0]}.{sys.version_info[1]}\n")
    assert cli("create", "src/p").returncode == 0
