"""Every document has the keys and the types of `wend.documents`, no more and no less."""

from __future__ import annotations

import json
import os
import typing
from pathlib import Path
from typing import Any, Union

import pytest

from wend import documents

from .conftest import Cli

# The words that a text may be, by document and key.
WORDS = {
    ("Candidate", "status"): {"chosen", "shadowed", "unavailable", "broken", "untrusted"},
    ("Finding", "level"): {"ok", "info", "warning", "error"},
    ("Decision", "decision"): {"allow", "deny"},
    ("Tested", "status"): {"ok", "failed", "skipped"},
    ("Setting", "origin"): {"file", "default"},
}
# What programs rely on; never fewer.
KEYS = {
    "Environment": "kind name prefix root marker python python_version",
    "Env": "dir env changes prompt notices",
    "Changes": "set unset prepend source",
    "Explain": "dir chosen candidates",
    "Candidate": "kind marker dir status reason fix",
    "ShellStatus": "shell daemon",
    "Shell": "pid kind dir env suspended decided_by reason",
    "Daemon": "pid version uptime_s rss_bytes shells",
    "Interpreter": "version implementation source path default",
    "Finding": "id level text fix",
    "Decision": "dir decision recursive since",
    "Tested": "shell status reason steps",
    "Step": "name ok ms",
}


def check(value: Any, kind: Any, where: str) -> None:
    """Fail unless VALUE is of the type KIND."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Union:
        if value is None:
            assert type(None) in arguments, where
            return
        left = [each for each in arguments if each is not type(None)]
        if len(left) == 1:
            check(value, left[0], where)
        else:
            assert any(isinstance(value, typing.get_origin(each) or each) for each in left), where
    elif origin is list:
        assert isinstance(value, list), where
        for number, each in enumerate(value):
            check(each, arguments[0], f"{where}[{number}]")
    elif origin is dict:
        assert isinstance(value, dict), where
        for key, each in value.items():
            check(each, arguments[1], f"{where}.{key}")
    elif typing.is_typeddict(kind) if hasattr(typing, "is_typeddict") else hasattr(kind, "__total__"):
        hints = typing.get_type_hints(kind)
        assert list(value) == list(hints) or set(value) == set(hints), where
        for key, each in value.items():
            check(each, hints[key], f"{where}.{key}")
            words = WORDS.get((kind.__name__, key))
            assert words is None or each in words, f"{where}.{key}"
    else:
        number = kind is float and type(value) is int
        assert number or type(value) is kind, f"{where} is {value!r}"


def document(cli: Cli, kind: Any, *words: str, **env: str) -> Any:
    done = cli(*words, "--json", **env)
    found = json.loads(done.stdout)
    assert next(iter(found)) == "schema"
    assert found.pop("schema") == 1
    check(found, kind, kind.__name__)
    return found


def test_no_key_has_gone() -> None:
    for name, keys in KEYS.items():
        assert set(keys.split()) <= set(typing.get_type_hints(getattr(documents, name))), name


@pytest.fixture
def project(cli: Cli) -> Path:
    """Make a project with a candidate of each status on the way."""
    root = cli.project("p")
    (root / "venv").mkdir()
    (root / "venv" / "pyvenv.cfg").write_text("home = /missing\n")
    (root / ".python-version").write_text("3.99\n")
    cli.cwd = root
    return root


def test_documents_of_a_project(cli: Cli, project: Path) -> None:
    assert document(cli, documents.Env, "env")["env"]
    assert document(cli, documents.Explain, "explain")["candidates"]
    assert document(cli, documents.Doctor, "doctor")["findings"]
    assert cli("allow", str(project)).returncode == 0
    assert cli("deny", str(cli.home)).returncode == 0
    assert len(document(cli, documents.Trust, "trust")["decisions"]) == 2
    cli("config", "set", "trust.roots", f'["{project}"]')
    document(cli, documents.Config, "config", "show")
    document(cli, documents.Interpreters, "python", "list")
    document(cli, documents.ShellStatus, "status")


def test_documents_of_nothing(cli: Cli) -> None:
    for kind, words in ((documents.Env, "env"), (documents.Explain, "explain"), (documents.Trust, "trust")):
        document(cli, kind, words)
    document(cli, documents.Doctor, "doctor")


@pytest.mark.parametrize("words", ["env", "explain", "doctor"])
def test_document_of_a_failure(cli: Cli, words: str) -> None:
    found = document(cli, documents.Failure, words, str(cli.home / "missing"))
    assert found == {"error": f"{cli.home}/missing does not exist", "fix": f"ls {cli.home}"}
    cli.cwd = cli.project("p")
    assert "error" not in cli("exec", "--", "sh", "-c", "echo $0; exit 1", "--json").stdout
    assert cli("env", "--json", "--nonsense").stdout == ""


def test_documents_of_a_shell_and_a_daemon(cli: Cli, project: Path) -> None:
    assert cli("daemon", "start").returncode == 0
    document(cli, documents.Daemon, "daemon", "status")
    undo = {"v": 2, "active": ["venv", ".venv", f"{project}/.venv", str(project)], "added": [f"{project}/.venv/bin"]}
    shell = {"WEND_SHELL": f"{os.getpid()}-abc", "WEND_UNDO": json.dumps(undo)}
    assert document(cli, documents.ShellStatus, "status", **shell)["shell"]["env"]["python"]
    undo["active"] = ["venv", "gone", "/gone/.venv", "/gone"]
    shell["WEND_UNDO"] = json.dumps(undo)
    assert document(cli, documents.ShellStatus, "status", **shell)["shell"]["env"]["marker"] is None


def test_document_of_the_self_test(cli: Cli) -> None:
    found = document(cli, documents.Selftest, "selftest", "--no-rc")
    assert {each["shell"] for each in found["shells"]} == {"bash", "zsh", "fish", "pwsh"}
