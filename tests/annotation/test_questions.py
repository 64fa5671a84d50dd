"""Asking somebody by name about a task: who may, who is told, who sees it, and where it never shows."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from annotation.errors import NotYourTask
from annotation.models import Question
from annotation.services.claim import take
from annotation.services.questions import answer, ask, people_to_ask, threads_of
from annotation.services.submit import submit_revision
from experts.enums import Role
from lib.errors import Invalid
from review.errors import NothingToReview
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import person_with


@pytest.fixture
def task(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    take(person=studio.writer, task_id=task.pk)
    return task


@pytest.fixture
def asked(studio, task):
    return ask(
        person=studio.writer, task=task, to=str(studio.lead.pseudonym), body="Is the dose per day?"
    )


def test_the_lead_is_told_and_answers_in_place(client, studio, task):
    client.force_login(studio.writer)
    page = reverse("write:questions", args=[task.pk])
    assert "Ask somebody" in client.get(f"/write/{task.pk}/").content.decode()
    client.post(page, {"to": studio.lead.pseudonym, "body": "Is the dose per day?"})
    line = studio.lead.notifications.get(kind="question")
    assert line.title == f"{studio.writer} asks you something"
    client.force_login(studio.lead)
    where = client.post(reverse("people:inbox-read"), {"notification": line.pk})["Location"]
    assert "Is the dose per day?" in client.get(where).content.decode()
    question = Question.objects.get()
    client.post(reverse("write:answer-question", args=[question.pk]), {"body": "Per day, yes."})
    told = studio.writer.notifications.get(kind="question")
    assert told.title == f"{studio.lead} answered your question"
    client.force_login(studio.writer)
    assert "Per day, yes." in client.get(f"/write/{task.pk}/").content.decode()


def test_both_sides_go_on_in_one_thread(studio, task, asked):
    answer(person=studio.lead, question_id=asked.pk, body="Per day.")
    answer(person=studio.writer, question_id=asked.pk, body="Thank you.")
    (thread,) = threads_of(studio.writer, task)
    assert [(m.author, m.to) for m in thread.messages] == [
        (studio.writer, studio.lead), (studio.lead, studio.writer), (studio.writer, studio.lead),
    ]  # fmt: skip


def test_the_person_asked_sees_the_instruction_and_not_the_text(client, studio, task):
    task.assignments.update(fields={"response": "A draft nobody else reads."})
    helper = person_with(studio.project, "expert", domain=studio.domain)
    ask(person=studio.writer, task=task, to=str(helper.pseudonym), body="Which guideline?")
    client.force_login(helper)
    page = client.get(reverse("write:questions", args=[task.pk])).content.decode()
    assert task.instruction.title in page
    assert "A draft nobody else reads." not in page


def test_a_reviewer_asks_the_lead_and_never_learns_of_the_author(studio, task):
    revision_text = "Apixaban twice a day."
    submitted_task = TaskFactory(
        instruction=InstructionFactory(project=studio.project, domain=studio.domain)
    )
    submitted(submitted_task, studio.writer, revision_text)
    seat = take_next_review(person=studio.expert)
    task = seat.task
    names = {one.person for one in people_to_ask(studio.expert, task)}
    assert studio.lead in names
    assert studio.writer not in names
    assert studio.expert not in {one.person for one in people_to_ask(studio.writer, task)}
    with pytest.raises(Invalid):
        ask(person=studio.expert, task=task, to=str(studio.writer.pseudonym), body="Why?")
    ask(person=studio.expert, task=task, to=str(studio.lead.pseudonym), body="Is this in scope?")
    assert threads_of(studio.writer, task) == []


def test_whoever_the_author_asked_does_not_review_the_response(studio, task):
    ask(person=studio.writer, task=task, to=str(studio.expert.pseudonym), body="Which dose?")
    write(task.assignments.get(), "Five milligrams.")
    submit_revision(person=studio.writer, task_id=task.pk)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    second = person_with(studio.project, "expert", domain=studio.domain)
    assert take_next_review(person=second).task == task


def test_leads_are_named_first(studio, task):
    assert "lead" in people_to_ask(studio.writer, task)[0].part


def test_where_a_project_has_no_lead_an_administrator_can_be_asked(studio, task):
    studio.lead.memberships.all().delete()
    chief = person_with(task.project, "observer")
    chief.memberships.all().delete()
    type(chief).objects.filter(pk=chief.pk).update(is_superuser=True)
    first = people_to_ask(studio.writer, task)[0]
    assert (first.person, first.part) == (chief, "administrator")
    ask(person=studio.writer, task=task, to=str(chief.pseudonym), body="Who decides here?")
    assert threads_of(chief, task)


def test_others_see_nothing_and_ask_nothing(client, studio, task, asked):
    other = person_with(studio.project, "writer", domain=studio.domain)
    client.force_login(other)
    page = reverse("write:questions", args=[task.pk])
    assert client.get(page).status_code == 403
    assert client.post(page, {"to": studio.lead.pseudonym, "body": "?"}).status_code == 403
    with pytest.raises(NotYourTask):
        answer(person=other, question_id=asked.pk, body="I know!")
    with pytest.raises(NotYourTask):
        answer(person=studio.writer, question_id=10**6, body="?")


def test_another_lead_reads_along_and_does_not_answer_for_others(studio, task, asked):
    second = person_with(studio.project, "lead")
    (thread,) = threads_of(second, task)
    assert not thread.mine
    with pytest.raises(NotYourTask):
        answer(person=second, question_id=asked.pk, body="Yes.")


@pytest.mark.parametrize("body", ["", "  \n ", "\x00", "x" * 4001])
def test_an_empty_or_endless_question_is_refused(studio, task, body):
    with pytest.raises(Invalid):
        ask(person=studio.writer, task=task, to=str(studio.lead.pseudonym), body=body)


def test_what_was_asked_stays_as_it_was(asked):
    for change in (lambda: Question.objects.update(body="Other"), lambda: asked.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_nothing_in_it_runs(client, studio, task):
    evil = "<script>alert(1)</script>"
    ask(person=studio.writer, task=task, to=str(studio.lead.pseudonym), body=evil)
    client.force_login(studio.lead)
    page = client.get(reverse("write:questions", args=[task.pk])).content.decode()
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_it_is_no_part_of_the_response(studio, task, asked):
    task.assignments.update(fields={"response": "Apixaban."})
    revision = submit_revision(person=studio.writer, task_id=task.pk)
    kept = f"{revision.target} {revision.note} {revision.sources} {revision.log_summary}"
    assert asked.body not in kept


def test_somebody_who_left_the_project_is_not_asked(studio, task):
    gone = person_with(studio.project, "observer")
    gone.memberships.update(paused_at="2026-01-01T00:00Z")
    assert gone not in {one.person for one in people_to_ask(studio.writer, task)}
    assert Role.LEAD.label.lower() in people_to_ask(studio.writer, task)[0].part
