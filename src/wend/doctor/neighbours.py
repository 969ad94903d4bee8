"""Other tools in the same shell: what each means beside wend, and what to type."""

from __future__ import annotations

import os
from collections.abc import Iterator

from wend import record as records
from wend.doctor.finding import INFO, WARNING, Case, Finding


def conda_base(case: Case) -> Iterator[Finding]:
    """Find conda's base, which start-up files activate."""
    if case.env.get("CONDA_DEFAULT_ENV") == "base":
        text = "conda activates base in each new shell: its programs stand behind each project's environment"
        yield Finding("conda-base", INFO, text, "conda config --set auto_activate_base false")


def pyenv(case: Case) -> Iterator[Finding]:
    """Find pyenv's shims, and pyenv-virtualenv's own activation."""
    path = records.split(case.env.get("PATH"))
    if any(os.path.basename(entry.rstrip("/")) == "shims" and "pyenv" in entry for entry in path):
        text = "pyenv's shims are in PATH: wend puts a pinned version's own directory before them, which is faster"
        yield Finding("pyenv-shims", INFO, text)
    if case.env.get("PYENV_VIRTUALENV_INIT"):
        text = "pyenv-virtualenv activates environments at each prompt, too"
        yield Finding(
            "pyenv-virtualenv", WARNING, text, 'remove `eval "$(pyenv virtualenv-init -)"` from your start-up file'
        )


def direnv(case: Case) -> Iterator[Finding]:
    """Find direnv, beside which wend works."""
    if case.env.get("DIRENV_DIFF"):
        yield Finding("direnv", INFO, "direnv is loaded here: wend keeps what it restores in step with its own changes")


def editors(case: Case) -> Iterator[Finding]:
    """Find a terminal whose editor activates environments by itself."""
    if case.env.get("TERM_PROGRAM") == "vscode":
        text = "VS Code's Python extension activates environments in its terminals, too: wend takes them over"
        yield Finding("vscode", INFO, text, 'set "python.terminal.activateEnvironment": false')
    if "JetBrains" in case.env.get("TERMINAL_EMULATOR", ""):
        text = "JetBrains activates environments in its terminals, too: wend takes them over"
        yield Finding("jetbrains", INFO, text, "Settings, Tools, Terminal: turn off Activate virtualenv")
