"""Many people ask in the same moment: nobody gets another's task, and no task is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from annotation.enums import TaskState
from annotation.errors import NothingToTake
from annotation.models import Assignment, Task
from annotation.services.claim import take_next
from annotation.services.submit import submit_revision
from experts.enums import Role
from experts.models import User
from review.errors import NothingToReview
from review.models import Seat
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory, write
from tests.factories.experts import DomainFactory, person_with

PEOPLE = 16

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verb, people, refusal):
    """Let everybody do `verb` in the same moment, each on a connection of their own."""
    barrier = Barrier(len(people))

    def ask(pk):
        try:
            person = User.objects.get(pk=pk)
            barrier.wait(timeout=60)
            return verb(person=person)
        except refusal as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(ask, [person.pk for person in people]))


@pytest.fixture
def crowd():
    domain = DomainFactory()
    version = ProjectVersionFactory(responses_wanted=1)
    people = [
        person_with(version.project, Role.WRITER, Role.EXPERT, domain=domain) for _ in range(PEOPLE)
    ]
    return version.project, domain, people


def tasks(project, domains):
    return [
        TaskFactory(instruction=InstructionFactory(project=project, domain=one)) for one in domains
    ]


@pytest.mark.parametrize("count", [PEOPLE // 2, PEOPLE, PEOPLE * 2])
def test_writers_on_one_queue(crowd, count):
    project, domain, people = crowd
    tasks(project, [domain] * count)
    answers = at_once(take_next, people, NothingToTake)
    taken = [answer.task_id for answer in answers if isinstance(answer, Assignment)]
    assert len(taken) == len(set(taken)) == min(count, PEOPLE)
    assert Task.objects.filter(state=TaskState.WRITING).count() == len(taken)


def test_writers_on_many_short_queues(crowd):
    """One task in each of sixteen fields that everybody may take: each person gets one."""
    project, domain, people = crowd
    fields = [DomainFactory(slug=f"field-{n}", parent=domain) for n in range(PEOPLE)]
    tasks(project, fields)
    answers = at_once(take_next, people, NothingToTake)
    assert len({answer.task_id for answer in answers if isinstance(answer, Assignment)}) == PEOPLE


def test_reviewers_on_one_queue(crowd):
    project, domain, people = crowd
    author = person_with(project, Role.WRITER, domain=domain)
    for task in tasks(project, [domain] * PEOPLE):
        write(take_next(person=author))
        submit_revision(person=author, task_id=task.pk)
    answers = at_once(take_next_review, people, NothingToReview)
    taken = [answer.task_id for answer in answers if isinstance(answer, Seat)]
    assert len(taken) == len(set(taken)) == PEOPLE


def test_one_person_asking_sixteen_times_gets_one_task(crowd):
    project, domain, people = crowd
    tasks(project, [domain] * PEOPLE)
    answers = at_once(take_next, [people[0]] * PEOPLE, NothingToTake)
    assert len({answer.task_id for answer in answers}) == 1
    assert Assignment.objects.count() == 1
