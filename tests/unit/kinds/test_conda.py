"""conda: on fabricated prefixes. What is expected here is what conda's own activator answers for them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wend import record as records
from wend.context import Context
from wend.disk import MAX_FILE, Disk
from wend.kinds import KINDS
from wend.kinds.conda import environment as conda
from wend.kinds.conda import installation
from wend.model import RANK_DIRECTORY, RANK_RECIPE, Marker, Problem, Set, Target, Unset
from wend.plan import plan
from wend.record import MAX_RECORD, Record, Undo
from wend.settings import Settings


class Machine:
    """A home with a Miniconda at a usual place, and a project."""

    def __init__(self, top):
        self.top = os.path.realpath(top)
        self.home = f"{self.top}/home"
        self.root = f"{self.home}/miniconda3"
        self.project = f"{self.home}/project"
        os.makedirs(self.project)
        self.prefix(self.root)
        self.write(f"{self.root}/bin/conda")
        self.write(f"{self.home}/.conda/environments.txt", f"{self.root}\n")
        self.level0 = {"HOME": self.home, "PATH": "/usr/bin:/bin"}
        self.base = {
            "HOME": self.home,
            "PATH": f"/first:{self.root}/bin:{self.root}/condabin:/usr/bin",
            "CONDA_PREFIX": self.root,
            "CONDA_SHLVL": "1",
            "CONDA_DEFAULT_ENV": "base",
            "CONDA_PROMPT_MODIFIER": "(base) ",
            "CONDA_EXE": f"{self.root}/bin/conda",
            "_CONDA_EXE": f"{self.root}/bin/conda",
            "_CONDA_ROOT": self.root,
            "CONDA_PYTHON_EXE": f"{self.root}/bin/python",
            "_CE_M": "",
            "_CE_CONDA": "",
        }

    def write(self, path, text=""):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        with open(path, "wb") as file:
            file.write(data)
        return path

    def prefix(self, path):
        self.write(f"{path}/conda-meta/history")
        os.chmod(self.write(f"{path}/bin/python"), 0o755)
        return path

    def env(self, name):
        return self.prefix(f"{self.root}/envs/{name}")

    def local(self, path=None, **env):
        """Resolve `.condaenv`."""
        marker = Marker("conda", path or f"{self.project}/.condaenv", self.project, RANK_DIRECTORY)
        return conda.resolve(marker, Context(Disk(), env or self.level0, Settings()))

    def file(self, text, env=None):
        """Resolve an environment.yml with TEXT."""
        path = self.write(f"{self.project}/environment.yml", text)
        marker = Marker("conda", path, self.project, RANK_RECIPE)
        return conda.resolve(marker, Context(Disk(), self.level0 if env is None else env, Settings()))


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "_USUAL", tuple(path for path in installation._USUAL if path.startswith("~")))
    return Machine(tmp_path)


def activated(target, env):
    """What the shell's variables become."""
    return run(env, plan(env, Undo(), target).edits)


def run(env, edits):
    env = dict(env)
    for edit in edits:
        if isinstance(edit, Set):
            env[edit.name] = edit.value
        elif isinstance(edit, Unset):
            del env[edit.name]
    return env


# -- as conda activate leaves it ---------------------------------------------------------------------------


def exe(machine):
    return {
        "CONDA_EXE": f"{machine.root}/bin/conda",
        "_CONDA_EXE": f"{machine.root}/bin/conda",
        "CONDA_PYTHON_EXE": f"{machine.root}/bin/python",
        "_CONDA_ROOT": machine.root,
    }


def test_nothing_active_before(machine):
    data = machine.env("data")
    target = machine.file("name: data\n")
    assert activated(target, machine.level0) == {
        "HOME": machine.home,
        "PATH": f"{data}/bin:/usr/bin:/bin",
        "CONDA_PREFIX": data,
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": "data",
        "CONDA_PROMPT_MODIFIER": "(data) ",
        **exe(machine),
    }
    assert (target.name, target.prefix, target.root) == ("data", data, machine.project)
    assert (target.python, target.python_version) == (f"{data}/bin/python", None)
    assert target.vanishes == (f"{data}/conda-meta",)


def test_base_active_before_gives_its_place_in_path(machine):
    data = machine.env("data")
    assert activated(machine.file("name: data\n", machine.base), machine.base) == {
        **machine.base,
        "PATH": f"/first:{data}/bin:{machine.root}/condabin:/usr/bin",
        "CONDA_PREFIX": data,
        "CONDA_SHLVL": "2",
        "CONDA_DEFAULT_ENV": "data",
        "CONDA_PROMPT_MODIFIER": "(data) ",
        "CONDA_PREFIX_1": machine.root,
    }


def test_base_active_but_thrown_out_of_path(machine):
    data = machine.env("data")
    env = {**machine.base, "PATH": "/usr/bin"}
    assert activated(machine.file("name: data\n", env), env)["PATH"] == f"{data}/bin:/usr/bin"


def test_a_second_level_before(machine):
    data, other = machine.env("data"), machine.env("other")
    env = {**machine.base, "CONDA_PREFIX": data, "CONDA_SHLVL": "2", "CONDA_PREFIX_1": machine.root}
    env["PATH"] = f"/first:{data}/bin:/usr/bin"
    after = activated(machine.file("name: other\n", env), env)
    assert after["PATH"] == f"/first:{other}/bin:/usr/bin"
    assert (after["CONDA_SHLVL"], after["CONDA_PREFIX_2"], after["CONDA_PREFIX_1"]) == (
        "3",
        data,
        machine.root,
    )


def test_empty_variables_count_as_absent(machine):
    data = machine.env("data")
    env = {**machine.level0, "CONDA_SHLVL": "0", "CONDA_PREFIX": "", "CONDA_DEFAULT_ENV": "", "_CE_M": ""}
    after = activated(machine.file("name: data\n", env), env)
    assert (after["CONDA_SHLVL"], after["PATH"], after["_CE_M"]) == ("1", f"{data}/bin:/usr/bin:/bin", "")
    assert "CONDA_PREFIX_0" not in after


@pytest.mark.parametrize("level", ["x", "-1", "a[$(id)]", "9" * 5000, "1", ""])
@pytest.mark.parametrize("prefix", ["", "/", "//", "relative", "/gone/\n"])
def test_what_is_not_a_level_or_a_prefix_displaces_nothing(machine, level, prefix):
    machine.env("data")
    env = {**machine.level0, "CONDA_SHLVL": level, "CONDA_PREFIX": prefix}
    target = machine.file("name: data\n", env)
    assert target.displaced == ()
    assert dict(target.set)["CONDA_SHLVL"] == ("2" if level == "1" else "1")


def test_the_developers_variables_go(machine):
    machine.env("data")
    env = {**machine.base, "_CE_M": "-m", "_CE_CONDA": "conda"}
    after = activated(machine.file("name: data\n", env), env)
    assert "_CE_M" not in after
    assert "_CE_CONDA" not in after


def test_what_is_activated_manually_is_not_put_on_top_of_itself(machine):
    machine.write(f"{machine.root}/etc/conda/activate.d/a.sh")
    machine.write(f"{machine.root}/etc/conda/env_vars.d/a.json", '{"FOO": "x"}')
    target = machine.file("name: base\n", machine.base)
    assert activated(target, machine.base) == machine.base
    assert target.scripts_on == ()
    assert machine.file("name: base\n").scripts_on == (f"{machine.root}/etc/conda/activate.d/a.sh",)


@pytest.mark.parametrize("name", ["base", "root"])
def test_base_is_the_root(machine, name):
    target = machine.file(f"name: {name}\n")
    assert (target.prefix, target.name, target.store) == (machine.root, "base", True)
    assert target.path == (f"{machine.root}/bin",)


def test_micromamba_has_no_variables_for_its_program(machine):
    os.remove(f"{machine.root}/bin/conda")
    machine.env("data")
    names = {name for name, _ in machine.file("name: data\n").set}
    assert names == {"CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"}
    assert machine.file("name: gone\n").fix == f"micromamba create -f {machine.project}/environment.yml"


def test_scripts_of_all_shells_in_condas_order(machine):
    data = machine.env("data")
    for name in ("b.sh", "a.sh", "a.fish", "z.ps1"):
        machine.write(f"{data}/etc/conda/activate.d/{name}")
        machine.write(f"{data}/etc/conda/deactivate.d/{name}")
    target = machine.file("name: data\n")
    names = ["a.fish", "a.sh", "b.sh", "z.ps1"]
    assert target.scripts_on == tuple(f"{data}/etc/conda/activate.d/{name}" for name in names)
    assert target.scripts_off == tuple(f"{data}/etc/conda/deactivate.d/{name}" for name in reversed(names))


def test_version_from_the_package(machine):
    data = machine.env("data")
    for name in ("python-dateutil-2.9.0-py_0", "python_abi-3.12-5_cp312", "python-3.12.4-h194c7f8_0_cpython"):
        machine.write(f"{data}/conda-meta/{name}.json")
    assert machine.file("name: data\n").python_version == "3.12.4"


def test_an_environment_without_python_is_one(machine):
    data = machine.env("data")
    os.remove(f"{data}/bin/python")
    assert machine.file("name: data\n").python == f"{data}/bin/python"


# -- its own variables -------------------------------------------------------------------------------------


@pytest.fixture
def variables(machine):
    data = machine.env("data")
    first = {
        "FOO": "a",
        "bar": "lower",
        "PATH": "/evil",
        "GONE": "***unset***",
        "NUM": 5,
        "YES": True,
        "NIL": None,
    }
    machine.write(f"{data}/etc/conda/env_vars.d/a.json", json.dumps(first))
    machine.write(f"{data}/etc/conda/env_vars.d/b.json", '{"FOO": "b", "ONLY": "b"}')
    machine.write(f"{data}/conda-meta/state", '{"version": 1, "env_vars": {"FOO": "state", "SET": "x"}}')
    return data


OWN = {"FOO": "state", "BAR": "lower", "NUM": "5", "YES": "True", "ONLY": "b", "SET": "x"}


def test_variables_of_packages_and_of_the_user(machine, variables):
    after = activated(machine.file("name: data\n"), machine.level0)
    assert {name: value for name, value in after.items() if "CONDA" not in name} == {
        **OWN,
        "HOME": machine.home,
        "PATH": f"{variables}/bin:/usr/bin:/bin",
    }


@pytest.mark.parametrize("level", ["0", "1"])
def test_what_they_replace_is_kept_as_conda_keeps_it(machine, variables, level):
    env = {
        **(machine.base if level == "1" else machine.level0),
        "FOO": "mine",
        "SET": "",
        "BAR": "B",
        "GONE": "g",
    }
    after = activated(machine.file("name: data\n", env), env)
    assert after[f"__CONDA_SHLVL_{level}_FOO"] == "mine"
    assert after[f"__CONDA_SHLVL_{level}_SET"] == ""
    assert f"__CONDA_SHLVL_{level}_BAR" not in after  # conda looks for it in lower case
    env["bar"] = "b"
    assert activated(machine.file("name: data\n", env), env)[f"__CONDA_SHLVL_{level}_BAR"] == "b"
    assert after["GONE"] == "g"
    assert {name: after[name] for name in OWN} == OWN


def test_names_as_written_when_condarc_says_so(machine, variables):
    machine.write(f"{machine.home}/.condarc", "envvars_force_uppercase: false\n")
    after = activated(machine.file("name: data\n"), machine.level0)
    assert after["bar"] == "lower"
    assert "BAR" not in after


def test_names_that_are_refused(machine):
    data = machine.env("data")
    names = [
        "LD_PRELOAD",
        "ld_preload",
        "BASH_ENV",
        "PROMPT_COMMAND",
        "PS1",
        "IFS",
        "WEND_UNDO",
        "a b;touch pwn",
        "",
    ]
    machine.write(f"{data}/conda-meta/state", json.dumps({"env_vars": dict.fromkeys([*names, "FINE"], "evil")}))
    env = {**machine.level0, "LD_PRELOAD": "/mine"}
    set_names = {name for name, _ in machine.file("name: data\n", env).set}
    assert {name for name in set_names if "CONDA" not in name} == {"FINE"}
    assert "__CONDA_SHLVL_0_LD_PRELOAD" not in set_names


def test_they_cannot_stand_for_condas_own(machine):
    data = machine.env("data")
    evil = dict.fromkeys(["CONDA_PREFIX", "CONDA_SHLVL", "CONDA_EXE"], "/evil")
    machine.write(f"{data}/conda-meta/state", json.dumps({"env_vars": evil}))
    assert "/evil" not in dict(machine.file("name: data\n").set).values()


@pytest.mark.parametrize(
    "state",
    [
        "",
        "no json",
        "[]",
        '{"env_vars": []}',
        '{"env_vars": null}',
        '{"env_vars": {"A": "nul\\u0000"}}',
        '{"env_vars": {"A": "\\ud800"}}',
        b'{"env_vars": {"A": "\xff"}}',
        "[" * 60_000,
        '{"env_vars": {"A": ' + "9" * 6000 + "}}",
        '{"env_vars": {"A": "' + "x" * 40_000 + '"}}',
        " " * (MAX_FILE + 1),
    ],
    ids=range(12),
)
def test_a_state_that_no_shell_can_hold_is_told(machine, state):
    machine.write(f"{machine.env('data')}/conda-meta/state", state)
    found = machine.file("name: data\n")
    if isinstance(found, Target):  # before Python 3.11 an integer may have any length
        assert len(dict(found.set)["A"]) == 6000
    else:
        assert (found.status, found.quiet) == ("broken", False)
        assert "variables" in found.reason


def test_a_fifo_or_a_crowd_for_variables(machine):
    data = machine.env("data")
    os.makedirs(f"{data}/etc/conda/env_vars.d")
    os.mkfifo(f"{data}/etc/conda/env_vars.d/a.json")
    assert machine.file("name: data\n").status == "broken"
    os.remove(f"{data}/etc/conda/env_vars.d/a.json")
    for number in range(300):
        machine.write(f"{data}/etc/conda/env_vars.d/{number}.json", "{}")
    assert machine.file("name: data\n").status == "broken"


def test_a_record_always_has_room(machine):
    data = machine.env("data")
    env = {**machine.level0, **{f"V{n}": "\u20ac" * 100 for n in range(20)}}
    machine.write(f"{data}/conda-meta/state", json.dumps({"env_vars": {f"V{n}": "\u20ac" * 55 for n in range(20)}}))
    target = machine.file("name: data\n", env)
    assert len(records.dump(Record(plan(env, Undo(), target).undo))) < MAX_RECORD
    env["V0"] = "x" * 40_000
    assert machine.file("name: data\n", env).status == "broken"
    machine.write(f"{data}/conda-meta/state", '{"env_vars": {"v0": "small"}}')
    assert machine.file("name: data\n", env).status == "broken"


# -- where it is -------------------------------------------------------------------------------------------


def test_the_project_s_own_prefix(machine):
    local = machine.prefix(f"{machine.project}/.condaenv")
    target = machine.local()
    assert (target.prefix, target.name, target.store) == (local, local, False)
    assert target.vanishes == (f"{local}/conda-meta/history",)
    assert dict(target.set)["CONDA_PROMPT_MODIFIER"] == f"({local}) "
    os.remove(f"{local}/conda-meta/history")
    remake = f"wend create --force {machine.project}"
    assert machine.local() == Problem("broken", f"there is no {local}/conda-meta/history", remake, quiet=True)


def test_a_file_of_that_name_is_not_a_marker(machine):
    machine.write(f"{machine.project}/.condaenv")
    assert machine.local() is None


def test_a_directory_called_environment_yml_is_not_a_marker(machine):
    os.makedirs(f"{machine.project}/environment.yml")
    marker = Marker("conda", f"{machine.project}/environment.yml", machine.project, RANK_RECIPE)
    assert conda.resolve(marker, Context(Disk(), machine.level0, Settings())) is None


def test_a_colon_is_refused_as_everywhere(machine):
    colon = machine.prefix(f"{machine.project}/a:b/.condaenv")
    assert machine.local(colon).reason == "a path with ':' cannot stand in PATH"


def test_a_prefix_in_the_users_store_and_elsewhere(machine):
    data, elsewhere = machine.env("data"), machine.prefix(f"{machine.top}/elsewhere")
    target = machine.file(f"prefix: {data}/\n")
    assert (target.prefix, target.name, target.store, target.spelled) == (data, "data", True, True)
    target = machine.file(f"prefix: {elsewhere}\n")
    assert (target.store, target.spelled) == (False, True)
    assert machine.file("name: data\n").spelled is False


def test_a_root_found_by_its_name_alone_is_not_a_store(machine):
    """`git clone URL/miniconda3` in HOME makes a directory of that name, too."""
    machine.env("data")
    assert machine.file("name: data\n").store is True
    listed = f"{machine.home}/.conda/environments.txt"
    machine.write(listed, "/other\n")
    assert machine.file("name: data\n").store is False
    assert machine.file("name: base\n").store is False
    assert machine.file("name: data\n", machine.base).store is True  # the shell knows it
    machine.write(listed, f"{machine.root}\n")
    os.chmod(listed, 0o666)
    assert machine.file("name: data\n").store is False
    os.chmod(listed, 0o644)
    assert machine.file("name: data\n").store is True
    subprocess.run(["git", "init", "-q", machine.home], check=True)
    subprocess.run(["git", "-C", machine.home, "add", "miniconda3"], check=True)
    assert machine.file("name: data\n").store is False


def test_a_clone_that_poses_as_a_root_names_no_stores(machine):
    """A .condarc comes with the clone: what it lists is as little the user's as the clone."""
    machine.env("data")
    extra = machine.prefix(f"{machine.root}/more/extra")
    machine.write(f"{machine.root}/.condarc", f"envs_dirs: [{machine.root}/more, '~/miniconda3/more']\n")
    machine.write(f"{machine.home}/.conda/environments.txt", "/other\n")
    target = machine.file("name: extra\n")
    assert (target.prefix, target.store) == (extra, False)
    assert machine.file(f"prefix: {extra}\n").store is False
    assert machine.file("name: extra\n", machine.base).store is True
    machine.write(f"{machine.home}/.condarc", f"envs_dirs: [{machine.root}/more]\n")  # the user names it too
    assert machine.file("name: extra\n").store is True


def test_an_active_environment_names_no_stores(machine):
    data = machine.env("data")
    inside = machine.prefix(f"{machine.project}/envs/inside")
    machine.write(f"{data}/.condarc", f"envs_dirs: [{machine.project}/envs]\n")
    active = {**machine.base, "CONDA_PREFIX": data, "CONDA_DEFAULT_ENV": "data"}
    target = machine.file("name: inside\n", active)
    assert (target.prefix, target.store) == (inside, False)


def test_the_name_wins_over_the_prefix(machine):
    machine.env("data")
    other = machine.env("other")
    assert machine.file(f"name: data\nprefix: {other}\n").name == "data"
    assert machine.file(f"name: gone\nprefix: {other}\n").status == "unavailable"


def test_not_installed_says_what_to_type(machine):
    found = machine.file("name: gone\n")
    assert (found.status, found.reason, found.quiet) == (
        "unavailable",
        "there is no conda environment gone",
        False,
    )
    assert found.fix == f"conda env create -f {machine.project}/environment.yml"


def test_without_any_conda_nothing_is_said(machine):
    env = {"HOME": machine.project, "PATH": "/bin"}
    for name in ("data", "base"):
        found = machine.file(f"name: {name}\n", env)
        assert (found.status, found.quiet) == ("unavailable", True)
    local = machine.prefix(f"{machine.project}/.condaenv")
    assert dict(machine.local(**env).set)["CONDA_PREFIX"] == local
    assert "CONDA_EXE" not in dict(machine.local(**env).set)
    assert machine.file("name: data\n", {"PATH": "/bin"}).status == "unavailable"


def test_neither_name_nor_prefix(machine):
    for text in ("", "dependencies: [python]\n", "name:\n", "name: ~\nprefix: null\n", "name: # later\n"):
        found = machine.file(text)
        assert (found.status, found.quiet) == ("unavailable", True)


def test_a_directory_without_conda_meta_is_broken(machine):
    os.makedirs(f"{machine.root}/envs/data")
    found = machine.file("name: data\n")
    assert (found.status, found.quiet) == ("broken", False)


@pytest.mark.parametrize(
    "name", ["..", ".", "../x", "/tmp/x", "a/b", "a b", "a:b", "a#b", "$(touch pwn)", "a\\b", "x" * 300]
)
def test_names_that_conda_refuses(machine, name):
    machine.prefix(f"{machine.root}/x")
    found = machine.file(f"name: '{name}'\n")
    assert (found.status, found.reason) == ("broken", "its name cannot be the name of a conda environment")


@pytest.mark.parametrize("prefix", ['"/a\\nb"', "/" + "x" * 5000])
def test_prefixes_that_are_not_paths(machine, prefix):
    found = machine.file(f"prefix: {prefix}\n")
    assert (found.status, found.reason) == ("broken", "its prefix is not a path")


@pytest.mark.parametrize("name", ["-p", "$(id)", "`id`", "%n", "caf\u00e9", "a'b"])
def test_odd_names_are_only_looked_up(machine, name):
    quoted = name.replace("'", "''")
    assert machine.file(f"name: '{quoted}'\n").status == "unavailable"
    machine.env(name)
    assert machine.file(f"name: '{quoted}'\n").name == name


def test_messages_show_what_a_terminal_would_obey(machine):
    assert "\\u202e" in machine.file("name: a\u202eb\n").reason
    assert "\x1b" not in repr(machine.file('name: "a\\u001bb"\n'))
    assert machine.file(b"name: \xff\n").reason.endswith("\ufffd")


# -- conda's own directories and settings ------------------------------------------------------------------


def dirs(machine, env):
    return installation.find(Context(Disk(), env, Settings())).envs_dirs


def test_directories_of_environments_in_condas_order(machine):
    machine.write(f"{machine.home}/.condarc", "envs_dirs:\n  - /rc/one\n  - ~/two\n")
    machine.write(f"{machine.home}/.config/conda/.condarc", "envs_dirs: [/cfg/one, '$HOME/x']\n")
    machine.write(f"{machine.home}/.config/conda/condarc.d/z.yml", "envs_dirs:\n- /cfg.d\n- relative\n")
    machine.write(f"{machine.home}/.config/conda/condarc.d/z.txt", "envs_dirs:\n- /no\n")
    env = {**machine.level0, "CONDA_ENVS_DIRS": "/e1:/e2", "CONDARC": f"{machine.top}/my.yml"}
    machine.write(f"{machine.top}/my.yml", "envs_path: [/mine]\n")
    told = [
        "/e1",
        "/e2",
        "/mine",
        "/rc/one",
        f"{machine.home}/two",
        "/cfg.d",
        "/cfg/one",
        f"{machine.home}/x",
    ]
    fixed = [f"{machine.root}/envs", f"{machine.home}/.conda/envs"]
    assert dirs(machine, env) == (*told, *fixed)


def test_the_first_directory_that_has_it(machine):
    machine.env("data")
    home = machine.prefix(f"{machine.home}/.conda/envs/homely")
    extra = machine.prefix(f"{machine.top}/extra/data")
    assert machine.file("name: homely\n").prefix == home
    env = {**machine.level0, "CONDA_ENVS_PATH": f"/nowhere:{machine.top}/extra"}
    target = machine.file("name: data\n", env)
    assert (target.prefix, target.name, target.store) == (extra, extra, True)  # its parent is not called envs


def test_another_users_installation_comes_last(machine):
    os.remove(f"{machine.root}/conda-meta/history")
    assert dirs(machine, machine.level0) == (f"{machine.home}/.conda/envs", f"{machine.root}/envs")


@pytest.mark.parametrize("name", ["_CONDA_ROOT", "CONDA_EXE", "MAMBA_ROOT_PREFIX"])
def test_the_shell_knows_the_root(machine, name):
    root = machine.prefix(f"{machine.top}/elsewhere")
    data = machine.prefix(f"{root}/envs/data")
    env = {**machine.level0, name: f"{root}/bin/conda" if name == "CONDA_EXE" else root}
    assert machine.file("name: data\n", env).prefix == data
    assert machine.file("name: base\n", env).prefix == root
    assert machine.file("name: base\n", {**env, name: "/gone"}).prefix == machine.root


def test_environments_of_micromamba_beside_conda(machine):
    mamba = machine.prefix(f"{machine.top}/mamba")
    data = machine.prefix(f"{mamba}/envs/data")
    env = {**machine.level0, "_CONDA_ROOT": machine.root, "MAMBA_ROOT_PREFIX": mamba}
    assert machine.file("name: data\n", env).prefix == data
    assert machine.file("name: base\n", env).prefix == machine.root


@pytest.mark.parametrize(
    ("text", "modifier"),
    [
        ("env_prompt: '<{name}|{default_env}|{stacked_env}|{prefix}> '\n", "<data|data|data|PREFIX> "),
        ("env_prompt: '{name.__class__}{prefix:>999999999}{} '\n", "{name.__class__}{prefix:>999999999}{} "),
        ("changeps1: false\n", ""),
        ("changeps1: No # thanks\n", ""),
        ("changeps1: true\n", "(data) "),
        ("changeps1: [\nnot yaml\n", "(data) "),
    ],
)
def test_prompt_as_condarc_wants_it(machine, text, modifier):
    data = machine.env("data")
    machine.write(f"{machine.home}/.condarc", text)
    found = dict(machine.file("name: data\n").set)["CONDA_PROMPT_MODIFIER"]
    assert found == modifier.replace("PREFIX", data)


def test_the_later_condarc_counts_more(machine):
    machine.env("data")
    machine.write(f"{machine.root}/.condarc", "changeps1: false\n")
    machine.write(f"{machine.home}/.condarc", "changeps1: true\n")
    assert dict(machine.file("name: data\n").set)["CONDA_PROMPT_MODIFIER"] == "(data) "


def modifier(machine, env):
    return dict(machine.file("name: data\n", {**machine.level0, **env}).set)["CONDA_PROMPT_MODIFIER"]


@pytest.mark.parametrize(
    ("env", "shown"),
    [
        ({"CONDA_CHANGEPS1": "false"}, ""),
        ({"CONDA_CHANGEPS1": "0"}, ""),
        ({"CONDA_CHANGEPS1": ""}, ""),
        ({"CONDA_CHANGEPS1": "perhaps"}, "[data] "),
        ({"CONDA_ENV_PROMPT": " <{name}> "}, "<data>"),
        ({"CONDA_ENV_PROMPT": "{{{default_env}}}!important"}, "{data}"),
        ({"MAMBA_ENV_PROMPT": "<{name}>", "MAMBA_CHANGEPS1": "false"}, "[data] "),
    ],
)
def test_a_variable_counts_more_than_a_file(machine, env, shown):
    machine.env("data")
    machine.write(f"{machine.home}/.condarc", "env_prompt: '[{name}] '\nchangeps1: true\n")
    assert modifier(machine, env) == shown


def test_variables_and_files_of_micromamba(machine):
    os.remove(f"{machine.root}/bin/conda")
    machine.env("data.x")
    machine.write(f"{machine.home}/.condarc", "env_prompt: '[{name}] '\n")
    machine.write(f"{machine.home}/.mambarc", "env_prompt: '({name}) '\n")

    def shown(**env):
        target = machine.file("name: data.x\n", {**machine.level0, **env})
        return dict(target.set)["CONDA_PROMPT_MODIFIER"]

    assert shown() == "(data) "
    assert shown(CONDA_ENV_PROMPT="<{name}>", CONDA_CHANGEPS1="false") == "(data) "
    assert shown(MAMBA_ENV_PROMPT="<{name}>") == "<data>"
    assert shown(MAMBA_CHANGEPS1="false") == ""
    assert shown(MAMBARC=machine.write(f"{machine.top}/mamba.yml", "changeps1: false\n")) == ""


@pytest.mark.parametrize("place", ["{home}/.local/share/mamba", "{top}/data/mamba"])
def test_where_micromamba_puts_itself(machine, place):
    shutil.rmtree(machine.root)
    root = machine.prefix(place.format(home=machine.home, top=machine.top))
    data = machine.prefix(f"{root}/envs/data")
    env = {**machine.level0, "XDG_DATA_HOME": f"{machine.top}/data"}
    assert machine.file("name: data\n", env).prefix == data


def test_a_root_whose_condabin_is_in_path(machine):
    root = machine.prefix(f"{machine.top}/elsewhere")
    data = machine.prefix(f"{root}/envs/data")
    env = {**machine.level0, "PATH": f"/usr/bin:{root}/condabin"}
    target = machine.file("name: data\n", env)
    assert (target.prefix, target.store) == (data, True)


@pytest.mark.parametrize(("text", "variable"), [("2", ""), ("true", ""), ("0", "1"), ("", "1")])
def test_auto_stack_leaves_base_in_path(machine, text, variable):
    data = machine.env("data")
    machine.write(f"{machine.home}/.condarc", f"auto_stack: {text}\n" if text else "")
    env = {**machine.base, **({"CONDA_AUTO_STACK": variable} if variable else {})}
    assert activated(machine.file("name: data\n", env), env) == {
        **env,
        "PATH": f"{data}/bin:/first:{machine.root}/bin:{machine.root}/condabin:/usr/bin",
        "CONDA_PREFIX": data,
        "CONDA_SHLVL": "2",
        "CONDA_DEFAULT_ENV": "data",
        "CONDA_PROMPT_MODIFIER": "(data) ",
        "CONDA_PREFIX_1": machine.root,
        "CONDA_STACKED_2": "true",
    }


@pytest.mark.parametrize("auto_stack", ["0", "1"])
def test_auto_stack_ends_at_its_level(machine, auto_stack):
    machine.env("data")
    other = machine.env("other")
    level2 = {**machine.base, "CONDA_PREFIX": other, "CONDA_PREFIX_1": machine.root, "CONDA_SHLVL": "2"}
    for env in ({**machine.level0, "CONDA_AUTO_STACK": "1"}, {**level2, "CONDA_AUTO_STACK": auto_stack}):
        names = dict(machine.file("name: data\n", env).set)
        assert not [name for name in names if name.startswith("CONDA_STACKED")]


def test_the_prompt_may_show_all_that_is_stacked(machine):
    data, other = machine.env("data"), machine.env("other")
    env = {**machine.base, "CONDA_ENV_PROMPT": "({stacked_env})"}
    stacked = {
        **env,
        "CONDA_PREFIX": other,
        "CONDA_PREFIX_1": machine.root,
        "CONDA_SHLVL": "2",
        "CONDA_STACKED_2": "true",
    }

    def shown(env):
        return dict(machine.file("name: data\n", env).set)["CONDA_PROMPT_MODIFIER"]

    assert shown(env) == "(data)"
    assert shown({**env, "CONDA_AUTO_STACK": "1"}) == "(data,base)"
    assert shown(stacked) == "(data,base)"
    assert shown({**stacked, "CONDA_PREFIX": data}) == "(data,base)"
    assert shown({**stacked, "CONDA_SHLVL": "9999"}) == "(data)"


def test_what_the_settings_refer_to_is_asked_for(machine):
    machine.write(f"{machine.home}/.condarc", "envs_dirs: [/scratch/$USER/x, '${SCRATCH}/envs']\n")
    marker = Marker("conda", f"{machine.project}/environment.yml", machine.project, RANK_RECIPE)

    def needs(**env):
        return KINDS["conda"].needs(marker, Context(Disk(), {**machine.base, **env}, Settings()))

    assert "SCRATCH" in needs()
    assert "CONDA_STACKED_2" not in needs()
    found = needs(CONDA_ENV_PROMPT="{stacked_env}", CONDA_SHLVL="2")
    assert {"CONDA_STACKED_2", "CONDA_PREFIX_1"} <= set(found)


# -- beneath -----------------------------------------------------------------------------------------------


def test_what_is_active_without_wend(machine):
    data = machine.env("data")
    machine.write(f"{machine.root}/etc/conda/deactivate.d/a.sh")

    def below(env):
        return conda.beneath(Context(Disk(), env, Settings()))

    assert below(machine.level0) is None
    assert below(machine.base).scripts_off == (f"{machine.root}/etc/conda/deactivate.d/a.sh",)
    assert below({**machine.base, "CONDA_PREFIX": data}).prefix == data
    stranger = machine.prefix(f"{machine.project}/.condaenv")
    assert below({**machine.base, "CONDA_PREFIX": stranger}) is None


# -- the file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[name, data]", "name: a\nname: b", "name: [a]", "name: 'open", "name: a: b"])
def test_a_file_that_is_refused_with_a_reason(machine, text):
    found = machine.file(text)
    assert found.status == "broken"
    assert found.fix in ("in environment.yml, write: name: project", "in environment.yml, correct line 1")
    assert len(found.reason) < 80


def test_a_long_file_is_read_and_a_longer_one_told(machine):
    filler = "#" * 80_000
    assert machine.file(f"dependencies: [a]  {filler}\nname: data\n").reason == "there is no conda environment data"
    assert machine.file("name: data\n" + "#" * (1 << 20)).fix == "in environment.yml, keep at most 1024 KiB"


def test_an_indented_file(machine):
    machine.env("data")
    assert machine.file("  name: data\n  dependencies:\n    - python\n").name == "data"


@pytest.mark.parametrize(
    ("prefix", "place"), [("./env", "{project}/env"), ("env", "{project}/env"), ("~/env", "{home}/env")]
)
def test_a_prefix_that_is_relative_or_below_home(machine, prefix, place):
    place = machine.prefix(place.format(project=machine.project, home=machine.home))
    target = machine.file(f"prefix: {prefix}\n")
    assert (target.prefix, target.spelled) == (place, True)


# -- there and back ----------------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "x", "y", "/a:/b", "'"])
NAMES = ["FOO", "BAR", "SET", "__CONDA_SHLVL_0_FOO", "__CONDA_SHLVL_1_FOO", "CONDA_PREFIX_1", "_CE_M", "MINE"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    env=st.sampled_from(["base", "level0"]),
    more=st.dictionaries(st.sampled_from(NAMES), WORDS),
    own=st.dictionaries(st.sampled_from(["FOO", "bar", "SET", "LD_PRELOAD", "CONDA_EXE"]), WORDS),
    path=st.lists(st.sampled_from(["BASE", "/usr/bin", "", "/x/bin"]), max_size=6),
    second=st.sampled_from(["other", "base", ""]),
)
def test_entering_and_leaving_is_the_identity(machine, env, more, own, path, second):  # noqa: PLR0917
    data = machine.env("data")
    machine.env("other")
    machine.write(f"{data}/conda-meta/state", json.dumps({"env_vars": own}))
    env = {**getattr(machine, env), **more}
    env["PATH"] = ":".join(path).replace("BASE", f"{machine.root}/bin")
    inside = plan(env, Undo(), machine.file("name: data\n", env))
    now, undo = run(env, inside.edits), records.load(records.dump(Record(inside.undo))).undo
    assert now["CONDA_PREFIX"] == data
    assert records.revert(undo, now) == env
    if second:
        switch = plan(now, undo, machine.file(f"name: {second}\n", records.revert(undo, now)))
        now, undo = run(now, switch.edits), records.load(records.dump(Record(switch.undo))).undo
    assert run(now, plan(now, undo, None).edits) == env
