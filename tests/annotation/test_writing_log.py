"""The writing log as data: read, replayed, chained, refused."""

import json
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.errors import LogInvalid
from annotation.writing_log import (
    LARGEST_BATCH,
    Edit,
    chain_holds,
    chained,
    checksum,
    pack,
    read_edits,
    replacement,
    replay,
    unpack,
)


def typed(changes, field="response", kind="typed"):
    return Edit(field, 0, 0, kind, changes)


def test_replay_counts_utf16_units():
    log = [typed([[0, "a😀b"]]), typed([3, [1], [0, "שלום"]]), typed([1, [2, "", "x"], 4])]
    assert replay(log) == {"response": "a\nxשלום"}


def test_several_fields_grow_apart():
    log = [typed([[0, "one"]]), typed([[0, "two"]], field="turn-2"), typed([3, [0, "!"]])]
    assert replay(log) == {"response": "one!", "turn-2": "two"}


def test_marks_of_time_change_nothing():
    assert replay([Edit("", 5, 0, "away", None), Edit("", 5, 0, "back", None)]) == {}


@pytest.mark.parametrize(
    "changes",
    [[1], [[1]], [[0, "a"], 1], [-1], [[-1, "a"]], ["x"], [[0, 7]], [True], [[True]], [None], [{}]],
)
def test_an_edit_that_does_not_fit_is_refused(changes):
    with pytest.raises(LogInvalid):
        replay([typed(changes)])


@pytest.mark.parametrize(
    "row",
    [
        None, {}, [], ["response", 0, 0, "typed"], ["response", -1, 0, "typed", []], ["response", 0, 0, "invented", []],
        ["response", 0, 0, "typed", None], ["response", 0, 0, "away", []], ["x" * 81, 0, 0, "typed", []],
        ["response", 10**12, 0, "typed", []], ["response", 0.5, 0, "typed", []],
    ],
)  # fmt: skip
def test_a_row_of_no_known_shape_is_refused_by_number(row):
    with pytest.raises(LogInvalid, match="Edit 2"):
        read_edits([["response", 0, 0, "typed", [[0, "a"]]], row])


def test_a_batch_is_the_same_after_packing():
    edits = [typed([[0, "naïve 😀\u2028"]]), Edit("", 3, 0, "away", None)]
    assert unpack(pack(edits)) == edits


def test_a_batch_that_swells_is_refused():
    bomb = zlib.compress(
        json.dumps([["r", 0, 0, "typed", [[0, "a" * (LARGEST_BATCH * 2 + 10)]]]]).encode()
    )
    with pytest.raises(LogInvalid, match="too large"):
        unpack(bomb)


def test_a_text_has_an_end():
    with pytest.raises(LogInvalid, match="characters at most"):
        replay([typed([[0, "a" * 1_000_001]])])


def test_the_chain_breaks_where_something_was_changed():
    payloads = [pack([typed([[0, letter]])]) for letter in "abc"]
    head, rows = b"", []
    for number, payload in enumerate(payloads, 1):
        head = chained(head, payload)
        rows.append((number, payload, head))
    assert chain_holds(rows)
    assert not chain_holds([rows[0], rows[2]])
    assert not chain_holds([rows[0], (2, payloads[2], rows[1][2]), rows[2]])
    assert not chain_holds(rows[::-1])


def test_checksum_is_that_of_the_browser():
    # crc32("A") over the two bytes 41 00, as static/js/editor/crc.js computes it.
    assert checksum("A") == zlib.crc32(b"A\x00")


@given(st.text(), st.text())
def test_a_replacement_turns_one_text_into_the_other(before, after):
    edit = replacement(before, after, "response", "other")
    log = [typed([[0, *before.split("\n")]]), *([edit] if edit else [])]
    assert replay(log) == {"response": after}


def test_a_long_log_replays_to_what_a_plain_list_of_units_gives():
    chance = random.Random(7)
    units, log = [], []
    for _ in range(3000):
        start = chance.randint(0, len(units))
        end = min(len(units), start + chance.choice([0, 0, 0, 1, 5]))
        inserted = chance.choice(["a", "e\u0301", "word ", "👩‍⚕️", "\n", "ש", ""])
        lines = inserted.split("\n") if inserted else []
        parts = [start, [end - start, *lines], len(units) - end]
        log.append(typed([part for part in parts if part != 0]))
        raw = inserted.encode("utf-16-le")
        units[start:end] = [raw[i : i + 2] for i in range(0, len(raw), 2)]
    assert replay(log).get("response", "") == b"".join(units).decode("utf-16-le", "surrogatepass")
