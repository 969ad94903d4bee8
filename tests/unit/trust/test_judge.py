"""The order of the rules, and what each says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable

import pytest

from tests.unit.trust import context, environment, git, repository, target, verdict
from wend.disk import Disk
from wend.model import Target
from wend.trust import decisions, judge


def test_what_was_made_here_needs_no_question(home: Path) -> None:
    assert verdict(environment(home / "p" / ".venv"), home) == (True, "made here", "", False)


def test_what_was_copied_gets_a_question_that_says_what_to_type(home: Path) -> None:
    environment(home / "p" / ".venv")
    shutil.copytree(home / "p", home / "q q", symlinks=True)
    shutil.copytree(home / "p", home / "q", symlinks=True)
    assert verdict(home / "q" / ".venv", home) == (
        False,
        f"it was not made here: it names another place, {home}/p/.venv",
        "wend allow ~/q",
        False,
    )
    assert verdict(home / "q q" / ".venv", home).fix == f"wend allow '{home}/q q'"


def test_an_unpacked_archive_that_names_no_place(home: Path) -> None:
    prefix = environment(home / "p" / ".venv")
    (prefix / "bin" / "activate").unlink()
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert verdict(prefix, home).reason == "it does not say that it was made here"


def test_text_for_people_obeys_no_terminal(home: Path) -> None:
    prefix = environment(home / "p\x1b]0;x\x07" / ".venv", says="/tmp/\x1b[31m\u202eevil")
    got = verdict(prefix, home)
    assert not got.allowed
    assert (got.reason + got.fix).isprintable()


def test_policies(home: Path) -> None:
    mine, foreign = environment(home / "a" / ".venv"), environment(home / "b" / ".venv", says="/elsewhere")
    assert verdict(foreign, home, trust_policy="always").allowed
    got = verdict(mine, home, trust_policy="ask")
    assert (got.allowed, got.reason) == (False, 'trust.policy is "ask"')


@pytest.mark.parametrize("policy", ["local", "ask", "always"])
def test_stores_need_no_question(home: Path, policy: str) -> None:
    prefix = environment(home / ".pyenv" / "versions" / "3.12.1", says="/build/place")
    (home / "p").mkdir()
    shown = target(prefix, home / "p", store=True)
    assert judge(shown, context(home, trust_policy=policy)).allowed
    decisions.deny(str(home / "p"), {"HOME": str(home)})
    assert not judge(shown, context(home, trust_policy=policy)).allowed


def test_allow_trusts_one_directory_by_its_real_path(home: Path) -> None:
    env = {"HOME": str(home)}
    prefix = environment(home / "p" / ".venv", says="/elsewhere")
    below = environment(home / "p" / "sub" / ".venv", says="/elsewhere")
    beside = environment(home / "p2" / ".venv", says="/elsewhere")
    (home / "link").symlink_to("p")
    assert not verdict(prefix, home).allowed
    decisions.allow(str(home / "link"), recursive=False, env=env)
    assert verdict(prefix, home, trust_policy="ask").allowed
    assert verdict(home / "link" / ".venv", home).allowed
    assert not verdict(below, home).allowed
    assert not verdict(beside, home).allowed
    decisions.forget(str(home / "p"), env)
    assert not verdict(prefix, home).allowed


def test_a_decision_on_the_environment_alone(home: Path, need: Callable[..., None]) -> None:
    """What `wend create` records: that very environment, in that place, and not the project."""
    env = {"HOME": str(home)}
    prefix = environment(home / "p" / ".venv")
    other = environment(home / "p" / "venv")
    assert not verdict(prefix, home, trust_policy="ask").allowed
    decisions.allow(str(prefix), recursive=False, env=env)
    assert verdict(prefix, home, trust_policy="ask").reason == "made by wend create"
    assert not verdict(other, home, trust_policy="ask").allowed
    decisions.deny(str(home / "p"), env)
    assert not verdict(prefix, home, trust_policy="ask").allowed
    decisions.forget(str(home / "p"), env)
    need("git")
    git(home / "p", "init", "-q")
    assert verdict(prefix, home, trust_policy="ask").allowed
    git(home / "p", "add", "-f", ".venv")
    assert not verdict(prefix, home, trust_policy="ask").allowed


def test_what_was_refused_is_refused_wherever_it_is_used(home: Path) -> None:
    """The environment itself, and one that a link or a file of another project leads to."""
    env = {"HOME": str(home)}
    prefix = environment(home / "p" / ".venv")
    other = environment(home / "downloads" / "x" / ".venv")
    linked = target(home / "p" / "link", home / "p")
    (home / "p" / "link").symlink_to(other)
    for policy in ("local", "always"):
        assert verdict(prefix, home, trust_policy=policy).allowed
        assert judge(linked, context(home, trust_policy=policy)).allowed
    decisions.deny(str(prefix), env)
    decisions.deny(str(home / "downloads"), env)
    decisions.allow(str(home / "p"), recursive=True, env=env)
    assert verdict(prefix, home) == (False, f"denied by you in {prefix}", "wend allow ~/p/.venv", True)
    refused = (False, f"denied by you in {home}/downloads", "wend allow ~/downloads/x/.venv", True)
    assert judge(linked, context(home, trust_policy="always")) == refused
    assert judge(linked._replace(store=True), context(home)) == refused
    decisions.allow(str(other), recursive=False, env=env)
    assert judge(linked, context(home)).allowed
    decisions.forget(str(prefix), env)
    decisions.deny(str(home), env)  # the project, which is nearer, is allowed
    assert verdict(prefix, home).allowed


def test_the_nearest_decision_wins(home: Path) -> None:
    env = {"HOME": str(home)}
    a, b, c = (environment(home / "w" / name / ".venv", says="/elsewhere") for name in ("a", "b/c", "b/d"))
    decisions.allow(str(home / "w"), recursive=True, env=env)
    assert verdict(a, home).allowed
    decisions.deny(str(home / "w" / "b"), env)
    assert verdict(a, home).allowed
    assert verdict(b, home) == (False, f"denied by you in {home}/w/b", "wend allow ~/w/b/c", True)
    decisions.allow(str(home / "w" / "b" / "c"), recursive=False, env=env)
    assert verdict(b, home).allowed
    assert not verdict(c, home).allowed


def test_deny_holds_against_made_here_and_every_policy(home: Path) -> None:
    prefix = environment(home / "p" / ".venv")
    decisions.deny(str(home / "p"), {"HOME": str(home)})
    for policy in ("local", "ask", "always"):
        assert not verdict(prefix, home, trust_policy=policy, trust_roots=(str(home),)).allowed


def test_a_damaged_decision_does_not_allow(home: Path) -> None:
    prefix = environment(home / "p" / ".venv")
    decisions.deny(str(home / "p"), {"HOME": str(home)})
    (file,) = (home / ".local/state/wend/trust").iterdir()
    file.write_text("{")
    got = verdict(prefix, home)
    assert not got.allowed
    assert str(file) in got.reason


@pytest.mark.parametrize(
    ("root", "covered"),
    [
        ("~/proj", True),
        ("{home}/proj", True),
        ("{home}/proj/", True),
        ("{home}/link", True),
        ("/", True),
        ("~", True),
        ("~/pro", False),
        ("{home}/proj/.venv", False),
        ("proj", False),
        ("", False),
        ("~other", False),
    ],
)
def test_trusted_roots(home: Path, root: str, covered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    prefix = environment(home / "proj" / "deep" / ".venv", says="/elsewhere")
    (home / "link").symlink_to("proj")
    assert verdict(prefix, home, trust_roots=(root.format(home=home),)).allowed is covered


def test_a_trusted_root_is_compared_as_a_path_not_as_text(home: Path) -> None:
    evil = environment(home / "proj-evil" / ".venv", says="/elsewhere")
    roots = ("~/proj", "~/proj/../proj")
    (home / "proj").mkdir()
    assert not verdict(evil, home, trust_roots=roots).allowed
    detour = target(evil, Path(f"{home}/proj/../proj-evil"))
    assert not judge(detour, context(home, trust_roots=roots)).allowed


def test_a_trusted_root_in_an_unknown_home_is_not_taken_from_the_root(home: Path) -> None:
    prefix = environment(home / "proj" / ".venv", says="/elsewhere")
    homeless = context(home, trust_roots=(f"~{home}",))._replace(env={})
    assert not judge(target(prefix, home / "proj"), homeless).allowed


def test_worktree_of_a_trusted_repository(home: Path, need: Callable[..., None]) -> None:
    need("git")
    main = repository(home / "main")
    (main / "sub").mkdir()
    git(main, "worktree", "add", str(home / "tree"))
    prefix = environment(home / "tree" / "sub" / ".venv", says="/elsewhere")
    env = {"HOME": str(home)}
    assert not verdict(prefix, home).allowed
    decisions.allow(str(main), recursive=False, env=env)
    assert not verdict(prefix, home).allowed  # the same directory, no other
    decisions.allow(str(main / "sub"), recursive=False, env=env)
    assert verdict(prefix, home).reason == f"worktree of a trusted repository, {main}/sub"
    decisions.deny(str(main / "sub"), env)
    assert not verdict(prefix, home).allowed


def test_a_file_that_only_claims_to_be_a_worktree(home: Path, need: Callable[..., None]) -> None:
    need("git")
    main = repository(home / "main")
    git(main, "worktree", "add", str(home / "tree"))
    decisions.allow(str(main), recursive=True, env={"HOME": str(home)})
    evil = environment(home / "evil" / ".venv", says="/elsewhere")
    (home / "evil" / ".git").write_text(f"gitdir: {main}/.git/worktrees/tree\n")
    assert not verdict(evil, home).allowed
    # ... with a repository of its own that links back, and names the trusted one as its common directory
    for own in (home / "evil" / "git", home / "evil" / "worktrees" / "x"):
        own.mkdir(parents=True)
        (own / "commondir").write_text(f"{main}/.git\n")
        (own / "gitdir").write_text(f"{home}/evil/.git\n")
        (home / "evil" / ".git").write_text(f"gitdir: {own}\n")
        assert not verdict(evil, home).allowed
    (home / "evil" / ".git").write_text("gitdir: \n")
    assert not verdict(evil, home).allowed


def test_submodules_are_not_worktrees(home: Path, need: Callable[..., None]) -> None:
    need("git")
    library, main = repository(home / "library"), repository(home / "main")
    git(main, "submodule", "add", str(library), "sub")
    decisions.allow(str(main), recursive=False, env={"HOME": str(home)})
    assert not verdict(environment(main / "sub" / ".venv", says="/elsewhere"), home).allowed


def test_a_guessed_place_that_git_tracks(home: Path, need: Callable[..., None]) -> None:
    need("git")
    main = repository(home / "main")
    prefix = environment(main / ".venv")
    assert verdict(prefix, home).allowed
    git(main, "add", "-f", ".venv/bin/ls")
    assert verdict(prefix, home).reason == "it was not made here: git tracks it"


def test_a_store_in_a_repository_that_has_no_index_yet(home: Path, need: Callable[..., None]) -> None:
    need("git")
    (home / "settings").mkdir()
    git(home / "settings", "init", "-q")
    prefix = environment(home / "settings" / "envs" / "blue", says="/elsewhere")
    found = judge(target(prefix, home / "p", store=True), context(home))
    assert (found.allowed, found.reason) == (True, "in your own store of environments")


def test_links_that_git_brought(home: Path, need: Callable[..., None]) -> None:
    need("git")
    main = repository(home / "main")
    real = environment(home / "envs" / "e")
    (main / ".venv").symlink_to(real)
    assert verdict(main / ".venv", home).allowed
    git(main, "add", ".venv")
    assert not verdict(main / ".venv", home).allowed
    git(main, "rm", "--cached", ".venv")
    (main / "hop").symlink_to(real)
    (main / ".venv").unlink()
    (main / ".venv").symlink_to("hop")
    assert verdict(main / ".venv", home).allowed
    git(main, "add", "hop")
    assert not verdict(main / ".venv", home).allowed


def test_a_link_that_leads_elsewhere_by_now(home: Path) -> None:
    """What is remembered is dropped, and the other environment is judged by itself."""
    own, other = environment(home / "a" / "e"), environment(home / "b" / "e", says="/elsewhere")
    (home / "p").mkdir()
    link = home / "p" / ".venv"
    link.symlink_to(own)
    surroundings = context(home)
    assert judge(target(link), surroundings).allowed
    assert surroundings.disk.evidence.unchanged()
    link.unlink()
    link.symlink_to(other)
    assert not surroundings.disk.evidence.unchanged()
    assert not verdict(link, home).allowed


def test_what_a_link_leads_to_in_another_repository(home: Path, need: Callable[..., None]) -> None:
    need("git")
    other = repository(home / "other")
    environment(other / "e")
    (home / "p").mkdir()
    (home / "p" / ".venv").symlink_to(other / "e")
    assert verdict(home / "p" / ".venv", home).allowed
    git(other, "add", "-f", "e/pyvenv.cfg")
    assert not verdict(home / "p" / ".venv", home).allowed


def test_nothing_is_run(home: Path, need: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    need("git")
    main = repository(home / "main")
    git(main, "config", "core.fsmonitor", f"touch {home}/pwned; false")
    prefix = environment(main / ".venv")
    (prefix / "bin" / "activate").write_text(f'touch {home}/pwned\nexport VIRTUAL_ENV="{prefix}"\n')

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    for module, name in ((subprocess, "Popen"), (os, "fork"), (os, "posix_spawn"), (os, "system")):
        monkeypatch.setattr(module, name, refuse)
    assert verdict(prefix, home).allowed
    assert not (home / "pwned").exists()


@pytest.mark.parametrize("made", ["absent", "link in a circle", "a file"])
def test_no_environment_at_all(home: Path, made: str) -> None:
    prefix = home / ".venv"
    if made == "link in a circle":
        prefix.symlink_to(".venv")
    elif made == "a file":
        prefix.write_text("")
    assert not verdict(prefix, home).allowed


def test_every_answer_notices_a_change(home: Path, need: Callable[..., None]) -> None:
    """What is remembered of an answer must not outlive any of the reasons for it."""
    need("git")
    main = repository(home / "main")
    prefix = environment(main / ".venv")
    (home / ".local/state/wend/trust").mkdir(parents=True, mode=0o700)

    def answer() -> tuple[Target, bool]:
        surroundings = context(home)
        shown = target(prefix)
        allowed = judge(shown, surroundings).allowed
        remembered.append(surroundings.disk)
        return shown, allowed

    remembered: list[Disk] = []
    changes = [
        lambda: git(main, "add", "-f", ".venv/bin/ls"),
        lambda: git(main, "rm", "-q", "--cached", ".venv/bin/ls"),
        lambda: (prefix / "bin" / "activate").write_text("VIRTUAL_ENV=/elsewhere\n"),
        lambda: decisions.allow(str(main), recursive=False, env={"HOME": str(home)}),
        lambda: decisions.deny(str(main), {"HOME": str(home)}),
        lambda: decisions.forget(str(main), {"HOME": str(home)}),
        lambda: (prefix / "bin").chmod(0o777),
        lambda: home.chmod(0o777),
    ]
    for change in changes:
        answer()
        assert remembered[-1].evidence.unchanged()
        change()
        assert not remembered[-1].evidence.unchanged()
