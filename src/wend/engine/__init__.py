"""The steps of one question, in order: situate, look, decide, transition, reply.

`respond` takes them all for a shell; `wend env`, `wend exec`, `wend explain` and `wend status` take the first ones, so
every way of asking gets the same answer. Nothing here remembers anything between two questions.
"""

from __future__ import annotations

from wend.engine.decide import Decision, decide, decide_for_command
from wend.engine.look import View, look
from wend.engine.situation import Situation, situate

__all__ = ["Decision", "Situation", "View", "decide", "decide_for_command", "look", "situate"]
