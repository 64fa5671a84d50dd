"""A verdict on the page: the moment in which it can be undone, and when it is recorded."""

import pytest
from django.utils import timezone

from annotation.enums import TaskState
from annotation.services.claim import take_next
from audit.models import Event
from experts.enums import Role
from experts.models import Credential
from review.enums import SeatState, Verdict
from review.errors import NotYourSeat, UndoTooLate
from review.models import Review, Seat
from review.services.claim_seat import take_next_review
from review.services.give_verdict import settle_due, settle_for, settle_own, undo_verdict
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text, given, state_of, with_settings

pytestmark = pytest.mark.django_db


def test_a_verdict_waits_and_is_then_recorded(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert)
    assert state_of(task) == TaskState.EXPERT_REVIEW
    assert settle_due() == 0
    Seat.objects.filter(pk=seat.pk).update(settles_at=timezone.now())
    assert settle_due() == 1
    assert settle_due() == 0
    assert state_of(task) == TaskState.FORMAT_REVIEW
    assert Event.objects.filter(verb="review.verdict_given").count() == 1


def test_whoever_would_leave_with_nothing_gets_it_at_once(studio, task):
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert take_next_review(person=studio.format).task_id == task.pk


def test_who_has_other_work_does_not_cut_the_undo_time(studio, make_task):
    older, newer = make_task(), make_task()
    submitted(older, studio.writer, TEXT)
    judged(studio.expert)
    submitted(newer, studio.writer, another_text(2))
    seat = given(studio.expert)
    assert take_next_review(person=studio.format).task_id == older.pk
    seat.refresh_from_db()
    assert seat.state == SeatState.PENDING


def test_the_author_and_the_lead_see_it_at_once(studio, make_task):
    first, second = make_task(), make_task()
    submitted(first, studio.writer, TEXT)
    given(studio.expert, Verdict.REQUEST_CHANGES, note="Name the source.")
    assert settle_for(studio.expert) == 0
    assert settle_for(studio.writer) == 1
    assert take_next(person=studio.writer).task_id == first.pk
    submitted(
        second, person_with(studio.project, Role.WRITER, domain=studio.domain), another_text(2)
    )
    given(studio.expert)
    assert settle_for(studio.lead) == 1


def test_signing_out_records(studio, task):
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert settle_own(studio.expert) == 1
    assert state_of(task) == TaskState.FORMAT_REVIEW


def test_undo_gives_back_every_word(studio, task):
    submitted(task, studio.writer, TEXT)
    marks = {"accuracy": {"mark": "fix", "reason": "Dose"}}
    seat = given(studio.expert, Verdict.REJECT, note="Wrong.", criteria=marks)
    undo_verdict(person=studio.expert, seat_id=seat.pk)
    seat.refresh_from_db()
    assert seat.state == SeatState.HELD
    assert seat.draft["note"] == "Wrong."
    assert seat.draft["criteria"] == marks
    assert not Review.objects.exists()


def test_undo_comes_too_late(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert)
    settle_own(studio.expert)
    with pytest.raises(UndoTooLate):
        undo_verdict(person=studio.expert, seat_id=seat.pk)
    with pytest.raises(NotYourSeat):
        undo_verdict(person=studio.format, seat_id=seat.pk)


def test_without_undo_time_it_is_recorded_at_once(studio, task):
    with_settings(studio, undo_seconds=0)
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert state_of(task) == TaskState.FORMAT_REVIEW


def test_a_credential_revoked_in_the_meantime_gives_the_words_back(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert, note="Fine.")
    Credential.objects.filter(person=studio.expert).update(state="revoked")
    Seat.objects.filter(pk=seat.pk).update(settles_at=timezone.now())
    assert settle_due() == 0
    seat.refresh_from_db()
    assert seat.state == SeatState.HELD
    assert seat.draft["note"] == "Fine."
    assert "credential" in seat.draft["refused"]
