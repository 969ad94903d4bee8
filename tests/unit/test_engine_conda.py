"""conda's stack and wend's record: base beneath, `conda` typed by the user on top, scripts in order."""

from __future__ import annotations

import venv

import pytest

from tests.unit.test_engine import Person
from wend.model import Source
from wend.shells import DeactivateFunction


def environment(path):
    (path / "conda-meta").mkdir(parents=True)
    (path / "bin").mkdir()
    (path / "conda-meta" / "history").write_text("")
    for when in ("activate.d", "deactivate.d"):
        (path / "etc" / "conda" / when).mkdir(parents=True)
        (path / "etc" / "conda" / when / "x.sh").write_text("")
    return path


def conda_home(home):
    """Make HOME with a conda in it, its environments a, b and hand, and the projects a and b that name theirs."""
    root = environment(home / "miniconda3")
    (root / "bin" / "conda").write_text("")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{root}\n")
    for name in ("a", "b", "hand"):
        environment(root / "envs" / name)
    for name in ("a", "b"):
        (home / name).mkdir()
        (home / name / "environment.yml").write_text(f"name: {name}\n")
    return home


@pytest.fixture
def home(tmp_path):
    home = conda_home(tmp_path / "home")
    (home / "hand").mkdir()
    (home / "base").mkdir()
    (home / "base" / "environment.yml").write_text("name: base\n")
    return home


@pytest.fixture
def root(home):
    return str(home / "miniconda3")


@pytest.fixture
def person(home, root):
    """At a shell with conda's hook loaded and base active."""
    return Person(
        home,
        PATH=f"/first:{root}/bin:{root}/condabin:/usr/bin",
        CONDA_PREFIX=root,
        CONDA_SHLVL="1",
        CONDA_DEFAULT_ENV="base",
        CONDA_PROMPT_MODIFIER="(base) ",
        CONDA_EXE=f"{root}/bin/conda",
        _CONDA_EXE=f"{root}/bin/conda",
        CONDA_PYTHON_EXE=f"{root}/bin/python",
        _CONDA_ROOT=root,
        _CE_M="",
        _CE_CONDA="",
    )


def conda_activate(person, root, name):
    """What `conda activate NAME` typed by the user does."""
    env, old = person.env, person.env["CONDA_PREFIX"]
    prefix = f"{root}/envs/{name}" if name != "base" else root
    level = int(env["CONDA_SHLVL"])
    if level == 0:
        env.update(CONDA_PREFIX=prefix, CONDA_SHLVL="1", CONDA_DEFAULT_ENV=name, CONDA_PROMPT_MODIFIER=f"({name}) ")
        env["PATH"] = f"{prefix}/bin:{env['PATH']}"
        return
    env.update({f"CONDA_PREFIX_{level}": old, "CONDA_PREFIX": prefix, "CONDA_SHLVL": str(level + 1)})
    env.update(CONDA_DEFAULT_ENV=name, CONDA_PROMPT_MODIFIER=f"({name}) ")
    env["PATH"] = env["PATH"].replace(f"{old}/bin", f"{prefix}/bin", 1)


def conda_deactivate(person, root):
    """What `conda deactivate` typed by the user does."""
    env, old = person.env, person.env["CONDA_PREFIX"]
    level = int(env["CONDA_SHLVL"]) - 1
    if level == 0:
        env.update(CONDA_PREFIX="", CONDA_SHLVL="0", CONDA_DEFAULT_ENV="", CONDA_PROMPT_MODIFIER="")
        path = env["PATH"].split(":")
        path.remove(f"{old}/bin")
        env["PATH"] = ":".join(path)
        return
    prefix, env[f"CONDA_PREFIX_{level}"] = env[f"CONDA_PREFIX_{level}"], ""
    name = "base" if prefix == root else prefix.rpartition("/")[2]
    env.update(CONDA_PREFIX=prefix, CONDA_SHLVL=str(level), CONDA_DEFAULT_ENV=name)
    env["CONDA_PROMPT_MODIFIER"] = f"({name}) "
    env["PATH"] = env["PATH"].replace(f"{old}/bin", f"{prefix}/bin", 1)


def scripts(person, root):
    """The scripts of the last reply, and where PATH and the other variables changed among them."""
    seen = []
    for edit in person.edits:
        word = "PATH" if getattr(edit, "name", "") == "PATH" else "variables"
        if isinstance(edit, Source):
            prefix, _, rest = edit.path.partition("/etc/conda/")
            word = f"{prefix.rpartition('/')[2]} {'on' if rest.startswith('activate') else 'off'}"
        if word not in seen:
            seen.append(word)
    return seen


def test_enter_switch_leave_with_base_beneath(person, home, root):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    assert person.env["PATH"] == f"/first:{root}/envs/a/bin:{root}/condabin:/usr/bin"
    assert (person.env["CONDA_SHLVL"], person.env["CONDA_PREFIX_1"]) == ("2", root)
    person.ask(cwd=home / "b")
    assert person.env["PATH"] == f"/first:{root}/envs/b/bin:{root}/condabin:/usr/bin"
    assert (person.env["CONDA_SHLVL"], person.env["CONDA_PREFIX_1"]) == ("2", root)
    person.ask(cwd=home)
    assert person.env == before


def test_scripts_run_in_condas_order_those_of_base_too(person, home, root):
    person.ask(cwd=home / "a")
    assert scripts(person, root) == ["miniconda3 off", "PATH", "variables", "a on"]
    person.ask()
    assert scripts(person, root) == []
    person.ask(cwd=home / "b")
    assert scripts(person, root) == ["a off", "PATH", "variables", "b on"]
    person.ask(cwd=home)
    assert scripts(person, root) == ["PATH", "b off", "variables", "miniconda3 on"]


def test_scripts_without_anything_beneath(home, root):
    person = Person(home)
    person.ask(cwd=home / "a")
    assert scripts(person, root) == ["PATH", "variables", "a on"]
    person.ask(cwd=home)
    assert scripts(person, root) == ["PATH", "a off", "variables"]


def test_what_auto_stack_leaves_in_path_is_not_left(person, home, root):
    person.env["CONDA_AUTO_STACK"] = "1"
    before = dict(person.env)
    for name in ("a", "b", "a"):
        person.ask(cwd=home / name)
        assert [word for word in scripts(person, root) if "miniconda3" in word] == []
        assert person.env["PATH"] == f"{root}/envs/{name}/bin:/first:{root}/bin:{root}/condabin:/usr/bin"
    person.ask(cwd=home)
    assert scripts(person, root) == ["PATH", "a off", "variables", "miniconda3 on"]
    assert person.env == before


def test_scripts_when_base_itself_is_wanted(person, home, root):
    del person.env["CONDA_EXE"]
    before = dict(person.env)
    person.ask(cwd=home / "base")
    assert scripts(person, root) == ["variables"]
    person.ask(cwd=home / "a")
    assert [word for word in scripts(person, root) if " " in word] == ["miniconda3 off", "a on"]
    person.ask(cwd=home / "base")
    assert [word for word in scripts(person, root) if " " in word] == ["a off", "miniconda3 on"]
    person.ask(cwd=home)
    assert scripts(person, root) == ["variables"]
    assert person.env == before


def test_scripts_off_run_though_the_file_names_another_by_now(person, home, root):
    person.ask(cwd=home / "a")
    (home / "a" / "environment.yml").write_text("name: b\n")
    person.ask()
    assert [word for word in scripts(person, root) if " " in word] == ["a off", "b on"]


def test_scripts_that_others_may_write_do_not_run(person, home, root):
    (home / "miniconda3" / "etc" / "conda" / "deactivate.d").chmod(0o777)
    person.ask(cwd=home / "a")
    assert scripts(person, root) == ["PATH", "variables", "a on"]
    (home / "miniconda3" / "envs" / "b" / "etc" / "conda" / "activate.d" / "x.sh").chmod(0o666)
    person.ask(cwd=home / "b")
    assert [word for word in scripts(person, root) if " " in word] == ["a off"]
    assert person.env["CONDA_PREFIX"] == root


def test_a_planted_record_runs_nothing_from_outside_the_stores(home, root):
    environment(home / "evil")
    person = Person(home)
    person.env["WEND_UNDO"] = f'{{"v":1,"active":["conda","n","{home}/evil","{home}"]}}'
    person.ask()
    assert scripts(person, root) == []


def test_conda_deactivate_keeps_it_off_until_left(person, home, root):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    conda_deactivate(person, root)
    person.ask()
    assert scripts(person, root) == []  # conda ran them
    assert person.deactivate == DeactivateFunction.REMOVE
    assert {k: v for k, v in person.env.items() if k != "WEND_UNDO"} == {**before, "CONDA_PREFIX_1": ""}
    person.ask()
    assert person.env["CONDA_PREFIX"] == root
    person.ask(cwd=home)
    person.ask(cwd=home / "a")
    assert person.env["CONDA_DEFAULT_ENV"] == "a"


def test_conda_deactivate_with_nothing_beneath(home, root):
    person = Person(home)
    person.ask(cwd=home / "a")
    person.env.update(CONDA_PREFIX="", CONDA_SHLVL="0", CONDA_DEFAULT_ENV="", CONDA_PROMPT_MODIFIER="")
    person.env["PATH"] = "/usr/bin:/bin"
    person.ask()
    assert (person.env["PATH"], person.env["CONDA_PREFIX"], person.edits[:0]) == ("/usr/bin:/bin", "", ())
    assert scripts(person, root) == ["variables"]


def test_another_activated_on_top_comes_and_goes(person, home, root):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    inside = dict(person.env)
    conda_activate(person, root, "hand")
    person.ask()
    assert person.edits == ()
    conda_deactivate(person, root)
    person.ask()
    assert {k: v for k, v in person.env.items() if k != "WEND_UNDO"} == {
        **{k: v for k, v in inside.items() if k != "WEND_UNDO"},
        "CONDA_PREFIX_2": "",
    }
    person.ask(cwd=home)
    assert person.env == {**before, "CONDA_PREFIX_2": ""}


def test_leaving_with_another_on_top_leaves_condas_stack_whole(person, home, root):
    person.ask(cwd=home / "a")
    conda_activate(person, root, "hand")
    person.ask()
    stack = {k: v for k, v in person.env.items() if not k.startswith("WEND_")}
    person.ask(cwd=home)
    assert {k: v for k, v in person.env.items() if not k.startswith("WEND_")} == stack
    conda_deactivate(person, root)
    conda_deactivate(person, root)
    assert person.env["PATH"] == f"/first:{root}/bin:{root}/condabin:/usr/bin"


def test_another_on_top_and_on_to_the_next_project(person, home, root):
    person.ask(cwd=home / "a")
    conda_activate(person, root, "hand")
    person.ask()
    on_top = dict(person.env)
    person.ask(cwd=home / "b")
    assert (person.env["CONDA_SHLVL"], person.env["CONDA_PREFIX_3"]) == ("4", f"{root}/envs/hand")
    assert person.env["PATH"] == f"/first:{root}/envs/b/bin:{root}/condabin:/usr/bin"
    person.ask(cwd=home)
    assert person.env["CONDA_PREFIX_1"] == root
    assert person.env["PATH"] == on_top["PATH"]


def test_base_activated_on_top_keeps_it_off(person, home, root):
    person.ask(cwd=home / "a")
    conda_activate(person, root, "base")
    stack = {k: v for k, v in person.env.items() if not k.startswith("WEND_")}
    for cwd in (home / "a", home):
        person.ask(cwd=cwd)
        assert {k: v for k, v in person.env.items() if not k.startswith("WEND_")} == stack


def test_base_activated_on_top_and_deactivated_again(person, home, root):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    inside = dict(person.env)
    conda_activate(person, root, "base")
    person.ask()
    conda_deactivate(person, root)
    person.env.pop("CONDA_PREFIX_2")
    person.ask()
    assert person.env == inside
    person.ask(cwd=home)
    assert person.env == before


def test_a_new_shell_whose_start_up_file_activates_base(person, home, root):
    person.ask(cwd=home / "a")
    pane = person.copy()
    conda_activate(pane, root, "base")
    rc = {k: v for k, v in pane.env.items() if not k.startswith("WEND_")}
    pane.ask()
    assert (pane.env["CONDA_DEFAULT_ENV"], pane.env["CONDA_SHLVL"], pane.env["CONDA_PREFIX_3"]) == (
        "a",
        "4",
        root,
    )
    assert pane.env["PATH"] == f"/first:{root}/envs/a/bin:{root}/condabin:/usr/bin"
    pane.ask(cwd=home)
    assert pane.env == rc


def test_a_new_shell_that_only_inherits(person, home, root):
    before = dict(person.env)
    person.ask(cwd=home / "a")
    inside = dict(person.env)
    pane = person.copy()
    pane.ask()
    assert scripts(pane, root) == []
    assert pane.env == inside
    pane.ask(cwd=home)
    assert pane.env == before


def test_variables_of_the_environment_are_asked_for_and_put_back(person, home, root):
    (home / "miniconda3" / "envs" / "a" / "conda-meta" / "state").write_text('{"env_vars": {"FOO": "x", "BAR": "y"}}')
    person.env["FOO"] = "mine"
    before = dict(person.env)
    person.ask(cwd=home / "a")
    assert (person.env["FOO"], person.env["BAR"], person.env["__CONDA_SHLVL_1_FOO"]) == ("x", "y", "mine")
    person.ask(cwd=home)
    assert person.env == before


def test_no_prompt_where_conda_has_none(person, home):
    person.ask(cwd=home / "a")
    assert person.prompt == "(a) "
    (home / ".condarc").write_text("changeps1: false\n")
    person.ask(cwd=home / "b")
    assert (person.env["WEND_ENV"], person.prompt) == ("b", "")


def test_scripts_off_are_judged_when_they_run(person, home, root):
    person.ask(cwd=home / "a")
    (home / "miniconda3" / "envs" / "a" / "etc" / "conda" / "deactivate.d" / "x.sh").chmod(0o666)
    person.ask(cwd=home)
    assert scripts(person, root) == ["PATH", "variables", "miniconda3 on"]


def test_what_is_replaced_in_the_prompt_is_the_text_beneath(person, home, root):
    """At every question, not at the first alone: the answer may be the one that draws the prompt."""
    (home / "a" / "sub").mkdir()
    for cwd in ("a", "a/sub", "b", "a"):
        person.ask(cwd=home / cwd)
        assert (person.prompt, person.replaces) == (f"({cwd[0]}) ", ("(base) ",))
    (home / "a" / "environment.yml").write_text("name: a\nchannels: []\n")
    person.ask()
    assert (person.prompt, person.replaces) == ("(a) ", ("(base) ",))
    person.copy().ask()
    assert (person.prompt, person.replaces) == ("(a) ", ("(base) ",))
    person.ask(cwd=home)
    assert (person.prompt, person.replaces) == ("", ())


def test_nothing_is_replaced_with_nothing_beneath(home, root):
    person = Person(home)
    for cwd in ("a", "b", "a"):
        person.ask(cwd=home / cwd)
        assert (person.prompt, person.replaces) == (f"({cwd}) ", ())


def test_nothing_of_conda_is_replaced_by_a_venv(person, home, root):
    venv.create(home / "v" / ".venv", with_pip=False)
    person.ask(cwd=home / "a")
    person.ask(cwd=home / "v")
    assert (person.prompt, person.replaces) == ("(.venv) ", ())
    assert person.env["CONDA_PROMPT_MODIFIER"] == "(base) "


def test_another_on_top_is_replaced_in_the_next_project(person, home, root):
    person.ask(cwd=home / "a")
    conda_activate(person, root, "hand")
    person.ask()
    person.ask(cwd=home / "b")
    assert (person.prompt, person.replaces) == ("(b) ", ("(hand) ",))
    person.ask(cwd=home)
    assert person.env["CONDA_PROMPT_MODIFIER"] == "(hand) "


def test_base_that_the_project_names_is_deactivated(person, home, root):
    person.ask(cwd=home / "base")
    assert person.env["PATH"] == f"/first:{root}/bin:{root}/condabin:/usr/bin"
    conda_deactivate(person, root)
    for cwd in (home / "base", home):
        person.ask(cwd=cwd)
        assert person.env["PATH"] == f"/first:{root}/condabin:/usr/bin"
        assert (person.env["CONDA_PREFIX"], person.env["CONDA_SHLVL"], person.prompt) == ("", "0", "")
    person.ask(cwd=home / "base")
    assert person.env["PATH"] == f"{root}/bin:/first:{root}/condabin:/usr/bin"
    assert (person.env["CONDA_PREFIX"], person.env["CONDA_SHLVL"], person.prompt) == (root, "1", "(base) ")
    person.ask(cwd=home)
    assert person.env["PATH"] == f"/first:{root}/condabin:/usr/bin"
    assert (person.env["CONDA_PREFIX"], person.env["CONDA_SHLVL"]) == ("", "0")


def test_base_that_the_project_names_is_activated_again(person, home, root):
    person.ask(cwd=home / "base")
    conda_deactivate(person, root)
    person.ask()
    conda_activate(person, root, "base")
    for cwd in (home / "base", home, home / "base", home):
        person.ask(cwd=cwd)
        assert person.env["PATH"].split(":").count(f"{root}/bin") == 1


def test_asking_again_touches_nothing_but_what_conda_has_rewritten(person, home, root):
    person.ask(cwd=home / "a")
    person.env["PATH"] = "/mine:/usr/bin"
    person.ask()
    assert person.edits == ()
    person.env["CONDA_PROMPT_MODIFIER"] = "(other) "
    person.ask()
    assert person.env["CONDA_PROMPT_MODIFIER"] == "(a) "


def test_an_entry_in_place_that_the_user_removed_does_not_come_back(person, home, root):
    person.ask(cwd=home / "base")
    person.env["PATH"] = "/usr/bin"
    person.ask(cwd=home)
    assert person.env["PATH"] == "/usr/bin"


def test_the_projects_own_activated_before_is_not_taken_over(home, root):
    """As in a terminal that inherits it: conda counts its levels, and its own `deactivate` leads down."""
    prefix = f"{root}/envs/a"
    person = Person(
        home,
        PATH=f"{prefix}/bin:{root}/condabin:/usr/bin",
        CONDA_PREFIX=prefix,
        CONDA_SHLVL="1",
        CONDA_DEFAULT_ENV="a",
        CONDA_PROMPT_MODIFIER="(a) ",
        CONDA_EXE=f"{root}/bin/conda",
        _CONDA_ROOT=root,
    )
    before = dict(person.env)
    person.ask(cwd=home / "a")
    assert not person.adopt
    assert "WEND_ENV" not in person.env
    assert person.env["PATH"] == before["PATH"]
    person.ask(cwd=home)
    assert (person.env["CONDA_PREFIX"], person.env["PATH"]) == (prefix, before["PATH"])
