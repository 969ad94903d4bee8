"""What an archive or a clone may bring: through detection and the gate, as a shell that enters it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.trust import context, environment, git, markers_seen, repository, write
from wend.context import Context
from wend.kinds import KINDS
from wend.model import Problem, Target
from wend.trust import Verdict, judge


def verdicts(cwd: Path, surroundings: Context) -> Iterator[tuple[Target, Verdict]]:
    """Yield each environment that a shell in CWD sees, with the gate's word on it."""
    for marker in markers_seen(str(cwd), surroundings):
        found = KINDS[marker.kind].resolve(marker, surroundings)
        if isinstance(found, Target):
            yield found, judge(found, surroundings)


def conda(prefix: Path, place: str) -> Path:
    """Let the environment PREFIX be one of conda's too, made at PLACE."""
    (prefix / "conda-meta").mkdir()
    write(prefix / "conda-meta" / "history", f"# cmd: conda create -p {place}\n")
    write(prefix / "conda-meta" / "pixi_env_prefix", place)
    return prefix


NAMED_BY = {
    "environment.yml": "prefix: {}/env\n",
    ".venv": "{}/env\n",
    "mise.toml": '[env]\n_.python.venv = "{}/env"\n',
    "hatch.toml": '[envs.default]\npath = "{}/env"\n',
    ".python-version": "{}/env/bin/python\n",
    "Pipfile": "[packages]\n",
    "pyproject.toml": '[project]\nname = "x"\n[tool.pdm]\n[tool.wend]\nenv = "{}/env"\n',
    ".pdm-python": "{}/env/bin/python\n",
}


@pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="no procfs")
@pytest.mark.parametrize("place", ["/proc/self/cwd", "/proc/{pid}/cwd", "/proc/self/task/{pid}/cwd", "/dev/fd/{fd}"])
@pytest.mark.parametrize(
    "names", [(name,) for name in NAMED_BY] + [("Pipfile", ".venv"), ("pyproject.toml", ".pdm-python")]
)
def test_an_archive_need_not_know_where_it_is_unpacked(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str, names: tuple[str, ...]
) -> None:
    project = home / "p"
    project.mkdir()
    monkeypatch.chdir(project)
    fd = os.open(project, os.O_RDONLY)
    try:
        place = place.format(pid=os.getpid(), fd=fd)
        conda(environment(project / "env", says=f"{place}/env"), f"{place}/env")
        for name in names:
            write(project / name, NAMED_BY[name].replace("{}", place))
        assert not [found for found, verdict in verdicts(project, context(home)) if verdict.allowed and found.path]
    finally:
        os.close(fd)


# What each kind finds in a project: an environment that came from elsewhere. Where a kind reads the user's own store
# alone, a project has no say in what is found.
BROUGHT: dict[str, dict[str, str]] = {
    "venv": {},
    "setting": {"pyproject.toml": '[tool.wend]\nenv = "env"\n'},
    "pointer": {".venv": "env\n"},
    "conda": {"environment.yml": "prefix: ./env\n"},
    "mise": {"mise.toml": '[env]\n_.python.venv = "env"\n'},
    "hatch": {"hatch.toml": '[envs.default]\npath = "env"\n'},
    "pdm": {"pyproject.toml": "[project]\n", ".pdm-python": "{}/env/bin/python\n"},
    "uv": {"uv.lock": "", "pyproject.toml": '[project]\nname = "x"\n'},
    "poetry": {"pyproject.toml": '[project]\nname = "x"\n[tool.poetry]\npackage-mode = false\n'},
    "pipenv": {"Pipfile": "[packages]\n"},
    "pixi": {"pixi.toml": "[workspace]\n"},
}
OF_THE_USER = {"pyenv", "mise-version", "virtualenvwrapper"}


def test_every_kind_has_a_sample() -> None:
    why = "BROUGHT has a sample for each kind that finds environments in a project, OF_THE_USER names the others"
    assert sorted(KINDS) == sorted({*BROUGHT, *OF_THE_USER}), why


@pytest.mark.parametrize("kind", BROUGHT)
@pytest.mark.parametrize(
    "helpful", [{}, {"CI": "true", "WEND_YES": "1", "WEND_TRUST": "1", "WEND_TRUST_POLICY": "always"}]
)
def test_what_came_from_elsewhere_is_not_used_by_any_kind(home: Path, kind: str, helpful: dict[str, str]) -> None:
    """Nor does any variable grant trust."""
    project = home / "p"
    project.mkdir()
    for name in ("env", ".venv", ".pixi/envs/default"):
        if name not in BROUGHT[kind]:
            conda(environment(project / name, says=f"/elsewhere/{name}"), f"/elsewhere/{name}")
    for name, text in BROUGHT[kind].items():
        write(project / name, text.replace("{}", str(project)))
    surroundings = context(home)._replace(env={"HOME": str(home), "UV_PROJECT_ENVIRONMENT": ".venv", **helpful})
    markers = markers_seen(str(project), surroundings)
    seen = [KINDS[kind].resolve(marker, surroundings) for marker in markers if marker.kind == kind]
    why = "the sample must lead to an environment"
    assert [each for each in seen if isinstance(each, Target) or (each and each.status == "untrusted")], (seen, why)
    found = list(verdicts(project, surroundings))
    assert [target for target, verdict in found if verdict.allowed and target.path] == []


@pytest.mark.parametrize("name", [".condaenv", ".conda", ".venv", "venv", "env"])
def test_a_prefix_of_condas_passes_only_where_it_was_made_and_others_cannot_write(home: Path, name: str) -> None:
    project = home / "p"
    prefix = conda(environment(project / name), f"{project}/{name}")
    for file in ("pyvenv.cfg", "bin/activate", "conda-meta/pixi_env_prefix"):
        (prefix / file).unlink(missing_ok=True)

    def passes() -> bool:
        return any(
            verdict.allowed and found.prefix == str(prefix) for found, verdict in verdicts(project, context(home))
        )

    assert passes()
    for path in (prefix / "conda-meta", prefix / "bin", prefix):
        mode = path.stat().st_mode
        path.chmod(mode | 0o002)
        assert not passes(), path
        path.chmod(mode)
    write(prefix / "conda-meta" / "history", f"# cmd: conda create -p /elsewhere/{name}\n")
    assert not passes()


# The same, in the user's own store.
KEPT = {
    "pyenv": (".pyenv/versions/3.11.2", ".python-version", "3.11.2\n"),
    "mise-version": (".asdf/installs/python/3.11.2", ".tool-versions", "python 3.11.2\n"),
    "virtualenvwrapper": (".virtualenvs/blue", "../.virtualenvs/blue/.project", "{}\n"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_others_may_write_by_now_is_noticed_at_the_next_question(home: Path, kind: str) -> None:
    """Whatever the kind: no answer that is remembered outlives a change of mode."""
    project = home / "p"
    project.mkdir()
    if kind in KEPT:
        place, name, text = KEPT[kind]
        prefix = environment(home / place)
        write(project / name, text.replace("{}", str(project)))
    else:
        at = {"pixi": ".pixi/envs/default", "venv": ".venv"}.get(kind, "env")
        at = ".venv" if kind in ("uv", "poetry", "pipenv") else at
        prefix = conda(environment(project / at), f"{project}/{at}")
        for name, text in BROUGHT[kind].items():
            write(project / name, text.replace("{}", str(project)))
    (prefix / "bin" / "python").unlink()
    write(prefix / "bin" / "python", "")
    (prefix / "bin" / "python").chmod(0o755)

    def answer() -> tuple[Context, str]:
        """Return what was looked at, and why the environment is not used, empty if it is."""
        variables = {"HOME": str(home), "UV_PROJECT_ENVIRONMENT": ".venv"}
        surroundings = context(home)._replace(env=variables)
        markers = [each for each in markers_seen(str(project), surroundings) if each.kind == kind]
        found = KINDS[kind].resolve(markers[0], surroundings)
        if isinstance(found, Problem):  # a kind may ask the gate itself
            return surroundings, found.reason
        assert found
        assert found.prefix == str(prefix)
        verdict = judge(found, surroundings)
        return surroundings, "" if verdict.allowed else verdict.reason

    # What describes it, `conda-meta`, is looked at where it is there; a pin's version has no such thing.
    names = [prefix.parent, prefix, *(prefix / name for name in ("bin", "bin/python", "pyvenv.cfg", "conda-meta"))]
    for path in [name for name in names if name.exists()]:
        surroundings, why = answer()
        assert why == ""
        assert surroundings.disk.evidence.unchanged()
        mode = path.stat().st_mode
        path.chmod(mode | 0o002)
        assert not surroundings.disk.evidence.unchanged(), path
        surroundings, why = answer()
        assert "writable by others" in why, path
        path.chmod(mode)
        assert not surroundings.disk.evidence.unchanged(), path


@pytest.mark.parametrize(
    "text",
    [
        '[tool.wend]\ntrust.policy = "always"\ntrust.roots = ["/"]\nkinds = ["venv"]\n',
        '[tool.wend.trust]\npolicy = "always"\nroots = ["~", "/"]\n',
        '[trust]\npolicy = "always"\n[tool.wend]\nallow = true\n',
        'tool = {wend = {trust = {policy = "always", roots = ["/"]}}}\n',
    ],
)
def test_a_project_does_not_decide_what_is_trusted(home: Path, text: str) -> None:
    project = home / "p"
    project.mkdir()
    environment(project / ".venv", says="/elsewhere/.venv")
    for name in ("pyproject.toml", "wend.toml", ".wend.toml", "config.toml"):
        write(project / name, text)
    assert [verdict.allowed for _, verdict in verdicts(project, context(home))] == [False]


def test_a_pin_cannot_lead_out_of_a_store(home: Path) -> None:
    versions = home / ".pyenv" / "versions"
    versions.mkdir(parents=True)
    (home / "p").mkdir()
    prefix = environment(home / "p" / "env", says="/elsewhere")
    (prefix / "pyvenv.cfg").unlink()
    for way in ("../..", "./../..", "3.12.1/../../..", "../versions/../.."):
        write(home / "p" / ".python-version", f"{versions}/{way}/p/env/bin/python\n")
        (versions / "3.12.1").mkdir(exist_ok=True)
        assert not [found for found, verdict in verdicts(home / "p", context(home)) if verdict.allowed and found.path]


def test_a_name_cannot_lead_out_of_a_store(home: Path) -> None:
    """Pipenv's file names an environment in the user's store: `..` is the directory that the store lies in."""
    environment(home / "stores", says="/elsewhere")
    (home / "stores" / "virtualenvs").mkdir()
    project = home / "p"
    project.mkdir()
    write(project / "Pipfile", "[packages]\n")
    for text in ("..", "../", "./..", "x/.."):
        write(project / ".venv", text)
        env = {"HOME": str(home), "WORKON_HOME": str(home / "stores" / "virtualenvs")}
        assert not [v for _, v in verdicts(project, context(home)._replace(env=env)) if v.allowed]


@pytest.mark.parametrize(
    ("clone", "entry", "name", "text"),
    [
        (".pyenv", "versions/3.11.2", ".python-version", "3.11.2\n"),
        (".virtualenvs", "blue", ".venv", "blue\n"),
        (".asdf", "installs/python/3.11.2", ".tool-versions", "python 3.11.2\n"),
        (".rye", "py/cpython@3.11.2", ".python-version", "3.11.2\n"),
    ],
)
def test_a_clone_with_the_name_of_a_store(  # noqa: PLR0917
    home: Path, need: Callable[..., None], clone: str, entry: str, name: str, text: str
) -> None:
    need("git")
    store = environment(home / clone / entry, says="/elsewhere")
    (home / "p").mkdir()
    write(home / "p" / name, text)
    # pyenv and asdf are installed by git themselves: what they keep is not tracked.
    repository(home / clone)
    assert [each.reason for _, each in verdicts(home / "p", context(home))] == ["in your own store of environments"]
    # The user's own repository of settings may hold all that as a submodule, or a link to it.
    repository(home)
    git(home, "add", clone)
    assert clone in git(home, "ls-files")
    assert [each.reason for _, each in verdicts(home / "p", context(home))] == ["in your own store of environments"]
    git(home / clone, "add", "-f", str(store / "bin" / "ls"))
    (verdict,) = [each for _, each in verdicts(home / "p", context(home))]
    assert not verdict.allowed
    assert verdict.reason == "it was not made here: it names another place, /elsewhere"


# -- not an attack: links that the user made ----------------------------------------------------------------


def test_a_version_that_is_a_link(home: Path) -> None:
    """As Homebrew, `mise link` and `mise sync python --pyenv` make it."""
    cellar = environment(home / "cellar" / "3.12.1", says="/elsewhere")
    (cellar / "pyvenv.cfg").unlink()
    versions = home / ".pyenv" / "versions"
    versions.mkdir(parents=True)
    (versions / "3.12.1").symlink_to(cellar)
    (home / "p").mkdir()
    write(home / "p" / ".python-version", "3.12.1\n")
    assert [verdict.reason for _, verdict in verdicts(home / "p", context(home))] == [
        "in your own store of environments"
    ]


@pytest.mark.parametrize("made_as", ["real", "spelled"])
@pytest.mark.parametrize("entered_as", ["real", "spelled"])
def test_a_home_that_is_a_link(home: Path, made_as: str, entered_as: str) -> None:
    (home / "disk").mkdir()
    (home / "user").symlink_to("disk")
    spelled = {"real": home / "disk", "spelled": home / "user"}
    (home / "disk" / "p").mkdir()
    environment(home / "disk" / "p" / ".venv", says=str(spelled[made_as] / "p" / ".venv"))
    for known in spelled.values():  # HOME itself, in either spelling
        surroundings = context(known)
        assert [verdict.reason for _, verdict in verdicts(spelled[entered_as] / "p", surroundings)] == ["made here"]


def test_a_store_that_is_a_link(home: Path) -> None:
    environment(home / "disk" / "blue", says="/elsewhere")
    (home / ".virtualenvs").symlink_to("disk")
    (home / "p").mkdir()
    for text in ("blue", "blue/", f"{home}/.virtualenvs/blue", "~/.virtualenvs/blue"):
        write(home / "p" / ".venv", text)
        (verdict,) = [verdict for _, verdict in verdicts(home / "p", context(home))]
        assert verdict.reason == "in your own store of environments", text
