"""What a shell shows in front of its prompt while an environment is active."""

from __future__ import annotations

from wend.engine.situation import Situation
from wend.model import Target
from wend.other_tools import powerline, themes
from wend.protocol import POWERLINE_SHELL, TOOL_SHOWS_ENV
from wend.settings import Settings
from wend.text import visible
from wend.typed import Optional


def prompt_text(situation: Situation, target: Optional[Target]) -> str:
    """Return what to show in front of the prompt: once, and not where something else shows it."""
    settings = situation.context.settings
    if target is None or not target.name or is_left_alone(situation):
        return ""
    shown_by_tool = target.prompt is not None and TOOL_SHOWS_ENV in situation.request.facts
    if settings.prompt_mode == "auto" and (target.prompt == "" or shown_by_tool):
        return ""  # its tool shows nothing, or shows it by itself
    return visible(shown_name(target, settings))


def is_left_alone(situation: Situation) -> bool:
    """Return whether the prompt stays as it is: by the user's choice, or because a theme shows the environment."""
    settings, request = situation.context.settings, situation.request
    if settings.prompt_mode != "auto":
        return settings.prompt_mode == "never"
    if request.env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
        return True
    if themes.shows_environment(request.shell, request.facts, request.env):
        return True
    return POWERLINE_SHELL in request.facts and _powerline_shows(situation)


def _powerline_shows(situation: Situation) -> bool:
    """Return whether powerline-shell shows the environment: its configuration says so, if there is one."""
    context, cwd = situation.context, situation.request.cwd
    for path in powerline.config_files(cwd, context.home, context.env.get("XDG_CONFIG_HOME", "")):
        shows = context.disk.parsed(path, powerline.shows_environment)
        if shows is not None:
            return shows
    return True


def shown_name(target: Target, settings: Settings) -> str:
    """Return the name of TARGET as the settings, or else its own tool, format it."""
    if target.prompt and settings.prompt_format == Settings().prompt_format:
        return target.prompt
    project = target.root.rstrip("/").rpartition("/")[2]
    return settings.prompt_format.replace("{name}", target.name).replace("{project}", project)
