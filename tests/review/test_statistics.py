"""Figures of agreement against published values and the packages that compute them."""

from collections import Counter

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from review.statistics import agreement, wilson

# The example of Krippendorff (2011), twelve units and four people; Gwet gives AC1 for the same data.
PUBLISHED = [
    "111",
    "2232",
    "3333",
    "3333",
    "2222",
    "1234",
    "4444",
    "1121",
    "2222",
    "555",
    "11",
    "3",
]


def patterns(units):
    return Counter(tuple(sorted(unit)) for unit in units)


def test_published_example():
    found = agreement(patterns(PUBLISHED))
    assert found.raw.value == pytest.approx(0.8181818, abs=1e-6)
    assert found.ac1.value == pytest.approx(0.77544, abs=1e-5)
    assert found.alpha.value == pytest.approx(0.74342, abs=1e-5)
    assert found.units == 11


def test_where_nearly_all_pass_alpha_collapses_and_ac1_does_not():
    """Why both are shown: the same two careful people, once with many failures, once with few."""
    even = agreement({("p", "p"): 4_608, ("f", "f"): 4_608, ("f", "p"): 784})
    lopsided = agreement({("p", "p"): 9_033, ("f", "f"): 199, ("f", "p"): 768})
    assert even.raw.value == pytest.approx(lopsided.raw.value, abs=0.005)
    assert even.alpha.value == pytest.approx(even.ac1.value, abs=0.005)
    assert lopsided.alpha.value < 0.35
    assert lopsided.ac1.value > 0.9


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=4), min_size=2, max_size=30))
def test_alpha_is_that_of_the_package(units):
    counts = np.array([[unit.count(mark) for mark in "abc"] for unit in units])
    assume(sum((row > 0).any() and row.sum() > 1 for row in counts) > 0)
    paired = counts[counts.sum(axis=1) > 1]
    assume((paired.sum(axis=0) > 0).sum() > 1)
    expected = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    assert agreement(patterns(units)).alpha.value == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.text(alphabet="ab", min_size=2, max_size=3), min_size=1, max_size=40))
def test_intervals_hold_their_value(units):
    found = agreement(patterns(units))
    for figure in (found.raw, found.ac1, found.alpha):
        if figure.value is not None:
            assert figure.low - 1e-9 <= figure.high


def test_more_units_make_the_interval_narrower():
    few = agreement({("p", "p"): 45, ("f", "p"): 5})
    many = agreement({("p", "p"): 4500, ("f", "p"): 500})
    assert many.ac1.high - many.ac1.low < (few.ac1.high - few.ac1.low) / 5
    assert not few.is_too_few
    assert agreement({("p", "p"): 49}).is_too_few


def test_nothing_to_compare():
    found = agreement({("p",): 9})
    assert found.units == 0
    assert found.raw.value is None


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (15, 20, 0.5313, 0.8881),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_interval_of_published_examples(hits, total, low, high):
    found = wilson(hits, total)
    assert found.low == pytest.approx(low, abs=5e-4)
    assert found.high == pytest.approx(high, abs=5e-4)
