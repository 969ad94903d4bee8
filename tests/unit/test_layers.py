"""Imports point one way, and the heavy libraries are not loaded for a shell's first prompt."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import wend
from wend.kinds import projectfiles
from wend.shells import ALIASES, SHELLS

PACKAGE = os.path.dirname(os.path.abspath(wend.__file__))

# From the bottom up. A module imports from its own row and the rows before it.
ROWS = (
    (
        "",
        "documents",
        "errors",
        "fixes",
        "formats",
        "launcher",
        "libraries",
        "model",
        "paths",
        "patterns",
        "settings",
        "system",
        "terminal",
        "text",
        "typed",
    ),
    ("protocol", "other_tools", "record", "plan", "shells"),
    ("disk", "context", "detect", "kinds", "settings_file", "trust"),
    ("engine",),
    ("daemon", "client"),
    ("setup", "selftest", "workflow", "doctor"),
    ("cli", "__main__"),
)
RANK = {name: rank for rank, names in enumerate(ROWS) for name in names}

# Each only where it is needed: nothing else may come to depend on it.
HEAVY = {
    "watchdog": {"daemon.watcher"},
    "psutil": {"daemon.commands", "daemon.sessions", "system"},
    "click": {"cli"},
    "platformdirs": {"paths"},
    "packaging": {"formats.versions"},
    "rich": {"cli"},
}


def _modules() -> dict[str, str]:
    found = {}
    for context, _, files in os.walk(PACKAGE):
        for file in files:
            if file.endswith(".py"):
                path = os.path.join(context, file)
                dotted = os.path.relpath(path, PACKAGE)[: -len(".py")].replace(os.sep, ".")
                found[dotted.removesuffix("__init__").rstrip(".")] = path
    return found


def _imports(path: str) -> set[str]:
    """Return the top modules of wend that PATH imports at run time, wherever in the file."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names | {module for _, module in _late(tree)}


def _late(tree: ast.AST) -> set[tuple[str, str]]:
    """Return (name, module) of what is imported when something of it is first used."""
    return {
        (getattr(node.targets[0], "id", ""), ast.literal_eval(node.value.args[0]))
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if getattr(node.value.func, "id", "") == "late"
    }


def _row(module: str) -> int:
    return RANK[module.split(".", 1)[0]]


def test_imports_point_one_way() -> None:
    modules = _modules()
    wrong = []
    for module, path in modules.items():
        for name in _imports(path):
            if name.split(".", 1)[0] != "wend":
                continue
            target = name.removeprefix("wend").lstrip(".")
            if target not in modules:  # a name in a module, not a module
                target = target.rpartition(".")[0]
            if _row(target) > _row(module):
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_what_is_imported_late_is_what_the_type_checker_sees() -> None:
    found = 0
    for path in _modules().values():
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
        seen = {(each.asname or each.name, f"{node.module}.{each.name}") for node in imports for each in node.names}
        assert _late(tree) <= seen, path
        found += len(_late(tree))
    assert found


def test_every_module_has_a_row() -> None:
    assert {module.split(".")[0] for module in _modules()} <= set(RANK)


def test_each_heavy_library_has_its_place() -> None:
    places: dict[str, set[str]] = {name: set() for name in HEAVY}
    for module, path in _modules().items():
        for name in _imports(path):
            if name.split(".")[0] in places:
                places[name.split(".")[0]].add("cli" if module.startswith("cli") else module)
    assert places == HEAVY


def test_one_module_lists_the_files_of_projects() -> None:
    names = {projectfiles.PYPROJECT, *projectfiles.LOCKS, *projectfiles.RECOGNISED, *projectfiles.PINS}
    found = []
    for module, path in _modules().items():
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        lists = (node.elts for node in ast.walk(tree) if isinstance(node, (ast.Tuple, ast.List, ast.Set)))
        listed = [names & {each.value for each in elements if isinstance(each, ast.Constant)} for elements in lists]
        found += [f"{module}: {sorted(each)}" for each in listed if len(each) > 1 and module != "kinds.projectfiles"]
    assert found == []


# Where a shell's name stands in the text of another: a setting, a file that activation scripts are recognised by.
SHELL_TEXTS = {
    ("settings_file", "bash.wrap_cd"),
    ("trust.witnesses", "activate.fish"),
    ("doctor.other_tools", " of Oh My Zsh "),
    ("kinds.installing", "curl -fsSL https://pyenv.run | bash"),
    ("kinds.installing", 'powershell -ExecutionPolicy ByPass -c "irm https://astral.sh/uv/install.ps1 | iex"'),
    ("kinds.installing", 'powershell -ExecutionPolicy ByPass -c "irm https://pixi.sh/install.ps1 | iex"'),
}


def test_only_the_table_of_shells_names_a_shell() -> None:
    found = set()
    for module, path in _modules().items():
        if module.split(".", maxsplit=1)[0] == "shells":
            continue
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        shown = (node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "examples")  # in --help
        prose |= {id(node) for call in shown for node in ast.walk(call)}
        found |= {
            (module, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            if {*SHELLS, *ALIASES} & set(re.split(r"\W", node.value.lower()))
        }
    assert found == SHELL_TEXTS


# What may be said of conda outside its package on the way of a request: variables that every shell sends, a fact of the
# wire, a lock file, names of versions of pyenv's. trust judges what is in an environment; there, origin and witnesses
# read where conda says that it made one.
CONDA_TEXTS = {
    ("protocol", "CONDA_DEFAULT_ENV"),
    ("protocol", "CONDA_PREFIX"),
    ("protocol", "CONDA_PROMPT_MODIFIER"),
    ("protocol", "CONDA_SHLVL"),
    ("protocol", "conda-prompt"),
    ("kinds.projectfiles", "conda-lock"),
    ("kinds.projectfiles", "conda-lock.yml"),
    ("kinds", "Conda"),
    ("kinds.pyenv", "anaconda"),
    ("kinds.pyenv", "miniconda"),
    ("client", "CONDA_PREFIX_"),
    ("trust.ownership", "/conda-meta"),
}
# Who may use the package: the table of kinds, and the kinds whose environment conda can have made.
CONDA_USERS = {"kinds", "kinds.venv", "kinds.pdm", "kinds.setting"}
# The workflow commands have conda make environments, and the doctor looks at what it made.
OFF_THE_ROAD = (*ROWS[-2], "cli.create", "cli.freeze", "cli.projects", "cli.sync")
CONDAS_OWN = ("kinds.conda", "kinds.pixi", "shells", "trust.origin", "trust.witnesses")


def test_only_its_own_package_knows_conda() -> None:
    texts, users = set(), set()
    for module, path in _modules().items():
        if module.startswith((*OFF_THE_ROAD, *CONDAS_OWN)):
            continue
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            names = (getattr(node, name, None) for name in ("value", "id", "name", "attr") if id(node) not in prose)
            words = (each for each in names if isinstance(each, str) and not each.startswith("wend."))  # else a module
            texts |= {(module, each) for each in words if "conda" in each.lower()}
        if any(name.startswith("wend.kinds.conda") for name in _imports(path)):
            users.add(module)
    assert texts == CONDA_TEXTS
    assert users == CONDA_USERS


def test_only_one_place_tells_systems_apart() -> None:
    """`wend.system` does; the others ask it. Where POSIX alone has a module, its importer says what is done without."""
    asked = re.compile(r"\b(sys\.platform|os\.name|os\.uname|os\.gete?uid|os\.getegid|platform\.\w+)\b")
    found = set()
    for module, path in _modules().items():
        with open(path, encoding="utf-8") as file:
            if module.split(".")[0] != "system":
                found |= {(module, word) for word in asked.findall(file.read())}
    assert found == set()


def test_first_answer_needs_no_heavy_library() -> None:
    """What a cold daemon imports before it answers."""
    code = "import wend.__main__, wend.daemon.lifecycle; print([m for m in sys.argv[1:] if m in sys.modules])"
    heavy = (*HEAVY, "dataclasses", "logging", "subprocess")
    path = os.path.dirname(PACKAGE)
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {path!r}); {code}", *heavy]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_a_person_installs_with_is_importable_without_posix_modules() -> None:
    """As on Windows: the hooks' texts, setup, and the self-test up to its one plain line."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('fcntl', 'grp', 'pty', 'pwd', 'termios')))\n"
        "from wend import errors, launcher, selftest, setup\n"
        "from wend.disk import files\n"
        "from wend.shells import SHELLS, hooks\n"
        "assert all(hooks.text(shell, 'C:\\\\wend.exe') for shell in SHELLS)\n"
        "try: selftest.run({}, ())\n"
        "except errors.WendError as error: print(error.line())\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {os.path.dirname(PACKAGE)!r}); {code}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
    assert "pseudo-terminal" in done.stdout
