"""The whole way of one task through the services: written, judged twice, approved."""

import pytest
from django.db import IntegrityError, connection, transaction

from annotation.enums import TaskState
from annotation.errors import NothingToTake
from annotation.services.claim import take_next
from annotation.services.submit import submit_revision
from review.enums import Verdict
from review.errors import NothingToReview
from review.services.claim_seat import take_next_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.review import judged


def make_task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


def test_written_judged_twice_approved(studio):
    task = make_task(studio)
    write(take_next(person=studio.writer))
    submit_revision(person=studio.writer, task_id=task.pk)
    judged(studio.expert)
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW
    judged(studio.format)
    task.refresh_from_db()
    assert task.state == TaskState.APPROVED


def test_returned_work_comes_back_to_the_same_people(studio):
    task = make_task(studio)
    submitted(task, studio.writer)
    first = judged(studio.expert, Verdict.REQUEST_CHANGES)
    assert take_next(person=studio.writer).task_id == task.pk
    write(studio.writer.assignments.get(), "Quite another answer, with the dose named: 5 mg.")
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    assert seat.pk == first.seat_id
    assert seat.round == 2


def test_author_is_never_offered_their_own_work(studio):
    task = make_task(studio)
    studio.project.memberships.create(person=studio.writer, role="expert")
    submitted(task, studio.writer)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.writer)


def test_one_expert_is_not_format_reviewer_of_the_same_task(studio):
    task = make_task(studio)
    studio.project.memberships.create(person=studio.expert, role="format")
    submitted(task, studio.writer)
    judged(studio.expert)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)


def test_format_only_repair_returns_to_the_format_reviewer(studio):
    task = make_task(studio)
    submitted(task, studio.writer, "First the dose, which is 5 mg once a day, then rest.")
    judged(studio.expert)
    judged(studio.format, Verdict.REQUEST_CHANGES, note="Bold the dose.")
    write(
        take_next(person=studio.writer), "First the dose, which is **5 mg** once a day, then rest."
    )
    submit_revision(person=studio.writer, task_id=task.pk)
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW


def test_change_of_a_figure_returns_to_the_expert(studio):
    task = make_task(studio)
    submitted(task, studio.writer, "First the dose, 5 mg, then rest.")
    judged(studio.expert)
    judged(studio.format, Verdict.REQUEST_CHANGES, note="Is this right?")
    write(take_next(person=studio.writer), "First the dose, 50 mg, then rest.")
    submit_revision(person=studio.writer, task_id=task.pk)
    task.refresh_from_db()
    assert task.state == TaskState.EXPERT_REVIEW


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE annotation_task SET state = 'approved' WHERE id = %s", "task_legal_moves"),
        ("UPDATE annotation_task SET state = 'rejected' WHERE id = %s", "task_legal_moves"),
        ("DELETE FROM annotation_task WHERE id = %s", "task_no_delete"),
    ],
)
def test_raw_sql_cannot_move_an_open_task(studio, sql, constraint):
    task = make_task(studio)
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [task.pk])
    assert refusal.value.__cause__.diag.constraint_name == constraint


def test_raw_sql_cannot_approve_without_two_reviews(studio):
    task = make_task(studio)
    submitted(task, studio.writer)
    judged(studio.expert)
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE annotation_task SET state = 'approved' WHERE id = %s", [task.pk])
    assert refusal.value.__cause__.diag.constraint_name == "task_approved_by_two"


def test_nothing_to_take(studio):
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)
