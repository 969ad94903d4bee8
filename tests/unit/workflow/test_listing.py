"""What pyproject.toml lists, and values that are not lists: an error, else packages would be missing silently."""

from __future__ import annotations

import pytest

from tests.unit.fixes import is_typed
from wend.errors import WendError
from wend.formats import toml
from wend.workflow import listing

_GROUPS = "[dependency-groups]\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ()),
        ("[project]\ndependencies=['a','b']\n[dependency-groups]\ndev=['b','c']\n", ("a", "b", "c")),
        (_GROUPS + "other=['a']\n", ()),
        (_GROUPS + "Dev=['a',{include-group='Test_Utils'}]\ntest-utils=['b',{include-group='dev'}]\n", ("a", "b")),
    ],
)
def test_what_is_listed(text: str, wanted: tuple[str, ...]) -> None:
    tree = toml.parse(text)
    listing.check(tree, "/p")
    assert listing.dependencies(tree) == wanted


@pytest.mark.parametrize(
    ("text", "what", "below", "line"),
    [
        ("[project]\ndependencies='a>1'", "dependencies is not a list of", "project", 'dependencies = ["a>1"]'),
        ("[project]\ndependencies=['a',3]", "dependencies is not a list of", "project", 'dependencies = ["a"]'),
        (_GROUPS + "dev='a'", "dev is not a list of requirements", "dependency-groups", 'dev = ["a"]'),
        (_GROUPS + "dev=[{include='x'}]", "dev is not a list of requirements", "dependency-groups", "dev = []"),
        (
            _GROUPS + "dev=[{include-group='my-test'}]\nmy-test=3",
            "my-test is not a list of requirements",
            "dependency-groups",
            '"my-test" = []',
        ),
        (
            _GROUPS + "dev=[{include-group='tst'}]",
            "the dependency group dev includes tst, which is not there",
            "dependency-groups",
            '"tst" = []',
        ),
    ],
)
def test_what_is_no_list(text: str, what: str, below: str, line: str) -> None:
    with pytest.raises(WendError) as caught:
        listing.check(toml.parse(text), "/p")
    assert caught.value.what.startswith(f"/p/pyproject.toml: {what}")
    assert caught.value.fix == f"in /p/pyproject.toml, below [{below}], write: {line}"
    assert is_typed(caught.value.fix)
