"""Which task comes, in which order, and what the page says about it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.enums import TaskState
from annotation.errors import NothingToTake, NotYourTask
from annotation.models import Assignment, ProjectVersion
from annotation.routing import reason_for, takeable_by
from annotation.services.claim import take, take_next
from annotation.services.release import lapse_leases, skip_task
from annotation.services.submit import submit_revision
from audit.models import Event
from experts.enums import ExerciseKind
from experts.models import Exercise
from experts.services import exercises
from review.enums import Verdict
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import DomainFactory, person_with
from tests.factories.review import judged


@pytest.fixture
def make(studio):
    def make_task(domain=None, language="en", difficulty=3, **fields):
        instruction = InstructionFactory(
            project=studio.project,
            domain=domain or studio.domain,
            language=language,
            difficulty=difficulty,
        )
        return TaskFactory(instruction=instruction, **fields)

    return make_task


def set_project(studio, **settings):
    newest = ProjectVersion.objects.latest("number")
    ProjectVersion.objects.create(
        project=studio.project, number=newest.number + 1, rights=newest.rights, settings=settings
    )


def order(studio, count):
    """What comes to the writer, one after the other, each passed on."""
    came = []
    for _ in range(count):
        task = take_next(person=studio.writer).task
        came.append(task)
        skip_task(person=studio.writer, task_id=task.pk, reason="no_time")
    return came


def test_order_is_priority_then_due_then_age(studio, make):
    soon, later = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=9)
    old, young = make(), make()
    due_later, due_soon = make(due_at=later), make(due_at=soon)
    urgent = make(priority=2)
    assert order(studio, 5) == [urgent, due_soon, due_later, old, young]


def test_field_with_a_filled_quota_comes_last(studio, make):
    filled = DomainFactory(slug="filled", parent=studio.domain)
    wanted = DomainFactory(slug="wanted", parent=studio.domain)
    set_project(studio, domain_quotas={"medicine.filled": 1})
    submitted(make(domain=filled), studio.writer)
    second_of_filled, first_of_wanted = make(domain=filled), make(domain=wanted)
    assert order(studio, 2) == [first_of_wanted, second_of_filled]


@pytest.mark.parametrize(
    ("spoken", "comes"),
    [([], "fr"), (["en"], "en"), (["en-GB"], "en-GB"), (["de"], None)],
)
def test_language(studio, make, spoken, comes):
    for language in ("fr", "en-GB", "en"):
        make(language=language)
    studio.writer.languages = spoken
    studio.writer.save()
    if comes is None:
        with pytest.raises(NothingToTake):
            take_next(person=studio.writer)
    else:
        assert take_next(person=studio.writer).task.language == comes


@pytest.mark.parametrize("spoken", [[], ["en"]])
def test_difficulty_range_of_the_member(studio, make, spoken):
    studio.writer.memberships.update(difficulty_from=2, difficulty_to=3)
    studio.writer.languages = spoken
    studio.writer.save()
    hard, right = make(difficulty=5), make(difficulty=3)
    assert list(takeable_by(studio.writer)) == [right]
    assert take_next(person=studio.writer).task == right
    with pytest.raises(NotYourTask, match="difficulty 2 to 3"):
        take(person=studio.writer, task_id=hard.pk)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"live_tasks_per_person": 1}, "already"),
        ({"tasks_per_person_a_day": 1}, "today"),
        ({"tasks_per_person": 1}, "as many as it takes"),
    ],
)
def test_caps_of_the_project(studio, make, settings, words):
    first, second = make(), make()
    set_project(studio, **settings)
    take(person=studio.writer, task_id=first.pk)
    with pytest.raises(NotYourTask, match=words):
        take(person=studio.writer, task_id=second.pk)
    assert not takeable_by(studio.writer).exists()


def test_daily_cap_of_the_person_beats_that_of_the_project(studio, make):
    set_project(studio, tasks_per_person_a_day=5)
    studio.writer.memberships.update(daily_limit=0)
    make()
    with pytest.raises(NothingToTake, match="today"):
        take_next(person=studio.writer)


def test_domain_of_another_branch_never_comes(studio, make):
    make(domain=DomainFactory(slug="law"))
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)


def test_returned_work_comes_before_a_more_urgent_task(studio, make):
    task = make()
    submitted(task, studio.writer)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    make(priority=9)
    assert take_next(person=studio.writer).task == task


def test_lapsed_draft_comes_back_to_its_writer_first(studio, make):
    task = make()
    write(take_next(person=studio.writer), "Half an answer.")
    Assignment.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    assert lapse_leases() == 1
    make(priority=9)
    again = take_next(person=studio.writer)
    assert (again.task, again.fields) == (task, {"response": "Half an answer."})


def test_skipped_task_does_not_come_again_and_goes_to_others(studio, make):
    task = make()
    take_next(person=studio.writer)
    skip_task(person=studio.writer, task_id=task.pk, reason="not_my_field")
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)
    other = person_with(studio.project, "writer", domain=studio.domain)
    assert take_next(person=other).task == task


def test_reviewer_of_a_task_never_gets_it_to_write(studio, make):
    task = make()
    studio.project.memberships.create(person=studio.expert, role="writer")
    submitted(task, studio.writer)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take_next(person=studio.writer)
    skip_task(person=studio.writer, task_id=task.pk, reason="no_time")
    task.refresh_from_db()
    assert task.state == TaskState.OPEN
    with pytest.raises(NothingToTake):
        take_next(person=studio.expert)


def test_page_says_why_the_task_came(studio, make, client):
    below = DomainFactory(slug="cardiology", parent=studio.domain)
    make(domain=below, priority=3, due_at=timezone.now() + timedelta(days=2))
    assignment = take_next(person=studio.writer)
    reasons = " ".join(reason_for(assignment))
    for words in (
        "priority 3",
        "It is due on",
        "has waited",
        "covers Medicine, which includes Cardiology",
    ):
        assert words in reasons
    client.force_login(studio.writer)
    page = client.get(reverse("write:task", args=[assignment.task_id])).content.decode()
    assert "Why this came to you" in page
    assert "priority 3" in page


def test_chosen_and_returned_tasks_say_so(studio, make):
    task = make()
    assignment = take(person=studio.writer, task_id=task.pk)
    assert reason_for(assignment)[0] == "You chose it from the list."
    write(assignment)
    submit_revision(person=studio.writer, task_id=task.pk)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    assert "returned" in reason_for(take_next(person=studio.writer))[0]


def test_browsing_shows_what_may_be_taken_and_changes_nothing(studio, make, client):
    mine, other = make(), make(domain=DomainFactory(slug="law"))
    client.force_login(studio.writer)
    before = Event.objects.count()
    page = client.get(reverse("write:browse"))
    assert list(page.context["shown"].object_list) == [mine]
    assert Event.objects.count() == before
    assert client.post(reverse("write:choose", args=[other.pk])).status_code == 403
    assert client.post(reverse("write:choose", args=[mine.pk])).status_code == 302
    mine.refresh_from_db()
    assert mine.author == studio.writer


def test_reviewer_gets_only_languages_they_know(studio, make):
    for language in ("fr", "en"):
        submitted(make(language=language), studio.writer)
    studio.expert.languages = ["en"]
    studio.expert.save()
    assert take_next_review(person=studio.expert).task.language == "en"


def test_qualification_opens_a_field_and_all_below(studio, make):
    below = DomainFactory(slug="cardiology", parent=studio.domain)
    make(domain=below)
    exercise = exercises.set_exercise(
        actor=studio.lead, project=studio.project, kind=ExerciseKind.QUALIFICATION, title="First",
        prompt="Explain.", domain=studio.domain, pass_points=2,
        rubric=[{"id": "c1", "label": "Names the dose", "points": 3, "explanation": "It matters."}],
    )  # fmt: skip
    with pytest.raises(NothingToTake, match="qualification"):
        take_next(person=studio.writer)
    attempt = exercises.begin_attempt(person=studio.writer, exercise=exercise)
    exercises.submit_attempt(person=studio.writer, attempt=attempt, text="5 mg.")
    exercises.grade_attempt(
        grader=studio.lead, attempt=attempt, marks={"c1": {"points": 2}}, feedback=""
    )
    assert take_next(person=studio.writer).task.domain == below
    assert Exercise.objects.get() == exercise


def test_a_claim_asks_the_same_few_questions_whatever_there_is(studio, make):
    """What a claim costs must not grow with fields, drafts or finished work; each question is a round trip."""
    asked = []
    for more in (0, 30):
        for number in range(more):
            make(domain=DomainFactory(slug=f"field-{number}", parent=studio.domain))
        for _ in range(2):
            make()
        with CaptureQueriesContext(connection) as questions:
            task = take_next(person=studio.writer).task
        skip_task(person=studio.writer, task_id=task.pk, reason="no_time")
        asked.append(len(questions))
    assert asked[0] == asked[1] <= 15


def test_a_task_taken_before_is_taken_up_again_with_its_first_draft(studio, make):
    """Somebody whose empty draft lapsed gets the same row again: a person has one assignment on a task."""
    make()
    first = take_next(person=studio.writer)
    Assignment.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    lapse_leases()
    again = take_next(person=studio.writer)
    assert again == first
    assert (again.state, again.ended_at) == ("live", None)
