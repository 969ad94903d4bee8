"""No file and no link of a project wakes an automount; what the user has chosen may."""

from __future__ import annotations

import os

import pytest

from tests.unit.test_engine import Person
from tests.unit.test_explain_table import Machine
from wend.disk import mounts
from wend.disk.links import Way
from wend.engine import look

_readlink = os.readlink


def _link(name):
    try:
        return _readlink(name)
    except OSError:
        return None


class Net:
    """A machine with the automount `at`, in which `host` is asleep: `asked` is what was looked at in there."""

    def __init__(self, top, monkeypatch):
        self.at = f"{top}/net"
        self.machine = Machine(top)
        self.person = Person(self.machine.home)
        self.table = [("/", b"ext4"), (self.at, b"autofs")]
        self.asked: list[str] = []
        self._monkeypatch = monkeypatch

    def look(self, tree):
        self.build(tree)
        view = look(self.person.situation(self.machine.project), everything=True)
        return [(each.status, each.reason, each.fix) for each in view.candidates]

    def build(self, tree):
        self.machine.build(f"{self.at}/host/env: venv 3.12.1\n" + tree.replace("NET", f"{self.at}/host"))
        self._monkeypatch.setattr(mounts, "read", lambda: mounts.Mounts(tuple(self.table)))
        for name in ("stat", "lstat", "readlink", "open", "listdir"):
            real = getattr(os, name)

            def spy(path, *args, real=real, name=name, **options):
                if isinstance(path, str) and self.is_woken(path, followed=name not in ("lstat", "readlink")):
                    self.asked.append(path)
                return real(path, *args, **options)

            self._monkeypatch.setattr(os, name, spy)

    def is_woken(self, path, *, followed):
        way = Way(path if followed else os.path.dirname(path), _link)
        names = list(way)
        if not followed:
            names.append(f"{way.at}/{os.path.basename(path)}")
        return any(name.startswith(f"{self.at}/") for name in names)


@pytest.fixture
def net(tmp_path, monkeypatch):
    return Net(os.path.realpath(tmp_path), monkeypatch)


_POETRY_TOML = "pyproject.toml = {poetry}\npoetry.toml = [virtualenvs]\\n"
_TREES = {
    "a .venv file": ".venv = NET/env",
    "a .venv file that leads up": ".venv = ../../../net/host/env",
    ".python-version": ".python-version = NET/env/bin/python",
    ".python-version that leads up": ".python-version = ../../../net/host/env/bin/python",
    ".pdm-python": "pyproject.toml = [tool.pdm]\n.pdm-python = NET/env/bin/python",
    "pdm.toml": "pyproject.toml = [tool.pdm]\npdm.toml = [venv]\\nlocation = 'NET'",
    "mise.toml": "mise.toml = [env]\\n_.python.venv = 'NET/env'",
    "mise.toml, a version": "mise.toml = [tools]\\npython = 'path:NET/env'",
    "environment.yml": "environment.yml = prefix: NET/env",
    "hatch.toml": "hatch.toml = [envs.default]\\npath = 'NET/env'",
    "poetry.toml": _POETRY_TOML + "path = 'NET'",
    "poetry.toml, a cache": "pyproject.toml = {poetry}\npoetry.toml = cache-dir = 'NET'",
    "pixi.toml": "pixi.toml = [workspace]\\nname = 'x'\n.pixi/config.toml = detached-environments = 'NET'",
    "a link .pixi": "pixi.toml = [workspace]\\nname = 'x'\n.pixi: link NET",
    "a link below .pixi": "pixi.toml = [workspace]\\nname = 'x'\n.pixi/envs: link NET",
    "a .env of pipenv": "Pipfile = [packages]\n.env = WORKON_HOME=NET",
    "a .env of pipenv, a path": "Pipfile = [packages]\n.venv = NET/env",
    "a link .venv": ".venv: link NET/env",
    "a link that leads up": ".venv: link ../../../net/host/env",
    "a link to a link": ".venv: link b\nb: link NET/env",
    "a link to a file": ".python-version: link NET/env/pyvenv.cfg",
    "a link pyproject.toml": "pyproject.toml: link NET/env/pyvenv.cfg",
    "tool.wend.env": "pyproject.toml = [tool.wend]\\nenv = 'a/b'\na: link NET",
}


@pytest.mark.parametrize("tree", _TREES.values(), ids=_TREES)
def test_no_file_of_a_project_wakes_an_automount(net, tree):
    candidates = net.look(tree)
    assert net.asked == []
    assert candidates
    for status, reason, fix in candidates:
        assert status == "unavailable"
        assert f"is in an automount, and {net.at}/host is not mounted" in reason
        assert fix == f"ls {net.at}/host"


def test_a_link_that_only_pdm_reads_wakes_none(net):
    candidates = net.look("pyproject.toml = [tool.pdm]\nenv: link NET/env")
    assert ({status for status, _, _ in candidates}, net.asked) == ({"unavailable"}, [])


_GITS = {
    "a .git file": ".git = gitdir: NET/r",
    "a link .git": ".git: link NET/r",
    "commondir": ".git = gitdir: g\ng/commondir = NET/r\ng/HEAD = ref: x",
    "gitdir": ".git = gitdir: c/.git/worktrees/w\nc/.git/worktrees/w/commondir = ../..\n"
    "c/.git/worktrees/w/gitdir = NET/r",
    "a link to an index": ".git/HEAD = x\n.git/index: link NET/env/pyvenv.cfg",
}


@pytest.mark.parametrize("tree", _GITS.values(), ids=_GITS)
def test_no_repository_wakes_an_automount(net, tree):
    """What git tracks cannot be read then, so nothing is trusted."""
    [(status, reason, _)] = net.look(f".venv: venv 3.12.1\n{tree}")
    assert net.asked == []
    assert (status, "git may track it" in reason) == ("untrusted", True)


@pytest.mark.parametrize("tree", _TREES.values(), ids=_TREES)
def test_no_answer_and_no_prompt_wakes_an_automount(net, tree):
    """Whatever variables the shell is asked for, and whatever paths the next prompt tests."""
    net.build(tree)
    net.person.ask(cwd=net.machine.project)
    assert net.asked == []
    reply = net.person.answer.reply
    paths = (*reply.freshness.present, *reply.freshness.absent)
    assert not [path for path in paths if net.is_woken(path, followed=True)]
    assert f"{net.at}/host" in net.person.notice


@pytest.mark.parametrize("tree", _TREES.values(), ids=_TREES)
def test_the_answer_is_not_remembered_and_told_to_be_made_again(net, tree):
    net.build(tree)
    situation = net.person.situation(net.machine.project)
    look(situation)
    evidence = situation.context.disk.evidence
    assert (evidence.steady, evidence.asleep) == (False, True)
    assert not [path for path in evidence.visited() if net.is_woken(path, followed=True)]
    assert evidence.unchanged()
    assert net.asked == []


def test_a_mounted_host_is_entered(net):
    net.table.append((f"{net.at}/host", b"nfs4"))
    [(status, reason, _)] = net.look(".venv = NET/env")
    assert (status, reason) == ("chosen", "made here")
    assert net.asked


@pytest.mark.parametrize(
    ("tree", "env"),
    [
        (".venv = env", {"WORKON_HOME": "NET"}),
        (".venv = NET/env", {"WORKON_HOME": "NET"}),
        ("pyproject.toml = [tool.pdm]", {"PDM_PYTHON": "NET/env/bin/python", "WORKON_HOME": "NET"}),
        ("pyproject.toml = {project}", {"UV_PROJECT_ENVIRONMENT": "NET/env"}),
        ("~/.virtualenvs: link NET\n.venv = env", {}),
    ],
)
def test_the_user_s_own_stores_are_woken(net, tree, env):
    net.person.env.update({name: value.replace("NET", f"{net.at}/host") for name, value in env.items()})
    assert net.look(tree)[0][0] == "chosen"
    assert net.asked


_VENV, _CONDA = ".venv: venv 3.12.1\n", ".conda: conda\n"
_INSIDE = {
    "interpreter": (f"{_VENV}.venv/bin/python: remove\n.venv/bin/python: link NET/env/bin/python", "chosen"),
    "another name": (f"{_VENV}.venv/bin/python3: remove\n.venv/bin/python3: link NET/env/bin/python", "chosen"),
    "one name": (
        f"{_VENV}.venv/bin/python: remove\n.venv/bin/python3: remove\n.venv/bin/python3: link NET/env/bin/python",
        "chosen",
    ),
    "activate": (f"{_VENV}.venv/bin/activate: remove\n.venv/bin/activate: link NET/env/bin/activate", "chosen"),
    "pyvenv.cfg": (f"{_VENV}.venv/pyvenv.cfg: remove\n.venv/pyvenv.cfg: link NET/env/pyvenv.cfg", "broken"),
    "programs": (".venv/pyvenv.cfg = version = 3.12.1\n.venv/bin: link NET/env/bin", "unavailable"),
    "packages": (".venv: venv 3.12.1\nrequirements.txt = x\n.venv/lib64: link NET/env/lib", "chosen"),
    "conda": (f"{_CONDA}.conda/bin/python: remove\n.conda/bin/python: link NET/env/bin/python", "chosen"),
    "conda, programs": (".conda/conda-meta/history = x\n.conda/bin: link NET/env/bin", "unavailable"),
    "conda, script": (f"{_CONDA}.conda/etc/conda/activate.d/x.sh: link NET/env/bin/activate", "chosen"),
    "conda, scripts": (f"{_CONDA}.conda/etc/conda/activate.d: link NET/env/bin", "chosen"),
    "conda, history": (f"{_CONDA}.conda/conda-meta/history: remove\n.conda/conda-meta/history: link NET/x", "broken"),
    "conda, variables": (f"{_CONDA}.conda/etc/conda/env_vars.d: link NET/env/bin", "chosen"),
}


@pytest.mark.parametrize("committed", [False, True], ids=["own", "committed"])
@pytest.mark.parametrize(("tree", "status"), _INSIDE.values(), ids=_INSIDE)
def test_nothing_in_an_environment_of_a_project_wakes_an_automount(net, tree, status, committed):
    """An interpreter may be in one: what runs it wakes it. When it is mounted, it is judged."""
    if committed:
        tree += "\n~/.config/wend/config.toml = trust.policy = 'ask'"
        status = status.replace("chosen", "untrusted")
    candidates = net.look(tree)
    assert net.asked == []
    assert candidates[0][0] == status
    net.person.ask(cwd=net.machine.project)
    assert net.asked == []


def test_an_interpreter_in_an_automount_that_others_can_change_is_refused_when_it_is_mounted(net):
    tree = f"{_VENV}.venv/bin/python: remove\n.venv/bin/python: link NET/tool\nNET/tool: program\nNET/tool: mode 777"
    assert net.look(tree)[0][0] == "chosen"
    net.table.append((f"{net.at}/host", b"nfs4"))
    [candidate] = look(net.person.situation(net.machine.project)).candidates
    assert (candidate.status, candidate.reason) == (
        "untrusted",
        f"{net.at}/host/tool is writable by others (mode 0777)",
    )
    assert net.asked
