"""Real project layouts: wend names the environment that the owning tool names.

Each row of layouts.sh is built by the tools themselves, which answer too. One row: `-k NAME`, or with the id,
`tests/layouts/test_layouts.py::test_layout[NAME]`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Optional

import pytest

from tests.conftest import TREE, absent
from tests.tools.install import TOOLS, install

pytestmark = pytest.mark.layouts

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layouts.sh")
_MAIN = os.path.join(TREE, "src", "wend", "__main__.py")
_ROWS = subprocess.run([_SCRIPT, "list"], capture_output=True, text=True, check=True).stdout.split()

Row = dict[str, Any]


@pytest.fixture(scope="session")
def problems() -> dict[str, str]:
    """Install the tools; return {tool: why it is missing}."""
    return install()


@pytest.fixture(scope="session")
def build(problems: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Callable[[str], Row]]:
    """Return a function that waits for a row. All rows that were selected are built at once, two at a time."""
    functions = [item for item in request.session.items if isinstance(item, pytest.Function)]
    selected = [str(item.callspec.params["name"]) for item in functions if "build" in item.fixturenames]
    with tempfile.TemporaryDirectory(prefix="wend-layouts-") as scratch, ThreadPoolExecutor(2) as pool:
        top = os.path.realpath(scratch)
        futures: dict[str, Future[Row]] = {name: pool.submit(_build, name, f"{top}/{name}") for name in selected}
        yield lambda name: futures[name].result()
        for future in futures.values():
            future.cancel()


def _build(name: str, place: str) -> Row:
    env = {**os.environ, "LAYOUTS_TOOLS": TOOLS, "LAYOUTS_PYTHON": sys.executable}
    done = subprocess.run(
        [_SCRIPT, "row", name, place],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    row: Row = json.loads(done.stdout)
    with open(f"{place}/log", "a+", encoding="utf-8", errors="replace") as file:
        file.seek(0)
        row["log"] = file.read()
    return row


def _explain(row: Row, runtime: str) -> Any:
    """Return what `wend explain --json` prints in the row's directory."""
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", _MAIN, "explain", "--json"],
        cwd=row["dir"],
        env={"HOME": row["home"], "PATH": row["path"], "PWD": row["dir"], "WEND_RUNTIME_DIR": runtime, **row["env"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _same(chosen: Optional[dict[str, Any]], expected: Optional[str]) -> bool:
    """Return whether CHOSEN is the environment with the prefix EXPECTED, whatever the spelling.

    Of a bare interpreter the tools name a prefix by its path, so that `python` decides there.
    """
    if chosen is None or expected is None:
        return chosen is None and expected is None
    prefixes = [chosen["prefix"]]
    if chosen["kind"] in ("pyenv", "python"):
        prefixes.append(os.path.dirname(os.path.dirname(chosen["python"])))
    return os.path.realpath(expected) in map(os.path.realpath, prefixes)


def shown(prefix: str) -> str:
    """Return the name that the environment's own activate script shows."""
    text = 'PS1=; . "$1/bin/activate"; printf %s "$PS1"'
    done = subprocess.run(
        ["bash", "-c", text, "bash", prefix], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
    )
    return done.stdout.removeprefix("(").removesuffix(") ")


# A name that the scripts of some versions let the shell expand stands in tests/data/explain.toml instead.
_NAMES = (
    "blue", "my shop", "it's", "Müller", "日本", "'quoted'", " led", "trailing ", "%n", "{x}", "#c", "a=b", "'a",
    "end'", "!x", "(a)", "", "tab\there",
)  # fmt: skip
_MORE = ('say "hi"', '"quoted"', "a'b\"c")  # virtualenv alone quotes these in every version
_MAKERS: dict[str, Callable[[str, str], list[str]]] = {
    "venv": lambda prefix, name: [sys.executable, "-m", "venv", "--without-pip", "--prompt", name, prefix],
    "virtualenv": lambda prefix, name: [f"{TOOLS}/virtualenv/bin/virtualenv", "--no-pip", "--prompt", name, prefix],
    "uv": lambda prefix, name: [f"{TOOLS}/uv/bin/uv", "venv", "-p", sys.executable, "--prompt", name, prefix],
}


@pytest.mark.parametrize("tool", _MAKERS)
def test_name(tool: str, problems: dict[str, str], tmp_path: Any) -> None:
    """Each name is shown as the activate script of the tool shows it."""
    absent({tool: problems[tool]} if tool in problems else {})
    env = {"HOME": str(tmp_path), "PATH": os.defpath, "UV_OFFLINE": "1", "VIRTUALENV_NO_PERIODIC_UPDATE": "1"}
    names = (*_NAMES, *_MORE) if tool == "virtualenv" else _NAMES
    found, wanted = {}, {}
    for number, name in enumerate(names):
        project = os.path.realpath(tmp_path / str(number))
        os.mkdir(project)
        subprocess.run(_MAKERS[tool](f"{project}/.venv", name), env=env, cwd=project, capture_output=True, check=True)
        row = {"dir": project, "home": str(tmp_path), "path": os.defpath, "env": {}}
        found[name] = _explain(row, str(tmp_path))["chosen"]["name"]
        wanted[name] = shown(f"{project}/.venv")
    if tool == "venv":
        wanted[""] = found[""]  # venv shows `()`, and wend the directory's name: an empty one would mean none
    assert found == wanted


@pytest.mark.parametrize("name", _ROWS)
def test_layout(name: str, build: Callable[[str], Row], problems: dict[str, str], tmp_path: Any) -> None:
    row = build(name)
    absent({tool: problems.get(tool, "") for tool in row["missing"]})
    assert row["problem"] is None, f"the row is not built: {row['problem']}\n{row['log']}"
    expected = row["also"]["expect"] if "expect" in row["also"] else row["prefix"]
    document = _explain(row, str(tmp_path))
    if _same(document["chosen"], expected):
        if expected and os.path.isfile(f"{expected}/bin/activate"):
            assert document["chosen"]["name"] == shown(expected)
        return
    told = [
        f"{row['tool']}: {row['what']}",
        f"  in        {row['dir']}",
        f"  expected  {expected}",
        f"  chosen    {document['chosen'] and document['chosen']['prefix']}",
    ]
    told += ["  candidate {status} {kind} {marker}: {reason}: {fix}".format(**each) for each in document["candidates"]]
    pytest.fail("\n".join(told), pytrace=False)
