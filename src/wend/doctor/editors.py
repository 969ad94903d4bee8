"""Editors that activate environments in their terminals: what the terminal and the editor's own files say.

Sources: VS Code (settings, variables reference), its extensions Python and Python Environments
(features/terminal/utils.ts), IntelliJ (python/pluginTerminal: PyVirtualEnvTerminalCustomizer; ProjectRootManager).
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from typing import Any, Optional

from wend import fixes
from wend.disk import Disk
from wend.doctor.finding import INFO, Case, Finding
from wend.formats import jsonc, toml
from wend.model import Target
from wend.system import MACOS, WINDOWS
from wend.text import visible

_MAX_SIZE = 256 << 10  # bytes of one file
_LONGEST = 4096  # characters of a path
_MAX_MODULES = 20  # that are read of a project of JetBrains'

# -- VS Code -------------------------------------------------------------------------------------------------

_FOLDER = ".vscode/settings.json"
# The user's own, of the editor and of what is built from it; the last is of a machine that it works on from afar.
_USERS = (
    *(f".config/{name}/User/settings.json" for name in ("Code", "Code - Insiders", "VSCodium", "Cursor")),
    *(f"Library/Application Support/{name}/User/settings.json" for name in ("Code", "VSCodium", "Cursor")),
    ".vscode-server/data/Machine/settings.json",
)
_INTERPRETER = "python.defaultInterpreterPath"
_ACTIVATES = "python.terminal.activateEnvironment"
_TYPES_INTO_OPEN = "python.terminal.activateEnvInCurrentTerminal"
_KIND = "python-envs.terminal.autoActivationType"  # it counts in the user's own settings alone
_ENV = f"terminal.integrated.env.{'windows' if WINDOWS else 'osx' if MACOS else 'linux'}"
_OF_ENVIRONMENTS = ("PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYTHONHOME")
_VARIABLE = re.compile(r"\$\{(env:)?([A-Za-z_][A-Za-z0-9_]*)(?::[^}]*)?\}")
_OFF = f'"{_ACTIVATES}": false, "{_KIND}": "off"'


def vscode(case: Case) -> Iterator[Finding]:
    """Find terminals of VS Code's in which an extension activates environments, and what the project asks for there."""
    disk, home = case.situation.context.disk, case.situation.context.home
    folder = _settings(f"{case.root}/{_FOLDER}", disk)
    user: dict[str, Any] = {}
    for name in _USERS if home else ():
        user.update(_settings(f"{home.rstrip('/')}/{name}", disk))
    asked = next((key for key in (_TYPES_INTO_OPEN, _ACTIVATES) if folder.get(key) is True), "")
    if asked:
        text = f"{visible(case.root)}/{_FOLDER} has VS Code activate environments in its terminals, too"
        text += ", also in the one that is open already" if asked == _TYPES_INTO_OPEN else ""
        yield Finding("vscode", INFO, f"{text}: wend takes them over", fixes.written(_FOLDER, f'"{asked}": false'))
    elif case.env.get("TERM_PROGRAM") == "vscode" and not _is_off({**user, **folder}, user.get(_KIND)):
        text = "VS Code's Python extensions activate environments in its terminals, too: wend takes them over"
        yield Finding("vscode", INFO, text, fixes.written("settings.json", _OFF))
    yield from _vscode_interpreter(folder.get(_INTERPRETER), case)
    names = [name for name in _OF_ENVIRONMENTS if name in toml.table(folder, _ENV)]
    if names:
        said = ", ".join(names)
        text = f"{visible(case.root)}/{_FOLDER} sets {said} in each terminal of VS Code's, whatever its directory"
        fix = fixes.removed(_FOLDER, f'{said} of "{_ENV}"')
        yield Finding("vscode-env", INFO, f"{text}; wend does that itself", fix)


def _settings(path: str, disk: Disk) -> dict[str, Any]:
    return jsonc.table(disk.text(path, _MAX_SIZE) or "")


def _is_off(settings: dict[str, Any], kind: object) -> bool:
    return settings.get(_ACTIVATES) is False and kind in (None, "off")


def _vscode_interpreter(value: object, case: Case) -> Iterator[Finding]:
    """Find an interpreter in VS Code's settings that is not the environment's."""
    target = case.target
    path = _expanded(value, case) if isinstance(value, str) else ""
    if not target or not path or _leads_to(path, target, case.situation.context.disk):
        return
    inside = target.prefix.startswith(f"{case.root}/")
    shown = f"${{workspaceFolder}}{target.prefix[len(case.root) :]}" if inside else target.python
    text = f"{visible(case.root)}/{_FOLDER} has VS Code run {visible(path)}, and the environment is {target.prefix}"
    fix = fixes.written(_FOLDER, f'"{_INTERPRETER}": "{shown}"')
    yield Finding("vscode-interpreter", INFO, visible(text), fix)


def _expanded(value: str, case: Case) -> str:
    """Return the path that VALUE stands for; empty when that is unknown, or a program on PATH is meant."""
    home = case.situation.context.home
    if len(value) > _LONGEST:
        return ""
    known = {"workspaceFolder": case.root, "workspaceRoot": case.root, "userHome": home}

    def put(match: re.Match[str]) -> str:
        return (case.env if match[1] else known).get(match[2]) or match[0]

    path = _VARIABLE.sub(put, value.strip())
    path = f"{home}{path[1:]}" if path.startswith("~/") and home else path
    if "/" not in path or "\\" in path or "${" in path or "\0" in path:
        return ""
    return os.path.normpath(os.path.join(case.root or os.sep, path))


# -- JetBrains -----------------------------------------------------------------------------------------------

_SDK = re.compile(r'<component name="ProjectRootManager"[^<>]*\bproject-jdk-name="([^"<>]*)"')
_MODULE_SDK = re.compile(r'<orderEntry type="jdk" jdkName="([^"<>]*)" jdkType="Python SDK"')
_ENTRY = re.compile(r'<name value="([^"<>]*)"\s*/>|<homePath value="([^"<>]*)"\s*/>')
_SWITCHED_OFF = re.compile(r'<option name="virtualEnvActivate" value="false"\s*/>')
_CONFIGS = (".config/JetBrains", "Library/Application Support/JetBrains")


def jetbrains(case: Case) -> Iterator[Finding]:
    """Find terminals of JetBrains' in which environments are activated, and another interpreter in its project."""
    disk, idea = case.situation.context.disk, f"{case.root}/.idea"
    here = "JetBrains" in case.env.get("TERMINAL_EMULATOR", "")
    if here and not _SWITCHED_OFF.search(disk.text(f"{idea}/python-terminal.xml", _MAX_SIZE) or ""):
        text = "JetBrains activates environments in its terminals, too: wend takes them over"
        yield Finding("jetbrains", INFO, text, "in JetBrains, turn off: Settings, Tools, Terminal, Activate virtualenv")
    target = case.target
    paths = list(_sdks(idea, case)) if target else []
    if target and paths and not any(_leads_to(path, target, disk) for path in paths):
        text = f"{idea} has JetBrains run {paths[0]}, and the environment is {target.prefix}"
        fix = f"in JetBrains, choose: Settings, Python Interpreter, Add Local, {visible(target.python)}"
        yield Finding("jetbrains-interpreter", INFO, visible(text), fix)


def _sdks(idea: str, case: Case) -> Iterator[str]:
    """Yield the interpreters that the project in IDEA names, as far as the user's own settings know them."""
    disk, home = case.situation.context.disk, case.situation.context.home
    modules = [name for name in disk.listdir(idea) if name.endswith(".iml")][:_MAX_MODULES]
    found = [_MODULE_SDK.search(disk.text(f"{idea}/{name}", _MAX_SIZE) or "") for name in modules]
    found.append(_SDK.search(disk.text(f"{idea}/misc.xml", _MAX_SIZE) or ""))
    names = {match[1] for match in found if match}
    for config in _CONFIGS if home and names else ():
        top = f"{home.rstrip('/')}/{config}"
        for product in reversed(disk.listdir(top)):
            table = disk.text(f"{top}/{product}/options/jdk.table.xml", _MAX_SIZE * 16) or ""
            name: Optional[str] = None
            for match in _ENTRY.finditer(table):
                path = html.unescape(match[2] or "").replace("$USER_HOME$", home)
                if os.path.isabs(path) and name in names:
                    yield os.path.normpath(path)
                name = match[1] if match[2] is None else name


def _leads_to(path: str, target: Target, disk: Disk) -> bool:
    """Return whether PATH is the environment TARGET, a directory in it or a program of it."""
    disk.guard(path)  # it came with the project
    places = (path, os.path.dirname(path), os.path.dirname(os.path.dirname(path)))
    return target.prefix in places or disk.realpath(target.prefix) in map(disk.realpath, places)
