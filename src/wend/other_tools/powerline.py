"""powerline-shell: where its configuration is, and whether its prompt shows the active environment.

Source: powerline_shell/__init__.py of 0.7.0 (find_config, DEFAULT_CONFIG).
"""

from __future__ import annotations

_SEGMENT = "virtual_env"


def config_files(cwd: str, home: str, config_home: str) -> tuple[str, ...]:
    """Return the files of which powerline-shell reads the first that exists."""
    return (
        f"{cwd.rstrip('/')}/powerline-shell.json",
        f"{home}/.powerline-shell.json",
        f"{config_home or home + '/.config'}/powerline-shell/config.json",
    )


def shows_environment(config: bytes) -> bool:
    """Return whether the configuration CONFIG has the segment; what powerline-shell cannot read counts as the default.

    A segment is a name, or an object with its name as `type`.
    """
    import json  # noqa: PLC0415  only those who have powerline-shell need it

    try:
        tree = json.loads(config)
    except (ValueError, RecursionError):
        return True
    segments = tree.get("segments") if isinstance(tree, dict) else None
    if not isinstance(segments, list):
        return True
    names = (each.get("type") if isinstance(each, dict) else each for each in segments)
    return _SEGMENT in names
