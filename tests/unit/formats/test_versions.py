"""Versions, ranges and markers that the library packaging does not take well."""

from __future__ import annotations

import pytest

from wend.formats import versions

LONG = "1" * 5000  # digits: Python converts no number of that length


@pytest.mark.parametrize("text", [f">=3.{LONG}", ">=3," * 90_000 + ">=3"])
def test_a_range_that_is_none(text: str) -> None:
    assert not versions.is_range(text)
    assert versions.contains(text, "3.12.1") is None


def test_a_version_that_is_none() -> None:
    assert versions.contains(">=3", f"3.{LONG}") is None


@pytest.mark.parametrize(
    "marker", ["(" * 50_000 + "os_name == 'a'" + ")" * 50_000, f"python_full_version >= '3.{LONG}'"]
)
def test_a_marker_that_is_none(marker: str) -> None:
    assert versions.applies(marker, {"python_full_version": "3.12.1"})
    versions.is_requirement(f"six; {marker}")
    versions.requirement(f"six; {marker}", {"python_full_version": "3.12.1"})
