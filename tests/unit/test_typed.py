"""What stands for `typing` and `re` at run time does what they do, as far as wend uses it."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
import typing
from typing import Any

import pytest

import wend
from wend import typed
from wend.patterns import pattern


class Real(typing.NamedTuple):
    """A tuple."""

    one: int
    two: typing.Optional[str] = None
    three: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        """One and two."""
        return f"{self.one}{self.two}"


class Ours(typed.NamedTuple):
    """A tuple."""

    one: int
    two: typing.Optional[str] = None
    three: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        """One and two."""
        return f"{self.one}{self.two}"


_LATE = """
import sys; sys.path.insert(0, sys.argv[1])
from wend.typed import late, load_late
dotenv, digest = late("wend.formats.dotenv"), late("wend.formats.digest")
print("wend.formats" in sys.modules, callable(dotenv.values), "wend.formats.digest" in sys.modules)
load_late()
print(digest.sha256 is sys.modules["wend.formats.digest"].sha256)
try: digest.none
except AttributeError as error: print(error)
"""


def test_a_module_is_imported_when_something_of_it_is_first_used() -> None:
    source = os.path.dirname(os.path.dirname(wend.__file__))
    done = subprocess.run([sys.executable, "-I", "-c", _LATE, source], capture_output=True, text=True, check=True)
    said = "module 'wend.formats.digest' has no attribute 'none'"
    assert done.stdout == f"False True False\nTrue\n{said}\n"


@pytest.mark.parametrize("kind", [Real, Ours])
def test_named_tuples(kind: Any) -> None:
    made = kind(1, three=("x",))
    assert made == (1, None, ("x",))
    assert (made.one, made.two, made.three, made.both) == (1, None, ("x",), "1None")
    assert repr(made) == f"{kind.__name__}(one=1, two=None, three=('x',))"
    assert made._replace(two="b") == kind(1, "b", ("x",)) == kind._make((1, "b", ("x",)))
    assert made._asdict() == {"one": 1, "two": None, "three": ("x",)}
    assert (kind._fields, kind._field_defaults) == (("one", "two", "three"), {"two": None, "three": ()})
    assert type(copy.copy(made)) is kind
    assert tuple in kind.__mro__
    assert kind.__doc__ == "A tuple."
    assert hash(made) == hash(tuple(made))
    for wrong in (kind, lambda: kind(1, 2, 3, 4), lambda: kind(1, four=4), lambda: kind._make((1,))):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises((TypeError, ValueError)):  # as the version of Python has it
        made._replace(four=4)
    with pytest.raises(AttributeError):
        made.one = 2
    with pytest.raises(AttributeError):
        made.four = 4


def test_the_first_tuple_of_a_class_is_made_as_the_others_are() -> None:
    class Other(typed.NamedTuple):
        one: int = 3

    assert (Other(), Other(4), Other(one=5)) == ((3,), (4,), (5,))


def test_a_class_without_fields_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no fields"):

        class Empty(typed.NamedTuple):
            pass


def test_answers_are_remembered_up_to_a_number() -> None:
    asked: list[int] = []

    @typed.lru_cache(maxsize=2)
    def half(number: int) -> typing.Optional[int]:
        asked.append(number)
        return None if number % 2 else number // 2

    assert [half(4), half(4), half(1), half(1), half(4)] == [2, 2, None, None, 2]
    assert asked == [4, 1]
    assert half(6) == 3  # which takes the place of 4
    assert (half(1), half(4)) == (None, 2)
    assert asked == [4, 1, 6, 4]
    half.cache_clear()
    half(4)
    assert asked[4:] == [4]


def test_patterns_have_what_compiled_ones_have() -> None:
    for method in ("findall", "finditer", "fullmatch", "match", "search", "split", "sub"):
        made = pattern(rb"(?m)^(a+)$")
        real = getattr(re.compile(rb"(?m)^(a+)$"), method)
        words = (b"x", b"a\nb\naa") if method == "sub" else (b"a\nb\naa",)
        mine, theirs = getattr(made, method)(*words), real(*words)
        shown = [list(map(str, found)) if method == "finditer" else str(found) for found in (mine, theirs)]
        assert shown[0] == shown[1]
        assert made.pattern == rb"(?m)^(a+)$"


def test_every_pattern_compiles() -> None:
    """Which would be seen only when it is first used."""
    code = (
        "import pkgutil, re, sys, importlib\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import wend\n"
        "from wend import patterns\n"
        "patterns.pattern = lambda text: made.append(re.compile(text)) or made[-1]\n"
        "made = []\n"
        "for package in ('kinds', 'trust', 'disk', 'shells', 'formats', 'other_tools', 'protocol'):\n"
        "    top = importlib.import_module(f'wend.{package}')\n"
        "    for each in pkgutil.walk_packages(getattr(top, '__path__', ()), top.__name__ + '.'):\n"
        "        importlib.import_module(each.name)\n"
        "print(len(made))"
    )
    source = os.path.dirname(os.path.dirname(os.path.abspath(wend.__file__)))
    done = subprocess.run([sys.executable, "-c", code, source], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 50
