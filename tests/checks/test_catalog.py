"""Every check on examples that must and must not be found."""

import pytest

from checks.registry import CHECKS, by_id
from checks.runner import run
from tests.checks.samples import BY_SUBJECT, BY_TEXT, subject

_FOUND = [(check, text, True) for check, (bad, _) in BY_TEXT.items() for text in bad]
_LET_PASS = [(check, text, False) for check, (_, good) in BY_TEXT.items() for text in good]


@pytest.mark.parametrize(("check", "text", "expected"), _FOUND + _LET_PASS)
def test_text(check, text, expected):
    found = run(subject(text), [by_id(check)])
    assert bool(found) is expected, found
    assert not any(f.data.get("not_run") for f in found)


@pytest.mark.parametrize(("check", "looked_at", "expected"), BY_SUBJECT)
def test_subject(check, looked_at, expected):
    found = run(looked_at, [by_id(check)])
    assert bool(found) is expected, found
    assert not any(f.data.get("not_run") for f in found)


def test_ids_are_unique_and_told_in_words():
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(check.title and check.description and check.version >= 1 for check in CHECKS)


def test_a_secret_is_never_part_of_a_finding():
    value = "ghp_" + "a1B2c3D4e5" * 4
    found = run(subject(f"key {value[:40]} end"), [by_id("secret")])
    assert found
    assert all(value[4:40] not in str(f.as_dict()) for f in found)


def test_all_of_a_secret_is_in_the_range_that_is_taken_out():
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ+/x1\nAbCd==\n-----END PRIVATE KEY-----"
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI5OTEyMyJ9.Qm9iYnlUYWJsZXNf"
    text = f"One {key} and {token} end."
    found = run(subject(text), [by_id("secret")])
    assert [text[f.where.start : f.where.end] for f in found] == [key, token]


def test_ranges_point_at_what_was_found():
    text = "Ask m.keller@kellerpraxis.de now."
    (found,) = run(subject(text), [by_id("personal_data")])
    assert text[found.where.start : found.where.end] == "m.keller@kellerpraxis.de"


def test_what_breaks_a_schema_is_shown_at_its_own_place():
    text = '{"name" : "x", "doses": [1, {"mg":\n "five"}]}'
    dose = {"properties": {"mg": {"type": "number"}}}
    schema = {"properties": {"doses": {"items": dose}}, "required": ["name"]}
    (found,) = by_id("json_schema")(
        subject(target={"kind": "json", "text": text}, target_schema=schema)
    )
    assert text[found.where.start : found.where.end] == '"five"'


def test_safe_harbor_profile_finds_dates_and_ages():
    spec = {"privacy": {"profile": "safe_harbor"}}
    found = run(
        subject("Seen on 14 March 2021 at 93 years old, see https://x.org/a", spec=spec),
        [by_id("personal_data")],
    )
    assert {f.data["kind"] for f in found} == {"date", "age", "url"}
    found = run(
        subject("Study ID: S-00912, passport number X1234567, seen on 3/7/21.", spec=spec),
        [by_id("personal_data")],
    )
    assert [f.data["kind"] for f in found] == ["other", "licence", "date"]


NAMED = {
    "Mrs. Adeyemi came back in spring.": "name",
    "Dr Ana Petrović signed it.": "name",
    "The patient John Harker slept badly.": "name",
    "My wife Laura Palmer drives.": "name",
    "She lives at 12 Old Mill Road.": "address",
    "Go to 4b Baker Street, please.": "address",
}
NOT_NAMED = [
    "The patient presents with fever.",
    "The disease was named New York fever.",
    "My daughter May be late.",
    "In 2019 Baker published a Road map.",
    "Named entities are words.",
    "The Street index rose 12 points.",
]


@pytest.mark.parametrize(("text", "kind"), NAMED.items())
def test_safe_harbor_profile_finds_names_and_streets_that_say_what_they_are(text, kind):
    spec = {"privacy": {"profile": "safe_harbor"}}
    found = run(subject(text, spec=spec), [by_id("personal_data")])
    assert kind in {f.data["kind"] for f in found}
    assert not run(subject(text), [by_id("personal_data")])


@pytest.mark.parametrize("text", NOT_NAMED)
def test_words_that_only_look_like_names_are_let_pass(text):
    spec = {"privacy": {"profile": "safe_harbor"}}
    assert not run(subject(text, spec=spec), [by_id("personal_data")])


def test_an_allowed_value_is_let_pass():
    spec = {"privacy": {"allow": ["+44 20 7946 1234"]}}
    assert not run(subject("Call +44 20 7946 1234 now.", spec=spec), [by_id("personal_data")])


def test_tool_names_are_told_each_once_wherever_they_stand():
    calling = {"role": "assistant", "tool_calls": [{"name": "a.b", "arguments": {}}]}
    answer = {"role": "tool", "name": "a.b", "content": "x"}
    (found,) = run(
        subject(
            target={"kind": "tool_calls", "messages": [calling, answer, calling]},
            tools=({"name": "a.b"}, {"name": "fits"}, {"function": {"name": "c d"}}),
        ),
        [by_id("tool_names")],
    )
    assert found.message == "Tool names that no release takes: 'a.b', 'c d'."
