"""Changed words: the parts give both texts back, and large texts stay quick."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.diff import changed_words, distance, shortened

texts = st.text(alphabet=st.sampled_from("ab .,\n-*é漢\u2028\r"), max_size=120)


@given(texts, texts)
def test_parts_give_both_texts_back(old, new):
    parts = changed_words(old, new)
    assert "".join(text for kind, text in parts if kind != "added") == old
    assert "".join(text for kind, text in parts if kind != "removed") == new
    assert all(text for _, text in parts)
    assert all(before[0] != after[0] for before, after in pairwise(parts))


@given(texts)
def test_a_text_is_not_changed_against_itself(text):
    assert all(kind == "same" for kind, _ in changed_words(text, text))
    assert distance(text, text) == 0


def test_words_not_letters_are_compared():
    assert changed_words("Take 5 mg now.", "Take 50 mg now.") == [
        ("same", "Take "),
        ("removed", "5"),
        ("added", "50"),
        ("same", " mg now."),
    ]


def test_a_phrase_that_was_put_anew_is_read_as_one():
    assert changed_words("Stop it five days before.", "Stop it only after asking.") == [
        ("same", "Stop it "),
        ("removed", "five days before"),
        ("added", "only after asking"),
        ("same", "."),
    ]
    assert changed_words("one\ntwo", "eins\nzwei")[2] == ("same", "\n")


def test_five_thousand_lines():
    lines = [f"Line {n} says what line {n % 17} says, and more." for n in range(5_000)]
    changed = [
        line.replace("more", "less") if n % 50 == 0 else line for n, line in enumerate(lines)
    ]
    parts = changed_words("\n".join(lines), "\n".join(changed))
    assert sum(kind == "added" for kind, _ in parts) == 100
    shown = shortened(parts)
    assert sum(len(text) for _, text in shown) < sum(len(text) for _, text in parts) / 2


def test_one_word_in_each_of_five_thousand_lines():
    lines = [f"Line {n} says what line {n % 17} says, and more." for n in range(5_000)]
    parts = changed_words("\n".join(lines), "\n".join(lines).replace("more", "less"))
    assert {part for part in parts if part[0] != "same"} == {("removed", "more"), ("added", "less")}
    assert sum(kind == "added" for kind, _ in parts) == 5_000


def test_the_middle_of_a_change_without_end_is_left_out_on_the_page():
    old, new = "a b " * 20_000, "b a " * 30_000
    shown = shortened(changed_words(old, new))
    assert [kind for kind, _ in shown] == [
        "removed",
        "skipped",
        "removed",
        "added",
        "skipped",
        "added",
    ]
    assert shown[1][1] == "30000 words more removed"
    assert sum(len(text) for _, text in shown) < 41_000


def test_a_stretch_without_end_is_replaced_as_a_whole():
    old, new = "a b " * 20_000, "b a " * 20_000
    assert changed_words(old, new) == [("removed", old), ("added", new)]


def test_long_same_stretches_are_left_out_around_changes():
    same = "word " * 400
    parts = shortened(changed_words(same + "old", same + "new"))
    assert [kind for kind, _ in parts] == ["skipped", "same", "removed", "added"]
    assert parts[0][1].endswith("words unchanged")


@pytest.mark.parametrize(
    ("old", "new", "share"), [("", "", 0), ("a b", "a b", 0), ("a", "b", 1), ("a b", "a c", 0.5)]
)
def test_distance_is_the_share_of_words_that_differ(old, new, share):
    assert distance(old, new) == share
