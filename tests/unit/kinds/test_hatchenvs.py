"""hatch's tables of environments: what a name stands for, and which options it has."""

from __future__ import annotations

from typing import Any

import pytest

from wend.formats import toml
from wend.kinds import hatchenvs

ENV = {"CI": "true", "EMPTY": ""}


def _named(text: str, name: str = "default") -> dict[str, Any]:
    """Return {name: path} of what NAME stands for in the tables TEXT."""
    found = hatchenvs.named(toml.parse(text), name, ENV)
    return {each.name: each.options.get("path") for each in found}


def test_options_come_from_the_template() -> None:
    tables = """
        default.path = "d"
        plain = {}
        own.path = "o"
        alone.detached = true
        below.template = "own"
        circle = { template = "of" }
        of = { template = "circle", path = "c" }
        lost.template = "nowhere"
        odd.template = 3
    """
    wanted = {"default": "d", "plain": "d", "own": "o", "alone": None, "below": "o", "circle": "c", "odd": None}
    assert {name: _named(tables, name)[name] for name in wanted} == wanted
    assert _named(tables, "other") == {}
    assert _named(tables, "hatch-test") == {"hatch-test": None}


def test_a_matrix_makes_one_environment_of_each_combination() -> None:
    tables = """
        [[default.matrix]]
        version = ["1", "2"]
        python = ["3.11", "pypy3"]
        [[default.matrix]]
        py = ["3.12"]
        [[test.matrix]]
        a = ["x"]
    """
    assert list(_named(tables)) == ["py3.11-1", "py3.11-2", "pypy3-1", "pypy3-2", "py3.12"]
    assert list(_named(tables, "py3.11-2")) == ["py3.11-2"]
    assert _named(tables, "py3.11") == {}
    assert list(_named(tables, "test")) == ["test.x"]
    tables = 'test.matrix-name-format = "{variable}_{value}"\n[[test.matrix]]\na = ["x"]\nb = ["y"]\n'
    assert list(_named(tables, "test.a_x-b_y")) == ["test.a_x-b_y"]


def test_a_matrix_is_not_inherited() -> None:
    assert _named('[[default.matrix]]\npython = ["3.12"]\n[other]\n', "other") == {"other": None}


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ('matrix.v.path = "text"', "text"),
        ('matrix.v.path = { value = "all" }', "all"),
        ('matrix.v.path = { value = "a", if = ["a"] }', "a"),
        ('matrix.v.path = { value = "b", if = ["b"] }', "d"),
        ('matrix.v.path = [{ value = "b", if = ["b"] }, { value = "a", if = ["a"] }, "rest"]', "a"),
        ('matrix.v.set-path = "set"', "set"),
        ('matrix.other.path = "x"', "d"),
        ('matrix.v.path = { value = "x", platform = ["plan9"] }', "d"),
        ('matrix.v.path = { value = "x", env = ["CI"] }', "x"),
        ('matrix.v.path = { value = "x", env = ["CI=true", "EMPTY="] }', "x"),
        ('matrix.v.path = { value = "x", env = ["CI=false"] }', "d"),
        ('matrix.v.path = { value = "x", env = ["CI", "OTHER"] }', "d"),
        ('matrix.v.path = { value = "x", env = [3] }', "d"),
        ('env.CI.path = "ci"', "ci"),
        ('env.EMPTY.path = "empty"', "empty"),
        ('env.OTHER.path = "x"', "d"),
        ('env.CI.path = [{ value = "x", if = ["false"] }, { value = "ci", if = ["true"] }]', "ci"),
        ('env.CI.set-path = "ci"\noverrides.matrix.v.path = "later"', "later"),
        ("matrix.v.path = 3", "d"),
        ('name."^py3.12-a$".path = "named"', "named"),
        ('name."-a$".path = "named"', "named"),
        ('name."-b".path = "named"', "d"),
        ('name."(a+)+$".path = "not looked at"', "d"),
        (f'platform.{hatchenvs.PLATFORM}.path = "here"', "here"),
        ('platform.plan9.path = "x"', "d"),
    ],
)
def test_overrides(overrides: str, path: str) -> None:
    tables = f'[default]\npath = "d"\noverrides.{overrides}\n[[default.matrix]]\npython = ["3.12"]\nv = ["a"]\n'
    assert _named(tables) == {"py3.12-a": path}


def test_the_variables_that_overrides_depend_on_are_named() -> None:
    tables = """
        [default.overrides]
        env.CI.path = "x"
        env."not a name".path = "x"
        matrix.v.path = [{ value = "x", env = ["B=1", 3] }, "y"]
        name.x.set-path = { value = "x", env = ["C"] }
        [other.overrides]
        platform.linux.type = { value = "x", env = ["D"] }
        [odd]
        overrides = 3
        [odder.overrides]
        env = 3
        matrix.v = [3]
    """
    assert hatchenvs.variables(toml.parse(tables)) == ("CI", "B", "C", "D")
    many = "".join(f'default.overrides.env.V{number}.path = "x"\n' for number in range(100))
    assert len(hatchenvs.variables(toml.parse(many))) == 16


@pytest.mark.parametrize(
    "tables",
    [
        "default = 3",
        "default.matrix = 3",
        "default.matrix = [3]",
        "[[default.matrix]]\na = 3",
        "[[default.matrix]]\na = [3]",
        "[[default.matrix]]\n",
        '[[default.matrix]]\na = ["x"]\n[default.overrides]\nmatrix = 3\nname = 3\nplatform = 3\n',
        '[[default.matrix]]\na = ["x"]\n[default.overrides.matrix]\na = 3\n',
    ],
)
def test_wrong_types_are_no_error(tables: str) -> None:
    _named(tables)


def test_a_huge_matrix_is_cut() -> None:
    values = ", ".join(f'"{number}"' for number in range(200))
    tables = "[[default.matrix]]\n" + "\n".join(f"v{number} = [{values}]" for number in range(30))
    assert len(_named(tables)) == 500
    assert _named(f'[[default.matrix]]\na = ["{"x" * 101}"]\n') == {}


def test_a_matrix_of_more_variables_than_a_person_writes_makes_nothing() -> None:
    lists = "".join(f'v{number} = ["x"]\n' for number in range(33))
    assert _named(f"[[default.matrix]]\n{lists}") == {}
    assert _named(f'[[default.matrix]]\n{"v" * 101} = ["x"]\n') == {}


@pytest.mark.parametrize("source", ["name", "matrix"])
def test_so_many_overrides_are_looked_at_and_no_more(source: str) -> None:
    for others, path in ((31, "own"), (32, None)):
        lines = "".join(f'{source}.v{number}.path = "x"\n' for number in range(others))
        found = _named(f'[[default.matrix]]\na = ["a"]\n[default.overrides]\n{lines}{source}.a.path = "own"\n')
        assert found["a"] == path
    entries = ", ".join(['{ value = "x", if = ["b"] }'] * 32)
    text = f'[[default.matrix]]\na = ["a"]\n[default.overrides]\n{source}.a.path = [{entries}, "own"]\n'
    assert _named(text)["a"] is None
