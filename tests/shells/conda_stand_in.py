"""A stand-in for `conda shell.SHELL VERB`: prints what changes in the shell for activate, deactivate and install.

It does to the variables and to PS1 what conda 26.7 does, and nothing else. It is run by the functions that
`conda.py` beside it defines in a shell: a program, so that the four shells share one description.

    conda_stand_in.py SHELL ROOT activate [--stack] NAME | deactivate | install
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Optional, Union

ENDINGS = {"bash": ".sh", "zsh": ".sh", "fish": ".fish", "pwsh": ".ps1"}
# Set a variable (None: remove it), or run a script.
Step = Union[tuple[str, Optional[str]], str]


def _modifier(root: str, name: str) -> str:
    """Return what conda shows for the environment NAME, by the one setting that the tests use."""
    template = "({default_env}) "
    rc = os.path.join(os.environ["HOME"], ".condarc")
    if os.path.exists(rc):
        with open(rc, encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key == "env_prompt":
                    template = value.strip().strip("'")
                if key == "changeps1":
                    return ""
    del root
    return template.replace("{default_env}", name).replace("{name}", name)


class Shell:
    """The state that conda keeps in the environment, and the steps from it to another."""

    def __init__(self, shell: str, root: str) -> None:
        self.shell, self.root, self.env = shell, root, dict(os.environ)
        self.level = int(self.env.get("CONDA_SHLVL") or 0)
        self.old = self.env.get("CONDA_PREFIX") or ""

    def name(self, prefix: str) -> str:
        """Return the name of an environment."""
        return "base" if prefix == self.root else os.path.basename(prefix)

    def scripts(self, prefix: str, turn: str) -> list[str]:
        """Return the scripts of PREFIX for this shell, in the order in which conda runs them."""
        directory = f"{prefix}/etc/conda/{turn}.d"
        names = sorted(os.listdir(directory)) if prefix and os.path.isdir(directory) else []
        found = [f"{directory}/{name}" for name in names if name.endswith(ENDINGS[self.shell])]
        return found[::-1] if turn == "deactivate" else found

    def path(self, old: str, new: str) -> str:
        """Return PATH with the programs of NEW where those of OLD stand; without OLD, in front."""
        entries = self.env["PATH"].split(":")
        at = entries.index(f"{old}/bin") if old and f"{old}/bin" in entries else -1
        if at >= 0:
            del entries[at]
        if new:
            entries.insert(max(at, 0), f"{new}/bin")
        return ":".join(entries)

    def prompt(self, modifier: str) -> Iterator[Step]:
        """Yield PS1 with MODIFIER in front and without the text of the present one; it is the POSIX shells' alone."""
        if self.shell in ("bash", "zsh") and "POWERLINE_COMMAND" not in self.env.get("PS1", ""):
            shown, now = self.env.get("PS1", ""), self.env.get("CONDA_PROMPT_MODIFIER") or ""
            yield "PS1", modifier + (shown.replace(now, "") if now else shown)

    def state(self, prefix: str, level: int, path: str, *, again: bool = False) -> Iterator[Step]:
        """Yield what says that PREFIX is active; AGAIN: without its place and its name, as after an installation."""
        modifier = _modifier(self.root, self.name(prefix))
        yield from self.prompt(modifier)
        yield "PATH", path
        yield "CONDA_SHLVL", str(level)
        if not again:
            yield "CONDA_PREFIX", prefix
            yield "CONDA_DEFAULT_ENV", self.name(prefix)
        yield "CONDA_PROMPT_MODIFIER", modifier
        yield "CONDA_EXE", f"{self.root}/bin/conda"
        yield "_CONDA_EXE", f"{self.root}/bin/conda"
        yield "CONDA_PYTHON_EXE", f"{self.root}/bin/python"
        yield "_CONDA_ROOT", self.root

    def activate(self, name: str, *, stack: bool) -> Iterator[Step]:
        """Yield the steps of `conda activate NAME`."""
        prefix = self.root if name == "base" else f"{self.root}/envs/{name}"
        if prefix == self.old and self.level:
            yield from self.reactivate()
            return
        if not stack:
            yield from self.scripts(self.old, "deactivate")
        yield from (("_CE_M", None), ("_CE_CONDA", None))
        yield from self.state(prefix, self.level + 1, self.path("" if stack else self.old, prefix))
        if self.level:
            yield f"CONDA_PREFIX_{self.level}", self.old
        if self.level and stack:
            yield f"CONDA_STACKED_{self.level + 1}", "true"
        yield from self.scripts(prefix, "activate")

    def deactivate(self) -> Iterator[Step]:
        """Yield the steps of `conda deactivate`."""
        if not self.level:
            return
        below = self.env.get(f"CONDA_PREFIX_{self.level - 1}") or "" if self.level > 1 else ""
        stacked = bool(self.env.get(f"CONDA_STACKED_{self.level}"))
        path = self.path(self.old, "" if stacked else below)
        yield "PATH", path
        yield from self.scripts(self.old, "deactivate")
        if not below:
            yield from ((name, None) for name in ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"))
            yield from self.prompt("")
            yield "CONDA_SHLVL", "0"
            return
        yield f"CONDA_PREFIX_{self.level - 1}", None
        if stacked:
            yield f"CONDA_STACKED_{self.level}", None
        yield from self.state(below, self.level - 1, path)
        yield from self.scripts(below, "activate")

    def reactivate(self) -> Iterator[Step]:
        """Yield what follows an installation: the scripts again, and the prompt and PATH as they should be."""
        if not self.level:
            return
        yield from self.scripts(self.old, "deactivate")
        yield from self.state(self.old, self.level, self.path(self.old, self.old), again=True)
        yield from self.scripts(self.old, "activate")


def _quoted(shell: str, value: str) -> str:
    if shell == "fish":
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + value.replace("'", "''" if shell == "pwsh" else "'\"'\"'") + "'"


def _spelled(shell: str, step: Step) -> str:
    """Return STEP as code of SHELL. What is removed stays behind, exported and empty, in the POSIX shells."""
    if isinstance(step, str):
        return {"fish": "source {}", "pwsh": ". {}"}.get(shell, ". {}").format(_quoted(shell, step))
    name, value = step
    if shell == "fish":
        if name == "PATH" and value is not None:
            return f"set -gx PATH {' '.join(_quoted(shell, entry) for entry in value.split(':'))}"
        return f"set -e {name}" if value is None else f"set -gx {name} {_quoted(shell, value)}"
    if shell == "pwsh":
        return f"$env:{name} = " + ("$null" if value is None else _quoted(shell, value))
    return f"{'' if name == 'PS1' else 'export '}{name}={_quoted(shell, value or '')}"


def main(shell: str, root: str, verb: str, *words: str) -> None:
    """Print the code for VERB."""
    state = Shell(shell, root)
    if verb == "activate":
        steps = state.activate(words[-1], stack="--stack" in words)
    elif verb == "deactivate":
        steps = state.deactivate()
    else:
        steps = state.reactivate()
    print("\n".join(_spelled(shell, step) for step in steps))


if __name__ == "__main__":
    main(*sys.argv[1:])
