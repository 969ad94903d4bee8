"""Plan and record: applying and reverting is the identity, and what the user changed meanwhile stays."""

from __future__ import annotations

import os
import string
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wend import record as records
from wend.model import Set, Source, Target, Unset
from wend.plan import Scripts, plan
from wend.record import Active, Displaced, Intent, Record, Undo

NAMES = st.sampled_from(["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CONDA_PREFIX", "FOO", "X"])
BYTES = [chr(0xDC00 + byte) for byte in range(0x80, 0x100)]  # as Python spells what is not UTF-8
ALPHABET = st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from(BYTES)
VALUES = st.text(alphabet=ALPHABET, max_size=12)
# Few, so that entries are equal, and any.
ENTRIES = st.sampled_from(["", "a", "x"]) | st.text(alphabet=string.ascii_lowercase + "/ .", max_size=4)
PATHS = st.none() | st.lists(ENTRIES, max_size=6).map(":".join)


@pytest.fixture(scope="module", autouse=True)
def colons():
    """Let PATH have colons on Windows, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pathsep", ":")
        yield


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


def step(env, undo, target, covered=()):
    """One plan, carried out, with the record gone through the variable that holds it."""
    result = plan(env, undo, target, covered=covered)
    return run(env, result.edits), records.load(records.dump(Record(result.undo))).undo


@given(environments(), targets())
def test_enter_then_leave_is_the_identity(env, target):
    inside, undo = step(env, Undo(), target)
    outside, left = step(inside, undo, None)
    assert outside == env
    assert left == Undo()


@given(environments(), targets(), st.lists(ENTRIES, max_size=2, unique=True).map(tuple))
def test_a_covered_environment_leaves_path_and_comes_back(env, target, covered):
    inside, undo = step(env, Undo(), target, covered)
    kept = [entry for entry in covered if entry not in (*target.path, *target.displaced)]
    assert not set(kept) & set(records.split(inside.get("PATH")))
    assert step(inside, undo, None)[0] == env


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
    before = records.split(env.get("PATH"))
    path = [front, *records.split(inside.get("PATH")), back]
    outside, _ = step({**inside, "PATH": ":".join(path)}, undo, None)
    assert records.split(outside["PATH"]) == [front, *before, back]


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


def test_the_target_stands_where_the_first_stood_of_what_it_displaces_and_not_of_what_it_covers():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/e",), displaced=("/c", "/d"))
    for before, inside in (
        ("/a:/c:/b:/d", "/a:/e:/b"),
        ("/a:/c:/d:/b", "/a:/e:/b"),
        ("/d:/a:/c:/b", "/a:/e:/b"),
        ("/x:/a:/c:/b", "/a:/e:/b"),
        ("/a:/c:/x:/b", "/a:/e:/b"),
        ("/a:/x:/b", "/e:/a:/b"),
    ):
        shown, undo = step({"PATH": before}, Undo(), target, ("/x",))
        assert shown == {"PATH": inside}
        assert step(shown, undo, None)[0] == {"PATH": before}


def test_of_equal_neighbours_the_right_one_is_found_again():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/e",), displaced=("/c",))
    for before in ("/a:/b:/a:/c:/a", "/a:/c:/a:/a", "/c:/a:/a", "/a:/a:/c"):
        inside, undo = step({"PATH": before}, Undo(), target)
        assert step(inside, undo, None)[0] == {"PATH": before}
    had = Displaced("/c", "/a", 2, "/b")
    for path, after in (
        ("/a:/x:/a:/y:/a", "/a:/x:/a:/c:/y:/a"),
        ("/x:/a:/y", "/x:/a:/c:/y"),  # fewer by now: behind the last of them
        ("/x:/b", "/x:/c:/b"),
        ("/x", "/c:/x"),
        ("/a:/x:/a", "/a:/x:/a:/c"),
    ):
        assert records.revert(Undo(displaced=(had,)), {"PATH": path}) == {"PATH": after}
    assert records.revert(Undo(displaced=(had._replace(nth=-3),)), {"PATH": "/a:/a"}) == {"PATH": "/a:/c:/a"}
    assert records.revert(Undo(displaced=(had._replace(nth=5),)), {"PATH": "/a:/a:/b"}) == {"PATH": "/a:/a:/c:/b"}


def test_what_stood_first_goes_back_before_what_followed_it():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/e",), displaced=("/c",))
    _, undo = step({"PATH": "/c:/b"}, Undo(), target)
    assert step({"PATH": "/mine:/e:/b"}, undo, None)[0] == {"PATH": "/mine:/c:/b"}


def test_of_equal_entries_only_the_first_is_displaced_and_each_is_covered():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/e",), displaced=("/c",))
    inside, undo = step({"PATH": "/c:/x:/a:/c:/x"}, Undo(), target, ("/x",))
    assert inside == {"PATH": "/e:/a:/c"}
    assert step(inside, undo, None)[0] == {"PATH": "/c:/x:/a:/c:/x"}


@pytest.mark.parametrize("path", ["x:x:a", "x:x:b:a", "x:x:x:a"])
def test_an_entry_that_stayed_before_ours_stays_when_we_leave(path):
    """PATH held it twice; the other one was displaced, and what stood behind it gives ours its place."""
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/e",), displaced=("a", "x"))
    inside, undo = step({"PATH": path}, Undo(), target)
    assert records.split(inside["PATH"]).index("x") < records.split(inside["PATH"]).index("/e")
    assert step(inside, undo, None)[0]["PATH"] == path
    # Its own tool put the other one back, in front.
    assert step({"PATH": "x:" + inside["PATH"]}, undo, None)[0]["PATH"] == path


def test_a_record_that_is_too_long_is_none():
    empty = len(records.dump(Record(Undo(added=("/",)))))
    longest = Record(Undo(added=("/" + "a" * (records.MAX_RECORD - empty),)))
    assert len(records.dump(longest)) == records.MAX_RECORD
    assert records.load(records.dump(longest)) == longest
    assert records.load(records.dump(longest._replace(last_notice="x"))) == Record()


def test_a_record_holds_only_what_is_not_empty():
    assert records.dump(Record(Undo(added=("/a",)))) == '{"v":2,"added":["/a"]}'
    assert records.dump(Record(last_notice="n")) == '{"v":2,"last_notice":"n"}'


def test_an_entry_of_ours_that_had_been_there_before_does_not_return_when_it_was_removed():
    had = Displaced("/c/e/bin", None, 0, "/a")
    undo = Undo(added=("/c/e/bin",), displaced=(had,))
    assert records.revert(undo, {"PATH": "/c/e/bin:/a"}) == {"PATH": "/c/e/bin:/a"}
    assert records.revert(undo, {"PATH": "/a"}) == {"PATH": "/a"}
    assert records.revert(undo._replace(added=("/p/bin",)), {"PATH": "/a"}) == {"PATH": "/c/e/bin:/a"}


def test_scripts_run_in_condas_order():
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, path=("/c/e/bin",), scripts_on=("/on.sh",))
    entered = plan({"PATH": "/a"}, Undo(), target, scripts=Scripts(on=target.scripts_on))
    assert entered.edits[-1] == Source("/on.sh")
    again = plan(run({"PATH": "/a"}, entered.edits), entered.undo, target)
    assert again.edits == ()
    left = plan(run({"PATH": "/a"}, entered.edits), entered.undo, None, scripts=Scripts(off=("/off.sh",)))
    assert left.edits == (Set("PATH", "/a"), Source("/off.sh"))


def test_a_name_has_at_most_128_characters():
    assert records.allowed_name("A" * 128)
    assert not records.allowed_name("A" * 129)


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
        "DYLD_INSERT_LIBRARIES",
        "__wend_dir",
        "ENV",
        "CDPATH",
        "FPATH",
        "ZDOTDIR",
        "fish_function_path",
        "SHELLOPTS",
    )
    target = Target("conda", "n", "/c/e", "/p", "/p/y", "", None, set=tuple((n, "evil") for n in bad))
    result = plan({"PATH": "/a"}, Undo(), target)
    assert result.edits == ()
    planted = Undo(scalars=tuple((n, "evil", None) for n in bad))
    assert records.load(records.dump(Record(planted))).undo.scalars == ()


@given(st.text() | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_any_text_is_a_record_or_none(text):
    assert isinstance(records.load(text), Record)


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1,"taken":[["/a",null,Infinity,null]]}',
        '{"v":2,"displaced":[["/a",null,Infinity,null]]}',
        '{"v":2,"displaced":[["/a",null,1e999,null]]}',
        '{"v":2,"scalars":[["X","\\ud800","x"]]}',
        '{"v":2,"added":["\\udc00"]}',
        '{"v":2,"added":"/a"}',
        '{"v":3,"added":["/a"]}',
    ],
)
def test_what_no_number_or_path_can_be_makes_it_no_record(text):
    assert records.load(text) == Record()


FIELDS = [*Undo._fields, *Intent._fields, "last_notice"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner),
        max_leaves=12,
    )
)
def test_any_json_is_a_record_or_none(value):
    import json

    document = {"v": 2, **value} if isinstance(value, dict) else value
    record = records.load(json.dumps(document))
    assert records.load(records.dump(record)) == record


@pytest.mark.skipif(sys.platform == "win32", reason="names are no bytes on Windows")
def test_paths_that_are_not_utf8_survive_the_record():
    name = os.fsdecode(b"/p/\xff\xfe")
    record = Record(Undo(active=Active("venv", "n", name, "/p"), added=(name + "/bin",)))
    text = records.dump(record)
    assert text.isascii()
    assert records.load(text) == record


def test_a_record_of_version_1_is_still_read():
    text = (
        '{"v":1,"active":["venv","n","/p/e","/p"],"scalars":[["VIRTUAL_ENV",null,"/p/e"]],"added":["/p/e/bin"],'
        '"taken":[["/c/bin","/a",1,null]],"no_path":true,"hold":"/h","hand":["/e","/r"],"owed":["/o"],"note":"wend: n"}'
    )
    record = records.load(text)
    assert record == Record(
        Undo(
            Active("venv", "n", "/p/e", "/p"),
            (("VIRTUAL_ENV", None, "/p/e"),),
            ("/p/e/bin",),
            (Displaced("/c/bin", "/a", 1, None),),
            True,
        ),
        Intent("/h", ("/e", "/r"), ("/o",)),
        "wend: n",
    )
    assert records.load(records.dump(record)) == record
