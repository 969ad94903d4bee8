"""The one gate that every environment passes before a shell uses it (docs/trust.md).

`judge` looks at the result of detection, never at the kind of marker: a new kind cannot bypass it.
"""

from __future__ import annotations

import os

from wend.context import Context
from wend.model import Target
from wend.text import quoted, visible
from wend.trust import decisions, gitindex, origin, ownership
from wend.typed import NamedTuple, Optional

MADE_HERE = "made here"  # as its own files say


class Verdict(NamedTuple):
    """`allowed`, or why not, with what to type."""

    allowed: bool
    reason: str
    fix: str = ""
    quiet: bool = False  # denied by the user: no notice


def judge(target: Target, context: Context) -> Verdict:
    """Return whether TARGET may become active in the shell that asks. The first rule that fits decides."""
    if not (target.path or target.set or target.scripts_on):
        return Verdict(True, "it changes nothing")
    walk = ownership.follow(target.prefix, context.disk)
    refused = ownership.refusal(target, walk, context)
    if refused:
        return Verdict(False, *refused)

    root, real = context.disk.realpath(target.root), walk[-1][0]
    own = decisions.lookup(real, context)
    if own and own.decision != decisions.ALLOW and not _covers(own.dir, root):  # else it is found for the project, too
        return _refused(own, real, context)
    said = decisions.lookup(root, context)
    if said and said.decision != decisions.ALLOW:
        return _refused(said, target.root, context)
    if said:
        return Verdict(True, f"allowed by you in {visible(said.dir)}")
    if _rooted(root, context):
        return Verdict(True, "in a trusted root")
    main = gitindex.in_main_tree(root, context)
    if main and _trusted(main, context):
        return Verdict(True, f"worktree of a trusted repository, {visible(main)}")
    # A clone can have the name of pyenv's directory, or of another tool's.
    if target.store and not gitindex.tracks(real, context):
        return Verdict(True, "in your own store of environments")

    policy = context.settings.trust_policy
    if policy == "always":
        return Verdict(True, 'trust.policy is "always"')
    doubt = origin.why_not_local(target, walk, context) if policy == "local" else 'trust.policy is "ask"'
    if not doubt:
        return Verdict(True, MADE_HERE)
    if _made_by_create(real, context):
        return Verdict(True, "made by wend create")
    return Verdict(False, doubt, _fix(target.root, context))


def denied(directory: str, context: Context) -> Optional[Verdict]:
    """Return the user's no to DIRECTORY or to one above it, None when there is none."""
    said = decisions.lookup(context.disk.realpath(directory), context)
    return _denied(said, directory, context) if said and said.decision == decisions.DENY else None


def _refused(said: decisions.Decision, directory: str, context: Context) -> Verdict:
    """Return the verdict that SAID, a decision that refuses, makes on what is in DIRECTORY."""
    if said.decision == decisions.UNREADABLE:
        fix = "chmod 700" if context.disk.is_dir(said.dir) else "rm"
        return Verdict(False, f"{visible(said.dir)} is damaged or open to others", f"{fix} {visible(quoted(said.dir))}")
    return _denied(said, directory, context)


def _denied(said: decisions.Decision, directory: str, context: Context) -> Verdict:
    return Verdict(False, f"denied by you in {visible(said.dir)}", _fix(directory, context), quiet=True)


def _fix(directory: str, context: Context) -> str:
    return f"wend allow {_spelled(directory, context)}"


def _made_by_create(prefix: str, context: Context) -> bool:
    """Whether `wend create` decided on the environment PREFIX, a real path, itself; git must not bring it since."""
    said = decisions.lookup(prefix, context)
    decided = said is not None and said.decision == decisions.ALLOW and said.dir == prefix
    return decided and not gitindex.why_tracked(prefix, context)


def _trusted(directory: str, context: Context) -> bool:
    """Whether the user has said yes to DIRECTORY, a real path."""
    said = decisions.lookup(directory, context)
    return said.decision == decisions.ALLOW if said else _rooted(directory, context)


def _rooted(directory: str, context: Context) -> bool:
    """Whether DIRECTORY, a real path, lies in one of the trusted roots."""
    for root in context.settings.trust_roots:
        below_home = root == "~" or root.startswith("~/")
        spelled = context.home + root[1:] if below_home and context.home else root
        if not os.path.isabs(spelled):  # also where no home is known
            continue
        if _covers(context.disk.realpath(spelled), directory):
            return True
    return False


def _covers(above: str, directory: str) -> bool:
    """Whether DIRECTORY is ABOVE or lies in it; both are real paths."""
    return directory == above or directory.startswith(above.rstrip("/") + "/")


def _spelled(directory: str, context: Context) -> str:
    """Return DIRECTORY as a person may type it in a shell."""
    home = context.home + "/"
    rest = directory[len(home) :]
    if context.home and directory.startswith(home) and rest == quoted(rest):
        return f"~/{rest}"
    return visible(quoted(directory))
