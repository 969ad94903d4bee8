"""install.sh from a clone into an empty home, and out again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import TREE

PIP = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_CERT", "HTTP", "http"))}
CLONED = ("src", "shell", "docs", "install.sh", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, as git would bring it, in a place with a space in its name."""
    root = tmp_path_factory.mktemp("clone") / "wend clone"
    root.mkdir()
    for name in CLONED:
        source = Path(TREE, name)
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root)
    return root


class Install:
    """Runs the clone's install.sh for a user of its own."""

    def __init__(self, clone: Path, home: Path, runtime: str) -> None:
        self.clone, self.home = clone, home
        self.env = {**PIP, "HOME": str(home), "PATH": os.environ["PATH"], "WEND_RUNTIME_DIR": runtime}
        self.env["HISTFILE"] = os.devnull
        self.env["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))

    def __call__(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.clone / "install.sh"), *words, **env)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd="/", env={**self.env, **env}, capture_output=True, text=True, timeout=900, check=False
        )

    def data(self) -> Path:
        return self.home / ".local" / "share" / "wend"


@pytest.fixture
def install(clone: Path, tmp_path: Path) -> Iterator[Install]:
    home = tmp_path / "a home"
    home.mkdir()
    with tempfile.TemporaryDirectory(prefix="wend-test-") as runtime:
        installer = Install(clone, home, runtime)
        yield installer
        if installer.data().exists():
            installer("--uninstall")


def _files(home: Path) -> dict[str, bytes]:
    skipped = {".local", ".rustup"}  # ours, judged elsewhere; pip asks rustc for its version
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(home).parts)
    }


def test_from_nothing_to_a_working_cd_and_back(install: Install, need: Callable[..., None]) -> None:
    need("bash", "zsh")
    (install.home / ".bashrc").write_bytes(b"alias a=b")
    (install.home / ".zshrc").write_bytes(b"# mine\r\n")
    before = _files(install.home)
    in_clone = sorted(str(path) for path in install.clone.rglob("*"))

    done = install("--shell", "bash", "--shell=zsh")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert sorted(str(path) for path in install.clone.rglob("*")) == in_clone
    for said in (
        ".bashrc",
        ".zshrc",
        ".local/bin/wend",
        "not on your PATH",
        '  export PATH="$HOME/.local/bin:$PATH"',
        "new terminal",
    ):
        assert said in done.stdout
    link = install.home / ".local" / "bin" / "wend"
    assert install.run(str(link), "--version").stdout.startswith("wend ")

    # A new terminal: the start-up file alone makes the difference.
    project = install.home / "project"
    subprocess.run(["python3", "-m", "venv", "--without-pip", project / ".venv"], env=install.env, check=True)
    for shell in (["bash", "-i"], ["zsh", "-i"]):
        # Prompts until the environment is there: the daemon is started by the first one.
        wait = '[ -n "$VIRTUAL_ENV" ] || /bin/sleep 0.5\n' * 100
        line = f"cd '{project}'\n{wait}echo \"active: $VIRTUAL_ENV\"\n"
        shown = subprocess.run(
            shell,
            input=line + "exit\n",
            env=install.env,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert f"active: {project}/.venv\n" in shown.stdout, shown.stderr

    again = install("--shell", "bash", "--shell", "zsh")
    assert (again.returncode, again.stderr) == (0, "")
    assert "nothing to change" in again.stdout
    assert "started, pid" in again.stdout

    assert install.run(str(link), "deny", str(project)).returncode == 0
    shutil.rmtree(project)
    done = install("--uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert _files(install.home) == before
    assert not install.data().exists()
    assert not os.path.lexists(link)
    assert os.listdir(install.env["WEND_RUNTIME_DIR"]) == []
    state = install.home / ".local" / "state" / "wend"
    assert os.listdir(state) == ["trust"]
    assert str(state) in done.stdout

    done = install("--uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert _files(install.home) == before


def test_xdg_directories_and_no_rc(install: Install) -> None:
    places = {f"XDG_{name}_HOME": str(install.home / "xdg" / name.lower()) for name in ("DATA", "STATE", "CONFIG")}
    done = install("--no-rc", "--shell", "bash", **places)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(os.listdir(install.home / "xdg" / "data" / "wend")) == ["bin", "completions", "hooks", "venv"]
    assert not (install.home / ".bashrc").exists()
    assert not install.data().exists()
    assert install("--uninstall", **places).returncode == 0
    assert os.listdir(install.home / "xdg" / "data") == []


def test_the_distribution_of_the_earlier_name_goes(install: Install) -> None:
    assert install("--no-rc", "--shell", "bash").returncode == 0
    (packages,) = (install.data() / "venv" / "lib").glob("python*/site-packages")
    earlier = packages / "wend-0.1.0.dist-info"
    earlier.mkdir()
    (earlier / "METADATA").write_text("Metadata-Version: 2.1\nName: wend\nVersion: 0.1.0\n")
    (earlier / "INSTALLER").write_text("pip\n")
    files = ["METADATA", "INSTALLER", "RECORD"]
    (earlier / "RECORD").write_text("".join(f"{earlier.name}/{name},,\n" for name in files) + "wend/__init__.py,,\n")
    done = install("--no-rc", "--shell", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    assert not earlier.exists()
    assert (packages / "wend" / "__init__.py").exists()


def test_a_broken_installation_still_gives_the_files_back(install: Install) -> None:
    (install.home / ".bashrc").write_bytes(b"x=1")
    assert install("--shell", "bash").returncode == 0
    python = install.data() / "venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere")
    done = install("--uninstall", "--shell", "zsh", "--shell", "powershell")
    assert (done.returncode, done.stderr) == (0, "")
    assert b"wend" in (install.home / ".bashrc").read_bytes()
    done = install("--uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert (install.home / ".bashrc").read_bytes() == b"x=1"
    assert not install.data().exists()


def test_another_programs_wend_is_not_replaced(install: Install) -> None:
    other = install.home / ".local" / "bin" / "wend"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\n")
    done = install("--no-rc", "--shell", "bash")
    assert done.returncode == 0
    assert "is not this wend" in done.stdout
    assert install("--uninstall").returncode == 0
    assert other.read_text() == "#!/bin/sh\n"


def test_index_out_of_reach_is_said(install: Install) -> None:
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    done = install("--shell", "bash", **nowhere, PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("wend: pip could not install")
    assert not (install.home / ".bashrc").exists()


def test_no_python_is_said(install: Install, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "uname", "mkdir", "rm", "readlink", "id", "find", "xcode-select"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    script = (install.clone / "install.sh").read_text()
    usual = "/usr/local/bin:/opt/homebrew/bin:/usr/bin"
    assert usual in script
    copy = tmp_path / "install.sh"
    copy.write_text(script.replace(usual, "/nowhere"))
    done = install.run("/bin/sh", str(copy), PATH=str(tools))
    assert done.returncode == 1
    assert done.stderr.startswith("wend: no Python 3.9 or later")
    assert not install.data().exists()


def test_wrong_usage(install: Install) -> None:
    for words in (("--nonsense",), ("--shell",), ("--shell", "tcsh"), ("--shell=",)):
        done = install(*words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "usage:" in install("--help").stdout
    assert install("--help").returncode == 0
    assert install(HOME="").returncode == 1
    assert list(install.home.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be in another user's home")
def test_root_in_another_users_home_is_refused(install: Install) -> None:
    os.chown(install.home, 65534, 65534)
    done = install()
    assert (done.returncode, done.stdout) == (1, "")
    assert "without sudo" in done.stderr
    assert list(install.home.iterdir()) == []


def test_shellcheck(need: Callable[..., None]) -> None:
    need("shellcheck")
    subprocess.run(["shellcheck", os.path.join(TREE, "install.sh")], check=True)
