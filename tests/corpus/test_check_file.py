"""A whole file through every check: shapes, duplicates within it, protected sets."""

import csv
import json
import random

import pyarrow
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from checks.shapes import read_pair
from corpus.services.import_protected import import_protected
from tests.checks import labelled

pytestmark = pytest.mark.django_db


def checked(path, tmp_path):
    out = tmp_path / "out.jsonl"
    call_command("check_file", str(path), "--json", str(out))
    return [json.loads(line) for line in out.read_text().splitlines()]


def written(tmp_path, rows, name="rows.jsonl"):
    path = tmp_path / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def match_of(line, *checks):
    return {(f["check"], f["match"]["id"]) for f in line["findings"] if f["check"] in checks}


def test_a_repeat_is_reported_on_the_later_row(tmp_path):
    rng = random.Random(9)
    first, other = labelled.passage(rng, 80), labelled.passage(rng, 80)
    rows = [
        {"id": "a", "prompt": "What is this?", "response": first},
        {"id": "b", "prompt": "And that?", "response": other},
        {"id": "c", "prompt": "WHAT is this?", "response": first.upper()},
        {"id": "d", "prompt": "Something else?", "response": labelled.typos(0.03)(rng, other)},
        {"id": "e", "prompt": "Short?", "response": "Yes."},
        {"id": "f", "prompt": "Shorter?", "response": "Yes."},
    ]
    lines = checked(written(tmp_path, rows), tmp_path)
    assert [line["row"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert not lines[0]["findings"]
    assert match_of(lines[2], "duplicate", "near_duplicate") == {("duplicate", "a")}
    assert match_of(lines[3], "duplicate", "near_duplicate") == {("near_duplicate", "b")}
    (near,) = [f for f in lines[3]["findings"] if f["check"] == "near_duplicate"]
    assert 0.7 <= near["match"]["score"] < 1
    assert lines[5] == {"row": 6, "id": "f", "findings": []}


def test_half_a_text_is_a_copied_passage(tmp_path):
    rng = random.Random(10)
    text = labelled.passage(rng, 120)
    rows = [
        {"prompt": "A?", "response": text},
        {"prompt": "B?", "response": " ".join(text.split()[:60])},
    ]
    lines = checked(written(tmp_path, rows), tmp_path)
    assert match_of(lines[1], "copied_block") == {("copied_block", "1")}


def test_many_edited_copies_of_one_row_are_found(tmp_path):
    rng = random.Random(11)
    text = labelled.passage(rng, 90)
    rows = [{"prompt": "Q?", "response": text}]
    rows += [
        {"prompt": f"Q{i}?", "response": labelled.replaced(0.02)(rng, text)} for i in range(12)
    ]
    lines = checked(written(tmp_path, rows), tmp_path)
    assert all(match_of(line, "duplicate", "near_duplicate") for line in lines[1:])


def test_rows_of_one_template_are_let_pass(tmp_path):
    rng = random.Random(12)
    head, tail = labelled.passage(rng, 25), labelled.passage(rng, 25)
    rows = [
        {
            "prompt": f"{head} {labelled.sentence(rng)}",
            "response": f"{head} {labelled.sentence(rng)} {tail}",
        }
        for _ in range(20)
    ]
    lines = checked(written(tmp_path, rows), tmp_path)
    flagged = [line for line in lines if match_of(line, "duplicate", "near_duplicate")]
    assert len(flagged) <= 2  # before three rows are known, a frame cannot be told from a text


def test_a_protected_item_is_named_with_its_place(tmp_path):
    item = labelled.passage(random.Random(13), 30)
    import_protected(path=written(tmp_path, [{"question": item}], "bench.jsonl"), name="bench")
    chat = [
        {"role": "user", "content": "Look it up."},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": json.dumps({"hit": item})},
        {"role": "assistant", "content": "Done, as asked."},
    ]
    (line,) = checked(written(tmp_path, [{"messages": chat}]), tmp_path)
    (found,) = [f for f in line["findings"] if f["check"] == "contamination"]
    assert found["match"] == {"benchmark": "bench", "item": "1", "score": 1.0}
    assert (found["where"]["role"], found["where"]["message"]) == ("tool", 2)


@pytest.mark.parametrize("as_text", [True, False])
def test_what_stands_in_a_tool_call_is_named_with_its_argument(tmp_path, as_text):
    item = labelled.passage(random.Random(14), 30)
    import_protected(path=written(tmp_path, [{"question": item}], "bench.jsonl"), name="bench")
    arguments = {"to": "ada@hospital-mail.com", "mail": {"body": f"See:\n{item}"}, "pin": "x"}
    arguments["password"] = "tR8!kq_z7Lw"
    function = {"name": "send", "arguments": json.dumps(arguments) if as_text else arguments}
    chat = [
        {"role": "user", "content": "Send it."},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "function": function}]},
    ]
    (line,) = checked(written(tmp_path, [{"messages": chat}]), tmp_path)
    found = {f["check"]: f for f in line["findings"]}
    where = found["contamination"]["where"]
    assert (where["message"], where["call"], where["argument"]) == (1, 0, "mail.body")
    assert arguments["mail"]["body"][where["start"] : where["end"]] == item.rstrip(".")
    assert "in the argument 'mail.body' of a tool call" in found["contamination"]["message"]
    assert found["personal_data"]["where"]["argument"] == "to"
    secret = found["secret"]["where"]
    assert (secret["argument"], secret["start"], secret["end"]) == ("password", 0, 11)


def test_a_broken_line_does_not_stop_the_file(tmp_path):
    path = written(
        tmp_path,
        [
            '{"prompt": "A?", "response": "B."}',
            "{broken",
            "[]",
            '{"prompt": "C?", "response": "D."}',
        ],
    )
    lines = checked(path, tmp_path)
    assert [bool(line["findings"]) for line in lines] == [False, True, True, False]
    assert lines[1]["findings"][0]["check"] == "row"


SHAPES = {
    "messages": {
        "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    },
    "parts": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Q"}]},
            {"role": "assistant", "content": "A"},
        ]
    },
    "sharegpt": {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]},
    "gemini": {
        "contents": [
            {"role": "user", "parts": [{"text": "Q"}]},
            {"role": "model", "parts": [{"text": "A"}]},
        ]
    },
    "prompt and completion": {"prompt": "Q", "completion": "A"},
    "conversational": {
        "prompt": [{"role": "user", "content": "Q"}],
        "completion": [{"role": "assistant", "content": "A"}],
    },
    "prompt and response": {"prompt": "Q", "response": "A"},
    "alpaca": {"instruction": "Q", "input": "", "output": "A"},
    "question and answer": {"question": "Q", "answer": "A"},
    "nested": {"instruction": "Q", "instances": [{"input": "", "output": "A"}]},
    "preference": {"prompt": "Q", "chosen": "A", "rejected": "B"},
    "chat in a cell": {
        "messages": json.dumps(
            [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
        )
    },
    "list of texts": {"conversation": ["Q", "A"]},
    "odd names": {"was_gefragt_ist": "Q", "was_gesagt_ist": "A"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_common_shape_is_read(name):
    pair = read_pair(SHAPES[name])
    assert (pair.question, pair.response) == ("Q", "A")


def test_what_was_given_with_a_question_is_evidence():
    pair = read_pair(
        {"instruction": "Q", "input": "I", "output": "A", "system": "S", "history": [["q", "a"]]}
    )
    assert [m.role for m in pair.instruction] == ["system", "user", "assistant", "user"]
    assert pair.evidence == ("I",)


@pytest.mark.parametrize("suffix", [".json", ".csv", ".parquet"])
def test_files_of_every_kind(tmp_path, suffix):
    text = labelled.passage(random.Random(14), 40)
    rows = [
        {"id": "one", "prompt": "Q?", "response": text},
        {"id": "two", "prompt": "Q?", "response": text},
    ]
    path = tmp_path / f"rows{suffix}"
    if suffix == ".json":
        path.write_text(json.dumps(rows))
    elif suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    lines = checked(path, tmp_path)
    assert [line["id"] for line in lines] == ["one", "two"]
    assert ("duplicate", "one") in match_of(lines[1], "duplicate")


def test_a_project_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="no project"):
        call_command("check_file", str(written(tmp_path, [])), "--json", "-", "--project", "none")


EQUAL = "def count_pairs(a, n):\n    for i in range(n):\n        if a[i] == a[0]:\n            return i\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (EQUAL, EQUAL.replace("==", "!="), False),
        (EQUAL, EQUAL.replace("    ", "  "), True),
        (f"So:\n```python\n{EQUAL}```", f"So:\n\n```python\n{EQUAL}```", True),
        ("The sum asked for here is 12 + 7 and so on.",) * 2 + (True,),
        ("The sum asked for here is 12 + 7, no more.", "The sum asked for here is 12 - 7, no more.", False),
        ("Give it for 5-10 days, not more than that.", "Give it for 5–10 days; not more than that!", True),
        ("Give it for 5-10 days, not more than that.", "Give it for 5 10 days not more than that", True),
    ],
)  # fmt: skip
def test_signs_that_carry_the_meaning_are_no_punctuation(tmp_path, one, other, same):
    rows = [{"prompt": f"Question {n}", "response": text} for n, text in enumerate((one, other))]
    _, line = checked(written(tmp_path, rows), tmp_path)
    found = {f["check"]: f["match"]["score"] for f in line["findings"] if "match" in f}
    assert found == ({"duplicate": 1.0} if same else {"near_duplicate": 0.99})


def test_rows_of_one_id_are_told_apart(tmp_path):
    rng = random.Random(15)
    one, other = labelled.passage(rng, 60), labelled.passage(rng, 60)
    rows = [{"id": "a", "text": text} for text in (one, other, other)]
    lines = checked(written(tmp_path, rows), tmp_path)
    assert [line["id"] for line in lines] == ["a", "a", "a"]
    assert match_of(lines[2], "duplicate") == {("duplicate", "a#2")}
