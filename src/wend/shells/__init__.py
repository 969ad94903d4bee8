"""The shells: one table, one file each (`wend.shells.base` says what a shell offers); and what they are told."""

from __future__ import annotations

from wend.model import Edit, Freshness
from wend.shells.base import Shell
from wend.typed import Callable, Iterator, Mapping, NamedTuple, Optional, Union, cast


class DeactivateFunction:
    """What becomes of the shell's function `deactivate`. No Enum, whose module takes a while to load."""

    DEFINE = "define"
    REMOVE = "remove"
    KEEP = "keep"


class Apply(NamedTuple):
    """An answer: what changes in the shell, and what it remembers for its next prompt."""

    shell: str
    edits: tuple[Edit, ...]
    undo: Optional[str] = None  # new WEND_UNDO, empty to unset, None to leave as it is
    env: Optional[str] = None  # new WEND_ENV, empty to unset, None to leave as it is
    # Variables with a value of the user's that this answer changes, and those whose value it gives back: the shell
    # notes of the first whether they are exported, and lets the second be as they were.
    taken: tuple[str, ...] = ()
    given_back: tuple[str, ...] = ()
    prompt: Optional[str] = None  # text in front of the prompt, empty for none, None to leave as it is
    # Texts of others in the prompt: while wend's environment is active they must not be seen, and its name takes the
    # place of the first that is there. They may be seen if nothing is active, and if an empty text stands first.
    replaces: tuple[str, ...] = ()
    deactivate: str = DeactivateFunction.KEEP
    adopt: bool = False  # take back what an activate script did to the prompt and to `deactivate`
    freshness: Freshness = Freshness()
    watched: tuple[str, ...] = ()  # variables, two at most, whose change the next prompt must notice
    names: tuple[str, ...] = ()  # variables beyond the core to send with each request
    notice: str = ""  # one line for the user, empty for none
    wrap_cd: bool = True  # bash: wrap cd, pushd, popd


class AskAgain(NamedTuple):
    """Nothing is decided yet: ask again, and send these variables beyond the core, too."""

    shell: str
    names: tuple[str, ...]


Reply = Union[Apply, AskAgain]


# A variable that is always safe to look at, where fewer are watched than there are slots.
_UNWATCHED = "WEND_QUIET"


def remembered(reply: Apply) -> tuple[tuple[str, str], ...]:
    """Return the hook's variables that an answer sets: (name, value), the same in every shell.

    Fixed slots instead of lists: at an unchanged prompt they are faster in every shell.
    """
    present = (*reply.freshness.present, "/", "/")[:2]
    absent = (*reply.freshness.absent, "", "", "")[:3]
    watched = (*reply.watched, _UNWATCHED, _UNWATCHED)[:2]
    return (
        *((f"__wend_present_{index}", path) for index, path in enumerate(present, 1)),
        *((f"__wend_absent_{index}", path) for index, path in enumerate(absent, 1)),
        *((f"__wend_watch_{index}", name) for index, name in enumerate(watched, 1)),
        ("__wend_names", " ".join(reply.names)),
    )


def noted(reply: Apply, edits: list[str], call: str, tests: tuple[str, str]) -> list[str]:
    """Return EDITS between the calls that keep a variable unexported that was: functions of the hook, behind CALL.

    PATH is nearly always exported, so TESTS come before its calls: that it is, and that nothing was noted.
    PowerShell has no such variables.
    """

    def calls(function: str, names: tuple[str, ...], test: str) -> list[str]:
        others = [name for name in names if name != "PATH"]
        lines = [f"{test}{call}{function} PATH"] if "PATH" in names else []
        return [*lines, " ".join((f"{call}{function}", *others))] if others else lines

    exported, nothing = tests
    before = calls("__wend_note_unexported", reply.taken, exported)
    return [*before, *edits, *calls("__wend_unexport", reply.given_back, nothing)]


def shown(reply: Apply, quote: Callable[[str], str]) -> list[str]:
    """Return the calls by which a reply changes what a person sees: functions of the hook, the same in every shell."""
    lines = []
    if reply.prompt is not None:
        lines.append(" ".join(("__wend_show", *map(quote, (reply.prompt, *reply.replaces)))))
    if reply.deactivate != DeactivateFunction.KEEP:
        lines.append(f"__wend_{reply.deactivate}_deactivate")
    if reply.notice:
        lines.append(f"__wend_tell {quote(reply.notice)}")
    return lines


class _Table(Mapping[str, Shell]):
    """The table of shells. A row is imported on first use: the daemon holds only the shells that it serves."""

    def __init__(self, **modules: str) -> None:
        self._modules = modules
        self._shells: dict[str, Shell] = {}

    def __getitem__(self, name: str) -> Shell:
        if name not in self._shells:
            module = __import__(f"wend.shells.{self._modules[name]}", fromlist=("SHELL",))
            self._shells[name] = cast("Shell", module.SHELL)
        return self._shells[name]

    def __contains__(self, name: object) -> bool:  # without importing it
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


SHELLS = _Table(bash="bash", zsh="zsh", fish="fish", pwsh="powershell")
DEFAULT = "bash"  # where a command is not told which
ALIASES = {"powershell": "pwsh"}
SHELL_NAMES = (*SHELLS, *ALIASES)  # that commands accept
