"""What `quote` writes is one word, byte for byte, in the real shell however it is set; and nothing in it runs."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.shells.shells import WAYS, Way, run
from wend.shells import SHELLS

HOSTILE = (
    "",
    "=ls",
    "~",
    "~root/x",
    "-n",
    "a\\",
    "\\'",
    "'",
    "''",
    "a'b''c",
    '"',
    "x'$(touch pwned)'y",
    "$(touch pwned)",
    "(touch pwned)",
    "`touch pwned`",
    "';touch pwned;'",
    "\\'; touch pwned; '",
    "é\\'; touch pwned; '",
    "${HOME}$HOME",
    "*",
    "?[a]{b,c}",
    "!!",
    "^x^y",
    "#x",
    "a #x",
    "line\nline",
    "trailing\n",
    "\n\n",
    " lead and trail ",
    "\ttab\r\x1b]0;x\x07",
    "\u2019quote\u2018\u201a\u201b",
    "\u202ebidi\u2066",
    "\ufdd2HOME",
    "\ufdd0*",
    "\uf600\uf6ff\uf7ff",
    "\ufeff\ufffd\ufffe\U0010ffff\U0001f40d",
    "e\u0301 é 漢",
    "\udcff\udcfe",
    "\udcc3(",
    "\udced\udca0\udc80",
    "%F{red}%n%(?.a.b)",
    "\\x41\\X41\\u0041\\101\\c",
    *(os.fsdecode(bytes([byte])) for byte in range(1, 256)),
    os.fsdecode(bytes(range(1, 256))),
    os.fsdecode(bytes(range(255, 0, -1))),
)

# As an argument, and as the value of an exported variable.
_FORMS = {
    "bash": ("printf '%s\\0' {0}\n", "export A={0}; printf '%s\\0' \"$A\"\n"),
    "zsh": ("printf '%s\\0' {0}\n", "\\builtin export A={0}; printf '%s\\0' \"$A\"\n"),
    "fish": ("printf '%s\\0' {0}\n", "set -gx A {0}; printf '%s\\0' $A\n"),
}


def _survive(way: Way, values: list[str], home: str) -> None:
    quote = SHELLS[way.shell].quote
    script = "".join(form.format(quote(value)) for value in values for form in _FORMS[way.shell])
    got = run(way, script, home).split(b"\0")[:-1]
    assert got == [os.fsencode(value) for value in values for _ in _FORMS[way.shell]]
    assert "pwned" not in os.listdir(home)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_hostile_string_survives(way: Way, need: Any, tmp_path: Any) -> None:
    need(way.shell)
    _survive(way, list(HOSTILE), str(tmp_path))


_TEXT = st.binary(max_size=12).map(lambda data: os.fsdecode(data.replace(b"\0", b""))) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from("'\"\\$`(){}[]=~;\n\ufdd2\uf601"),
    max_size=12,
)


@pytest.mark.parametrize("way", WAYS, ids=str)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=st.lists(_TEXT, min_size=20, max_size=60))
def test_any_string_survives(way: Way, need: Any, values: list[str]) -> None:
    need(way.shell)
    with tempfile.TemporaryDirectory() as home:
        _survive(way, values, home)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_words_are_printable_ascii(shell: str) -> None:
    """So that no locale, no encoding and no internal code point of the shell can read them otherwise."""
    for value in HOSTILE:
        word = SHELLS[shell].quote(value)
        assert word.isascii(), value
        assert word.isprintable(), value
