"""The 25 verifiable kinds, each met and unmet."""

import pytest

from checks.catalog.verifiable import VERIFIERS, conflicts, verify
from checks.registry import by_id
from checks.runner import run
from checks.types import Requirement
from tests.checks.samples import FILLER, subject

CASES = {
    "keywords:existence": ({"keywords": ["kidney", "water"]}, FILLER, "Nothing of that."),
    "keywords:frequency": (
        {"keyword": "the", "frequency": 3, "relation": "at least"},
        FILLER,
        "none",
    ),
    "keywords:forbidden_words": ({"forbidden_words": ["liver"]}, FILLER, "The liver."),
    "keywords:letter_frequency": (
        {"letter": "z", "let_frequency": 2, "let_relation": "less than"},
        "z a",
        "zz",
    ),
    "language:response_language": (
        {"language": "en"},
        FILLER,
        "Die Niere entfernt Wasser und Salze aus dem Blut.",
    ),
    "length_constraints:number_sentences": (
        {"num_sentences": 3, "relation": "at least"},
        FILLER,
        "One.",
    ),
    "length_constraints:number_paragraphs": ({"num_paragraphs": 2}, "a\n***\nb", "a"),
    "length_constraints:number_words": ({"num_words": 5, "relation": "less than"}, "a b c", FILLER),
    "length_constraints:nth_paragraph_first_word": (
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "water"},
        "A b.\n\nWater c.",
        "A b.\n\nC.",
    ),
    "detectable_content:number_placeholders": ({"num_placeholders": 2}, "[name] [place]", "[name]"),
    "detectable_content:postscript": ({"postscript_marker": "P.S."}, "Text.\nP.S. More.", "Text."),
    "detectable_format:number_bullet_lists": ({"num_bullets": 2}, "* a\n* b", "* a"),
    "detectable_format:constrained_response": ({}, "My answer is no.", "Perhaps."),
    "detectable_format:number_highlighted_sections": (
        {"num_highlights": 2},
        "*a b* and *c*",
        "*a*",
    ),
    "detectable_format:multiple_sections": (
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\na\nSection 2\nb",
        "Section 1",
    ),
    "detectable_format:json_format": ({}, '```json\n{"a": 1}\n```', "{a}"),
    "detectable_format:title": ({}, "<<poem>>\ntext", "poem"),
    "combination:two_responses": ({}, "One.\n******\nTwo.", "One."),
    "combination:repeat_prompt": ({"prompt_to_repeat": "Say hi."}, "Say hi. Hi.", "Hi."),
    "startend:end_checker": ({"end_phrase": "That is all."}, "Text. That is all.", "Text."),
    "startend:quotation": ({}, '"All of it."', "All of it."),
    "change_case:capital_word_frequency": (
        {"capital_frequency": 2, "capital_relation": "at least"},
        "AB CD e",
        "AB",
    ),
    "change_case:english_capital": ({}, FILLER.upper(), FILLER),
    "change_case:english_lowercase": ({}, FILLER.lower(), FILLER),
    "punctuation:no_comma": ({}, "None here.", "One, here."),
}


EDGES = [
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\n\n***\nb", False),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "***\na\n***\nb\n***", True),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "Water"}, '"Water," he said.\n\nB.', True),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "a"}, "A.\n\nA.", False),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Psychology is a field.", False),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "That is all. p. s. More.", True),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Text.\n\nP.P.S More.", True),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Text.\n\nP.S. More.", False),
    ("detectable_format:title", {}, "<<a < b>>\ntext", True),
    ("detectable_format:title", {}, "<< >>\ntext", False),
    ("combination:two_responses", {}, "One.\n******\nOne.", False),
    ("combination:two_responses", {}, "******\nOne.\n******\nTwo.\n******", True),
    ("combination:two_responses", {}, "One.\n******\n\n******\nTwo.", False),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, 'So. "any questions?"', True),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, "Any questions? No.", False),
    ("startend:quotation", {}, '"One" and "two', False),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "- a\n  * b\n1. c\n**d**", True),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "**a** *b*", True),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "** ** * *", False),
    ("detectable_format:json_format", {}, "```\n[1, 2]\n```", True),
    ("detectable_format:json_format", {}, 'Here: {"a": 1}', False),
    ("keywords:forbidden_words", {"forbidden_words": ["art"]}, "The party started.", True),
    ("keywords:existence", {"keywords": ["start"]}, "They STARTED.", True),
    ("change_case:english_capital", {}, "ALL OF THE WORDS ARE LOUD HERE, 12 OF THEM.", True),
    ("language:response_language", {"language": "th"}, "ผู้ป่วยควรดื่มน้ำมากและพักผ่อนให้เพียงพอ", True),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "params", "text", "met"), EDGES)
def test_edges_are_judged_as_published(kind, params, text, met):
    assert (not verify(text, {"type": kind, **params})) == met


def test_all_kinds_are_there():
    assert set(CASES) == set(VERIFIERS)
    assert len(VERIFIERS) == 25


@pytest.mark.parametrize("kind", CASES)
def test_kind(kind):
    params, met, unmet = CASES[kind]
    assert verify(met, {"type": kind, **params}) == ""
    assert verify(unmet, {"type": kind, "kwargs": params}) != ""


def test_a_requirement_carries_its_rule():
    rule = {"type": "punctuation:no_comma"}
    (found,) = run(
        subject("a, b", requirements=(Requirement("r1", "No commas", check=rule),)),
        [by_id("verifiable")],
    )
    assert found.data["requirement"] == "r1"


@pytest.mark.parametrize(
    "rule",
    [{"type": "nothing:such"}, {"type": "length_constraints:number_words", "num_words": "x"}],
)
def test_an_unusable_rule_informs(rule):
    (found,) = run(
        subject("a", requirements=(Requirement("r1", "Odd", check=rule),)), [by_id("verifiable")]
    )
    assert found.severity == "info"


def test_kinds_that_exclude_each_other_are_told():
    assert conflicts(["detectable_format:json_format", "punctuation:no_comma"])
    assert not conflicts(["detectable_format:title", "punctuation:no_comma"])
