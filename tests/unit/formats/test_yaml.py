"""YAML as conda's files use it: text stays text, and nothing in a file can make it large, deep or an object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend.formats import yaml


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("name: data", "data"),
        ("name:   data  ", "data"),
        ("name: data # the name", "data"),
        ("name: 'data'", "data"),
        ('name: "data" # c', "data"),
        ('"name": data', "data"),
        ("'name' : data", "data"),
        ("name: 3.10", "3.10"),
        ("name: no", "no"),
        ("name: 'it''s'", "it's"),
        ('name: "d\\u0061t\\x61"', "data"),
        ("name: 'null'", "null"),
        ("name: null", None),
        ("names: data", None),
        ("  name: data\n  channels: [x]", "data"),
        ("{name: data}", "data"),
        ("name:\n  data", "data"),
        ("name: >-\n  data", "data"),
        ("name: &a data", "data"),
        ("prefix: &a data\nname: *a", "data"),
        ("prefix: &a data\nchannels: &a []\nname: *a", None),
        ("prefix: &a data\nchannels: &a\nname: *a", None),
        (f"prefix: &a {'x' * 5000}\nname: *a", None),
        ("name: !!str data", "data"),
        ("? name\n: data", "data"),
        ("x:\n  name: inner", None),
        ("x: |\n  name: inner\nname: data", "data"),
        ("dependencies:\n- python\n- pip:\n  - x\nname: data", "data"),
        ("---\n# c\nname: data", "data"),
        ("%YAML 1.1\n---\nname: data", "data"),
        ("x: 1\n---\nname: second", None),
        ("x: 1\n...\nname: second", None),
        ("\ufeffname: data", "data"),
        ("name: data\n\n# c\n  # c", "data"),
        ("x: &x {name: a}\nname: *x", None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_read(line: str, name: str | None, end: str) -> None:
    assert yaml.scalar(yaml.mapping((line + "\n").replace("\n", end)), "name") == name


@pytest.mark.parametrize(
    "text", ["[name, data]", "name data", "name: a\nname: b", "name: [a]", "name: 'open", "name: a: b", "name: {{ n }}"]
)
def test_what_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        yaml.scalar(yaml.mapping(text), "name")
    assert len(str(caught.value)) < 80
    assert "\n" not in str(caught.value)


def test_an_object_is_never_made() -> None:
    tree = yaml.mapping("name: !!python/object/apply:os.system ['exit 1']\nx: !!python/name:os.system y")
    assert tree == {"name": ["exit 1"], "x": "y"}


def test_aliases_are_not_expanded() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(9))
    tree = yaml.mapping(bomb + "name: data")
    assert tree["name"] == "data"
    assert tree["j"] == [None] * 9


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 60_000 + "\nname: data",
        "a:\n" + "".join(" " * n + "- \n" for n in range(1, 40)) + "name: data",
        "#" * yaml.MAX_SIZE + "#\nname: data",
        "a: [" + "x," * 120_000 + "]\nname: data",
    ],
    ids=["deep", "deep block", "long", "many"],
)
def test_what_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"too long|too deep|nesting depth"):
        yaml.mapping(text)


@pytest.mark.parametrize("quote", ["'", '"', "\\", "name: ", "#", "- ", "  "])
def test_long_values_end(quote: str) -> None:
    try:
        yaml.mapping("name: " + quote * (60_000 // len(quote)))
    except ValueError as error:
        assert str(error)


def test_lists() -> None:
    tree = yaml.mapping("a: [x, 'y z', ~]\nb:\n- /p # c\n- q\nc: text\nd: [[x]]\n")
    assert yaml.items(tree, "a") == ["x", "y z"]
    assert yaml.items(tree, "b") == ["/p", "q"]
    assert yaml.items(tree, "absent") == []
    for key in ("c", "d"):
        with pytest.raises(ValueError, match="plain list"):
            yaml.items(tree, key)


@given(st.text() | st.text(alphabet="name:prfix '\"#-{}[]|>\n\r\t\\~&*!?") | st.text(st.characters(categories=["Cs"])))
def test_any_text_gives_text_or_a_sentence(text: str) -> None:
    try:
        tree = yaml.mapping(text)
        found = yaml.scalar(tree, "name"), yaml.items(tree, "prefix")
    except ValueError as error:
        assert str(error)
    else:
        assert found[0] is None or isinstance(found[0], str)
