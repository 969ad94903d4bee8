"""Where the tools keep what belongs to the user: settings, data, caches (platformdirs' rules, without its import).

On macOS below ~/Library, on Windows below AppData of the profile directory, elsewhere by the XDG Base Directory
Specification. On Windows a folder that was moved elsewhere is not followed.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.system import MACOS

# On Windows. poetry passes `roaming`, PDM passes no author; pixi has the rules of Rust's `dirs`.
_ROAMING = ("pypoetry", "pixi", "pip", "uv")  # but for what is cached
_WITHOUT_CACHE = ("pixi", "rattler")
_BELOW = {"pdm": "pdm/pdm"}


def config(tool: str, context: Context) -> str:
    """Return the directory of TOOL's settings."""
    return _place(tool, context, "XDG_CONFIG_HOME", ".config", "Application Support")


def xdg(tool: str, context: Context) -> str:
    """Return the directory of the settings of a TOOL that goes by the XDG specification on macOS, too."""
    if context.windows:
        return config(tool, context)
    return _below(context, "XDG_CONFIG_HOME", ".config", tool)


def data(tool: str, context: Context) -> str:
    """Return the directory of TOOL's data."""
    return _place(tool, context, "XDG_DATA_HOME", ".local/share", "Application Support")


def cache(tool: str, context: Context) -> str:
    """Return the directory of TOOL's cache."""
    return _place(tool, context, "XDG_CACHE_HOME", ".cache", "Caches")


def _place(tool: str, context: Context, variable: str, default: str, library: str) -> str:
    if context.windows:
        cached = library == "Caches"
        folder = "Roaming" if tool in _ROAMING and not cached else "Local"
        ending = "/Cache" if cached and tool not in _WITHOUT_CACHE else ""
        return f"{context.home}/AppData/{folder}/{_BELOW.get(tool, tool)}{ending}"
    if MACOS:
        return f"{context.home}/Library/{library}/{tool}"
    return _below(context, variable, default, tool)


def _below(context: Context, variable: str, default: str, tool: str) -> str:
    chosen = context.env.get(variable, "")
    return f"{chosen.rstrip('/') if os.path.isabs(chosen) else f'{context.home}/{default}'}/{tool}"
