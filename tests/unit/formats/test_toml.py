"""TOML that its library reads too slowly."""

from __future__ import annotations

import time

import pytest

from wend.formats import toml


@pytest.mark.parametrize("form", ["{}x = 1", "[{}x]", "[[{}x]]", "a = {{ {}x = 1 }}"])
@pytest.mark.parametrize("part", ["a.", '"a b".', "'a' . "])
def test_a_key_of_more_parts_than_a_person_writes(form: str, part: str) -> None:
    assert toml.parse(form.format(part * 63))
    with pytest.raises(ValueError, match="a key has too many parts"):
        toml.parse(form.format(part * 64))


def test_text_and_numbers_are_not_keys() -> None:
    text = f"a = [{'1.5, ' * 200}]\nb = '{'x. y. z! ' * 100}'\n# {'.' * 200}\n"
    assert len(toml.parse(text)) == 2


@pytest.mark.parametrize(
    "before",
    [
        "",
        "a = '\"'\n",
        'a = """\n"\n"""\n',
        'a = """b""""\n',
        "a = '''b'''''\n",
        '# "\n',
        'a = "\\\\"\n',
        'a = """\\""""\n',
    ],
)
def test_quotes_within_a_key_do_not_hide_its_length(before: str) -> None:
    part = '"\\"\\\\".'
    assert toml.parse(f"{before}{part * 63}x = 1")
    with pytest.raises(ValueError, match="a key has too many parts"):
        toml.parse(f"{before}{part * 64}x = 1")


@pytest.mark.parametrize(
    "text", ['"' + '\\"' * 100_000, '"\\"".' * 60 + "x\n", "a" * 200_000, '"a" "' * 50_000, '"""' * 60_001]
)
def test_the_length_of_a_key_is_looked_for_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r".+"):
        toml.parse(f"{'.' * 64}{text}")
    assert time.process_time() - began < 5
