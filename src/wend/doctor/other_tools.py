"""Other tools in the same shell: what each means beside wend, and what to type.

A tool is known by the variables that it exports, and by the lines of the user's start-up files that load it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from wend import fixes
from wend import record as records
from wend.doctor.finding import INFO, WARNING, Case, Finding
from wend.doctor.startup import Startup
from wend.kinds.conda import condarc, installation
from wend.shells import SHELLS
from wend.text import quoted, visible


class OtherTool(NamedTuple):
    """One tool."""

    id: str
    level: str
    text: str
    fix: str = ""  # what to type; with `is_line`, what to remove where the line itself is not known
    variables: tuple[str, ...] = ()  # any of them set says that it is at work
    line: str = ""  # a pattern for the line of a start-up file that loads it
    is_line: bool = False


_OTHER_TOOLS = (
    OtherTool(
        "pyenv-virtualenv",
        WARNING,
        "pyenv-virtualenv activates environments at each prompt, too",
        'eval "$(pyenv virtualenv-init -)"',
        ("PYENV_VIRTUALENV_INIT",),
        r"\bpyenv(?:-|\s+)virtualenv-init\b",
        is_line=True,
    ),
    OtherTool(
        "direnv",
        INFO,
        "direnv is loaded here: wend keeps what direnv restores in step with its own changes; there is nothing to do",
        "",
        ("DIRENV_DIFF", "DIRENV_DIR"),
        r"\bdirenv[\"']?\s+hook\b",
    ),
    OtherTool(
        "mise",
        INFO,
        "mise puts its own tools first in PATH at each prompt: a python of mise's may hide the environment's",
        "mise current python",
        ("MISE_SHELL", "__MISE_DIFF"),
        r"\bmise[\"']?\s+activate\b",
    ),
    OtherTool(
        "vscode-startup",
        INFO,
        "VS Code's Python Environments has written into a start-up file, and activates environments from there",
        "in VS Code, choose: Python Envs: Revert Shell Startup Script Changes",
        (),
        r"\bVSCODE_(?:PYTHON_)?[A-Z]+_ACTIVATE\b",
    ),
    OtherTool(
        "virtualfish",
        WARNING,
        "virtualfish's auto_activation activates environments at each cd, too, and asks y/n, which takes the next key",
        "vf rmplugins auto_activation",
        (),
        r"(?i)virtualfish.*\bauto_activation\b",
    ),
    OtherTool(
        "autoswitch",
        WARNING,
        "autoswitch-virtualenv activates environments at each cd, too",
        "autoswitch_virtualenv",
        ("AUTOSWITCH_VERSION",),
        r"\bautoswitch[-_]virtualenv\b",
        is_line=True,
    ),
)


def known(case: Case) -> Iterator[Finding]:
    """Find the tools of the table."""
    lines = [(file.path, line) for file in case.startup for _, line in file.lines]
    for each in _OTHER_TOOLS:
        here = any(case.env.get(name) for name in each.variables)
        found = next((row for row in lines if each.line and re.search(each.line, row[1])), None)
        if here or found:
            fix = fixes.removed(*(found or ("your start-up file", each.fix))) if each.is_line else each.fix
            yield Finding(each.id, each.level, each.text, fix)


# -- plugins of Oh My Zsh ------------------------------------------------------------------------------------


class Plugin(NamedTuple):
    """One plugin, by the name that `omz plugin disable` takes."""

    id: str
    name: str
    text: str
    without: str = ""  # a pattern for a line that makes it harmless
    only_with: str = ""  # a pattern for a line without which it is


_PLUGINS = (
    Plugin(
        "omz-virtualenvwrapper",
        "virtualenvwrapper",
        "activates an environment of virtualenvwrapper's at each cd into a git repository, too",
        without=r"\bDISABLE_VENV_CD=['\"]?1\b",
    ),
    Plugin(
        "omz-virtualenv",
        "virtualenv",
        "sets VIRTUAL_ENV_DISABLE_PROMPT: only a theme that calls virtualenv_prompt_info shows the environment",
        without=r"\bvirtualenv_prompt_info\b",
    ),
    Plugin("omz-pipenv", "pipenv", "starts a `pipenv shell` at each cd into a project of pipenv's, too"),
    Plugin("omz-poetry-env", "poetry-env", "activates poetry's environment at each cd, too"),
    Plugin(
        "omz-python",
        "python",
        "activates a directory venv or .venv at each cd, too (PYTHON_AUTO_VRUN)",
        only_with=r"\bPYTHON_AUTO_VRUN=['\"]?true\b",
    ),
)
_LIST = re.compile(r"(?:^|[;&|{]|\b(?:then|do|else))[ \t]*plugins\+?=\(([^)]*)\)", re.MULTILINE)
# How other managers name one: `zinit snippet OMZP::pipenv`, `ohmyzsh/ohmyzsh path:plugins/pipenv`.
_SINGLE = re.compile(r"(?:\bOMZP::|\bOMZ::plugins/|\bpath:plugins/)([\w-]+)")
# A command that loads what it is given: `zplug "plugins/pipenv", from:oh-my-zsh`, `source $ZSH/plugins/pipenv/...`.
_LOADER = re.compile(
    r"(?:\b(?:source|antigen|antibody|antidote|zplug|zinit|zi|zplugin|zgen|zgenom|znap|zcomet|zmodule)|(?:^|[;&|]\s*)\.)\s"
)
_PATH = re.compile(r"\bplugins/(?:([\w-]+)|\{([^}]*)\})")
_BUNDLE = re.compile(r"\bantigen\s+bundle\s+([\w-]+)\s*(?:[#;]|$)")  # without more, it is Oh My Zsh's
_BUNDLES = re.compile(r"\bantigen\s+bundles\b.*<<-?\s*['\"]?(\w+)")


def plugins(case: Case) -> Iterator[Finding]:
    """Find plugins that do what wend does."""
    files = [file for file in case.startup if SHELLS[file.shell].reads_oh_my_zsh]
    text = "\n".join(file.text for file in files)
    listed = {name for match in _LIST.finditer(text) for name in re.sub(r"#.*", "", match[1]).split()}
    loaded = dict(each for file in reversed(files) for each in _loaded(file))
    for each in _PLUGINS:
        harmless = bool(each.without and re.search(each.without, text))
        harmless = harmless or bool(each.only_with and not re.search(each.only_with, text))
        if (each.name in listed or each.name in loaded) and not harmless:
            fix = f"omz plugin disable {each.name}" if each.name in listed else fixes.removed(*loaded[each.name])
            yield Finding(each.id, WARNING, f"the plugin {each.name} of Oh My Zsh {each.text}", fix)


def _loaded(file: Startup) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the names of plugins that something else than Oh My Zsh's own list loads, with FILE's path and the line."""
    end = ""  # of what antigen is given line by line
    for _, line in file.lines:
        names = _SINGLE.findall(line) + _BUNDLE.findall(line)
        if _LOADER.search(line):
            names += [name for one, more in _PATH.findall(line) for name in (one, *re.split(r"[,\s]+", more))]
        if end:
            names += line.split()[:1]
        bundles = _BUNDLES.search(line)
        end = bundles[1] if bundles else "" if line == end else end
        for name in names:
            yield name, (file.path, line.strip())


# -- conda and pyenv -----------------------------------------------------------------------------------------

_CONDA_LOADED = re.compile(r"\bconda(?:\.exe)?['\"]?\s+['\"]?shell\.")


def conda_base(case: Case) -> Iterator[Finding]:
    """Find conda's base, which start-up files activate."""
    env = case.situation.context.env
    loaded = any(_CONDA_LOADED.search(line) for file in case.startup for _, line in file.lines)
    if env.get("CONDA_DEFAULT_ENV") == "base" or (loaded and _activates_base(case)):
        text = "conda activates base in each new shell: its programs stand behind each project's environment"
        yield Finding("conda-base", INFO, text, "conda config --set auto_activate_base false")


def _activates_base(case: Case) -> bool:
    """Return whether conda's settings leave the activation of base on."""
    told = case.env.get("CONDA_AUTO_ACTIVATE", case.env.get("CONDA_AUTO_ACTIVATE_BASE"))
    return condarc.flag(told, default=installation.find(case.situation.context).settings.auto_activate)


_PYENV_INIT = re.compile(r"\bpyenv[\"']?\s+init\b")


def pyenv(case: Case) -> Iterator[Finding]:
    """Find pyenv's shims, here or in each new shell."""
    path = [entry.rstrip("/") for entry in records.split(case.env.get("PATH"))]
    own = f"{case.env.get('PYENV_ROOT', '').rstrip('/')}/shims"
    here = own in path or any(os.path.basename(entry) == "shims" and "pyenv" in entry for entry in path)
    if here or any(_PYENV_INIT.search(line) for file in case.startup for _, line in file.lines):
        text = (
            "pyenv's shims are in PATH: wend puts a pinned version's own directory before them, which is faster;"
            " there is nothing to do"
        )
        yield Finding("pyenv-shims", INFO, text)


# -- direnv, prompts -----------------------------------------------------------------------------------------

_ENVRC = re.compile(r"^\s*(?:layout\s+\S+|use\s+(?:python|pyenv|conda|mise|asdf)\b|(?:source|\.)\s+\S*/activate\b)")


def envrc(case: Case) -> Iterator[Finding]:
    """Find an .envrc of the project that activates an environment, too."""
    path = f"{case.root}/.envrc"
    for number, line in enumerate((case.situation.context.disk.text(path) or "").splitlines(), 1):
        if _ENVRC.match(line):
            text = f"{visible(path)}, line {number}, has direnv activate an environment, too: {visible(line.strip())}"
            then = f"direnv allow {visible(quoted(path))}"
            yield Finding("envrc", INFO, text, fixes.removed(".envrc", line.strip(), then))
            return


# Name, a variable that it exports, a line that loads it.
_PROMPTS = (
    ("starship", "STARSHIP_SHELL", r"\bstarship[\"']?\s+init\b"),
    ("oh-my-posh", "POSH_SHELL", r"\boh-my-posh[\"']?\s+(?:init|prompt)\b"),
    ("Powerlevel10k", "P9K_SSH", r"\bpowerlevel10k\b|\.p10k\."),
    ("tide", "", r"\b_?tide_(?:left_prompt|item|init)\w*"),
    ("pure", "", r"\bprompt\s+pure\b|\bsindresorhus/pure\b"),
    ("Liquid Prompt", "LP_ENABLE_VIRTUALENV", r"\bliquidprompt\b"),
    ("powerline-shell", "", r"\bpowerline-(?:shell|go)\b"),
    ("spaceship", "SPACESHIP_VERSION", r"\bspaceship(?:-prompt)?\b"),
)


def prompts(case: Case) -> Iterator[Finding]:
    """Find frameworks that draw the prompt, and show the environment by themselves."""
    if case.situation.context.settings.prompt_mode != "auto":
        return
    lines = [line for file in case.startup for _, line in file.lines]
    for name, variable, pattern in _PROMPTS:
        if case.env.get(variable, "0") not in ("", "0") or any(re.search(pattern, line) for line in lines):
            text = f"{name} draws the prompt and shows the environment by itself, so wend's own name is off"
            yield Finding("prompt", INFO, text, "wend config set prompt.mode always")
