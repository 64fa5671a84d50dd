"""The goals of the checks, on labelled sets made here."""

from tests.checks import measures


def test_copies_that_differ_by_form_are_duplicates():
    assert measures.normalised(60).rate == 1.0


def test_near_duplicates_are_found_and_strangers_are_not():
    recall, precision, _ = measures.near_duplicates(30)
    assert recall.trials > 100
    assert recall.rate >= 0.99
    assert precision.rate >= 0.95


def test_rows_that_share_a_template_are_not_duplicates():
    assert measures.templates().rate >= 0.95


def test_whole_items_are_found_and_clean_rows_are_not():
    places, clean = measures.contamination(60)
    whole = [
        "alone",
        "embedded",
        "quoted",
        "upper case",
        "HTML-escaped",
        "JSON-escaped",
        "JSON twice",
        "script without spaces, embedded",
    ]
    assert {name: places[name].rate for name in whole} == dict.fromkeys(whole, 1.0)
    assert clean.rate < 0.005


def test_intervals_are_wilsons():
    low, high = measures.Score(9, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
