"""From a decision and its change to everything that one answer tells a shell."""

from __future__ import annotations

from wend import kinds
from wend import record as records
from wend.context import Context
from wend.disk.mounts import NEVER
from wend.engine.decide import SUBSHELL_VARIABLES, Decision
from wend.engine.look import View
from wend.engine.situation import Situation, kept_names
from wend.engine.transition import Change
from wend.kinds import owners
from wend.model import RANK_DIRECTORY, RANK_PIN, Candidate, Freshness, Target
from wend.neighbours import powerline, themes
from wend.protocol import POWERLINE_SHELL, READONLY, TOOL_SHOWS_ENV
from wend.settings import Settings
from wend.shells import Apply, DeactivateFunction
from wend.system import native
from wend.text import visible
from wend.typed import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from wend.documents import Environment

_MAX_PRESENT, _MAX_ABSENT, _MAX_WATCHED = 2, 3, 2

# Files by which a person recognises a Python project.
_PROJECT_FILES = (
    *owners.REQUIREMENTS, "pyproject.toml", "pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile",
    "Pipfile.lock", "pixi.lock", "environment.yml", "environment.yaml", "setup.py",
    *(name for kind in kinds.KINDS.values() for name in kind.recipes),
)  # fmt: skip


def reply(situation: Situation, view: View, decision: Decision, change: Change) -> Apply:
    """Return the answer for the shell of SITUATION."""
    request, settings, target = situation.request, situation.context.settings, decision.target
    notice, shown = _notice(situation, view, decision)
    record = change.record._replace(last_notice=notice)
    if decision.rule == "disabled":
        record = record._replace(last_notice="")
    text = records.dump(record)
    name = target.name if target else ""
    declared = frozenset((*kinds.declared(), *SUBSHELL_VARIABLES))
    return Apply(
        shell=request.shell,
        edits=change.edits,
        undo=None if text == request.undo or READONLY in request.facts else text,
        env=None if request.env.get("WEND_ENV", "") == name else name,
        prompt=prompt_text(situation, target),
        replaces=change.replaces,
        deactivate=_deactivate(situation, decision),
        adopt=decision.adopt,
        freshness=_freshness(situation, view, target),
        watched=tuple(dict.fromkeys(view.watched))[:_MAX_WATCHED],
        names=kept_names(situation, records.names(record.undo), declared),
        notice=shown,
        wrap_cd=settings.bash_wrap_cd,
    )


def summary(target: Target) -> Environment:
    """Return what documents and `status` say of an environment: the `env` object."""
    return {
        "kind": target.kind,
        "name": target.name,
        "prefix": native(target.prefix),
        "root": native(target.root),
        "marker": native(target.marker),
        "python": native(target.python),
        "python_version": target.python_version,
    }


# -- the prompt ----------------------------------------------------------------------------------------------


def prompt_text(situation: Situation, target: Optional[Target]) -> str:
    """Return what to show in front of the prompt: once, and not where something else shows it."""
    settings, request = situation.context.settings, situation.request
    if target is None or settings.prompt_mode == "never" or not target.name:
        return ""
    if settings.prompt_mode == "auto":
        if request.env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
            return ""
        if themes.shows_environment(request.shell, request.facts, request.env):
            return ""
        if POWERLINE_SHELL in request.facts and _powerline_shows(situation):
            return ""
        if target.prompt == "" or (target.prompt is not None and TOOL_SHOWS_ENV in request.facts):
            return ""  # its tool shows nothing, or shows it by itself
    return visible(shown_name(target, settings))


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


# -- `deactivate` --------------------------------------------------------------------------------------------


def _deactivate(situation: Situation, decision: Decision) -> str:
    """Return what becomes of the shell's function `deactivate`.

    Where an activate script was run on top, the function is that script's: the shell removes only ours.
    """
    before, first = situation.remembered, situation.request.first
    if decision.stay:
        return DeactivateFunction.KEEP
    had = before.undo.active is not None and not first
    if decision.target is None:
        return DeactivateFunction.REMOVE if had or first else DeactivateFunction.KEEP
    settled = had and not decision.adopt and not before.intent.manual
    return DeactivateFunction.KEEP if settled else DeactivateFunction.DEFINE


# -- what is told --------------------------------------------------------------------------------------------


def _notice(situation: Situation, view: View, decision: Decision) -> tuple[str, str]:
    """Return the line for this entry into the project, and the same if it must be printed now."""
    line = "" if decision.stay or decision.rule not in ("project", "activated_manually") else _line(view, decision)
    if not line or line == situation.record.last_notice:
        return line, ""
    return line, "" if situation.request.env.get("WEND_QUIET") == "1" else line


def _line(view: View, decision: Decision) -> str:
    told = _told(view, decision)
    if told is not None:
        return _sentence(told.marker.path, told.reason, told.fix)
    notes = [note for note in decision.target.notes if note.told] if decision.target else []
    if decision.target is None or not notes:
        return ""
    place = decision.target.marker if decision.target.pin else decision.target.prefix
    return _sentence(place, notes[0].text, notes[0].fix)


def _told(view: View, decision: Decision) -> Optional[Candidate]:
    """Return the candidate to report: not trusted, or nearer than the chosen one and unusable."""
    if decision.rule == "activated_manually" and not view.ended:
        return None
    if view.blocked:
        return None if view.blocked.quiet else view.blocked
    here = view.chosen.marker.dir if view.chosen else None
    for each in view.candidates:
        same = each.marker.dir == here
        owner_is_served = each.problem is not None and each.problem.ends_walk and same
        # A quiet one is worth a line only where packages would land in an environment of a directory above.
        worth = not each.quiet or (here is not None and not same)
        if worth and (each.status == "broken" or (each.status == "unavailable" and not owner_is_served)):
            return each
    return None


def _sentence(place: str, reason: str, fix: str) -> str:
    line = f"wend: {visible(place)}: {reason}"
    return f"{line}: {fix}" if fix else line


def hint(situation: Situation, view: View, decision: Decision) -> tuple[str, str]:
    """Return (directory, line) where a project has no environment and nothing else is told; else empty strings."""
    context = situation.context
    cwd = situation.request.cwd
    quiet = not context.settings.hints or situation.request.env.get("WEND_QUIET") == "1" or cwd in NEVER
    if quiet or decision.rule != "project" or decision.target or view.blocked or view.ended:
        return "", ""
    if any(not each.quiet for each in view.candidates) or cwd == context.home:
        return "", ""
    found = _project_file(cwd, context)
    return (cwd, f"wend: {visible(cwd)} has {found} and no environment: wend create") if found else ("", "")


def _project_file(directory: str, context: Context) -> str:
    """Return the file in DIRECTORY that says that a Python project is there, empty for none."""
    found = owners.present(directory, (*_PROJECT_FILES, "requirements"), context)
    if not found or found[0] != "requirements":
        return found[0] if found else ""
    inside = owners.present(f"{directory.rstrip('/')}/requirements", owners.IN_REQUIREMENTS, context)
    return f"requirements/{inside[0]}" if inside else ""


# -- what the next prompt looks at ---------------------------------------------------------------------------


def _freshness(situation: Situation, view: View, target: Optional[Target]) -> Freshness:
    """Return the paths whose existence tells the next prompt that nothing changed."""
    present, absent = _expected(view, target), _awaited(situation, view)
    disk = situation.context.disk
    here = disk.reached(situation.request.cwd)

    def local(path: str) -> bool:  # a prompt must not wait for another disk than that of its directory
        return disk.reached(path) in ("", here)

    return Freshness(
        tuple(path for path in present if local(path) and disk.stat(path) is not None)[:_MAX_PRESENT],
        tuple(path for path in absent if local(path) and disk.stat(path) is None)[:_MAX_ABSENT],
    )


def _expected(view: View, target: Optional[Target]) -> list[str]:
    """Return paths that exist. An environment inside the project stands for its marker."""
    chosen = view.chosen or view.blocked
    found: list[str] = []
    if target and target.vanishes and target.vanishes[0].startswith(target.root.rstrip("/") + "/"):
        found.append(target.vanishes[0])
    if chosen and not any(path.startswith(chosen.marker.path + "/") for path in found):
        found.append(chosen.marker.path)
    if target:
        found += target.vanishes[1:]
    for each in view.candidates:
        if each.problem:
            found += each.problem.vanishes
    return list(dict.fromkeys(found))


def _awaited(situation: Situation, view: View) -> list[str]:
    """Return paths that do not exist, and would be used if they did."""
    cwd = situation.request.cwd
    found: list[str] = []
    for each in view.candidates:
        if each.problem and each.status == "broken" and each.marker.path.endswith("/.venv"):
            found.append(f"{each.marker.path}/bin/python")
        seen = each.problem or each.target
        found += seen.appears if seen else ()
    if cwd not in NEVER:
        found += _usual(cwd, view)
    root = view.root
    if root and root != cwd:
        found += _usual(root, view)[:1]
    known = {each.marker.path for each in view.candidates}
    return [path for path in dict.fromkeys(found) if path not in known]


def _usual(directory: str, view: View) -> list[str]:
    """Return the usual places in DIRECTORY that would come before what was chosen."""
    chosen = view.chosen or view.blocked
    base = directory.rstrip("/")
    rank = chosen.marker.rank if chosen and chosen.marker.dir == directory else RANK_PIN + 1
    usual = ((f"{base}/.venv", RANK_DIRECTORY), (f"{base}/.python-version", RANK_PIN))
    return [path for path, its in usual if its < rank]
