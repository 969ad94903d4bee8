"""pixi: where it keeps environments, what it calls them, and what its activation sets."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds import KINDS
from wend.model import RANK_OWNER, Marker, Problem, Target
from wend.settings import Settings


class Project:
    """A home with a pixi project in it."""

    def __init__(self, top: Path) -> None:
        self.home = os.path.realpath(top)
        self.root = f"{self.home}/shop"
        self.write("shop/pixi.toml", '[workspace]\nname = "store"\nversion = "1.2"\n')

    def write(self, path: str, text: str = "") -> str:
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def environment(self, prefix: str, manifest: str = "shop/pixi.toml") -> str:
        prefix = os.path.join(self.home, prefix)
        names = {"manifest_path": f"{self.home}/{manifest}", "environment_name": os.path.basename(prefix)}
        os.chmod(self.write(f"{prefix}/bin/python"), 0o755)
        self.write(f"{prefix}/conda-meta/history")
        self.write(f"{prefix}/conda-meta/pixi_env_prefix", prefix)
        self.write(f"{prefix}/conda-meta/pixi", json.dumps(names))
        return prefix

    def resolve(self, file: str = "pixi.toml", **env: str) -> Any:
        marker = Marker("pixi", f"{self.root}/{file}", self.root, RANK_OWNER)
        known = {"HOME": self.home, "PATH": "/usr/bin", **env}
        return KINDS["pixi"].resolve(marker, Context(Disk(), known, Settings()))

    def found(self, file: str = "pixi.toml", **env: str) -> Target:
        target = self.resolve(file, **env)
        assert isinstance(target, Target), target
        return target


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_what_its_activation_sets(project: Project) -> None:
    prefix = project.environment("shop/.pixi/envs/default")
    target = project.found(CONDA_EXE="/opt/x/bin/conda")
    assert (target.kind, target.name, target.prompt, target.prefix) == ("pixi", "store", "(store) ", prefix)
    assert dict(target.set) == {
        "CONDA_PREFIX": prefix,
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": "store",
        "CONDA_PROMPT_MODIFIER": "(store) ",
        "PIXI_PROJECT_ROOT": project.root,
        "PIXI_PROJECT_NAME": "store",
        "PIXI_PROJECT_MANIFEST": f"{project.root}/pixi.toml",
        "PIXI_PROJECT_VERSION": "1.2",
        "PIXI_ENVIRONMENT_NAME": "default",
        "PIXI_PROMPT": "(store) ",
    }


def test_the_name_comes_from_the_manifest_or_the_directory(project: Project) -> None:
    project.environment("shop/.pixi/envs/default")
    os.remove(f"{project.root}/pixi.toml")
    project.write("shop/pyproject.toml", '[project]\nname = "plain"\n[tool.pixi.workspace]\nchannels = []\n')
    target = project.found("pyproject.toml")
    assert (target.name, dict(target.set)["PIXI_PROJECT_VERSION"]) == ("plain", "NO_VERSION_SPECIFIED")
    project.write("shop/pyproject.toml", "[tool.pixi.workspace]\nchannels = []\n")
    assert project.found("pyproject.toml").name == "shop"


def test_another_environment_than_the_default_one(project: Project) -> None:
    prefix = project.environment("shop/.pixi/envs/test")
    target = project.found(PIXI_ENVIRONMENT_NAME="test")
    assert (target.prefix, target.name) == (prefix, "store:test")
    project.environment("shop/.pixi/envs/default")
    assert project.found(PIXI_ENVIRONMENT_NAME="test", PIXI_PROJECT_ROOT="/other").name == "store"
    assert project.found(PIXI_ENVIRONMENT_NAME="test", PIXI_PROJECT_ROOT=project.root).name == "store:test"
    assert project.found(PIXI_ENVIRONMENT_NAME="../x").name == "store"


def test_none_yet(project: Project) -> None:
    found = project.resolve()
    assert isinstance(found, Problem)
    assert (found.status, found.fix, found.ends_walk) == ("unavailable", "pixi install", True)


@pytest.mark.parametrize("file", [".pixi/config.toml", ".config/pixi/config.toml", "xdg/pixi/config.toml", "my.toml"])
def test_detached(project: Project, file: str) -> None:
    """By the workspace's name, which need not be the directory's; only the user's own setting makes it a store."""
    project.write(file, f'detached-environments = "{project.home}/far"\n')
    prefix = project.environment("far/store-1234/envs/default")
    project.environment("far/shop-1234/envs/default")
    env = {"XDG_CONFIG_HOME": f"{project.home}/xdg"} if file.startswith("xdg") else {}
    env |= {"PIXI_CONFIG_FILE": f"{project.home}/my.toml"} if file == "my.toml" else {}
    assert (project.found(**env).prefix, project.found(**env).store) == (prefix, True)
    project.write("shop/.pixi/config.toml", f'detached-environments = "{project.home}/far"\n')
    assert not project.found(**env).store


def test_only_a_detached_one_that_names_this_project(project: Project) -> None:
    project.write(".pixi/config.toml", 'detached-environments = "~/far/"\n')
    project.environment("far/store-1234/envs/default", manifest="other/pixi.toml")
    problem = project.resolve()
    assert isinstance(problem, Problem)
    assert (problem.status, problem.appears) == ("unavailable", (f"{project.root}/.pixi/envs",))
    prefix = project.environment("far/store-5678/envs/default")
    assert (project.found().prefix, project.found().store) == (prefix, True)


def test_the_link_says_which_of_two_detached_ones(project: Project) -> None:
    project.write(".pixi/config.toml", f'detached-environments = "{project.home}/far"\n')
    project.environment("far/store-1234/envs/default")
    prefix = project.environment("far/store-5678/envs/default", manifest="before/pixi.toml")
    os.makedirs(f"{project.root}/.pixi")
    os.symlink(f"{project.home}/far/store-5678/envs", f"{project.root}/.pixi/envs")
    assert project.found().prefix == prefix


@pytest.mark.parametrize("left", ["a link to what is gone", "a directory"])
def test_what_is_left_at_the_link_does_not_hide_a_detached_one(project: Project, left: str) -> None:
    project.write(".pixi/config.toml", f'detached-environments = "{project.home}/far"\n')
    prefix = project.environment("far/store-1234/envs/default")
    os.makedirs(f"{project.root}/.pixi")
    if left == "a directory":
        project.environment("shop/.pixi/envs/default")
    else:
        os.symlink(f"{project.home}/far/store-5678/envs", f"{project.root}/.pixi/envs")
    assert project.found().prefix == prefix


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({}, ".cache/rattler/cache/envs"),
        ({"XDG_CACHE_HOME": "/xdg"}, "xdg/rattler/cache/envs"),
        ({"RATTLER_CACHE_DIR": "/r"}, "r/envs"),
        ({"RATTLER_CACHE_DIR": "/r", "PIXI_CACHE_DIR": "/p"}, "p/envs"),
        ({"PIXI_CACHE_DIR": "/p", "PIXI_CACHE_DETACHED_ENVIRONMENTS_DIR": "/d/"}, "d"),
    ],
)
def test_detached_in_the_cache(project: Project, env: dict[str, str], place: str) -> None:
    project.write(".pixi/config.toml", "detached-environments = true\n")
    prefix = project.environment(f"{place}/store-1234/envs/default")
    here = {name: f"{project.home}{value}" for name, value in env.items()}
    assert (project.found(**here).prefix, project.found(**here).store) == (prefix, True)
    if place.startswith(".cache"):
        prefix = project.environment(".cache/pixi/envs/store-1234/envs/default")
        assert project.found().prefix == prefix  # its own directory, once that exists


def test_a_tilde_without_a_home_is_no_path(project: Project) -> None:
    prefix = project.environment("shop/.pixi/envs/default")
    project.write("shop/.pixi/config.toml", 'detached-environments = "~/far"\n')
    assert project.found(HOME="").prefix == prefix


def test_a_setting_that_is_off_or_no_path(project: Project) -> None:
    prefix = project.environment("shop/.pixi/envs/default")
    for value in ("false", '"relative"', "3"):
        project.write(".pixi/config.toml", f"detached-environments = {value}\n")
        assert project.found().prefix == prefix


def test_activation_is_not_followed_and_that_is_noted(project: Project) -> None:
    project.environment("shop/.pixi/envs/default")
    assert project.found().notes == ()
    for table in ("activation", "target.linux-64.activation", "feature.default.activation"):
        project.write("shop/pixi.toml", f'[workspace]\nname = "store"\n[{table}.env]\nEDITOR = "x"\n')
        target = project.found()
        assert "EDITOR" not in dict(target.set)
        assert [(note.about, note.told) for note in target.notes] == [("activation", False)]


@pytest.mark.parametrize("text", ["change-ps1 = false\n", "[shell]\nchange-ps1 = false\n"])
def test_no_name_where_its_setting_says_so(project: Project, text: str) -> None:
    project.environment("shop/.pixi/envs/default")
    project.write(".pixi/config.toml", text)
    assert project.found().prompt == ""


def test_condas_settings_are_not_pixis(project: Project) -> None:
    project.environment("shop/.pixi/envs/default")
    project.write(".condarc", "changeps1: false\nauto_stack: 5\n")
    base = project.environment("miniconda3")
    env = {"CONDA_PREFIX": base, "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "base", "_CONDA_ROOT": base}
    target = project.found(**env)
    assert (target.prompt, target.displaced) == ("(store) ", (f"{base}/bin",))
    assert "CONDA_STACKED_2" not in dict(target.set)


def test_names_of_variables_as_pixi_spells_them(project: Project) -> None:
    """Those of packages as written, those of the environment's state in upper case."""
    prefix = project.environment("shop/.pixi/envs/default")
    project.write(f"{prefix}/etc/conda/env_vars.d/a.json", '{"package": "1"}')
    project.write(f"{prefix}/conda-meta/state", '{"env_vars": {"mine": "2"}}')
    values = dict(project.found().set)
    assert {"package": "1", "MINE": "2"}.items() <= values.items()
    assert not {"PACKAGE", "mine"} & set(values)
