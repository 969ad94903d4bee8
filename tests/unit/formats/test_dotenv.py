"""`.env` files, read as pipenv's python-dotenv reads them."""

from __future__ import annotations

import time

import pytest

from wend.formats import dotenv

# What python-dotenv 1.2 says of each, seen with it.
READ = [
    ("A=1", {"A": "1"}),
    ("export A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ("  A = 1 ", {"A": "1"}),
    ("'A'=1", {"A": "1"}),
    ("A=1 # no", {"A": "1"}),
    ("A=1# yes", {"A": "1# yes"}),
    ("A=# yes", {"A": "# yes"}),
    ("A=", {"A": ""}),
    ("A", {}),
    ("# A=1", {}),
    ("XA=1", {}),
    ("A='it \\' is' # c", {"A": "it ' is"}),
    ('A="a\\"b\\nc" # c', {"A": 'a"b\nc'}),
    ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
    ("A=1\nA=2", {"A": "2"}),
    ("A=${HOME}/x", {"A": "/h/x"}),
    ("A='${HOME}/x'", {"A": "/h/x"}),
    ("A=$HOME/x", {"A": "$HOME/x"}),
    ("A=${NONE:-word}/x", {"A": "word/x"}),
    ("A=${NONE}/x", {"A": "/x"}),
    ("A=1\nB=${A}2", {"A": "1", "B": "12"}),
    ("\ufeffA=1", {"A": "1"}),
]


@pytest.mark.parametrize(("text", "found"), READ)
def test_read_as_python_dotenv_does(text: str, found: dict[str, str]) -> None:
    assert dotenv.values(text, ("A", "B"), {"HOME": "/h"}) == found


def test_a_quote_that_never_ends_is_not_looked_for_to_the_end() -> None:
    text = "A='" + "\\'x" * 20000 + "\nA=1\n"
    assert dotenv.values(text * 3, ("A",), {})["A"] == "1"


@pytest.mark.parametrize("text", ["a" + " " * 60000 + "b", "${" * 30000, "${a:-" * 12000])
def test_a_value_does_not_choose_how_long_it_is_looked_at(text: str) -> None:
    began = time.process_time()
    assert dotenv.values(f"A={text}", ("A",), {}) == {"A": text}
    assert time.process_time() - began < 2


def test_a_value_that_doubles_itself_does_not_fill_the_memory() -> None:
    text = "A=0123456789\n" + 'A="${A}${A}"\n' * 400
    assert len(dotenv.values(text, ("A",), {})["A"]) < 1 << 16
    assert dotenv.values("A=${B}${B}", ("A",), {"B": "x" * 1000}) == {"A": "x" * 2000}


def test_not_every_reference_of_a_long_value_is_followed() -> None:
    assert len(dotenv.values(f"A={'${B}' * 10_000}", ("A",), {"B": "x" * 100_000})["A"]) < 1 << 16
