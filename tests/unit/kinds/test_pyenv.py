"""`.python-version`: on fabricated stores, and beside the real pyenv, which must choose the same."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys

import pytest

from wend.context import Context
from wend.disk import MAX_FILE, Disk
from wend.kinds import installing, interpreters, pyenv
from wend.model import RANK_PIN, Marker, Problem, Target
from wend.settings import Settings

BASH = shutil.which("bash") or "bash"


class Machine:
    """A home with a pyenv, a project, and a system Python 3.11; everything else is put there by the tests."""

    def __init__(self, top):
        self.top = os.path.realpath(top)
        self.home = f"{self.top}/home"
        self.versions = f"{self.home}/.pyenv/versions"
        self.project = f"{self.home}/project"
        self.usr = f"{self.top}/usr"
        self.env = {"HOME": self.home, "PATH": f"{self.home}/.pyenv/shims:{self.usr}/bin"}
        os.makedirs(self.versions)
        os.makedirs(self.project)
        self.program(f"{self.home}/.pyenv/shims/python3")
        self.program(f"{self.usr}/bin/python3.11")
        os.symlink("python3.11", f"{self.usr}/bin/python3")

    def program(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n")
        os.chmod(path, 0o755)

    def install(self, *names, store=None):
        for name in names:
            self.program(f"{store or self.versions}/{name}/bin/python")

    def tools(self, *names, definitions=()):
        """Put programs on PATH; DEFINITIONS are what pyenv can install."""
        for name in names:
            self.program(f"{self.usr}/bin/{name}")
        for name in definitions:
            self.program(f"{self.home}/.pyenv/plugins/python-build/share/python-build/{name}")

    def virtualenv(self, base, name, config="version = 3.12.1\n"):
        """What `pyenv virtualenv BASE NAME` makes."""
        prefix = f"{self.versions}/{base}/envs/{name}"
        self.program(f"{prefix}/bin/python")
        with open(f"{prefix}/pyvenv.cfg", "w", encoding="utf-8") as file:
            file.write(config)
        os.symlink(prefix, f"{self.versions}/{name}")
        return prefix

    @property
    def marker(self):
        return Marker("pyenv", f"{self.project}/.python-version", self.project, RANK_PIN)

    def write(self, content):
        with open(self.marker.path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def resolve(self, content=None, disk=None):
        if content is not None:
            self.write(content)
        return pyenv.Pyenv().resolve(self.marker, Context(disk or Disk(), self.env, Settings()))

    def bins(self, *names):
        return tuple(f"{self.versions}/{name}/bin" for name in names)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_the_marker_is_a_pin():
    assert pyenv.Pyenv().markers(Settings()) == ((".python-version", RANK_PIN), (".python-versions", RANK_PIN))


def test_version_puts_its_own_bin_directory_on_path(machine):
    machine.install("3.12.1")
    prefix = f"{machine.versions}/3.12.1"
    assert machine.resolve("3.12.1\n") == Target(
        kind="pyenv",
        name="3.12.1",
        prefix=prefix,
        root=machine.project,
        marker=machine.marker.path,
        python=f"{prefix}/bin/python",
        python_version="3.12.1",
        path=(f"{prefix}/bin",),
        set=(),
        unset=("PYTHONHOME",),
        store=True,
        vanishes=(f"{prefix}/bin/python",),
        pin="3.12.1",
        said=f".python-version asks for 3.12.1, which is {prefix}/bin/python",
    )


def test_python3_where_there_is_no_python(machine):
    machine.program(f"{machine.versions}/3.12.1/bin/python3")
    assert machine.resolve("3.12.1").python == f"{machine.versions}/3.12.1/bin/python3"


def test_name_without_python_in_front_comes_first(machine):
    machine.install("3.12.1", "python-3.12.1", "python-3.11.7")
    assert machine.resolve("python-3.12.1").name == "3.12.1"
    assert machine.resolve("python-3.11.7").name == "python-3.11.7"


def test_several_versions_in_order_system_passed_over(machine):
    machine.install("3.12.1", "3.11.7", "pypy3.10-7.3.15")
    target = machine.resolve("3.12.1\nsystem\npypy3.10\n3.99\n3.11.7:3.12.1\n")
    assert target.path == machine.bins("3.12.1", "pypy3.10-7.3.15", "3.11.7")
    assert target.name == "3.12.1:pypy3.10-7.3.15:3.11.7:3.12.1"
    assert (target.prefix, target.python_version) == (f"{machine.versions}/3.12.1", "3.12.1")


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("3.12.11-foo", "3.12.11"),
        ("3.13.2t", "3.13.2"),
        ("3.14.0a1", None),
        ("3.14-dev", None),
        ("pypy3.10-7.3.15", None),
        ("miniconda3-24.1.2-0", None),
    ],
)
def test_python_version_is_x_y_z_or_nothing(machine, name, release):
    machine.install(name)
    assert machine.resolve(name).python_version == release


# -- virtual environments --------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["blog", "3.12.1/envs/blog", "python-blog"])
def test_virtualenv_by_either_name(machine, word):
    machine.install("3.12.1")
    prefix = machine.virtualenv("3.12.1", "blog")
    target = machine.resolve(word)
    assert (target.kind, target.name, target.prefix, target.store) == ("pyenv", "blog", prefix, True)
    assert target.set == (("VIRTUAL_ENV", prefix), ("VIRTUAL_ENV_PROMPT", "blog"))
    assert target.path == (f"{prefix}/bin",)
    assert target.unset == ("PYTHONHOME",)
    assert target.python_version == "3.12.1"


def test_one_link_is_followed_and_no_more(machine):
    prefix = machine.virtualenv("3.12.1", "blog")
    os.symlink("blog", f"{machine.versions}/alias")
    assert machine.resolve("alias").prefix == f"{machine.versions}/blog"
    assert machine.resolve("blog").prefix == prefix


def test_version_of_a_virtualenv_whose_config_does_not_tell(machine):
    machine.virtualenv("3.12.1", "blog", config="home = /x\n")
    assert machine.resolve("3.12.1/envs/blog").python_version == "3.12.1"
    assert machine.resolve("blog").python_version is None


def test_only_a_virtualenv_that_comes_first_and_alone_is_virtual_env(machine):
    machine.install("3.11.7")
    prefix = machine.virtualenv("3.12.1", "blog")
    machine.virtualenv("3.12.1", "shop")
    assert ("VIRTUAL_ENV", prefix) in machine.resolve("blog\n3.11.7\n").set
    assert machine.resolve("3.11.7\nblog\n").set == ()
    assert machine.resolve("blog\nshop\n").set == ()


def test_virtualenv_whose_base_is_gone_is_broken(machine):
    prefix = machine.virtualenv("3.12.1", "blog")
    os.remove(f"{prefix}/bin/python")
    os.symlink("/nowhere/python3", f"{prefix}/bin/python")
    found = machine.resolve("blog")
    assert found.status == "broken"


# -- the store -------------------------------------------------------------------------------------------


def test_a_link_that_the_user_put_into_the_store_is_the_users_own(machine):
    machine.install("3.12.1", store=f"{machine.top}/opt")
    os.symlink(f"{machine.top}/opt/3.12.1", f"{machine.versions}/3.12.1")
    machine.install("3.11.7")
    os.symlink("3.11.7", f"{machine.versions}/mine")
    assert machine.resolve("3.12.1").store is True
    assert machine.resolve("3.11.7\n3.12.1").store is True
    assert machine.resolve("mine").store is True
    assert machine.resolve("mine").prefix == f"{machine.versions}/mine"
    machine.program(f"{machine.top}/opt/3.12.1/envs/blog/bin/python")
    assert machine.resolve("3.12.1/envs/blog").store is True


def test_store_that_is_itself_behind_a_link(machine):
    machine.install("3.12.1")
    prefix = machine.virtualenv("3.12.1", "blog")
    os.symlink(f"{machine.home}/.pyenv", f"{machine.top}/link")
    machine.env["PYENV_ROOT"] = f"{machine.top}/link/"
    version, env = machine.resolve("3.12.1"), machine.resolve("blog")
    assert (version.prefix, version.store) == (f"{machine.top}/link/versions/3.12.1", True)
    assert (env.prefix, env.store) == (prefix, True)


def test_root_comes_from_the_shell_that_asks(machine, monkeypatch):
    machine.install("3.12.1", store=f"{machine.top}/other/versions")
    monkeypatch.setenv("PYENV_ROOT", f"{machine.top}/other")
    assert machine.resolve("3.12.1").status == "unavailable"
    machine.env["PYENV_ROOT"] = f"{machine.top}/other"
    assert machine.resolve("3.12.1").prefix == f"{machine.top}/other/versions/3.12.1"


@pytest.mark.parametrize("root", ["relative", "~/.pyenv"])
def test_a_relative_root_does_not_count(machine, root, monkeypatch):
    machine.install("3.12.1", store=f"{machine.top}/{root}/versions")
    monkeypatch.chdir(machine.top)
    machine.env["PYENV_ROOT"] = root
    assert machine.resolve("3.12.1").status == "unavailable"


def test_path_with_a_colon_cannot_stand_in_path(machine):
    machine.install("3.12.1", store=f"{machine.top}/a:b/versions")
    machine.env["PYENV_ROOT"] = f"{machine.top}/a:b"
    assert machine.resolve("3.12.1").status == "broken"


# -- PYENV_VERSION ---------------------------------------------------------------------------------------


def test_pyenv_version_replaces_the_file(machine):
    machine.install("3.12.1", "3.11.7")
    machine.env["PYENV_VERSION"] = "3.11:3.12"
    assert machine.resolve("3.12.1").path == machine.bins("3.11.7", "3.12.1")
    machine.env["PYENV_VERSION"] = ""
    assert machine.resolve("3.12.1").path == machine.bins("3.12.1")
    machine.env["PYENV_VERSION"] = "system"
    assert machine.resolve("3.12.1").name == "system"


def test_pyenv_version_that_is_not_installed_says_where_it_came_from(machine):
    machine.install("3.12.1")
    machine.env["PYENV_VERSION"] = "3.11"  # the system's would do for a file, but the variable is pyenv's
    assert machine.resolve("3.12.1").status == "unavailable"
    machine.env["PYENV_VERSION"] = "3.99.1"
    machine.tools("pyenv", definitions=["3.99.1"])
    found = machine.resolve("3.12.1")
    assert found.status == "unavailable"
    assert found.reason == "PYENV_VERSION: 3.99.1 is not installed"
    assert found.fix == "pyenv install 3.99.1"


# -- files that are not what they should be --------------------------------------------------------------


@pytest.mark.parametrize("override", ["", "3.12.1"])
def test_what_is_not_a_file_is_not_a_marker(machine, override):
    machine.install("3.12.1")
    machine.env["PYENV_VERSION"] = override
    path = machine.marker.path
    os.mkdir(path)
    assert machine.resolve() is None
    os.rmdir(path)
    os.mkfifo(path)
    assert machine.resolve() is None
    os.remove(path)
    os.symlink("/nowhere", path)
    assert machine.resolve() is None


def test_huge_file_is_not_read(machine):
    machine.install("3.12.1")
    assert machine.resolve(b"3.12.1\n" + b"#" * MAX_FILE).status == "broken"


def test_long_list_costs_little(machine):
    disk = Disk()
    assert machine.resolve("".join(f"v{i}\n" for i in range(10000)), disk).status == "unavailable"
    assert disk.evidence.size() < 200


@pytest.mark.parametrize(
    "word",
    [
        "..",
        ".",
        "../../../tmp/evil",
        "3.12.1/../../../evil",
        "3.12.1/..",
        "/tmp/evil",
        "python-..",
        "python-../../evil",
        "python-/tmp",
        "3.12.1/",
        "3.12.1//bin",
        "~/evil",
        "\N{ZERO WIDTH NO-BREAK SPACE}3.12.1",
        "\v3.12.1",
        "3.12.1\N{LINE SEPARATOR}",
        "3.12.\N{FULLWIDTH DIGIT ONE}",
        "\N{NO-BREAK SPACE}3.12.1",
        "3.12.1#no-comment",
        "$(id)",
        "\x1b[31m",
        "s" * 5000 + ":\x7f",
        b"\xff\xfe3\x00.\x001\x002\x00",
        b"\xff\xff",
    ],
)
def test_garbage_leads_nowhere_and_is_not_repeated(machine, word):
    machine.install("3.12.1", "../evil", "../../evil", "../../../evil")
    machine.program(f"{machine.home}/.pyenv/bin/python")  # what versions/.. would give
    found = machine.resolve(word)
    assert isinstance(found, Problem)
    assert found.fix in ("wend python list", "wend python pin 3", "wend python pin 3.12.1")
    assert found.reason.isprintable()
    assert len(found.reason) < 100
    if word not in ("python-..", "/tmp/evil"):
        assert found.status == "broken"


def test_garbage_does_not_spoil_the_rest(machine):
    machine.install("3.12.1")
    assert machine.resolve("../../evil\n3.12.1\n").path == machine.bins("3.12.1")


def test_content_of_a_secret_file_is_not_told(machine):
    assert "BEGIN" not in machine.resolve("-----BEGIN PRIVATE KEY-----\nabc+/=\n").reason


def test_name_in_a_message_is_made_visible(machine):
    os.makedirs(f"{machine.versions}/a\x1bb/bin")
    assert "a\\x1bb" in machine.resolve("a\x1bb").reason


# -- not installed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("3.12.4", "pyenv install 3.12.4"),
        ("python-3.12", "pyenv install 3.12"),
        ("cpython@3.12", "pyenv install 3.12"),
        ("312", "pyenv install 3.12"),
        ("3.13t", "pyenv install 3.13t"),
        ("3.15-dev", "pyenv install 3.15-dev"),
        ("pypy", "pyenv install pypy3.11"),
        ("pypy@3.10", "pyenv install pypy3.10"),
        ("pypy3.10-7.3.15", "pyenv install pypy3.10-7.3.15"),
        ("pypy3.10-7.3.99", "pyenv install --list"),
        ("graalpy3.11", "pyenv install --list"),
        ("3.12.99", "pyenv install --list"),
        ("3.15", "pyenv install --list"),
        ("blog", "python3 -m venv ~/.pyenv/versions/blog"),
        ("3.12.1/envs/blog", "python3 -m venv ~/.pyenv/versions/3.12.1/envs/blog"),
        ("3/envs/blog", "python3 -m venv ~/.pyenv/versions/3/envs/blog"),
        ("3.x", "wend python pin 3"),
        ("3.12.*", "wend python pin 3"),
        ("^3.11", "wend python pin 3"),
        ("latest", "wend python pin 3"),
        ("jython-2.7.4", "pyenv install --list"),
        ("cpython-3.12.1-linux-x86_64-gnu", "pyenv install 3.12.1"),
        (">=3.97,<3.99", "pyenv install --list"),
    ],
)
def test_not_installed_is_unavailable_with_what_to_type(machine, word, fix):
    known = ["3.12.1", "3.12.4", "3.13.2t", "3.15-dev", "pypy3.10-7.3.15", "pypy3.11-7.3.9", "pypy3.11-7.3.9-src"]
    machine.tools("pyenv", definitions=known)
    found = machine.resolve(word)
    assert (found.status, found.fix) == ("unavailable", fix.replace("~", machine.home))


@pytest.mark.parametrize("range_", [">=3.12,<3.14", "~=3.12.0", "==3.12.*", ">=3.97,<3.99", "~=3.98.0"])
def test_for_a_range_uv_makes_an_environment_if_it_has_a_python_for_it(machine, range_):
    machine.tools("uv")
    assert machine.resolve(range_).fix == ("uv python list" if "3.9" in range_ else "uv venv")


def test_without_pyenv_the_fix_is_uv(machine):
    machine.tools("uv")
    assert machine.resolve("3.12.4").fix == "uv python install 3.12.4"
    assert machine.resolve("pypy").fix == "uv python install pypy"
    del machine.env["HOME"]
    assert machine.resolve("3.12.4").fix == "uv python install 3.12.4"


def test_a_tool_that_is_not_on_path_is_not_named(machine):
    """What is typed brings one instead."""
    for shim in (False, True):
        if shim:  # pyenv refuses it where a pin is not installed
            machine.program(f"{machine.home}/.pyenv/shims/uv")
        assert {machine.resolve(word).fix for word in ("3.12.4", ">=3.97")} == {installing.GET_UV}
    machine.tools("pipx")
    assert machine.resolve("3.12.4").fix == "pipx install uv"


@pytest.mark.parametrize(
    ("word", "installed"),
    [
        ("cpython@3.12", "3.12.1"),
        ("312", "3.12.1"),
        ("cp312", "3.12.1"),
        ("v3.12", "3.12.1"),
        ("cpython-3.12.1-linux-x86_64-gnu", "3.12.1"),
        ("any", "3.12.1"),
        ("3.13+freethreaded", "3.13.0t"),
        ("pypy", "pypy3.11-7.3.22"),
        ("pypy@3.11", "pypy3.11-7.3.22"),
        ("312-linux", "3.12.1"),
        ("v3.12-linux", "3.12.1"),
        ("cp-3.12-linux", "3.12.1"),
        ("any-3.12-linux", "3.12.1"),
        ("cpython-any-linux", "3.12.1"),
    ],
)
def test_a_form_of_uvs_means_what_pyenv_has(machine, monkeypatch, word, installed):
    """pyenv does not read it: a version that is there must not be called missing."""
    monkeypatch.setattr(interpreters, "this_machine", lambda: ("linux", "x86_64"))
    machine.install(installed)
    assert machine.resolve(word).path == machine.bins(installed)


@pytest.mark.parametrize(
    "word",
    [
        "cp312-linux", "cpython3.12-linux", "python-3.12-linux", "cpython@3.12-linux",
        "@3.12", "v@3.12", "any@3.12", "cpython@any", "-3.12", "v-3.12",
    ],
)  # fmt: skip
def test_what_uv_takes_for_the_name_of_a_program_is_no_version(machine, word):
    machine.install("3.12.1")
    assert machine.resolve(word).status in ("unavailable", "broken")


def test_a_form_of_pyenvs_means_what_pyenv_says(machine):
    machine.install("3.15.0b1")  # which uv would take for 3.15.0
    assert machine.resolve("3.15.0").status == "unavailable"


def test_an_installation_is_seen_by_the_same_question(machine):
    disk = Disk()
    assert machine.resolve("3.12", disk).status == "unavailable"
    assert disk.evidence.rests_on(f"{machine.versions}/3.12.9")
    machine.install("3.12.9")
    assert not disk.evidence.unchanged()


# -- system ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["system", "", "\n \n", "# 3.12.1\n", "system\n3.12.1\n", "3.77\nsystem\n3.12.1\n"])
def test_system_stops_the_search_and_leaves_path_alone(machine, content):
    machine.install("3.12.1")
    target = machine.resolve(content)
    assert (target.kind, target.name) == ("python", "system")
    assert (target.path, target.set, target.unset) == ((), (), ())
    assert target.python == f"{machine.usr}/bin/python3"
    assert target.prefix == machine.usr


def test_system_without_any_python(machine, monkeypatch):
    machine.program(f"{machine.top}/relative/python3")
    machine.program(f"{machine.top}/python3")
    monkeypatch.chdir(machine.top)
    machine.env["PATH"] = f"{machine.home}/.pyenv/shims:relative::"
    assert machine.resolve("system").status == "unavailable"


def test_system_takes_what_can_be_run(machine):
    first = f"{machine.top}/first"
    os.makedirs(f"{first}/python3")
    machine.env["PATH"] = f"{first}:{machine.top}/second:{machine.usr}/bin"
    os.makedirs(f"{machine.top}/second")
    with open(f"{machine.top}/second/python3", "w", encoding="utf-8"):
        pass
    assert machine.resolve("system").python == f"{machine.usr}/bin/python3"


# -- other installers ------------------------------------------------------------------------------------


STORES = {
    "uv": (".local/share/uv/python", "cpython-3.12.{}-linux-x86_64-gnu", ""),
    "uv, older": (".local/share/uv/python", "cpython-3.12.{}-macos-aarch64-none", "/install"),
    "mise": (".local/share/mise/installs/python", "3.12.{}", ""),
    "asdf": (".asdf/installs/python", "3.12.{}", ""),
    "rye": (".rye/py", "cpython@3.12.{}", ""),
    "rye, older": (".rye/py", "cpython@3.12.{}", "/install"),
}


@pytest.mark.parametrize("row", STORES)
@pytest.mark.parametrize("word", ["3.12.10", "3.12", "3", "cpython@3.12", "python3.12", "312"])
def test_interpreter_of_another_installer(machine, row, word):
    store, entry, below = STORES[row]
    store = f"{machine.home}/{store}"
    for patch in ("9", "10", "0a1"):
        machine.program(f"{store}/{entry.format(patch)}{below}/bin/python3")
    for link in ("3", "3.12", "latest", "cpython-3.12-linux-x86_64-gnu"):
        os.symlink(entry.format("9"), f"{store}/{link}")
    target = machine.resolve(word)
    prefix = f"{store}/{entry.format('10')}{below}"
    assert (target.kind, target.name, target.prefix) == ("python", "3.12.10", prefix)
    assert (target.path, target.set, target.unset) == ((f"{prefix}/bin",), (), ("PYTHONHOME",))
    assert (target.python, target.python_version, target.store) == (f"{prefix}/bin/python3", "3.12.10", True)
    assert (target.root, target.marker) == (machine.project, machine.marker.path)


def test_pyenv_comes_before_other_installers(machine):
    machine.install("3.12.1")
    machine.install("3.12.9", store=f"{machine.home}/.asdf/installs/python")
    assert machine.resolve("3.12").kind == "pyenv"
    assert machine.resolve("3.12.9").kind == "python"
    machine.env["XDG_DATA_HOME"] = "relative"
    machine.install("cpython-3.12.8-x", store=f"{machine.home}/.local/share/uv/python")
    assert machine.resolve("3.12.8").kind == "python"


def test_free_threaded_only_when_asked_for(machine):
    machine.env["XDG_DATA_HOME"] = f"{machine.top}/data"
    store = f"{machine.top}/data/uv/python"
    machine.install("cpython-3.13.0-linux-x86_64-gnu", "cpython-3.13.1+freethreaded-linux-x86_64-gnu", store=store)
    assert machine.resolve("3.13").name == "3.13.0"
    assert machine.resolve("3.13t").name == "3.13.1t"
    assert machine.resolve("3.13.1").status == "unavailable"


def test_entry_of_a_store_without_interpreter_is_passed_over(machine):
    store = f"{machine.home}/.asdf/installs/python"
    machine.install("3.12.1", store=store)
    os.makedirs(f"{store}/3.12.9")
    assert machine.resolve("3.12").name == "3.12.1"


def test_a_link_in_another_store_is_the_users_own_too(machine):
    store = f"{machine.home}/.asdf/installs/python"
    machine.install("3.12.1", store=f"{machine.top}/opt")
    os.makedirs(store)
    os.symlink(f"{machine.top}/opt/3.12.1", f"{store}/3.12.1")
    assert machine.resolve("3.12.1").store is True


@pytest.mark.parametrize(("word", "name"), [("3.11", "3.11"), ("3", "3"), ("python3.11", "3.11")])
def test_the_systems_python_will_do_if_it_is_the_one(machine, word, name):
    target = machine.resolve(word)
    assert (target.kind, target.name, target.python_version) == ("python", name, None)
    assert target.path == ()
    assert os.path.realpath(target.python) == os.path.realpath(f"{machine.usr}/bin/python3")


@pytest.mark.parametrize("word", ["3.1", "3.12", "3.11.2", "3.11t", "2"])
def test_the_systems_python_is_another(machine, word):
    assert machine.resolve(word).status == "unavailable"


def test_a_program_on_path_that_python3_does_not_start(machine):
    machine.program(f"{machine.usr}/bin/python3.12")
    assert machine.resolve("3.12").python == f"{machine.usr}/bin/python3.12"
    found = machine.resolve("3.12.4")
    assert "may be" in found.reason  # its name does not say more
    assert machine.resolve("3.11.x").status == "unavailable"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (">=3.11,<3.13", "3.12.1"),
        (">=3.11, <3.13", "3.12.1"),
        ("~=3.12.0", "3.12.1"),
        ("==3.12.*", "3.12.1"),
        ("!=3.13.0", "3.12.1"),
        ("cpython-3.12.1-linux-x86_64-gnu", "3.12.1"),
        ("cpython-3.12", "3.12.1"),
        ("cpython@3.11", "3.11.7"),
        ("cp312", "3.12.1"),
        ("v3.12", "3.12.1"),
        ("any", "3.13.0"),
        ("pypy@3.10", "pypy-3.10.14-linux-x86_64-gnu"),
        ("3.13+freethreaded", "3.13.1t"),
    ],
)
def test_what_uv_writes(machine, word, name):
    machine.install(
        *(f"cpython-{release}-linux-x86_64-gnu" for release in ("3.11.7", "3.12.1", "3.13.0", "3.14.0a1")),
        "cpython-3.13.1+freethreaded-linux-x86_64-gnu",
        "pypy-3.10.14-linux-x86_64-gnu",
        store=f"{machine.home}/.local/share/uv/python",
    )
    shutil.rmtree(machine.versions)
    target = machine.resolve(word)
    assert (target.kind, target.name) == ("python", name)


@pytest.mark.parametrize(
    ("variable", "below"),
    [("UV_PYTHON_INSTALL_DIR", ""), ("MISE_DATA_DIR", "/installs/python"), ("ASDF_DATA_DIR", "/installs/python")],
)
def test_a_store_moves_with_its_variable(machine, variable, below):
    machine.install("3.12.1", store=f"{machine.top}/moved{below}")
    assert machine.resolve("3.12").status == "unavailable"
    machine.env[variable] = f"{machine.top}/moved"
    assert machine.resolve("3.12").name == "3.12.1"


def test_the_path_that_uv_resolved(machine):
    store = f"{machine.home}/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu"
    machine.install("cpython-3.12.1-linux-x86_64-gnu", store=os.path.dirname(store))
    target = machine.resolve(f"{store}/bin/python3.12\n")
    assert target.status == "unavailable"
    target = machine.resolve(f"{store}/bin/python\n")
    assert (target.name, target.path, target.store) == ("3.12.1", (f"{store}/bin",), True)


# -- beside the real pyenv -------------------------------------------------------------------------------

INSTALLED = [
    "2.7.18",
    "3.1.5",
    "3.9.18",
    "3.12.2",
    "3.12.10",
    "3.12.11",
    "3.12.11-foo",
    "3.13.0",
    "3.13.1t",
    "3.13.2t",
    "3.13.9",
    "3.13.2rc1",
    "3.14-dev",
    "3.14.0a1",
    "pypy3.10-7.3.9",
    "pypy3.10-7.3.15",
    "miniconda3-4.7.12",
    "miniconda3-23.1.0-0",
    "miniconda3-23.1.0-1",
    "miniconda3-latest",
    "graalpy-22.3.0",
    "graalpy-23.1.0",
    "stackless-3.7.5",
    "3.10.0-src",
    "tool-1",
    "tool-2",
    "with@sign",
]

FILES = {
    "version": b"3.12.2",
    "newline": b"3.12.2\n",
    "CRLF": b"3.12.2\r\n3.9.18\r\n",
    "CR alone": b"3.12.2\r3.9.18\r",
    "blanks": b" \t 3.12.2 \t junk 3.9.18\n",
    "CR in front": b"\r3.9.18\n \r 3.12.2\n",
    "comments": b"# one\n  # two\n#3.12.2\n3.9.18 # three\n",
    "empty lines": b"\n\n   \n3.12.2\n\n",
    "several": b"3.12.2\n3.9.18\n2.7.18\n",
    "colons": b"3.12.2:3.9.18\n2.7.18:\n",
    "system later": b"3.12.2\nsystem\n3.9\n",
    "some missing": b"3.77\n3.12.2\nnobody\n",
    "missing, system": b"3.77\nsystem\n3.12.2\n",
    "all missing": b"3.77\nnobody\n",
    "system": b"system\n",
    "empty": b"",
    "nothing but blanks": b"  \n\t\n",
    "nothing but comments": b"# 3.12.2\n",
    "NUL": b"3.1\x002.2\n\x00\n",
    "byte order mark": b"\xef\xbb\xbf3.12.2\n",
    "vertical tab": b"\x0b3.12.2\n",
    "not UTF-8": b"\xff\xfe\n3.9.18\n",
    "long line": b"3.12.2 %1100s\n" % b"3.9.18",
    "long comment": b"#" * 1024 + b"3.9.18\n",
    "sign": b"with@sign\n",
    "environment": b"blog\n",
    "environment in full": b"3.12.2/envs/blog\n",
    "environment and version": b"blog\n3.9\n",
    "rejected with others": b"../../x\n3.12.2/envs/none\n/tmp\n..\n3.9.18\n3.12.2/envs/blog:3.9.18\n",
    **{
        f"prefix {word}": word.encode()
        for word in [
            "3",
            "3.1",
            "3.12",
            "3.12.11",
            "3.13",
            "3.13t",
            "3.13.2",
            "3.14",
            "3.10",
            "2",
            "3.12.1",
            "pypy3",
            "pypy3.10",
            "miniconda3",
            "miniconda3-23",
            "graalpy",
            "stackless",
            "tool",
            "blo",
            "python-3",
            "python-3.12",
            "python-3.13t",
            "python-system",
            "t",
            "3t",
        ]
    },
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("pyenv"))
    machine.install(*INSTALLED)
    machine.virtualenv("3.12.2", "blog")
    machine.program(f"{machine.versions}/3.12.99")  # a file is not a version
    return machine


def run_pyenv(machine, *words, cwd=None, **env):
    surroundings = {"PATH": os.environ["PATH"], "HOME": machine.home, "PYENV_ROOT": f"{machine.home}/.pyenv"}
    return subprocess.run(
        ["pyenv", *words],
        cwd=cwd or machine.project,
        env={**surroundings, **env},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def same(found, said, machine):
    """Compare what was FOUND with the names that pyenv SAID, by the directories they mean."""
    names = said.split(":") if said else []
    if not names:
        assert isinstance(found, Problem)
    elif names[0] == "system":
        assert (found.kind, found.path) == ("python", ())
    else:
        expected = [f"{machine.versions}/{name}/bin" for name in names if name != "system"]
        assert found.kind == "pyenv"
        assert [os.path.realpath(p) for p in found.path] == [os.path.realpath(p) for p in expected]


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_file_means_what_it_means_to_pyenv(need, shared, content):
    need("pyenv")
    shared.env["PATH"] = f"{shared.usr}/bin"
    os.rename(f"{shared.usr}/bin/python3", f"{shared.usr}/bin/python")  # so that it stands in for no version
    try:
        found = shared.resolve(content)
    finally:
        os.rename(f"{shared.usr}/bin/python", f"{shared.usr}/bin/python3")
    same(found, run_pyenv(shared, "version-name").stdout.rstrip("\n"), shared)


@pytest.mark.parametrize("chosen", ["3.12", "3.9.18:system:3.12.2", "system", "blog:3.9", "3.77:3.13t", "nobody"])
def test_pyenv_version_means_what_it_means_to_pyenv(need, shared, chosen):
    need("pyenv")
    shared.env["PYENV_VERSION"] = chosen
    found = shared.resolve("3.12.2")
    del shared.env["PYENV_VERSION"]
    same(found, run_pyenv(shared, "version-name", PYENV_VERSION=chosen).stdout.rstrip("\n"), shared)


@pytest.mark.parametrize("content", ["../../x\n", "3.12.2/envs/../../../x", "/tmp", "..", "3.12.2/envs/none\n"])
def test_where_pyenv_drops_all_there_is_wend_says_so(need, shared, content):
    need("pyenv")
    found = shared.resolve(content)
    said = run_pyenv(shared, "version-name")
    assert (said.stdout, "invalid version" in said.stderr) == ("system\n", True)
    assert isinstance(found, Problem)


def test_prefixes_are_those_of_pyenv(need, shared):
    need("pyenv")
    found = shared.resolve("3.9\npypy3.10\n3.13t\n")
    assert found.path == tuple(f"{p}/bin" for p in run_pyenv(shared, "prefix").stdout.rstrip("\n").split(":"))


def test_virtual_env_is_that_of_pyenv_activate(need, machine):
    need("pyenv")
    version = platform.python_version()
    real = os.path.realpath(sys.executable)
    os.makedirs(f"{machine.versions}/{version}/bin")
    os.symlink(real, f"{machine.versions}/{version}/bin/python")
    made = run_pyenv(machine, "virtualenv", "--without-pip", version, "blog")
    if "no such command" in made.stderr:
        pytest.skip("not installed: pyenv-virtualenv")
    assert made.returncode == 0, made.stderr
    machine.write("blog\n")
    script = run_pyenv(machine, "sh-activate", PYENV_SHELL="bash", PYENV_VIRTUALENV_INIT="1").stdout
    activated = subprocess.run(
        [BASH, "-c", script + '\nprintf "%s\\n" "$VIRTUAL_ENV" "$PS1"'],
        env={"PATH": os.environ["PATH"], "PYTHONHOME": "/x"},
        capture_output=True,
        text=True,
        check=True,
    )
    target = machine.resolve()
    prefix, prompt = activated.stdout.splitlines()
    assert dict(target.set)["VIRTUAL_ENV"] == prefix
    assert re.findall(r"^\((.*?)\)", prompt) == [target.name]
    assert (target.python_version, target.store) == (version, True)


def test_without_a_home_the_stores_are_those_that_variables_name():
    env = {"HOME": "/", "PYENV_ROOT": "/opt/pyenv/", "UV_PYTHON_INSTALL_DIR": "/opt/uv"}
    found = interpreters.stores(Context(Disk(), env, Settings()))
    assert found == (("pyenv", "/opt/pyenv/versions"), ("uv", "/opt/uv"))
