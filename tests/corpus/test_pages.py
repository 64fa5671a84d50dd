"""The pages about a project's checks, as a lead uses them and as others are refused."""

import random

import pytest
from django.urls import reverse

from annotation.errors import NothingToTake, QuestionDropped
from annotation.known import marked, ref_of_instruction, scope_of
from annotation.queries import current_version
from annotation.services.claim import take
from annotation.services.save_draft import saved
from annotation.services.submit import submit_revision
from checks.registry import CHECKS
from checks.types import ProtectedHit, Where
from corpus.enums import Kind, PairState
from corpus.models import CheckRun, Pair, ProtectedSet
from corpus.queries import held_refs
from corpus.services.remember import remember_hits
from experts.models import Notification
from tests.checks import labelled
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client, studio):
    client.force_login(studio.lead)
    return client


def url(name, studio, *more):
    return reverse(f"projects:{name}", args=[studio.project.slug, *more])


PAGES = ["format", "checks", "findings", "duplicates", "contamination"]


@pytest.mark.parametrize("name", PAGES)
def test_a_lead_opens_it_and_a_writer_does_not(client, studio, name):
    client.force_login(studio.lead)
    assert client.get(url(name, studio)).status_code == 200
    client.force_login(studio.writer)
    assert client.get(url(name, studio)).status_code == 403


def test_the_format_is_saved_as_a_new_version(lead, studio):
    number = studio.version.number
    data = {
        "seen": number,
        "length__words__min": 20,
        "length__words__max": 300,
        "length__severity": "error",
        "headings__required": "Summary\nAdvice",
        "headings__in_order": "yes",
        "severity__padding": "off",
    }
    assert lead.post(url("format", studio), data).status_code == 302
    version = current_version(studio.project)
    assert version.number == number + 1
    assert version.format_spec == {
        "length": {"words": {"min": 20, "max": 300}, "severity": "error"},
        "headings": {"required": ["Summary", "Advice"], "in_order": True},
        "severity": {"padding": "off"},
    }
    page = lead.get(url("format", studio)).content.decode()
    assert "Summary\nAdvice" in page


@pytest.mark.parametrize(("data", "said"), [
    ({"length__words__min": 9, "length__words__max": 3}, "The minimum is above the maximum"),
    ({"phrases__patterns": "(a+)+$"}, "Takes too long"),
    ({"target__json_schema": '{"$ref": "https://example.org/s"}'}, "outside the schema"),
    ({"target__json_schema": "{"}, "This is not JSON"),
])  # fmt: skip
def test_a_format_that_does_not_hold_is_told(lead, studio, data, said):
    response = lead.post(url("format", studio), {"seen": studio.version.number, **data})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert current_version(studio.project).number == studio.version.number


def test_a_format_edited_by_two_is_refused_for_the_second(lead, studio):
    seen = studio.version.number
    lead.post(url("format", studio), {"seen": seen, "length__words__min": 5})
    response = lead.post(url("format", studio), {"seen": seen, "length__words__min": 6})
    assert "changed while you edited" in response.content.decode()


def test_the_example_is_checked_as_the_form_stands(lead, studio):
    data = {"length__words__min": 50, "example": "Too short."}
    assert (
        "2 words, the least is 50." in lead.post(url("format-try", studio), data).content.decode()
    )
    data = {"length__words__min": 9, "length__words__max": 3, "example": "x"}
    assert "minimum is above" in lead.post(url("format-try", studio), data).content.decode()


def test_every_check_is_on_the_page(lead, studio):
    page = lead.get(url("checks", studio)).content.decode()
    assert all(f'value="{check.id}"' in page and check.title in page for check in CHECKS)


def test_what_is_wrong_with_a_format_is_said_at_its_field(lead, studio):
    data = {
        "seen": studio.version.number,
        "length__words__min": 60,
        "length__words__max": 20,
        "phrases__patterns": "fine\n(a+)+$\n[unclosed",
        "target__json_schema": '{"$ref": "https://example.org/s.json"}',
    }
    refused = lead.post(url("format", studio), data)
    assert refused.status_code == 422
    form = refused.context["form"]
    assert {name: len(found) for name, found in form.errors.items()} == {
        "length__words__max": 1, "phrases__patterns": 2, "target__json_schema": 1,
    }  # fmt: skip
    assert form.errors["phrases__patterns"][0].startswith("Line 2: Takes too long")
    assert [title for title, _, wrong in form.sections() if wrong] == [
        "Length", "Phrases", "Structured answers",
    ]  # fmt: skip
    tried = lead.post(url("format-try", studio), {**data, "example": "Text."}).content.decode()
    assert "Patterns that must not be there: Line 3: Not a regular expression" in tried
    assert current_version(studio.project).pk == studio.version.pk


def test_a_dry_run_is_started_and_looked_at(lead, studio, django_capture_on_commit_callbacks):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer)
    with django_capture_on_commit_callbacks(execute=True):
        response = lead.post(url("checks", studio), {"checks": ["length", "empty"]})
    made = CheckRun.objects.get()
    assert response.headers["Location"] == url("check-run", studio, made.pk)
    assert made.state == "done"
    assert "1 of 1" in lead.get(url("check-run", studio, made.pk)).content.decode()
    assert (
        lead.get(url("check-run", studio, made.pk), headers={"HX-Request": "true"}).status_code
        == 200
    )


def test_a_format_is_tried_on_what_is_written_before_it_is_saved(
    lead, studio, django_capture_on_commit_callbacks
):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, "A careful answer.")
    before = current_version(studio.project)
    with django_capture_on_commit_callbacks(execute=True):
        answer = lead.post(
            url("format", studio), {"seen": before.number, "length__words__min": "50", "dry": "yes"}
        )
    made = CheckRun.objects.get()
    assert answer.url == url("check-run", studio, made.pk)
    assert made.counts["length"]["appeared"] == 1
    assert current_version(studio.project).pk == before.pk
    page = lead.get(answer.url).content.decode()
    assert reverse("projects:task", args=[studio.project.slug, task.pk]) in page


def test_duplicates_stand_side_by_side_and_are_settled(lead, studio):
    text = labelled.passage(random.Random(3), 30)
    messages = [{"role": "user", "content": text}]
    made = [
        InstructionFactory(
            project=studio.project,
            domain=studio.domain,
            messages=[*messages, {"role": "x", "n": n}],
        )
        for n in range(2)
    ]
    refs = sorted(f"instruction:{i.pk}" for i in made)
    pair = Pair.objects.create(
        kind=Kind.INSTRUCTION,
        scope=scope_of(studio.project.pk),
        first=refs[0],
        second=refs[1],
        score=1.0,
        exact=True,
    )
    page = lead.get(url("duplicates", studio)).content.decode()
    assert page.count(text[:40]) >= 2
    lead.post(url("duplicates-settle", studio), {"pair": pair.pk, "reason": ""})
    pair.refresh_from_db()
    assert pair.state == PairState.OPEN
    lead.post(
        url("duplicates-settle", studio), {"pair": pair.pk, "reason": "Two readings are wanted."}
    )
    pair.refresh_from_db()
    assert (pair.state, pair.settled_by) == (PairState.KEEP_BOTH, studio.lead)
    assert "Two readings are wanted." in lead.get(url("duplicates", studio)).content.decode()


def test_dropping_an_instruction_closes_its_tasks_and_keeps_the_draft(lead, studio, client):
    refs, tasks = [], []
    for _ in range(3):
        asked = InstructionFactory(project=studio.project, domain=studio.domain)
        refs.append(ref_of_instruction(asked.pk))
        tasks.append(TaskFactory(instruction=asked))
    submitted(tasks[2], studio.writer)
    draft = write(take(person=studio.writer, task_id=tasks[1].pk), "Half of an answer.")
    scope = scope_of(studio.project.pk)
    pairs = [
        Pair.objects.create(kind=Kind.INSTRUCTION, scope=scope, first=refs[0], second=ref, score=1)
        for ref in refs[1:]
    ]
    data = {"pair": [pair.pk for pair in pairs], "kept": refs[0]}
    page = lead.post(url("duplicates-settle", studio), data, follow=True).content.decode()
    assert "1 task of what was dropped closed" in page
    for task, state in zip(tasks, ("open", "withdrawn", "expert_review"), strict=True):
        task.refresh_from_db()
        assert task.state == state
    assert tasks[1].author is None
    draft.refresh_from_db()
    assert (draft.state, draft.fields) == ("lapsed", {"response": "Half of an answer."})
    told = Notification.objects.get(person=studio.writer, title__contains="was taken out")
    client.force_login(studio.writer)
    page = client.get(told.url).content.decode()
    assert "Another one asks the same" in page
    assert "Half of an answer." in page
    assert "Take it again" not in page
    with pytest.raises(QuestionDropped):
        submit_revision(person=studio.writer, task_id=tasks[1].pk)
    assert saved(draft).dropped
    with pytest.raises(NothingToTake, match="taken out of the project"):
        take(person=studio.writer, task_id=tasks[1].pk)


def test_keeping_one_of_three_that_are_alike_settles_all_of_them(lead, studio):
    refs = [ref_of_instruction(pk) for pk in (11, 12, 13, 14)]
    scope = scope_of(studio.project.pk)
    # The last is like the second alone, so nothing is decided about it by keeping the first.
    for first, second in ((0, 1), (0, 2), (1, 2), (1, 3)):
        Pair.objects.create(
            kind=Kind.INSTRUCTION, scope=scope, first=refs[first], second=refs[second], score=1
        )
    pairs = list(Pair.objects.order_by("pk"))
    data = {"pair": [pair.pk for pair in pairs], "kept": refs[0]}
    page = lead.post(url("duplicates-settle", studio), data, follow=True).content.decode()
    assert "Settled: 3 pairs." in page
    assert list(Pair.objects.filter(state=PairState.OPEN)) == pairs[3:]
    assert set(Pair.objects.filter(state=PairState.KEEP_ONE).values_list("kept", flat=True)) == {
        refs[0]
    }
    assert {refs[1], refs[2]} <= set(held_refs([scope]))
    assert refs[0] not in set(held_refs([scope]))


def test_a_word_that_one_of_the_texts_lacks_is_marked_in_the_others():
    texts = ["Name all four chambers.", "Name all chambers.", "Please name all four chambers."]
    shown = [marked(text, [t for t in texts if t != text]) for text in texts]
    assert [["".join(words) for differs, words in text if differs] for text in shown] == [
        ["four "], [], ["Please ", "four "],
    ]  # fmt: skip


def test_another_projects_tasks_are_not_closed(lead, studio):
    own = InstructionFactory(project=studio.project, domain=studio.domain)
    other = TaskFactory()
    refs = [ref_of_instruction(own.pk), ref_of_instruction(other.instruction_id)]
    pair = Pair.objects.create(
        kind=Kind.INSTRUCTION,
        scope=scope_of(studio.project.pk),
        first=refs[0],
        second=refs[1],
        score=1,
    )
    lead.post(url("duplicates-settle", studio), {"pair": pair.pk, "kept": refs[0]})
    other.refresh_from_db()
    assert other.state == "open"


def test_a_hit_in_a_tool_call_shows_the_argument(lead, studio):
    call = {"function": {"name": "send", "arguments": {"mail": {"body": "See: the item itself."}}}}
    turns = [{"role": "user", "content": "Send it, please."}]
    turns.append({"role": "assistant", "content": "I will.", "tool_calls": [call]})
    asked = InstructionFactory(project=studio.project, domain=studio.domain, messages=turns)
    made = ProtectedSet.objects.create(name="bench", gram_version=1, key_check=1)
    item = made.texts.create(name="7", tokens=20, words=20, own=20, whole=1)
    where = Where("instruction", 1, 5, 20, "assistant", call=0, argument="mail.body")
    met = [ProtectedHit("bench", item.name, 1.0, 20, 20, where)]
    scope, ref = scope_of(studio.project.pk), ref_of_instruction(asked.pk)
    remember_hits(scope=scope, ref=ref, texts=["x"], hits=met)
    page = lead.get(url("contamination", studio)).content.decode()
    assert "the item itself" in page
    assert "in the argument “mail.body” of a tool call" in page
    assert "I will." not in page
