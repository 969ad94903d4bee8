"""The store of decisions: what is written, what is believed, what is refused."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.trust import context
from wend.errors import WendError
from wend.system import identity
from wend.trust import decisions
from wend.trust.decisions import Decision, allow, deny, forget, lookup


@pytest.fixture()
def env(home: Path) -> dict[str, str]:
    return {"HOME": str(home)}


@pytest.fixture()
def store(home: Path) -> Path:
    return home / ".local" / "state" / "wend" / "trust"


@pytest.fixture()
def project(home: Path) -> Path:
    (home / "p").mkdir()
    return home / "p"


def found(directory: Path, home: Path) -> Optional[Decision]:
    return lookup(str(directory), context(home))


def test_one_small_file_that_a_person_can_read(store: Path, project: Path, env: dict[str, str], home: Path) -> None:
    old = os.umask(0)
    try:
        said = allow(str(project), recursive=True, env=env)
    finally:
        os.umask(old)
    (file,) = store.iterdir()
    assert file.name.startswith("p-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    text = json.loads(file.read_text())
    assert text == {"dir": str(project), "decision": "allow", "recursive": True, "since": said.since, "identity": ""}
    assert decisions.decisions(env) == [said] == [found(project, home)]
    file.unlink()
    assert found(project, home) is None


def test_a_decision_replaces_the_one_before(store: Path, project: Path, env: dict[str, str], home: Path) -> None:
    allow(str(project), recursive=False, env=env)
    deny(str(project), env)
    (said,) = decisions.decisions(env)
    assert said.decision == "deny"
    assert forget(str(project), env)
    assert not forget(str(project), env)
    assert list(store.iterdir()) == []
    assert found(project, home) is None


def test_names_that_look_alike_are_different(home: Path, env: dict[str, str]) -> None:
    spelled = ["a.b/c", "a/b.c", "a/b/c", "A/b/c", "a b/c", "a_b/c", "a/b", "a"]
    for name in spelled:
        (home / name).mkdir(parents=True, exist_ok=True)
    for name in spelled:
        allow(str(home / name), recursive=False, env=env)
        assert len(decisions.decisions(env)) == 1
        said = [other for other in spelled if found(home / other, home)]
        assert said == [name]
        forget(str(home / name), env)


@pytest.mark.parametrize("name", [b"x\n", b"\xff\xfe", b"\xe2\x80\xae", b"a" * 255, b"...", b"-rf", b'"\\'])
def test_every_name_survives(home: Path, env: dict[str, str], name: bytes) -> None:
    evil = home / "v" / "evil"
    evil.mkdir(parents=True)
    directory = Path(os.fsdecode(os.fsencode(home) + b"/" + name))
    directory.mkdir()
    said = allow(str(directory), recursive=False, env=env)
    assert said.dir == str(directory)
    assert found(directory, home) == said
    assert decisions.decisions(env) == [said]
    assert found(evil, home) is None


@pytest.mark.parametrize("spelled", ["{p}/", "{p}/.", "{p}/../p", "/{p}", "{h}/link"])
def test_every_spelling_is_the_same_directory(project: Path, env: dict[str, str], home: Path, spelled: str) -> None:
    (home / "link").symlink_to("p")
    said = allow(spelled.format(p=project, h=home), recursive=False, env=env)
    assert said.dir == str(project)


def test_fifty_at_once(home: Path, env: dict[str, str], store: Path) -> None:
    projects = [home / f"p{number}" for number in range(50)]
    for path in projects:
        path.mkdir()
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda path: allow(str(path), recursive=False, env=env), projects))
        list(pool.map(lambda _: allow(str(projects[0]), recursive=True, env=env), range(50)))
    assert sorted(Path(said.dir) for said in decisions.decisions(env)) == sorted(projects)
    assert len(list(store.iterdir())) == 50
    said = found(projects[0], home)
    assert said
    assert said.recursive


def test_looking_up_lists_nothing_and_remembers_one_place(
    home: Path, env: dict[str, str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home / "other"
    other.mkdir()
    allow(str(other), recursive=False, env=env)

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    surroundings = context(home)
    assert lookup(str(project), surroundings) is None
    assert len(surroundings.disk.evidence.directories()) == 1
    assert surroundings.disk.evidence.unchanged()
    allow(str(project), recursive=False, env=env)
    assert not surroundings.disk.evidence.unchanged()


def damage_text(text: str) -> Callable[[Path], object]:
    return lambda file: file.write_text(text)


def relink(file: Path) -> None:
    other = file.parent.parent / "elsewhere"
    file.rename(other)
    file.symlink_to(other)


@pytest.mark.parametrize(
    "damage",
    [
        *(damage_text(text) for text in ("", "{", "[]", "null", "[" * 60_000, "1", '{"dir": 1}', "\0", "9" * 5000)),
        lambda file: file.write_text(file.read_text().replace("allow", "maybe")),
        lambda file: file.write_text(file.read_text().replace("/p", "/q")),
        lambda file: file.write_text(file.read_text().replace('"since": ', '"since": "x", "y": ')),
        lambda file: file.write_bytes(file.read_bytes() + b"\xff"),
        lambda file: file.write_text(file.read_text() + " " * 70_000),
        lambda file: file.chmod(0o666),
        lambda file: file.chmod(0o620),
        lambda file: file.parent.chmod(0o777),
        lambda file: file.parent.chmod(0o000),
        lambda file: (file.unlink(), os.mkfifo(file)),
        lambda file: (file.unlink(), file.mkdir()),
        relink,
    ],
)
def test_what_cannot_be_believed_allows_nothing(
    project: Path, store: Path, env: dict[str, str], home: Path, damage: Callable[[Path], object]
) -> None:
    allow(str(project), recursive=True, env=env)
    (project / "sub").mkdir()
    (file,) = store.iterdir()
    damage(file)
    try:
        for directory in (project, project / "sub"):
            said = found(directory, home)
            assert said
            assert said.decision == decisions.UNREADABLE
    finally:
        store.chmod(0o700)


def test_a_strangers_file_is_not_believed(
    project: Path, env: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(str(project), recursive=False, env=env)
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    said = found(project, home)
    assert said
    assert said.decision == decisions.UNREADABLE


def test_a_damaged_file_does_not_spoil_the_list(project: Path, store: Path, env: dict[str, str]) -> None:
    said = allow(str(project), recursive=False, env=env)
    (store / "other.json").write_text("{")
    (store / "third.json").write_text('{"dir": 1, "decision": "deny", "recursive": true, "since": 1}')
    (store / ".123-rest").write_bytes(next(store.glob("p-*")).read_bytes())  # of a process that was killed
    assert decisions.decisions(env) == [said]


def test_root_does_not_write_into_a_users_home(
    project: Path, store: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    for act in (lambda: allow(str(project), recursive=False, env=env), lambda: deny(str(project), env)):
        with pytest.raises(WendError, match="is not yours"):
            act()
    with pytest.raises(WendError, match="is not yours"):
        forget(str(project), env)
    assert not store.exists()


def test_an_open_store_is_not_written_to(project: Path, store: Path, env: dict[str, str]) -> None:
    allow(str(project), recursive=False, env=env)
    store.chmod(0o777)
    with pytest.raises(WendError) as failure:
        deny(str(project), env)
    assert failure.value.fix == f"chmod 700 {store}"


def test_a_store_that_cannot_be_made(project: Path, home: Path, env: dict[str, str]) -> None:
    (home / ".local").write_text("")
    with pytest.raises(WendError):
        allow(str(project), recursive=False, env=env)
    with pytest.raises(WendError, match="no home directory"):
        allow(str(project), recursive=False, env={})
    assert decisions.decisions({}) == []
    assert lookup("/", context(home)._replace(env={})) is None


@pytest.mark.parametrize(
    "directory", ["/", "//", "~", "~/.", "~/..", "~/link", "/tmp", "/tmp/", "/var/tmp", "~/tmpdir"]
)
def test_too_much_at_once(home: Path, env: dict[str, str], directory: str) -> None:
    (home / "link").symlink_to(home)
    (home / "tmpdir").mkdir()
    env["TMPDIR"] = str(home / "tmpdir")
    with pytest.raises(WendError, match="too much"):
        allow(directory.replace("~", str(home)), recursive=True, env=env)
    assert decisions.decisions(env) == []
    if directory == "~":
        assert allow(str(home), recursive=False, env=env).dir == str(home)


@pytest.mark.parametrize("name", ["absent", "file", "p\0q"])
def test_only_directories_are_allowed(home: Path, env: dict[str, str], name: str) -> None:
    (home / "file").write_text("")
    with pytest.raises(WendError):
        allow(f"{home}/{name}", recursive=False, env=env)


def test_a_current_directory_that_is_gone(home: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "gone").mkdir()
    monkeypatch.chdir(home / "gone")
    (home / "gone").rmdir()
    with pytest.raises(WendError):
        allow(".", recursive=False, env=env)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.just("allow"),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(("dir", "decision", "since", "recursive")), inner)
        ),
    ).map(lambda tree: json.dumps(tree).encode())
)
def test_no_file_crashes_a_look_up(home: Path, data: bytes) -> None:
    env = {"HOME": str(home)}
    directory = home / "p"
    directory.mkdir(exist_ok=True)
    allow(str(directory), recursive=False, env=env)
    (file,) = (home / ".local/state/wend/trust").iterdir()
    file.write_bytes(data)
    said = found(directory, home)
    assert said
    assert said.decision == decisions.UNREADABLE
    assert decisions.decisions(env) in ([], [said])


# -- which directory it was --------------------------------------------------------------------------------


def keeps_birth(directory: Path) -> None:
    """Without a time of birth the path alone counts; every file system in use here keeps one."""
    assert identity.of(str(directory)), "no time of birth on this file system"


def test_another_directory_at_the_same_path_is_asked_about_again(
    project: Path, env: dict[str, str], home: Path
) -> None:
    """`wend allow`, `rm -rf`, and a fresh clone in its place."""
    keeps_birth(project)
    said = allow(str(project), recursive=False, env=env)
    assert found(project, home) == said
    (project / ".venv").mkdir()  # rebuilt inside
    (project / ".venv").rmdir()
    project.chmod(0o700)
    assert found(project, home) == said
    project.rename(home / "away")
    project.mkdir()
    assert found(project, home) is None
    project.rmdir()
    (home / "away").rename(project)  # the very one comes back
    assert found(project, home) == said


def test_the_same_inode_again_is_another_directory(project: Path, env: dict[str, str], home: Path) -> None:
    keeps_birth(project)
    allow(str(project), recursive=False, env=env)
    inode = project.stat().st_ino
    for _ in range(100):  # file systems hand a free number out again
        project.rmdir()
        project.mkdir()
        assert found(project, home) is None
        if project.stat().st_ino == inode:
            break


def test_what_is_refused_or_allowed_with_all_below_stays_by_path(
    project: Path, env: dict[str, str], home: Path
) -> None:
    for act in (lambda: deny(str(project), env), lambda: allow(str(project), recursive=True, env=env)):
        said = act()
        assert not said.identity
        project.rmdir()
        project.mkdir()
        assert found(project, home) == said


def test_where_no_time_of_birth_is_kept_the_path_counts(
    project: Path, env: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_born", lambda *_: None)
    said = allow(str(project), recursive=False, env=env)
    assert said.identity == ""
    project.rmdir()
    project.mkdir()
    assert found(project, home) == said


def test_a_decision_of_the_first_version_stays_valid(
    project: Path, store: Path, env: dict[str, str], home: Path
) -> None:
    allow(str(project), recursive=False, env=env)
    (file,) = store.iterdir()
    file.write_text(json.dumps({"dir": str(project), "decision": "allow", "recursive": False, "since": 1}))
    said = found(project, home)
    assert said == Decision(str(project), "allow", recursive=False, since=1)
    assert decisions.decisions(env) == [said]


@pytest.mark.parametrize("directory", ["", ".", "p", "p/.."])
def test_what_the_gate_cannot_believe_is_not_listed(store: Path, env: dict[str, str], directory: str) -> None:
    store.mkdir(parents=True, mode=0o700)
    text = json.dumps({"since": 0, "dir": directory, "decision": "allow"})
    (store / decisions.file_name(directory)).write_text(text)
    assert decisions.decisions(env) == []


@pytest.mark.parametrize("more", ["", '"recursive": false, '])
def test_a_refusal_that_a_person_wrote_holds_below_too(
    store: Path, project: Path, env: dict[str, str], home: Path, more: str
) -> None:
    deny(str(project), env)
    (file,) = store.iterdir()
    file.write_text(f'{{"dir": "{project}", "decision": "deny", {more}"since": 1}}')
    (project / "sub").mkdir()
    said = found(project / "sub", home)
    assert said
    assert said.decision == "deny"


@pytest.mark.parametrize("since", [-1, 1 << 62, 10**1000])
def test_a_date_that_no_calendar_has(store: Path, project: Path, env: dict[str, str], home: Path, since: int) -> None:
    deny(str(project), env)
    (file,) = store.iterdir()
    file.write_text(file.read_text().replace('"since": ', f'"since": {since}, "x": '))
    said = found(project, home)
    assert said
    assert said.decision == "unreadable"
    assert decisions.decisions(env) == []
