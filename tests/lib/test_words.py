"""Words to find texts by: what counts as a word in which writing, and where it stands in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.words import asked_in, excerpt_of, holds, pieces_of, places_of, vector_of


def found(asked, text):
    """Whether the database would find it, told by the same two strings that it gets."""
    there = {part.strip("'") for part in vector_of([text]).split()}
    parts = asked_in(asked).query.split(" & ")
    return all(
        any(word.startswith(part[1:-3]) for word in there)
        if part.endswith(":*")
        else part.strip("'") in there
        for part in parts
    )


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("kidney", "Both kidneys are small."),
        ("KIDNEYS small", "Small kidneys"),
        ("naive resume", "a naïve résumé"),
        ("Ärzte", "Die ÄRZTE kommen"),
        ("strasse", "Die Straße"),
        ("στάση", "ΣΤΆΣΗ"),
        ("инсульт", "Инсульта не было"),
        ("12345", "case 12345"),
        ("薬を飲む", "病院で薬を飲む時間"),
        ("薬", "病院で薬を飲む"),
        ("む", "薬を飲む"),
        ("โรงพยาบาล", "ไปโรงพยาบาลทุกวัน"),
        ("병원", "병원에서 기다린다"),
        ("COVID薬", "covid-19の薬"),
        ("don't", "I don't know"),
    ],
)
def test_what_is_meant_is_found_and_marked(asked, text):
    assert found(asked, text)
    assert holds(text, asked_in(asked))
    assert places_of(asked_in(asked), text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [("kidney", "A kid"), ("to", "tomorrow"), ("飲薬", "薬を飲む"), ("liver kidney", "the kidney")],
)
def test_what_is_not_meant_is_not_found(asked, text):
    assert not found(asked, text)
    assert not holds(text, asked_in(asked))


@pytest.mark.parametrize("nothing", ["", "  ", "&|!()':*", "…", "\x00"])
def test_nothing_to_look_for(nothing):
    assert not asked_in(nothing)


def test_a_text_that_is_too_long_is_found_by_its_first_words():
    vector = vector_of([" ".join(f"word{number}" for number in range(200_000))])
    assert len(vector.encode()) < 1_000_000
    assert "'word0'" in vector


@given(st.text(), st.text())
def test_only_letters_and_digits_reach_the_notation_of_the_database(text, asked):
    for notation in (vector_of([text]), asked_in(asked).query):
        assert "\x00" not in notation
        assert "\\" not in notation
        assert all(part.strip("'") and "'" not in part[1:].removesuffix(":*").removesuffix("'") for part in notation.split() if part != "&")  # fmt: skip


@given(
    st.text(alphabet="aAéß 12薬を飲がむ病", max_size=12),
    st.text(alphabet="aAéß 12薬を飲がむ病", max_size=4),
)
def test_a_text_answers_like_its_row_in_the_database(text, asked):
    if asked_in(asked):
        assert holds(text, asked_in(asked)) == found(asked, text)


@given(st.text(), st.text())
def test_the_pieces_are_the_text(text, asked):
    assert "".join(piece for piece, _ in pieces_of(text, asked_in(asked))) == text


def test_an_excerpt_stands_around_the_first_word():
    text = f"{'before ' * 40}the kidney fails {'after ' * 40}"
    cut = excerpt_of(text, asked_in("kidney"))
    assert cut.startswith("…before")
    assert "the kidney fails" in cut
    assert cut.endswith("after…")
    assert len(cut) < 200
    assert excerpt_of(text, asked_in("liver")) == ""
