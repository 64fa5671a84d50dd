"""Comments keep their passage through edits elsewhere, or know that it is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.anchors import anchor_at, anchor_from, place_of, segments, selected

TEXT = "Take **500 mg** every six hours.\n\n- Below 50 kg, less.\n- Never more than 4 g a day.\n"
words = st.text(alphabet=st.sampled_from("abc \n"), max_size=40)
passages = st.text(alphabet=st.sampled_from("xyz "), min_size=1, max_size=20).filter(str.strip)


@given(words, passages, words, words, words)
def test_edits_elsewhere_move_the_passage_with_its_words(
    before, passage, after, new_before, new_after
):
    anchor = anchor_at(before + passage + after, len(before), len(before) + len(passage))
    text = new_before + passage + new_after
    place = place_of(anchor, text)
    assert place is not None
    assert place.exact
    assert text[place.start : place.end] == passage


@given(words, passages, words)
def test_a_passage_that_was_taken_out_is_gone(before, passage, after):
    anchor = anchor_at(before + passage + after, len(before), len(before) + len(passage))
    if passage in before + after:
        return
    place = place_of(anchor, before + after)
    assert place is None or not place.exact


@given(words, passages, words)
def test_an_anchor_survives_being_stored(before, passage, after):
    anchor = anchor_at(before + passage + after, len(before), len(before) + len(passage))
    assert anchor_from(anchor.as_json()) == anchor


def test_of_two_equal_passages_the_one_in_its_context_is_meant():
    text = "First: 5 mg. Second: 5 mg. Third: 5 mg."
    start = text.index("5 mg", 15)
    place = place_of(anchor_at(text, start, start + 4), "Zeroth: 5 mg. " + text)
    assert place.start == start + len("Zeroth: 5 mg. ")


def test_an_altered_passage_is_found_and_called_altered():
    start = TEXT.index("Never")
    anchor = anchor_at(TEXT, start, TEXT.index(" a day"))
    place = place_of(anchor, TEXT.replace("Never more than 4 g", "Never take more than 4 g"))
    assert place is not None
    assert not place.exact


def test_a_short_passage_that_was_altered_counts_as_gone():
    start = TEXT.index("500 mg")
    assert place_of(anchor_at(TEXT, start, start + 6), TEXT.replace("500 mg", "1 g")) is None


@pytest.mark.parametrize(
    ("quote", "raw"),
    [
        ("500 mg every", "500 mg** every"),
        ("Take 500 mg", "Take **500 mg"),
        ("less. Never more", "less.\n- Never more"),
        ("  Below 50 kg ", "Below 50 kg"),
        ("hours.\n\nBelow", "hours.\n\n- Below"),
    ],
)
def test_what_is_selected_on_the_laid_out_page_is_found_as_typed(quote, raw):
    found = selected(TEXT, quote=quote)
    assert TEXT[found.start : found.end] == raw


@pytest.mark.parametrize("quote", ["", "   ", "600 mg", "***"])
def test_what_is_not_there_is_not_found(quote):
    assert selected(TEXT, quote=quote) is None


def test_context_tells_equal_selections_apart():
    text = "One dose is 5 mg. Two doses are 5 mg each."
    found = selected(text, quote="5 mg", prefix="Two doses are ", suffix=" each.")
    assert found.start == text.rindex("5 mg")


def test_segments_give_the_text_back_and_say_who_covers_what():
    first = place_of(anchor_at(TEXT, 0, 10), TEXT)
    second = place_of(anchor_at(TEXT, 5, 20), TEXT)
    cut = segments(TEXT, [(1, first), (2, second)])
    assert "".join(piece for piece, _ in cut) == TEXT
    assert [names for _, names in cut] == [[1], [1, 2], [2], []]
