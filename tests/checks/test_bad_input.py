"""Whatever comes in: bounded time, no exception, a clear finding."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks import format_spec
from checks.catalog.verifiable import VERIFIERS
from checks.ngrams import Hasher
from checks.registry import CHECKS
from checks.runner import run
from checks.shapes import read_pair
from checks.sketch import sketch
from checks.text import tokens, tokens_with_spans
from checks.types import (
    Check,
    Finding,
    Message,
    Neighbour,
    ProtectedHit,
    Requirement,
    Subject,
    Where,
)
from tests.checks.samples import FILLER, subject

MARKUP = st.text(
    alphabet="ab `*_#|-[](){}<>\\/&;%\n\t.,!?\"'0123456789@:é中ไ\u200b\u202e\ud800", max_size=400
)
ANY = st.one_of(st.text(max_size=300), MARKUP)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
SPEC = {
    **format_spec.defaults(),
    "headings": {"required": ["A"], "in_order": True, "max_level": 2},
    "citations": {"style": "numeric", "required": True, "resolve": True},
    "phrases": {"banned": ["a"], "patterns": ["(a+)+$"]},
    "opening": {"answer_first": True},
    "closing": {"no_summary": True},
    "reading_level": {"max_grade": 1},
    "target": {"json_schema": {"type": "string"}},
}
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def not_run(findings):
    return [f for f in findings if f.data.get("not_run")]


@QUIET
@given(text=ANY, question=ANY, given=ANY)
def test_no_check_fails_on_any_text(text, question, given):
    looked_at = subject(
        text,
        question=question,
        spec=SPEC,
        evidence=(given,),
        language="en",
        neighbours=(Neighbour("n", "response", question), Neighbour("n", "instruction", given)),
    )
    findings = run(looked_at)
    assert not not_run(findings), not_run(findings)
    for finding in findings:
        json.dumps(finding.as_dict()["data"])
        if finding.where.part == "response" and finding.where.end is not None:
            assert 0 <= finding.where.start <= finding.where.end <= len(text)


@QUIET
@given(
    target=JSON,
    schema=st.dictionaries(st.sampled_from(["type", "properties", "items"]), JSON, max_size=3),
)
def test_no_check_fails_on_any_target(target, schema):
    text = json.dumps(target)
    calls = [{"id": "x", "function": {"name": text[:9], "arguments": target}}]
    shaped = {
        "kind": "json",
        "text": text,
        "messages": [{"role": "assistant", "tool_calls": calls}],
    }
    looked_at = Subject(
        target=shaped, tools=({"name": text[:9], "parameters": {"type": "object"}},)
    )
    assert not not_run(run(looked_at))


PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["relation", "num_words", "num_sentences", "num_paragraphs", "nth_paragraph", "first_word",
         "keyword", "keywords", "frequency", "letter", "let_frequency", "forbidden_words", "language",
         "end_phrase", "postscript_marker", "section_spliter", "prompt_to_repeat", "capital_relation"]
    ),
    st.one_of(ANY, st.integers(), st.none(), st.lists(ANY, max_size=3)),
    max_size=5,
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@settings(QUIET, max_examples=15)
@given(
    text=ANY,
    other=ANY,
    kind=st.sampled_from(["text", "messages", "json", "tool_calls", "trajectory"]),
    rule=st.sampled_from(sorted(VERIFIERS)),
    parameters=PARAMETERS,
    more=JSON,
    draft=st.booleans(),
)
def test_each_check_stands_whatever_it_is_given(
    check, text, other, kind, rule, parameters, more, draft
):
    """A check that is listed is fuzzed here without anybody thinking of it."""
    call = {"id": other[:9], "function": {"name": text[:9], "arguments": more}}
    looked_at = Subject(
        target={
            "kind": kind,
            "text": text,
            "object": more,
            "messages": [
                {"role": "assistant", "content": text, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": other[:9], "content": other},
                {"role": "assistant", "content": other},
            ],
        },
        instruction=(Message("system", other), Message("user", text)),
        evidence=(other,),
        requirements=(Requirement("r1", other, check={"type": rule, **parameters}),),
        coverage={"r1": {"state": "met", "quote": other}},
        sources=({"id": "s1", "citation": other, "link": text},),
        format_spec=SPEC | {"privacy": {"profile": "safe_harbor", "allow": [other]}},
        language=other[:2],
        tools=({"name": text[:9], "parameters": {"type": "object"}},),
        target_schema={"type": "object"},
        neighbours=(
            Neighbour("n", "response", other),
            Neighbour("n", "instruction", text),
            Neighbour("m", "response", text, exact=True),
        ),
        protected=(
            ProtectedHit(
                "set", "item", 0.7, 9, 20, Where("response", 0, 0, len(text), "assistant")
            ),
        ),
        draft=draft,
    )
    found = run(looked_at, [check])
    assert not not_run(found), found
    for finding in found:
        json.dumps(finding.as_dict()["data"])


@QUIET
@given(spec=st.dictionaries(st.sampled_from(sorted(SPEC)), JSON, max_size=4), text=ANY)
def test_a_spec_that_is_no_spec_stops_nothing(spec, text):
    """A spec is validated when it is saved; one that came past that must not take the rest down."""
    assert isinstance(run(subject(text, spec=spec)), list)


@QUIET
@given(
    row=st.dictionaries(
        st.sampled_from(
            ["messages", "prompt", "response", "instruction", "input", "id", "history", "tools"]
        ),
        JSON,
    )
)
def test_no_row_breaks_the_reading_of_pairs(row):
    pair = read_pair(row)
    assert all(isinstance(m, Message) for m in (*pair.instruction, *pair.target))


@QUIET
@given(text=ANY)
def test_spans_and_tokens_say_the_same(text):
    spans = tokens_with_spans(text)
    assert [t.text for t in spans] == tokens(text) or len(spans) == len(tokens(text))
    assert all(0 <= t.start < t.end <= len(text) for t in spans)


@QUIET
@given(text=ANY)
def test_a_sketch_is_the_same_for_the_same_text(text):
    assert sketch(text).bands == sketch.__wrapped__(text).bands


LARGE = {
    "one line": "word " * 200_000,
    "no space": "a" * 1_000_000,
    "brackets": "[" * 20_000,
    "stars": "*a " * 50_000,
    "backticks": "`" * 30_001 + "\n",
    "quotes": "> " * 5_000 + "x",
    "table": "| a " * 3_000 + "|\n" + "|---" * 3_000 + "|\n",
    "digits": "1 " * 100_000,
    "tags": "<div " * 30_000,
    "commas": "1,000," * 50_000,
    "han": "的一是" * 100_000,
    "lines": "x\n" * 200_000,
    "dots": "a. " * 100_000,
    "tokens": "eyJaaaaaaaaa." * 70_000,
    "newlines": "\n" * 1_000_000 + "x",
    "asterisks": "*" * 1_000_000,
    "key without end": "-----BEGIN PRIVATE KEY-----\nAb1 " * 30_000,
    "keys": "A" * 39 + "1" + " password: " * 20_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_megabyte_ends(name):
    assert isinstance(run(subject(LARGE[name], spec=SPEC, language="en")), list)


def test_a_pattern_that_explodes_is_refused_and_survived():
    assert format_spec.validate({"phrases": {"patterns": ["(a+)+$"]}})
    findings = run(subject("a" * 5000 + "!", spec={"phrases": {"patterns": ["(a+)+$"]}}))
    assert [f.severity for f in findings if f.check == "phrases"] == ["warning"]


def test_a_schema_that_points_away_is_refused_and_survived():
    away = {"$ref": "https://example.org/schema.json"}
    assert format_spec.validate({"target": {"json_schema": away}})
    findings = run(subject(target={"kind": "json", "text": "{}"}, target_schema=away))
    assert any("outside itself" in f.message for f in findings)


def test_a_schema_that_goes_in_circles_ends():
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert run(subject(target={"kind": "json", "text": "{}"}, target_schema=circle))


class Broken(Check):
    id = "broken"
    title = "Broken"
    description = "Fails."

    def __call__(self, subject: Subject) -> list[Finding]:
        raise RuntimeError


def test_a_check_that_fails_says_so_and_the_rest_runs():
    findings = run(subject(""), [Broken(), *CHECKS])
    assert [f.severity for f in findings if f.check == "broken"] == []
    findings = run(subject(FILLER + FILLER), [Broken(), *CHECKS])
    assert [f.severity for f in findings if f.check == "broken"] == ["info"]
    assert any(f.check == "repetition" for f in findings)


def test_time_that_runs_out_is_said():
    findings = run(subject(FILLER), seconds=-1.0)
    assert len(not_run(findings)) == len(CHECKS)


def test_a_check_is_switched_off_or_weighed_by_the_spec():
    text = FILLER + FILLER
    assert not [
        f
        for f in run(subject(text, spec={"severity": {"repetition": "off"}}))
        if f.check == "repetition"
    ]
    found = [
        f
        for f in run(subject(text, spec={"severity": {"repetition": "error"}}))
        if f.check == "repetition"
    ]
    assert {f.severity for f in found} == {"error"}


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="16"):
        Hasher(b"short")


def test_two_keys_give_unrelated_hashes():
    words = tokens(FILLER)
    one, other = Hasher(b"k" * 32).grams(words), Hasher(b"l" * 32).grams(words)
    assert not {g.h for g in one} & {g.h for g in other}
