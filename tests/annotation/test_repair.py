"""Whether a repair touched form only decides who looks again; a miss would let meaning slip through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.repair import is_form_only, meaning


def target(text):
    return {"kind": "text", "messages": [{"role": "assistant", "content": text}]}


FORM_ONLY = [
    ("Take 5 mg daily.", "Take **5 mg** daily."),
    ("First rest. Then walk.", "- First rest.\n- Then walk."),
    ("dose", "Dose"),
    ("one\ntwo", "one\n\ntwo"),
    ("See the table", "## See the table"),
]
MEANING = [
    ("Take 5 mg daily.", "Take 50 mg daily."),
    ("It is safe.", "It is not safe."),
    ("Above 3.5", "Above 35"),
    ("a change of -5 %", "a change of 5 %"),
    ("if x < 3", "if x > 3"),
    ("x ≥ 3", "x ≤ 3"),
    ("a b", "b a"),
    ("rest", ""),
    ("5 mg", "5 µg"),
]


@pytest.mark.parametrize(("before", "after"), FORM_ONLY)
def test_form_only(before, after):
    assert is_form_only(target(before), target(after), limit=1.0)
    assert is_form_only(target(after), target(before), limit=1.0)


@pytest.mark.parametrize(("before", "after"), MEANING)
def test_meaning_changed(before, after):
    assert not is_form_only(target(before), target(after), limit=1.0)
    assert not is_form_only(target(after), target(before), limit=1.0)


def test_more_form_than_the_limit_goes_back():
    before, after = target("one two"), target("one\n\n\n\n\n\n\n\ntwo")
    assert not is_form_only(before, after, limit=0.1)


def test_a_structured_object_has_no_form_only_change():
    assert not is_form_only({"kind": "json", "object": 1}, {"kind": "json", "object": 2}, limit=1.0)


@given(st.text())
def test_a_text_means_what_it_means(text):
    assert is_form_only(target(text), target(text), limit=0.0)


@given(st.lists(st.from_regex(r"[a-z]{1,8}|\d{1,3}", fullmatch=True), min_size=1), st.data())
def test_dropping_a_word_is_never_form(words, data):
    index = data.draw(st.integers(0, len(words) - 1))
    assert meaning(" ".join(words)) != meaning(" ".join(words[:index] + words[index + 1 :]))
