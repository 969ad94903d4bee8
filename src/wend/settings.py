"""The settings with their defaults. `wend.settings_file` reads them."""

from __future__ import annotations

from wend.typed import NamedTuple


class Settings(NamedTuple):
    """Every setting with its default."""

    trust_policy: str = "local"
    trust_roots: tuple[str, ...] = ()
    prompt_mode: str = "auto"
    prompt_format: str = "({name}) "
    detect_names: tuple[str, ...] = ("venv", "env")
    detect_kinds: tuple[str, ...] = ()  # empty: all, in the order of kinds.KINDS
    hints: bool = True
    bash_wrap_cd: bool = True
    daemon_idle_exit: float = 10.0  # minutes
