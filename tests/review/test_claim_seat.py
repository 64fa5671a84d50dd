"""Whose review it is: lapsed leases, recusals, putting aside, taking by choice, second accounts."""

import pytest

from annotation.services.claim import take_next
from annotation.services.submit import submit_revision
from experts.enums import Role
from lib.errors import DomainError
from review.enums import SeatState, Verdict
from review.errors import AuthorUnderAnotherName, NothingToReview, SeatLost
from review.judgement import Judgement
from review.models import Seat
from review.services.claim_seat import take_free_seat, take_next_review, take_seat
from review.services.keep_draft import keep_draft
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text, lapsed, second_account

pytestmark = pytest.mark.django_db


def test_the_author_under_a_second_account_is_given_nothing_of_theirs(studio, task):
    submitted(task, studio.writer, TEXT)
    other = second_account(studio)
    with pytest.raises(NothingToReview):
        take_next_review(person=other)
    with pytest.raises(AuthorUnderAnotherName):
        take_free_seat(person=other, seat_id=Seat.objects.get().pk)
    assert take_next_review(person=studio.expert).task_id == task.pk


def test_a_lapsed_review_is_free_and_its_words_are_not_shown_to_others(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    keep_draft(person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="Half a thought"))
    lapsed(seat)
    with pytest.raises(SeatLost):
        keep_draft(
            person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="A whole thought")
        )
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).draft == {}
    lapsed(seat)
    assert take_next_review(person=studio.expert).draft["note"] == "A whole thought"


def test_a_returned_review_waits_for_the_same_person(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    write(take_next(person=studio.writer), TEXT + "More.")
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    lapsed(seat)
    seat.refresh_from_db()
    assert seat.state == SeatState.RESERVED
    assert take_seat(person=studio.expert, seat_id=seat.pk).state == SeatState.HELD


def test_recusal_frees_the_seat_for_somebody_else(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.RECUSE)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).task_id == task.pk


def test_putting_aside_takes_another(studio, make_task):
    first, second = make_task(), make_task()
    submitted(first, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert, after=seat.pk)
    submitted(second, studio.writer, another_text(2))
    assert take_next_review(person=studio.expert, after=seat.pk).task_id == second.pk


def test_taking_by_choice_holds_the_same_rules(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = Seat.objects.get()
    for person in (studio.writer, studio.format):
        with pytest.raises(DomainError):
            take_free_seat(person=person, seat_id=seat.pk)
    assert take_free_seat(person=studio.expert, seat_id=seat.pk).reviewer == studio.expert
    with pytest.raises(NothingToReview):
        take_free_seat(
            person=person_with(studio.project, Role.EXPERT, domain=studio.domain), seat_id=seat.pk
        )
