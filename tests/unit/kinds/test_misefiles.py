"""mise's files: their order, which the tool has shown with a file of each name, and what chooses among them."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Optional

import pytest

from wend.context import Context
from wend.disk import Disk
from wend.kinds import misefiles, miseversions
from wend.kinds.mise import Mise, MiseVersion
from wend.model import Marker
from wend.settings import Settings

# Found with mise 2026.9.15, MISE_ENV=dev,prod: each file sets a variable, the one that won was removed, and so on.
_TEXT = """
    .mise.prod.local.toml .mise/config.prod.local.toml mise.prod.local.toml mise/config.prod.local.toml
    .config/mise.prod.local.toml .config/mise/config.prod.local.toml .mise.prod.toml .mise/config.prod.toml
    mise.prod.toml mise/config.prod.toml .config/mise.prod.toml .config/mise/config.prod.toml .mise.dev.local.toml
    .mise/config.dev.local.toml mise.dev.local.toml mise/config.dev.local.toml .config/mise.dev.local.toml
    .config/mise/config.dev.local.toml .mise.dev.toml .mise/config.dev.toml mise.dev.toml mise/config.dev.toml
    .config/mise.dev.toml .config/mise/config.dev.toml .mise.local.toml mise.local.toml mise/config.local.toml
    .mise/config.local.toml .config/mise.local.toml .config/mise/mise.local.toml .config/mise/config.local.toml
    .mise.toml mise.toml mise/config.toml .mise/config.toml .mise/conf.d/b.toml .mise/conf.d/a.toml .config/mise.toml
    .config/mise/mise.toml .config/mise/config.toml .config/mise/conf.d/b.toml .config/mise/conf.d/b.local.toml
    .config/mise/conf.d/a.toml
"""
ORDER = _TEXT.split()
NEVER = (".rtx.toml", ".mise/mise.dev.toml", ".config/mise/mise.dev.toml", ".mise/conf.d/.h.toml", ".mise/conf.d/a.txt")


def _found(root: Path, env: Optional[dict[str, str]] = None, home: str = "/nowhere") -> list[str]:
    context = Context(Disk(), {"HOME": home, **(env or {})}, Settings())
    present = tuple(context.disk.present(str(root), misefiles.TOP))
    return list(misefiles.found(str(root), present, context))


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def test_the_order_is_mises(tmp_path: Path) -> None:
    names = [*ORDER, *NEVER]
    random.shuffle(names)
    _write(tmp_path, *names)
    assert _found(tmp_path, {"MISE_ENV": "dev,prod"}) == ORDER
    plain = [name for name in ORDER if ".prod" not in name and ".dev" not in name]
    assert _found(tmp_path) == plain
    for name in plain:
        assert _found(tmp_path)[0] == name
        os.remove(tmp_path / name)


@pytest.mark.parametrize("place", [".miserc.toml", ".config/miserc.toml", "~/.config/mise/miserc.toml"])
def test_a_miserc_chooses_where_the_variable_does_not(place: str, tmp_path: Path) -> None:
    root, home = tmp_path / "shop", tmp_path / "home"
    _write(root, "mise.toml", "mise.dev.toml")
    file = home / place[2:] if place.startswith("~/") else root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('env = ["dev", 3]\n')
    assert _found(root, home=str(home))[0] == "mise.dev.toml"
    assert _found(root, {"MISE_ENV": ""}, str(home)) == ["mise.toml"]


@pytest.mark.parametrize("word", ["../x", "a/b", "\0", ",,", ",".join(map(str, range(99)))])
def test_an_odd_variable_names_no_file(word: str, tmp_path: Path) -> None:
    _write(tmp_path / "shop", "mise.toml")
    _write(tmp_path, "mise.x.toml")
    assert _found(tmp_path / "shop", {"MISE_ENV": word}) == ["mise.toml"]


def test_a_shell_is_asked_for_what_a_file_refers_to_and_not_for_a_thousand(tmp_path: Path) -> None:
    text = '[env]\n_.python.venv = "$BASE/{{ env.NAME }}/${LAST}"\n[tools]\npython = "{{ env.VERSION }}"\n'
    (tmp_path / "mise.toml").write_text(text)
    marker = Marker("mise", f"{tmp_path}/mise.toml", str(tmp_path), 0)
    context = Context(Disk(), {}, Settings())
    assert Mise().needs(marker, context) == (*misefiles.VARIABLES, "BASE", "NAME", "LAST")
    assert MiseVersion().needs(marker, context)[-1] == "VERSION"
    names = "".join(f"$A{number}" for number in range(1000))
    (tmp_path / "mise.toml").write_text(f'[env]\n_.python.venv = "{names}"\n')
    assert len(Mise().needs(marker, Context(Disk(), {}, Settings()))) < 20 + len(misefiles.VARIABLES)


@pytest.mark.parametrize(
    "word",
    [
        "../x.toml",
        "/x.toml",
        "a/../../x.toml",
        "*.toml",
        "x?.toml",
        "\0",
        ":" * 9,
        ":".join(f"{n}.toml" for n in range(99)),
    ],
)
@pytest.mark.parametrize("variable", misefiles.VARIABLES)
def test_an_odd_name_in_a_variable_leads_nowhere(word: str, variable: str, tmp_path: Path) -> None:
    _write(tmp_path / "shop", "mise.toml", "98.toml", "xy.toml")
    _write(tmp_path, "x.toml")
    found = _found(tmp_path / "shop", {variable: word})
    assert not set(found) & {"98.toml", "xy.toml"}
    assert len(found) <= 1


def test_a_file_that_a_variable_names_must_not_be_anothers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "b.toml", ".tools")
    (tmp_path / "b.toml").write_text('[tools]\npython = "3.12"\n')
    env = {"MISE_OVERRIDE_CONFIG_FILENAMES": "b.toml", "MISE_DEFAULT_TOOL_VERSIONS_FILENAME": ".tools"}
    context = Context(Disk(), env, Settings())
    assert [marker.path for marker in MiseVersion().elsewhere(str(tmp_path), context)] == [f"{tmp_path}/b.toml"]
    os.remove(tmp_path / "b.toml")
    context = Context(Disk(), env, Settings())
    assert [marker.path for marker in MiseVersion().elsewhere(str(tmp_path), context)] == [f"{tmp_path}/.tools"]
    monkeypatch.setattr("wend.trust.ownership.planted", lambda path, context: True)
    assert not list(MiseVersion().elsewhere(str(tmp_path), context))


@pytest.mark.parametrize(("name", "form"), [("mise.toml", "tools.python = {}"), (".tool-versions", "python {}")])
def test_so_many_versions_are_looked_at_and_no_more(tmp_path: Path, name: str, form: str) -> None:
    words = [f"3.{number}" for number in range(100)]
    file = tmp_path / name
    file.write_text(form.format(words if name == "mise.toml" else " ".join(words)))
    context = Context(Disk(), {"HOME": str(tmp_path)}, Settings(), frozenset())
    assert miseversions.listed(Marker("mise", str(file), str(tmp_path), 0), context) == words[:64]


@pytest.mark.parametrize("number", ["99999", "9" * 5000])
def test_a_subtraction_of_numbers_that_no_version_has_stays_text(tmp_path: Path, number: str) -> None:
    words = [f"sub-{number}:3.12", f"sub-0.1:{number}"]
    (tmp_path / "mise.toml").write_text(f"tools.python = {words}")
    context = Context(Disk(), {"HOME": str(tmp_path)}, Settings(), frozenset())
    assert miseversions.listed(Marker("mise", str(tmp_path / "mise.toml"), str(tmp_path), 0), context) == words


@pytest.mark.parametrize(
    ("word", "version"),
    [
        ("sub-0.1:3.12", "3.11"),
        ("sub-0.1:3.12.4", "3.11"),
        ("sub-1:3.12", "2"),
        ("sub-0.1:3.0", "2"),
        ("sub-0.0.1:3.12.0", "3.11"),
        ("sub-4:3.12", "0"),
        ("sub-0.1:3", "3"),
        ("sub-0.1:latest", "sub-0.1:latest"),
        ("3.12", "3.12"),
    ],
)
def test_a_subtraction_is_cut_and_borrows_as_in_mise(word: str, version: str) -> None:
    assert miseversions.subtracted(word) == version
