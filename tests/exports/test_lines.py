"""Values that JSON readers disagree about never get into a record."""

import math

import pytest

from exports import lines


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": math.nan}, "not a finite number"),
        ({"a": [math.inf]}, "not a finite number"),
        ({"a": "\ud800"}, "half of a surrogate pair"),
        ({"\udfff": 1}, "half of a surrogate pair"),
        ({"a": 2**53}, "beyond 2"),
        ({"a": object()}, "does not know"),
    ],
)
def test_fault_names_the_place_and_the_reason(value, words):
    assert words in lines.fault(value)


def test_ordinary_values_have_no_fault():
    assert lines.fault({"a": [1, 1.5, True, None, "é😀", {"b": -(2**53) + 1}]}) is None


def test_canonical_form_follows_the_rfc():
    assert lines.canonical({"b": 1.0, "a": "\u20ac\n", "\ufb33": 1e21}) == (
        '{"a":"€\\n","b":1,"\ufb33":1e+21}'.encode()
    )
