"""What is installed, what differs, and how it is written down."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.settings import Settings
from wend.workflow import drift, freezing, installed, requirements
from wend.workflow import project as projects
from wend.workflow.constraining import Told
from wend.workflow.freezing import Checkout
from wend.workflow.installed import Change, Distribution


def environment(prefix: Path, minor: int = 12) -> Path:
    packages = prefix / "lib" / f"python3.{minor}" / "site-packages"
    packages.mkdir(parents=True)
    (prefix / "lib64").symlink_to("lib")
    return packages


def dist(packages: Path, name: str, version: str, origin: object = None, *, directory: str = "") -> Path:
    info = packages / (directory or f"{name}-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no\n")
    if origin is not None:
        (info / "direct_url.json").write_text(origin if isinstance(origin, str) else json.dumps(origin))
    return info


def frozen(packages: Path, minor: int = 12, checkout: Optional[Checkout] = None) -> list[str]:
    found = installed.distributions(str(packages.parents[2]), Disk())
    return freezing.requirements(found.values(), minor, lambda path: checkout).splitlines()


def test_names_are_sorted_and_kept_as_written(tmp_path: Path) -> None:
    packages = environment(tmp_path)
    for name in ("zope.interface", "PyYAML", "aa_b", "aa-a", "pip", "setuptools", "wheel"):
        dist(packages, name, "1.0")
    egg = packages / "old.egg-info"
    egg.write_text("Name: old\nVersion: 3\n")
    assert frozen(packages) == [
        "aa-a==1.0", "aa_b==1.0", "old==3", "PyYAML==1.0", "setuptools==1.0", "wheel==1.0", "zope.interface==1.0",
    ]  # fmt: skip
    assert frozen(packages, 11) == ["aa-a==1.0", "aa_b==1.0", "old==3", "PyYAML==1.0", "zope.interface==1.0"]


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        ({"url": "https://me:secret@h/x.whl", "archive_info": {"hash": "sha256=ab"}}, "x @ https://h/x.whl#sha256=ab"),
        ({"url": "https://${U}:${P}@h/x.whl", "archive_info": {}}, "x @ https://${U}:${P}@h/x.whl"),
        (
            {"url": "ssh://git@h/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}, "subdirectory": "s"},
            "x @ git+ssh://git@h/x@abc#subdirectory=s",
        ),
        ({"url": "file:///a/x", "dir_info": {}}, "x @ file:///a/x"),
        ({"url": "file:///a/b%20c", "dir_info": {"editable": True}}, "-e /a/b c"),
        # What is damaged must not become a line of its own, nor an option.
        ({"url": "https://h/x\n--index-url http://bad"}, "x==1"),
        ({"url": ["x"]}, "x==1"),
        ({"url": "https://[", "archive_info": 3}, "x==1"),
        ({"url": "https://h/x", "vcs_info": {"vcs": "git\n-e bad", "commit_id": "a"}}, "x==1"),
        ({"url": "file:///a%0a-r%20bad", "dir_info": {"editable": True}}, "x==1"),
        ("[" * 100000, "x==1"),
        ("[]", "x==1"),
        ("", "x==1"),
    ],
)
def test_origins(tmp_path: Path, origin: object, wanted: str) -> None:
    packages = environment(tmp_path)
    dist(packages, "x", "1", origin)
    assert frozen(packages)[-1] == wanted


@pytest.mark.parametrize(
    ("checkout", "wanted"),
    [
        (Checkout("https://h/me/x.git", "abc", ""), "-e git+https://h/me/x.git@abc#egg=my_x"),
        (Checkout("git@h:me/x.git", "abc", "sub"), "-e git+ssh://git@h/me/x.git@abc#egg=my_x&subdirectory=sub"),
        (Checkout("/srv/x", "abc", ""), "-e git+file:///srv/x@abc#egg=my_x"),
        (Checkout("", "abc", ""), "-e /a/x"),
        (None, "-e /a/x"),
    ],
)
def test_editable(tmp_path: Path, checkout: Optional[Checkout], wanted: str) -> None:
    packages = environment(tmp_path)
    dist(packages, "my-x", "1", {"url": "file:///a/x", "dir_info": {"editable": True}})
    assert frozen(packages, checkout=checkout)[-1] == wanted


def test_damaged_metadata_is_passed_over(tmp_path: Path) -> None:
    packages = environment(tmp_path)
    dist(packages, "good", "1")
    dist(packages, "a b; x", "1", directory="bad1.dist-info")
    dist(packages, "-r", "1", directory="bad2.dist-info")
    dist(packages, "x", "1 --hash=a", directory="bad3.dist-info")
    (packages / "bad4.dist-info").mkdir()
    os.mkfifo(packages / "bad4.dist-info" / "METADATA")
    (packages / "bad5.dist-info").symlink_to("/dev")
    (packages / "bad6.egg-link").write_text("/nowhere\n.\n")
    (packages / os.fsdecode(b"bad\xff.dist-info")).mkdir()
    (packages / "bad7.egg-info").write_bytes(b"\xff\xfe\x00")
    assert frozen(packages) == ["good==1"]


def test_changes() -> None:
    assert installed.changes({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"}) == [
        Change("a", "1", ""),
        Change("b", "1", "2"),
        Change("d", "", "1"),
    ]


def test_an_export_is_sorted_and_loses_the_prefix() -> None:
    text = (
        "name: x\nchannels:\n  - z\n  - a\ndependencies:\n  - b=1\n  - a=1\n  - pip:\n    - z==1\n    - y==1\n"
        "prefix: /home/me/x\n"
    )
    assert freezing.environment(text) == (
        "name: x\nchannels:\n  - z\n  - a\ndependencies:\n  - a=1\n  - b=1\n  - pip:\n    - y==1\n    - z==1\n"
    )
    assert freezing.environment("dependencies:\n- b\n- a\nprefix: /x\n") == "dependencies:\n- a\n- b\nprefix: /x\n"


def test_each_line_of_a_lock_file_is_read_once(tmp_path: Path) -> None:
    """With a search from each name to the end of its entry, this does not end."""
    environment(tmp_path / ".venv")
    names = "  name: one\n" * 200_000
    lock = _PIXI.replace("  version: 1.5\n", names)
    assert differences(tmp_path, {"pixi.toml": "", "pixi.lock": lock}) == ["zlib is not installed"]
    lock = _PIXI.replace("  name: one\n", names)
    wanted = ["zlib is not installed", "one is not installed"]
    assert differences(tmp_path, {"pixi.toml": "", "pixi.lock": lock}) == wanted


# As pixi 0.50 writes it (version 6).
_PIXI = f"""version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      {drift.conda_platform()}:
      - conda: https://conda.anaconda.org/conda-forge/x/zlib-1.3.1-h1_0.conda
      - pypi: https://files.example.org/one-1.5-py3-none-any.whl
      other-64:
      - conda: https://conda.anaconda.org/conda-forge/x/zlib-9-h1_0.conda
packages:
- conda: https://conda.anaconda.org/conda-forge/x/zlib-1.3.1-h1_0.conda
  sha256: ab
- pypi: https://files.example.org/one-1.5-py3-none-any.whl
  name: one
  version: 1.5
  sha256: ab
"""


def write(tmp_path: Path, files: Mapping[str, str | bytes]) -> projects.Project:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return projects.read(str(tmp_path), Context(Disk(), {"HOME": "/nowhere"}, Settings()))


def differences(tmp_path: Path, files: Mapping[str, str | bytes], *, exact: bool = False) -> list[str]:
    project = write(tmp_path, files)
    if "Pipfile" in files:
        return drift.of_pipenv(project, str(tmp_path / ".venv"), Disk())
    if "pixi.toml" in files:
        return drift.of_pixi(project, str(tmp_path / ".venv"), Disk())
    if project.conda_file:
        return drift.of_conda(project, str(tmp_path / ".venv"), Disk())
    return drift.of_pip(project, str(tmp_path / ".venv"), Disk(), Told(), exact=exact)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"requirements.txt": "One==1.5\ntwo_x[extra] >= 1 ; python_version > '3'\n"}, []),
        (
            {"requirements.txt": "one>2 \\\n  --hash=sha256:ab\n# x\nthree  # y\n"},
            ["one is 1.5, not >2", "three is not installed"],
        ),
        ({"requirements.txt": "three==1\n", "requirements-dev.txt": "three\n"}, ["three is not installed"]),
        ({"requirements.txt": "three; python_version < '3.9'\n--index-url x\nhttps://h/z.whl\n${HERE}/x\n"}, []),
        (
            {
                "requirements.txt": "-r more.txt\n-r requirements.txt\n",
                "more.txt": "--requirement=requirements.txt\nthree\n",
            },
            ["three is not installed"],
        ),
        (
            {"requirements.txt": "-r gone.txt\none = 1\n"},
            ["requirements.txt: one = 1 is not a requirement", "gone.txt cannot be read"],
        ),
        (
            {"requirements.txt": "One\n-c c.txt\n", "c.txt": "one==1.4\ntwo_x==0\nthree==3\none<1; python_version<'3'"},
            ["one is 1.5, not ==1.4"],
        ),
        (
            {"requirements.txt": "one\n-c c.txt\n", "c.txt": "-r more.txt\n./x\n", "more.txt": "one<1\n"},
            ["one is 1.5, not <1"],
        ),
        ({"requirements.txt": "one\n-c gone.txt\n-c https://h/c.txt\n"}, ["gone.txt cannot be read"]),
        ({"requirements.txt": "\ufeffthree\n"}, ["three is not installed"]),
        ({"requirements.txt": "three\n".encode("utf-16")}, ["three is not installed"]),
        ({"requirements.txt": b"# coding: latin-1\nthree # \xe9\n"}, ["three is not installed"]),
        ({"requirements.txt": b"# coding: no-such\nthree # \xe9\n"}, ["three is not installed"]),
        ({"requirements.txt": b"# coding: zlib\nthree # \xe9\n"}, ["three is not installed"]),
        # Read as it says, this one would take hours.
        ({"requirements.txt": b"# coding: Punycode\nthree #-" + b"b" * (8 << 20)}, ["three is not installed"]),
        (
            {"requirements.txt": "-e ./here[extra] ; python_version > '3'\n./a b\nfile:///gone/c.whl\n"},
            ["{root}/a b is not installed", "/gone/c.whl is not installed"],
        ),
        ({"requirements.txt": "-e .\n"}, ["the project itself is not installed"]),
        ({"setup.py": ""}, ["the project itself is not installed"]),
        (
            {"pyproject.toml": "[project]\nname='p'\ndynamic=['dependencies']\n"},
            ["the project itself is not installed"],
        ),
        (
            {"pyproject.toml": "[project]\nname='p'\ndependencies=['one = 1']\n"},
            ["pyproject.toml: one = 1 is not a requirement"],
        ),
        ({"pyproject.toml": "[project]\nname='p'\ndependencies=['one<1']\n"}, ["one is 1.5, not <1"]),
        ({"pyproject.toml": "[dependency-groups]\ndev=['three']\n"}, ["three is not installed"]),
        (
            {"pylock.toml": "[[packages]]\nname='one'\nversion='1.5'\n[[packages]]\nname='three'\nversion='1'\n"},
            ["three is not installed"],
        ),
        ({"pylock.toml": "[[packages]]\nname='three'\nversion='1'\nmarker=\"python_version < '3'\"\n"}, []),
        ({"pylock.toml": "packages = 3\n"}, []),
        ({"pylock.toml": "[[[\n"}, ["pylock.toml cannot be read"]),
        (
            {"Pipfile": "", "Pipfile.lock": '{"default": {"one": {"version": "==1.4"}, "q": 1}}'},
            [
                "one is 1.5, not 1.4",
                "here is installed, and Pipfile.lock does not name it",
                "two-x is installed, and Pipfile.lock does not name it",
            ],
        ),
        (
            {
                "Pipfile": "",
                "Pipfile.lock": '{"default": {"one": {"version": "==1.5"}}, "develop": {"two-x": {"version": "==1.1"}, '
                '"three": {"version": "==1"}}, "docs": {"four": {"version": "==1"}}}',
            },
            ["two-x is 1, not 1.1", "three is not installed", "here is installed, and Pipfile.lock does not name it"],
        ),
        ({"pixi.toml": "", "pixi.lock": _PIXI}, []),
        (
            {
                "pixi.toml": "",
                "pixi.lock": _PIXI.replace("zlib-1.3.1", "zlib-1.4").replace("version: 1.5", "version: 2"),
            },
            ["zlib is 1.3.1, not 1.4", "one is 1.5, not 2"],
        ),
        (
            {"pixi.toml": "", "pixi.lock": _PIXI.replace("/zlib-1.3.1", "/bzip2-1")},
            ["bzip2 is not installed", "zlib is installed, and pixi.lock does not name it"],
        ),
        ({"pixi.toml": "", "pixi.lock": "version: 6\n"}, [f"pixi.lock has nothing for {drift.conda_platform()}"]),
        ({"pixi.toml": "", "pixi.lock": "[\n"}, ["pixi.lock: line 2: did not find expected node content"]),
        ({"Pipfile": "", "Pipfile.lock": "["}, ["Pipfile.lock cannot be read"]),
        (
            {"environment.yml": "dependencies: [zlib=1.3.*, zlib=1.3, c::zlib >=1, zlib=1.3.1=h1, pip: [one]]\n"},
            [],
        ),
        (
            {"environment.yml": "dependencies:\n - zlib=1.2\n - gone\n - pip: [one>9]\n"},
            ["zlib is 1.3.1, not =1.2", "gone is not installed", "one is 1.5, not >9"],
        ),
        ({"environment.yml": "dependencies: 3\n"}, []),
    ],
)
def test_drift(tmp_path: Path, files: Mapping[str, str | bytes], wanted: list[str]) -> None:
    packages = environment(tmp_path / ".venv")
    dist(packages, "one", "1.5")
    dist(packages, "Two.X", "1")
    dist(packages, "here", "1", {"url": f"file://{tmp_path}/here", "dir_info": {"editable": True}})
    meta = tmp_path / ".venv" / "conda-meta"
    meta.mkdir()
    (meta / "zlib-1.3.1-h1_0.json").touch()
    assert differences(tmp_path, files) == [line.format(root=tmp_path) for line in wanted]


def test_what_uv_removes_is_told(tmp_path: Path) -> None:
    """`uv pip sync` leaves nothing but what pylock.toml names, pip included."""
    packages = environment(tmp_path / ".venv")
    dist(packages, "one", "1.5")
    dist(packages, "pip", "26.1")
    files = {"pylock.toml": "[[packages]]\nname='one'\nversion='1.5'\n"}
    assert differences(tmp_path, files) == []
    assert differences(tmp_path, files, exact=True) == ["pip is installed, and pylock.toml does not name it"]


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("dependencies: [python=3.12, app]\n", ["extra", "old"]),  # python brings pip, app what it needs in turn
        ("dependencies: [conda-forge::App>=1, https://h/x/linux-64/extra-1-0.conda, old]\n", ["pip", "python"]),
        ("dependencies:\n- app\n- pip: [six]\n", ["extra", "old"]),  # conda installs pip for these
        ("dependencies: [app, '***']\n", []),  # what that asks for is not known
        ("dependencies: []\n", []),
        ("name: x\n", []),
    ],
)
def test_what_conda_removes_is_told(tmp_path: Path, text: str, beside: list[str]) -> None:
    """`conda env update --prune` keeps what the file asks for, and what that needs; what pip installed is not its."""
    packages = environment(tmp_path / ".venv")
    dist(packages, "six", "1.0")
    dist(packages, "by-pip", "1.0")
    meta = tmp_path / ".venv" / "conda-meta"
    meta.mkdir()
    needs = {
        "python": ["libc >=2", "__glibc >=2.17"],
        "pip": ["python >=3.9"],
        "app": ["Lib", 3],
        "lib": ["libc", "app"],
        "libc": [],
        "extra": ["old"],
        "old": None,
    }
    for name, depends in needs.items():
        record = {} if depends is None else {"depends": depends}
        version = "3.12.1" if name == "python" else "1"
        (meta / f"{name}-{version}-0.json").write_text(json.dumps(record))
    project = write(tmp_path, {"environment.yml": text})
    lines = drift.of_conda(project, str(tmp_path / ".venv"), Disk(), exact=True)
    assert lines == [f"{name} is installed, and environment.yml does not ask for it" for name in beside]
    assert drift.of_conda(project, str(tmp_path / ".venv"), Disk()) == []
    (meta / "app-1-0.json").write_text('{"depends": "lib"}')  # damaged: then it is unknown what is needed
    assert drift.of_conda(project, str(tmp_path / ".venv"), Disk(), exact=True) == []


def test_files_that_include_each_other_without_end(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n-r /dev/zero\nr{number}\n")
    listed = requirements.read(str(tmp_path), ("0.txt",), Disk())
    assert 0 < len(listed.texts) < 100
    assert len(listed.problems) == 1  # /dev/zero


@pytest.mark.parametrize("url", ["file://[", "file:///\ud800", "file:///a%00b", "file:///%ff"])
def test_a_url_with_a_path_that_no_file_has(tmp_path: Path, url: str) -> None:
    packages = environment(tmp_path / ".venv")
    dist(packages, "x", "1", {"url": url, "dir_info": {"editable": True}})
    assert differences(tmp_path, {"requirements.txt": "x\n-e .\n"}) == ["the project itself is not installed"]


def test_a_requirement_with_a_url_that_is_none(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    told = differences(tmp_path, {"requirements.txt": "file://[\n"})
    assert told == ["requirements.txt: file://[ is not a requirement"]


def test_groups_that_include_each_other_for_long(tmp_path: Path) -> None:
    groups = "".join(f"g{number} = [{{ include-group = 'g{number + 1}' }}, 'x{number}']\n" for number in range(3000))
    own = "dev = ['first', { include-group = 'g0' }, 'last', { include-group = 'dev' }]"
    (tmp_path / "pyproject.toml").write_text(f"[dependency-groups]\n{groups}{own}\n")
    found = projects.read(str(tmp_path), Context(Disk(), {"HOME": str(tmp_path)}, Settings())).dependencies
    assert found[:2] == ("first", "x2999")
    assert found[-2:] == ("x0", "last")


def test_a_distribution_is_named_once(tmp_path: Path) -> None:
    packages = environment(tmp_path)
    dist(packages, "A", "1")
    dist(packages, "a", "2", directory="a-2.dist-info")
    assert installed.distributions(str(tmp_path), Disk()) == {"a": Distribution("A", "1")}


def test_a_project_that_setup_py_develop_linked(tmp_path: Path) -> None:
    packages = environment(tmp_path / "env")
    source = tmp_path / "source"
    (source / "mine.egg-info").mkdir(parents=True)
    (source / "mine.egg-info" / "PKG-INFO").write_text("Name: mine\nVersion: 2\n")
    (packages / "mine.egg-link").write_text(f"{source}\n.\n")
    assert frozen(packages) == ["# Editable install with no version control (mine==2)", f"-e {source}"]
