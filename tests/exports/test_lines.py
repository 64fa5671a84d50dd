"""Values that JSON readers disagree about never get into a record."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exports import lines

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


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


@given(JSON)
def test_canonical_form_is_the_reference_implementation_s(value):
    assert lines.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, math.nan, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        lines.canonical({"a": value})


@given(JSON)
def test_every_json_value_is_free_of_faults(value):
    assert lines.fault(value) is None
