"""From rows to instructions: what columns are taken for, and what is refused with which reason."""

import pytest

from annotation.importing.columns import guessed
from annotation.importing.draft import Draft
from annotation.importing.drafting import Drafting
from annotation.importing.paths import columns_of, value_at
from annotation.importing.plan import Plan, pairs_named
from annotation.importing.readers.workbook import CellError, Formula
from annotation.importing.refusals import as_cells
from annotation.importing.rows import FileRefused, Refusal, Row

DOMAINS = {
    "medicine": "medicine",
    "heart": "medicine.cardiology",
    "medicine.cardiology": "medicine.cardiology",
}


def draft(values, aliases=None, **columns):
    """The outcomes of one row, with the columns that their names suggest."""
    plan = Plan(
        columns={**guessed(columns_of([values]), columns).columns},
        constants={"domain": "medicine"},
        aliases=aliases or {},
    )
    return list(Drafting(plan, DOMAINS, "file.jsonl").drafts(Row(7, values)))


def one(values, **columns):
    (only,) = draft(values, **columns)
    return only


def said(draft):
    return [(message["role"], message["content"]) for message in draft.messages]


@pytest.mark.parametrize(
    ("values", "messages"),
    [
        ({"question": "Why?", "answer": "So."}, [("user", "Why?")]),
        ({"instruction": "Sum it up.", "input": "A text.", "output": "x"}, [("user", "Sum it up.\n\nA text.")]),
        ({"system": "Be brief.", "prompt": "Why?"}, [("system", "Be brief."), ("user", "Why?")]),
        (
            {"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]},
            [("user", "Why?")],
        ),
        (
            {"conversations": [
                {"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}, {"from": "human", "value": "And?"},
            ]},
            [("user", "Why?"), ("assistant", "So."), ("user", "And?")],
        ),
        (
            {"turns": [{"speaker": "USER", "utterance": "A table?"}, {"speaker": "SYSTEM", "utterance": "When?"}]},
            [("user", "A table?")],
        ),
        (
            {"instruction": "And now?", "history": [["Why?", "So."]]},
            [("user", "Why?"), ("assistant", "So."), ("user", "And now?")],
        ),
        ({"messages": '[{"role": "user", "content": "Why?"}]'}, [("user", "Why?")]),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Why"}, {"type": "text", "text": "?"}]}]},
            [("user", "Why?")],
        ),
    ],
)  # fmt: skip
def test_what_is_asked(values, messages):
    assert said(one(values)) == messages


def test_questions_one_after_the_other_want_several_turns():
    asked = one({"turns": ["First?", "Then?"]})
    assert said(asked) == [("user", "First?"), ("user", "Then?")]
    assert asked.target_kind == "messages"


def test_a_question_with_tools_wants_their_calls():
    """As BFCL writes its entries: turns that are lists, and Python's names for the types of JSON Schema."""
    parameters = {
        "type": "dict",
        "properties": {
            "type": {"type": "any"},
            "sides": {"type": "tuple", "items": {"type": "float"}},
        },
        "required": ["sides"],
    }
    values = {
        "question": [[{"role": "user", "content": "What area?"}]],
        "function": [{"name": "area", "parameters": parameters}],
    }
    asked = one(values)
    assert said(asked) == [("user", "What area?")]
    assert asked.target_kind == "tool_calls"
    assert asked.tools[0]["parameters"] == {
        "type": "object",
        "properties": {"type": {}, "sides": {"type": "array", "items": {"type": "number"}}},
        "required": ["sides"],
    }
    several = one({"question": [[{"role": "user", "content": words}] for words in ("A?", "B?")]})
    assert said(several) == [("user", "A?"), ("user", "B?")]
    assert several.target_kind == "messages"


def test_a_record_with_several_questions_gives_one_instruction_each():
    values = {
        "table": [["year", "cost"], ["2019", "5"]],
        "paragraphs": [{"text": "In thousands."}],
        "questions": [{"question": "What in 2019?", "answer": "5"}, {"question": "And before?"}],
    }
    first, second = draft(values)
    assert said(first) == [("user", "What in 2019?")]
    assert said(second) == [("user", "And before?")]
    assert {part["text"] for part in first.evidence} == {
        "In thousands.",
        "| year | cost |\n|---|---|\n| 2019 | 5 |",
    }


def test_a_tree_gives_every_question_with_what_was_said_before():
    tree = {"prompt": {"text": "Why?", "role": "prompter", "message_id": "a", "replies": [
        {"text": "So.", "role": "assistant", "replies": [{"text": "And?", "role": "prompter", "replies": []}]},
    ]}}  # fmt: skip
    plan = Plan(columns={"messages": "messages"}, constants={"domain": "medicine"})
    first, second = Drafting(plan, DOMAINS, "t").drafts(Row(1, tree))
    assert said(first) == [("user", "Why?")]
    assert said(second) == [("user", "Why?"), ("assistant", "So."), ("user", "And?")]


def test_threads_written_one_message_a_row_are_joined():
    plan = Plan(columns={"messages": "messages"}, constants={"domain": "medicine"})
    drafting = Drafting(plan, DOMAINS, "t")
    rows = [("a", None, "prompter", "Why?"), ("b", "a", "assistant", "So."), ("c", "b", "prompter", "And?"),
            ("d", "x", "prompter", "Lost?")]  # fmt: skip
    found = [
        outcome
        for line, (key, parent, role, text) in enumerate(rows)
        for outcome in drafting.drafts(
            Row(
                line,
                {
                    "message_id": key,
                    "parent_id": parent,
                    "role": role,
                    "text": text,
                    "message_tree_id": "a",
                },
            )
        )
    ]
    assert [said(draft) for draft in found[:2]][1] == [
        ("user", "Why?"),
        ("assistant", "So."),
        ("user", "And?"),
    ]
    assert drafting.answers == 1
    assert found[2].field == "parent_id"


def test_everything_that_is_filed():
    found = one({
        "prompt": "Why?", "id": 17, "domain": "Heart", "lang": "PT_br", "difficulty": "hard", "category": "why",
        "tags": "a, b,a", "requirements": "- Say why.\n- Say how.", "license": "cc0-1.0", "url": "https://x.example",
    })  # fmt: skip
    assert (found.domain, found.language, found.difficulty) == ("medicine.cardiology", "pt-br", 4)
    assert (found.external_id, found.task_type, found.tags) == ("17", "why", ["a", "b"])
    assert [part["text"] for part in found.requirements] == ["Say why.", "Say how."]
    assert found.rights == {"licence": "cc0-1.0"}
    assert found.source == {"reference": "https://x.example", "file": "file.jsonl", "row": 7}


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"question": "  "}, "instruction", "empty"),
        ({"question": None}, "instruction", "empty"),
        ({"question": "Wh\x00y?"}, "instruction", "NUL"),
        ({"question": "caf\udce9"}, "instruction", "byte"),
        ({"question": "x" * 400_001}, "instruction", "characters"),
        ({"question": Formula("=1+1")}, "instruction", "formula"),
        ({"question": CellError("#REF!")}, "instruction", "error"),
        ({"question": "Why?", "domain": "Astrology"}, "domain", "not known"),
        ({"question": "Why?", "language": "english language"}, "language", "tag"),
        ({"question": "Why?", "difficulty": 9}, "difficulty", "1 to 5"),
        ({"question": "Why?", "target_kind": "poem"}, "target_kind", "shape"),
        (
            {"question": "Why?", "requirements": [{"text": "x", "kind": "wish"}]},
            "requirements",
            "one of",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages", "than text"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages", "who speaks"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages", "Nobody asks"),
        ({"question": "Why?", "history": [["alone"]]}, "history", "pair"),
    ],
)
def test_what_does_not_fit_is_refused_with_field_and_reason(values, field, words):
    refused = one(values)
    assert isinstance(refused, Refusal)
    assert (refused.line, refused.field) == (7, field)
    assert words in refused.reason


def asked_after(arguments):
    """A question that stands behind a call with these arguments."""
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {
        "messages": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": "1", "tool_call_id": "c1"},
            {"role": "user", "content": "And now?"},
        ]
    }


@pytest.mark.parametrize(
    "arguments",
    [
        '{"x": 1e400}',
        '{"x": NaN}',
        '{"x": 12345678901234567890}',
        {"x": 2**53},
        '{"d":' * 300 + "1" + "}" * 300,
        "{broken",
        "[1]",
        "3",
    ],
    ids=["1e400", "nan", "big", "big object", "deep", "broken", "list", "number"],
)
def test_calls_that_no_release_can_write_are_refused_before_anybody_works(arguments):
    found = one(asked_after(arguments))
    assert isinstance(found, Refusal)
    assert "arguments of a call in message 2" in found.reason


@pytest.mark.parametrize("arguments", ["", "{}", {}, '{"z": -0.0, "a": [null, 1e-7]}', {"a": None}])
def test_calls_that_can_be_written_stay_as_they_came(arguments):
    (call,) = one(asked_after(arguments)).messages[1]["tool_calls"]
    assert call["function"]["arguments"] == arguments


def test_html_and_script_stay_the_text_they_are():
    text = "<script>alert(1)</script><img onerror=x> =HYPERLINK(1)"
    assert said(one({"question": text})) == [("user", text)]


def test_a_backslash_before_u0000_is_no_nul():
    assert isinstance(one({"question": "What is \\u0000 in C?"}), Draft)


def test_words_of_the_domain_column_can_be_given_a_meaning():
    (found,) = draft({"question": "Why?", "domain": "Astrology"}, aliases={"astrology": "heart"})
    assert found.domain == "medicine.cardiology"


def test_columns_with_answers_are_named_and_left():
    guess = guessed({"question": "Why?", "answer": "So.", "long_answer": "x", "year": 2020}, {})
    assert guess.columns == {"instruction": "question"}
    assert guess.answers == ["answer", "long_answer"]
    assert guess.unused == ["year"]


def test_a_choice_beats_the_guess():
    guess = guessed({"question": "Why?", "title": "x"}, {"instruction": "title"})
    assert guess.columns["instruction"] == "title"


def test_content_is_the_identity_and_filing_is_not():
    first = one({"question": "Why?", "id": 1, "difficulty": 2})
    assert first.sha256 == one({"question": "Why?", "id": 2, "difficulty": 5}).sha256
    assert first.sha256 != one({"question": "Why not?"}).sha256


def test_paths_reach_into_lists_and_odd_names():
    values = {"a.b": 1, "c": [{"d": 2}, {"e": 3}, {"d": 4}], "f": ["x", "y"]}
    assert value_at(values, "a.b") == 1
    assert value_at(values, "c[].d") == [2, 4]
    assert value_at(values, "f.1") == "y"
    assert value_at(values, "nothing.there") is None


def test_map_names_fields_by_their_usual_words():
    assert pairs_named(["prompt=Q", "id=key"], "--map") == {
        "instruction": "Q",
        "external_id": "key",
    }
    with pytest.raises(FileRefused, match="no field"):
        pairs_named(["colour=Q"], "--map")


def test_refusals_open_in_a_spreadsheet_without_running():
    assert as_cells(Refusal(3, "domain", "not known", "=HYPERLINK(1)"))[3] == "'=HYPERLINK(1)"


def test_rules_that_code_checks_stay_with_their_requirement():
    rule = {"type": "length_constraints:number_words", "relation": "at least", "num_words": 300}
    made = one(
        {"prompt": "Why?", "requirements": [{"text": "Long.", "kind": "constraint", "check": rule}]}
    )
    assert made.requirements == [{"id": "r1", "text": "Long.", "kind": "constraint", "check": rule}]


@pytest.mark.parametrize(
    "rule", [{"type": "style:elvish"}, "words", {"type": "keywords:frequency", "frequency": "x"}]
)
def test_a_rule_that_no_code_knows_is_refused(rule):
    refused = one({"prompt": "Why?", "requirements": [{"text": "Long.", "check": rule}]})
    assert (refused.field, "cannot be checked" in refused.reason) == ("requirements", True)


def test_the_two_lists_of_ifeval_become_requirements():
    made = one({
        "key": 1000, "prompt": "Write without commas.",
        "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [{}, {"relation": "at least", "num_words": 300, "keywords": None}],
    })  # fmt: skip
    assert [one["text"] for one in made.requirements] == [
        "No comma", "Number words (relation: at least, num words: 300)",
    ]  # fmt: skip
    assert made.requirements[1]["check"] == {
        "type": "length_constraints:number_words", "relation": "at least", "num_words": 300,
    }  # fmt: skip
