"""The index of the store, which a daemon keeps."""

from __future__ import annotations

import os
from typing import Any

import pytest
from tests.daemon.talk import until
from tests.unit.test_explain_table import Machine

from wend.disk import Disk, disk
from wend.engine.look import look
from wend.engine.situation import situate
from wend.protocol import Request


class Store(Machine):
    """A store of environments, blue for ~/p/shop and red for nothing, and what is seen from a project."""

    def __init__(self, top: str) -> None:
        super().__init__(top)
        self.build(
            "~/.virtualenvs/blue: venv 3.12.1\n~/.virtualenvs/blue/.project = ~/p/shop\n"
            "~/.virtualenvs/red: venv 3.12.1\n~/p/other: dir\n"
        )
        until(self.is_remembered, "a store that is old enough to be remembered")

    def is_remembered(self) -> bool:
        self.seen("other")
        return f"{self.home}/.virtualenvs" in disk._kept

    def seen(self, project: str, **env: str) -> str:
        """Return the environment that is chosen in PROJECT, empty for none; `rests_on` has what that rests on."""
        variables = {"HOME": self.home, "PATH": "/bin", **env}
        request = Request("bash", 1, "1-x", 1, f"{self.home}/p/{project}", "", "prompt", (), True, (), variables)
        view = Disk()
        target = look(situate(request, view, everything_known=True)).target
        self.rests_on = view.evidence
        return os.path.basename(target.prefix) if target else ""


@pytest.fixture
def store(tmp_path: Any) -> Store:
    return Store(str(tmp_path))


def test_another_environment_in_the_store_counts_at_once(store: Store) -> None:
    assert store.seen("other") == ""
    before = store.rests_on
    assert before.unchanged()
    store.build("~/.virtualenvs/green: venv 3.12.1\n~/.virtualenvs/green/.project = ~/p/other\n")
    assert not before.unchanged()
    assert store.seen("other") == "green"


def test_what_the_environment_of_a_project_says_counts_at_once(store: Store) -> None:
    assert store.seen("shop") == "blue"
    before = store.rests_on
    store.build("~/.virtualenvs/blue/.project = ~/p/other\n")
    assert not before.unchanged()
    assert store.seen("shop") == ""
    assert store.seen("other") == "blue"


@pytest.mark.parametrize("text", ["", "~/p/other\\n"])
def test_what_the_active_environment_says_counts_at_once(store: Store, text: str) -> None:
    """A shell makes the file first and fills it then: in between, it is empty."""
    active = f"{store.home}/.virtualenvs/red"
    assert store.seen("other") == ""
    without = store.rests_on
    store.build(f"~/.virtualenvs/red/.project = {text}\n")
    assert store.seen("other", VIRTUAL_ENV=active) == ("red" if text else "")
    store.build("~/.virtualenvs/red/.project = ~/p/other\\n\n")
    assert store.seen("other", VIRTUAL_ENV=active) == "red"
    assert not without.unchanged()


def test_what_any_other_environment_says_counts_after_the_next_answer(store: Store) -> None:
    """So that an answer costs no look at each environment in the store."""
    store.seen("shop")
    elsewhere = store.rests_on
    assert store.seen("other") == ""
    assert store.rests_on.kept_holds()
    store.build("~/.virtualenvs/red/.project = ~/p/other\n")
    assert store.seen("other") == ""
    assert not store.rests_on.kept_holds()
    assert not store.rests_on.unchanged()
    assert not elsewhere.unchanged()
    assert store.seen("other") == "red"


def test_an_answer_whose_directory_was_looked_up_before_the_index_was_read_again_does_not_last(store: Store) -> None:
    store.build("~/.virtualenvs/red/.project = ~/p\n")
    assert store.seen("other") == ""
    assert not store.rests_on.kept_holds()
    until(lambda: store.is_remembered() and store.seen("other") == "red", "an index that is remembered")
    store.build("~/.virtualenvs/red/.project = ~/p/other\n")
    assert store.seen("other") == ""  # ~/p/other is looked up first, and ~/p shows that the index is old
    assert not store.rests_on.kept_holds()
    assert not store.rests_on.unchanged()
    assert store.seen("other") == "red"
