"""What holds for every format on the list."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import lines
from exports.formats import FORMATS
from exports.formats.people_csv import MISSING
from exports.formats.types import CsvTable, JsonArray, Refused, Shelf
from tests.exports.samples import ODD, SAMPLES, plain

# Which samples each format holds; every other one must be refused with a reason.
HELD = {
    "openai": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "masked history",
        "tools",
        "parallel tools",
        "words beside call",
        "pair",
    },
    "trl": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "tools",
        "parallel tools",
        "words beside call",
        "pair",
    },
    "trl-prompt-completion": {"plain", "odd text", "system", "masked history", "pair"},
    "axolotl": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "masked history",
        "tools",
        "parallel tools",
        "words beside call",
        "spans",
        "pair",
    },
    "llamafactory": {"plain", "odd text", "system", "several turns", "tools", "pair"},
    "sharegpt": {"plain", "odd text", "system", "several turns", "tools", "parallel tools", "pair"},
    "alpaca": {"plain", "odd text", "system", "pair"},
    "mistral": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "masked history",
        "tools",
        "parallel tools",
        "pair",
    },
    "gemini": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "tools",
        "parallel tools",
        "words beside call",
        "pair",
    },
    "swift": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "masked history",
        "tools",
        "parallel tools",
        "words beside call",
        "half weight",
        "pair",
    },
    "torchtune": {"plain", "odd text", "system", "several turns", "pair"},
    "nemo": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "tools",
        "parallel tools",
        "words beside call",
        "pair",
    },
    "bedrock": {"plain", "odd text", "system", "several turns", "pair"},
    "dolly": {"plain", "odd text", "pair"},
    "csv": {
        "plain",
        "odd text",
        "system",
        "several turns",
        "masked history",
        "spans",
        "half weight",
        "pair",
    },
    "dpo": {"pair"},
    "openai-preference": {"pair"},
}


def written(entry, rows):
    return entry.head + entry.joint.join(entry.encode(row) for row in rows) + entry.tail


def read(entry, content):
    """The rows of a file, by the plainest reader of its kind."""
    text = content.decode()
    if isinstance(entry, CsvTable):
        return list(csv.DictReader(io.StringIO(text, newline="")))
    if isinstance(entry, JsonArray):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def texts(value):
    if isinstance(value, str):
        yield value
        if value[:1] in "{[":
            try:
                yield from texts(json.loads(value))
            except ValueError:
                pass
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.slug)
@pytest.mark.parametrize("name", SAMPLES)
def test_holds_what_it_can_and_refuses_the_rest_with_a_reason(entry, name):
    if name in HELD[entry.slug]:
        assert entry.project(SAMPLES[name]).rows
    else:
        with pytest.raises(Refused, match=r"\w"):
            entry.project(SAMPLES[name])


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.slug)
def test_every_text_survives_the_file_byte_for_byte(entry):
    for name in sorted(HELD[entry.slug]):
        record = SAMPLES[name]
        rows = entry.project(record).rows
        found = set(texts(read(entry, written(entry, [*rows, *rows]))))
        joined = "\n".join(found)
        for message in record.messages:
            for part in message["parts"]:
                assert part["text"] in found or (entry.slug == "csv" and part["text"] in joined), (
                    name
                )


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.slug)
def test_companions_name_files_that_are_there(entry):
    shelf = Shelf("demo", {"train": f"train.{entry.suffix}", "test": f"test.{entry.suffix}"})
    for name, content in entry.companions(shelf).items():
        assert "/" not in name
        assert f"train.{entry.suffix}".encode() in content


@given(text=st.text(min_size=1))
@settings(max_examples=300, deadline=None)
def test_any_text_is_one_line_and_comes_back(text):
    line = lines.line({"text": text})
    assert line.count(b"\n") == 1
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["text"] == text


@given(text=st.text(min_size=1))
@settings(max_examples=50, deadline=None)
def test_any_answer_survives_every_format_that_takes_plain_text(text):
    record = plain(text)
    for entry in FORMATS:
        if "plain" in HELD[entry.slug] and not (entry.slug == "csv" and text in MISSING):
            rows = entry.project(record).rows
            assert text in set(texts(read(entry, written(entry, rows)))), entry.slug


def test_slugs_are_unique_and_every_format_has_its_expectations():
    assert [entry.slug for entry in FORMATS] == list(dict.fromkeys(entry.slug for entry in FORMATS))
    assert {entry.slug for entry in FORMATS} == set(HELD)


def test_golden_openai_row():
    entry = FORMATS[0]
    assert (
        entry.encode(entry.project(SAMPLES["masked history"]).rows[0])
        == (
            '{"messages":[{"role":"user","content":"One?"},'
            '{"role":"assistant","content":"Given.","weight":0},{"role":"user","content":"Two?"},'
            '{"role":"assistant","content":' + lines.compact("Written." + ODD) + ',"weight":1}]}\n'
        ).encode()
    )
