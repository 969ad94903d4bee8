"""The engine: which environment, who decides, what is told; on real directories, without a shell."""

from __future__ import annotations

import os
import subprocess
import sys
import venv

import pytest

from wend import record as records
from wend.disk import Disk, mounts
from wend.engine import look, situate
from wend.engine.decide import SUBSHELL_VARIABLES
from wend.engine.respond import respond
from wend.model import Set, Unset
from wend.protocol import CORE, Request
from wend.shells import Apply, AskAgain, DeactivateFunction
from wend.trust import decisions


class Person:
    """A user at a shell: keeps the environment that replies leave behind."""

    def __init__(self, home, **env):
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", **env}
        self.cwd = str(home)
        self.number = 0
        self.first = True
        self.names: tuple[str, ...] = ()
        self.prompt = ""
        self.notice = ""
        self.freshness = None

    def copy(self):
        """A nested shell: the same variables, a number of its own."""
        other = Person(self.env["HOME"])
        other.env, other.cwd = dict(self.env), self.cwd
        return other

    def take_back(self):
        """What a hook does before it takes over: it calls the `deactivate` of the activate script, if there is one."""
        for name in ("PATH", "PYTHONHOME"):
            if f"_OLD_VIRTUAL_{name}" in self.env:
                self.env[name] = self.env.pop(f"_OLD_VIRTUAL_{name}")
        self.env.pop("VIRTUAL_ENV", None)
        self.env.pop("VIRTUAL_ENV_PROMPT", None)

    def situation(self, cwd):
        """What a command knows in CWD."""
        request = Request("bash", 1, "1-x", 1, str(cwd), "", "prompt", (), False, (), self.env)
        return situate(request, Disk(), everything_known=True)

    def ask(self, event="prompt", cwd=None, facts=()):
        self.cwd = str(cwd or self.cwd)
        first = self.first
        for _ in range(4):
            self.number += 1
            known = {k: v for k, v in self.env.items() if k in CORE or k in self.names}
            undo = self.env.get("WEND_UNDO", "")
            request = Request("bash", 1, "1-x", self.number, self.cwd, undo, event, facts, first, self.names, known)
            self.answer = respond(request, Disk())
            reply = self.answer.reply
            self.names = reply.names
            if not isinstance(reply, AskAgain):
                break
        self.first = False
        assert isinstance(reply, Apply)
        if reply.adopt:
            self.take_back()
        for edit in reply.edits:
            if isinstance(edit, Set):
                self.env[edit.name] = edit.value
            elif isinstance(edit, Unset):
                self.env.pop(edit.name, None)
        for name, value in (("WEND_UNDO", reply.undo), ("WEND_ENV", reply.env)):
            if value:
                self.env[name] = value
            elif value is not None:
                self.env.pop(name, None)
        self.prompt = reply.prompt if reply.prompt is not None else self.prompt
        self.notice, self.freshness, self.edits = reply.notice, reply.freshness, reply.edits
        self.deactivate, self.adopt, self.replaces = reply.deactivate, reply.adopt, reply.replaces
        return self.env.get("VIRTUAL_ENV", "")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def projects(home):
    for name in ("a", "b", "a/inner", "plain"):
        (home / name / "sub").mkdir(parents=True)
        if name != "plain":
            venv.create(home / name / ".venv", with_pip=False)
    return home


@pytest.fixture
def person(projects):
    return Person(projects)


def test_enter_switch_leave_is_the_identity(person, projects):
    before = dict(person.env)
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    assert person.env["PATH"] == f"{projects}/a/.venv/bin:/usr/bin:/bin"
    assert person.env["WEND_ENV"] == ".venv"
    assert person.ask(cwd=projects / "b" / "sub") == f"{projects}/b/.venv"
    assert person.env["PATH"] == f"{projects}/b/.venv/bin:/usr/bin:/bin"
    assert person.ask(cwd=projects) == ""
    assert person.env == before


def test_one_answer_parses_the_record_and_takes_it_back_once(person, projects, monkeypatch):
    done = []

    def count(name):
        function = getattr(records, name)

        def counting(*words):
            done.append(name)
            return function(*words)

        monkeypatch.setattr(records, name, counting)

    person.ask(cwd=projects / "a")
    person.ask("cd", cwd=projects / "b")  # its names are known now
    count("load")
    count("revert")
    for where in ("a", "b/sub", "plain"):
        done.clear()
        person.ask("cd", cwd=projects / where)
        assert done == ["load", "revert"], where


def test_virtual_environments_need_no_variables_beyond_the_core(person, projects):
    for directory in ("a", "b", ""):
        person.ask("cd", cwd=projects / directory)
        person.ask("prompt")
    assert set(person.names) <= {"PYTHONHOME"}


def test_nested_projects_the_nearest_wins_and_back_up(person, projects):
    person.ask(cwd=projects / "a")
    assert person.ask(cwd=projects / "a" / "inner" / "sub") == f"{projects}/a/inner/.venv"
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"


def test_asking_again_touches_nothing(person, projects):
    person.ask(cwd=projects / "a")
    person.env["PATH"] = "/mine:/usr/bin"  # the user threw our entry out: not fought
    person.ask()
    assert person.edits == ()
    assert person.env["PATH"] == "/mine:/usr/bin"


def test_asking_again_removes_what_else_the_record_says_is_ours(person, projects):
    person.ask(cwd=projects / "a")
    record = records.load(person.env["WEND_UNDO"])
    more = record.undo._replace(added=(*record.undo.added, "/ours"))
    person.env.update(WEND_UNDO=records.dump(record._replace(undo=more)), PATH=f"/ours:{person.env['PATH']}")
    person.ask()
    assert person.env["PATH"] == f"{projects}/a/.venv/bin:/usr/bin:/bin"


def test_the_first_question_of_a_nested_shell_puts_our_entry_back_in_front(person, projects):
    person.ask(cwd=projects / "a")
    nested = person.copy()
    nested.env["PATH"] = "/shims:" + nested.env["PATH"]  # what its start-up files do
    nested.ask()
    assert nested.env["PATH"] == f"{projects}/a/.venv/bin:/shims:/usr/bin:/bin"
    nested.ask(cwd=projects)
    assert nested.env["PATH"] == "/shims:/usr/bin:/bin"
    assert "VIRTUAL_ENV" not in nested.env


def test_pythonhome_is_put_away_and_comes_back(projects):
    for value in ("/opt/py", ""):
        person = Person(projects, PYTHONHOME=value)
        person.ask(cwd=projects / "a")
        assert "PYTHONHOME" not in person.env
        person.ask(cwd=projects)
        assert person.env["PYTHONHOME"] == value


def test_typed_deactivate_holds_until_the_project_is_left(person, projects):
    person.ask(cwd=projects / "a")
    assert person.ask("deactivate") == ""
    assert person.ask() == ""
    assert person.ask(cwd=projects / "a" / "sub") == ""
    nested = person.copy()
    assert nested.ask() == ""
    person.ask(cwd=projects / "plain")
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    assert "WEND_UNDO" in person.env


def test_off_and_on(person, projects):
    person.ask(cwd=projects / "a")
    assert person.ask("off") == ""
    assert person.ask(cwd=projects / "b") == ""
    assert person.ask("on") == f"{projects}/b/.venv"


def test_wend_disable_leaves_and_forgets(person, projects):
    person.ask(cwd=projects / "a")
    person.env["WEND_DISABLE"] = "1"
    assert person.ask() == ""
    assert "WEND_UNDO" not in person.env
    person.env["WEND_DISABLE"] = "0"
    assert person.ask() == f"{projects}/a/.venv"


def test_activated_manually_before_is_never_fought(projects):
    person = Person(projects, VIRTUAL_ENV="/etc", PATH="/etc/bin:/usr/bin")
    person.ask()
    before = dict(person.env)
    for place in ("a", "b", "a/inner", "."):
        assert person.ask(cwd=projects / place) == "/etc"
        assert person.env["PATH"] == before["PATH"]
    del person.env["VIRTUAL_ENV"]
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"


def test_an_environment_that_is_gone_does_not_count_as_activated(projects):
    person = Person(projects, VIRTUAL_ENV="/nowhere/env")
    before = dict(person.env)
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    person.ask(cwd=projects)
    assert person.env == before


def test_activated_manually_inside_is_respected_until_the_project_is_left(person, projects):
    person.ask(cwd=projects / "a")
    person.ask("activate")  # what an activate script calls first
    assert "VIRTUAL_ENV" not in person.env
    assert person.env["PATH"] == "/usr/bin:/bin"
    person.env.update(VIRTUAL_ENV="/etc", PATH="/etc/bin:/usr/bin:/bin")
    assert person.ask() == "/etc"
    assert person.ask(cwd=projects / "a" / "sub") == "/etc"
    assert person.ask(cwd=projects / "plain") == "/etc"
    assert person.ask(cwd=projects / "b") == f"{projects}/b/.venv"
    assert person.ask(cwd=projects / "plain") == "/etc"
    person.ask(cwd=projects / "a")
    person.env.update(PATH="/usr/bin:/bin")
    del person.env["VIRTUAL_ENV"]
    assert person.ask() == f"{projects}/a/.venv"


def activate(person, prefix):
    """What the activate script of an environment does, and what its `deactivate` undoes."""
    if "_OLD_VIRTUAL_PATH" in person.env:
        deactivate(person)
    person.env.update(
        _OLD_VIRTUAL_PATH=person.env["PATH"], VIRTUAL_ENV=str(prefix), PATH=f"{prefix}/bin:{person.env['PATH']}"
    )


def deactivate(person):
    person.env["PATH"] = person.env.pop("_OLD_VIRTUAL_PATH", person.env["PATH"])
    person.env.pop("VIRTUAL_ENV", None)


@pytest.mark.parametrize("way", [("plain",), ("b", "plain"), ("b", "a", "plain"), ("plain", "b", ".")])
@pytest.mark.parametrize("which", ["b", "elsewhere"])
def test_deactivating_another_environment_outside_brings_nothing_of_ours_back(person, projects, which, way):
    before = dict(person.env)
    person.ask(cwd=projects / "a")
    theirs = f"{projects}/{which}/.venv"
    os.makedirs(theirs, exist_ok=True)
    activate(person, theirs)
    assert person.ask() == theirs
    assert person.prompt == ""
    for place in way:
        assert person.ask(cwd=projects / place) == (f"{projects}/b/.venv" if place == "b" else theirs)
    assert person.env["PATH"] == f"{theirs}/bin:/usr/bin:/bin"
    deactivate(person)
    person.ask()
    assert person.env == before


def test_the_projects_own_environment_activated_on_top_is_taken_over(person, projects):
    before = dict(person.env)
    person.ask(cwd=projects / "a")
    inside = {name: value for name, value in person.env.items() if name != "WEND_UNDO"}
    activate(person, projects / "a" / ".venv")
    assert person.ask() == f"{projects}/a/.venv"
    assert person.adopt
    assert person.deactivate == DeactivateFunction.DEFINE
    assert {name: value for name, value in person.env.items() if name != "WEND_UNDO"} == inside
    assert person.prompt == "(.venv) "
    person.ask()
    assert not person.adopt
    person.ask(cwd=projects)
    assert person.env == before


def test_the_projects_own_environment_activated_beforehand_is_taken_over(person, projects):
    """As an editor's terminal does: VIRTUAL_ENV and PATH are there before the first prompt."""
    before = dict(person.env)
    person.cwd = str(projects / "a")
    person.env.update(VIRTUAL_ENV=f"{projects}/a/.venv", PATH=f"{projects}/a/.venv/bin:{person.env['PATH']}")
    assert person.ask() == f"{projects}/a/.venv"
    assert person.env["PATH"] == f"{projects}/a/.venv/bin:/usr/bin:/bin"
    assert person.ask("deactivate") == ""
    person.ask(cwd=projects)
    assert person.env == before


@pytest.mark.parametrize("name", SUBSHELL_VARIABLES)
def test_a_tools_own_subshell_is_not_taken_over(person, projects, name):
    person.cwd = str(projects / "a")
    person.env.update(VIRTUAL_ENV=f"{projects}/a/.venv", PATH=f"{projects}/a/.venv/bin:/bin", **{name: "1"})
    assert person.ask() == f"{projects}/a/.venv"
    assert not person.adopt
    assert person.answer.rule == "activated_manually"
    assert person.ask(cwd=projects) == f"{projects}/a/.venv"


def test_an_environment_seen_outside_first_is_not_taken_over(person, projects):
    activate(person, projects / "a" / ".venv")
    person.ask()
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    assert not person.adopt
    assert person.ask(cwd=projects) == f"{projects}/a/.venv"


def test_a_shell_of_wend_exec_keeps_its_environment(person, projects):
    person.cwd = str(projects / "a")
    person.env.update(VIRTUAL_ENV=f"{projects}/a/.venv", PATH=f"{projects}/a/.venv/bin:/bin", WEND_ENV=".venv")
    person.ask()
    assert not person.adopt
    for place in ("plain", "b", "a"):
        assert person.ask(cwd=projects / place) == f"{projects}/a/.venv"


def test_a_typed_activate_ends_a_typed_deactivate(person, projects):
    person.ask(cwd=projects / "a")
    person.ask("deactivate")
    activate(person, projects / "a" / ".venv")
    assert person.ask() == f"{projects}/a/.venv"
    assert person.adopt
    assert person.ask(cwd=projects) == ""


def test_another_environment_is_covered_and_comes_back_exactly(person, projects):
    person.ask(cwd=projects / "a")
    activate(person, "/etc")
    person.ask()
    before = {name: value for name, value in person.env.items() if name not in ("WEND_UNDO", "WEND_ENV")}
    assert person.ask(cwd=projects / "b") == f"{projects}/b/.venv"
    assert "/etc/bin" not in person.env["PATH"].split(":")
    assert "(etc) " in person.replaces
    assert person.deactivate == DeactivateFunction.DEFINE
    assert person.ask(cwd=projects / "plain") == "/etc"
    after = {name: value for name, value in person.env.items() if name not in ("WEND_UNDO", "WEND_ENV")}
    assert after["PATH"] == before["PATH"].replace(f"{projects}/a/.venv/bin:", "")
    assert person.deactivate == DeactivateFunction.REMOVE


def test_a_typed_deactivate_takes_ours_off_the_covered_one(person, projects):
    person.ask(cwd=projects / "a")
    activate(person, "/etc")
    person.ask()
    person.ask(cwd=projects / "b")
    assert person.ask("deactivate") == "/etc"
    assert person.env["PATH"].split(":")[0] == "/etc/bin"
    assert person.ask() == "/etc"


def test_deactivating_a_manual_one_in_another_project_brings_nothing_of_ours_back(person, projects):
    before = dict(person.env)
    person.ask(cwd=projects / "a")
    activate(person, "/etc")
    person.ask()
    person.ask(cwd=projects / "b")
    deactivate(person)
    assert person.ask() == f"{projects}/b/.venv"
    assert person.env["PATH"] == f"{projects}/b/.venv/bin:/usr/bin:/bin"
    person.ask(cwd=projects)
    assert person.env == before


def test_conda_base_is_not_an_environment_activated_manually(projects):
    person = Person(projects, CONDA_PREFIX="/c", CONDA_DEFAULT_ENV="base", CONDA_SHLVL="1", PATH="/c/bin:/bin")
    before = dict(person.env)
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    person.ask(cwd=projects)
    assert person.env == before


def test_a_readonly_variable_means_hands_off(person, projects):
    assert person.ask(facts=("readonly",), cwd=projects / "a") == ""
    assert person.edits == ()


def test_an_unusable_candidate_never_shadows_a_usable_one(person, projects):
    (projects / "a" / "sub" / ".venv").mkdir()
    assert person.ask(cwd=projects / "a" / "sub") == f"{projects}/a/.venv"
    (projects / "a" / "sub" / ".python-version").write_text("99.9\n")
    assert person.ask() == f"{projects}/a/.venv"


def test_the_tests_for_the_next_prompt(person, projects):
    person.ask(cwd=projects / "a" / "sub")
    assert person.freshness.present == (f"{projects}/a/.venv/pyvenv.cfg",)
    assert f"{projects}/a/sub/.venv" in person.freshness.absent
    person.ask(cwd=projects / "plain")
    assert person.freshness.present == ()
    assert set(person.freshness.absent) == {f"{projects}/plain/.venv", f"{projects}/plain/.python-version"}


def test_a_hint_is_for_projects_and_not_for_the_home(person, home):
    (home / "requirements.txt").write_text("x\n")
    (home / "project").mkdir()
    (home / "project" / "requirements.txt").write_text("x\n")
    person.ask(cwd=home)
    assert person.answer.hint == ("", "")
    person.ask(cwd=home / "project")
    assert person.answer.hint[0] == f"{home}/project"


@pytest.mark.parametrize("name", ["denied", "a:b"])
def test_no_hint_where_nothing_would_be_used(person, home, name):
    (home / name).mkdir()
    (home / name / "requirements.txt").write_text("x\n")
    if name == "denied":
        decisions.deny(str(home / name), {"HOME": str(home)})
    person.ask(cwd=home / name)
    assert person.answer.hint == ("", "")


def test_the_nearest_owner_without_an_environment_ends_the_walk(person, home):
    for place in (home / "outer", home / "outer" / "inner"):
        place.mkdir()
        (place / "pdm.lock").write_text("")
        (place / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    situation = person.situation(home / "outer" / "inner")
    for everything in (False, True):
        view = look(situation, everything=everything)
        assert view.ended
        assert view.ended.marker.dir == f"{home}/outer/inner"
    assert [each.marker.dir for each in view.candidates] == [f"{home}/outer/inner", f"{home}/outer"]


def test_a_prompt_looks_at_no_remote_disk_that_the_shell_does_not_stand_on(person, projects, monkeypatch):
    """By whatever way: a link may lead there. Else Enter would hang with the disk, and not even Ctrl-C would help."""
    far = projects / "far"
    far.mkdir()
    table = f"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / {far} rw - nfs4 server:/x rw\n".encode()
    monkeypatch.setattr(mounts, "read", lambda: mounts.parse(table))
    venv.create(far / "env", symlinks=True)
    venv.create(far / "project" / ".venv", symlinks=True)
    local = projects / "plain"
    os.symlink(far / "env", local / ".venv")
    os.symlink(far / "project", projects / "link")
    assert person.ask(cwd=local) == f"{local}/.venv"
    assert not [path for path in person.freshness.present if os.path.realpath(path).startswith(f"{far}/")]
    assert person.ask(cwd=projects / "link") == f"{projects}/link/.venv"
    assert person.freshness.present == (f"{projects}/link/.venv/pyvenv.cfg",)


def test_a_half_made_environment_is_waited_for(person, projects):
    half = projects / "plain" / ".venv"
    half.mkdir()
    assert person.ask(cwd=projects / "plain") == ""
    assert person.notice == ""
    assert f"{half}/bin/python" in person.freshness.absent


def test_markers_in_home_belong_to_home_alone(person, projects):
    venv.create(projects / ".venv", with_pip=False)
    assert person.ask(cwd=projects) == f"{projects}/.venv"
    assert person.ask(cwd=projects / "plain") == ""


def test_nothing_is_looked_at_above_home(person, projects, monkeypatch):
    """Looking a name up in /home or in an automount asks the network; and a file there is not a marker."""
    asked = []
    for name in ("stat", "lstat", "readlink", "open", "listdir"):
        real = getattr(os, name)

        def spy(path, *args, real=real, **options):
            asked.append(os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else "")
            return real(path, *args, **options)

        monkeypatch.setattr(os, name, spy)
    person.ask(cwd=projects / "plain")
    home = person.env["HOME"]
    names = {".venv", ".python-version", "pyproject.toml", "environment.yml", ".git", "Pipfile", "mise.toml"}
    above = [path for path in asked if os.path.basename(path) in names and not path.startswith(f"{home}/")]
    assert above == []
    assert [path for path in asked if path.startswith(f"{home}/plain/")]


def test_nothing_is_looked_for_in_an_automount_or_above(person, projects, monkeypatch):
    """Where the shell is below one, outside home."""
    place = projects / "net" / "host" / "p"
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / "pyproject.toml").write_text("[project]\n[tool.poetry]\n")  # may be a member of a workspace
    (projects / ".python-version").write_text("3.12.1\n")
    person.env["HOME"] = str(projects / "plain")
    table = mounts.Mounts(((f"{projects}/net", b"autofs"), (f"{projects}/net/host", b"nfs4")))
    monkeypatch.setattr(mounts, "read", lambda: table)
    asked = []
    for name in ("stat", "lstat", "readlink", "open", "listdir"):
        real = getattr(os, name)

        def spy(path, *args, real=real, **options):
            end = "/" if real.__name__ == "listdir" else ""
            asked.append(os.fspath(path) + end if isinstance(path, (str, os.PathLike)) else "")
            return real(path, *args, **options)

        monkeypatch.setattr(os, name, spy)
    person.ask(cwd=place)
    above = [str(projects / "net"), str(projects)]
    on_the_way = {*above, f"{projects}/net/host", f"{projects}/plain"}
    assert {path for path in asked if os.path.dirname(path) in above} <= on_the_way
    assert [path for path in asked if path.startswith(f"{place}/")]


@pytest.mark.parametrize(
    "line", ["home = {0}/evil", "home = ../evil", "home =", "executable = {0}/evil/python3", "home"]
)
def test_what_pyvenv_cfg_names_never_gets_into_path(person, projects, line):
    (projects / "evil").mkdir()
    os.symlink(os.path.realpath(sys.executable), projects / "evil" / "python3")
    config = projects / "a" / ".venv" / "pyvenv.cfg"
    config.write_text(line.format(projects) + "\nversion = \x1b[31m\n")
    before = person.env["PATH"]
    assert person.ask(cwd=projects / "a") == f"{projects}/a/.venv"
    assert person.env["PATH"] == f"{projects}/a/.venv/bin:{before}"
    assert not [name for name, value in person.env.items() if "evil" in value and name != "WEND_UNDO"]


def test_a_linked_project_by_its_logical_and_its_physical_name(person, projects):
    os.symlink(projects / "a", projects / "link")
    assert person.ask(cwd=projects / "link" / "sub") == f"{projects}/link/.venv"
    os.symlink(projects / "a" / "sub", projects / "inside")
    assert person.ask(cwd=projects / "inside") == f"{projects}/a/.venv"


def test_a_colon_is_refused_with_one_line(person, projects):
    place = projects / "x:y"
    place.mkdir()
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (place / ".venv" / "bin" / "python").symlink_to("/bin/sh")
    assert person.ask(cwd=place) == ""
    assert person.notice.count("\n") == 0
    assert "cannot stand in PATH" in person.notice
    person.ask()
    assert person.notice == ""


def test_settings_change_names_and_prompt(projects, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('[detect]\nnames = ["special"]\n[prompt]\nformat = "<{name}> "\n')
    venv.create(projects / "plain" / "special", with_pip=False)
    person = Person(projects, WEND_CONFIG=str(config))
    assert person.ask(cwd=projects / "plain") == f"{projects}/plain/special"
    assert person.prompt == "<special> "


def test_an_empty_prompt_is_shown_as_the_script_of_venv_shows_it(person, projects):
    prefix = projects / "plain" / ".venv"
    venv.create(prefix, prompt="")
    shown = subprocess.run(
        ["bash", "-c", f'PS1=; . "{prefix}/bin/activate"; printf %s "$PS1"'], capture_output=True, text=True, check=True
    )
    person.ask(cwd=projects / "plain")
    assert (person.prompt, shown.stdout) == ("() ", "() ")
    assert (person.env["WEND_ENV"], person.env["VIRTUAL_ENV_PROMPT"]) == (".venv", "")


@pytest.mark.parametrize(
    "env",
    [
        {"VIRTUAL_ENV_DISABLE_PROMPT": "1"},
        {"STARSHIP_SHELL": "bash"},
        {"POSH_SHELL": "bash"},
        {"LP_ENABLE_VIRTUALENV": "1"},
    ],
)
def test_the_prompt_is_left_to_who_is_in_charge(projects, env):
    person = Person(projects, **env)
    person.ask(cwd=projects / "a")
    assert person.prompt == ""
    assert person.env["WEND_ENV"] == ".venv"


def test_the_project_names_its_environment(person, projects):
    venv.create(projects / "plain" / "envs" / "dev", with_pip=False)
    project = projects / "plain" / "pyproject.toml"
    project.write_text('[tool.wend]\nenv = "envs/dev"\n')
    assert person.ask(cwd=projects / "plain" / "sub") == f"{projects}/plain/envs/dev"
    project.write_text('[tool.wend]\nenv = "../a/.venv"\n')
    assert person.ask() == ""
    assert "leads out of the project" in person.notice


@pytest.mark.parametrize(
    "undo",
    [
        '{"v":1,"added":["/x"],"scalars":[["PATH",null,"/evil"],["LD_PRELOAD","/evil",null]]}',
        '{"v":1,"active":["conda","n","/evil","/evil"]}',
        '{"v":1,"active":5}',
        "[" * 5000,
        "\udcff",
    ],
)
def test_a_planted_record_changes_nothing_of_its_own(person, projects, undo):
    before = dict(person.env)
    person.env["WEND_UNDO"] = undo
    person.ask(cwd=projects / "plain")
    person.env.pop("WEND_UNDO", None)
    assert person.env == before


def test_values_are_carried_byte_for_byte(person, projects):
    place = os.path.join(os.fsencode(projects), b"\xff\xfe '\n$(x)")
    os.makedirs(place + b"/.venv/bin")
    os.symlink("/bin/sh", place + b"/.venv/bin/python")  # venv itself cannot write such a name
    with open(place + b"/.venv/pyvenv.cfg", "wb") as file:
        file.write(b"home = /usr/bin\nversion = 3.12.1\ncommand = python -m venv " + place + b"/.venv\n")
    assert os.fsencode(person.ask(cwd=os.fsdecode(place))) == place + b"/.venv"
    active = records.load(person.env["WEND_UNDO"]).undo.active
    assert active
    assert active.root == os.fsdecode(place)


def test_a_first_question_that_comes_late_is_still_the_first(person, projects):
    person.ask(cwd=projects / "a")
    nested = person.copy()
    nested.env["PATH"] = "/shims:" + nested.env["PATH"]
    nested.number = 1  # number 1 was never answered
    nested.ask()
    assert nested.env["PATH"] == f"{projects}/a/.venv/bin:/shims:/usr/bin:/bin"
    assert nested.deactivate == DeactivateFunction.DEFINE
    nested.ask()
    assert nested.deactivate == DeactivateFunction.KEEP


def test_a_path_that_was_unset_meanwhile_stays_unset(person, projects):
    """An empty one would name the current directory."""
    person.ask(cwd=projects / "a")
    del person.env["PATH"]
    person.ask(cwd=projects / "plain")
    assert "PATH" not in person.env
    assert "VIRTUAL_ENV" not in person.env
