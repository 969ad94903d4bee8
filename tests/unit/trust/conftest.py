from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture()
def home(tmp_path: Path) -> Path:
    """Return a home directory by its real path, as the shells of most people spell it."""
    path = tmp_path.resolve() / "home"
    path.mkdir(mode=0o700)
    return path
