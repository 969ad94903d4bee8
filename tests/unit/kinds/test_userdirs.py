"""Where tools keep what is the user's, compared with the library by which they find it."""

from __future__ import annotations

import os

import pytest
from platformdirs import windows

from wend.context import Context
from wend.disk import Disk
from wend.kinds import userdirs
from wend.settings import Settings

_FOLDERS = {"CSIDL_LOCAL_APPDATA": "Local", "CSIDL_APPDATA": "Roaming"}


@pytest.mark.parametrize(
    ("tool", "author", "roaming"), [("pypoetry", False, True), ("hatch", False, False), ("pdm", None, False)]
)
def test_on_windows(monkeypatch: pytest.MonkeyPatch, tool: str, author: object, roaming: bool) -> None:
    """AUTHOR and ROAMING are what the tool passes: poetry's locations.py, hatch's and PDM's config."""
    home = os.path.abspath(os.sep + "h")
    monkeypatch.setattr(windows, "get_win_folder", lambda name: os.path.join(home, "AppData", _FOLDERS[name]))
    kept = windows.Windows(tool, author, roaming=roaming)  # type: ignore[arg-type]
    cached = windows.Windows(tool, author)  # type: ignore[arg-type]
    context = Context(Disk(), {"HOME": home, "XDG_DATA_HOME": home}, Settings(), windows=True)
    told = (userdirs.config(tool, context), userdirs.data(tool, context), userdirs.cache(tool, context))
    said = (kept.user_config_dir, kept.user_data_dir, cached.user_cache_dir)
    assert told == tuple(each.replace("\\", "/") for each in said)
