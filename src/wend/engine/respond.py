"""One question of a shell, top to bottom: situate, look, decide, transition, reply."""

from __future__ import annotations

from wend.disk import Disk
from wend.engine.decide import decide
from wend.engine.look import look
from wend.engine.notice import hint
from wend.engine.reply import reply
from wend.engine.situation import situate, unknown_variables
from wend.engine.transition import transition, unknown_names
from wend.model import Target
from wend.protocol import Request
from wend.shells import Apply, AskAgain
from wend.typed import NamedTuple, Optional, Union


class Answer(NamedTuple):
    """A reply with what the daemon keeps of it."""

    reply: Union[Apply, AskAgain]
    target: Optional[Target] = None  # active after the reply, by wend's doing
    rule: str = ""  # that decided
    hint: tuple[str, str] = ("", "")  # (directory, line): shown once for each directory in a shell


def respond(request: Request, disk: Disk, *, everything_known: bool = False) -> Answer:
    """Return the answer to a shell's REQUEST. Reads the disk through DISK alone. EVERYTHING_KNOWN as in `situate`."""
    situation = situate(request, disk, everything_known=everything_known)
    if missing := unknown_variables(situation):
        return _ask_again(request, missing)
    view = look(situation)
    if view.missing:
        return _ask_again(request, view.missing)
    decision = decide(situation, view)
    if missing := decision.missing or unknown_names(situation, decision):
        return _ask_again(request, missing)
    change = transition(situation, decision)
    return Answer(
        reply(situation, view, decision, change), decision.target, decision.rule, hint(situation, view, decision)
    )


def _ask_again(request: Request, missing: tuple[str, ...]) -> Answer:
    return Answer(AskAgain(request.shell, tuple(dict.fromkeys((*request.names, *missing)))))
