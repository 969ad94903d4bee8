"""What the documentation says is true: its commands run, its tables are complete, its links lead somewhere."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import wend
from tests.conftest import TREE
from tests.unit.test_layers import ROWS
from wend import kinds, protocol, settings, settings_file
from wend.engine import decide
from wend.formats import toml
from wend.kinds import projectfiles
from wend.shells import SHELLS

PAGES = sorted(
    [*Path(TREE).glob("*.md"), *Path(TREE, "docs").glob("*.md"), *Path(TREE, "benchmarks").glob("*.md")],
    key=str,
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")
# Blocks that are not run here, by what they begin with, and why.
_NOT_RUN = {
    "./install.sh": "installs wend; tests/test_install.py does that",
    "pipx install": "installs wend with tools that are not here",
    "./tests/run.sh": "runs these tests",
}
# Of other languages than sh: python is run, mermaid and text are shown, the rest is checked.
_LANGUAGES = {"sh", "python", "mermaid", "text", "toml", "json", "zsh", "fish"}
_WRITTEN = re.compile(r"<!-- (\w+) -->.*?<!-- /\1 -->", re.DOTALL)
_ITEM = re.compile(r"- |\d+\. ")
_END = re.compile(r"""[.!?:]["')*]*$""")
_SENTENCE = re.compile(r"""(?<!e\.g)(?<!i\.e)[.!?]["')]* +(?=[A-Z`\["*]|wend |conda |uv |pip )""")


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of code in LANGUAGE."""
    return [text for tag, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if tag == language]


COMMANDS = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(blocks(page, "sh"))
    if not text.startswith(tuple(_NOT_RUN))
]


def prose(page: Path) -> Iterator[str]:
    """Yield the lines of a page that are not code, tables, titles, a block of HTML, or written by a program."""
    text = _WRITTEN.sub("", _BLOCK.sub("", page.read_text(encoding="utf-8")))
    for line in text.splitlines():
        if not line.startswith(("|", "#", "<", "---", "![")):
            yield re.sub(r"`[^`]*`", "`x`", line)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Yield the variables of a user with a project, and a daemon that ends with the test."""
    (tmp_path / "home").mkdir()
    (tmp_path / "run").mkdir(mode=0o700)
    env = {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        "WEND_RUNTIME_DIR": str(tmp_path / "run"),
        "LC_ALL": "C.UTF-8",
    }
    subprocess.run(
        ["bash", "-ec", 'mkdir "$HOME/shop" && python3 -m venv --without-pip "$HOME/shop/.venv"'], env=env, check=True
    )
    yield env
    subprocess.run(["wend", "daemon", "stop"], env=env, check=False, capture_output=True)


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_run(text: str, home: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env=home,
        cwd=home["HOME"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_block_says_what_it_is(page: Path) -> None:
    assert {language for language, _ in _BLOCK.findall(page.read_text(encoding="utf-8"))} <= _LANGUAGES


def test_no_block_is_left_out_without_need() -> None:
    texts = [text for page in PAGES for text in blocks(page, "sh")]
    assert [begin for begin in _NOT_RUN if not any(text.startswith(begin) for text in texts)] == []


# In the changelog an entry is a line.
@pytest.mark.parametrize("page", [each for each in PAGES if each.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_lines_break_at_the_ends_of_sentences(page: Path) -> None:
    lines = [line.strip() for line in prose(page)]
    texts = [_ITEM.sub("", line) for line in lines]
    assert [text for text in texts if _SENTENCE.search(text)] == []
    goes_on = [bool(after) and not _ITEM.match(after) for after in lines[1:]]
    assert [text for text, more in zip(texts, goes_on) if text and more and not _END.search(text)] == []


_CHECKERS: dict[str, Callable[[str], Any]] = {
    "toml": toml.parse,
    "json": json.loads,
    "zsh": lambda text: subprocess.run(["zsh", "-n"], input=text, text=True, check=True),
    "fish": lambda text: subprocess.run(["fish", "--no-execute"], input=text, text=True, check=True),
}


@pytest.mark.parametrize("language", _CHECKERS)
def test_other_blocks_are_well_formed(language: str, need: Any) -> None:
    if language in SHELLS:
        need(language)
    texts = [text for page in PAGES for text in blocks(page, language)]
    assert texts
    for text in texts:
        _CHECKERS[language](text)


def test_scenarios_that_contributing_names_exist() -> None:
    text = "\n".join(blocks(Path(TREE, "CONTRIBUTING.md"), "sh"))
    (name,) = re.findall(r'-k "(\w+) and bash"', text)
    scenarios = Path(TREE, "tests", "shells", "scenarios.py").read_text(encoding="utf-8")
    assert f"def {name}(" in scenarios


def test_the_worked_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind in CONTRIBUTING.md passes its own test, `explain` finds it, and the linters accept it."""
    kind, test = blocks(Path(TREE, "CONTRIBUTING.md"), "python")
    assert len(kind.splitlines()) < 60
    package = tmp_path / "wend"
    shutil.copytree(os.path.dirname(wend.__file__), package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "kinds" / "virtualfish.py").write_text(kind, encoding="utf-8")
    table = package / "kinds" / "__init__.py"
    rows = table.read_text(encoding="utf-8")
    rows = rows.replace(
        "\nfrom wend.settings", "\nfrom wend.kinds.virtualfish import Virtualfish\nfrom wend.settings", 1
    )
    rows = rows.replace("        Virtualenvwrapper(),\n", "        Virtualenvwrapper(),\n        Virtualfish(),\n", 1)
    table.write_text(rows, encoding="utf-8")
    (tmp_path / "test_virtualfish.py").write_text(test, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    own = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(own, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / ".virtualenvs").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".vfenv").write_text("blue\n")
    command = [sys.executable, "-m", "wend", "explain", str(tmp_path / "project")]
    user = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}
    said = subprocess.run(command, env=user, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "virtualfish" in said.stdout, said.stdout + said.stderr
    assert "vf new blue" in said.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    for path, anchor in _LINK.findall(text):
        target = page if not path else page.parent / path
        assert target.exists(), path
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor[1:] in {title.lower().replace(" ", "-") for title in titles}


def test_the_messages_that_troubleshooting_quotes_exist() -> None:
    """In the column "you see", text of three words and more is a message, or the part of it that does not vary."""
    table = _text("docs/troubleshooting.md").partition("## ")[0]
    seen = [row.split("|")[1] for row in table.splitlines() if row.startswith("| ")]
    quoted = [text for cell in seen for text in re.findall(r"`([^`]+)`", cell) if text.count(" ") > 1]
    assert quoted
    places = (*Path(TREE, "src", "wend").rglob("*.py"), *Path(TREE, "shell").glob("wend*"))
    source = "\n".join(place.read_text(encoding="utf-8") for place in places)
    assert [text for text in quoted if text not in source] == []


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` +\| `(.*?)` +\|", _text("docs/settings.md"), re.MULTILINE)
    defaults = settings.Settings()

    def written(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, tuple):
            return "[" + ", ".join(f'"{each}"' for each in value) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)

    assert dict(rows) == {each.key: written(getattr(defaults, each.field)) for each in settings_file.OPTIONS}


def test_every_marker_is_in_the_table_of_precedence() -> None:
    text = _text("docs/environments.md")
    files = {file for file, _, _ in kinds.markers(settings.Settings())}
    assert {file for file in files if f"`{file}`" not in text} == set()


def test_there_is_one_table_of_precedence_and_one_line_for_each_tool() -> None:
    text = _text("docs/environments.md")
    assert text.count("| rank |") == 1
    lines = text.partition("## Each tool in one line\n\n")[2].partition("\n\n## ")[0].split("\n")
    tools = [tool for line in lines for tool in line.removeprefix("- **").partition("**: ")[0].lower().split(", ")]
    assert all(re.fullmatch(r"- \*\*[^*]+\*\*: .+", line) for line in lines), lines
    assert sorted(set(tools)) == sorted(tools)
    wanted = {*kinds.NAMES, *(tool for tool in projectfiles.VENV_LOCKS.values() if tool)}
    assert wanted <= set(tools)


def test_the_rules_of_a_decision_are_listed_in_order() -> None:
    line = re.search(r"^The rules of `decide`, in order: (.*)\.$", _text("docs/architecture.md"), re.MULTILINE)
    assert line
    module = sys.modules[decide.__module__]
    assert re.findall(r"`(\w+)`", line[1]) == [rule.__name__.lstrip("_") for rule in (*module.RULES, module._project)]


def test_the_layout_is_that_of_the_layer_test() -> None:
    (layout,) = re.findall(r"## Layout\n\n```text\n(.*?)```", _text("docs/architecture.md"), re.DOTALL)
    shown = [[name.rstrip("/") for name in line.split()[1:]] for line in layout.splitlines()]
    assert [sorted(row) for row in shown] == [sorted(set(row) - {"", "__main__"}) for row in ROWS]


def test_the_facts_of_the_wire_are_listed() -> None:
    (row,) = re.findall(r"^\| facts \|.*$", _text("docs/architecture.md"), re.MULTILINE)
    facts = (protocol.READONLY, protocol.THEME_SHOWS_ENV, protocol.POWERLINE_SHELL, protocol.TOOL_SHOWS_ENV)
    assert re.findall(r"`([a-z-]+)`", row) == list(facts)


def test_the_workflow_installs_what_the_checks_ask_for() -> None:
    """Where it is not root, .ci/run installs nothing, and under CI a tool that is missing fails its tests."""
    asked = {
        name
        for line in re.findall(r"^for (?:tool|package) in (.*?); do", _text(".ci/run"), re.MULTILINE)
        for name in line.split()
    }
    words = set(_text(".github/workflows/ci.yml").split())
    runner_has = {"git", "npm"}
    assert asked - runner_has - words == set()


def test_the_workflow_installs_what_the_unit_tests_ask_for() -> None:
    """In each job that runs them on Ubuntu: there, too, a program that is missing fails its tests."""
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(TREE, "tests", "unit").rglob("*.py"))
    asked = {*SHELLS, *re.findall(r"""\bneed\("([a-z]+)"\)""", sources)}
    runner_has = {"bash", "git", "pwsh"}
    nowhere = {"pyenv"}  # in no package index
    packages = {"man-db" if name == "man" else name for name in asked - runner_has - nowhere}
    jobs = re.split(r"^  (?=\w+:$)", _text(".github/workflows/ci.yml"), flags=re.MULTILINE)
    running = [job for job in jobs if re.search(r"pytest tests/unit$", job, re.MULTILINE)]
    assert len(running) == 2
    for job in running:
        assert packages - set(job.split()) == set(), job


def test_nothing_says_to_install_another_project() -> None:
    for page in PAGES:
        assert not re.search(r"(pip|pipx|uv tool) install wend\b(?!-)", page.read_text(encoding="utf-8"))


def test_the_changelog_has_this_version() -> None:
    assert re.search(rf"^## \[{re.escape(wend.__version__)}\]", _text("CHANGELOG.md"), re.MULTILINE)


def test_the_package_index_gets_links_that_work(monkeypatch: pytest.MonkeyPatch) -> None:
    interface = types.ModuleType("interface")
    interface.MetadataHookInterface = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hatchling.metadata.plugin.interface", interface)  # only a build has it
    found = importlib.util.spec_from_file_location("hatch_build", os.path.join(TREE, "hatch_build.py"))
    assert found
    assert found.loader
    hatch_build = importlib.util.module_from_spec(found)
    found.loader.exec_module(hatch_build)
    text = hatch_build.readme(_text("README.md"), "https://example.org/wend", "1.2")
    assert "(https://example.org/wend/blob/v1.2/docs/trust.md)" in text
    assert "](docs/" not in text + hatch_build.readme(_text("README.md"), "", "1.2")


def test_the_manual_page_is_what_the_commands_say() -> None:
    program = os.path.join(TREE, "docs", "manual.py")
    done = subprocess.run([sys.executable, program, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", [["mandoc", "-Tlint"], ["man", "--warnings", "-Tutf8", "-l"]], ids=lambda words: words[0]
)
def test_the_manual_page_is_well_formed(command: list[str], need: Any) -> None:
    need(command[0])
    page = os.path.join(TREE, "docs", "wend.1")
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*command, page], env=env, capture_output=True, text=True, check=False)
    said = done.stdout if command[0] == "mandoc" else done.stderr
    assert (done.returncode, said) == (0, "")


def test_the_picture_is_what_the_shell_prints(need: Any) -> None:
    need("git")
    done = subprocess.run(
        [sys.executable, os.path.join(TREE, "docs", "session.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _text(name: str) -> str:
    return Path(TREE, name).read_text(encoding="utf-8")
