"""Versions as a dependency of conda's asks for them; those of Python are in tests/unit/kinds/test_asked.py."""

from __future__ import annotations

import pytest

from wend.formats import matchspec


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("1.3.1", "=1.3.*", True), ("1.3.1", "==1.3.*", True), ("1.30", "=1.3", False), ("1.3.1", "=1.2|=1.3", True),
        ("2024a", "=2024a", True), ("2024a", "=2024b", False), ("2024a", "=2024a=h1_0", True), ("9e", ">=9d", None),
        ("1.3.0", "==1.3", True), ("1.3", "=1.3.0", True), ("1.3.1", "1.3.1", None), ("1", "", True),
        ("1.3.1", "=" * 300, None), ("1.3.1", f"={'.' * 150}", None),
    ],
)  # fmt: skip
def test_fits(version: str, wanted: str, fits: bool | None) -> None:
    assert matchspec.fits(version, wanted) is fits
