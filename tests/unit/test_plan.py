"""plan and undo: applying and taking back is the identity, and what the user changed meanwhile stays."""

from __future__ import annotations

import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend import record as undo_record
from wend.model import Set, Source, Target, Unset
from wend.plan import plan
from wend.record import Active, Undo

NAMES = st.sampled_from(["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CONDA_PREFIX", "FOO", "X"])
BYTES = [chr(0xDC00 + byte) for byte in range(0x80, 0x100)]  # as Python spells what is not UTF-8
ALPHABET = st.characters(exclude_characters="\0", exclude_categories=("Cs",)) | st.sampled_from(BYTES)
VALUES = st.text(alphabet=ALPHABET, max_size=12)
ENTRIES = st.text(alphabet=string.ascii_lowercase + "/ .", max_size=4)
PATHS = st.none() | st.lists(ENTRIES, max_size=6).map(":".join)


@st.composite
def environments(draw):
    env = draw(st.dictionaries(NAMES, VALUES))
    path = draw(PATHS)
    return env if path is None else {**env, "PATH": path}


@st.composite
def targets(draw):
    prefix = "/p/" + draw(st.text(alphabet="abc", min_size=1, max_size=3))
    unset = tuple(draw(st.sets(NAMES, max_size=2)))
    given_names = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    return Target(
        kind="venv",
        name="n",
        prefix=prefix,
        root="/p",
        marker=prefix,
        python=prefix + "/bin/python",
        python_version=None,
        path=(prefix + "/bin",),
        set=tuple((k, v) for k, v in given_names.items() if k not in unset),
        unset=unset,
        displaced=tuple(draw(st.lists(ENTRIES, max_size=2, unique=True))),
    )


def run(env, edits):
    """Apply edits as a shell would."""
    env = dict(env)
    for edit in edits:
        if isinstance(edit, Set):
            env[edit.name] = edit.value
        elif isinstance(edit, Unset):
            env.pop(edit.name, None)
    return env


def step(env, undo, target):
    """One plan, carried out, with the record gone through the variable that holds it."""
    result = plan(env, undo, target)
    return run(env, result.edits), undo_record.load(undo_record.dump(result.undo))


@given(environments(), targets())
def test_enter_then_leave_is_the_identity(env, target):
    inside, undo = step(env, Undo(), target)
    outside, left = step(inside, undo, None)
    assert outside == env
    assert left == Undo()


@given(environments(), targets(), targets())
def test_switching_ends_where_entering_would(env, first, second):
    direct, _ = step(env, Undo(), second)
    inside, undo = step(env, Undo(), first)
    switched, undo = step(inside, undo, second)
    assert switched == direct
    assert step(switched, undo, None)[0] == env


@given(environments(), targets())
def test_asking_again_changes_nothing(env, target):
    inside, undo = step(env, Undo(), target)
    assert plan(inside, undo, target).edits == ()
    assert plan(inside, undo, target).undo == undo


@given(environments(), targets(), NAMES, VALUES)
def test_a_scalar_the_user_changed_meanwhile_stays(env, target, name, value):
    inside, undo = step(env, Undo(), target)
    ours = {n: after for n, _, after in undo.scalars}
    if ours.get(name, "something else") == value:
        return
    outside, _ = step({**inside, name: value}, undo, None)
    assert outside[name] == value


@given(environments(), targets(), ENTRIES.filter(lambda e: not e.startswith("/p/")), ENTRIES)
def test_path_entries_the_user_added_meanwhile_stay(env, target, front, back):
    inside, undo = step(env, Undo(), target._replace(displaced=()))
    before = undo_record.split(env.get("PATH"))
    path = [front, *undo_record.split(inside.get("PATH")), back]
    outside, _ = step({**inside, "PATH": ":".join(path)}, undo, None)
    assert undo_record.split(outside["PATH"]) == [front, *before, back]


def test_absent_and_empty_are_different():
    target = Target("venv", "n", "/p/e", "/p", "/p/e", "", None, unset=("PYTHONHOME",))
    for before in ({}, {"PYTHONHOME": ""}, {"PYTHONHOME": "/x"}):
        inside, undo = step(before, Undo(), target)
        assert "PYTHONHOME" not in inside
        assert step(inside, undo, None)[0] == before


def test_an_absent_path_is_absent_again_and_an_empty_one_empty():
    target = Target("venv", "n", "/p/e", "/p", "/p/e", "", None, path=("/p/e/bin",))
    for before in ({}, {"PATH": ""}):
        inside, undo = step(before, Undo(), target)
        assert inside["PATH"] == "/p/e/bin"
        assert step(inside, undo, None)[0] == before


def test_of_equal_entries_only_the_first_is_ours():
    target = Target("venv", "n", "/p/e", "/p", "/p/e", "", None, path=("/p/e/bin",))
    before = {"PATH": "/a:/p/e/bin:/b"}
    inside, undo = step(before, Undo(), target)
    assert inside["PATH"] == "/p/e/bin:/a:/p/e/bin:/b"
    assert step(inside, undo, None)[0] == before


def test_what_was_taken_out_goes_back_to_its_place_or_to_the_front():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/c/e/bin",), displaced=("/c/bin",))
    inside, undo = step({"PATH": "/a:/c/bin:/b"}, Undo(), target)
    assert inside["PATH"] == "/a:/c/e/bin:/b"
    assert step(inside, undo, None)[0] == {"PATH": "/a:/c/bin:/b"}
    assert step({"PATH": "/c/e/bin:/z"}, undo, None)[0] == {"PATH": "/c/bin:/z"}


def test_scripts_run_in_condas_order():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/c/e/bin",), scripts_on=("/on.sh",))
    entered = plan({"PATH": "/a"}, Undo(), target)
    assert entered.edits[-1] == Source("/on.sh")
    again = plan(run({"PATH": "/a"}, entered.edits), entered.undo, target)
    assert again.edits == ()
    left = plan(run({"PATH": "/a"}, entered.edits), entered.undo, None, scripts_off=("/off.sh",))
    assert left.edits == (Set("PATH", "/a"), Source("/off.sh"))


def test_refused_names_are_neither_set_nor_restored():
    bad = (
        "LD_PRELOAD",
        "BASH_ENV",
        "PS1",
        "PROMPT_COMMAND",
        "IFS",
        "a b",
        "1x",
        "x;y",
        "PATH",
        "HOME",
        "WEND_UNDO",
    )
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, set=tuple((n, "evil") for n in bad))
    result = plan({"PATH": "/a"}, Undo(), target)
    assert result.edits == ()
    planted = Undo(scalars=tuple((n, "evil", None) for n in bad))
    assert undo_record.load(undo_record.dump(planted)).scalars == ()


@given(st.text() | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_any_text_is_a_record_or_none(text):
    assert isinstance(undo_record.load(text), Undo)


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1,"taken":[["/a",null,Infinity,null]]}',
        '{"v":1,"taken":[["/a",null,1e999,null]]}',
        '{"v":1,"scalars":[["X","\\ud800","x"]]}',
        '{"v":1,"added":["\\udc00"]}',
    ],
)
def test_what_no_number_or_path_can_be_makes_it_no_record(text):
    assert undo_record.load(text) == Undo()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(Undo._fields)), inner),
        max_leaves=12,
    )
)
def test_any_json_is_a_record_or_none(value):
    import json

    document = {"v": 1, **value} if isinstance(value, dict) else value
    record = undo_record.load(json.dumps(document))
    assert undo_record.load(undo_record.dump(record)) == record


def test_paths_that_are_not_utf8_survive_the_record():
    name = os.fsdecode(b"/p/\xff\xfe")
    record = Undo(active=Active("venv", "n", name, "/p"), added=(name + "/bin",))
    text = undo_record.dump(record)
    assert text.isascii()
    assert undo_record.load(text) == record
