"""The engine: one kind of environment over another that was activated manually; nothing of it is left, all comes back.

conda's stack is whole meanwhile, whatever is typed.
"""

from __future__ import annotations

import json
import os
import venv

import pytest

from tests.unit.test_engine import Person
from tests.unit.test_engine_conda import conda_activate, conda_deactivate, conda_home, environment
from tests.unit.test_engine_manual import activate, deactivate, path, plain
from wend.shells import DeactivateFunction

BARE = "/usr/bin:/bin"
_VERSION_1 = {
    "displaced": "taken",
    "kept_off": "hold",
    "manual": "hand",
    "manual_restores": "owed",
    "last_notice": "note",
}
_TOLD_BY = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "_OLD_VIRTUAL_PATH")


@pytest.fixture
def home(tmp_path):
    """Projects v and w of virtual environments, a and b of conda's, k of pyenv, x of pixi; theirs lies elsewhere."""
    home = conda_home(tmp_path / "home")
    for name in ("v", "w"):
        (home / name).mkdir()
        venv.create(home / name / ".venv", with_pip=False)
    (home / "plain").mkdir()
    (home / "envs" / "theirs" / "bin").mkdir(parents=True)
    python = home / ".pyenv" / "versions" / "3.11.4" / "bin"
    python.mkdir(parents=True)
    os.symlink("/usr/bin/env", python / "python")
    (home / "k").mkdir()
    (home / "k" / ".python-version").write_text("3.11.4\n")
    inside = environment(home / "x" / ".pixi" / "envs" / "default")
    (inside / "conda-meta" / "pixi_env_prefix").write_text(str(inside))
    (home / "x" / "pixi.toml").write_text('[workspace]\nname = "x"\n')
    return home


@pytest.fixture
def root(home):
    return str(home / "miniconda3")


def conda(home, **env):
    """A person with conda's shell functions, and base active."""
    root = f"{home}/miniconda3"
    person = Person(home, PATH=f"{root}/bin:{root}/condabin:/usr/bin", CONDA_EXE=f"{root}/bin/conda", **env)
    person.env.update(_CONDA_EXE=f"{root}/bin/conda", CONDA_PYTHON_EXE=f"{root}/bin/python", _CONDA_ROOT=root)
    person.env.update(CONDA_PREFIX=root, CONDA_SHLVL="1", CONDA_DEFAULT_ENV="base", CONDA_PROMPT_MODIFIER="(base) ")
    return person


@pytest.fixture(params=["with base", "without conda"])
def person(request, home):
    return conda(home) if request.param == "with base" else Person(home)


def theirs_in_v(person, home):
    """Activate theirs in the project v, and leave that."""
    person.ask(cwd=home / "v")
    activate(person, home / "envs" / "theirs")
    person.ask()
    person.ask(cwd=home / "plain")
    assert person.env["VIRTUAL_ENV"] == f"{home}/envs/theirs"


def is_covered(person, home):
    """Expect nothing of theirs; what is active says so by itself."""
    assert not [name for name in _TOLD_BY if f"{home}/envs/theirs" in person.env.get(name, "")]
    assert "_OLD_VIRTUAL_PATH" not in person.env
    assert "theirs" not in person.env.get("VIRTUAL_ENV_PROMPT", "")
    assert f"{home}/envs/theirs/bin" not in path(person)


def _stack(person):
    return {name: value for name, value in person.env.items() if "CONDA" in name}


PLACES = {"a": "CONDA_PREFIX", "b": "CONDA_PREFIX", "x": "CONDA_PREFIX", "w": "VIRTUAL_ENV", "k": "PATH"}


@pytest.mark.parametrize("first", PLACES)
def test_every_kind_covers_a_virtual_environment(person, home, first):
    """Also in turn; on leaving all is back as it was, and its `deactivate` leaves what was there before it."""
    before = plain(person)
    theirs_in_v(person, home)
    outside = plain(person)
    for _ in range(2):
        for place in (first, *PLACES, first):
            person.ask(cwd=home / place)
            assert person.env["WEND_ENV"]
            is_covered(person, home)
            assert "(theirs) " in person.replaces
            assert ("VIRTUAL_ENV" in person.env) is (place == "w")
            assert person.ask() or place != "w"
            assert person.edits == ()  # another question changes nothing
        person.ask(cwd=home / "plain")
        assert plain(person) == outside
        assert "(theirs) " in person.replaces  # its name comes back
    deactivate(person)
    person.ask()
    assert plain(person) == before
    assert "WEND_UNDO" not in person.env


@pytest.mark.parametrize("place", PLACES)
def test_a_typed_deactivate_brings_it_back(person, home, place):
    before = plain(person)
    theirs_in_v(person, home)
    outside = plain(person)
    person.ask(cwd=home / place)
    person.ask("deactivate")
    assert plain(person) == outside
    assert person.deactivate == DeactivateFunction.REMOVE
    person.ask()
    assert plain(person) == outside
    deactivate(person)
    person.ask()
    assert plain(person) == before


def test_a_typed_conda_deactivate_brings_it_back(home, root):
    person = conda(home)
    before = plain(person)
    theirs_in_v(person, home)
    outside = plain(person)
    person.ask(cwd=home / "a")
    conda_deactivate(person, root)
    for _ in range(2):
        person.ask()
        assert plain(person) == {**outside, "CONDA_PREFIX_1": ""}  # conda leaves that, empty
    deactivate(person)
    person.ask(cwd=home / "plain")
    assert plain(person) == {**before, "CONDA_PREFIX_1": ""}


@pytest.mark.parametrize("where", ["a", "plain", "w"])
def test_another_of_condas_on_top(home, root, where):
    """It is conda's business when the project is left; theirs, which is not, is back then."""
    person = conda(home)
    before = plain(person)
    theirs_in_v(person, home)
    person.ask(cwd=home / "a")
    conda_activate(person, root, "hand")
    person.ask()
    is_covered(person, home)
    stack = _stack(person)
    person.ask(cwd=home / where)
    if where == "w":  # that is put over both
        assert [stack.pop(f"CONDA_{name}") for name in ("DEFAULT_ENV", "PROMPT_MODIFIER")] == ["hand", "(hand) "]
        assert f"{root}/envs/hand/bin" not in path(person)
        assert {"(hand) ", "(theirs) "} <= set(person.replaces)
    assert _stack(person) == stack
    if where != "plain":
        is_covered(person, home)
    else:
        assert person.env["VIRTUAL_ENV"] == f"{home}/envs/theirs"
        assert path(person)[0] == f"{home}/envs/theirs/bin"
    person.ask(cwd=home / "plain")
    conda_deactivate(person, root)
    conda_deactivate(person, root)
    person.ask()
    deactivate(person)
    person.ask()
    assert plain(person) == {**before, "CONDA_PREFIX_1": "", "CONDA_PREFIX_2": ""}


@pytest.mark.parametrize("place", PLACES)
def test_a_nested_shell_gives_it_back(person, home, place):
    theirs_in_v(person, home)
    outside = plain(person)
    person.ask(cwd=home / place)
    nested = person.copy()
    nested.ask()
    is_covered(nested, home)
    nested.ask(cwd=home / "plain")
    assert plain(nested) == outside


def test_a_nested_shell_whose_start_up_file_activates_base(home, root):
    person = conda(home)
    theirs_in_v(person, home)
    person.ask(cwd=home / "a")
    nested = person.copy()
    conda_activate(nested, root, "base")
    stack = _stack(nested)
    nested.ask()
    assert nested.env["CONDA_DEFAULT_ENV"] == "a"
    is_covered(nested, home)
    nested.ask(cwd=home / "plain")
    assert _stack(nested) == stack
    assert nested.env["VIRTUAL_ENV"] == f"{home}/envs/theirs"
    assert path(nested)[0] == f"{home}/envs/theirs/bin"


@pytest.mark.parametrize("place", PLACES)
def test_theirs_is_activated_again_where_it_is_covered(person, home, place):
    """Then it is activated there, and stays until yet another project is entered."""
    before = plain(person)
    theirs_in_v(person, home)
    person.ask(cwd=home / place)
    activate(person, home / "envs" / "theirs")
    for where in (place, place, "plain", place):
        assert person.ask(cwd=home / where) == f"{home}/envs/theirs", where
        assert path(person).count(f"{home}/envs/theirs/bin") == 1
    person.ask(cwd=home / "v")
    is_covered(person, home)
    assert person.ask(cwd=home / "plain") == f"{home}/envs/theirs"
    deactivate(person)
    person.ask()
    assert plain(person) == before


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("place", ["a", "x", "k"])
def test_a_record_of_an_earlier_version(person, home, place, version):
    """It covered the programs alone: the first answer of this version does the rest, and all comes back."""
    theirs_in_v(person, home)
    outside = plain(person)
    person.ask(cwd=home / place)
    record = json.loads(person.env["WEND_UNDO"])
    record["scalars"] = [each for each in record["scalars"] if each[0] not in _TOLD_BY[:2]]
    if version == 1:
        record = {_VERSION_1.get(key, key): value for key, value in record.items()}
    person.env["WEND_UNDO"] = json.dumps({**record, "v": version})
    person.env.update({name: outside[name] for name in _TOLD_BY[:2]})
    person.first = True
    person.ask()
    is_covered(person, home)
    person.ask(cwd=home / "plain")
    assert plain(person) == outside


@pytest.mark.parametrize("place", PLACES)
def test_theirs_goes_while_it_is_covered(person, home, place):
    """Its directory is removed: it does not count, and neither its programs nor its name come back."""
    before = plain(person)
    theirs_in_v(person, home)
    person.ask(cwd=home / place)
    (home / "envs" / "theirs" / "bin").rmdir()
    (home / "envs" / "theirs").rmdir()
    person.ask(cwd=home / "plain")
    assert f"{home}/envs/theirs/bin" not in path(person)
    assert "(theirs) " not in person.replaces
    deactivate(person)
    person.ask()
    assert plain(person) == before


# -- the prompt -----------------------------------------------------------------------------------------------------


def test_conda_shows_the_name_by_itself_and_theirs_is_not_seen(home):
    person = conda(home)
    theirs_in_v(person, home)
    person.ask(cwd=home / "a", facts=("conda-prompt",))
    assert person.prompt == ""
    assert person.replaces == ("(base) ", "(theirs) ", "(%9v) ", "(%10v) ")


@pytest.mark.parametrize("place", ["a", "w"])
def test_a_prompt_that_is_left_alone_shows_what_it_showed(home, place):
    """An empty text in front says so, and that the others come back if they were put aside before."""
    person = Person(home, VIRTUAL_ENV_DISABLE_PROMPT="1")
    theirs_in_v(person, home)
    person.ask(cwd=home / place)
    assert person.prompt == ""
    assert person.replaces[:2] == ("", "(theirs) ")
    person.ask(cwd=home / "plain")
    assert person.replaces[0] == "(theirs) "


@pytest.mark.parametrize("shown", ["theirs", "(theirs) "])
def test_a_name_alone_is_looked_for_as_it_is_shown(person, home, shown):
    """uv's script keeps `theirs`; that alone may be any word of the prompt."""
    person.ask(cwd=home / "v")
    activate(person, home / "envs" / "theirs", name=shown)
    person.ask()
    person.ask(cwd=home / "w")
    assert "(theirs) " in person.replaces
    assert not [text for text in person.replaces if not text.endswith(") ")]


# -- one of conda's beneath -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["w", "k", "b", "x"])
def test_every_kind_covers_one_of_condas(home, root, place):
    """Its name is nowhere; its place on conda's stack stays, from which `conda` itself counts."""
    person = conda(home)
    before = plain(person)
    person.ask(cwd=home / "v")
    conda_activate(person, root, "hand")
    person.ask()
    person.ask(cwd=home / "plain")
    outside = plain(person)
    for _ in range(2):
        person.ask(cwd=home / place)
        assert person.env["WEND_ENV"]
        assert person.env.get("CONDA_DEFAULT_ENV") != "hand"
        assert f"{root}/envs/hand/bin" not in path(person)
        assert "(hand) " in person.replaces
        person.ask()
        assert person.edits == ()
        person.ask(cwd=home / "plain")
        assert plain(person) == outside
    conda_deactivate(person, root)
    person.ask()
    assert plain(person) == {**before, "CONDA_PREFIX_1": ""}


# -- two of theirs --------------------------------------------------------------------------------------------------


def test_of_two_that_were_activated_in_a_project_the_one_that_stays_is_covered_in_the_next(home, root):
    person = conda(home)
    person.ask(cwd=home / "v")
    conda_activate(person, root, "hand")
    person.ask()
    activate(person, home / "envs" / "theirs")
    person.ask()
    person.ask(cwd=home / "plain")
    deactivate(person)
    person.ask()
    assert person.env["CONDA_DEFAULT_ENV"] == "hand"
    person.ask(cwd=home / "w")
    assert person.env["WEND_ENV"]
    assert f"{root}/envs/hand/bin" not in path(person)


def test_what_the_second_would_have_brought_back_is_forgotten_with_it(home, root):
    """The first, over which ours was put before the second came, goes for good."""
    person = conda(home)
    before = plain(person)
    person.ask(cwd=home / "a")
    conda_activate(person, root, "hand")
    person.ask()
    person.ask(cwd=home / "w")
    activate(person, home / "envs" / "theirs")
    person.ask()
    person.ask(cwd=home / "plain")
    deactivate(person)
    person.ask()
    for _ in range(2):
        conda_deactivate(person, root)
        person.ask()
    assert plain(person) == {**before, "CONDA_PREFIX_1": "", "CONDA_PREFIX_2": ""}
    assert "WEND_UNDO" not in person.env
