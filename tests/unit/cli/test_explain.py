from __future__ import annotations

from .conftest import Cli


def test_every_candidate_in_order(cli: Cli) -> None:
    outer = cli.project("outer")
    inner = cli.project("outer/inner")
    (inner / "venv").mkdir()
    (inner / "venv" / "pyvenv.cfg").touch()
    for name in ("python", "python3"):
        (inner / ".venv" / "bin" / name).unlink(missing_ok=True)
    document = cli.json("explain", "outer/inner")
    assert list(document) == ["schema", "dir", "chosen", "candidates", "decided_by", "reason"]
    assert document["dir"] == str(inner)
    assert document["chosen"]["prefix"] == f"{outer}/.venv"
    seen = [(c["kind"], c["marker"], c["dir"], c["status"]) for c in document["candidates"]]
    assert seen == [
        ("venv", f"{inner}/.venv", str(inner), "broken"),
        ("venv", f"{inner}/venv", str(inner), "broken"),
        ("venv", f"{outer}/.venv", str(outer), "chosen"),
    ]
    assert all(c["reason"] for c in document["candidates"])
    lines = cli("explain", "outer/inner").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["broken", "broken", "chosen"]
    assert [line.split()[2] for line in lines] == [marker for _, marker, _, _ in seen]


def test_shadowed(cli: Cli) -> None:
    outer, inner = cli.project("outer"), cli.project("outer/inner")
    document = cli.json("explain", "outer/inner")
    assert [(c["marker"], c["status"]) for c in document["candidates"]] == [
        (f"{inner}/.venv", "chosen"),
        (f"{outer}/.venv", "shadowed"),
    ]


def test_nothing(cli: Cli) -> None:
    done = cli("explain")
    assert (done.returncode, done.stdout) == (0, f"no environment is seen from {cli.home}\n")
    assert cli.json("explain") == {
        "schema": 1,
        "dir": str(cli.home),
        "chosen": None,
        "candidates": [],
        "decided_by": "project",
        "reason": "no environment is seen from here",
    }


def test_says_which_rule_decides_in_this_shell(cli: Cli) -> None:
    root = cli.project("proj")
    document = cli.json("explain", "proj", WEND_DISABLE="1")
    assert document["chosen"]["prefix"] == f"{root}/.venv"
    assert (document["decided_by"], document["reason"]) == ("disabled", "WEND_DISABLE is set")
    assert cli("explain", "proj").stdout.count("\n") == 1
    lines = cli("explain", "proj", WEND_DISABLE="1").stdout.splitlines()
    assert lines[1:] == ["not used in this shell: disabled: WEND_DISABLE is set"]


def test_a_directory_is_spelled_as_the_shell_spells_it(cli: Cli) -> None:
    root = cli.project("proj")
    (cli.home / "link").symlink_to(root)
    cli.cwd = cli.home / "link"
    assert cli.json("explain")["dir"] == str(cli.home / "link")
    assert cli.json("explain", "../proj")["dir"] == str(root)
    # A PWD that is not where we are is not a spelling of it.
    assert cli.json("explain", PWD="/")["dir"] == str(root)
