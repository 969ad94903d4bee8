"""`wend exec` and `wend env` get the same outcome from a daemon as without one, though a daemon is sent less."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.unit.test_explain_table import _LAYOUTS, Machine
from wend import client, paths
from wend.cli import entering
from wend.daemon.answers import Answers
from wend.daemon.commands import Commands
from wend.daemon.mailbox import Mailbox
from wend.daemon.sessions import Sessions
from wend.disk import Disk
from wend.protocol import (
    CORE,
    Outcome,
    Request,
    format_outcome,
    format_request,
    parse_head,
    parse_outcome,
    parse_request,
)
from wend.record import Record, Undo, dump
from wend.shells import SHELLS

FORMS = [("exec", ""), ("json", ""), ("json", "fish"), ("dotenv", ""), *(("shell", shell) for shell in SHELLS)]


class Wire:
    """A daemon without its loop: every question is written and read as if it went through a mailbox."""

    def __init__(self, directory: str) -> None:
        self.commands = Commands(Sessions(Mailbox(directory)), Answers(print))
        self.sent: list[dict[str, str]] = []

    def exchange(self, path: str, request: Request, deadline: float, *, stays: bool = False) -> bytes:
        head = parse_head(format_request(request))
        assert head is not None
        read = parse_request(head)
        assert read is not None
        self.sent.append(read.env)
        return self.commands.outcome(read, Disk()) or b"\n"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="wend-test-") as directory:
        found = Wire(os.path.join(directory, "box"))
        monkeypatch.setattr(client, "running", lambda env: 1)
        monkeypatch.setattr(client, "check", lambda path: None)
        monkeypatch.setattr(client, "_exchange", found.exchange)
        yield found


def _both(form: str, shell: str, directory: str, env: dict[str, str]) -> Outcome:
    """Return the outcome, the same with a daemon and without."""
    with mock.patch.dict(os.environ, env, clear=True):
        told = client.enter(form, shell, directory, os.environ)
        with mock.patch.object(client, "enter", lambda *_: None):
            own = entering._outcome(form, shell, directory)
    assert told == own, (form, shell)
    return own


# -- what may be active where a command is typed ---------------------------------------------------------------------


def _active(home: str) -> dict[str, dict[str, str]]:
    """Return variables of shells in which something is active already."""
    path = f"{home}/bin"
    conda = {
        "CONDA_PREFIX": "/opt/c/envs/x",
        "CONDA_DEFAULT_ENV": "x",
        "CONDA_PROMPT_MODIFIER": "(x) ",
        "CONDA_SHLVL": "2",
    }
    undo = Undo(scalars=(("PYTHONHOME", "/before", None), ("FOO", None, "ours")), added=("/ours/bin",))
    return {
        "nothing": {"UNRELATED": "1"},
        "venv": {
            "VIRTUAL_ENV": "/v", "VIRTUAL_ENV_PROMPT": "v", "PATH": f"/v/bin:{path}", "_OLD_VIRTUAL_PATH": path,
            "_OLD_VIRTUAL_PYTHONHOME": "/python", "PYTHONHOME": "/other",
        },
        "base": {"CONDA_PREFIX": "/opt/c", "CONDA_DEFAULT_ENV": "base", "CONDA_SHLVL": "1", "PATH": f"/c/bin:{path}"},
        "conda": {**conda, "CONDA_PREFIX_1": "/opt/c", "CONDA_PREFIX_7": "/left", "PATH": f"/opt/c/envs/x/bin:{path}"},
        "wend": {"WEND_UNDO": dump(Record(undo)), "WEND_ENV": "x", "FOO": "ours", "PATH": f"/ours/bin:{path}"},
        "no path": {"PATH": ""},
    }  # fmt: skip


@pytest.mark.parametrize(("number", "layout"), list(enumerate(_LAYOUTS)), ids=[layout["name"] for layout in _LAYOUTS])
def test_every_layout(number: int, layout: dict[str, Any], tmp_path: Path, wire: Wire) -> None:
    """As a command and as JSON, and in one of the other forms after the other from layout to layout.

    So, too, with each of what may be active.
    """
    machine = Machine(str(tmp_path))
    machine.build(layout["tree"])
    (tmp_path / "config.toml").write_text(machine.text(layout.get("settings", "").replace("\\n", "\n")))
    env = {"HOME": machine.home, "PATH": f"{machine.home}/bin", "WEND_CONFIG": str(tmp_path / "config.toml")}
    env.update((name, machine.text(value)) for name, value in layout.get("env", {}).items())
    cwd = machine.path(layout.get("cwd", "."))
    others = FORMS[2:]
    for form, shell in (*FORMS[:2], others[number % len(others)]):
        _both(form, shell, cwd, env)
    for place, more in enumerate(_active(machine.home).values(), number):
        _both(*FORMS[place % 5], cwd, {**env, **more})


# -- what is asked for, and what is not sent -------------------------------------------------------------------------


def _conda(root: Path, **variables: str) -> str:
    prefix = root / ".condaenv"
    for name in ("bin", "conda-meta", "etc/conda/activate.d", "etc/conda/env_vars.d"):
        (prefix / name).mkdir(parents=True)
    (prefix / "conda-meta/history").write_bytes(
        os.fsencode(f"==> 2026-01-01 10:00:00 <==\n# cmd: conda create -p {prefix}\n")
    )
    (prefix / "etc/conda/env_vars.d/x.json").write_text(json.dumps(variables))
    os.symlink("/bin/sh", prefix / "bin/python")
    return str(prefix)


def test_a_variable_that_the_environment_changes_is_asked_for(tmp_path: Path, wire: Wire) -> None:
    prefix = _conda(tmp_path, SPECIAL="new")
    env = {"HOME": str(tmp_path), "PATH": "/bin", "SPECIAL": "old", "SECRET": "unused"}
    told = _both("exec", "", str(tmp_path), env)
    assert (told.text, told.what) == ("", "")
    assert {f"CONDA_PREFIX={prefix}", "SPECIAL=new"} <= set(told.changes)
    assert wire.sent[-1]["SPECIAL"] == "old"
    assert all(set(sent) <= {*CORE, "SPECIAL"} for sent in wire.sent)


def test_scripts_of_the_environment_are_sourced(tmp_path: Path, wire: Wire) -> None:
    prefix = _conda(tmp_path)
    Path(prefix, "etc/conda/activate.d/it's.sh").write_text("")
    told = _both("exec", "", str(tmp_path), {"HOME": str(tmp_path), "PATH": "/bin"})
    assert "it'\"'\"'s.sh" in told.text
    assert told.changes == ("WEND_UNDO", f"WEND_ENV={prefix}")


def test_bytes_that_are_not_utf_8(tmp_path: Path, wire: Wire) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n"))
    root.mkdir()
    prefix = _conda(root)
    Path(prefix, "etc/conda/activate.d/x.sh").write_text("")
    for form, shell in FORMS:
        told = _both(form, shell, str(root), {"HOME": str(tmp_path), "PATH": os.fsdecode(b"/\xfe")})
        assert parse_outcome(format_outcome(told)) == told


@pytest.mark.parametrize(
    "facts",
    [
        (), ("", "/", "exec"), ("1-2-3", "/", "exec"), ("code",), ("code", "/"), ("code", "/", "table"),
        ("code", "/", "shell", "tcsh"), ("code", "/etc", "exec"), ("code", "", "exec"),
    ],
)  # fmt: skip
def test_what_a_daemon_cannot_tell(facts: tuple[str, ...], wire: Wire) -> None:
    """Code and directories that differ, and forms and shells that it does not know."""
    facts = tuple(
        paths.place(os.stat(fact)) if fact[:1] == "/" else fact.replace("code", paths.code()) for fact in facts
    )
    request = Request("cli", 1, "1-cli", 1, "/", "", "enter", facts, False, (), {})
    assert wire.exchange("", request, 0.0) == b"\n"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b'{"ok": false, "daemon": null}', b"enter\0", b"enter\0a\x000\0\0\0\0", b"enter\0a\0b\0\0\0\0.\0",
        b"enter\0a\x000\0\0\0\0.", b"other\0a\x000\0\0\0\0.\0",
    ],
)  # fmt: skip
def test_what_is_no_outcome(data: bytes) -> None:
    """A daemon of an earlier version answers with a document."""
    assert parse_outcome(data) is None


def test_an_outcome_that_the_wire_cannot_carry() -> None:
    assert format_outcome(Outcome("a\0b")) == b""


def test_a_daemon_that_always_asks_again(tmp_path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.commands, "outcome", lambda *_: format_outcome(Outcome(names=("FOO",))))
    assert client.enter("exec", "", str(tmp_path), {"FOO": "1"}) is None
    assert len(wire.sent) == 5
