"""Environments outside of the project: what is half-made goes, and what others may use stays as it is."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import subprocess
import sys
import venv
from pathlib import Path
from typing import Callable

import pytest

from tests.daemon.talk import WAIT, until
from tests.tools.install import TOOLS
from tests.unit.cli.conftest import MAIN, Cli

from .test_create import active, ended, write

pytestmark = pytest.mark.tools
Use = Callable[..., None]
Record = Callable[[], list[str]]


def _conda_project(cli: Cli, name: str, text: str = "name: lab\ndependencies: [zlib]\n") -> Path:
    root = cli.home / name
    root.mkdir()
    (root / "environment.yml").write_text(text)
    return root


def _not_alone(prefix: object, root: object) -> str:
    why = "is not this project's alone, so what the files do not name stays"
    return f"wend: {prefix} {why}: wend sync --prune {root}\n"


def _in_line(prefix: Path) -> str:
    return f"{prefix} is in line with the files\n"


def test_an_environment_that_a_clone_names_loses_nothing(cli: Cli, conda: Record) -> None:
    lab = cli.home / "miniconda3" / "envs" / "lab"
    mine, clone = _conda_project(cli, "mine"), _conda_project(cli, "clone")
    assert cli("create", "mine").returncode == 0
    assert cli("sync", "mine").stderr == ""
    assert conda()[-1] == "conda env update --file environment.yml --prune --name lab"
    told = _not_alone(lab, clone)
    done = cli("sync", "clone")
    assert (done.returncode, done.stderr) == (0, told)
    assert conda()[-1] == "conda env update --file environment.yml --name lab"
    done = cli("sync", "clone", "--dry-run")
    assert (done.stdout.splitlines()[-1], done.stderr) == ("conda env update --file environment.yml --name lab", "")
    (lab / "conda-meta" / "abc-1-0.json").write_text("{}")
    assert cli("sync", "mine", "--check").stdout.startswith("abc is installed, ")
    assert (cli("sync", "clone", "--check").stdout, cli("sync", "clone", "--check").stderr) == (_in_line(lab), "")
    done = cli("sync", "clone", "--prune")
    assert (done.returncode, done.stderr) == (0, "")
    assert conda()[-1] == "conda env update --file environment.yml --prune --name lab"
    (clone / "environment.yml").write_text(f"prefix: {lab}\n")
    assert cli("sync", "clone").stderr == told
    assert conda()[-1] == f"conda env update --file environment.yml --prefix {lab}"
    (lab / ".project").write_text("\0\n")
    assert cli("sync", "mine").stderr == _not_alone(lab, mine)


def _store(cli: Cli, wheels: Path) -> Path:
    """Make the environment `shared`, with `other` in it, in the user's store; return it."""
    cli.env["WORKON_HOME"] = str(cli.home / "envs")
    prefix = cli.home / "envs" / "shared"
    venv.create(prefix, with_pip=True, symlinks=True)
    words = [f"{prefix}/bin/python", "-m", "pip", "install", "-q", f"{wheels}/other-1.0-py3-none-any.whl"]
    subprocess.run(words, env=cli.env, check=True)
    return prefix


@pytest.mark.parametrize("tool", ["uv", "pipenv", "pdm"])
def test_a_file_that_names_an_environment_removes_nothing_from_it(cli: Cli, use: Use, wheels: Path, tool: str) -> None:
    use(tool)
    root, prefix = cli.home / "clone", _store(cli, wheels)
    if tool == "uv":
        root.mkdir()
        file = wheels / "tiny-1.0-py3-none-any.whl"
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        (root / "pylock.toml").write_text(
            'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "tiny"\nversion = "1.0"\n'
            f'wheels = [{{ name = "{file.name}", path = "{file}", hashes = {{ sha256 = "{digest}" }} }}]\n'
        )
    else:
        write(root, tool, "1.0", wheels)
        words = [tool, "lock"]
        subprocess.run(words, cwd=root, env=cli.env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        for made in (root / ".pdm-python", root / ".venv"):
            if made.is_file():
                made.unlink()
            else:
                subprocess.run(["rm", "-rf", str(made)], check=True)
    if tool == "pdm":
        (root / ".pdm-python").write_text(f"{prefix}/bin/python")
    else:
        (root / ".venv").write_text("shared\n")
    assert cli("allow", "clone").returncode == 0
    assert cli.json("env", "clone")["env"]["prefix"] == str(prefix)
    done = cli("sync", "clone")
    assert (done.returncode, done.stderr) == (0, _not_alone(prefix, root)), done.stdout
    assert done.stdout.split() == ["+", "tiny", "1.0"]
    assert cli("sync", "clone", "--check").stdout == _in_line(prefix)
    if tool != "uv":  # there, the file gives way, and what it named stays
        done = cli("create", "clone", "--force")
        told = f"wend: {prefix} is used here, and is not this project's alone: wend sync {root}\n"
        assert (done.returncode, done.stderr) == (1, told)
    done = cli("sync", "clone", "--prune")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "other" in [line.split()[1] for line in done.stdout.splitlines() if line.startswith("-")]


@pytest.mark.parametrize("place", ["{home}/shared", "../shared"])
@pytest.mark.parametrize("file", ["requirements.txt", "environment.yml"])
def test_what_uv_was_told_is_not_removed_where_uv_is_not_the_tool(
    cli: Cli, use: Use, conda: Record, file: str, place: str
) -> None:
    root, prefix = cli.home / "clone", cli.home / "shared"
    root.mkdir()
    (root / file).touch()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n[tool.uv]\npackage = false\n')
    venv.create(prefix, symlinks=True)
    cli.env["UV_PROJECT_ENVIRONMENT"] = place.format(home=cli.home)
    done = cli("create", "clone", "--force")
    told = f"is used here, and is not this project's alone: wend sync {root}\n"
    assert (done.returncode, done.stderr.endswith(told)) == (1, True), done.stderr
    assert (prefix / "pyvenv.cfg").exists()


@pytest.mark.parametrize("place", ["{home}/shared", "../shared"])
def test_what_uv_was_told_is_kept_in_line_by_uv(cli: Cli, use: Use, place: str) -> None:
    use("uv")
    root = cli.home / "p"
    root.mkdir()
    (root / "uv.lock").touch()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    venv.create(cli.home / "shared", symlinks=True)
    cli.env["UV_PROJECT_ENVIRONMENT"] = place.format(home=cli.home)
    done = cli("sync", "p", "--dry-run")
    assert (done.stdout.splitlines()[-1], done.stderr) == ("uv sync", "")


def test_prune_is_refused_where_nothing_is_removed(cli: Cli, use: Use) -> None:
    use()
    (cli.home / "p").mkdir()
    (cli.home / "p" / "requirements.txt").write_text("tiny\n")
    assert cli("create", "p").returncode == 0
    done = cli("sync", "p", "--prune")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "wend: nothing is removed here, whatever the files say: wend sync p\n"


# -- nothing half-made -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--name", "other"), ("--no-install",)])
def test_conda_fails_early_by_name(cli: Cli, conda: Record, words: tuple[str, ...]) -> None:
    envs = cli.home / "miniconda3" / "envs"
    (envs / "mine" / "conda-meta").mkdir(parents=True)
    root = _conda_project(cli, "p")
    done = cli("create", "p", *words, FAIL="1")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "the solver gave up")
    assert [path.name for path in envs.iterdir()] == ["mine"]
    assert [path.name for path in root.iterdir()] == ["environment.yml"]


def test_conda_fails_early_where_an_environment_gives_way(cli: Cli, conda: Record) -> None:
    envs = cli.home / "miniconda3" / "envs"
    _conda_project(cli, "p")
    assert cli("create", "p").returncode == 0
    (envs / "lab" / "mine").touch()
    assert cli("create", "p", "--force", FAIL="1").returncode == 1
    assert [path.name for path in envs.iterdir()] == ["lab"]
    assert (envs / "lab" / "mine").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_of_conda(cli: Cli, conda: Record, number: signal.Signals) -> None:
    envs, pid = cli.home / "miniconda3" / "envs", cli.home / "pid"
    (envs / "mine").mkdir()
    _conda_project(cli, "p")
    before = signal.signal(number, signal.SIG_DFL)  # a test run in the background ignores some
    try:
        words = [sys.executable, "-I", "-X", "utf8", MAIN, "create", "p"]
        child = subprocess.Popen(words, cwd=cli.home, env={**cli.env, "SLOW": str(pid)}, stderr=subprocess.DEVNULL)
    finally:
        signal.signal(number, before)
    until(lambda: (pid.exists() and pid.read_text().strip()) or child.poll() is not None, "it runs")
    assert (envs / "lab").exists()
    child.send_signal(number)
    assert child.wait(WAIT) == 128 + number
    assert ended(int(pid.read_text()))
    assert [path.name for path in envs.iterdir()] == ["mine"]


def test_what_a_tool_only_points_to_stays_when_it_fails(cli: Cli, use: Use, tmp_path: Path) -> None:
    use()
    root, prefix = cli.home / "p", cli.home / "tools"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n[tool.pdm]\n')
    venv.create(prefix, symlinks=True)
    pdm = tmp_path / "programs" / "pdm"
    pdm.write_text(f"#!/bin/sh\necho {prefix}/bin/python >.pdm-python\nexit 1\n")
    pdm.chmod(0o755)
    assert cli("create", "p").returncode == 1
    assert [path.name for path in root.iterdir()] == ["pyproject.toml"]
    assert (prefix / "pyvenv.cfg").exists()


_CHOSEN = {
    "pipenv": {"PIPENV_CUSTOM_VENV_NAME": "mine", "WORKON_HOME": "{home}/envs"},
    "hatch": {"HATCH_ENV_TYPE_VIRTUAL_PATH": "{home}/envs/mine"},
}
_FAILING = """#!/bin/sh
[ "$1" = verify ] || {{ {python} -m venv --without-pip "$MADE" && {more} && exit 1; }}
"""


@pytest.mark.parametrize("more", [":", 'echo /elsewhere >"$MADE"/.project'], ids=["", "another's"])
@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("tool", _CHOSEN)
def test_what_is_half_made_under_a_name_that_the_user_chose(
    cli: Cli, use: Use, tool: str, there: bool, more: str
) -> None:
    """What was there before is not touched, and pipenv's own word that it is another project's counts."""
    use()
    root, made = cli.home / "p", cli.home / "envs" / "mine"
    root.mkdir()
    (root / {"pipenv": "Pipfile", "hatch": "hatch.toml"}[tool]).touch()
    cli.env.update({name: value.format(home=cli.home) for name, value in _CHOSEN[tool].items()}, MADE=str(made))
    if there:
        (made / "kept").mkdir(parents=True)
    program = Path(cli.env["PATH"], tool)
    program.write_text(_FAILING.format(python=os.path.realpath(sys.executable), more=more))
    program.chmod(0o755)
    done = cli("create", "p")
    assert (done.returncode, done.stderr.count("failed with exit status 1")) == (1, 1), done.stderr
    assert made.exists() == (there or (tool == "pipenv" and more != ":"))
    assert (made / "kept").exists() == there


@pytest.mark.parametrize("variable", sorted({name for row in _CHOSEN.values() for name in row} - {"WORKON_HOME"}))
def test_what_a_project_chose_stays_when_a_tool_fails(cli: Cli, use: Use, variable: str) -> None:
    use()
    tool = "pipenv" if variable.startswith("PIPENV") else "hatch"
    root, made = cli.home / "p", cli.home / ".local" / "share" / "virtualenvs" / "mine"
    root.mkdir()
    (root / "Pipfile").write_text("[packages]\n")
    (root / ".env").write_text(f"{variable}=mine\n")
    if tool == "hatch":
        (root / "Pipfile").unlink()
        (root / "hatch.toml").write_text(f"[envs.default]\npath = '{made}'\n")
    program = Path(cli.env["PATH"], tool)
    program.write_text(_FAILING.format(python=os.path.realpath(sys.executable), more=":"))
    program.chmod(0o755)
    assert cli("create", "p", MADE=str(made)).returncode == 1
    assert made.exists()


_DETACHED = """#!/bin/sh
top=$HOME/envs/p-0123456789
mkdir -p .pixi "$top/envs/default/bin" && ln -s "$top/envs" .pixi/envs && exit 1
"""


@pytest.mark.parametrize(
    ("there", "config", "stays"),
    [
        ("", "home", []),
        ("p-0123456789", "home", ["p-0123456789"]),
        ("p-9", "home", ["p-9"]),
        ("", "p", ["p-0123456789"]),
    ],
    ids=["new", "there", "another's", "a project's word"],
)
def test_what_pixi_detaches_is_not_left_half_made(
    cli: Cli, use: Use, there: str, config: str, stays: list[str]
) -> None:
    use()
    root, envs = cli.home / "p", cli.home / "envs"
    root.mkdir()
    envs.mkdir()
    (root / "pixi.toml").write_text("[workspace]\nname = 'p'\n")
    place = (root if config == "p" else cli.home) / ".pixi" / "config.toml"
    place.parent.mkdir()
    place.write_text(f"detached-environments = '{envs}'\n")
    if there:
        (envs / there / "envs" / "default").mkdir(parents=True)
    program = Path(cli.env["PATH"], "pixi")
    program.write_text(_DETACHED)
    program.chmod(0o755)
    assert cli("create", "p").returncode == 1
    assert sorted(path.name for path in envs.iterdir()) == stays
    assert (root / ".pixi").exists() == (config == "p")


def test_conda_makes_one_and_that_of_the_same_name_elsewhere_is_not_claimed(cli: Cli, conda: Record) -> None:
    envs, other = cli.home / "miniconda3" / "envs", cli.home / "more" / "lab"
    (envs / "lab" / "conda-meta").mkdir(parents=True)
    (other / "conda-meta").mkdir(parents=True)
    cli.env["CONDA_ENVS_PATH"] = f"{envs}:{other.parent}"
    root = _conda_project(cli, "p")
    assert cli("create", "p", "--force").returncode == 0
    assert (envs / "lab" / ".project").read_text() == f"{root}\n"
    assert not (other / ".project").exists()


# What the tool makes, without what tells that it is an environment: it ended between two files.
_HALF = """#!{python}
import glob, os, subprocess, sys
before = set(glob.glob({home!r} + "/**/pyvenv.cfg", recursive=True, **{hidden}))
status = subprocess.call([{tool!r}, *sys.argv[1:]])
for path in set(glob.glob({home!r} + "/**/pyvenv.cfg", recursive=True, **{hidden})) - before:
    os.unlink(path)
    for name in glob.glob(os.path.dirname(path) + "/bin/python*"):
        os.unlink(name)
    status = 1
sys.exit(status)
"""


@pytest.mark.parametrize("tool", ["poetry", "pdm", "hatch", "pipenv"])
def test_nothing_half_made_of_a_tool_stays_in_its_store(
    cli: Cli, use: Use, wheels: Path, tmp_path: Path, tool: str
) -> None:
    if sys.version_info < (3, 11):
        pytest.skip("glob finds no hidden files")
    use(tool)
    root = cli.home / "p"
    write(root, tool, "1.0", wheels)
    if tool == "pdm":
        cli.env["PDM_CONFIG_FILE"] = str(cli.home / "pdm.toml")
        (cli.home / "pdm.toml").write_text("[venv]\nin_project = false\n")
    whole = os.path.join(TOOLS, tool, "bin", tool)
    program = tmp_path / "programs" / tool
    program.unlink()
    hidden = {"include_hidden": True}
    program.write_text(_HALF.format(python=sys.executable, home=str(cli.home), tool=whole, hidden=hidden))
    program.chmod(0o755)
    other = cli.home / "q"  # in the same store
    write(other, tool, "1.0", wheels)
    program.rename(tmp_path / "half")
    program.symlink_to(whole)
    assert cli("create", "q").returncode == 0
    kept = _inside(cli)
    program.unlink()
    (tmp_path / "half").rename(program)
    done = cli("create", "p")
    assert done.returncode == 1
    assert shlex.split(done.stderr.splitlines()[-1])[0] == "wend:"
    assert _inside(cli) == kept
    assert active(cli, other) == "1.0"


def _inside(cli: Cli) -> set[str]:
    """Return the directories in the home that have a `bin` or a `lib`, as environments do."""
    return {str(path.parent) for path in cli.home.rglob("activate") if "uv-cache" not in str(path)}
