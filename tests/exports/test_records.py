"""The quick validator and the one that finds the words agree about what a record is."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalog.tool_names import NAME
from exports import freezing, records
from tests.exports.samples import SAMPLES

ODDITIES = [None, True, 0, -1, 1.0, 1.5, "", "x", "a" * 64, [], [1], [""], {}, {"x": 1}]


def places(value, path=()):
    """The path of every value inside."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield from places(part, (*path, key))


def changed(data, path, oddity, how):
    """A copy with one value replaced or taken out, or one key added to it."""
    data = copy.deepcopy(data)
    *above, last = path
    holder = data
    for key in above:
        holder = holder[key]
    if how == "replace":
        holder[last] = oddity
    elif how == "remove":
        del holder[last]
    elif isinstance(holder[last], dict):
        holder[last]["unknown"] = oddity
    return data


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_a_record_to_both(name):
    data = SAMPLES[name].data
    assert records.quick_validator().is_valid(data)
    assert records.validator().is_valid(data)


@given(st.data())
def test_what_one_refuses_the_other_refuses(draw):
    data = SAMPLES[draw.draw(st.sampled_from(sorted(SAMPLES)))].data
    path = draw.draw(st.sampled_from([path for path in places(data) if path]))
    how = draw.draw(st.sampled_from(["replace", "remove", "add"]))
    odd = changed(data, path, draw.draw(st.sampled_from(ODDITIES)), how)
    assert records.quick_validator().is_valid(odd) == records.validator().is_valid(odd)


def test_a_record_of_another_shape_is_refused_in_words():
    data = dict(SAMPLES["plain"].data) | {"revision": 0}
    assert records.faults(data) == ["revision: 0 is less than the minimum of 1"]


def test_arguments_in_the_shape_of_openai_become_objects():
    said = {"role": "assistant", "content": None, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "dose", "arguments": '{"mg": [1, null]}'}},
        {"id": "call_2", "type": "function", "function": {"name": "dose", "arguments": ""}},
    ]}  # fmt: skip
    made = freezing.message(said, "m1", train=False)["tool_calls"]
    assert [call["arguments"] for call in made] == [{"mg": [1, None]}, {}]
    assert freezing.arguments("no JSON") == "no JSON"


def test_reasoning_that_nobody_let_out_stays_home():
    said = {"role": "assistant", "content": "A.", "reasoning": "Between us."}
    assert "reasoning" not in freezing.message(said, "m1", train=True)
    shown = freezing.message({**said, "reasoning_publishable": True}, "m1", train=True)
    assert shown["reasoning"] == "Between us."


def test_the_check_of_tool_names_asks_what_a_record_asks():
    assert records.validator().schema["$defs"]["name"]["pattern"] == f"^{NAME.pattern}$"
