"""Where several responses to one instruction are wanted, each comes from a different person."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from annotation.enums import TaskState
from annotation.errors import NothingToTake, NotYourTask
from annotation.models import Assignment, Instruction, Task
from annotation.queries import put_aside_by
from annotation.routing import open_count_for, takeable_by
from annotation.services.ask_again import ask_somebody_else
from annotation.services.claim import take, take_next
from annotation.services.release import skip_task
from annotation.services.take_again import take_again
from experts.enums import Role
from experts.models import Credential, User
from review.enums import Verdict
from review.services.appeal import appeal
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import DECISION

ONE_A_PERSON = "comes from a different person"


@pytest.fixture
def pair(studio):
    """Two responses wanted for one instruction."""
    asked = InstructionFactory(project=studio.project, domain=studio.domain, responses_wanted=2)
    return [TaskFactory(instruction=asked, slot=slot) for slot in (1, 2)]


@pytest.fixture
def task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


def barred_from(person, task):
    """Nothing leads this person to the task: the queue, the list, the counts, the task itself."""
    assert not takeable_by(person).exists()
    assert open_count_for(person) == 0
    with pytest.raises(NotYourTask, match=ONE_A_PERSON):
        take(person=person, task_id=task.pk)


def test_who_writes_one_gets_no_other(studio, pair):
    first, second = pair
    take(person=studio.writer, task_id=first.pk)
    barred_from(studio.writer, second)


def test_who_wrote_one_gets_no_other_and_somebody_else_does(studio, pair):
    first, second = pair
    submitted(first, studio.writer)
    barred_from(studio.writer, second)
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)
    other = person_with(studio.project, Role.WRITER, domain=studio.domain)
    assert open_count_for(other) == 1
    assert take_next(person=other).task == second


def test_a_later_version_of_the_instruction_is_the_same_question(studio, pair):
    first, second = pair
    submitted(first, studio.writer)
    asked = second.instruction
    corrected = InstructionFactory(
        project=studio.project,
        domain=studio.domain,
        series=asked.series,
        version=2,
        responses_wanted=2,
    )
    Task.objects.filter(pk=second.pk).update(instruction=corrected)
    assert Instruction.objects.filter(series=asked.series).count() == 2
    barred_from(studio.writer, second)


def test_an_account_with_the_same_register_number_is_the_same_person(studio, pair):
    first, second = pair
    submitted(first, studio.writer)
    again = person_with(studio.project, Role.WRITER, domain=studio.domain)
    Credential.objects.filter(person__in=[studio.writer, again]).update(number_digest="one number")
    barred_from(again, second)


def test_a_rejected_response_is_asked_of_somebody_else(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    barred_from(studio.writer, made)


def test_a_task_says_that_it_is_alone_until_somebody_else_is_asked(studio, task):
    """An appeal may bring the first one back to the queue, where whoever wrote the second must not get it."""
    Task.objects.filter(pk=task.pk).update(alone=True)
    submitted(task, studio.writer)
    judged(studio.expert, Verdict.REJECT)
    made = ask_somebody_else(actor=studio.lead, task_id=task.pk)
    assert not made.alone
    other = person_with(studio.project, Role.WRITER, domain=studio.domain)
    submitted(made, other, "Rest, drink plenty, and come back if the pain stays for three days.")
    judged(studio.expert, Verdict.REJECT)
    appeal(person=studio.writer, task_id=task.pk, words="The guideline says two.")
    judged(studio.lead, Verdict.REQUEST_CHANGES, judgement=DECISION)
    ask_somebody_else(actor=studio.lead, task_id=task.pk)
    barred_from(other, task)


@pytest.mark.parametrize("ending", ["skipped", "lapsed"])
def test_who_gave_one_back_may_take_another_and_then_not_the_first(studio, pair, ending, client):
    first, second = pair
    own = write(take(person=studio.writer, task_id=first.pk))
    skip_task(person=studio.writer, task_id=first.pk, reason="no_time")
    if ending == "lapsed":
        Assignment.objects.filter(pk=own.pk).update(state="lapsed", skip_reason="")
        take(person=studio.writer, task_id=second.pk)
    else:
        assert take_next(person=studio.writer).task == second
    # The draft of the first is theirs to read and to copy, not to go on with.
    assert list(put_aside_by(studio.writer)) == [own]
    with pytest.raises(NotYourTask, match=ONE_A_PERSON):
        take_again(person=studio.writer, task_id=first.pk)
    client.force_login(studio.writer)
    page = client.get(reverse("write:task", args=[first.pk]))
    assert ONE_A_PERSON in page.text
    assert "Take it again" not in page.text
    assert "A careful answer." in page.text


def test_a_lapsed_draft_does_not_come_back_beside_another_response(studio, pair):
    first, second = pair
    own = write(take(person=studio.writer, task_id=first.pk))
    skip_task(person=studio.writer, task_id=first.pk, reason="no_time")
    submitted(second, studio.writer)
    Assignment.objects.filter(pk=own.pk).update(state="lapsed", skip_reason="")
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)


def test_home_and_my_work_count_alike(studio, pair, client):
    submitted(pair[0], studio.writer)
    client.force_login(studio.writer)
    assert "No open task in your fields" in client.get(reverse("write:home")).text
    assert "No task in your fields is open right now." in client.get("/").text


def test_opening_such_a_task_says_why_it_is_not_theirs(studio, pair, client):
    first, second = pair
    submitted(first, studio.writer)
    client.force_login(studio.writer)
    assert ONE_A_PERSON in client.get(reverse("write:task", args=[second.pk])).text


def test_a_reviewer_of_a_response_does_not_write_it_by_choice_either(studio, task):
    person = person_with(studio.project, Role.WRITER, Role.EXPERT, domain=studio.domain)
    submitted(task, studio.writer)
    seat = take_next_review(person=person)
    judged(person, Verdict.REQUEST_CHANGES)
    assert seat.task == task
    ask_somebody_else(actor=studio.lead, task_id=task.pk)
    assert not takeable_by(person).exists()
    with pytest.raises(NotYourTask, match="part in reviewing"):
        take(person=person, task_id=task.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_choice", [False, True])
def test_many_windows_of_one_person_get_one_response(studio, by_choice):
    """However many requests of one person come at once, they hold one response to an instruction."""
    asked = InstructionFactory(project=studio.project, domain=studio.domain, responses_wanted=8)
    tasks = [TaskFactory(instruction=asked, slot=slot) for slot in range(1, 9)]
    barrier = Barrier(len(tasks))

    def ask(task):
        try:
            person = User.objects.get(pk=studio.writer.pk)
            barrier.wait(timeout=60)
            if by_choice:
                return take(person=person, task_id=task.pk).task_id
            return take_next(person=person).task_id
        except NotYourTask:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        answers = list(pool.map(ask, tasks))
    assert len(set(answers) - {None}) == 1
    assert Task.objects.filter(state=TaskState.WRITING).count() == 1


@pytest.mark.django_db(transaction=True)
def test_as_many_people_as_responses_get_one_each(studio):
    asked = InstructionFactory(project=studio.project, domain=studio.domain, responses_wanted=6)
    for slot in range(1, 7):
        TaskFactory(instruction=asked, slot=slot)
    people = [person_with(studio.project, Role.WRITER, domain=studio.domain) for _ in range(6)]
    barrier = Barrier(len(people) * 2)

    def ask(pk):
        try:
            person = User.objects.get(pk=pk)
            barrier.wait(timeout=60)
            return take_next(person=person).task_id
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people) * 2) as pool:
        list(pool.map(ask, [person.pk for person in people] * 2))
    authors = list(Task.objects.values_list("author", flat=True))
    assert sorted(authors) == sorted(person.pk for person in people)
