"""Decimals against the reader that `datasets` uses, not against our idea of it."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import decimals

pandas_json = pytest.importorskip("pandas").io.json
read, write = pandas_json.ujson_loads, pandas_json.ujson_dumps

DOSES = st.decimals(min_value=-1000, max_value=1000, places=3).map(float)
ANY = st.floats(allow_nan=False, allow_infinity=False)


def test_the_reader_is_as_it_is_told_here():
    assert read("0.3") != 0.3
    assert read("0.30") == 0.3


@given(number=DOSES)
@settings(max_examples=500, deadline=None)
def test_a_spelled_decimal_is_the_same_number_to_every_reader(number):
    text = orjson.dumps(decimals.spelled({"a": [number]})).decode()
    assert json.loads(text) == read(text) == {"a": [number]}


@given(number=ANY)
@settings(max_examples=300, deadline=None)
def test_any_number_is_spelled_as_itself(number):
    assert json.loads(orjson.dumps(decimals.spelled(number))) == number


@given(number=st.one_of(ANY, DOSES))
@settings(max_examples=500, deadline=None)
def test_what_is_said_to_survive_does(number):
    if decimals.survive(number):
        assert read(write(read(orjson.dumps(number).decode()))) == number


@pytest.mark.parametrize("number", [0.3, 0.57, -0.0, 1e-12, 1e300, 0.1234567890123456])
def test_what_the_reader_bends_is_found_at_any_depth(number):
    assert not decimals.survive({"a": [1, {"b": number}]})
    assert decimals.survive({"a": [1, {"b": 2.5}], "c": "0.3", "d": None})
