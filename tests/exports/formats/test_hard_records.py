"""What a format holds of a hard record is what was written; what it cannot hold is refused."""

import csv
import json

import pytest

from exports import records
from exports.formats import FORMATS
from exports.formats.types import Refused
from tests.exports.formats.test_all import read, written
from tests.exports.hard import HARD, TOOLS, call, dialogue, result
from tests.exports.samples import message, record

csv.field_size_limit(1 << 24)


def wanted(record, *, developer=False):
    """[(role, words, [(name, arguments)], call ids answered)] as they were written."""
    return [
        (
            "system" if m["role"] == "developer" and not developer else m["role"],
            "".join(part["text"] for part in m["parts"]),
            [(c["name"], c["arguments"]) for c in m.get("tool_calls", [])],
        )
        for m in record.messages
    ]


def chat(row, key="messages"):
    """The usual shape, arguments as text or as objects; ids and results must pair up."""
    asked = []
    for turn in row[key]:
        calls = turn.get("tool_calls") or []
        if turn["role"] == "tool":
            asked.remove(turn["tool_call_id"])
        elif calls:
            asked = [call["id"] for call in calls]
        yield (turn["role"], turn["content"], [_call(call["function"]) for call in calls])


def _call(function):
    arguments = function["arguments"]
    return (function["name"], json.loads(arguments) if isinstance(arguments, str) else arguments)


def completion(row):
    yield from chat({"messages": row["prompt"] + row["completion"]})


def turns(row):
    if row.get("system"):
        yield ("system", row["system"], [])
    names = {"human": "user", "gpt": "assistant", "observation": "tool"}
    for turn in row["conversations"]:
        if turn["from"] == "function_call":
            calls = json.loads(turn["value"])
            calls = calls if isinstance(calls, list) else [calls]
            yield ("assistant", "", [(c["name"], c["arguments"]) for c in calls])
        else:
            yield (names.get(turn["from"], turn["from"]), turn["value"], [])


def single(row):
    if row.get("system"):
        yield ("system", row["system"], [])
    yield ("user", row["instruction"], [])
    yield ("assistant", row.get("output", row.get("response")), [])


def gemini(row):
    if "systemInstruction" in row:
        yield ("system", row["systemInstruction"]["parts"][0]["text"], [])
    for content in row["contents"]:
        results = [p["functionResponse"] for p in content["parts"] if "functionResponse" in p]
        if results:
            yield from (("tool", r["name"], r["response"]) for r in results)
            continue
        words = "".join(part.get("text", "") for part in content["parts"])
        calls = [p["functionCall"] for p in content["parts"] if "functionCall" in p]
        role = "assistant" if content["role"] == "model" else "user"
        yield (role, words, [(call["name"], call["args"]) for call in calls])


def bedrock(row):
    for part in row.get("system", []):
        yield ("system", part["text"], [])
    for turn in row["messages"]:
        yield (turn["role"], turn["content"][0]["text"], [])


def table(row):
    if row["system"]:
        yield ("system", row["system"], [])
    yield ("user", row["prompt"], [])
    yield ("assistant", row["response"], [])


READERS = {
    "trl-prompt-completion": completion,
    "sharegpt": turns,
    "llamafactory": turns,
    "alpaca": single,
    "dolly": single,
    "gemini": gemini,
    "bedrock": bedrock,
    "csv": table,
}
LEFT_OUT = {"dpo", "openai-preference"}
"""They hold nothing without a second text."""


def projected(entry, name):
    try:
        return entry.project(HARD[name])
    except Refused:
        return None


@pytest.mark.parametrize(
    "entry", [f for f in FORMATS if f.slug not in LEFT_OUT], ids=lambda f: f.slug
)
@pytest.mark.parametrize("name", HARD)
def test_a_row_says_what_the_record_says(entry, name):
    made = projected(entry, name)
    if made is None:
        return
    hard = HARD[name]
    row, again = read(entry, written(entry, [*made.rows, *made.rows]))
    assert row == again
    shown = list(READERS.get(entry.slug, chat)(row))
    expected = wanted(hard, developer=entry.slug == "openai")
    if "turn structure" in made.lost:
        assert all(words in row["prompt"] + row["response"] for _, words, _ in expected)
        return
    expected = [turn for turn in expected if turn[:2] != ("system", "")]
    shown = [turn for turn in shown if turn[:2] != ("system", "")]
    if entry.slug == "gemini":
        expected = list(_with_answers(hard, expected))
    assert shown == expected


def _with_answers(hard, expected):
    """As Gemini shows results: under the tool's name, the words as an object or under `output`."""
    names = {}
    for said, turn in zip(
        hard.messages[len(hard.messages) - len(expected) :], expected, strict=True
    ):
        names |= {call["id"]: call["name"] for call in said.get("tool_calls", [])}
        if turn[0] != "tool":
            yield turn
            continue
        value = _json(turn[1])
        held = isinstance(value, dict) and json.dumps(value, separators=(",", ":")) == turn[1]
        yield ("tool", names[said["tool_call_id"]], value if held else {"output": turn[1]})


def _json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


@pytest.mark.parametrize("name", HARD)
def test_tools_come_back_as_they_were_written(name):
    for entry in FORMATS:
        made = projected(entry, name)
        if made is None or not HARD[name].tools:
            continue
        (row,) = read(entry, written(entry, made.rows))
        shown = row["tools"]
        shown = json.loads(shown) if isinstance(shown, str) else shown
        if entry.slug == "gemini":
            shown = [{"function": _declared(tool)} for tool in shown[0]["functionDeclarations"]]
        for tool, given in zip(shown, HARD[name].tools, strict=True):
            assert tool["function"]["name"] == given["name"]
            assert json.dumps(tool["function"]["parameters"]) == json.dumps(given["parameters"])
            if "strict" in given and "strict" not in tool["function"]:
                assert "strict tools" in made.lost


def _declared(tool):
    (parameters,) = {"parameters", "parametersJsonSchema"}.intersection(tool)
    return {**tool, "parameters": tool[parameters]}


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"type": "object", "properties": {"a": {"type": "array", "items": {}}}}, "parameters"),
        ({"type": "object", "properties": {"a": {"enum": ["x", "y"]}}}, "parameters"),
        ({"type": "object", "additionalProperties": False}, "parametersJsonSchema"),
        ({"type": ["object", "null"]}, "parametersJsonSchema"),
        ({"type": "object", "properties": {"a": {"enum": ["x", 1]}}}, "parametersJsonSchema"),
        ({"type": "object", "properties": []}, "parametersJsonSchema"),
        ({"anyOf": [{"const": 1}]}, "parametersJsonSchema"),
    ],
)
def test_a_schema_beyond_google_s_own_goes_under_the_key_for_json_schema(parameters, key):
    (entry,) = [entry for entry in FORMATS if entry.slug == "gemini"]
    asked = record(
        [message(1, "user", "Go."), message(2, "assistant", "No need.")],
        tools=[{"name": "f", "parameters": parameters}],
    )
    (tool,) = entry.project(asked).rows[0]["tools"][0]["functionDeclarations"]
    assert tool == {"name": "f", key: parameters}


# (record, format): what must be refused, since the reader would take it for something else or fail.
REFUSED = {
    ("answers in another order", "sharegpt"): "another order",
    ("answers in another order", "gemini"): "another order",
    ("empty question", "bedrock"): "without words",
    ("empty question", "gemini"): "without words",
    ("empty question", "openai"): "without words",
    ("empty system", "openai"): "without words",
    ("placeholders", "swift"): "image",
    ("placeholders", "llamafactory"): "image",
    ("old schema", "mistral"): "draft 7",
    ("placeholders", "bedrock"): "reserve",
    ("user twice", "torchtune"): "alternate",
    ("assistant twice", "torchtune"): "alternate",
    ("looks like data", "alpaca"): "date alone",
    ("nested arguments", "trl"): "decimal",
    ("nested arguments", "trl-prompt-completion"): "somebody else speaks",
    ("user after result", "trl-prompt-completion"): "somebody else speaks",
    ("very long", "csv"): "longer than a cell",
    ("empty question", "csv"): "missing one",
    ("image", "openai"): "attachments",
    ("masked and whole", "trl"): "weight",
    ("masked and whole", "mistral"): "weight",
    ("spans beyond the plane", "openai"): "part of a message",
}


@pytest.mark.parametrize(("name", "slug"), REFUSED)
def test_what_a_reader_would_take_for_something_else_is_refused(name, slug):
    (entry,) = [entry for entry in FORMATS if entry.slug == slug]
    with pytest.raises(Refused, match=REFUSED[name, slug]):
        entry.project(HARD[name])


def of(slug):
    (entry,) = [entry for entry in FORMATS if entry.slug == slug]
    return entry


def test_a_decimal_in_the_last_call_is_refused_where_datasets_bends_it():
    ends = record(
        [message(1, "user", "Go."), message(2, "assistant", "", tool_calls=[call(1, {"g": 0.3})])],
        tools=TOOLS,
        target={"kind": "tool_call", "from_message": 1},
    )
    with pytest.raises(Refused, match="decimal"):
        of("trl-prompt-completion").project(ends)


@pytest.mark.parametrize("answer", ["NA", "null", "None", "n/a", "nan", ""])
def test_what_tables_take_for_a_missing_value_is_refused(answer):
    with pytest.raises(Refused, match="missing one"):
        of("csv").project(dialogue(("user", "Which?"), ("assistant", answer)))


def test_a_cell_is_counted_as_spreadsheets_count_it():
    fits = dialogue(("user", "Q"), ("assistant", "\U0001f600" * 16_383 + "a"))
    assert of("csv").project(fits).rows
    with pytest.raises(Refused, match="longer than a cell"):
        of("csv").project(dialogue(("user", "Q"), ("assistant", "\U0001f600" * 16_384)))


def second(*messages):
    return [
        {"messages": list(messages), "verdict": "reject", "reason": "r", "pair_kind": "revision"}
    ]


def test_pairs_weigh_the_assistants_words_alone():
    asks_back = dialogue(
        ("user", "Q"),
        ("assistant", "Which?"),
        ("user", "That."),
        ("assistant", "A"),
        start=1,
        alternatives=second(message(2, "assistant", "Worse.")),
    )
    asked_back = dialogue(
        ("user", "Q"),
        ("assistant", "A"),
        alternatives=second(
            message(2, "assistant", "Which?"),
            message(3, "user", "That."),
            message(4, "assistant", "B"),
        ),
    )
    for slug in ("dpo", "openai-preference"):
        for pair in (asks_back, asked_back):
            with pytest.raises(Refused, match="somebody else speaks"):
                of(slug).project(pair)


def test_pairs_may_show_results_of_tools_to_openai_alone():
    pair = record(
        [message(1, "user", "Q"), message(2, "assistant", "A")],
        alternatives=second(
            message(2, "assistant", "", tool_calls=[call(1, {})]),
            result(3, "r", 1),
            message(4, "assistant", "B"),
        ),
        tools=TOOLS,
    )
    assert of("openai-preference").project(pair).rows
    with pytest.raises(Refused, match="somebody else speaks"):
        of("dpo").project(pair)


@pytest.mark.parametrize(
    "change",
    [{"weight": 0.5}, {"spans": [{"start": 0, "end": 1, "train": False}]}],
    ids=["half weight", "span"],
)
def test_pairs_are_refused_where_a_part_of_the_target_must_not_train(change):
    pair = dialogue(
        ("user", "Q"),
        ("assistant", "AB", change),
        alternatives=second(message(2, "assistant", "Worse.")),
    )
    for slug in ("dpo", "openai-preference"):
        with pytest.raises(Refused, match="part of the target"):
            of(slug).project(pair)


def test_nothing_leaves_in_no_format_at_all_but_with_a_file():
    held = {name: {e.slug for e in FORMATS if projected(e, name)} for name in HARD}
    assert [name for name, slugs in held.items() if not slugs] == ["image"]


def test_a_swift_scale_is_always_a_fraction():
    (entry,) = [entry for entry in FORMATS if entry.slug == "swift"]
    line = entry.encode(entry.project(HARD["masked and whole"]).rows[0])
    whole = record([message(1, "user", "Q"), message(2, "assistant", "A", weight=2)])
    assert b'"loss_scale":2.5' in line
    assert b'"loss_scale":2.0' in entry.encode(entry.project(whole).rows[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": 0}, "no assistant message is trained"),
        ({"spans": [{"start": 1, "end": 9, "train": False}]}, "leads beyond its text"),
        ({"spans": [{"start": 1, "end": 1, "train": False}]}, "empty"),
        (
            {
                "tool_calls": [
                    {"id": "aaaaaaaa1", "name": "f", "arguments": {}},
                    {"id": "aaaaaaaa1", "name": "g", "arguments": {}},
                ]
            },
            "have the same id",
        ),
    ],
)
def test_what_no_trainer_could_use_is_no_record(change, words):
    plain = record([message(1, "user", "Q"), message(2, "assistant", "A")]).data
    messages = [plain["messages"][0], {**plain["messages"][1], **change}]
    assert any(words in fault for fault in records.faults({**plain, "messages": messages}))
