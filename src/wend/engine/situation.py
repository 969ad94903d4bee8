"""What is known when a question arrives: filled once, and handed down to every later step."""

from __future__ import annotations

from wend import record as records
from wend.context import Context
from wend.disk import Disk
from wend.kinds import KINDS, made_by
from wend.protocol import CORE, Request
from wend.record import Record
from wend.settings_file import load as load_settings
from wend.typed import Callable, NamedTuple


class Situation(NamedTuple):
    """One question with everything that is known when it arrives."""

    request: Request
    remembered: Record  # as the shell remembers it
    record: Record  # the same, less what another tool has taken over
    context: Context  # its `env` is the shell's environment as if wend had changed nothing
    strip: Callable[[dict[str, str]], dict[str, str]] = dict  # removes what must not stay beneath (commands only)
    mistakes: tuple[str, ...] = ()  # in the settings file, which commands report and a prompt does not


def situate(
    request: Request,
    disk: Disk,
    *,
    everything_known: bool = False,
    strip: Callable[[dict[str, str]], dict[str, str]] = dict,
) -> Situation:
    """Return the situation of REQUEST.

    EVERYTHING_KNOWN: its environment is complete, not only what a hook sends. STRIP removes environments that the
    answer must not build on from an environment without wend's changes.
    """
    record = remembered = records.load(request.undo)
    for kind in KINDS.values():
        record = kind.settled(record, request)
    settings, mistakes = load_settings(request.env, disk)
    known = None if everything_known else frozenset(request.names)
    base = strip(records.revert(record.undo, request.env))
    context = Context(disk, base, settings, known, cwd=request.cwd)
    return Situation(request, remembered, record, context, strip, mistakes)


def unknown_variables(situation: Situation) -> tuple[str, ...]:
    """Return the variables that must be known to take the record back."""
    undo = situation.record.undo
    of_kind = made_by(undo.active.kind).variables if undo.active else ()
    return situation.context.missing((*records.names(undo), *of_kind))


def kept_names(situation: Situation, undo_names: tuple[str, ...], declared: frozenset[str]) -> tuple[str, ...]:
    """Return the names beyond the core that the shell sends from now on: what it sent, less what is not used."""
    sent = [name for name in situation.request.names if name in declared]
    return tuple(dict.fromkeys((*sent, *(name for name in undo_names if name not in CORE))))
