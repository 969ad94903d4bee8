"""The daemon with one kind more, of which the hooks know nothing: `toy_daemon.py daemon run MAILBOX`.

A file `toy.env` holds the name of an environment, which lies in TOY_HOME.
"""

from __future__ import annotations

import os
import sys

from wend.__main__ import main
from wend.context import Context
from wend.kinds import KINDS
from wend.kinds.base import Kind, Resolved
from wend.model import RANK_DIRECTORY, Marker, Problem, Target
from wend.settings import Settings


class Toy(Kind):
    """The whole kind, as its author would write it."""

    name = "toy"
    variables = ("TOY_HOME",)
    watched = ("TOY_HOME",)

    def markers(self, settings: Settings) -> tuple[tuple[str, int], ...]:
        del settings
        return (("toy.env", RANK_DIRECTORY),)

    def resolve(self, marker: Marker, context: Context) -> Resolved:
        name = (context.disk.text(marker.path) or "").strip()
        prefix = os.path.join(context.env.get("TOY_HOME", ""), name)
        if not context.disk.is_dir(prefix):
            return Problem("unavailable", f"there is no toy {name}", fix="make toy", appears=(prefix,))
        return Target(
            kind=self.name,
            name=name,
            prefix=prefix,
            root=marker.dir,
            marker=marker.path,
            python=f"{prefix}/bin/python",
            python_version=None,
            path=(f"{prefix}/bin",),
            set=(("TOY_ENV", prefix),),
            store=True,
            vanishes=(prefix,),
        )


if __name__ == "__main__":
    KINDS[Toy.name] = Toy()
    sys.exit(main())
