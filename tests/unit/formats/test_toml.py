"""TOML that its library reads too slowly."""

from __future__ import annotations

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
