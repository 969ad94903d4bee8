"""The engine: environments that others activate; taken over, respected, covered, and what comes back when they go."""

from __future__ import annotations

import os
import venv

import pytest

from tests.unit.test_engine import Person
from wend.shells import DeactivateFunction

BARE = "/usr/bin:/bin"
_BOOKKEEPING = ("WEND_UNDO", "WEND_ENV")


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    for name in ("a", "b", "a/sub", "plain"):
        (home / name).mkdir(parents=True)
    for name in ("a", "b"):
        venv.create(home / name / ".venv", with_pip=False)
    for name in ("x", "y"):
        (home / "envs" / name / "bin").mkdir(parents=True)
    return home


@pytest.fixture
def person(home):
    return Person(home)


def activate(person, prefix, name=None):
    """What `source PREFIX/bin/activate` does: its own `deactivate` first, whatever that restores."""
    deactivate(person)
    old = person.env["PATH"]
    if "PYTHONHOME" in person.env:
        person.env["_OLD_VIRTUAL_PYTHONHOME"] = person.env.pop("PYTHONHOME")
    person.env.update(_OLD_VIRTUAL_PATH=old, VIRTUAL_ENV=str(prefix), PATH=f"{prefix}/bin:{old}")
    person.env["VIRTUAL_ENV_PROMPT"] = name or f"({os.path.basename(str(prefix))}) "


def deactivate(person):
    """What the `deactivate` of an activate script does."""
    for name in ("PATH", "PYTHONHOME"):
        if f"_OLD_VIRTUAL_{name}" in person.env:
            person.env[name] = person.env.pop(f"_OLD_VIRTUAL_{name}")
    person.env.pop("VIRTUAL_ENV", None)
    person.env.pop("VIRTUAL_ENV_PROMPT", None)


def plain(person):
    """The environment without what wend remembers in it."""
    return {name: value for name, value in person.env.items() if name not in _BOOKKEEPING}


def path(person):
    return person.env["PATH"].split(":")


# -- another takes the place of one that was activated ------------------------------------------------------------


@pytest.mark.parametrize("where", ["a", "plain", "b"])
def test_another_on_top_of_another(person, home, where):
    """X inside a, then Y: nothing of X or of a is left beneath Y, and nothing comes back when Y goes."""
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / where)
    activate(person, home / "envs" / "y")
    assert person.ask() == f"{home}/envs/y"
    beneath = [f"{home}/a/.venv/bin"] if where == "a" else []  # until a is left
    assert path(person) == [f"{home}/envs/y/bin", *beneath, *BARE.split(":")]
    assert person.ask(cwd=home / "plain") == f"{home}/envs/y"
    assert path(person) == [f"{home}/envs/y/bin", *BARE.split(":")]
    deactivate(person)
    person.ask()
    assert person.env == before


def test_the_projects_own_on_top_of_what_it_covers(person, home):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "b")
    activate(person, home / "b" / ".venv")
    assert person.ask() == f"{home}/b/.venv"
    assert person.adopt
    assert person.replaces == ()  # nothing of x comes back into the prompt
    assert path(person) == [f"{home}/b/.venv/bin", *BARE.split(":")]
    person.ask(cwd=home / "plain")
    assert person.env == before


def test_covered_by_one_project_after_another(person, home):
    person.ask(cwd=home / "plain")
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    venv.create(home / "plain" / ".venv", with_pip=False)
    for place in ("b", "plain", "b"):
        assert person.ask(cwd=home / place) == f"{home}/{place}/.venv"
        assert f"{home}/envs/x/bin" not in path(person)
        assert "(x) " in person.replaces
    assert person.ask(cwd=home / "a") == f"{home}/envs/x"  # it was activated here
    assert path(person) == [f"{home}/envs/x/bin", *BARE.split(":")]
    deactivate(person)
    assert person.ask(cwd=home) == ""
    assert person.env == before


# -- what was covered and has gone --------------------------------------------------------------------------------


def test_a_typed_deactivate_of_ours_then_of_theirs(person, home):
    """Both off: nothing of a comes back, though x's script saved a PATH with it, and b stays off until it is left."""
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "b")
    assert person.ask("deactivate") == f"{home}/envs/x"
    assert "(x) " in person.replaces  # its name comes back
    deactivate(person)
    assert person.ask() == ""
    assert path(person) == BARE.split(":")
    assert person.ask() == ""
    assert person.ask(cwd=home / "plain") == ""
    assert person.env == before
    assert person.ask(cwd=home / "b") == f"{home}/b/.venv"


def test_an_entry_that_the_user_adds_again_stays(person, home):
    """What a manual environment brings back of wend's is removed once, when it is gone, and never later."""
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "b")
    person.ask("deactivate")
    deactivate(person)
    person.ask()
    person.env["PATH"] = f"{home}/a/.venv/bin:{person.env['PATH']}"
    for place in ("b", "plain", "b", "plain"):
        person.ask(cwd=home / place)
    assert path(person) == [f"{home}/a/.venv/bin", *BARE.split(":")]


@pytest.mark.parametrize("event", ["off", "prompt"])
def test_theirs_goes_while_wend_is_off(person, home, event):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "plain")
    if event == "off":
        person.ask("off")
    else:
        person.env["WEND_DISABLE"] = "1"
        person.ask()
    deactivate(person)
    person.ask()
    person.ask("on")
    person.env.pop("WEND_DISABLE", None)
    person.ask()
    if event == "off":
        assert person.env == before
    else:  # it forgets everything: the script's PATH counts as the user's
        assert person.env.get("VIRTUAL_ENV") is None


def test_a_prefix_that_is_removed_counts_for_nothing(person, home):
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    assert person.ask() == f"{home}/envs/x"
    (home / "envs" / "x" / "bin").rmdir()
    (home / "envs" / "x").rmdir()
    assert person.ask() == f"{home}/a/.venv"
    assert path(person)[0] == f"{home}/a/.venv/bin"


# -- taking over ---------------------------------------------------------------------------------------------------


def test_own_activated_twice_in_a_row(person, home):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    inside = plain(person)
    for _ in range(3):
        activate(person, home / "a" / ".venv", name=".venv")
        activate(person, home / "a" / ".venv", name=".venv")
        assert person.ask() == f"{home}/a/.venv"
        assert plain(person) == inside
    person.ask(cwd=home)
    assert person.env == before


def test_own_through_a_link_and_by_its_real_name(person, home):
    os.symlink(home / "a", home / "link")
    before = dict(person.env)
    for spelled in ("a", "link"):
        person.ask(cwd=home / "link")
        activate(person, home / spelled / ".venv")
        assert person.ask() == f"{home}/link/.venv"
        assert path(person) == [f"{home}/link/.venv/bin", *BARE.split(":")]
        person.ask(cwd=home)
        assert person.env == before


def test_own_with_pythonhome(home):
    """An activate script moves PYTHONHOME away; what stands there now is put back on leaving."""
    person = Person(home, PYTHONHOME="/opt/python")
    before = dict(person.env)
    person.ask(cwd=home / "a")
    assert "PYTHONHOME" not in person.env
    activate(person, home / "a" / ".venv")
    person.ask()
    assert "PYTHONHOME" not in person.env
    person.ask(cwd=home)
    assert person.env == before


def test_own_whose_script_has_moved_pythonhome_away(home):
    """Activated without wend: what the script kept is put back on leaving, and no less is active than before."""
    person = Person(home)
    outside = {**person.env, "PYTHONHOME": "/opt/python"}
    person.cwd = str(home / "a")
    activate(person, home / "a" / ".venv")
    person.env["_OLD_VIRTUAL_PYTHONHOME"] = "/opt/python"
    assert person.ask() == f"{home}/a/.venv"
    assert person.adopt
    assert person.env["PATH"] == f"{home}/a/.venv/bin:{BARE}"
    assert not {"PYTHONHOME", "_OLD_VIRTUAL_PYTHONHOME"} & set(person.env)
    person.ask(cwd=home)
    assert plain(person) == outside


@pytest.mark.parametrize("where", ["plain", "b", "a"])
@pytest.mark.parametrize("event", ["prompt", "off"])
def test_another_with_pythonhome(home, where, event):
    """What wend has moved away is not back while another environment is active, and is when that one goes."""
    person = Person(home, PYTHONHOME="/opt/python")
    person.ask(cwd=home / "a")
    for name in ("x", "y"):
        activate(person, home / "envs" / name)
        person.ask()
    person.ask(event, cwd=home / where)
    person.ask(cwd=home / "plain")
    assert person.env["VIRTUAL_ENV"] == f"{home}/envs/y"
    assert "PYTHONHOME" not in person.env
    deactivate(person)
    person.ask("on")
    assert plain(person) == {"HOME": str(home), "PATH": BARE, "PYTHONHOME": "/opt/python"}


def test_nothing_is_asked_for_where_nothing_changes(home):
    person = Person(home, PYTHONHOME="/opt/python")
    person.ask(cwd=home / "a")
    activate(person, home / "envs" / "x")
    number = person.number
    person.ask()
    assert (person.answer.rule, person.edits, person.number) == ("activated_manually", (), number + 1)


def test_another_with_a_pythonhome_of_the_project(home):
    """Set in the project, it is what the script of another one moves away: that comes back when it goes."""
    person = Person(home, PYTHONHOME="/opt/python")
    person.ask(cwd=home / "a")
    person.env["PYTHONHOME"] = "/mine"
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "plain")
    assert "PYTHONHOME" not in person.env
    deactivate(person)
    person.ask()
    assert person.env["PYTHONHOME"] == "/mine"


def test_own_but_not_trusted_is_left_alone(person, home):
    other = home / "copied"
    os.rename(home / "b", other)  # made elsewhere
    activate(person, other / ".venv")
    person.cwd = str(other)
    assert person.ask() == f"{other}/.venv"
    assert not person.adopt
    assert person.ask(cwd=home / "plain") == f"{other}/.venv"


def test_own_in_a_nested_shell_is_left_by_that_shell(person, home):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    activate(person, home / "a" / ".venv")
    nested = person.copy()  # before the prompt after the script
    assert nested.ask() == f"{home}/a/.venv"
    assert path(nested) == [f"{home}/a/.venv/bin", *BARE.split(":")]
    nested.ask(cwd=home)
    assert nested.env == before


def test_own_and_deactivate_of_the_script_keeps_it_off(person, home):
    """Inside a subshell of a tool it is not ours; its own `deactivate`, typed in the project, keeps the project off."""
    person.env["PIPENV_ACTIVE"] = "1"
    person.cwd = str(home / "a")
    activate(person, home / "a" / ".venv")
    assert person.ask() == f"{home}/a/.venv"
    deactivate(person)
    assert person.ask() == ""
    assert person.answer.rule == "deactivated"
    assert person.ask() == ""
    person.ask(cwd=home)
    assert person.ask(cwd=home / "a") == f"{home}/a/.venv"


def test_own_after_off_is_respected_until_on(person, home):
    person.ask(cwd=home / "a")
    person.ask("off")
    activate(person, home / "a" / ".venv")
    for place in ("a", "plain", "a"):
        assert person.ask(cwd=home / place) == f"{home}/a/.venv"
        assert not person.adopt
    person.ask("on")
    assert person.adopt
    assert person.ask(cwd=home) == ""
    assert person.env["PATH"] == BARE


# -- `deactivate` --------------------------------------------------------------------------------------------------


def test_our_function_goes_where_theirs_is_respected(person, home):
    """It is asked for where ours is active, and taken back where it is not; what is not ours is never removed."""
    person.ask(cwd=home / "a")
    assert person.deactivate == DeactivateFunction.DEFINE
    activate(person, home / "envs" / "x")
    person.ask()
    person.ask(cwd=home / "b")
    assert person.deactivate == DeactivateFunction.DEFINE
    activate(person, home / "envs" / "y")
    person.ask()
    assert person.deactivate == DeactivateFunction.REMOVE
    person.ask()
    assert person.deactivate == DeactivateFunction.KEEP


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        # poetry would install into the environment that is active.
        ("pyproject.toml", "[tool.poetry]\npackage-mode = false\n", "poetry install"),
        (".venv/pyvenv.cfg", "version = 3.12.1\n", ""),
    ],
)
def test_what_a_project_lacks_is_told_under_a_manual_environment_where_its_tool_would_change_that(
    person, home, file, text, line
):
    (home / "plain" / file).parent.mkdir(exist_ok=True)
    (home / "plain" / file).write_text(text)
    if file.startswith(".venv"):
        (home / "plain" / ".venv" / "bin").mkdir()
        (home / "plain" / ".venv" / "bin" / "python").symlink_to("/nowhere")
    person.ask(cwd=home)
    activate(person, home / "envs" / "x")
    person.ask()
    assert person.ask("cd", cwd=home / "plain") == f"{home}/envs/x"
    assert (line in person.notice, bool(person.notice)) == (True, bool(line))
    person.env.pop("VIRTUAL_ENV")
    person.ask(cwd=home)
    person.ask("cd", cwd=home / "plain")
    assert person.notice
