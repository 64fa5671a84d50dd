"""A lead has somebody else write a response."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from annotation.enums import TaskState
from annotation.errors import NothingToTake, PlaceTaken
from annotation.models import Assignment, Task
from annotation.services.ask_again import ask_somebody_else
from annotation.services.claim import take, take_next
from annotation.services.release import close_tasks, skip_task
from annotation.services.submit import submit_revision
from annotation.services.take_again import take_again
from audit.models import Event
from experts.enums import Role
from experts.models import Notification
from experts.services.rights import ask_for_erasure, erase_person
from lib.errors import NotAllowed
from review.enums import Verdict
from review.errors import AppealRefused
from review.services.appeal import appeal
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import UserFactory, person_with
from tests.factories.review import judged

pytestmark = pytest.mark.django_db
TEXT = "Take one tablet in the morning and one at night, never more than two a day."


@pytest.fixture
def task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


@pytest.fixture
def other(studio):
    return person_with(studio.project, Role.WRITER, domain=studio.domain)


def judged_as(studio, task, verdict):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, verdict)
    task.refresh_from_db()
    return task


def test_returned_work_goes_back_to_the_queue_and_its_author_keeps_the_draft(studio, task, other):
    judged_as(studio, task, Verdict.REQUEST_CHANGES)
    assert ask_somebody_else(actor=studio.lead, task_id=task.pk).pk == task.pk
    held = Assignment.objects.get(task=task, expert=studio.writer)
    assert (held.state, held.fields) == ("lapsed", {"response": TEXT})
    assert Notification.objects.filter(
        person=studio.writer, title__contains="draft is kept"
    ).exists()
    write(take_next(person=other), f"{TEXT} With water.")
    second = submit_revision(person=other, task_id=task.pk)
    assert (second.number, second.author) == (2, other)
    with pytest.raises(NothingToTake):
        take_again(person=studio.writer, task_id=task.pk)
    judged(studio.expert)
    judged(studio.format)
    task.refresh_from_db()
    assert (task.state, task.author) == (TaskState.APPROVED, other)


def test_a_rejected_response_is_asked_for_anew_once(studio, task, other):
    judged_as(studio, task, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    assert (made.state, made.slot, made.instruction) == (TaskState.OPEN, 1, task.instruction)
    with pytest.raises(PlaceTaken):
        ask_somebody_else(actor=studio.lead, task_id=task.pk)
    assert take_next(person=other).task == made
    assert Event.objects.get(verb="annotation.task_asked_again").data["instead_of"] == task.pk


def test_an_appeal_takes_the_place_back_while_nobody_has_begun(studio, task):
    judged_as(studio, task, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    appeal(person=studio.writer, task_id=task.pk, words="The guideline says two.")
    made.refresh_from_db()
    task.refresh_from_db()
    assert (made.state, task.state) == (TaskState.WITHDRAWN, TaskState.ADJUDICATION)


def test_who_comes_to_the_closed_task_reads_why(studio, task, other, client):
    judged_as(studio, task, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    write(take(person=other, task_id=made.pk), TEXT)
    skip_task(person=other, task_id=made.pk, reason="no_time")
    appeal(person=studio.writer, task_id=task.pk, words="The guideline says two.")
    with pytest.raises(NothingToTake, match="not wanted any more") as refused:
        take(person=other, task_id=made.pk)
    assert "looked at again" in refused.value.advice
    client.force_login(other)
    page = client.get(reverse("write:task", args=[made.pk])).text
    assert "looked at again" in page
    assert "asks the same" not in page
    assert "taken out" not in page
    assert TEXT in page


def at_once(*verbs):
    """Do all of this in the same moment, each on a connection of its own; what was refused is returned."""
    barrier = Barrier(len(verbs))

    def run(verb):
        try:
            barrier.wait(timeout=60)
            return verb()
        except (PlaceTaken, AppealRefused) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.fixture
def two_rejected(studio, task, other):
    """One place, and two tasks that had it and were rejected."""
    judged_as(studio, task, Verdict.REJECT)
    second = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    submitted(second, other, "Rest, drink plenty, and come back if the pain stays for three days.")
    judged(studio.expert, Verdict.REJECT)
    return task.pk, second.pk


@pytest.mark.django_db(transaction=True)
def test_two_leads_ask_for_one_place_in_the_same_moment(studio, two_rejected):
    first, second = two_rejected
    for _ in range(5):
        answers = at_once(
            lambda: ask_somebody_else(actor=studio.lead, task_id=first),
            lambda: ask_somebody_else(actor=studio.lead, task_id=second),
        )
        assert {type(answer) for answer in answers} == {Task, PlaceTaken}
        made = Task.objects.get(state=TaskState.OPEN)
        close_tasks(
            project_id=made.project_id, instructions=[made.instruction_id], actor=studio.lead
        )


@pytest.mark.django_db(transaction=True)
def test_a_lead_asks_while_an_author_appeals(studio, two_rejected):
    """Whoever is first has the place; an appeal that comes second takes it back from an untouched task."""
    first, second = two_rejected
    at_once(
        lambda: appeal(person=studio.writer, task_id=first, words="The guideline says two."),
        lambda: ask_somebody_else(actor=studio.lead, task_id=second),
    )
    live = Task.objects.exclude(state__in=[TaskState.REJECTED, TaskState.WITHDRAWN])
    assert [one.state for one in live] == [TaskState.ADJUDICATION]


@pytest.mark.django_db(transaction=True)
def test_two_authors_appeal_for_one_place(studio, other, two_rejected):
    first, second = two_rejected
    answers = at_once(
        lambda: appeal(person=studio.writer, task_id=first, words="The guideline says two."),
        lambda: appeal(person=other, task_id=second, words="Water does no harm."),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appeal", "AppealRefused"]


def test_an_appeal_takes_nobodys_work(studio, task, other):
    judged_as(studio, task, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    take(person=other, task_id=made.pk)
    with pytest.raises(AppealRefused, match="begun") as refused:
        appeal(person=studio.writer, task_id=task.pk, words="The guideline says two.")
    assert refused.value.kept_text == "The guideline says two."
    task.refresh_from_db()
    assert task.state == TaskState.REJECTED


@pytest.mark.parametrize("state", [TaskState.OPEN, TaskState.WRITING, TaskState.EXPERT_REVIEW])
def test_what_is_at_work_is_not_asked_for_twice(studio, task, state):
    if state != TaskState.OPEN:
        write(take(person=studio.writer, task_id=task.pk), TEXT)
    if state == TaskState.EXPERT_REVIEW:
        submit_revision(person=studio.writer, task_id=task.pk)
    with pytest.raises(PlaceTaken):
        ask_somebody_else(actor=studio.lead, task_id=task.pk)
    assert Task.objects.count() == 1


def test_only_a_lead_asks_and_the_page_offers_it(studio, task, client):
    judged_as(studio, task, Verdict.REJECT)
    with pytest.raises(NotAllowed):
        ask_somebody_else(actor=studio.expert, task_id=task.pk)
    address = reverse("projects:task", args=[studio.project.slug, task.pk])
    observer = person_with(studio.project, Role.OBSERVER)
    client.force_login(observer)
    assert "Ask somebody else" not in client.get(address).content.decode()
    client.force_login(studio.lead)
    assert "Ask somebody else" in client.get(address).content.decode()
    answer = client.post(reverse("projects:ask-again", args=[studio.project.slug, task.pk]))
    assert answer.status_code == 302
    assert "Ask somebody else" not in client.get(address).content.decode()
    assert Task.objects.filter(state=TaskState.OPEN).count() == 1


def test_returned_work_of_somebody_erased_goes_to_others(studio, task, other):
    judged_as(studio, task, Verdict.REQUEST_CHANGES)
    request = ask_for_erasure(person=studio.writer)
    erase_person(request=request, actor=UserFactory(is_superuser=True))
    assert take_next(person=other).task == task
