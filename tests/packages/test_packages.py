"""What is published: sdist and wheel are complete, and pipx, uv and pip install and upgrade them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TREE, absent
from tests.tools.install import TOOLS, install
from wend import __version__

pytestmark = pytest.mark.packages

OLD = "0.1.99"  # this tree under an earlier number
INDEX = {
    name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_CERT", "HTTP", "http"))
}
PYTHON = os.path.realpath(sys.executable)  # outside of the tests' environment, where pip's --user works


def _uv(*words: object) -> None:
    from uv import find_uv_bin

    done = subprocess.run([find_uv_bin(), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from the files that git would bring."""
    clone = tmp_path_factory.mktemp("clone")
    for name in _tracked():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(TREE, name), clone / name, follow_symlinks=False)
    _uv("build", "--sdist", "--quiet", "--out-dir", clone / "dist", clone)
    (path,) = (clone / "dist").glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def wheel(sdist: Path) -> Path:
    """Build the wheel from the sdist, as the package index's users may have to."""
    _uv("build", "--wheel", "--quiet", "--out-dir", sdist.parent, sdist)
    (path,) = sdist.parent.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def old_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the same tree with an earlier version number."""
    place = tmp_path_factory.mktemp("old")
    with tarfile.open(sdist) as archive:
        archive.extractall(place)
    (tree,) = place.iterdir()
    init = tree / "src" / "wend" / "__init__.py"
    init.write_text(init.read_text().replace(f'"{__version__}"', f'"{OLD}"'))
    (tree / "PKG-INFO").unlink()  # hatchling would take the version from there
    _uv("build", "--wheel", "--quiet", "--out-dir", place / "dist", tree)
    (path,) = (place / "dist").glob("*.whl")
    return path


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TREE, capture_output=True, check=False).stdout
    if not listed:
        pytest.skip("this tree is not a clone")
    return [name for name in os.fsdecode(listed).split("\0") if name and os.path.lexists(os.path.join(TREE, name))]


def test_the_sdist_is_complete(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert set(_tracked()) - inside == set()


def test_the_wheel_is_complete(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = _tracked()
    expected = {name[len("src/") :] for name in tracked if name.startswith("src/wend/")}
    expected |= {f"wend/{name}" for name in tracked if name.startswith("shell/")}
    assert expected - inside == set()
    assert not [name for name in inside if "test" in os.path.basename(name) and "selftest" not in name]
    pages = [name for name in tracked if re.fullmatch(r".*\.[1-8]", name)]
    assert [
        page for page in pages if not any(name.endswith(f"share/man/man1/{Path(page).name}") for name in inside)
    ] == []


def test_the_metadata_is_complete(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    head, _, readme = text.partition("\n\n")
    for field in ("Name: wend-shell", f"Version: {__version__}", "License-Expression: MIT", "Requires-Python: >=3.9"):
        assert field in head
    assert "Description-Content-Type: text/markdown" in head
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", readme) == []


# -- installed ---------------------------------------------------------------------------------------------------------


class User:
    """A user with a home, and a directory of wheels that the installers look into."""

    def __init__(self, home: Path, runtime: str) -> None:
        self.home, self.wheels = home, home.parent / "wheels"
        self.bin = home / ".local" / "bin"
        self.wheels.mkdir()
        self.env = {
            **INDEX, "HOME": str(home), "WEND_RUNTIME_DIR": runtime, "HISTFILE": os.devnull, "TERM": "dumb",
            "LC_ALL": "C.UTF-8", "PATH": f"{self.bin}:{os.path.dirname(shutil.which('bash') or '')}:/usr/bin:/bin",
            "PIP_FIND_LINKS": str(self.wheels), "PIP_BREAK_SYSTEM_PACKAGES": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_CACHE_DIR": str(home.parent / "uv"), "UV_PYTHON_DOWNLOADS": "never",
        }  # fmt: skip

    def run(self, *words: object, status: int = 0, directory: Path | None = None) -> str:
        done = subprocess.run(
            [str(word) for word in words], cwd=directory or self.home, env=self.env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout

    def wend(self, *words: object, status: int = 0) -> str:
        return self.run(self.bin / "wend", *words, status=status)


class Terminal:
    """An interactive bash that stays open."""

    def __init__(self, user: User) -> None:
        self.process = subprocess.Popen(
            ["bash", "-i"], cwd=user.home, env=user.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def says(self, line: str) -> str:
        """Return what LINE prints."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}; printf '\\nend of it\\n'\n")
        self.process.stdin.flush()
        return "".join(iter(self.process.stdout.readline, "end of it\n")).strip()

    def comes_to(self, line: str, wanted: str) -> None:
        """Wait until LINE prints WANTED: a busy machine may be one prompt late."""
        deadline = time.monotonic() + 60
        while (said := self.says(line)) != wanted:
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


# What installs, and what upgrades: by name from where wheels are found, and from a copy of the repository, as the
# documentation says.
INSTALLERS: dict[str, tuple[tuple[object, ...], tuple[object, ...]]] = {
    "pipx": (("pipx", "install", "--python", PYTHON, "wend-shell"), ("pipx", "upgrade", "wend-shell")),
    "uv": (
        ("uv", "tool", "install", "--python", PYTHON, "--find-links", "WHEELS", "wend-shell"),
        ("uv", "tool", "upgrade", "wend-shell"),
    ),
    "pip": (
        (PYTHON, "-m", "pip", "install", "--quiet", "--user", "wend-shell"),
        (PYTHON, "-m", "pip", "install", "--quiet", "--user", "--upgrade", "wend-shell"),
    ),
}
FROM_COPY: dict[str, tuple[tuple[object, ...], ...]] = {
    "pipx": tuple(("pipx", "install", *more, "--python", PYTHON, ".") for more in ((), ("--force",))),
    "uv": (("uv", "tool", "install", "--python", PYTHON, "."),) * 2,
    "pip": ((PYTHON, "-m", "pip", "install", "--quiet", "--user", "."),) * 2,
}


class Index:
    """Where wheels are found by name: the earlier version, then this one beside it."""

    installers = INSTALLERS

    def __init__(self, user: User, wheels: tuple[Path, Path]) -> None:
        self.old, self.new, self.place = *wheels, user.wheels
        self.directory = user.home
        shutil.copy(self.old, self.place)

    def renew(self) -> None:
        """Publish this version."""
        shutil.copy(self.new, self.place)


class Copy:
    """A copy of the repository that has the earlier version, and then this one."""

    installers = FROM_COPY

    def __init__(self, user: User, sdist: Path) -> None:
        with tarfile.open(sdist) as archive:
            archive.extractall(user.home / "copy")
        (self.directory,) = (user.home / "copy").iterdir()
        (self.directory / "PKG-INFO").unlink()  # hatchling would take the version from there
        self._write(__version__, OLD)

    def renew(self) -> None:
        """Bring this version, as `git pull` does."""
        self._write(OLD, __version__)

    def _write(self, old: str, new: str) -> None:
        init = self.directory / "src" / "wend" / "__init__.py"
        init.write_text(init.read_text().replace(f'"{old}"', f'"{new}"'))


@pytest.fixture(scope="session")
def wheels(old_wheel: Path, wheel: Path) -> tuple[Path, Path]:
    return old_wheel, wheel


@pytest.fixture(scope="session")
def missing() -> dict[str, str]:
    return install()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    home = tmp_path / "home"
    home.mkdir()
    with tempfile.TemporaryDirectory(prefix="wend-test-") as runtime:
        user = User(home, runtime)
        yield user
        if (user.bin / "wend").exists():
            user.wend("daemon", "stop")


@pytest.fixture(params=[Index, Copy])
def source(request: pytest.FixtureRequest, user: User) -> Index | Copy:
    made: Index | Copy = request.param(user, request.getfixturevalue("wheels" if request.param is Index else "sdist"))
    return made


@pytest.mark.parametrize("installer", INSTALLERS)
def test_installs_and_upgrades(
    installer: str, source: Index | Copy, user: User, missing: dict[str, str], need: Any
) -> None:
    need("bash")
    absent({installer: missing[installer]} if installer in missing else {})
    first, then = (
        [str(user.wheels) if word == "WHEELS" else word for word in words] for words in source.installers[installer]
    )
    if installer != "pip":
        for words in (first, then):
            words[0] = os.path.join(TOOLS, installer, "bin", installer)

    user.run(*first, directory=source.directory)
    assert user.wend("--version") == f"wend {OLD}\n"
    user.wend("setup", "--shell", "bash")
    project = user.home / "shop"
    venv.create(user.home / "made elsewhere" / ".venv", symlinks=True)
    (user.home / "made elsewhere").rename(project)
    active = f"{project}/.venv"
    user.wend("allow", project)
    user.wend("config", "set", "prompt.format", "<{name}> ")
    opened = Terminal(user)
    try:
        opened.comes_to(f"cd {project}; echo $VIRTUAL_ENV", active)

        source.renew()
        user.run(*then, directory=source.directory)
        assert user.wend("--version") == f"wend {__version__}\n"
        user.wend("setup", "--shell", "bash")

        opened.comes_to("cd /; echo ${VIRTUAL_ENV-none}", "none")
        opened.comes_to(f"cd {project}; echo $VIRTUAL_ENV", active)
        opened.comes_to("""wend status --json | sed -n 's/ *"version": "\\(.*\\)",/\\1/p'""", __version__)
        opened.comes_to("deactivate; echo ${VIRTUAL_ENV-none}", "none")
    finally:
        opened.close()

    new = Terminal(user)
    try:
        new.comes_to(f"cd {project}; echo $VIRTUAL_ENV", active)
    finally:
        new.close()
    assert [each["dir"] for each in json.loads(user.wend("trust", "--json"))["decisions"]] == [str(project)]
    assert json.loads(user.wend("env", project, "--json"))["prompt"] == "<.venv> "
    _smoke(user, project)
    assert "removed" in user.wend("setup", "--remove")
    assert "wend" not in "".join(path.read_text() for path in user.home.glob(".bash*"))


def _smoke(user: User, project: Path) -> None:
    """What is installed has all its files, and its libraries."""
    for shell in ("bash", "zsh", "fish", "pwsh"):
        assert "__wend" in user.wend("hook", shell)
        assert "wend" in user.wend("completion", shell)
    for shell in ("bash", "zsh"):
        assert "__wend" in user.wend("hook", shell, "--scripts")
    assert user.wend("exec", project, "--", "python", "-c", "import sys; print(sys.prefix)") == f"{project}/.venv\n"
    report = json.loads(user.wend("selftest", "--json"))
    assert [each["status"] for each in report["shells"] if each["shell"] == "bash"] == ["ok"]
