"""Where the user's conda, mamba or micromamba is, and where it keeps environments; none of them is ever run."""

from __future__ import annotations

import os

from wend.context import Context
from wend.kinds.conda import condarc, layout
from wend.kinds.conda.condarc import absolute, located
from wend.patterns import pattern
from wend.system import normal, slashed
from wend.trust import gitindex, origin
from wend.typed import NamedTuple

# What is read beside the table of every request. USER, because `envs_dirs` names it where homes are small.
VARIABLES = (
    "CONDA_EXE",
    "_CONDA_EXE",
    "_CONDA_ROOT",
    "CONDA_PYTHON_EXE",
    "_CE_M",
    "_CE_CONDA",
    "CONDA_ENVS_DIRS",
    "CONDA_ENVS_PATH",
    "MAMBA_ROOT_PREFIX",
    "USER",
    *condarc.VARIABLES,
)
_CORE = ("HOME", "PATH", "CONDA_PREFIX", "CONDA_SHLVL", "XDG_CONFIG_HOME", "XDG_DATA_HOME")  # of that table
_DIGITS = pattern(r"[0-9]{1,4}")

# Where the installers of Anaconda, Miniconda, Miniforge, Mambaforge and micromamba put themselves.
_USUAL = (
    "~/miniconda3",
    "~/miniforge3",
    "~/anaconda3",
    "~/mambaforge",
    "~/micromamba",
    "~/.local/share/mamba",
    "~/opt/miniconda3",
    "~/opt/anaconda3",
    "/opt/conda",
    "/opt/miniconda3",
    "/opt/miniforge3",
    "/opt/anaconda3",
    "/opt/homebrew/Caskroom/miniconda/base",
    "/opt/homebrew/Caskroom/miniforge/base",
    "/usr/local/Caskroom/miniconda/base",
)

_ON_WINDOWS = (
    "~/AppData/Local/miniconda3",
    "~/AppData/Local/miniforge3",
    "~/AppData/Local/anaconda3",
    "C:/ProgramData/miniconda3",
    "C:/ProgramData/miniforge3",
    "C:/ProgramData/anaconda3",
)

# What brings conda where there is none: with a program on PATH, else by the line that micromamba's makers give.
_GETS = {"brew": "brew install micromamba", "winget": "winget install CondaForge.Miniforge3"}
GET = "curl -LsSf https://micro.mamba.pm/install.sh | sh"


class Installation(NamedTuple):
    """The user's conda, as far as it can be known without running it."""

    root: str  # its own prefix, empty when unknown
    exe: str  # empty for micromamba, whose root has no such program
    envs_dirs: tuple[str, ...]
    settings: condarc.Settings
    stores: tuple[str, ...]  # those of envs_dirs that are the user's own
    own: bool = True  # the root is the user's: more than its usual name says so
    names: tuple[str, ...] = ()  # variables that `envs_dirs` refers to

    def owns(self, prefix: str) -> bool:
        """Return whether PREFIX is in a store of the user's: the root, or in a directory of environments."""
        return (self.own and prefix == self.root) or os.path.dirname(prefix) in self.stores


def find(context: Context) -> Installation:
    """Return what is installed for the user of CONTEXT; looked for once for each answer."""
    told = (context.env.get(name, "\1") for name in (*_CORE, *VARIABLES))
    return context.disk.once(("conda", *told), lambda: _find(context))


def _find(context: Context) -> Installation:
    roots = _roots(context)
    root = roots[0] if roots else _usual_root(context)
    own = bool(roots) or not root or _is_own(root, context)
    exe = layout.conda(root)
    exe = exe if root and context.disk.is_file(exe) else ""
    active = active_prefix(context)[1]
    settings, listed = condarc.read(root, active, context, mamba=not exe)

    foreign = tuple(f"{prefix}/" for prefix in (active, root) if prefix and not (own and prefix == root))
    told = (context.env.get(name, "") for name in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"))
    named = [(path, True) for paths in told for path in paths.split(os.pathsep)]  # whether the user named it
    named += [(each.directory, not each.file.startswith(foreign)) for each in listed]
    named = [(condarc.expanded(path, context.env), by_user) for path, by_user in named]
    usual = [(path, True) for path in _usual_envs(context)]
    if root:
        history = f"{root}/conda-meta/history"
        writable = context.disk.stat(history) is not None and os.access(history, os.W_OK)
        usual.insert(0 if writable else 1, (f"{root}/envs", own))  # last in another user's installation
    named += [*usual, *((f"{other}/envs", True) for other in roots[1:])]

    found = [(located(path, context), by_user) for path, by_user in named]
    envs_dirs = tuple(dict.fromkeys(path for path, _ in found if path))
    stores = tuple(dict.fromkeys(path for path, by_user in found if path and by_user))
    return Installation(root, exe, envs_dirs, settings, stores, own, condarc.references(listed))


def _usual_envs(context: Context) -> tuple[str, ...]:
    """Return where conda makes environments for a user who has said nothing, beside its own prefix."""
    local = context.env.get("LOCALAPPDATA", "") if context.windows else ""
    return ("~/.conda/envs", *((f"{slashed(local)}/conda/conda/envs",) if local else ()))


def get(programs: tuple[str, ...]) -> str:
    """Return what installs conda, or a program that makes its environments, where PROGRAMS are on PATH."""
    return next((_GETS[name] for name in programs if name in _GETS), GET)


def level(text: str) -> int:
    """Return the level that TEXT, a value of CONDA_SHLVL, stands for; 0 when it is not a level."""
    return int(text) if _DIGITS.fullmatch(text.strip()) else 0


def active_prefix(context: Context) -> tuple[int, str]:
    """Return CONDA_SHLVL and the prefix active without wend; empty values are conda's way to unset."""
    depth = level(context.env.get("CONDA_SHLVL", ""))
    prefix = context.env.get("CONDA_PREFIX", "")
    if not depth or not absolute(prefix) or not prefix.strip("/"):
        return depth, ""
    return depth, normal(prefix)


def _roots(context: Context) -> list[str]:
    """Return the prefixes of conda itself that the shell knows of."""
    exe = context.env.get("CONDA_EXE", "")
    path = context.env.get("PATH", "").split(os.pathsep)
    told = (
        context.env.get("_CONDA_ROOT", ""),
        os.path.dirname(os.path.dirname(exe)),
        context.env.get("MAMBA_ROOT_PREFIX", ""),
        *(os.path.dirname(entry) for entry in path if os.path.basename(entry) == "condabin"),
    )
    paths = [normal(path) for path in told if absolute(path)]
    return [path for path in dict.fromkeys(paths) if path != os.path.dirname(path) and context.disk.is_dir(path)]


def _usual_root(context: Context) -> str:
    """Return the first usual place with a conda in it, empty for none."""
    data = context.env.get("XDG_DATA_HOME", "")
    places = (*_USUAL, *(_ON_WINDOWS if context.windows else ()), data and f"{data}/mamba")
    paths = (located(place, context) for place in places)
    return next((path for path in paths if path and context.disk.present(path, ("conda-meta", "envs"))), "")


def _is_own(root: str, context: Context) -> bool:
    """Return whether the user's own list of environments names ROOT, and git does not track it."""
    real = context.disk.realpath(root)
    return origin.lists(real, context) and not gitindex.why_tracked(real, context)
