"""Which Python the dependencies of an environment.yml ask for."""

from __future__ import annotations

import pytest

from wend.kinds.conda import asked

DEPENDENCIES = [
    ("python", None), ("python=3.11", True), ("python=3.1", False), ("python=3.12", False), ("python=3.11.*", True),
    ("python==3.11.7", True), ("python==3.11", False), ("python=3.11.7=h1_cpython", True), ("python >=3.9,<3.12", True),
    ("python>=3.12", False), ("python<3.10|>=3.12", False), ("python=3.10|=3.11", True),
    ("defaults::python=3.12", False),
    ("python-dateutil=2", None), ("python 3.12", None), ("python[version='>=3.12']", None), ("python=", None),
    ("cpython=3.12", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fits"), DEPENDENCIES)
def test_a_dependency(text: str, fits: bool | None) -> None:
    assert asked.fits(text, "3.11.7") is fits


@pytest.mark.parametrize("text", ["", " ", "x", "^", "\x00", "python>=3.9;x", "python=3.9 " * 100, "||"])
def test_what_is_not_understood_says_nothing(text: str) -> None:
    assert asked.fits(text, "3.11.7") is None


def test_nothing_is_said_of_an_unknown_version() -> None:
    assert asked.fits("python=3.12", None) is None
